"""English: editor."""

WORDS = {
    "shell.programme": "Programme",
    "editor.paused": "stands still",
    "editor.live": "live",
    "editor.in-force": "Version {version} holds now.",
    "editor.planned": "Version {version} begins later:",
    "editor.look": "Look at it",
    "editor.look-or-withdraw": "Look at it, or withdraw it",
    "editor.no-birthdays": (
        "The programme gives points for birthdays, and nobody can get them: no shop says where it keeps "
        "birthdays, and no member’s is known. A shop’s settings name the field, a member’s page (Who it is) sets "
        "one birthday, and the API sets many."
    ),
    "editor.no-birthdays-link": "To the settings of the shop",
    "editor.drafts": "Drafts",
    "editor.drafts-text": (
        "Every change begins as a draft. It is checked, compared and tried, and changes nothing until the "
        "owner publishes it."
    ),
    "editor.saved-by": "Saved by {who}",
    "editor.no-drafts": "There is no draft.",
    "editor.from-now": "The programme as it is (version {version})",
    "editor.origin": "Take it from",
    "editor.origin-help": (
        "A template takes its currency, time zone and tier thresholds from your shop: from what your own "
        "customers spend."
    ),
    "editor.name": "Name of the draft",
    "editor.begin": "Begin a draft",
    "editor.rules": "The rules, as your shoppers read them",
    "editor.warnings": "Worth a look",
    "editor.changes": "What was done, and why",
    "editor.did-publish": "Version {version} was published",
    "editor.did-wind-down": "Version {version}, which ends the programme, was published",
    "editor.did-withdraw": "Version {version} was withdrawn before it began",
    "editor.did-correct": "Version {wrong} was corrected by version {right}",
    "editor.did-pause": "Paused",
    "editor.did-resume": "Went on",
    "editor.begins": "Begins",
    "editor.was-to-begin": "Was to begin",
    "editor.withdrawn": "withdrawn",
    "editor.is-planned": "planned",
    "editor.withdrawn-by": "It never begins. Withdrawn by",
    "editor.withdraw": "Withdraw this version",
    "editor.withdraw-never": "Version {version} never begins. Version {instead} holds instead.",
    "editor.withdraw-kept": (
        "Nothing is deleted: it stays here and in the history, with your name and reason. No points change."
    ),
    "editor.withdraw-told": "Members who were written to about its rules are written to that they do not come.",
    "editor.withdraw-told-end": "Members may have been told of the end already. Tell them yourself that it is off.",
    "editor.withdraw-late": (
        "This can be done until a minute before it begins, and cannot be undone: to bring it back, publish it again."
    ),
    "editor.withdraw-button": "Withdraw version {version}",
    "editor.pause": "Pause the programme",
    "editor.pause-text": (
        "Orders are kept and nothing is decided: no points are given, spent or ended until it goes on. Paused "
        "time does not count."
    ),
    "editor.resume": "Let the programme go on",
    "editor.resume-text": "All that waited is decided.",
    "editor.over": "The pause is over",
    "editor.over-left.one": "{n} member's points are still to be looked at.",
    "editor.over-left.other": "Points of {n} members are still to be looked at.",
    "editor.over-text": (
        "Paused time does not count: points end later by it already. Shops are told one member after the other; you "
        "can leave this page."
    ),
    "editor.reason": "Reason",
    "editor.version": "Version {version}",
    "editor.now": "holds now",
    "editor.draft-of-this": "Make a draft of this version",
    "editor.back-to": "Back to version {version}",
    "editor.against-before": "What it changed",
    "editor.to-programme": "To the programme",
    "editor.no-words-change": "No sentence of the rules changes, but settings do:",
    "editor.no-change": "Nothing changes.",
    "editor.places": "Settings that differ: {count}",
    "editor.draft-lead": "A draft. It began from version {base}, and changes nothing.",
    "editor.base-old": (
        "This draft began from version {base}; version {latest} was published since. Look at what it would take back."
    ),
    "editor.meanwhile": (
        "Nothing was saved: this draft was changed meanwhile, by {who}. Below is what you typed. Saving "
        "again replaces theirs."
    ),
    "editor.theirs": "What they saved",
    "editor.usable": "Can it be used?",
    "editor.not-usable": "Not yet",
    "editor.is-usable": "Yes, it can be published.",
    "editor.hundred.one": "An order of 100 {currency} brings {n} point; {percent} comes back at most.",
    "editor.hundred.other": "An order of 100 {currency} brings {n} points; {percent} comes back at most.",
    "editor.against-now": "What it changes",
    "editor.effect": "Who moves",
    "editor.looked-at.one": "{n} member was looked at, with the code that decides later.",
    "editor.looked-at.other": "{n} members were looked at, with the code that decides later.",
    "editor.tiers-move": "Tiers. Move up: {up}; move down: {down}; set by hand, so they stay: {locked}.",
    "editor.badge-moves": "Would earn it: {earned}; would lose it: {lost}; would wait for a person: {waiting}.",
    "editor.moves-nobody": "Tiers and badges stay as they are, so nobody moves.",
    "editor.effect-text": "Before you publish: who would change tier, and who would earn or lose a badge?",
    "editor.effect-button": "Look at all members",
    "editor.effect-waits": "It begins in a moment.",
    "editor.effect-runs": (
        "Members are looked at one after another. You can leave this page: what is found stays with the draft."
    ),
    "editor.effect-old": (
        "Since members were looked at, the draft, its start or the programme has changed, or a day has passed."
    ),
    "editor.stop-busy": "Nothing was published: others of your previews are worked out first. Try again in a minute.",
    "editor.stop-runs": (
        "Nothing was published yet: who would lose something is being worked out. Look at it above, and publish then."
    ),
    "editor.stop-broke": "Nothing was published: who would move could not be worked out. Try again.",
    "editor.stop-sure": (
        "Nothing was published yet: look above at who would lose something, and say that you have seen it."
    ),
    "editor.publish": "Publish",
    "editor.starts": "Begins",
    "editor.starts-help": "Local time of {zone}. Empty: now. Orders paid before keep their version.",
    "editor.tells": "Tell members by mail",
    "editor.tells-help": "They read the day, and the sentences that change.",
    "editor.sure": "I have seen who would lose something, and publish it all the same.",
    "editor.owner-publishes": "The owner publishes drafts.",
    "editor.document": "The document",
    "editor.text": "Settings",
    "editor.text-help": "JSON, or TOML as docs/programme.md shows it. What cannot be used yet is kept, too.",
    "editor.save": "Save the draft",
    "editor.drop": "Delete the draft",
    "editor.trial": "What if it had held?",
    "editor.trial-text": (
        "Your shop's own orders of the past, under the programme of today and under this draft: what both "
        "would have given, who would win and lose, and what you would owe."
    ),
    "editor.trial-button": "Try it on the past",
    "editor.trial-runs.one": "{done} of {n} member",
    "editor.trial-runs.other": "{done} of {n} members",
    "editor.trial-look": "Look again",
    "editor.trial-first": (
        "Your programme has given nothing yet, so everybody is taken to have taken part from their first order."
    ),
    "editor.trial-old": "The draft was changed since this was worked out.",
    "editor.trial-broke": "It broke off. Try again.",
    "editor.trial-sample": "{members} of {all} members, drawn by chance; sums are theirs alone.",
    "editor.trial-whole.one": "{n} member: there are no others.",
    "editor.trial-whole.other": "All {n} members.",
    "editor.trial-cannot": (
        "Nobody knows what people would have done under other rules; this replays what they did, and takes "
        "each reward as soon as it could be had: the most that the past allows."
    ),
    "editor.trial-what": "Over all",
    "editor.trial-now": "Today's programme",
    "editor.trial-draft": "This draft",
    "editor.trial-earned": "Points given",
    "editor.trial-open": "Points open at the end",
    "editor.trial-worth": "Worth of them",
    "editor.trial-cost": "What rewards would have cost",
    "editor.trial-more.one": "{n} member would have more: {points} in all",
    "editor.trial-more.other": "{n} members would have more: {points} in all",
    "editor.trial-less.one": "{n} member would have less: {points} in all",
    "editor.trial-less.other": "{n} members would have less: {points} in all",
    "editor.trial-same.one": "{n} member would have the same",
    "editor.trial-same.other": "{n} members would have the same",
    "editor.trial-curve": "Worth of open points, month by month",
    "editor.trial-moved": "Members who win or lose most",
    "said.draft-begun": "The draft is there. Nothing has changed yet.",
    "said.draft-saved": "The draft is saved. Nothing has changed yet.",
    "said.draft-dropped": "The draft is deleted.",
    "said.drafts-full": "There are a hundred drafts. Delete some first.",
    "said.published": "The version is published.",
    "said.paused": "The programme stands still.",
    "said.resumed": "The programme goes on.",
    "said.version-gone": "The version is withdrawn: it never begins.",
    "said.version-began": (
        "Nothing has happened: this version has begun, or begins within a minute. Publish what shall hold instead."
    ),
    "said.version-withdrawn": "Nothing has happened: this version was withdrawn already.",
    "said.version-corrects": "Nothing has happened: a past interval counts under this version, by a correction.",
    "said.version-used": "Nothing has happened: an order is dated after its beginning and was decided under it.",
    "said.needs-reason": "Nothing has happened: write a reason.",
    "said.trial-begun": "It is being worked out.",
    "said.trial-busy": "Another one is being worked out. Wait for it.",
    "said.published-later": "The version is published, and begins later: look below when.",
    "said.publish-over": ("This draft is not there any more: it was published or deleted. What holds stands below."),
    "editor.planned-first": (
        "Version {version} is published already and begins at {at}. This draft can begin then "
        "at the earliest, and then replaces it."
    ),
    "editor.overtaken": (
        "Nothing was published: version {latest} has come since you opened this page. Look at what "
        "your draft would take back, and publish again."
    ),
}
