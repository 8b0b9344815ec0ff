"""English: editor."""

WORDS = {
    "shell.programme": "Programme",
    "editor.paused": "stands still",
    "editor.live": "live",
    "editor.in-force": "Version {version} holds now.",
    "editor.planned": "Version {version} begins later:",
    "editor.look": "Look at it",
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
    "editor.did-correct": "Version {wrong} was corrected by version {right}",
    "editor.did-pause": "Paused",
    "editor.did-resume": "Went on",
    "editor.begins": "Begins",
    "editor.pause": "Pause the programme",
    "editor.pause-text": (
        "Orders are kept and nothing is decided: no points are given, spent or ended until it goes on. Paused "
        "time does not count."
    ),
    "editor.resume": "Let the programme go on",
    "editor.resume-text": "All that waited is decided.",
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
    "editor.hundred": "An order of 100 {currency} brings {points} points; {percent} comes back at most.",
    "editor.against-now": "What it changes",
    "editor.effect": "Who moves",
    "editor.looked-at": "{count} members were looked at, with the code that decides later.",
    "editor.tiers-move": "Tiers: {up} move up, {down} move down; {locked} were set by hand and stay.",
    "editor.badge-moves": "{earned} would earn it, {lost} would lose it, {waiting} would wait for a person.",
    "editor.moves-nobody": "Tiers and badges stay as they are, so nobody moves.",
    "editor.effect-text": "Before you publish: who would change tier, and who would earn or lose a badge?",
    "editor.effect-button": "Look at all members",
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
    "editor.trial-runs": "{done} of {total} members",
    "editor.trial-look": "Look again",
    "editor.trial-old": "The draft was changed since this was worked out.",
    "editor.trial-broke": "It broke off. Try again.",
    "editor.trial-sample": "{members} of {all} members, drawn by chance; sums are theirs alone.",
    "editor.trial-whole": "All {members} members.",
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
    "editor.trial-more": "members would have more: {points} points in all",
    "editor.trial-less": "members would have less: {points} points in all",
    "editor.trial-same": "members would have the same",
    "editor.trial-curve": "Worth of open points, month by month",
    "editor.trial-moved": "Members who win or lose most",
    "said.draft-begun": "The draft is there. Nothing has changed yet.",
    "said.draft-saved": "The draft is saved. Nothing has changed yet.",
    "said.draft-dropped": "The draft is deleted.",
    "said.drafts-full": "There are a hundred drafts. Delete some first.",
    "said.published": "The version is published.",
    "said.paused": "The programme stands still.",
    "said.resumed": "The programme goes on.",
    "said.needs-reason": "Nothing has happened: write a reason.",
    "said.trial-begun": "It is being worked out.",
    "said.trial-busy": "Another one is being worked out. Wait for it.",
}
