"""Simplified Chinese: settings of a shop."""

WORDS = {
    "shop.settings": "设置",
    "shop.settings-text": "如何读取这家商店，以及它显示什么。此前已决定的保持不变。留空：照常。",
    "shop.settings-button": "保存设置",
    "setting.usual": "照常",
    "setting.yes": "是",
    "setting.no": "否",
    "setting.query": "放在地址中",
    "setting.basic": "放在标头中，即使没有 https",
    "setting.wrong": "有一个值不可用；没有更改任何设置。",
    "setting.wrong-one": "不符合此处说明的格式，或者太长。",
    "setting.operator": "商店人员能否给积分，由拥有自己登录账号的所有者设置；若须两人同意，则由服务的运营者设置。",
    "setting.language": "商店的语言",
    "setting-help.language": "商店自行显示积分时，以及给未选语言的会员写信时使用。照常：英语。",
    "setting.member_page": "会员查看积分的页面",
    "setting-help.member_page": (
        "邮件中的链接指向这里：本店某个页面的完整地址，或下方其他页面中的地址，例如 "
        "https://shop.example/my-account/points/。留空：WooCommerce 为“我的账户”，Shopify 为顾客账户。"
    ),
    "setting.referral_link": "给朋友的链接",
    "setting-help.referral_link": (
        "您的一个 https 页面的地址，写到推荐码之前为止，例如 https://shop.example/?belong=。装有我们的"
        "插件、区块或脚本的页面会记住推荐码；若用其他结尾，须由页面自行读取。留空：会员只看到推荐码。"
    ),
    "setting.board": "排行榜",
    "setting-help.board": "商店在放置排行榜的地方显示：本月，愿意上榜者中的前十名。",
    "setting.none": "不显示排行榜",
    "setting.origins": "其他可以向我们查询的页面",
    "setting-help.origins": (
        "用于有自己前端的商店：按浏览器的写法填写地址，例如 https://www.shop.example，末尾不带斜线，以空格分隔。"
    ),
    "setting.birthday_meta": "生日保存在哪里",
    "setting-help.birthday_meta": "客户元数据中生日的键，例如 billing_birthday。以 _ 开头的键会被商店隐藏。",
    "setting.birthday_metafield": "生日保存在哪里",
    "setting-help.birthday_metafield": "客户元字段中生日的命名空间和键，例如 facts.birth_date。",
    "setting.tier_tags": "带等级的标签",
    "setting-help.tier_tags": (
        "每位客户标签中等级之前的文字：loyalty: 得到 loyalty:gold。至少 3 个字符，不含逗号。前面加 - 会从"
        "所有人移除这些标签。"
    ),
    "setting.currency": "商店的货币",
    "setting-help.currency": "三个字母，例如 EUR，仅当与计划的货币不同时填写：商店余额以它发放。",
    "setting.preorder_tags": "稍后发货的订单的标签",
    "setting-help.preorder_tags": "以英文逗号分隔。照常：pre-order,preorder。",
    "setting.paid_statuses": "算作已付款的订单状态",
    "setting-help.paid_statuses": "以英文逗号分隔，例如 processing,completed。",
    "setting.gift_card_products": "属于礼品卡的商品",
    "setting-help.gift_card_products": "商品编号，以英文逗号分隔。购买它们不赚积分。",
    "setting.gift_card_meta": "订单在哪里写明礼品卡支付的金额",
    "setting-help.gift_card_meta": "订单元数据的键，以英文逗号分隔。",
    "setting.store_credit_meta": "订单在哪里写明商店余额支付的金额",
    "setting-help.store_credit_meta": "订单元数据的键，以英文逗号分隔。",
    "setting.store_credit_methods": "属于商店余额的付款方式",
    "setting-help.store_credit_methods": "它们在 WooCommerce 中的标识，以英文逗号分隔。",
    "setting.plugin_adjusts": "商店人员可以给予和扣除积分",
    "setting-help.plugin_adjusts": "在商店后台，以及在控制台中仅由商店证明身份时。照常：是。",
    "setting.plugin_imports": "商店可以带入余额",
    "setting-help.plugin_imports": "客户在另一个插件中的积分。照常：是，除非积分须两人同意。",
    "setting.auth": "商店如何接受我们的密钥",
    "setting-help.auth": "仅用于主机会去掉标头，或位于代理之后的商店。照常：放在标头中。",
    "said.settings-kept": "设置已保存。",
    "said.settings-same": "没有不同之处，因此没有更改。",
}
