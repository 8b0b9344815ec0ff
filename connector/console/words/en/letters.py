"""English: letters."""

WORDS = {
    "shell.activity": "Activity",
    "letters.title": "What was set aside",
    "letters.lead": "What could not be worked on waits here for a person, with the reason. Nothing of it is lost.",
    "letters.kinds": "Kinds",
    "letters.kind-delivery": "Messages of the shop",
    "letters.kind-work": "Undecided orders and activities",
    "letters.kind-push": "Points the shop did not take",
    "letters.kind-removal": "Erasures the shop refused",
    "letters.kind-union": "Customers not made one",
    "letters.kind-webhook": "Outgoing webhooks",
    "letters.kind-notice": "Mails that fail",
    "letters.kind-bulk": "Adjustments that failed",
    "letters.kind-credit": "Unclear store credit",
    "letters.what-delivery": "The shop sent these, and nobody could read them.",
    "letters.what-work": "Points may be owed for these, but deciding about them failed.",
    "letters.what-push": "What these members' accounts in the shop should show was refused by the shop for good.",
    "letters.what-removal": "The shop shall forget these people, and refused to.",
    "letters.what-union": "The shop made two customers one, and we could not do the same.",
    "letters.what-webhook": "An endpoint of yours did not take these in ten attempts.",
    "letters.what-notice": "Mails to members that failed five times. They are tried again by themselves.",
    "letters.what-bulk": "Members at whom an adjustment of a segment failed.",
    "letters.what-credit": "Nobody knows whether the shop gave this credit, or took it back.",
    "letters.none": "Nothing of this kind waits.",
    "letters.came": "Came",
    "letters.again": "Try again",
    "letters.again-many": "Try many again",
    "letters.again-text": (
        "Do this once the cause is cured. What fails again comes back here; doing it twice does no harm."
    ),
    "letters.again-all": "Try all {count} again",
    "letters.again-range": "Try them again",
    "letters.since": "That came from then on ({zone})",
    "letters.until": "That came before then ({zone})",
    "letters.time-text": "Left empty: all of them.",
    "letters.bad-time": "That is no date and time. Nothing has happened.",
    "letters.why": "Why it waits",
    "letters.whose": "Whose",
    "letters.member": "This member",
    "letters.cure": "What to do",
    "letters.cure-delivery": (
        "Cure the cause and try again, or skip it for a reason: the shop's next message or the nightly "
        "reading makes it good."
    ),
    "letters.cure-work": "Cure the cause and try again. It cannot be skipped: points may be owed.",
    "letters.cure-push": (
        "Cure the cause and try again, or skip it for a reason: the member's next change replaces it."
    ),
    "letters.cure-removal": (
        "Let the shop do it, then try again. It cannot be skipped: it was promised to an erased person."
    ),
    "letters.cure-union": "Cure the cause and try again. It cannot be skipped: two accounts stand for one person.",
    "letters.cure-webhook": "Cure your endpoint and try again, or skip it for a reason: the API says what holds now.",
    "letters.cure-notice": "Cure the mail server: it is tried every six hours, and at once if you press the button.",
    "letters.cure-bulk": (
        "Cure the cause and try again. It cannot be skipped: points are owed or are to be taken back."
    ),
    "letters.cure-credit": (
        "Look into the shop, then say what it did: belong credit settle {last}. It is not tried again, for "
        "that could give it twice."
    ),
    "letters.payload": "What came",
    "letters.no-payload": "Nothing that came from outside is kept with this.",
    "letters.unreadable": "This is no readable JSON: it is shown as it came.",
    "letters.cut": "The rest is not shown here.",
    "letters.masked": "What could name somebody is hidden; managers see it.",
    "letters.store": "What the shop says now",
    "letters.store-text": "Have the shop say what it knows of this order now, and compare.",
    "letters.ask": "Ask the shop",
    "letters.store-trouble": "The shop could not be asked.",
    "letters.store-none": "The shop has no such order (any more), or hides it for its age.",
    "letters.store-differs": "Fields that differ among those that both have: {count}",
    "letters.store-whole": "All that the shop says",
    "letters.field": "Field",
    "letters.then": "What came",
    "letters.now": "The shop now",
    "letters.same": "Equal?",
    "letters.differs": "≠ differs",
    "letters.equal": "= equal",
    "letters.skip": "Never try it again",
    "letters.skip-text": "Your reason is kept with your name.",
    "letters.reason": "Why?",
    "letters.skip-button": "Skip it",
    "letters.reason-missing": "Say why. Nothing has happened.",
    "letters.reason-long": "At most 500 characters, please. Nothing has happened.",
    "said.letter-again": "It is in line again.",
    "said.letters-again": "They are in line again.",
    "said.letters-none": "There was nothing to try again.",
    "said.letter-skipped": "It is skipped; your reason is kept.",
    "said.letter-gone": "It does not wait any more: it is in line again, or was skipped.",
}
