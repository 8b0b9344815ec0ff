"""German: ledger."""

WORDS = {
    "said.check-begun": "Die Bücher werden geprüft.",
    "said.check-running": "Eine Prüfung läuft schon.",
    "ledger.lead": (
        "Jeder Punkt, der je gegeben, eingelöst oder verfallen ist, Tag für Tag, und was jetzt geschuldet wird."
    ),
    "ledger.check": "Stimmen die Bücher?",
    "ledger.check-text": (
        "Eine Prüfung rechnet jeden Kontostand, jedes Los, jede Stufe und jedes Abzeichen allein aus Bestellungen "
        "und Regeln noch einmal aus, mit anderem Code als dem, der sie vergab. Sie läuft jede Nacht."
    ),
    "ledger.progress": "{done} von {total} angesehen",
    "ledger.look": "Noch einmal ansehen",
    "ledger.looked-at": "Neu ausgerechnet: {members} und {entries}.",
    "ledger.member": "Dieses Mitglied",
    "ledger.elsewhere.one": (
        "Bei {n} Abweichung ist das Programm unklar; wer diesen Dienst betreibt, muss hinsehen (belong verify)."
    ),
    "ledger.elsewhere.other": (
        "Bei {n} Abweichungen ist das Programm unklar; wer diesen Dienst betreibt, muss hinsehen (belong verify)."
    ),
    "ledger.check-button": "Jetzt prüfen",
    "ledger.match": "Stimmen die Bücher mit dem Shop überein?",
    "ledger.owed": "Was Sie Ihren Mitgliedern schulden",
    "ledger.points": "Offene Punkte",
    "ledger.worth": "Höchstens wert",
    "ledger.owe": "Von Mitgliedern geschuldet",
    "ledger.ended": "Verfallen, noch nicht ausgebucht",
    "ledger.ages": "Offene Punkte nach Alter",
    "ledger.span": "{first} bis {last} Tage",
    "ledger.from": "{first} Tage und mehr",
    "ledger.days": "Abgeschlossene Tage",
    "ledger.csv": "Als Datei (CSV)",
    "ledger.days-text": (
        "Ein abgeschlossener Tag ändert sich nie: Was spät kommt, wird auf den nächsten offenen Tag gebucht. "
        "Jede Wurzel wird aus der des Vortags errechnet, damit kein Tag unbemerkt verändert werden kann."
    ),
    "ledger.day": "Tag",
    "ledger.opening": "Am Anfang",
    "ledger.credits": "Zugang",
    "ledger.debits": "Abgang",
    "ledger.adjusted": "Von Hand",
    "ledger.closing": "Am Ende",
    "ledger.value": "Wert",
    "ledger.root": "Wurzel",
    "ledger.no-days": "Noch ist kein Tag abgeschlossen.",
}
