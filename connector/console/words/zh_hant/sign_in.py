"""Traditional Chinese: signing in and joining."""

WORDS = {
    "sign-in.title": "登入",
    "sign-in.address": "電子郵件地址",
    "sign-in.password": "密碼",
    "sign-in.button": "登入",
    "sign-in.wrong": "未能登入。電子郵件地址或密碼不正確，或嘗試次數過多：若是後者，請等待一刻鐘。",
    "sign-in.old": "此頁面開啟得太久了，請再試一次。",
    "sign-in.shop": "我從商店過來",
    "sign-in.shop-text": (
        "請從商店後台開啟 Belong：WordPress 在 WooCommerce 下，Shopify 在「應用程式」下。商店會說明您是誰，在這裡"
        "不需要密碼。"
    ),
    "sign-in.lost": "我無法再登入",
    "sign-in.lost-text": (
        "計畫的擁有者可以在「設定」的「人員」中給您一個網址，用它選擇新密碼。擁有者請聯絡運行此服務的人：belong "
        "people reset。"
    ),
    "sign-in.name": "您的姓名",
    "sign-in.new-password": "密碼",
    "sign-in.again": "再次輸入密碼",
    "sign-in.language": "語言",
    "sign-in.password-help": "至少 {least} 個字元。連著的幾個詞容易記住。",
    "sign-in.look": "還缺少一些內容。目前沒有任何變動。",
    "sign-in.first.title": "設定 Belong",
    "sign-in.first.text": "您將成為擁有者。此頁面只能使用一次。",
    "sign-in.first.button": "成為擁有者",
    "sign-in.join.title": "您已受邀",
    "sign-in.join.text": "請選擇今後的登入方式。此頁面只能使用一次。",
    "sign-in.join.button": "加入",
    "sign-in.reset.title": "選擇新密碼",
    "sign-in.reset.text": "之後您會在所有地方登出，並用新密碼登入。",
    "sign-in.reset.button": "使用此密碼",
    "sign-in.programme": "您的計畫",
    "sign-in.programme-text": "會員在其中獲得點數。規則以後可以更改。",
    "sign-in.programme-name": "計畫名稱",
    "sign-in.currency": "商店的貨幣",
    "sign-in.currency-help": "三個字母，例如 TWD。之後不能更改。",
    "sign-in.zone": "時區",
    "sign-in.zone-help": "例如 Asia/Taipei。它決定事情發生在哪一天。",
    "sign-in.problem-short": "密碼太短：至少 {least} 個字元。",
    "sign-in.problem-long": "密碼太長。",
    "sign-in.problem-plain": "密碼重複使用了少數幾個字元。",
    "sign-in.problem-named": "密碼由誰都會先嘗試的名稱組成。",
    "sign-in.problem-again": "兩次輸入的密碼不同。",
    "sign-in.problem-name": "請填寫姓名，最多 100 個字元。",
    "sign-in.problem-address": "請填寫電子郵件地址，例如 ada@shop.example。",
    "sign-in.problem-taken": "此地址不能在這裡使用，請換一個。",
    "sign-in.problem-programme": "請填寫名稱，最多 100 個字元。",
    "sign-in.problem-currency": "沒有這種貨幣。",
    "sign-in.problem-zone": "沒有這個時區。",
    "sign-in.mail-join-subject": "{programme}：您已受邀",
    "sign-in.mail-join": "使用此網址即可加入 Belong 中 {programme} 的控制台。它只能使用一次，有效期至 {until}。",
    "sign-in.mail-reset-subject": "{programme}：選擇新密碼",
    "sign-in.mail-reset": (
        "使用此網址即可為 Belong 中 {programme} 的控制台選擇新密碼。它只能使用一次，有效期至 {until}。如果不是您"
        "要求的，請不必理會：您的密碼保持不變。"
    ),
    "join-over.title": "此網址已被使用或已過期",
    "join-over.text": "它只能使用一次。請向給您網址的人再要一個。",
}
