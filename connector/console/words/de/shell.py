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
    "formless.title": "Unter dieser Adresse gibt es nichts zu sehen",
    "formless.text": (
        "Sie nimmt an, was ein Formular einer anderen Seite sendet, und jetzt wurde nichts gesendet: "
        "Vielleicht wurden Sie inzwischen abgemeldet, oder die Seite wurde neu geladen. Es ist nichts "
        "geschehen."
    ),
    "shell.go-on": "Hier geht es weiter",
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
    "busy.title": "Jetzt nicht",
    "busy.text": (
        "Es ist schon so, oder jemand anderes ist gerade daran. Bitte zurückgehen, die Seite neu laden und nachsehen."
    ),
    "large.title": "Das war zu viel",
    "large.text": "Nichts wurde gespeichert: Die Eingabe ist länger, als dieses Formular annimmt.",
    "unfit.title": "Das geht nicht",
    "unfit.text": (
        "Es ist nichts geschehen: Das Verlangte passt nicht zum jetzigen Stand. Bitte zurückgehen "
        "und die Seite neu laden."
    ),
    "broke.title": "Etwas ist schiefgegangen",
    "broke.text": (
        "Bitte zurückgehen, die Seite neu laden und nachsehen, ob es geschehen ist, bevor Sie es "
        "wiederholen. Wer diesen Dienst betreibt, findet die Ursache im Protokoll."
    ),
    "shell.typed": "Was Sie geschrieben hatten, zum Kopieren:",
    "count.members.one": "{n} Mitglied",
    "count.members.other": "{n} Mitglieder",
    "count.entries.one": "{n} Buchung",
    "count.entries.other": "{n} Buchungen",
    "count.points.one": "{n} Punkt",
    "count.points.other": "{n} Punkte",
}
