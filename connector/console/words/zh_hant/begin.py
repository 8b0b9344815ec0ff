"""Traditional Chinese: begin."""

WORDS = {
    "home.empty": "您的計畫還沒有獎勵",
    "home.empty-text": "顧客可以得到點數，卻換不到任何東西。請嚮導根據您自己的訂單提出一個完整的計畫。",
    "begin.title": "設定您的計畫",
    "begin.lead": (
        "回答幾個問題，您會得到一個完整的計畫，數字適合您的商店；您可以看到它本會給出多少、花費多少，並隨"
        "意修改。在擁有者發布之前，一切都不生效。"
    ),
    "begin.link": "請嚮導提出一個計畫",
    "begin.link-text": "或者回答幾個問題：嚮導會根據您自己的訂單提出一個計畫。",
    "begin.is-live": "您的計畫已經開始。您在這裡做的是草稿：發布後它會取代現在的規則；徽章和級別保持不變。",
    "begin.shop": "我們對您商店的了解",
    "begin.rests-on": "最近 {days} 天內 {people} 位顧客的 {orders} 筆已付款訂單。",
    "begin.counted-at": "統計於",
    "begin.elsewhere.one": (
        "{n} 筆 {currency} 以外貨幣的訂單未計入。這裡提出的計畫不為它們給點數；請在草稿中為它們寫明比率。"
    ),
    "begin.elsewhere.other": (
        "{n} 筆 {currency} 以外貨幣的訂單未計入。這裡提出的計畫不為它們給點數；請在草稿中為它們寫明比率。"
    ),
    "begin.too-few": (
        "這裡的已付款訂單不足 {least} 筆，無法說明您商店的通常情況。以下是根據您的貨幣作的估計：一筆普通"
        "訂單為 {usual}。請先讀取您過去的訂單，這樣就是您自己的數字。"
    ),
    "begin.short.one": (
        "這裡只知道 {n} 天的情況，因此無法說明顧客一年消費多少。各等級的起點改為按普通訂單計算"
        "。讀取您的全部歷史後，就會依據您自己的顧客。"
    ),
    "begin.short.other": (
        "這裡只知道 {n} 天的情況，因此無法說明顧客一年消費多少。各等級的起點改為按普通訂單計算"
        "。讀取您的全部歷史後，就會依據您自己的顧客。"
    ),
    "begin.few-people": "這裡知道的顧客不足 {least} 位，不足以據此劃分等級。各等級的起點按普通訂單計算。",
    "begin.read-past": "讀取過去的訂單",
    "begin.share": "比例",
    "begin.share-row": "{share}% 不超過",
    "begin.order-value": "一筆訂單",
    "begin.spent": "一位顧客的一年",
    "begin.times": "一位顧客一年的訂單數",
    "begin.chart": "一位顧客一年的消費（{currency}）",
    "begin.count": "現在統計",
    "begin.questions": "幾個問題",
    "begin.name": "計畫叫什麼名字？",
    "begin.one": "一點叫作",
    "begin.one-help": "兩項都留空，就叫點數。",
    "begin.many": "多點叫作",
    "begin.back": "顧客應得到多少回饋？",
    "begin.back-low": "少：{percent}",
    "begin.back-middle": "通常：{percent}",
    "begin.back-high": "多：{percent}",
    "begin.back-help": "占其付款的比例，以獎勵形式給出。其中很多不會被使用。",
    "begin.own": "或其他比例（百分比）",
    "begin.own-help": "從 0.5 到 20。",
    "begin.tiers": "好顧客應得到更多嗎？",
    "begin.tiers-0": "不，人人相同",
    "begin.tiers-1": "是，在基本等級之上設一個等級",
    "begin.tiers-2": "是，兩個等級",
    "begin.tiers-3": "是，三個等級",
    "begin.tiers-help": "等級越高，每筆訂單得到的點數越多。",
    "begin.kinds": "點數可以換什麼？",
    "begin.kind-amount": "訂單折抵（優惠碼）",
    "begin.kind-store_credit": "商店餘額",
    "begin.kind-free_shipping": "免運費",
    "begin.besides": "還有什麼可以得到點數？",
    "begin.welcome": "加入",
    "begin.birthday": "生日",
    "begin.birthday-help": "在擁有者指明生日儲存在哪裡之前，商店不會告知任何生日：連線、商店、設定。",
    "begin.referral": "介紹朋友，雙方都得",
    "begin.propose": "提出一個計畫",
    "begin.no-name": "請給它一個名字。",
    "begin.too-long": "請不要超過 100 個字元。",
    "begin.both-names": "請同時填寫單個和多個的叫法，或都不填。",
    "begin.no-share": "請填寫 0.5 到 20 之間的數字，最多兩位小數。",
    "begin.no-tiers": "請從中選擇一項。",
    "begin.no-kinds": "請至少選擇一項。",
    "begin.proposed": "為您的商店提出的計畫",
    "begin.usual": "一筆 {money} 的普通訂單得到的點數",
    "begin.first": "第一個獎勵，需 {points}：大約 {orders} 筆普通訂單之後",
    "begin.comes-back": "訂單付款中最多回饋的比例；歡迎、生日和推薦點數另計",
    "begin.comes-back-most": "在最高等級",
    "begin.tier": "等級",
    "begin.tier-from": "一年消費達到",
    "begin.tier-factor": "點數",
    "begin.tier-share": "占您的顧客",
    "begin.everybody": "所有人",
    "begin.about": "約 {percent}",
    "begin.all-rules": "顧客所讀到的全部規則",
    "begin.would-have": "它本會給出多少",
    "begin.rehearsed": (
        "隨機抽取了您的 {people} 位顧客，按他們 {days} 天內的訂單逐一推算，如同人人都已參加。金額是對全部顧客而言。"
    ),
    "begin.cost": "如果人人儘早使用折抵，所需的費用（占付款的 {share}）",
    "begin.cost-most": "給出的全部點數的價值（{share}）",
    "begin.each": "每位顧客平均得到的點數",
    "begin.not-cause": "這是對人們已做之事的重演，不含計畫可能帶來的改變。免運費和贈品不在費用之內。",
    "begin.nobody": "這裡還不知道任何顧客，因此無法重演。請先讀取您過去的訂單。",
    "begin.best": "其中消費最多的",
    "begin.orders": "訂單",
    "begin.paid": "付款",
    "begin.points": "點數",
    "begin.last": "您最近的訂單",
    "begin.draft-text": "草稿不會改變任何東西。您可以編輯它、再次試算，由擁有者發布。",
    "begin.try": "用我的歷史試算",
    "begin.draft": "做成草稿",
    "begin.not-you": "由經理或擁有者試算並做成草稿。",
    "begin.steps": "在顧客得到點數之前",
    "begin.step-shop": "連接您的商店",
    "begin.step-past": "讀取它過去的訂單",
    "begin.step-rules": "發布一個有獎勵的計畫",
    "begin.step-balances": (
        "如果會員從別的計畫帶來點數：請一併帶來，在 WooCommerce 的 Belong 頁面；否則用金鑰透過 API"
        "（POST /v1/imports/balances），或由執行本服務的人來做"
    ),
    "begin.step-live": "正式開始",
    "begin.done": "已完成",
    "said.begin-counted": "已統計。",
    "said.begin-counted-lately": "剛剛統計過，或需要很長時間：服務會自行統計。",
}
