"""English: ledger."""

WORDS = {
    "said.check-begun": "The books are being checked.",
    "said.check-running": "A check is under way already.",
    "ledger.lead": "Every point that was ever given, spent or ended, day by day, and what is owed now.",
    "ledger.check": "Do the books hold together?",
    "ledger.check-text": (
        "A check works out every balance, lot, tier and badge again from the orders and rules alone, by "
        "other code than that which gave them. It runs each night."
    ),
    "ledger.progress": "{done} of {total} looked at",
    "ledger.look": "Look again",
    "ledger.looked-at": "Worked out again: {members} and {entries}.",
    "ledger.member": "This member",
    "ledger.elsewhere.one": (
        "{n} difference has no programme that could be told; whoever runs this service must look (belong verify)."
    ),
    "ledger.elsewhere.other": (
        "{n} differences have no programme that could be told; whoever runs this service must look (belong verify)."
    ),
    "ledger.check-button": "Check now",
    "ledger.match": "Do the books match the shop?",
    "ledger.owed": "What you owe your members",
    "ledger.points": "Open points",
    "ledger.worth": "Worth at most",
    "ledger.owe": "Owed by members",
    "ledger.ended": "Ended, not yet written off",
    "ledger.ages": "Open points by age",
    "ledger.span": "{first} to {last} days",
    "ledger.from": "{first} days and more",
    "ledger.days": "Closed days",
    "ledger.csv": "Take them as a file (CSV)",
    "ledger.days-text": (
        "A closed day never changes: what comes late is booked on the next open day. Each root is worked "
        "out from the day before, so that no day can be altered unseen."
    ),
    "ledger.day": "Day",
    "ledger.opening": "At the beginning",
    "ledger.credits": "In",
    "ledger.debits": "Out",
    "ledger.adjusted": "By hand",
    "ledger.closing": "At the end",
    "ledger.value": "Worth",
    "ledger.root": "Root",
    "ledger.no-days": "No day is closed yet.",
}
