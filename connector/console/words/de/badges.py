"""German: badges."""

WORDS = {
    "tab.badges": "Katalog",
    "tab.boards": "Ranglisten",
    "badges.lead": "Wofür Mitglieder ausgezeichnet werden, und wer das jetzt hat.",
    "badges.preview": (
        "Zum Ändern einen Entwurf anlegen: Er zählt, wer ein Abzeichen bekäme oder verlöre, bevor etwas gilt."
    ),
    "badges.none": "Das Programm hat noch keine Abzeichen.",
    "badges.badge": "Abzeichen",
    "badges.level": "Grad",
    "badges.criteria": "Was es verlangt",
    "badges.holders": "Haben es jetzt",
    "badges.lately": "In 30 Tagen bekommen",
    "badges.members": "Mitglieder, die es haben: {count}",
    "badges.repeats": "Kann immer wieder erworben werden",
    "badges.season": "Nur ab {first} und vor dem {end}",
    "badges.hidden": "Geheim, bis jemand es hat",
    "badges.keeps": "Bleibt, wenn es einmal verliehen ist",
    "badges.list": "Wer es hat, die Neuesten zuerst",
    "badges.nobody": "Niemand hat es.",
    "boards.lead": (
        "Wie Kunden sie sehen: nur wer auf Ranglisten sein will, unter dem gewählten Namen oder einem "
        "Decknamen. Nie nach Punkten oder Geld."
    ),
    "boards.measure": "Wofür",
    "boards.period": "Wann",
    "boards.rank": "Platz",
    "boards.name": "Gezeigt als",
    "boards.taking-part": "Insgesamt auf dieser Liste: {count}.",
    "boards.take": "Einen Namen von den Bestenlisten nehmen",
    "boards.take-text": (
        "An seiner Stelle steht hier sofort ein Pseudonym, in Shops innerhalb von zehn Minuten. Das Mitglied "
        "bleibt auf den Listen und kann einen anderen Namen wählen, nicht wieder denselben."
    ),
    "boards.take-name": "Name",
    "boards.take-do": "Diesen Namen entfernen",
    "said.name-taken": "Der Name ist von den Bestenlisten genommen.",
    "boards.nobody": "Niemand, der auf Ranglisten sein will, hat in dieser Zeit etwas davon getan.",
    "badges.elsewhere": (
        "Bewertungen, Fragen und Antworten werden dort freigegeben, wo sie geschrieben werden: im Shop oder in der "
        "App. Hier wartet, was nur jemand entscheiden kann, der die Community kennt."
    ),
}
