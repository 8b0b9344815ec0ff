"""English: shell."""

WORDS = {
    "shell.skip": "To the content",
    "shell.navigation": "Parts of the console",
    "shell.connection": "Connection",
    "shell.members": "Members",
    "shell.books": "Books",
    "shell.who": "{name} ({role})",
    "shell.sign-out": "Sign out",
    "role.owner": "owner",
    "role.manager": "manager",
    "role.support": "support",
    "role.read-only": "read only",
    "out.title": "You are not signed in",
    "out.text": (
        "Open Belong again from your shop's administration. If this page comes every time, your browser "
        "keeps no cookies in a frame: open Belong in a new tab there."
    ),
    "over.title": "This address has been used, or is too old",
    "over.text": "It works once, within a minute. Open Belong again from your shop's administration.",
    "left.title": "You have signed out",
    "left.text": "To come back, open Belong from your shop's administration.",
    "refused.title": "Your role may not do this",
    "refused.text": (
        "Nothing has happened. You are signed in as: {role}. The owner of the shop can do this, or give you "
        "another role in the shop."
    ),
    "old-form.title": "This page was too old",
    "old-form.text": "Nothing has happened. Go back, load the page again, and repeat what you did.",
    "formless.title": "Nothing to see at this address",
    "formless.text": (
        "It takes what a form of another page sends, and nothing was sent now: perhaps you were signed "
        "out meanwhile, or the page was loaded again. Nothing has happened."
    ),
    "shell.go-on": "Go on from here",
    "missing.title": "There is no such page",
    "missing.text": "Perhaps it belongs to another programme, or never existed.",
    "later.title": "That did not work just now",
    "later.text": "Nothing has happened. Please try again in a minute.",
    "embedded.wait": "One moment …",
    "embedded.failed": "That did not work. Try again.",
    "unproven.title": "Open the app in Shopify",
    "unproven.text": "Nothing shows which shop this is. Open the app in your Shopify admin, under Apps.",
    "not-set-up.title": "Something is missing",
    "not-set-up.text": "The shop could not be connected. Whoever runs this service must look:",
    "shell.start": "Start",
    "shell.privacy": "Data requests",
    "shell.menu": "Menu",
    "shell.home": "Home",
    "shell.pages": "More rows",
    "shell.first": "Back to the first",
    "shell.next": "Show more",
    "chart.empty": "Nothing to draw yet.",
    "chart.numbers": "The numbers",
    "chart.at": "At",
    "busy.title": "Not now",
    "busy.text": "It is so already, or somebody else is at it. Go back, load the page again and look.",
    "large.title": "That was too much",
    "large.text": "Nothing was kept: what you sent is longer than this form takes.",
    "unfit.title": "That cannot be done",
    "unfit.text": (
        "Nothing was done: what was asked for does not fit with how things are. Go back and load the page again."
    ),
    "broke.title": "Something broke",
    "broke.text": (
        "Go back, load the page again and look whether it was done before you repeat it. Whoever "
        "runs this service finds the cause in its log."
    ),
    "shell.typed": "What you had written, to be copied:",
    "count.members.one": "{n} member",
    "count.members.other": "{n} members",
    "count.entries.one": "{n} entry",
    "count.entries.other": "{n} entries",
    "count.points.one": "{n} point",
    "count.points.other": "{n} points",
}
