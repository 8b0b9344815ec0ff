"""English: own_texts."""

WORDS = {
    "settings.programme": "Languages and time zone",
    "settings.programme-text": (
        "What your programme and its points are called, in each language, and what time it goes by."
    ),
    "own.lead": (
        "Shoppers read the programme in the language that their shop says. What is not written in it, they read "
        "in English."
    ),
    "own.fixed": "What stays",
    "own.zone": "Time zone",
    "own.now": "there it is now",
    "own.currency": "Base currency",
    "own.fixed-text": "Both cannot change any more: books and spending are counted in them.",
    "own.you": "Your own language you choose under “You”.",
    "own.written": "What is written in which language",
    "own.written-of": "Names written, of {count}",
    "own.written-text": (
        "Names of tiers, badges, levels, rewards and rules, and their texts. Those that lack are written in the "
        "programme's document."
    ),
    "own.language": "Language",
    "own.names": "Names",
    "own.name": "Name of the programme",
    "own.one": "One is called ({language})",
    "own.many": "Many are called ({language})",
    "own.points": "What points are called",
    "own.points-help": "English is needed. A language that you leave empty keeps the usual word.",
    "own.draft": "Make a draft of it",
    "own.draft-text": "Nothing changes until the owner publishes the draft.",
    "own.draft-name": "Names and languages",
    "own.problem": "This cannot be used yet. Nothing has happened.",
    "own.unchanged": "Nothing differs from what holds now.",
}
