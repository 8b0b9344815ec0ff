"""English: signing in and joining."""

WORDS = {
    "sign-in.title": "Sign in",
    "sign-in.address": "Mail address",
    "sign-in.password": "Password",
    "sign-in.button": "Sign in",
    "sign-in.wrong": (
        "That did not work. The address or the password is wrong, or there were too many attempts: then wait a "
        "quarter of an hour."
    ),
    "sign-in.old": "This page was open for too long. Please try again.",
    "sign-in.shop": "I come from a shop",
    "sign-in.shop-text": (
        "Open Belong from your shop's administration: in WordPress under WooCommerce, in Shopify under Apps. The "
        "shop says who you are; you need no password here."
    ),
    "sign-in.lost": "I cannot sign in any more",
    "sign-in.lost-text": (
        "An owner of your programme can give you an address with which you choose another password, under "
        "Settings, People. Owners ask whoever runs this service: belong people reset."
    ),
    "sign-in.name": "Your name",
    "sign-in.new-password": "Password",
    "sign-in.again": "The same password again",
    "sign-in.language": "Language",
    "sign-in.password-help": "At least {least} characters. A few words in a row are easy to keep in mind.",
    "sign-in.look": "Something is missing. Nothing has happened yet.",
    "sign-in.first.title": "Set up Belong",
    "sign-in.first.text": "You become the owner. This page works once.",
    "sign-in.first.button": "Become the owner",
    "sign-in.join.title": "You have been invited",
    "sign-in.join.text": "Choose how you sign in from now on. This page works once.",
    "sign-in.join.button": "Join",
    "sign-in.reset.title": "Choose another password",
    "sign-in.reset.text": "Afterwards you are signed out everywhere, and sign in with the new one.",
    "sign-in.reset.button": "Take this password",
    "sign-in.programme": "Your programme",
    "sign-in.programme-text": "What members get points in. Its rules can be changed later.",
    "sign-in.programme-name": "Name of the programme",
    "sign-in.currency": "Currency of your shop",
    "sign-in.currency-help": "Three letters, such as EUR. It stays as it is.",
    "sign-in.zone": "Time zone",
    "sign-in.zone-help": "Such as Europe/Berlin. It decides on which day something happens.",
    "sign-in.problem-short": "This password is too short: at least {least} characters.",
    "sign-in.problem-long": "This password is too long.",
    "sign-in.problem-plain": "This password repeats the same few characters.",
    "sign-in.problem-named": "This password is made of names that anybody would try first.",
    "sign-in.problem-again": "The two passwords differ.",
    "sign-in.problem-name": "Write your name, with at most 100 characters.",
    "sign-in.problem-address": "Write a mail address, such as ada@shop.example.",
    "sign-in.problem-taken": "This address cannot be used here. Take another one.",
    "sign-in.problem-programme": "Write a name, with at most 100 characters.",
    "sign-in.problem-currency": "There is no such currency.",
    "sign-in.problem-zone": "There is no such time zone.",
    "sign-in.mail-join-subject": "{programme}: you have been invited",
    "sign-in.mail-join": (
        "With this address you join the console of {programme} in Belong. It works once, until {until}."
    ),
    "sign-in.mail-reset-subject": "{programme}: choose another password",
    "sign-in.mail-reset": (
        "With this address you choose another password for the console of {programme} in Belong. It works once, "
        "until {until}. If you did not ask for it, leave it: your password stays."
    ),
    "join-over.title": "This address has been used, or is too old",
    "join-over.text": "It works once. Ask whoever gave it to you for another one.",
}
