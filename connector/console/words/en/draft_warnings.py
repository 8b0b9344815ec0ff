"""English: what looks mistaken in a programme, and why a version cannot begin then."""

WORDS = {
    "warning.nothing-earned": "No rule gives points: let orders or an activity give some.",
    "warning.earning-over": "Earning ends before this version begins.",
    "warning.rule-over": "The rule ends before this version begins.",
    "warning.more-back-than-paid": "{percent} of what is paid would come back: more than was paid.",
    "warning.generous": "{percent} of what is paid would come back. Is that meant?",
    "warning.spend-not-counted": "What is spent in {currency} counts for no tier: say what one {currency} is worth.",
    "warning.needs-cart": (
        "No store can cap a percentage: it is had only on a page that passes its cart, as that amount."
    ),
    "warning.not-in-this-store": "No connected shop can give it: nobody can redeem it, and no points are taken.",
    "warning.cannot-be-earned-yet": (
        "It cannot be earned yet, and shoppers are not told of it: nothing connected reports this ({missing})."
    ),
    "warning.birthdays-unknown": (
        "Nobody can get it: no shop says where it keeps birthdays, and no member’s is known. A shop’s settings name "
        "the field, a member’s page (Who it is) sets one birthday, and the API sets many."
    ),
    "warning.not-written": (
        "It is not written: {points} stands for it. After a refund so many points may be owed, which later "
        "ones repay; more is written off. Write 0 to write off everything that was spent."
    ),
    "warning.shop-unknown": "The shop does not know {what} yet: {value} stands for it.",
    "warning.average-order": "its average order",
    "warning.about": "{thing}, {field}",
    "warning.mend": "Whatever is to be mended is mended in a draft.",
    "warning.to-drafts": "To the drafts",
    "editor.start-past": "A version begins now or later, never in the past.",
    "editor.start-far": "A version begins within {days} days. Publish later what is planned for later.",
    "editor.start-planned": (
        "Version {version} begins at {at}. Write that time, and your draft replaces it; or write a later one."
    ),
    "start.shop-silent": "Your shop did not answer as needed, so this could not be tried. It said:",
}
