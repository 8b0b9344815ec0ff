"""German: backups."""

WORDS = {
    "settings.backups": "Sicherungen",
    "settings.backups-text": "Wann die letzte gemacht wurde, was darin ist, und wie alles zurückkommt.",
    "backups.lead": (
        "Eine Sicherung ist ein Stand der ganzen Datenbank in einer Datei. Wer diesen Dienst betreibt, macht "
        "sie, während er läuft."
    ),
    "backups.last": "Die letzte",
    "backups.fresh": "innerhalb eines Tages",
    "backups.old": "älter als ein Tag",
    "backups.none": "keine bekannt",
    "backups.none-text": (
        "Mit dem eigenen Befehl dieses Dienstes wurde hier keine gemacht. Vielleicht entstehen sie auf anderem "
        "Weg: Fragen Sie, wer den Dienst betreibt."
    ),
    "backups.when": "Gemacht",
    "backups.ago.one": "vor {n} Stunde",
    "backups.ago.other": "vor {n} Stunden",
    "backups.where": "Geschrieben nach",
    "backups.bytes": "Bytes",
    "backups.entries": "Einträge des Hauptbuchs",
    "backups.shared": (
        "Mehrere Programme teilen sich diese Installation; wo die Sicherungen liegen, weiß deshalb, wer sie betreibt."
    ),
    "backups.holds": "Was darin ist",
    "backups.holds-text": (
        "Alles: Mitglieder, Punkte mit ihren Gründen, Bestellungen, Programme, Personen und Einstellungen. "
        "Menschen und Geheimnisse liegen darin mit dem Hauptschlüssel versiegelt."
    ),
    "backups.lacks": (
        "Nicht darin: der Hauptschlüssel, ohne den sich keine öffnen lässt, und das Löschjournal, von dem nur "
        "das neueste gilt. Bewahren Sie von beiden eine Kopie an anderem Ort auf."
    ),
    "backups.make": "Eine machen",
    "backups.make-text": (
        "Auf der Maschine, auf der der Dienst läuft; stündlich von selbst mit deploy/belong-backup.timer:"
    ),
    "backups.why-no-button": (
        "Dafür gibt es hier weder Knopf noch Download. Der Dienst kennt keinen Ort außer seiner eigenen Platte, "
        "und eine Kopie neben dem Original geht mit ihm verloren; und wer eine Sicherung hat, hat jedes Programm "
        "dieser Installation."
    ),
    "backups.tried": "Wurde sie ausprobiert?",
    "backups.tried-text": (
        "Bevor eine Sicherung ihren Namen bekommt, werden ihre Seiten geprüft und ihr ganzes Hauptbuch gelesen. "
        "Ob sie sich zurückholen lässt, weiß niemand, bevor es versucht wurde, und dieser Dienst erfährt es "
        "nicht. Versuchen Sie es ab und zu in einem eigenen Ordner, und starten Sie dort keinen Dienst:"
    ),
    "backups.back": "Alles zurückholen",
    "backups.step-1": "Installieren Sie dieselbe oder eine neuere Version auf einer Maschine ohne die Datenbank.",
    "backups.step-2": "Legen Sie den Hauptschlüssel und das neueste Löschjournal in ihren Ordner.",
    "backups.step-3": (
        "Holen Sie sie zurück: Dabei wird alles geprüft und wieder gelöscht, wer seither gelöscht wurde."
    ),
    "backups.step-4": "Starten Sie den Dienst und lassen Sie ihn die Shops lesen, wegen allem, was seither geschah.",
}
