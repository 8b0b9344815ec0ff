"""English: books."""

WORDS = {
    "books.title": "Do the books match the shop?",
    "books.as-of": "As of {at}",
    "books.nothing": "No shop is connected yet.",
    "books.match": "Yes, the books match the shop.",
    "books.repairing": "Almost: differences were found and are being repaired.",
    "books.differ": "No, and a person must look.",
    "books.unknown": "Nobody knows yet: the last 90 days were never read to the end.",
    "books.read": "Last read whole",
    "books.read-at": "{at}",
    "books.never": "never",
    "books.shown": "Orders the shop showed",
    "books.known": "Orders in our books",
    "books.waiting": "On their way into the books",
    "books.unreadable": "Messages nobody could read",
    "books.broke-off": "The last reading broke off: {problem}",
    "books.brake": "The brake is on",
    "books.held.one": (
        "{n} difference would take points or codes from members at once, although the shop names no later "
        "change. Nothing is taken until somebody says that the shop is right. Found first on {at}."
    ),
    "books.held.other": (
        "{n} differences would take points or codes from members at once, although the shop names no later "
        "change. Nothing is taken until somebody says that the shop is right. Found first on {at}."
    ),
    "books.let-go": "If the shop is right, let them go:",
    "books.cure": (
        "If the shop is wrong (restored from an old copy, say), repair it: the next nightly reading ends this."
    ),
    "books.none": "No difference was found in the last 90 days.",
    "books.caption": "Differences, newest first",
    "books.more": "Only the newest {count} are listed.",
    "books.order": "Order, code or member",
    "books.found": "Found",
    "books.what": "What",
    "books.ours": "Our books",
    "books.theirs": "The shop",
    "books.done": "What was done",
    "books.given-back": "{amount} given back",
    "books.code": "code {code}",
    "books.version": "version {version}",
    "books.has-nothing": "nothing",
    "books.by": "by {who}: {why}",
    "difference.missing": "The shop has it, we had not heard of it",
    "difference.stale": "It changed in the shop without our knowing",
    "difference.extra": "The shop says it has no such order",
    "difference.amount-diff": "Books and shop say different things",
    "difference.orphan-voucher": "Code and redemption do not belong together: one is without the other",
    "difference.missing-snapshot": "The shop lost what it shows a member",
    "difference.stale-snapshot": "The shop shows a member something else",
    "done.repaired": "Repaired",
    "done.asked": "The shop was asked again, and its answer holds",
    "done.held": "Held: a person must decide",
    "done.released": "Let go",
    "done.seen-again": "A later reading speaks for it",
}
