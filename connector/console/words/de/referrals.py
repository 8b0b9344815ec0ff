"""German: referrals."""

WORDS = {
    "tab.referrals": "Wie weit sie kommen",
    "tab.list": "Alle Empfehlungen",
    "funnel.codes": "Mitglieder mit Code",
    "funnel.joined": "Beigetretene Freunde",
    "funnel.qualified": "Genug bestellt",
    "funnel.completed": "Belohnt",
    "funnel.review": "In Prüfung",
    "funnel.refused": "Abgelehnt",
    "funnel.void": "Hinfällig: Bestellung zurück",
    "funnel.chart": "Freunde nach dem Monat, in dem sie kamen",
    "funnel.text": (
        "Jeder Freund zählt in dem Monat, in dem er mit einem Code kam, mit dem, was seither daraus "
        "wurde. Wer einen Link nur ansah, wird nicht gezählt: Von ihm wird nichts gespeichert."
    ),
    "funnel.month": "Monat",
    "funnel.signs": "Zeichen und Gründe",
    "funnel.sign": "Zeichen oder Grund",
    "funnel.with-it": "Empfehlungen damit",
    "funnel.no-signs": "Keine Empfehlung hat welche gezeigt.",
    "funnel.list": "Alle Empfehlungen, die neuesten zuerst",
    "funnel.joined-on": "Beigetreten",
    "funnel.order": "Bestellung, die zählt",
    "funnel.none": "Solche Empfehlungen gibt es nicht.",
    "funnel.friend-not-new": "Der Freund kaufte schon früher.",
    "funnel.self-referral": "Jemand nutzte den eigenen Code.",
    "funnel.ring-of-referrals": "Ein Ring: Der Freund hatte den Werber gebracht.",
    "funnel.refused-by-hand": "Ein Mensch hat sie abgelehnt.",
    "funnel.order-gone": "Die Bestellung, die zählte, ist weg.",
    "funnel.order-called-off": "Die Bestellung wurde storniert.",
    "funnel.order-refunded": "Von der Bestellung wurde zu viel erstattet.",
}
