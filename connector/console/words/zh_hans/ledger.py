"""Simplified Chinese: ledger."""

WORDS = {
    "said.check-begun": "正在核对账目。",
    "said.check-running": "核对已在进行中。",
    "ledger.lead": "每一天发放、使用或过期的每一个积分，以及现在所欠的。",
    "ledger.check": "账目相符吗？",
    "ledger.check-text": (
        "核对会仅凭订单和规则，用不同于发放时的代码，重新算出每个余额、每笔积分、每个等级和徽章。每晚运行。"
    ),
    "ledger.progress": "已查看 {done}，共 {total}",
    "ledger.look": "再看一次",
    "ledger.looked-at": "重新计算了{members}和{entries}。",
    "ledger.member": "该会员",
    "ledger.elsewhere.one": ("有 {n} 处差异无法判断属于哪个计划；运行此服务的人需要查看（belong verify）。"),
    "ledger.elsewhere.other": ("有 {n} 处差异无法判断属于哪个计划；运行此服务的人需要查看（belong verify）。"),
    "ledger.check-button": "立即核对",
    "ledger.match": "账目与商店一致吗？",
    "ledger.owed": "您欠会员的",
    "ledger.points": "未用积分",
    "ledger.worth": "最多价值",
    "ledger.owe": "会员所欠",
    "ledger.ended": "已过期，尚未核销",
    "ledger.ages": "按时间划分的未用积分",
    "ledger.span": "{first} 至 {last} 天",
    "ledger.from": "{first} 天及以上",
    "ledger.days": "已结账日",
    "ledger.csv": "下载文件（CSV）",
    "ledger.days-text": (
        "已结账的日子不再改变：迟到的内容记入下一个未结账日。每个根值都由前一天算出，因此任何一天都不能被悄悄更改。"
    ),
    "ledger.day": "日期",
    "ledger.opening": "期初",
    "ledger.credits": "增加",
    "ledger.debits": "减少",
    "ledger.adjusted": "手动",
    "ledger.closing": "期末",
    "ledger.value": "价值",
    "ledger.root": "根值",
    "ledger.no-days": "还没有已结账的日子。",
}
