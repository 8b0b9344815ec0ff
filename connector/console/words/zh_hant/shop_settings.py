"""Traditional Chinese: settings of a shop."""

WORDS = {
    "shop.settings": "設定",
    "shop.settings-text": "如何讀取這家商店，以及它顯示什麼。先前已決定的保持不變。留空：照常。",
    "shop.settings-button": "儲存設定",
    "setting.usual": "照常",
    "setting.yes": "是",
    "setting.no": "否",
    "setting.query": "放在網址中",
    "setting.basic": "放在標頭中，即使沒有 https",
    "setting.wrong": "有一個值無法使用；沒有變更任何設定。",
    "setting.wrong-one": "不符合此處說明的格式，或者太長。",
    "setting.operator": "商店人員能否給點數，由擁有自己登入帳號的擁有者設定；若須兩人同意，則由服務的營運者設定。",
    "setting.language": "商店的語言",
    "setting-help.language": "商店自行顯示點數時，以及寫信給未選語言的會員時使用。照常：英語。",
    "setting.member_page": "會員查看點數的頁面",
    "setting-help.member_page": (
        "郵件中的連結指向這裡：本店某個頁面的完整網址，或下方其他頁面中的網址，例如 "
        "https://shop.example/my-account/points/。留空：WooCommerce 為「我的帳號」，Shopify 為顧客帳戶。"
    ),
    "setting.referral_link": "給朋友的連結",
    "setting-help.referral_link": (
        "您的一個 https 頁面的網址，寫到推薦碼之前為止，例如 https://shop.example/?belong=。裝有我們的"
        "外掛、區塊或程式碼的頁面會記住推薦碼；若用其他結尾，須由頁面自行讀取。留空：會員只看到推薦碼。"
    ),
    "setting.board": "排行榜",
    "setting-help.board": "商店在放置排行榜的地方顯示：本月，願意上榜者中的前十名。",
    "setting.none": "不顯示排行榜",
    "setting.origins": "其他可以向我們查詢的頁面",
    "setting-help.origins": (
        "用於有自己前端的商店：按瀏覽器的寫法填寫網址，例如 https://www.shop.example，結尾不帶斜線，以空格分隔。"
    ),
    "setting.birthday_meta": "生日儲存在哪裡",
    "setting-help.birthday_meta": "顧客中繼資料中生日的鍵，例如 billing_birthday。以 _ 開頭的鍵會被商店隱藏。",
    "setting.birthday_metafield": "生日儲存在哪裡",
    "setting-help.birthday_metafield": "顧客中繼欄位中生日的命名空間和鍵，例如 facts.birth_date。",
    "setting.tier_tags": "帶等級的標籤",
    "setting-help.tier_tags": (
        "每位顧客標籤中等級之前的文字：loyalty: 得到 loyalty:gold。至少 3 個字元，不含逗號。前面加 - 會從"
        "所有人移除這些標籤。"
    ),
    "setting.currency": "商店的貨幣",
    "setting-help.currency": "三個字母，例如 EUR，僅當與方案的貨幣不同時填寫：購物金以它發放。",
    "setting.preorder_tags": "稍後出貨的訂單的標籤",
    "setting-help.preorder_tags": "以英文逗號分隔。照常：pre-order,preorder。",
    "setting.paid_statuses": "算作已付款的訂單狀態",
    "setting-help.paid_statuses": "以英文逗號分隔，例如 processing,completed。",
    "setting.gift_card_products": "屬於禮品卡的商品",
    "setting-help.gift_card_products": "商品編號，以英文逗號分隔。購買它們不賺點數。",
    "setting.gift_card_meta": "訂單在哪裡寫明禮品卡支付的金額",
    "setting-help.gift_card_meta": "訂單中繼資料的鍵，以英文逗號分隔。",
    "setting.store_credit_meta": "訂單在哪裡寫明購物金支付的金額",
    "setting-help.store_credit_meta": "訂單中繼資料的鍵，以英文逗號分隔。",
    "setting.store_credit_methods": "屬於購物金的付款方式",
    "setting-help.store_credit_methods": "它們在 WooCommerce 中的識別碼，以英文逗號分隔。",
    "setting.plugin_adjusts": "商店人員可以給予和扣除點數",
    "setting-help.plugin_adjusts": "在商店後台，以及在主控台中僅由商店證明身分時。照常：是。",
    "setting.plugin_imports": "商店可以帶入餘額",
    "setting-help.plugin_imports": "顧客在另一個外掛中的點數。照常：是，除非點數須兩人同意。",
    "setting.auth": "商店如何接受我們的金鑰",
    "setting-help.auth": "僅用於主機會去掉標頭，或位於代理之後的商店。照常：放在標頭中。",
    "said.settings-kept": "設定已儲存。",
    "said.settings-same": "沒有不同之處，因此沒有變更。",
}
