"""Traditional Chinese: what was not seen yet."""

WORDS = {
    "unseen.order": "尚未見到此訂單",
    "unseen.why": "因此它沒有變動任何點數。可能商店尚未告知，或編號不對；請用商店內部的訂單 ID。",
    "unseen.read": "立即向商店讀取",
    "unseen.customer": "顧客 {ref} 還不是會員",
    "unseen.consent": "須經本人同意。等待中的訂單會隨之處理。",
    "unseen.enrol": "加入會員",
    "refused.not-done": "未執行",
    "said.order-wished": "正在向商店讀取。請一分鐘後重新載入。",
    "said.enrolled": "該顧客已是會員。",
}
