"""Simplified Chinese: what looks mistaken in a programme, and why a version cannot begin then."""

WORDS = {
    "warning.nothing-earned": "没有规则给积分：请让订单或活动给积分。",
    "warning.earning-over": "在此版本开始之前就已停止获得积分。",
    "warning.rule-over": "该规则在此版本开始之前就已结束。",
    "warning.more-back-than-paid": "所付金额的 {percent} 会返还：超过了付款。",
    "warning.generous": "所付金额的 {percent} 会返还。这是您想要的吗？",
    "warning.spend-not-counted": "以 {currency} 的消费不计入等级：请填写 1 {currency} 的价值。",
    "warning.needs-cart": "没有商店能为百分比设上限：只能在提交购物车的页面上，以相应金额兑换。",
    "warning.not-in-this-store": "没有已连接的商店能提供它：无人能兑换，也不会扣除积分。",
    "warning.cannot-be-earned-yet": "暂时无法获得，顾客也看不到：没有已连接的来源报告此项（{missing}）。",
    "warning.birthdays-unknown": (
        "无人可得：没有商店说明生日存放在哪里，也没有任何会员的生日已知。可在商店设置中指定字段，在会员页面设定单"
        "个生日，或通过 API 批量设定。"
    ),
    "warning.not-written": (
        "未填写：以 {points} 为准。退款后最多可欠这么多积分，由之后的积分偿还；"
        "超出部分予以核销。填写 0 则核销所有已使用的积分。"
    ),
    "warning.shop-unknown": "商店还不知道 {what}：以 {value} 代替。",
    "warning.average-order": "平均订单金额",
    "warning.about": "{thing}，{field}",
    "warning.mend": "需要修正的内容在草稿中修正。",
    "warning.to-drafts": "前往草稿",
    "editor.start-past": "版本从现在或之后开始，不能在过去。",
    "editor.start-far": "版本须在 {days} 天内开始。更晚的计划请之后再发布。",
    "editor.start-planned": "版本 {version} 于 {at} 开始。请填写该时间，您的草稿便会取代它；或填写更晚的时间。",
    "start.shop-silent": "您的商店未能正常回应，因此无法试用。它的说明：",
}
