"""English: connection."""

WORDS = {
    "connection.programme": "Programme: {name}, version {version}",
    "connection.works": "Everything works.",
    "connection.broken": "Something needs you.",
    "connection.ended": "This shop is disconnected.",
    "connection.ended-at": "Disconnected since",
    "connection.come-back": "Points stay here; connect the shop again to go on.",
    "connection.to-do": "What to do",
    "connection.answers": "The shop answers.",
    "connection.lacks-credit": "A reward of your programme is store credit, and Shopify has not "
    "allowed it yet: until then nobody can have it.",
    "connection.allow": "Allow store credit",
    "connection.rests": "The shop does not answer us. We ask it again now and then, at least every quarter of an hour; "
    "what it is to show waits, and nothing is lost. Since:",
    "connection.silent": "The shop does not answer. It fetches what it shows by its own calls.",
    "connection.quiet": "The shop has been quiet for longer than usual (at most {hours} hours). Last heard:",
    "connection.missed.one": "In the last day, {n} order was found only by reading the shop: it did not tell us of it.",
    "connection.missed.other": (
        "In the last day, {n} orders were found only by reading the shop: it did not tell us of them."
    ),
    "connection.queue-late": (
        "Changes have waited in the shop for more than fifteen minutes. Perhaps its background jobs "
        "(WP-Cron) stand still."
    ),
    "connection.unreadable.one": "{n} message could not be read and was set aside.",
    "connection.unreadable.other": "{n} messages could not be read and were set aside.",
    "connection.since": "Connected since",
    "connection.heard": "Last message of the shop",
    "connection.never": "never",
    "connection.queue": "Waiting in the shop",
    "connection.oldest": "since",
    "connection.waiting": "Waiting here",
    "connection.reach": "How the shop hears of points",
    "connection.reach-push": "We call its plugin, within seconds.",
    "connection.reach-collect": "It asks every minute: we cannot call it.",
    "connection.reach-api": "By the interface of its platform.",
    "connection.failing": "no answer since",
    "connection.books": "Books and shop",
    "connection.past": "Orders from before",
    "connection.run-running": "being read",
    "connection.run-paused": "reading is paused",
    "connection.run-failed": "reading stands still",
    "connection.run-done": "read",
    "connection.run-replaced": "begun anew",
    "connection.run-none": "not read",
    "connection.read": "{read} so far",
    "connection.read-of": "{read} of {total}",
    "connection.versions": "Versions in the shop",
    "connection.zip": "Plugin to install",
    "connection.outdated": (
        "The shop has version {installed} of our plugin, and {here} is here. Download it below and upload it in the "
        "shop (Plugins > Add New > Upload Plugin); connection, settings and points stay."
    ),
    "connection.ask": "Call the shop now",
    "join.title": "Connect a WooCommerce shop",
    "join.text": (
        "A shop joins this programme with a pairing code: a new one, one that comes back, or one that shall have "
        "new keys. No keys are copied."
    ),
    "join.install": "In the shop, upload the plugin (Plugins > Add New > Upload Plugin) and activate it:",
    "join.no-zip": "Its files are not beside this service; whoever runs it has the zip.",
    "join.make": "Make a pairing code here.",
    "join.paste": "In the shop, open WooCommerce > Belong, paste the code and press Connect, within {minutes} minutes.",
    "join.look": "See whether the shop has joined: it then stands on this page.",
    "join.button": "Make a pairing code",
    "join.another": "Make another code",
    "join.owner": "Only the owner can make a pairing code.",
    "join.made": "The pairing code is made.",
    "join.until": "It is good for {minutes} minutes and for one shop, until {at}.",
    "join.once": "It is shown only now. Whoever has it can join this programme with a shop, so give it to nobody else.",
    "join.code": "Pairing code",
    "join.leads": "The code holds the address of this service, where the shop must be able to reach it:",
}
