"""English: shop."""

WORDS = {
    "shop.all": "All shops",
    "shop.not-done": "Nothing has happened.",
    "shop.kept": "They are kept, but the shop cannot be asked with them:",
    "shop.dry": "A try",
    "shop.real": "Reading into the books",
    "shop.about": "about {percent} %",
    "shop.read": "Orders read",
    "shop.new": "New to the books",
    "shop.known": "Known already",
    "shop.differing": "on {count} of them the shop says something else; the nightly reading sees to it",
    "shop.rate": "Orders a minute",
    "shop.left": "Minutes left, about",
    "shop.made": "Made between",
    "shop.began": "Begun",
    "shop.ended": "Ended",
    "shop.hidden": "The shop may hide orders from us that were made before {day}.",
    "shop.would": (
        "Customers with orders that the books lack: {customers}. These would earn {points}, worth {worth} "
        "{currency} with the smallest reward."
    ),
    "shop.would-part": "One customer in {part} was looked at, and the numbers are multiplied.",
    "shop.would-guests": "Orders of guests, which earn once somebody proves that they are theirs: {count}.",
    "shop.never-read": "The past of this shop was never read.",
    "shop.look-again": "Look again how far it is",
    "shop.pause": "Pause",
    "shop.resume": "Go on where it stands",
    "shop.since": "Orders from this day on",
    "shop.since-help": "Empty: all that the shop shows.",
    "shop.try": "Try it first",
    "shop.begin": "Read into the books",
    "shop.begin-anew": "Begin anew, into the books",
    "shop.try-help": (
        "A try reads everything and says what it would come to; nothing is given. Reading into the "
        "books gives points for orders that the programme counts. Orders that are known already are "
        "left alone, so nothing is given twice."
    ),
    "shop.owner-reads": "Only the owner has it read into the books.",
    "shop.differences": "See the differences.",
    "shop.held-why": "Why is the shop right?",
    "shop.held-go": "The shop is right: let them go",
    "shop.secrets": "Secrets",
    "shop.secrets-text": (
        "With these the shop and this service prove themselves to each other. They are kept "
        "encrypted; nobody can read them here."
    ),
    "shop.since-when": "since",
    "shop.both-count": "the one before counts, too",
    "shop.secrets-plugin": (
        "The shop's plugin made them itself. For new ones, pair the shop again: make a pairing code "
        "on the page of all shops."
    ),
    "shop.secrets-shopify": (
        "Shopify gave them when the app was installed. For new ones, open the app again in the Shopify admin."
    ),
    "shop.secrets-button": "Replace, and try",
    "shop.secrets-help": "What is left empty stays as it is. The shop is asked at once whether they work.",
    "shop.secrets-none": "Paste at least one.",
    "shop.under-way": "It is being read already.",
    "shop.stands": "An earlier reading into the books stands still. Let it go on, or begin anew.",
    "shop.ahead": "That day lies ahead: there are no orders yet.",
    "shop.before-all": "No shop has orders of before 1970.",
    "shop.idle": "Nothing is being read.",
    "shop.over": "The last reading has ended. Begin a new one.",
    "shop.no-day": "That is no day.",
    "secret.webhook": "Signature of what the shop tells",
    "secret.plugin_to_service": "The plugin's calls",
    "secret.plugin_to_shop": "Our calls to the plugin",
    "secret.client_id": "Client id",
    "secret.client_secret": "Client secret",
    "secret.access_token": "Access token",
    "secret.refresh_token": "Refresh token",
    "secret.consumer_key": "Consumer key",
    "secret.consumer_secret": "Consumer secret",
    "said.past-begun": "It is being read.",
    "said.past-runs": "It is being read already.",
    "said.past-paused": "It stops after the page under way.",
    "said.held-let-go": "They are let go, and are being repaired.",
    "said.secrets-replaced": "The shop takes them.",
}
