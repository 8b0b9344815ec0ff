"""German: mails to members."""

WORDS = {
    "mails.title": "Mails",
    "mails.lead": (
        "Was deine Mitglieder per Mail erfahren, wie es aussieht und wie oft es kommt. Änderungen gelten sofort."
    ),
    "mails.no-server": (
        "Es ist kein Mailserver eingerichtet, also wird nichts verschickt: Mails bleiben im Ausgangsordner "
        "des Dienstes."
    ),
    "mails.which": "Was verschickt wird",
    "mails.which-help": (
        "Mitglieder wählen daraus auf einer Seite, auf die jede Mail verweist, und können dort alle abbestellen."
    ),
    "mails.expiry-needed": (
        "Lässt sich nicht abschalten: Punkte verfallen erst nach einer Warnung, und dieses Programm warnt per Mail."
    ),
    "mails.earned-help": "Zunächst aus: nach jeder Bestellung eine Mail, die eines Tages zusammen.",
    "mails.sender": "Name des Absenders",
    "mails.sender-help": "Steht vor der Adresse, die der Betreiber eingerichtet hat. Leer: dessen Name.",
    "mails.accent": "Farbe",
    "mails.accent-help": "Des Streifens oben, in dem der Name deines Programms steht.",
    "mails.per-day": "Höchstens so viele Mails am Tag",
    "mails.per-day-help": (
        "Was inzwischen dazukommt, wird am nächsten Tag eine Mail. Warnungen vor dem Verfall warten nie."
    ),
    "mails.save": "Speichern",
    "mails.look": "Wie es aussieht",
    "mails.look-help": "Mit erfundenen Zahlen und den Namen deines Programms.",
    "mails.kind": "Mail",
    "mails.language": "Sprache",
    "mails.show": "Zeigen",
    "mails.frame": "Die Mail, wie sie im Mailprogramm aussieht",
    "mails.as-text": "Als Text",
    "mails.test": "An dich selbst schicken",
    "mails.to": "Adresse",
    "mails.to-help": "Die Mail von oben geht einmal dorthin, mit ihren erfundenen Zahlen.",
    "mails.send": "Schicken",
    "mails.problem-sender-name": "Höchstens 60 Zeichen.",
    "mails.problem-accent": "Wähle eine Farbe.",
    "mails.problem-per-day": "Wähle eine Zahl von 1 bis 20.",
    "mails.problem-to": "Das ist keine Mailadresse.",
    "mails.problem-often": "Zu viele hintereinander. Versuche es in einigen Minuten noch einmal.",
    "mails.problem-send": "Die Mail konnte nicht verschickt werden. Das Protokoll des Dienstes sagt, warum.",
    "said.mails-saved": "Gespeichert. Es gilt ab jetzt.",
    "said.mail-sent": "Der Mailserver hat die Mail angenommen.",
    "said.mail-in-folder": "Es ist kein Mailserver eingerichtet: Die Mail liegt im Ausgangsordner.",
    "settings.mails": "E-Mails",
    "settings.mails-text": "Welche E-Mails Mitglieder bekommen, wie sie aussehen, und ein Probeversand an Sie selbst.",
    "mail-kind.welcome": "Willkommen",
    "mail-kind.points-earned": "Punkte gesammelt",
    "mail-kind.reward-ready": "Prämie in Reichweite",
    "mail-kind.expiry": "Punkte verfallen bald",
    "mail-kind.tier-reached": "Stufe erreicht",
    "mail-kind.tier-at-risk": "Stufe in Gefahr",
    "mail-kind.tier-lost": "Stufe verloren",
    "mail-kind.badge-awarded": "Abzeichen erhalten",
    "mail-kind.referral": "Einladung",
    "mail-kind.voucher-expiring": "Code läuft bald ab",
    "mail-kind.programme-changed": "Geänderte Regeln",
    "mail-kind.wind-down": "Ende des Programms",
}
