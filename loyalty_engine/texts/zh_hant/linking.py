"""Mail and page that link two accounts, in Traditional Chinese."""

TEXTS = {
    "link.subject": "連結您的 {programme} 帳戶",
    "link.mail": (
        "有人在 {asking} 登入後，要求連結 {asked} 中使用此信箱的帳戶。\n\n"
        "如果是您本人，請在 {minutes} 分鐘內開啟以下頁面，並輸入 {asking} 顯示的驗證碼：\n{url}\n\n"
        "如果不是您本人，不需任何操作，帳戶不會被連結。"
    ),
    "link.title": "連結兩個帳戶",
    "link.what": "您在 {asked} 的帳戶與在 {asking} 登入的帳戶將合為一個，兩家商店都會顯示。",
    "link.yours": "您在 {store} 的帳戶",
    "link.theirs": "{store} 的帳戶",
    "link.together": "合計",
    "link.available": "可用",
    "link.balance": "總數",
    "link.once.one": "兩個帳戶都有的 {n} 項獎勵只計一次。",
    "link.once.other": "兩個帳戶都有的 {n} 項獎勵只計一次。",
    "link.warning": "只輸入您本人在 {asking} 看到的驗證碼。向您傳送驗證碼的人想要您的{many}。",
    "link.code": "{asking} 顯示的驗證碼",
    "link.button": "連結帳戶",
    "link.done": "帳戶已合為一個。可用：{points}。",
    "link.over": "此連結已失效或從未有效。請在商店中重新申請。",
    "link.wrong": "驗證碼不正確。請查看您申請連結的頁面。",
    "link.not-possible": "目前無法連結這兩個帳戶。",
    "link.merged-on": "此帳戶之後又與另一個帳戶合併。請先解除那次連結，或聯絡商店。",
    "link.spent": "目前無法分開這兩個帳戶：合併後的 {points} 已被使用。請聯絡商店。",
    "claim.subject": "領取您在 {store} 的訂單{many}",
    "claim.mail": (
        "有人在 {store} 登入後，要求領取以此信箱、未登入帳戶下單的訂單的{many}。\n\n"
        "如果是您本人，請在 {minutes} 分鐘內開啟以下頁面，並輸入 {store} 顯示的驗證碼：\n{url}\n\n"
        "如果不是您本人，不需任何操作，訂單不會有任何變化。"
    ),
    "claim.title": "領取先前訂單的{many}",
    "claim.what.one": "以此信箱、未登入帳戶下的 {n} 筆訂單將歸入在 {store} 登入的帳戶。",
    "claim.what.other": "以此信箱、未登入帳戶下的 {n} 筆訂單將歸入在 {store} 登入的帳戶。",
    "claim.button": "領取{many}",
    "claim.done.one": "{n} 筆訂單已歸入您的帳戶，{many}稍後會在商店中顯示。",
    "claim.done.other": "{n} 筆訂單已歸入您的帳戶，{many}稍後會在商店中顯示。",
    "claim.not-possible": "目前無法領取這些訂單的{many}。",
}
