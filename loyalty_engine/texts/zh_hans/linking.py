"""Mail and page that link two accounts, in Simplified Chinese."""

TEXTS = {
    "link.subject": "关联您的 {programme} 账户",
    "link.mail": (
        "有人在 {asking} 登录后，请求关联 {asked} 中使用此邮箱的账户。\n\n"
        "如果是您本人，请在 {minutes} 分钟内打开以下页面，并输入 {asking} 显示的验证码：\n{url}\n\n"
        "如果不是您本人，无需任何操作，账户不会被关联。"
    ),
    "link.title": "关联两个账户",
    "link.what": "您在 {asked} 的账户与在 {asking} 登录的账户将合为一个，两家商店都会显示。",
    "link.yours": "您在 {store} 的账户",
    "link.theirs": "{store} 的账户",
    "link.together": "合计",
    "link.available": "可用",
    "link.balance": "总数",
    "link.once.one": "两个账户都有的 {n} 项奖励只计一次。",
    "link.once.other": "两个账户都有的 {n} 项奖励只计一次。",
    "link.warning": "只输入您本人在 {asking} 看到的验证码。向您发送验证码的人想要您的{many}。",
    "link.code": "{asking} 显示的验证码",
    "link.button": "关联账户",
    "link.done": "账户已合为一个。可用：{points}。",
    "link.over": "此链接已失效或从未有效。请在商店中重新申请。",
    "link.wrong": "验证码不正确。请查看您申请链接的页面。",
    "link.not-possible": "目前无法关联这两个账户。",
    "link.merged-on": "此账户之后又与另一个账户合并。请先解除那次关联，或联系商店。",
    "link.spent": "目前无法分开这两个账户：合并后的 {points} 已被使用。请联系商店。",
    "claim.subject": "领取您在 {store} 的订单{many}",
    "claim.mail": (
        "有人在 {store} 登录后，请求领取以此邮箱、未登录账户下单的订单的{many}。\n\n"
        "如果是您本人，请在 {minutes} 分钟内打开以下页面，并输入 {store} 显示的验证码：\n{url}\n\n"
        "如果不是您本人，无需任何操作，订单不会有任何变化。"
    ),
    "claim.title": "领取以往订单的{many}",
    "claim.what.one": "以此邮箱、未登录账户下的 {n} 个订单将归入在 {store} 登录的账户。",
    "claim.what.other": "以此邮箱、未登录账户下的 {n} 个订单将归入在 {store} 登录的账户。",
    "claim.button": "领取{many}",
    "claim.done.one": "{n} 个订单已归入您的账户，{many}稍后会在商店中显示。",
    "claim.done.other": "{n} 个订单已归入您的账户，{many}稍后会在商店中显示。",
    "claim.not-possible": "目前无法领取这些订单的{many}。",
}
