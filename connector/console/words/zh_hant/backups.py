"""Traditional Chinese: backups."""

WORDS = {
    "settings.backups": "備份",
    "settings.backups-text": "上次備份時間、內容以及如何還原。",
    "backups.lead": "備份是整個資料庫在某一時刻的狀態，存於一個檔案中。由執行本服務的人在服務執行時製作。",
    "backups.last": "最近一次",
    "backups.fresh": "一天之內",
    "backups.old": "超過一天",
    "backups.none": "未知",
    "backups.none-text": "未透過本服務自己的命令在此資料夾製作過備份。或許以其他方式製作：請詢問執行服務的人。",
    "backups.when": "製作時間",
    "backups.ago.one": "{n} 小時前",
    "backups.ago.other": "{n} 小時前",
    "backups.where": "寫入位置",
    "backups.bytes": "位元組",
    "backups.entries": "帳目筆數",
    "backups.shared": "多個計畫共用此安裝，備份位置由執行者掌握。",
    "backups.holds": "包含什麼",
    "backups.holds-text": "全部：會員、點數及其原因、訂單、計畫、人員與設定。個人資訊與密鑰以主金鑰加密儲存。",
    "backups.lacks": "不包含：主金鑰（沒有它無法開啟備份）與刪除日誌（僅最新的有效）。請各自另存一份到其他地方。",
    "backups.make": "製作備份",
    "backups.make-text": "在執行服務的機器上；使用 deploy/belong-backup.timer 可每小時自動進行：",
    "backups.why-no-button": (
        "此處沒有按鈕也不提供下載。服務只知道自己的磁碟，放在原件旁邊的副本會一同遺失；而持有備份的人就持有此安裝"
        "的所有計畫。"
    ),
    "backups.tried": "是否試過還原？",
    "backups.tried-text": (
        "備份定名之前會檢查其頁面並讀取全部帳目。能否還原，只有試過才知道，本服務也無從得知。請不時在單獨的資料夾"
        "中試還原，且不要在那裡啟動服務："
    ),
    "backups.back": "還原全部",
    "backups.step-1": "在沒有資料庫的機器上安裝相同或更新的版本。",
    "backups.step-2": "將主金鑰與最新的刪除日誌放入其資料夾。",
    "backups.step-3": "還原：會檢查全部內容，並再次刪除此後被刪除的人。",
    "backups.step-4": "啟動服務並讀取商店，以取得此後發生的事情。",
}
