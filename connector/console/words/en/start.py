"""English: start."""

WORDS = {
    "start.title": "Begin with your programme",
    "start.joined": "Your shop is connected",
    "start.choose": "Choose a programme",
    "start.as-is": "As it is now: {name}",
    "start.try": "Try it on your own orders",
    "start.try-text": "See what your last ten paid orders would have earned. Nothing is written, and nobody is told.",
    "start.try-button": "Try it on my last orders",
    "start.tried": "Under {name} your last orders would have earned:",
    "start.no-orders": "Your shop has no paid orders of the last weeks.",
    "start.order": "Order",
    "start.total": "Total",
    "start.points": "Points",
    "start.guest": "guest",
    "start.live": "Go live",
    "start.live-text": (
        "From then on orders earn points, your shop shows them, and your past orders "
        "are read so that every customer is found. Until then nothing is given."
    ),
    "start.live-button": "Go live",
    "start.owner": "The owner of the Shopify account does this.",
    "start.is-live": "{name} is live: orders earn points.",
    "start.past": "Your past orders:",
    "start.connection": "See how the connection is",
    "privacy.title": "Requests for people's data",
    "privacy.text": (
        "Shopify passes these on. Give the file to whoever asked, within "
        "30 days. It is made when you take it, and that is noted."
    ),
    "privacy.none": "Nobody has asked.",
    "privacy.asked": "Asked on {at}",
    "privacy.customer": "Customer {id} of your shop",
    "privacy.guest": "Somebody who ordered without an account: {orders}",
    "privacy.erased": "Somebody who was erased since.",
    "privacy.file": "Take the file",
    "privacy.until": "Due by {at}",
    "privacy.unknown": "Nothing is kept about this person.",
    "privacy.soon": "The file will be here in a minute.",
    "start.template": "Programme",
    "start.tier": "Tier",
    "start.tiers-text": (
        "Tiers are those to which these orders alone would have led. What your customers bought before is read "
        "when you go live."
    ),
    "template.boutique": (
        "Boutique: few, valuable customers; tiers by spending, store credit and perks instead of vouchers, points "
        "that stay."
    ),
    "template.circle": (
        "Circle: the whole programme, with tiers, badges, levels and referrals. A good beginning for most shops."
    ),
    "template.community": (
        "Community: shoppers who help each other; badges and community levels matter more than money."
    ),
    "template.plain-1": "Plain: every order gives 1 % back, nothing else to explain.",
    "template.plain-3": "Plain: every order gives 3 % back, nothing else to explain.",
    "template.plain-5": "Plain: every order gives 5 % back, nothing else to explain.",
}
