"""Traditional Chinese: ledger."""

WORDS = {
    "said.check-begun": "正在核對帳目。",
    "said.check-running": "核對已在進行中。",
    "ledger.lead": "每一天發放、使用或過期的每一個點數，以及現在所欠的。",
    "ledger.check": "帳目相符嗎？",
    "ledger.check-text": (
        "核對會僅憑訂單和規則，用不同於發放時的程式碼，重新算出每個餘額、每筆點數、每個等級和徽章。每晚執行。"
    ),
    "ledger.progress": "已查看 {done}，共 {total}",
    "ledger.look": "再看一次",
    "ledger.looked-at": "重新計算了{members}和{entries}。",
    "ledger.member": "該會員",
    "ledger.elsewhere.one": ("有 {n} 處差異無法判斷屬於哪個計畫；執行此服務的人需要查看（belong verify）。"),
    "ledger.elsewhere.other": ("有 {n} 處差異無法判斷屬於哪個計畫；執行此服務的人需要查看（belong verify）。"),
    "ledger.check-button": "立即核對",
    "ledger.match": "帳目與商店一致嗎？",
    "ledger.owed": "您欠會員的",
    "ledger.points": "未用點數",
    "ledger.worth": "最多價值",
    "ledger.owe": "會員所欠",
    "ledger.ended": "已過期，尚未核銷",
    "ledger.ages": "按時間劃分的未用點數",
    "ledger.span": "{first} 至 {last} 天",
    "ledger.from": "{first} 天及以上",
    "ledger.days": "已結帳日",
    "ledger.csv": "下載檔案（CSV）",
    "ledger.days-text": (
        "已結帳的日子不再改變：遲到的內容記入下一個未結帳日。每個根值都由前一天算出，因此任何一天都不能被悄悄更改。"
    ),
    "ledger.day": "日期",
    "ledger.opening": "期初",
    "ledger.credits": "增加",
    "ledger.debits": "減少",
    "ledger.adjusted": "手動",
    "ledger.closing": "期末",
    "ledger.value": "價值",
    "ledger.root": "根值",
    "ledger.no-days": "還沒有已結帳的日子。",
}
