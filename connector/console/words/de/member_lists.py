"""German: lists of members."""

WORDS = {
    "members.exact": (
        "Adressen sind nur als Fingerabdruck gespeichert, ein Teil davon findet also niemanden: Schreiben "
        "Sie die ganze Adresse. Die Nummer einer Bestellung findet die Bestellung."
    ),
    "members.list": "Alle Mitglieder, die neuesten zuerst",
    "members.filter": "Filtern",
    "members.any": "beliebig",
    "members.status": "Zustand",
    "members.tag": "Schlagwort im Shop",
    "members.tag-help": "Ein Schlagwort, das ein Shop bei seinem Kunden führt.",
    "members.balance-from": "Punktestand ab",
    "members.balance-to": "Punktestand bis",
    "members.joined-from": "Beigetreten ab",
    "members.joined-to": "Beigetreten bis",
    "members.active-from": "Zuletzt aktiv ab",
    "members.active-to": "Zuletzt aktiv bis",
    "members.not-read": "Das ist nicht lesbar.",
    "members.apply": "Diese zeigen",
    "members.clear": "Alle zeigen",
    "members.file": "Als CSV herunterladen",
    "members.joined": "Beigetreten",
    "members.active": "Zuletzt aktiv",
    "members.nobody": "Niemand passt zu diesen Filtern.",
    "members.reached": "Durchgesehen sind Mitglieder bis zum Beitritt am {day}. „Mehr zeigen“ sucht weiter.",
    "members.saved": "Gespeicherte Segmente",
    "members.save-name": "Name für diese Filter",
    "members.save": "Als Segment speichern",
    "members.forget": "Löschen",
    "members.forget-one": "Segment {name} löschen",
    "members.forget-help": "Nur der Name und seine Filter verschwinden; Mitglieder bleiben, wie sie sind.",
    "said.segment-saved": "Das Segment ist gespeichert. Alle, die hier arbeiten, finden es über der Liste.",
    "said.segment-forgotten": "Das Segment ist gelöscht. Mitglieder bleiben, wie sie sind.",
    "said.segment-taken": (
        "Nichts gespeichert: Ein Segment mit diesem Namen gibt es schon. Wählen Sie einen anderen "
        "Namen oder löschen Sie jenes."
    ),
    "said.segments-full": "Nichts gespeichert: Es gibt fünfzig Segmente. Löschen Sie erst einige.",
    "said.segment-unnamed": "Nichts gespeichert: Ein Segment braucht einen Namen und mindestens einen lesbaren Filter.",
    "said.segment-gone": "Dieses Segment hat schon jemand gelöscht.",
}
