"""German: merging, giving and erasing what is kept of a member."""

WORDS = {
    "member.more": "Weiteres",
    "merge.title": "Ein anderes Mitglied in dieses überführen",
    "merge.what": (
        "Alles vom anderen Mitglied wird Sache dieses Mitglieds: Punkte, Verlauf, Stufe, Abzeichen, Kunden von Shops."
    ),
    "merge.other": "Das andere Mitglied: Adresse, Kundennummer oder ID",
    "merge.look": "Erst ansehen",
    "merge.outlook": "Was dabei herauskäme",
    "merge.number": "Was",
    "merge.goes": "Geht",
    "merge.stays": "Bleibt",
    "merge.after": "Danach",
    "merge.once": "Einmalige Gutschriften, die beide hatten, zählen einmal: {count}.",
    "merge.undo": (
        "Es lässt sich später Quelle für Quelle rückgängig machen. Was inzwischen eingelöst wurde, bleibt "
        "beim bleibenden Mitglied."
    ),
    "merge.do": "Zusammenführen",
    "unmerge.title": "Letzte Zusammenführung rückgängig machen",
    "unmerge.now": "Bleibendes Mitglied jetzt",
    "unmerge.then": "Bleibendes Mitglied dann",
    "unmerge.back": "Kommt zurück",
    "unmerge.owed.one": "Das bleibende Mitglied würde {points} schulden: Er ist ausgegeben.",
    "unmerge.owed.other": "Das bleibende Mitglied würde {points} schulden: Sie sind ausgegeben.",
    "unmerge.missing.one": "Vom Mitgebrachten ist {points} ausgegeben.",
    "unmerge.missing.other": "Vom Mitgebrachten sind {points} ausgegeben.",
    "data.title": "Gespeichertes herausgeben oder löschen",
    "data.export": "Alles über die Person herunterladen",
    "data.export-help": "Eine JSON-Datei. Dass danach gefragt wurde, wird mit dem Grund vermerkt.",
    "data.erase": "Die Person für immer löschen",
    "data.goes": (
        "Name, Adressen, Entscheidungen, Gründe und Erklärungen verschwinden, hier und in dem, was die Shops "
        "zeigen; offene Codes werden zurückgezogen. Es lässt sich nicht rückgängig machen."
    ),
    "data.stays": (
        "Die Zahlen der Bücher bleiben, denn sie müssen aufgehen und das Gesetz verlangt sie; wem sie "
        "gehörten, ist vergessen. Ein Vermerk hindert alte Daten, die Person zurückzubringen."
    ),
    "data.type": "Geben Sie zur Bestätigung {id} ein",
    "said.merged": "Die Mitglieder sind jetzt eines.",
    "said.unmerged": "Die Zusammenführung ist rückgängig gemacht.",
    "said.erased": "Die Person ist gelöscht.",
}
