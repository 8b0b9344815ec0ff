"""German: own_texts."""

WORDS = {
    "settings.programme": "Sprachen und Zeitzone",
    "settings.programme-text": (
        "Wie Ihr Programm und seine Punkte in jeder Sprache heißen, und nach welcher Zeit es geht."
    ),
    "own.lead": (
        "Kunden lesen das Programm in der Sprache, die ihr Shop nennt. Was darin nicht geschrieben ist, lesen "
        "sie auf Englisch."
    ),
    "own.fixed": "Was bleibt",
    "own.zone": "Zeitzone",
    "own.now": "dort ist es jetzt",
    "own.currency": "Grundwährung",
    "own.fixed-text": "Beides lässt sich nicht mehr ändern: Bücher und Ausgaben werden darin gezählt.",
    "own.you": "Ihre eigene Sprache wählen Sie unter „Sie“.",
    "own.written": "Was in welcher Sprache geschrieben ist",
    "own.written-of": "Geschriebene Namen, von {count}",
    "own.written-text": (
        "Namen von Stufen, Abzeichen, Rängen, Prämien und Regeln, und ihre Texte. Was fehlt, wird im Dokument des "
        "Programms geschrieben."
    ),
    "own.language": "Sprache",
    "own.names": "Namen",
    "own.name": "Name des Programms",
    "own.one": "Einer heißt ({language})",
    "own.many": "Mehrere heißen ({language})",
    "own.points": "Wie Punkte heißen",
    "own.points-help": "Englisch wird gebraucht. Eine Sprache, die Sie leer lassen, behält das übliche Wort.",
    "own.draft": "Einen Entwurf daraus machen",
    "own.draft-text": "Es ändert sich nichts, bis der Eigentümer den Entwurf veröffentlicht.",
    "own.draft-name": "Namen und Sprachen",
    "own.problem": "Das geht so noch nicht. Es ist nichts geschehen.",
    "own.unchanged": "Nichts weicht von dem ab, was jetzt gilt.",
}
