"""German: home."""

WORDS = {
    "home.title": "{name} heute",
    "home.begin": "Ihr Programm hat noch nicht begonnen",
    "home.begin-text": (
        "Verbinden Sie Ihren Shop, sehen Sie, was das Programm für Ihre eigenen Bestellungen geben würde, "
        "und lassen Sie es dann beginnen."
    ),
    "home.begin-link": "Beginnen",
    "home.works": "Läuft alles?",
    "home.well": "Ja. Die Shops melden sich, und die Bücher stimmen.",
    "home.unwell": "Nicht alles. Sehen Sie sich an, was unten steht.",
    "home.no-shop": "Noch ist kein Shop verbunden.",
    "home.paused": "Das Programm steht still: Bestellungen werden behalten, Punkte weder gegeben noch eingelöst.",
    "home.read": "Zuletzt gelesen",
    "home.never-read": "Noch nie ganz gelesen.",
    "home.books": "Die Bücher",
    "home.books-balanced": "Jede Zahl folgt aus ihren Gründen.",
    "home.books-differ": "Etwas geht nicht auf, und ein Mensch muss nachsehen.",
    "home.books-checking": "Sie werden gerade geprüft.",
    "home.books-broke-off": "Die letzte Prüfung brach ab.",
    "home.books-unknown": "Noch nicht geprüft; das geschieht jede Nacht.",
    "home.checked": "Geprüft",
    "home.todo": "Was Sie braucht",
    "home.nothing": "Nichts wartet auf Sie.",
    "home.brought": "Was es bringt",
    "home.members": "Mitglieder",
    "home.given": "Gegebene Punkte, {days} Tage",
    "home.spent": "Eingelöste Punkte, {days} Tage",
    "home.rate": "Eingelöst von gegeben",
    "home.liability": "Wert von {points} offenen Punkten",
    "home.again": "Wer wiederkommt",
    "home.again-members": "von {people} Mitgliedern, die im letzten Jahr kauften, kauften noch einmal",
    "home.again-others": "von {people} anderen, die im letzten Jahr kauften, kauften noch einmal",
    "home.no-cause": (
        "Das vergleicht und beweist keine Ursache. Wer einen Shop mag, kommt wieder und tritt auch seinem "
        "Programm bei; Mitglieder kauften also auch ohne Punkte öfter. Bestellungen, die niemanden nennen, "
        "zählen nicht mit."
    ),
    "home.not-counted": "Noch ist nichts gezählt. Das geschieht jede Stunde.",
    "home.chart-points": "Punkte je Woche",
    "home.chart-liability": "Wert der offenen Punkte am Ende jedes Tages",
    "home.chart-members": "Mitglieder nach dem Tag ihres Beitritts",
    "home.line-given": "Gegeben",
    "home.line-spent": "Eingelöst",
    "home.line-gone": "Verfallen oder zurückgenommen",
    "home.line-liability": "Wert",
    "home.line-members": "Mitglieder",
    "home.through": "Abgeschlossen sind die Tage bis {day}; was seither kam, zählt, wie es jetzt steht.",
    "home.counted": "Gezählt",
    "todo.letters": "Nachrichten oder Vorgänge, die scheiterten und beiseitegelegt wurden",
    "todo.held": "Unterschiede zwischen Shop und Büchern, die Punkte nehmen würden: Hat der Shop recht?",
    "todo.credits": "Guthaben, von denen niemand weiß, ob der Shop sie gab",
    "todo.referrals": "Empfehlungen, die vor der Zahlung anzusehen sind",
    "todo.awards": "Abzeichen oder Stufen, die auf Ihr Ja warten",
    "todo.adjustments": "Anpassungen, die eine zweite Person brauchen",
    "todo.perks": "Prämien, die Sie selbst übergeben",
}
