"""German: begin."""

WORDS = {
    "home.empty": "Ihr Programm hat noch keine Prämien",
    "home.empty-text": (
        "Kunden können Punkte sammeln, bekommen aber nichts dafür. Lassen Sie sich aus Ihren "
        "eigenen Bestellungen ein ganzes Programm vorschlagen."
    ),
    "begin.title": "Programm einrichten",
    "begin.lead": (
        "Beantworten Sie ein paar Fragen. Sie bekommen ein ganzes Programm mit Zahlen, die zu Ihrem Shop passen, "
        "sehen, was es gegeben und gekostet hätte, und ändern, was Sie möchten. Nichts davon gilt, bevor ein "
        "Inhaber es veröffentlicht."
    ),
    "begin.link": "Ein Programm vorschlagen lassen",
    "begin.link-text": (
        "Oder beantworten Sie ein paar Fragen: Sie bekommen einen Vorschlag aus Ihren eigenen Bestellungen."
    ),
    "begin.is-live": (
        "Ihr Programm läuft. Was Sie hier machen, ist ein Entwurf: Wird er veröffentlicht, ersetzt er die jetzigen "
        "Regeln; Abzeichen und Ränge in der Community bleiben."
    ),
    "begin.shop": "Was wir über Ihren Shop wissen",
    "begin.rests-on": "Bezahlte Bestellungen: {orders} · Kunden: {people} · Tage: {days}.",
    "begin.counted-at": "Gezählt am",
    "begin.elsewhere.one": (
        "{n} Bestellung in einer anderen Währung als {currency} ist nicht dabei. Ein Programm von hier gibt "
        "nichts für sie; nennen Sie im Entwurf einen Satz dafür."
    ),
    "begin.elsewhere.other": (
        "{n} Bestellungen in anderen Währungen als {currency} sind nicht dabei. Ein Programm von hier gibt "
        "nichts für sie; nennen Sie im Entwurf einen Satz dafür."
    ),
    "begin.too-few": (
        "Hier sind weniger als {least} bezahlte Bestellungen bekannt, zu wenige, um zu sagen, was bei Ihnen "
        "üblich ist. Was folgt, ist aus Ihrer Währung geschätzt: eine übliche Bestellung von {usual}. Lassen Sie "
        "zuerst Ihre früheren Bestellungen lesen, dann ist es Ihre eigene Zahl."
    ),
    "begin.short.one": (
        "Hier ist nur {n} Tag bekannt; was ein Kunde im Jahr ausgibt, kann so niemand sagen. Ab wann eine "
        "Stufe beginnt, wird deshalb aus einer üblichen Bestellung berechnet. Lassen Sie Ihre ganze "
        "Vergangenheit lesen, dann richtet es sich nach Ihren Kunden."
    ),
    "begin.short.other": (
        "Hier sind nur {n} Tage bekannt; was ein Kunde im Jahr ausgibt, kann so niemand sagen. Ab wann eine "
        "Stufe beginnt, wird deshalb aus einer üblichen Bestellung berechnet. Lassen Sie Ihre ganze "
        "Vergangenheit lesen, dann richtet es sich nach Ihren Kunden."
    ),
    "begin.few-people": (
        "Hier sind weniger als {least} Kunden bekannt, zu wenige für Stufen, die sich nach ihnen richten. Ab wann "
        "eine Stufe beginnt, wird aus einer üblichen Bestellung berechnet."
    ),
    "begin.read-past": "Frühere Bestellungen lesen lassen",
    "begin.share": "Anteil",
    "begin.share-row": "{share} % haben höchstens",
    "begin.order-value": "Eine Bestellung",
    "begin.spent": "Jahr eines Kunden",
    "begin.times": "Bestellungen eines Kunden im Jahr",
    "begin.chart": "Was ein Kunde im Jahr ausgibt, in {currency}",
    "begin.count": "Jetzt zählen",
    "begin.questions": "Ein paar Fragen",
    "begin.name": "Wie heißt das Programm?",
    "begin.one": "Ein Punkt heißt",
    "begin.one-help": "Bleibt beides leer, sind es Punkte.",
    "begin.many": "Mehrere heißen",
    "begin.back": "Wie viel sollen Kunden zurückbekommen?",
    "begin.back-low": "Wenig: {percent}",
    "begin.back-middle": "Üblich: {percent}",
    "begin.back-high": "Viel: {percent}",
    "begin.back-help": "Von dem, was sie bezahlen, als Prämien. Vieles davon wird nie eingelöst.",
    "begin.own": "Oder ein anderer Anteil, in Prozent",
    "begin.own-help": "Von 0,5 bis 20.",
    "begin.tiers": "Sollen gute Kunden mehr bekommen?",
    "begin.tiers-0": "Nein, alle bekommen dasselbe",
    "begin.tiers-1": "Ja, eine Stufe über der für alle",
    "begin.tiers-2": "Ja, zwei Stufen",
    "begin.tiers-3": "Ja, drei Stufen",
    "begin.tiers-help": "Höhere Stufen bekommen mehr Punkte für jede Bestellung.",
    "begin.kinds": "Was gibt es für Punkte?",
    "begin.kind-amount": "Rabatt auf eine Bestellung (ein Code)",
    "begin.kind-store_credit": "Guthaben im Shop",
    "begin.kind-free_shipping": "Kostenloser Versand",
    "begin.besides": "Wofür gibt es noch Punkte?",
    "begin.welcome": "Für das Mitmachen",
    "begin.birthday": "Zum Geburtstag",
    "begin.birthday-help": (
        "Der Shop nennt keinen Geburtstag, bis ein Inhaber sagt, wo sie stehen: Verbindung, der Shop, Einstellungen."
    ),
    "begin.referral": "Wenn jemand Freunde bringt, für beide",
    "begin.propose": "Programm vorschlagen",
    "begin.no-name": "Geben Sie ihm einen Namen.",
    "begin.too-long": "Bitte höchstens 100 Zeichen.",
    "begin.both-names": "Sagen Sie beides, einen und mehrere, oder keines.",
    "begin.no-share": "Schreiben Sie eine Zahl von 0,5 bis 20 mit höchstens zwei Nachkommastellen.",
    "begin.no-tiers": "Wählen Sie eine davon.",
    "begin.no-kinds": "Wählen Sie mindestens eines.",
    "begin.proposed": "Vorschlag für Ihren Shop",
    "begin.usual": "Punkte für eine übliche Bestellung von {money}",
    "begin.first": "Erste Prämie, für {points}: nach etwa {orders} üblichen Bestellungen",
    "begin.comes-back": (
        "So viel vom Bezahlten kommt für Bestellungen höchstens zurück; "
        "Punkte zur Begrüßung, zum Geburtstag und für Freunde kommen dazu"
    ),
    "begin.comes-back-most": "In der höchsten Stufe",
    "begin.tier": "Stufe",
    "begin.tier-from": "Ab Ausgaben im Jahr",
    "begin.tier-factor": "Punkte",
    "begin.tier-share": "Von Ihren Kunden",
    "begin.everybody": "Alle",
    "begin.about": "etwa {percent}",
    "begin.all-rules": "Alle Regeln, wie Kunden sie lesen",
    "begin.would-have": "Was es gegeben hätte",
    "begin.rehearsed": (
        "Kunden von Ihnen, zufällig gezogen und mit ihren Bestellungen durchgerechnet, als hätten alle "
        "mitgemacht: {people}; Tage: {days}. Die Beträge gelten für alle Kunden."
    ),
    "begin.cost": "Kosten, wenn alle den Rabatt nehmen, sobald sie können ({share} des Bezahlten)",
    "begin.cost-most": "Was alle gegebenen Punkte wert sind ({share})",
    "begin.each": "Punkte eines Kunden im Durchschnitt",
    "begin.not-cause": (
        "Es ist nachgerechnet, was Menschen getan haben, ohne das, was ein Programm ändern mag. Versand und "
        "Geschenke sind nicht in den Kosten."
    ),
    "begin.nobody": (
        "Hier ist noch kein Kunde bekannt, also konnte nichts durchgerechnet werden. Lassen Sie zuerst Ihre "
        "früheren Bestellungen lesen."
    ),
    "begin.best": "Die unter ihnen, die am meisten ausgaben",
    "begin.orders": "Bestellungen",
    "begin.paid": "Bezahlt",
    "begin.points": "Punkte",
    "begin.last": "Ihre letzten Bestellungen",
    "begin.draft-text": (
        "Ein Entwurf ändert nichts. Sie können ihn bearbeiten und noch einmal ausprobieren; ein Inhaber "
        "veröffentlicht ihn."
    ),
    "begin.try": "Mit meiner Vergangenheit ausprobieren",
    "begin.draft": "Einen Entwurf daraus machen",
    "begin.not-you": "Ausprobieren und einen Entwurf daraus machen kann die Leitung oder ein Inhaber.",
    "begin.steps": "Bis Kunden Punkte bekommen",
    "begin.step-shop": "Shop verbinden",
    "begin.step-past": "Frühere Bestellungen lesen lassen",
    "begin.step-rules": "Ein Programm mit Prämien veröffentlichen",
    "begin.step-balances": (
        "Falls Mitglieder Punkte aus einem anderen Programm mitbringen: Übernehmen Sie sie, in "
        "WooCommerce unter Belong, sonst über die API (POST /v1/imports/balances) mit einem Schlüssel; oder es tut, "
        "wer diesen Dienst betreibt"
    ),
    "begin.step-live": "Beginnen",
    "begin.done": "erledigt",
    "said.begin-counted": "Es ist gezählt.",
    "said.begin-counted-lately": "Es wurde gerade erst gezählt oder dauert lange: Der Dienst zählt es selbst.",
}
