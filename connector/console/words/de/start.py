"""German: start."""

WORDS = {
    "start.title": "Mit Ihrem Programm beginnen",
    "start.joined": "Ihr Shop ist verbunden",
    "start.choose": "Wählen Sie ein Programm",
    "start.as-is": "Wie es jetzt ist: {name}",
    "start.try": "An Ihren eigenen Bestellungen ausprobieren",
    "start.try-text": (
        "Sehen Sie, was Ihre letzten zehn bezahlten Bestellungen gebracht "
        "hätten. Nichts wird geschrieben, niemand erfährt davon."
    ),
    "start.try-button": "An meinen letzten Bestellungen ausprobieren",
    "start.tried": "Mit {name} hätten Ihre letzten Bestellungen gebracht:",
    "start.no-orders": "Ihr Shop hat keine bezahlten Bestellungen der letzten Wochen.",
    "start.order": "Bestellung",
    "start.total": "Summe",
    "start.points": "Punkte",
    "start.guest": "Gast",
    "start.live": "In Betrieb nehmen",
    "start.live-text": (
        "Von da an bringen Bestellungen Punkte, Ihr Shop zeigt sie, und Ihre früheren Bestellungen "
        "werden gelesen, damit alle gefunden werden. Bis dahin wird nichts vergeben."
    ),
    "start.live-button": "In Betrieb nehmen",
    "start.owner": "Das macht, wem das Shopify-Konto gehört.",
    "start.is-live": "{name} ist in Betrieb: Bestellungen bringen Punkte.",
    "start.past": "Ihre früheren Bestellungen:",
    "start.connection": "Wie es der Verbindung geht",
    "privacy.title": "Anfragen nach persönlichen Daten",
    "privacy.text": (
        "Shopify reicht sie weiter. Geben Sie die Datei innerhalb von 30 Tagen an die Person, "
        "die gefragt hat. Sie entsteht, wenn Sie sie holen, und das wird vermerkt."
    ),
    "privacy.none": "Niemand hat gefragt.",
    "privacy.asked": "Gefragt am {at}",
    "privacy.customer": "Kundin oder Kunde {id} Ihres Shops",
    "privacy.guest": "Jemand, der ohne Konto bestellt hat: {orders}",
    "privacy.erased": "Jemand, der inzwischen gelöscht wurde.",
    "privacy.file": "Die Datei holen",
    "privacy.until": "Fällig bis {at}",
    "privacy.unknown": "Über diese Person ist nichts gespeichert.",
    "privacy.soon": "Die Datei ist in einer Minute hier.",
    "start.template": "Programm",
    "start.tier": "Stufe",
    "start.tiers-text": (
        "Die Stufen sind die, zu denen diese Bestellungen allein geführt hätten. Was vorher gekauft wurde, wird "
        "gelesen, sobald Sie in Betrieb nehmen."
    ),
    "template.boutique": (
        "Boutique: wenige, wertvolle Kunden; Stufen nach Umsatz, Guthaben und Vorteile statt Gutscheinen, Punkte, "
        "die bleiben."
    ),
    "template.circle": (
        "Circle: das ganze Programm, mit Stufen, Abzeichen, Rängen und Empfehlungen. Für die meisten Shops ein guter "
        "Anfang."
    ),
    "template.community": "Community: Kunden, die einander helfen; Abzeichen und Ränge zählen mehr als Geld.",
    "template.plain-1": "Einfach: Jede Bestellung bringt 1 % zurück, mehr gibt es nicht zu erklären.",
    "template.plain-3": "Einfach: Jede Bestellung bringt 3 % zurück, mehr gibt es nicht zu erklären.",
    "template.plain-5": "Einfach: Jede Bestellung bringt 5 % zurück, mehr gibt es nicht zu erklären.",
}
