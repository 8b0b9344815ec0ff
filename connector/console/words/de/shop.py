"""German: shop."""

WORDS = {
    "shop.all": "Alle Shops",
    "shop.not-done": "Es ist nichts geschehen.",
    "shop.kept": "Sie sind gespeichert, aber der Shop lässt sich damit nicht fragen:",
    "shop.dry": "Probelauf",
    "shop.real": "Einlesen in die Bücher",
    "shop.about": "etwa {percent} %",
    "shop.read": "Gelesene Bestellungen",
    "shop.new": "Neu in den Büchern",
    "shop.known": "Schon bekannt",
    "shop.differing": "bei {count} davon sagt der Shop etwas anderes; das nächtliche Lesen kümmert sich darum",
    "shop.rate": "Bestellungen je Minute",
    "shop.left": "Noch etwa Minuten",
    "shop.made": "Aufgegeben zwischen",
    "shop.began": "Begonnen",
    "shop.ended": "Beendet",
    "shop.hidden": "Bestellungen vor dem {day} zeigt uns der Shop womöglich nicht.",
    "shop.would": (
        "Kunden mit Bestellungen, die den Büchern fehlen: {customers}. Diese brächten {points}, mit der "
        "kleinsten Prämie {worth} {currency} wert."
    ),
    "shop.would-part": "Angesehen wurde einer von {part} Kunden, die Zahlen sind hochgerechnet.",
    "shop.would-guests": "Gastbestellungen, die erst zählen, wenn jemand nachweist, dass es seine sind: {count}.",
    "shop.never-read": "Die Vergangenheit dieses Shops wurde nie gelesen.",
    "shop.look-again": "Noch einmal nachsehen, wie weit es ist",
    "shop.pause": "Anhalten",
    "shop.resume": "Dort weitermachen, wo es steht",
    "shop.since": "Bestellungen ab diesem Tag",
    "shop.since-help": "Leer: alles, was der Shop zeigt.",
    "shop.try": "Erst ausprobieren",
    "shop.begin": "In die Bücher einlesen",
    "shop.begin-anew": "Neu beginnen, in die Bücher",
    "shop.try-help": (
        "Ein Probelauf liest alles und sagt, worauf es hinausliefe; vergeben wird nichts. Das "
        "Einlesen gibt Punkte für Bestellungen, die das Programm zählt. Schon bekannte Bestellungen "
        "bleiben, wie sie sind; nichts wird doppelt vergeben."
    ),
    "shop.owner-reads": "In die Bücher einlesen lässt nur der Inhaber.",
    "shop.differences": "Die Unterschiede ansehen.",
    "shop.held-why": "Warum hat der Shop recht?",
    "shop.held-go": "Der Shop hat recht: gehen lassen",
    "shop.secrets": "Geheimnisse",
    "shop.secrets-text": (
        "Damit weisen sich Shop und dieser Dienst gegenseitig aus. Sie liegen verschlüsselt; hier "
        "kann sie niemand lesen."
    ),
    "shop.since-when": "seit",
    "shop.both-count": "das vorige gilt auch noch",
    "shop.secrets-plugin": (
        "Das Plugin des Shops hat sie selbst erzeugt. Für neue den Shop noch einmal koppeln: auf "
        "der Seite aller Shops einen Kopplungscode erzeugen."
    ),
    "shop.secrets-shopify": (
        "Shopify hat sie bei der Installation der App vergeben. Für neue die App in der "
        "Shopify-Verwaltung noch einmal öffnen."
    ),
    "shop.secrets-button": "Ersetzen und ausprobieren",
    "shop.secrets-help": "Was leer bleibt, bleibt, wie es ist. Der Shop wird sofort gefragt, ob sie gelten.",
    "shop.secrets-none": "Bitte mindestens eines einfügen.",
    "shop.under-way": "Es wird schon gelesen.",
    "shop.stands": "Ein früheres Einlesen steht still. Weitermachen lassen oder neu beginnen.",
    "shop.ahead": "Dieser Tag liegt in der Zukunft: Bestellungen gibt es da noch keine.",
    "shop.before-all": "Kein Shop hat Bestellungen von vor 1970.",
    "shop.idle": "Es wird gerade nichts gelesen.",
    "shop.over": "Das letzte Lesen ist zu Ende. Bitte ein neues beginnen.",
    "shop.no-day": "Das ist kein Tag.",
    "secret.webhook": "Unterschrift dessen, was der Shop meldet",
    "secret.plugin_to_service": "Aufrufe des Plugins",
    "secret.plugin_to_shop": "Unsere Aufrufe an das Plugin",
    "secret.client_id": "Client-ID",
    "secret.client_secret": "Client-Secret",
    "secret.access_token": "Zugriffstoken",
    "secret.refresh_token": "Erneuerungstoken",
    "secret.consumer_key": "Consumer Key",
    "secret.consumer_secret": "Consumer Secret",
    "said.past-begun": "Es wird gelesen.",
    "said.past-runs": "Es wird schon gelesen.",
    "said.past-paused": "Es hält nach der laufenden Seite an.",
    "said.held-let-go": "Sie sind freigegeben und werden ausgeglichen.",
    "said.secrets-replaced": "Der Shop nimmt sie an.",
}
