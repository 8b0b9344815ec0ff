"""German: the second step of signing in."""

WORDS = {
    "second.title": "Zweiter Schritt",
    "second.lead": (
        "Außer dem Passwort braucht die Anmeldung dann einen Code, den Ihr Telefon macht. Wer nur Ihr Passwort "
        "erfährt, kommt nicht hinein."
    ),
    "second.must": "Ihr Programm verlangt den zweiten Schritt von allen. Richten Sie ihn ein, um weiterzumachen.",
    "second.on": "An seit",
    "second.off": "Der zweite Schritt ist aus.",
    "second.look": "Codes, Ausschalten",
    "second.set-up": "Einrichten",
    "second.begin-text": "Sie brauchen einen Authenticator: eine App auf dem Telefon oder Ihren Passwortmanager.",
    "second.scan": "Lassen Sie Ihren Authenticator dies lesen",
    "second.scan-text": "Scannen Sie damit dieses Bild.",
    "second.picture": "QR-Code für Ihren Authenticator",
    "second.by-hand": "Oder tippen Sie dort dieses Geheimnis ein:",
    "second.type": "Tippen Sie dann hier den Code ein, den er zeigt.",
    "second.confirm": "Einschalten",
    "second.code-title": "Zweiter Schritt",
    "second.code": "Code",
    "second.code-help": "Sechs Ziffern Ihres Authenticators oder einer der Codes, die Sie aufgeschrieben haben.",
    "second.wrong": (
        "Das hat nicht geklappt. Der Code stimmt nicht oder wurde benutzt, oder es waren zu viele Versuche: Dann "
        "warten Sie eine Viertelstunde."
    ),
    "second.lost": "Mein Telefon ist weg",
    "second.lost-text": (
        "Tippen Sie einen der zehn Codes ein, die Sie aufgeschrieben haben; jeder gilt einmal. Sind auch sie "
        "weg, kann ein Inhaber den zweiten Schritt für Sie ausschalten; Inhaber fragen, wer diesen Dienst "
        "betreibt: belong people totp-off."
    ),
    "second.codes": "Codes für ein verlorenes Telefon",
    "second.codes-text": (
        "Schreiben Sie sie auf oder drucken Sie sie: Sie werden nur jetzt gezeigt. Jeder ersetzt Ihr Telefon einmal."
    ),
    "second.go-on": "Ich habe sie aufgeschrieben",
    "second.left": "Codes für ein verlorenes Telefon, die noch da sind: {count}.",
    "second.renew": "Neue Codes",
    "second.turn-off": "Ausschalten",
    "people.second": "zweiter Schritt",
    "people.second-off": "Zweiten Schritt ausschalten",
    "people.second-needed": "Alle, die sich hier anmelden, brauchen ihn. Wer keinen hat, richtet ihn zuerst ein.",
    "people.second-free": "Alle können ihn für sich einrichten. Sie können ihn von allen verlangen.",
    "people.second-need": "Von allen verlangen",
    "people.second-release": "Allen freistellen",
    "said.second-off": "Der zweite Schritt ist aus.",
    "said.second-needed": "Ab jetzt brauchen alle den zweiten Schritt.",
    "said.second-free": "Der zweite Schritt ist freigestellt.",
}
