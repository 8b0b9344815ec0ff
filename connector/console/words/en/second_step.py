"""English: the second step of signing in."""

WORDS = {
    "second.title": "Second step",
    "second.lead": (
        "Besides your password, signing in then takes a code that your phone makes. Whoever learns your password "
        "alone does not get in."
    ),
    "second.must": "Your programme asks everybody for the second step. Set it up to go on.",
    "second.on": "On since",
    "second.off": "The second step is off.",
    "second.look": "Codes, turning off",
    "second.set-up": "Set it up",
    "second.begin-text": "You need an authenticator: an app on your phone, or your password manager.",
    "second.scan": "Let your authenticator read this",
    "second.scan-text": "Scan this picture with it.",
    "second.picture": "QR code for your authenticator",
    "second.by-hand": "Or type this secret there:",
    "second.type": "Then type the code that it shows, here.",
    "second.confirm": "Turn it on",
    "second.code-title": "Second step",
    "second.code": "Code",
    "second.code-help": "Six digits of your authenticator, or one of the codes that you wrote down.",
    "second.wrong": (
        "That did not work. The code is wrong or was used, or there were too many attempts: then wait a quarter "
        "of an hour."
    ),
    "second.lost": "I have lost my phone",
    "second.lost-text": (
        "Type one of the ten codes that you wrote down; each works once. If they are gone too, an owner can turn "
        "the second step off for you; owners ask whoever runs this service: belong people totp-off."
    ),
    "second.codes": "Codes for a lost phone",
    "second.codes-text": (
        "Write these down, or print them: they are shown only now. Each stands in for your phone once."
    ),
    "second.go-on": "I have written them down",
    "second.left": "Codes for a lost phone that are left: {count}.",
    "second.renew": "New codes",
    "second.turn-off": "Turn it off",
    "people.second": "second step",
    "people.second-off": "Second step off",
    "people.second-needed": "Everybody who signs in here needs it. Whoever has none sets it up before anything else.",
    "people.second-free": "Everybody may set it up for themselves. You can ask it of all.",
    "people.second-need": "Ask it of everybody",
    "people.second-release": "Leave it to each",
    "said.second-off": "The second step is off.",
    "said.second-needed": "From now on everybody needs the second step.",
    "said.second-free": "The second step is left to each.",
}
