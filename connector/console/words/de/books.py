"""German: books."""

WORDS = {
    "books.title": "Stimmen die Bücher mit dem Shop überein?",
    "books.as-of": "Stand {at}",
    "books.nothing": "Es ist noch kein Shop verbunden.",
    "books.match": "Ja, Bücher und Shop stimmen überein.",
    "books.repairing": "Fast: Abweichungen wurden gefunden und werden gerade behoben.",
    "books.differ": "Nein, bitte nachsehen.",
    "books.unknown": "Noch unbekannt: Die letzten 90 Tage wurden nie vollständig gelesen.",
    "books.read": "Zuletzt vollständig gelesen",
    "books.read-at": "{at}",
    "books.never": "noch nie",
    "books.shown": "Bestellungen, die der Shop zeigte",
    "books.known": "Bestellungen in unseren Büchern",
    "books.waiting": "Auf dem Weg in die Bücher",
    "books.unreadable": "Nachrichten, die niemand lesen konnte",
    "books.broke-off": "Das letzte Lesen brach ab: {problem}",
    "books.brake": "Die Bremse ist angezogen",
    "books.held.one": (
        "{n} Unterschied würde Mitgliedern auf einmal Punkte oder Codes nehmen, obwohl der Shop keine spätere"
        " Änderung nennt. Nichts wird genommen, bis jemand sagt, dass der Shop recht hat. Zuerst gefunden am "
        "{at}."
    ),
    "books.held.other": (
        "{n} Unterschiede würden Mitgliedern auf einmal Punkte oder Codes nehmen, obwohl der Shop keine "
        "spätere Änderung nennt. Nichts wird genommen, bis jemand sagt, dass der Shop recht hat. Zuerst "
        "gefunden am {at}."
    ),
    "books.let-go": "Wenn der Shop recht hat, geben Sie sie frei:",
    "books.cure": (
        "Wenn der Shop falsch liegt (etwa aus einer alten Kopie wiederhergestellt), reparieren Sie ihn: "
        "Das nächste nächtliche Lesen beendet dies."
    ),
    "books.none": "In den letzten 90 Tagen wurde keine Abweichung gefunden.",
    "books.caption": "Abweichungen, neueste zuerst",
    "books.more": "Nur die neuesten {count} sind aufgeführt.",
    "books.order": "Bestellung, Code oder Mitglied",
    "books.found": "Gefunden",
    "books.what": "Was",
    "books.ours": "Unsere Bücher",
    "books.theirs": "Der Shop",
    "books.done": "Was getan wurde",
    "books.given-back": "{amount} erstattet",
    "books.code": "Code {code}",
    "books.version": "Fassung {version}",
    "books.has-nothing": "nichts",
    "books.by": "von {who}: {why}",
    "difference.missing": "Der Shop hat sie, wir hatten nie von ihr gehört",
    "difference.stale": "Sie änderte sich im Shop, ohne dass wir es erfuhren",
    "difference.extra": "Der Shop sagt, er habe keine solche Bestellung",
    "difference.amount-diff": "Bücher und Shop sagen Verschiedenes",
    "difference.orphan-voucher": "Code und Einlösung passen nicht zusammen: eines ist ohne das andere",
    "difference.missing-snapshot": "Der Shop verlor, was er einem Mitglied zeigt",
    "difference.stale-snapshot": "Der Shop zeigt einem Mitglied etwas anderes",
    "done.repaired": "Behoben",
    "done.asked": "Der Shop wurde noch einmal gefragt, seine Antwort gilt",
    "done.held": "Angehalten: Jemand muss entscheiden",
    "done.released": "Freigegeben",
    "done.seen-again": "Ein späteres Lesen spricht dafür",
}
