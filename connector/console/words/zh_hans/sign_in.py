"""Simplified Chinese: signing in and joining."""

WORDS = {
    "sign-in.title": "登录",
    "sign-in.address": "邮箱地址",
    "sign-in.password": "密码",
    "sign-in.button": "登录",
    "sign-in.wrong": "未能登录。邮箱地址或密码不正确，或者尝试次数过多：若是后者，请等待一刻钟。",
    "sign-in.old": "此页面打开得太久了，请再试一次。",
    "sign-in.shop": "我从商店过来",
    "sign-in.shop-text": (
        "请从商店后台打开 Belong：WordPress 在 WooCommerce 下，Shopify 在“应用”下。商店会说明您是谁，在这里不需要密码。"
    ),
    "sign-in.lost": "我无法再登录",
    "sign-in.lost-text": (
        "计划的所有者可以在“设置”的“人员”中给您一个地址，用它选择新密码。所有者请联系运行此服务的人：belong "
        "people reset。"
    ),
    "sign-in.name": "您的姓名",
    "sign-in.new-password": "密码",
    "sign-in.again": "再次输入密码",
    "sign-in.language": "语言",
    "sign-in.password-help": "至少 {least} 个字符。连着的几个词容易记住。",
    "sign-in.look": "还缺少一些内容。目前没有任何变动。",
    "sign-in.first.title": "设置 Belong",
    "sign-in.first.text": "您将成为所有者。此页面只能使用一次。",
    "sign-in.first.button": "成为所有者",
    "sign-in.join.title": "您已受邀",
    "sign-in.join.text": "请选择今后的登录方式。此页面只能使用一次。",
    "sign-in.join.button": "加入",
    "sign-in.reset.title": "选择新密码",
    "sign-in.reset.text": "之后您会在所有地方退出登录，并用新密码登录。",
    "sign-in.reset.button": "使用此密码",
    "sign-in.programme": "您的计划",
    "sign-in.programme-text": "会员在其中获得积分。规则以后可以更改。",
    "sign-in.programme-name": "计划名称",
    "sign-in.currency": "商店的货币",
    "sign-in.currency-help": "三个字母，例如 CNY。之后不能更改。",
    "sign-in.zone": "时区",
    "sign-in.zone-help": "例如 Asia/Shanghai。它决定事情发生在哪一天。",
    "sign-in.problem-short": "密码太短：至少 {least} 个字符。",
    "sign-in.problem-long": "密码太长。",
    "sign-in.problem-plain": "密码重复使用了少数几个字符。",
    "sign-in.problem-named": "密码由谁都会先尝试的名称组成。",
    "sign-in.problem-again": "两次输入的密码不同。",
    "sign-in.problem-name": "请填写姓名，最多 100 个字符。",
    "sign-in.problem-address": "请填写邮箱地址，例如 ada@shop.example。",
    "sign-in.problem-taken": "此地址不能在这里使用，请换一个。",
    "sign-in.problem-programme": "请填写名称，最多 100 个字符。",
    "sign-in.problem-currency": "没有这种货币。",
    "sign-in.problem-zone": "没有这个时区。",
    "sign-in.mail-join-subject": "{programme}：您已受邀",
    "sign-in.mail-join": "使用此地址即可加入 Belong 中 {programme} 的控制台。它只能使用一次，有效期至 {until}。",
    "sign-in.mail-reset-subject": "{programme}：选择新密码",
    "sign-in.mail-reset": (
        "使用此地址即可为 Belong 中 {programme} 的控制台选择新密码。它只能使用一次，有效期至 {until}。如果不是您"
        "要求的，请不必理会：您的密码保持不变。"
    ),
    "join-over.title": "此地址已被使用或已过期",
    "join-over.text": "它只能使用一次。请向给您地址的人再要一个。",
}
