"""Mail and page that link two accounts, in English."""

TEXTS = {
    "link.subject": "Link your {programme} accounts",
    "link.mail": (
        "Somebody who is signed in at {asking} asked to link the account at {asked} that has this address.\n\n"
        "If it was you, open this page within {minutes} minutes and type the code that {asking} shows you:\n{url}\n\n"
        "If it was not you, do nothing. Nothing will be linked."
    ),
    "link.title": "Link two accounts",
    "link.what": "Your account at {asked} and the one signed in at {asking} become one. Both shops then show it.",
    "link.yours": "Your account at {store}",
    "link.theirs": "The account at {store}",
    "link.together": "Together",
    "link.available": "Ready to spend",
    "link.balance": "In all",
    "link.once.one": "{n} award that both accounts have counts once.",
    "link.once.other": "{n} awards that both accounts have count once.",
    "link.warning": "Only type a code that you see in {asking} yourself. Whoever sends you one wants your {many}.",
    "link.code": "Code that {asking} shows",
    "link.button": "Link the accounts",
    "link.done": "The accounts are one now. {points} ready to spend.",
    "link.over": "This link does not work any more, or never did. Ask for a new one in the shop.",
    "link.wrong": "That is not the code. Look at the page where you asked for the link.",
    "link.not-possible": "These accounts cannot be linked now.",
    "link.merged-on": "This account was joined with another one since. Take that link back first, or ask the shop.",
    "link.spent": (
        "These accounts cannot be parted now: {points} of what came together are spent. Please ask the shop."
    ),
    "claim.subject": "Collect {many} for your orders at {store}",
    "claim.mail": (
        "Somebody who is signed in at {store} asked to collect {many} for orders that were placed with this address "
        "without an account.\n\n"
        "If it was you, open this page within {minutes} minutes and type the code that {store} shows you:\n{url}\n\n"
        "If it was not you, do nothing. The orders stay as they are."
    ),
    "claim.title": "Collect {many} for earlier orders",
    "claim.what.one": "{n} order placed with this address without an account goes to the account signed in at {store}.",
    "claim.what.other": (
        "{n} orders placed with this address without an account go to the account signed in at {store}."
    ),
    "claim.button": "Collect the {many}",
    "claim.done.one": "{n} order is yours now. Its {many} appear in the shop in a moment.",
    "claim.done.other": "{n} orders are yours now. Their {many} appear in the shop in a moment.",
    "claim.not-possible": "These orders cannot be collected now.",
}
