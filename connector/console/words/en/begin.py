"""English: begin."""

WORDS = {
    "home.empty": "Your programme has no rewards yet",
    "home.empty-text": (
        "Shoppers can earn points, and there is nothing to have for them. Have a whole programme "
        "proposed from your own orders."
    ),
    "begin.title": "Set up your programme",
    "begin.lead": (
        "Answer a few questions. You get a whole programme with numbers that fit your shop, see what it would "
        "have given and cost, and change what you like. Nothing holds until an owner publishes it."
    ),
    "begin.link": "Have a programme proposed",
    "begin.link-text": "Or answer a few questions: the guide proposes a programme from your own orders.",
    "begin.is-live": (
        "Your programme is live. What you make here is a draft: publishing it replaces the rules that hold now; "
        "badges and levels stay."
    ),
    "begin.shop": "What we know of your shop",
    "begin.rests-on": "Paid orders: {orders} · customers: {people} · days: {days}.",
    "begin.counted-at": "Counted on",
    "begin.elsewhere.one": (
        "{n} order in another currency than {currency} is left out. A programme proposed here gives nothing "
        "for it; say a rate for its currency in the draft."
    ),
    "begin.elsewhere.other": (
        "{n} orders in other currencies than {currency} are left out. A programme proposed here gives nothing"
        " for them; say a rate for them in the draft."
    ),
    "begin.too-few": (
        "There are fewer than {least} paid orders here, too few to say what is usual in your shop. What follows "
        "is a guess from your currency: a usual order of {usual}. Read your past orders first, and it is your "
        "own number."
    ),
    "begin.short.one": (
        "Only {n} day is known here, so nobody can say what a customer spends in a year. Where tiers begin is"
        " reckoned from a usual order instead. Read your whole past, and it follows your own customers."
    ),
    "begin.short.other": (
        "Only {n} days are known here, so nobody can say what a customer spends in a year. Where tiers begin "
        "is reckoned from a usual order instead. Read your whole past, and it follows your own customers."
    ),
    "begin.few-people": (
        "Fewer than {least} customers are known here, too few for tiers that follow them. Where tiers begin is "
        "reckoned from a usual order."
    ),
    "begin.read-past": "Have your past orders read",
    "begin.share": "Share",
    "begin.share-row": "{share}% have at most",
    "begin.order-value": "An order",
    "begin.spent": "A customer’s year",
    "begin.times": "Orders of a customer in a year",
    "begin.chart": "What a customer spends in a year, in {currency}",
    "begin.count": "Count now",
    "begin.questions": "A few questions",
    "begin.name": "What is the programme called?",
    "begin.one": "One point is called",
    "begin.one-help": "Leave both empty, and they are points.",
    "begin.many": "Several are called",
    "begin.back": "How much shall shoppers get back?",
    "begin.back-low": "Little: {percent}",
    "begin.back-middle": "Usual: {percent}",
    "begin.back-high": "Much: {percent}",
    "begin.back-help": "Of what they pay, as rewards. Much of it is never used.",
    "begin.own": "Or another share, in percent",
    "begin.own-help": "From 0.5 to 20.",
    "begin.tiers": "Shall good customers get more?",
    "begin.tiers-0": "No, everybody gets the same",
    "begin.tiers-1": "Yes, one tier above everybody’s",
    "begin.tiers-2": "Yes, two tiers",
    "begin.tiers-3": "Yes, three tiers",
    "begin.tiers-help": "Higher tiers earn more for each order.",
    "begin.kinds": "What can points buy?",
    "begin.kind-amount": "Money off an order (a code)",
    "begin.kind-store_credit": "Store credit",
    "begin.kind-free_shipping": "Free shipping",
    "begin.besides": "What else gives points?",
    "begin.welcome": "Joining",
    "begin.birthday": "A birthday",
    "begin.birthday-help": (
        "The shop tells no birthday until an owner says where it keeps them: Connection, the shop, Settings."
    ),
    "begin.referral": "Bringing a friend, for both",
    "begin.propose": "Propose a programme",
    "begin.no-name": "Give it a name.",
    "begin.too-long": "At most 100 characters, please.",
    "begin.both-names": "Say both, one and several, or neither.",
    "begin.no-share": "Write a number from 0.5 to 20, with at most two decimal places.",
    "begin.no-tiers": "Choose one of these.",
    "begin.no-kinds": "Choose at least one.",
    "begin.proposed": "Proposed for your shop",
    "begin.usual": "Points for a usual order of {money}",
    "begin.first": "First reward, for {points}: after about {orders} usual orders",
    "begin.comes-back": (
        "Of what is paid for orders, at most so much comes back; points for joining, birthdays and friends come on top"
    ),
    "begin.comes-back-most": "In the highest tier",
    "begin.tier": "Tier",
    "begin.tier-from": "From spending in a year",
    "begin.tier-factor": "Points",
    "begin.tier-share": "Of your customers",
    "begin.everybody": "Everybody",
    "begin.about": "about {percent}",
    "begin.all-rules": "All rules, as shoppers read them",
    "begin.would-have": "What it would have given",
    "begin.rehearsed": (
        "Customers of yours, drawn by chance, who were walked through their orders as if all had taken part: "
        "{people}; days: {days}. The amounts are for all customers."
    ),
    "begin.cost": "Cost, if everybody takes money off as soon as they can ({share} of what they paid)",
    "begin.cost-most": "What all points given are worth ({share})",
    "begin.each": "Points of one customer on average",
    "begin.not-cause": (
        "It is a replay of what people did, without what a programme may change. Free shipping and gifts are not "
        "in the cost."
    ),
    "begin.nobody": "No customer is known here yet, so nothing could be replayed. Have your past orders read first.",
    "begin.best": "Those of them who spent most",
    "begin.orders": "Orders",
    "begin.paid": "Paid",
    "begin.points": "Points",
    "begin.last": "Your last orders",
    "begin.draft-text": "A draft changes nothing. You can edit it, try it again, and an owner publishes it.",
    "begin.try": "Try it on my past",
    "begin.draft": "Make a draft of it",
    "begin.not-you": "A manager or an owner tries it and makes a draft of it.",
    "begin.steps": "Until shoppers get points",
    "begin.step-shop": "Connect your shop",
    "begin.step-past": "Have its past orders read",
    "begin.step-rules": "Publish a programme that has rewards",
    "begin.step-balances": (
        "If members bring points from another programme: take them along, in WooCommerce under Belong, else "
        "through the API (POST /v1/imports/balances) with a key, or whoever runs this service does it"
    ),
    "begin.step-live": "Go live",
    "begin.done": "done",
    "said.begin-counted": "Counted.",
    "said.begin-counted-lately": "It was counted a moment ago, or takes long: the service counts it by itself.",
}
