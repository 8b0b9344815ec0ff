"""English: referrals."""

WORDS = {
    "tab.referrals": "How far they come",
    "tab.list": "All referrals",
    "funnel.codes": "Members with a code",
    "funnel.joined": "Friends who joined",
    "funnel.qualified": "Ordered enough",
    "funnel.completed": "Rewarded",
    "funnel.review": "In review",
    "funnel.refused": "Refused",
    "funnel.void": "Void: the order went back",
    "funnel.chart": "Friends by the month in which they came",
    "funnel.text": (
        "Each friend is counted in the month in which they came with a code, with what has become of it "
        "since. Who only looked at a link is not counted: nothing is kept of them."
    ),
    "funnel.month": "Month",
    "funnel.signs": "Signs and reasons",
    "funnel.sign": "Sign or reason",
    "funnel.with-it": "Referrals with it",
    "funnel.no-signs": "No referral has shown any.",
    "funnel.list": "All referrals, the newest first",
    "funnel.joined-on": "Joined",
    "funnel.order": "Order that counts",
    "funnel.none": "There are no such referrals.",
    "funnel.friend-not-new": "The friend bought before.",
    "funnel.self-referral": "Somebody used their own code.",
    "funnel.ring-of-referrals": "A ring: the friend had brought the referrer.",
    "funnel.refused-by-hand": "A person refused it.",
    "funnel.order-gone": "The order that counted is gone.",
    "funnel.order-called-off": "The order was called off.",
    "funnel.order-refunded": "Too much of the order was refunded.",
}
