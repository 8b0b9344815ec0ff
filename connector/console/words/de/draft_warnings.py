"""German: what looks mistaken in a programme, and why a version cannot begin then."""

WORDS = {
    "warning.nothing-earned": "Keine Regel gibt Punkte: Lassen Sie Bestellungen oder eine Aktivität welche geben.",
    "warning.earning-over": "Das Verdienen endet, bevor diese Fassung beginnt.",
    "warning.rule-over": "Die Regel endet, bevor diese Fassung beginnt.",
    "warning.more-back-than-paid": "{percent} des Bezahlten kämen zurück: mehr als bezahlt wurde.",
    "warning.generous": "{percent} des Bezahlten kämen zurück. Ist das so gemeint?",
    "warning.spend-not-counted": (
        "Was in {currency} ausgegeben wird, zählt für keine Stufe: Schreiben Sie, was ein {currency} wert ist."
    ),
    "warning.needs-cart": (
        "Kein Shop kann einen Prozentsatz deckeln: Es gibt sie nur auf einer Seite, die ihren Warenkorb "
        "mitgibt, als diesen Betrag."
    ),
    "warning.not-in-this-store": (
        "Kein verbundener Shop kann sie geben: Niemand kann sie einlösen, und es werden keine Punkte genommen."
    ),
    "warning.cannot-be-earned-yet": (
        "Das lässt sich noch nicht verdienen, und Kunden lesen nichts davon: Nichts Verbundenes meldet es ({missing})."
    ),
    "warning.birthdays-unknown": (
        "Niemand kann das bekommen: Kein Shop sagt, wo er Geburtstage führt, und von keinem Mitglied ist er bekannt. "
        "Die Einstellungen eines Shops nennen das Feld, die Seite eines Mitglieds (Wer es ist) setzt einen "
        "Geburtstag, die API viele."
    ),
    "warning.not-written": (
        "Es steht nicht da: Dafür gilt {points}. So viele Punkte dürfen nach einer Erstattung geschuldet "
        "sein, und spätere gleichen sie aus; mehr wird abgeschrieben. Schreiben Sie 0, um alles "
        "abzuschreiben, was ausgegeben war."
    ),
    "warning.shop-unknown": "Der Shop kennt {what} noch nicht: {value} steht dafür.",
    "warning.average-order": "seine durchschnittliche Bestellung",
    "warning.about": "{thing}, {field}",
    "warning.mend": "Was zu ändern ist, wird in einem Entwurf geändert.",
    "warning.to-drafts": "Zu den Entwürfen",
    "editor.start-past": "Eine Fassung beginnt jetzt oder später, nie in der Vergangenheit.",
    "editor.start-far": "Eine Fassung beginnt innerhalb von {days} Tagen. Veröffentlichen Sie Späteres später.",
    "editor.start-planned": (
        "Fassung {version} beginnt am {at}. Schreiben Sie diese Zeit, dann ersetzt Ihr Entwurf sie; oder schreiben "
        "Sie eine spätere."
    ),
    "start.shop-silent": "Ihr Shop hat nicht geantwortet wie nötig, deshalb ließ es sich nicht ausprobieren. Er sagte:",
}
