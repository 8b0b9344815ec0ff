"""Traditional Chinese: what looks mistaken in a programme, and why a version cannot begin then."""

WORDS = {
    "warning.nothing-earned": "沒有規則給點數：請讓訂單或活動給點數。",
    "warning.earning-over": "在此版本開始之前就已停止獲得點數。",
    "warning.rule-over": "該規則在此版本開始之前就已結束。",
    "warning.more-back-than-paid": "所付金額的 {percent} 會返還：超過了付款。",
    "warning.generous": "所付金額的 {percent} 會返還。這是您想要的嗎？",
    "warning.spend-not-counted": "以 {currency} 的消費不計入等級：請填寫 1 {currency} 的價值。",
    "warning.needs-cart": "沒有商店能為百分比設上限：只能在提交購物車的頁面上，以相應金額兌換。",
    "warning.not-in-this-store": "沒有已連接的商店能提供它：無人能兌換，也不會扣除點數。",
    "warning.cannot-be-earned-yet": "暫時無法獲得，顧客也看不到：沒有已連接的來源回報此項（{missing}）。",
    "warning.birthdays-unknown": (
        "無人可得：沒有商店說明生日存放在哪裡，也沒有任何會員的生日已知。可在商店設定中指定欄位，在會員頁面設定單"
        "一生日，或透過 API 批次設定。"
    ),
    "warning.not-written": (
        "未填寫：以 {points} 為準。退款後最多可欠這麼多點數，由之後的點數償還；"
        "超出部分予以核銷。填寫 0 則核銷所有已使用的點數。"
    ),
    "warning.shop-unknown": "商店還不知道 {what}：以 {value} 代替。",
    "warning.average-order": "平均訂單金額",
    "warning.about": "{thing}，{field}",
    "warning.mend": "需要修正的內容在草稿中修正。",
    "warning.to-drafts": "前往草稿",
    "editor.start-past": "版本從現在或之後開始，不能在過去。",
    "editor.start-far": "版本須在 {days} 天內開始。更晚的計畫請之後再發布。",
    "editor.start-planned": "版本 {version} 於 {at} 開始。請填寫該時間，您的草稿便會取代它；或填寫更晚的時間。",
    "start.shop-silent": "您的商店未能正常回應，因此無法試用。它的說明：",
}
