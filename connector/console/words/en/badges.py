"""English: badges."""

WORDS = {
    "tab.badges": "Catalogue",
    "tab.boards": "Leaderboards",
    "badges.lead": "What members are recognised for, and who holds it now.",
    "badges.preview": "To change one, make a draft: it counts who would gain or lose a badge before anything is saved.",
    "badges.none": "The programme has no badges yet.",
    "badges.badge": "Badge",
    "badges.level": "Grade",
    "badges.criteria": "What it asks for",
    "badges.holders": "Hold it now",
    "badges.lately": "Got it in 30 days",
    "badges.members": "Members who hold it: {count}",
    "badges.repeats": "Can be had again and again",
    "badges.season": "Only from {first} until before {end}",
    "badges.hidden": "A secret until somebody holds it",
    "badges.keeps": "Stays once it was given",
    "badges.list": "Who holds it, the newest first",
    "badges.nobody": "Nobody holds it.",
    "boards.lead": (
        "As shoppers see them: only who asked to be on boards, under the name they chose or a pseudonym. "
        "Never of points or money."
    ),
    "boards.measure": "Of what",
    "boards.period": "When",
    "boards.rank": "Rank",
    "boards.name": "Shown as",
    "boards.taking-part": "On this board in all: {count}.",
    "boards.take": "Take a name off the boards",
    "boards.take-text": (
        "A pseudonym stands in its place at once here, and in shops within ten minutes. The member stays on "
        "boards, and may choose another name, not the same one again."
    ),
    "boards.take-name": "Name",
    "boards.take-do": "Take this name off",
    "said.name-taken": "The name is off the boards.",
    "boards.nobody": "Nobody who wants to be on boards has done any of this then.",
    "badges.elsewhere": (
        "Reviews, questions and answers are approved where they are written: in the shop or the app. "
        "What waits here is what only a person who knows the community can decide."
    ),
}
