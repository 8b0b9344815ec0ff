"""Simplified Chinese: begin."""

WORDS = {
    "home.empty": "您的计划还没有奖励",
    "home.empty-text": "顾客可以得到积分，却换不到任何东西。请向导根据您自己的订单提出一个完整的计划。",
    "begin.title": "设置您的计划",
    "begin.lead": (
        "回答几个问题，您会得到一个完整的计划，数字适合您的商店；您可以看到它本会给出多少、花费多少，并随"
        "意修改。在所有者发布之前，一切都不生效。"
    ),
    "begin.link": "请向导提出一个计划",
    "begin.link-text": "或者回答几个问题：向导会根据您自己的订单提出一个计划。",
    "begin.is-live": "您的计划已经开始。您在这里做的是草稿：发布后它会取代现在的规则；徽章和级别保持不变。",
    "begin.shop": "我们对您商店的了解",
    "begin.rests-on": "最近 {days} 天内 {people} 位顾客的 {orders} 笔已付款订单。",
    "begin.counted-at": "统计于",
    "begin.elsewhere.one": (
        "{n} 笔 {currency} 以外货币的订单未计入。这里提出的计划不为它们给积分；请在草稿中为它们写明比率。"
    ),
    "begin.elsewhere.other": (
        "{n} 笔 {currency} 以外货币的订单未计入。这里提出的计划不为它们给积分；请在草稿中为它们写明比率。"
    ),
    "begin.too-few": (
        "这里的已付款订单不足 {least} 笔，无法说明您商店的通常情况。以下是根据您的货币作的估计：一笔普通"
        "订单为 {usual}。请先读取您过去的订单，这样就是您自己的数字。"
    ),
    "begin.short.one": (
        "这里只知道 {n} 天的情况，因此无法说明顾客一年消费多少。各等级的起点改为按普通订单计算"
        "。读取您的全部历史后，就会依据您自己的顾客。"
    ),
    "begin.short.other": (
        "这里只知道 {n} 天的情况，因此无法说明顾客一年消费多少。各等级的起点改为按普通订单计算"
        "。读取您的全部历史后，就会依据您自己的顾客。"
    ),
    "begin.few-people": "这里知道的顾客不足 {least} 位，不足以据此划分等级。各等级的起点按普通订单计算。",
    "begin.read-past": "读取过去的订单",
    "begin.share": "比例",
    "begin.share-row": "{share}% 不超过",
    "begin.order-value": "一笔订单",
    "begin.spent": "一位顾客的一年",
    "begin.times": "一位顾客一年的订单数",
    "begin.chart": "一位顾客一年的消费（{currency}）",
    "begin.count": "现在统计",
    "begin.questions": "几个问题",
    "begin.name": "计划叫什么名字？",
    "begin.one": "一个积分叫作",
    "begin.one-help": "两项都留空，就叫积分。",
    "begin.many": "多个叫作",
    "begin.back": "顾客应得到多少回馈？",
    "begin.back-low": "少：{percent}",
    "begin.back-middle": "通常：{percent}",
    "begin.back-high": "多：{percent}",
    "begin.back-help": "占其付款的比例，以奖励形式给出。其中很多不会被使用。",
    "begin.own": "或其他比例（百分比）",
    "begin.own-help": "从 0.5 到 20。",
    "begin.tiers": "好顾客应得到更多吗？",
    "begin.tiers-0": "不，人人相同",
    "begin.tiers-1": "是，在基本等级之上设一个等级",
    "begin.tiers-2": "是，两个等级",
    "begin.tiers-3": "是，三个等级",
    "begin.tiers-help": "等级越高，每笔订单得到的积分越多。",
    "begin.kinds": "积分可以换什么？",
    "begin.kind-amount": "订单减免（优惠码）",
    "begin.kind-store_credit": "商店余额",
    "begin.kind-free_shipping": "免运费",
    "begin.besides": "还有什么可以得到积分？",
    "begin.welcome": "加入",
    "begin.birthday": "生日",
    "begin.birthday-help": "在所有者指明生日保存在哪里之前，商店不会告知任何生日：连接、商店、设置。",
    "begin.referral": "介绍朋友，双方都得",
    "begin.propose": "提出一个计划",
    "begin.no-name": "请给它一个名字。",
    "begin.too-long": "请不要超过 100 个字符。",
    "begin.both-names": "请同时填写单个和多个的叫法，或都不填。",
    "begin.no-share": "请填写 0.5 到 20 之间的数字，最多两位小数。",
    "begin.no-tiers": "请从中选择一项。",
    "begin.no-kinds": "请至少选择一项。",
    "begin.proposed": "为您的商店提出的计划",
    "begin.usual": "一笔 {money} 的普通订单得到的积分",
    "begin.first": "第一个奖励，需 {points}：大约 {orders} 笔普通订单之后",
    "begin.comes-back": "订单付款中最多回馈的比例；欢迎、生日和推荐积分另计",
    "begin.comes-back-most": "在最高等级",
    "begin.tier": "等级",
    "begin.tier-from": "一年消费达到",
    "begin.tier-factor": "积分",
    "begin.tier-share": "占您的顾客",
    "begin.everybody": "所有人",
    "begin.about": "约 {percent}",
    "begin.all-rules": "顾客所读到的全部规则",
    "begin.would-have": "它本会给出多少",
    "begin.rehearsed": (
        "随机抽取了您的 {people} 位顾客，按他们 {days} 天内的订单逐一推算，如同人人都已参加。金额是对全部顾客而言。"
    ),
    "begin.cost": "如果人人尽早使用减免，所需的费用（占付款的 {share}）",
    "begin.cost-most": "给出的全部积分的价值（{share}）",
    "begin.each": "每位顾客平均得到的积分",
    "begin.not-cause": "这是对人们已做之事的重演，不含计划可能带来的改变。免运费和赠品不在费用之内。",
    "begin.nobody": "这里还不知道任何顾客，因此无法重演。请先读取您过去的订单。",
    "begin.best": "其中消费最多的",
    "begin.orders": "订单",
    "begin.paid": "付款",
    "begin.points": "积分",
    "begin.last": "您最近的订单",
    "begin.draft-text": "草稿不会改变任何东西。您可以编辑它、再次试算，由所有者发布。",
    "begin.try": "用我的历史试算",
    "begin.draft": "做成草稿",
    "begin.not-you": "由经理或所有者试算并做成草稿。",
    "begin.steps": "在顾客得到积分之前",
    "begin.step-shop": "连接您的商店",
    "begin.step-past": "读取它过去的订单",
    "begin.step-rules": "发布一个有奖励的计划",
    "begin.step-balances": (
        "如果会员从别的计划带来积分：请一并带来，在 WooCommerce 的 Belong 页面；否则用密钥通过 API"
        "（POST /v1/imports/balances），或由运行本服务的人来做"
    ),
    "begin.step-live": "正式开始",
    "begin.done": "已完成",
    "said.begin-counted": "已统计。",
    "said.begin-counted-lately": "刚刚统计过，或需要很长时间：服务会自行统计。",
}
