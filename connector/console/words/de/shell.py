"""German: shell."""

WORDS = {
    "shell.skip": "Zum Inhalt",
    "shell.navigation": "Bereiche der Konsole",
    "shell.connection": "Verbindung",
    "shell.members": "Mitglieder",
    "shell.books": "Bücher",
    "shell.who": "{name} ({role})",
    "shell.sign-out": "Abmelden",
    "role.owner": "Inhaber",
    "role.manager": "Leitung",
    "role.support": "Kundendienst",
    "role.read-only": "nur lesen",
    "out.title": "Sie sind nicht angemeldet",
    "out.text": (
        "Öffnen Sie Belong erneut in der Verwaltung Ihres Shops. Kommt diese Seite jedes Mal, dann behält "
        "Ihr Browser in eingebetteten Seiten keine Cookies: Öffnen Sie Belong dort in einem neuen Tab."
    ),
    "over.title": "Diese Adresse wurde schon benutzt oder ist zu alt",
    "over.text": "Sie gilt einmal, eine Minute lang. Öffnen Sie Belong erneut in der Verwaltung Ihres Shops.",
    "left.title": "Sie haben sich abgemeldet",
    "left.text": "Zum Wiederkommen öffnen Sie Belong in der Verwaltung Ihres Shops.",
    "refused.title": "Ihre Rolle erlaubt das nicht",
    "refused.text": (
        "Es ist nichts geschehen. Sie sind angemeldet als: {role}. Der Inhaber des Shops kann das tun oder "
        "Ihnen im Shop eine andere Rolle geben."
    ),
    "old-form.title": "Diese Seite war zu alt",
    "old-form.text": (
        "Es ist nichts geschehen. Gehen Sie zurück, laden Sie die Seite neu und wiederholen Sie den Schritt."
    ),
    "missing.title": "Diese Seite gibt es nicht",
    "missing.text": "Vielleicht gehört sie zu einem anderen Programm, oder es gab sie nie.",
    "later.title": "Das ging gerade nicht",
    "later.text": "Es ist nichts geschehen. Bitte versuchen Sie es in einer Minute noch einmal.",
    "embedded.wait": "Einen Augenblick …",
    "embedded.failed": "Das hat nicht geklappt. Versuchen Sie es noch einmal.",
    "unproven.title": "Öffnen Sie die App in Shopify",
    "unproven.text": "Nichts zeigt, welcher Shop das ist. Öffnen Sie die App in Ihrer Shopify-Verwaltung unter Apps.",
    "not-set-up.title": "Es fehlt noch etwas",
    "not-set-up.text": "Der Shop konnte nicht verbunden werden. Wer diesen Dienst betreibt, muss nachsehen:",
    "shell.start": "Beginnen",
    "shell.privacy": "Datenanfragen",
    "shell.menu": "Menü",
    "shell.home": "Übersicht",
    "shell.pages": "Weitere Zeilen",
    "shell.first": "Zurück zum Anfang",
    "shell.next": "Weitere zeigen",
    "chart.empty": "Noch gibt es nichts zu zeichnen.",
    "chart.numbers": "Die Zahlen",
    "chart.at": "Bei",
}
