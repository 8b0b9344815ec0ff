"""German: letters."""

WORDS = {
    "shell.activity": "Vorgänge",
    "letters.title": "Was beiseitegelegt wurde",
    "letters.lead": (
        "Was nicht bearbeitet werden konnte, wartet hier mit dem Grund auf einen Menschen. Nichts davon ist verloren."
    ),
    "letters.kinds": "Arten",
    "letters.kind-delivery": "Nachrichten des Shops",
    "letters.kind-work": "Unentschiedene Bestellungen und Aktivitäten",
    "letters.kind-push": "Punktestände, die der Shop nicht annahm",
    "letters.kind-removal": "Löschungen, die der Shop ablehnte",
    "letters.kind-union": "Nicht zusammengeführte Kunden",
    "letters.kind-webhook": "Ausgehende Webhooks",
    "letters.kind-notice": "Scheiternde Mails",
    "letters.kind-bulk": "Gescheiterte Anpassungen",
    "letters.kind-credit": "Ungeklärte Guthaben",
    "letters.what-delivery": "Der Shop sandte sie, und niemand konnte sie lesen.",
    "letters.what-work": "Dafür werden vielleicht Punkte geschuldet, doch die Entscheidung scheiterte.",
    "letters.what-push": "Was die Konten dieser Mitglieder im Shop zeigen sollten, lehnte der Shop endgültig ab.",
    "letters.what-removal": "Der Shop soll diese Menschen vergessen und weigerte sich.",
    "letters.what-union": "Der Shop führte zwei Kunden zusammen, und wir konnten es nicht.",
    "letters.what-webhook": "Ein Endpunkt von Ihnen nahm sie in zehn Versuchen nicht an.",
    "letters.what-notice": "Mails an Mitglieder, die fünfmal scheiterten. Sie werden von selbst wieder versucht.",
    "letters.what-bulk": "Mitglieder, bei denen die Anpassung eines Segments scheiterte.",
    "letters.what-credit": "Niemand weiß, ob der Shop dieses Guthaben gab oder zurücknahm.",
    "letters.none": "Nichts dieser Art wartet.",
    "letters.came": "Eingegangen",
    "letters.again": "Noch einmal versuchen",
    "letters.again-many": "Viele noch einmal versuchen",
    "letters.again-text": (
        "Tun Sie das, wenn die Ursache behoben ist. Was wieder scheitert, kommt hierher zurück; zweimal schadet nicht."
    ),
    "letters.again-all": "Alle {count} noch einmal versuchen",
    "letters.again-range": "Noch einmal versuchen",
    "letters.since": "Eingegangen ab ({zone})",
    "letters.until": "Eingegangen vor ({zone})",
    "letters.time-text": "Leer gelassen: alle.",
    "letters.bad-time": "Das ist kein Datum mit Uhrzeit. Nichts ist geschehen.",
    "letters.why": "Warum es wartet",
    "letters.whose": "Wessen",
    "letters.member": "Dieses Mitglied",
    "letters.cure": "Was zu tun ist",
    "letters.cure-delivery": (
        "Beheben Sie die Ursache und versuchen Sie es noch einmal, oder überspringen Sie es mit Begründung: "
        "Die nächste Nachricht des Shops oder das nächtliche Lesen macht es gut."
    ),
    "letters.cure-work": (
        "Beheben Sie die Ursache und versuchen Sie es noch einmal. Überspringen geht nicht: Es werden "
        "vielleicht Punkte geschuldet."
    ),
    "letters.cure-push": (
        "Beheben Sie die Ursache und versuchen Sie es noch einmal, oder überspringen Sie es mit Begründung: "
        "Die nächste Änderung des Mitglieds ersetzt es."
    ),
    "letters.cure-removal": (
        "Lassen Sie den Shop es tun und versuchen Sie es dann noch einmal. Überspringen geht nicht: Es wurde "
        "einer gelöschten Person versprochen."
    ),
    "letters.cure-union": (
        "Beheben Sie die Ursache und versuchen Sie es noch einmal. Überspringen geht nicht: Zwei Konten "
        "stehen für einen Menschen."
    ),
    "letters.cure-webhook": (
        "Bringen Sie Ihren Endpunkt in Ordnung und versuchen Sie es noch einmal, oder überspringen Sie es "
        "mit Begründung: Die API sagt, was jetzt gilt."
    ),
    "letters.cure-notice": (
        "Bringen Sie den Mailserver in Ordnung: Es wird alle sechs Stunden versucht, und sofort, wenn Sie "
        "den Knopf drücken."
    ),
    "letters.cure-bulk": (
        "Beheben Sie die Ursache und versuchen Sie es noch einmal. Überspringen geht nicht: Punkte werden "
        "geschuldet oder sind zurückzunehmen."
    ),
    "letters.cure-credit": (
        "Sehen Sie im Shop nach und sagen Sie, was er tat: belong credit settle {last}. Es wird nicht noch "
        "einmal versucht, das könnte doppelt geben."
    ),
    "letters.payload": "Was kam",
    "letters.no-payload": "Dazu ist nichts aufbewahrt, was von außen kam.",
    "letters.unreadable": "Das ist kein lesbares JSON: Es steht da, wie es kam.",
    "letters.cut": "Der Rest wird hier nicht gezeigt.",
    "letters.masked": "Was jemanden nennen könnte, ist verborgen; Manager sehen es.",
    "letters.store": "Was der Shop jetzt sagt",
    "letters.store-text": "Lassen Sie den Shop sagen, was er jetzt von dieser Bestellung weiß, und vergleichen Sie.",
    "letters.ask": "Den Shop fragen",
    "letters.store-trouble": "Der Shop ließ sich nicht fragen.",
    "letters.store-none": "Der Shop hat diese Bestellung nicht (mehr) oder verbirgt sie wegen ihres Alters.",
    "letters.store-differs": "Felder, die sich unterscheiden, von denen, die beide haben: {count}",
    "letters.store-whole": "Alles, was der Shop sagt",
    "letters.field": "Feld",
    "letters.then": "Was kam",
    "letters.now": "Der Shop jetzt",
    "letters.same": "Gleich?",
    "letters.differs": "≠ anders",
    "letters.equal": "= gleich",
    "letters.skip": "Nie wieder versuchen",
    "letters.skip-text": "Ihre Begründung wird mit Ihrem Namen aufbewahrt.",
    "letters.reason": "Warum?",
    "letters.skip-button": "Überspringen",
    "letters.reason-missing": "Sagen Sie, warum. Nichts ist geschehen.",
    "letters.reason-long": "Höchstens 500 Zeichen, bitte. Nichts ist geschehen.",
    "said.letter-again": "Es ist wieder an der Reihe.",
    "said.letters-again": "Sie sind wieder an der Reihe.",
    "said.letters-none": "Es gab nichts noch einmal zu versuchen.",
    "said.letter-skipped": "Es ist übersprungen; Ihre Begründung ist aufbewahrt.",
    "said.letter-gone": "Es wartet nicht mehr: Es ist wieder an der Reihe oder wurde übersprungen.",
}
