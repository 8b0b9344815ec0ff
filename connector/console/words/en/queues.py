"""English: queues."""

WORDS = {
    "shell.rewards": "Rewards",
    "shell.badges": "Badges",
    "shell.referrals": "Referrals",
    "queues.referrals": "Referrals to look at",
    "queues.referrals-text": (
        "These show signs that friend and referrer may be one person, or that many come at once. Nothing is "
        "paid until somebody decides."
    ),
    "queues.referrals-yes": "Let it pass",
    "queues.referrals-no": "Refuse it",
    "queues.awards": "Awards that wait for you",
    "queues.awards-text": "They rest mostly on votes that members gave each other. They count once somebody says so.",
    "queues.awards-yes": "It counts",
    "queues.awards-no": "It does not count",
    "queues.perks": "Rewards that you hand over yourself",
    "queues.perks-text": (
        "Members have paid points for these and wait. Where you refuse, the points come back and the member "
        "reads your reason."
    ),
    "queues.perks-yes": "It was given",
    "queues.perks-no": "It cannot be given",
    "queues.credits": "Store credit that is unclear",
    "queues.credits-text": (
        "The shop did not say whether it did it. Look at the customer's store credit in the shop; each line "
        "there has a number. Trying again unasked could give it twice."
    ),
    "queues.credits-yes": "The shop did it, with this number",
    "queues.credits-no": "The shop did not do it",
    "queues.transaction": "Number of the transaction in the shop, if it did",
    "queues.transaction-missing": "Say the number of the transaction, in digits. Nothing has happened.",
    "queues.credit-of-another": "That transaction belongs to another redemption. Nothing has happened.",
    "queues.reason": "Why? It is kept with your name",
    "queues.reason-missing": "Say why. Nothing has happened.",
    "queues.reason-long": "At most 500 characters, please. Nothing has happened.",
    "queues.referrer": "Who referred",
    "queues.friend": "The friend",
    "queues.member": "Member",
    "queues.customer": "Customer in the shop",
    "queues.score": "Weight of the signs",
    "queues.points": "Points",
    "queues.since": "Since",
    "queues.none": "Nothing waits for you here.",
    "queues.more": "Only the oldest {count} are listed; the next come once these are decided.",
    "queues.not-you": "Somebody with a higher role decides these.",
    "sign.same-address": "Both have the same mail address.",
    "sign.similar-address": "Their mail addresses differ only in how they are written.",
    "sign.same-payment": "Both paid with the same means.",
    "sign.same-phone": "Both have the same phone number.",
    "sign.same-household": "Both live at the same address.",
    "sign.same-device": "Both used the same device.",
    "sign.same-ip": "Both came from the same network address.",
    "sign.friend-not-new": "The friend bought before. Orders: {earlier_orders}.",
    "sign.many-on-one-day": "The referrer brought unusually many on one day.",
    "sign.many-from-one-ip": "Unusually many friends came from one network address.",
    "sign.votes-mutual": "Mutual votes: {mutual} of {received}.",
    "sign.year-limit-reached": "The referrer's limit for the year is reached.",
    "sign.credit-give": "The shop was asked to give it.",
    "sign.credit-take": "The shop was asked to take it back.",
    "said.queue-decided": "It is decided.",
    "said.queue-gone": "It does not wait any more: somebody was faster, or it ended. Nothing has happened.",
}
