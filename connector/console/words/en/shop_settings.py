"""English: settings of a shop."""

WORDS = {
    "shop.settings": "Settings",
    "shop.settings-text": "How this shop is read and what it shows. What was decided before stays. Empty: as usual.",
    "shop.settings-button": "Keep the settings",
    "setting.usual": "As usual",
    "setting.yes": "Yes",
    "setting.no": "No",
    "setting.query": "In the address",
    "setting.basic": "In the header, even without https",
    "setting.wrong": "A value is not usable; none was changed.",
    "setting.wrong-one": "Not in the form that is described here, or too long.",
    "setting.operator": (
        "Whether people of the shop may give points is set by an owner with a sign-in of their own, or, where "
        "two people must agree, by whoever runs the service."
    ),
    "setting.language": "Language of the shop",
    "setting-help.language": (
        "In it the shop shows points by itself, and members who named no language are written to. As usual: English."
    ),
    "setting.member_page": "Page where members see their points",
    "setting-help.member_page": (
        "Where mails lead: the whole address of a page of this shop, or of one of the further pages named "
        "below, such as https://shop.example/my-account/points/. Empty: My Account in WooCommerce, the account "
        "in Shopify."
    ),
    "setting.referral_link": "Link for friends",
    "setting-help.referral_link": (
        "The address of a page of yours over https, up to where the code belongs, such as "
        "https://shop.example/?belong=. Pages with our plugin, block or script remember that code; another "
        "ending is taken by the page itself. Empty: members see the code alone."
    ),
    "setting.board": "Leaderboard",
    "setting-help.board": (
        "The shop shows it where its board stands: this month, the first ten of those who asked to be on boards."
    ),
    "setting.none": "No leaderboard",
    "setting.origins": "Further pages that may ask us",
    "setting-help.origins": (
        "For shops with a front end of their own: addresses as browsers write them, such as "
        "https://www.shop.example, without a slash at the end, with spaces between."
    ),
    "setting.birthday_meta": "Where birthdays are kept",
    "setting-help.birthday_meta": (
        "The key of the customers’ meta with the birthday, such as billing_birthday. Keys that begin with _ "
        "are hidden by the shop."
    ),
    "setting.birthday_metafield": "Where birthdays are kept",
    "setting-help.birthday_metafield": (
        "Namespace and key of the customers’ metafield with the birthday, such as facts.birth_date."
    ),
    "setting.tier_tags": "Tags with the tier",
    "setting-help.tier_tags": (
        "What stands before the tier in each customer’s tag: loyalty: gives loyalty:gold. At least 3 "
        "characters, no comma. A - before it removes these tags from everybody."
    ),
    "setting.currency": "Currency of the shop",
    "setting-help.currency": (
        "Three letters, such as EUR, where it is not the programme’s own: store credit is given in it."
    ),
    "setting.preorder_tags": "Tags of orders that ship later",
    "setting-help.preorder_tags": "With commas between. As usual: pre-order,preorder.",
    "setting.paid_statuses": "Order statuses that count as paid",
    "setting-help.paid_statuses": "With commas between, such as processing,completed.",
    "setting.gift_card_products": "Products that are gift cards",
    "setting-help.gift_card_products": "Their numbers, with commas between. They earn nothing when they are bought.",
    "setting.gift_card_meta": "Where orders say what gift cards paid",
    "setting-help.gift_card_meta": "Keys of order meta, with commas between.",
    "setting.store_credit_meta": "Where orders say what store credit paid",
    "setting-help.store_credit_meta": "Keys of order meta, with commas between.",
    "setting.store_credit_methods": "Payment methods that are store credit",
    "setting-help.store_credit_methods": "Their ids in WooCommerce, with commas between.",
    "setting.plugin_adjusts": "People of the shop may give and take points",
    "setting-help.plugin_adjusts": (
        "In the shop’s administration and in the console, where only their shop names them. As usual: yes."
    ),
    "setting.plugin_imports": "The shop may bring balances along",
    "setting-help.plugin_imports": (
        "What customers had with another plugin. As usual: yes, unless two people must agree on points."
    ),
    "setting.auth": "How the shop takes our key",
    "setting-help.auth": (
        "Only for shops whose host strips the header, or that stand behind a proxy. As usual: in the header."
    ),
    "said.settings-kept": "The settings are kept.",
    "said.settings-same": "Nothing was different, so nothing was changed.",
}
