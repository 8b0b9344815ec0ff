"""Deutsch."""

WORDS = {
    "books.title": "Stimmen die Bücher mit dem Shop überein?",
    "books.as-of": "Stand {at} UTC",
    "books.nothing": "Es ist noch kein Shop verbunden.",
    "books.match": "Ja, Bücher und Shop stimmen überein.",
    "books.repairing": "Fast: Abweichungen wurden gefunden und werden gerade behoben.",
    "books.differ": "Nein, bitte nachsehen.",
    "books.unknown": "Noch unbekannt: Die letzten 90 Tage wurden nie vollständig gelesen.",
    "books.read": "Zuletzt vollständig gelesen",
    "books.read-at": "{at} UTC",
    "books.never": "noch nie",
    "books.shown": "Bestellungen, die der Shop zeigte",
    "books.known": "Bestellungen in unseren Büchern",
    "books.waiting": "Auf dem Weg in die Bücher",
    "books.unreadable": "Nachrichten, die niemand lesen konnte",
    "books.broke-off": "Das letzte Lesen brach ab: {problem}",
    "books.brake": "Die Bremse ist angezogen",
    "books.held": (
        "{count} Unterschiede würden Mitgliedern auf einmal Punkte oder Codes nehmen, obwohl der Shop keine spätere "
        "Änderung nennt. Nichts wird genommen, bis jemand sagt, dass der Shop recht hat. Zuerst gefunden am {at} UTC."
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
    "books.found": "Gefunden (UTC)",
    "books.what": "Was",
    "books.ours": "Unsere Bücher",
    "books.theirs": "Der Shop",
    "books.done": "Was getan wurde",
    "books.given-back": "{amount} erstattet",
    "books.code": "Code {code}",
    "books.version": "Version {version}",
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
    "shell.skip": "Zum Inhalt",
    "shell.navigation": "Bereiche der Konsole",
    "shell.connection": "Verbindung",
    "shell.members": "Mitglieder",
    "shell.books": "Bücher",
    "shell.who": "{name} ({role})",
    "shell.sign-out": "Abmelden",
    "role.owner": "Inhaber",
    "role.manager": "Leitung",
    "role.support": "Kundendienst",
    "role.read-only": "nur lesen",
    "out.title": "Sie sind nicht angemeldet",
    "out.text": (
        "Öffnen Sie Belong erneut in der Verwaltung Ihres Shops. Kommt diese Seite jedes Mal, dann behält "
        "Ihr Browser in eingebetteten Seiten keine Cookies: Öffnen Sie Belong dort in einem neuen Tab."
    ),
    "over.title": "Diese Adresse wurde schon benutzt oder ist zu alt",
    "over.text": "Sie gilt einmal, eine Minute lang. Öffnen Sie Belong erneut in der Verwaltung Ihres Shops.",
    "left.title": "Sie haben sich abgemeldet",
    "left.text": "Zum Wiederkommen öffnen Sie Belong in der Verwaltung Ihres Shops.",
    "refused.title": "Ihre Rolle erlaubt das nicht",
    "refused.text": (
        "Es ist nichts geschehen. Sie sind angemeldet als: {role}. Der Inhaber des Shops kann das tun oder "
        "Ihnen im Shop eine andere Rolle geben."
    ),
    "old-form.title": "Diese Seite war zu alt",
    "old-form.text": (
        "Es ist nichts geschehen. Gehen Sie zurück, laden Sie die Seite neu und wiederholen Sie den Schritt."
    ),
    "missing.title": "Diese Seite gibt es nicht",
    "missing.text": "Vielleicht gehört sie zu einem anderen Programm, oder es gab sie nie.",
    "later.title": "Das ging gerade nicht",
    "later.text": "Es ist nichts geschehen. Bitte versuchen Sie es in einer Minute noch einmal.",
    "connection.programme": "Programm: {name}, Fassung {version}",
    "connection.works": "Alles läuft.",
    "connection.broken": "Hier wird etwas von Ihnen gebraucht.",
    "connection.ended": "Dieser Shop ist getrennt.",
    "connection.ended-at": "Getrennt seit",
    "connection.come-back": "Die Punkte bleiben hier; verbinden Sie den Shop erneut, um weiterzumachen.",
    "connection.to-do": "Was zu tun ist",
    "connection.answers": "Der Shop antwortet.",
    "connection.lacks-credit": "Eine Prämie Ihres Programms ist Guthaben, und Shopify erlaubt "
    "es noch nicht: Bis dahin kann niemand sie haben.",
    "connection.allow": "Guthaben erlauben",
    "connection.rests": "Der Shop antwortet uns nicht. Wir fragen ihn immer wieder, mindestens jede Viertelstunde; "
    "was er zeigen soll, wartet, und nichts geht verloren. Seit:",
    "connection.silent": "Der Shop antwortet nicht. Er holt sich, was er zeigt, mit eigenen Anrufen.",
    "connection.quiet": "Der Shop ist länger still als üblich (höchstens {hours} Stunden). Zuletzt gehört:",
    "connection.missed": (
        "Am letzten Tag wurden {count} Bestellungen erst beim Lesen des Shops gefunden: Er hatte sie nicht gemeldet."
    ),
    "connection.queue-late": (
        "Änderungen warten im Shop seit mehr als fünfzehn Minuten. Vielleicht stehen seine "
        "Hintergrundaufgaben (WP-Cron) still."
    ),
    "connection.unreadable": "{count} Nachrichten waren nicht lesbar und wurden beiseitegelegt.",
    "connection.since": "Verbunden seit",
    "connection.heard": "Letzte Nachricht des Shops",
    "connection.never": "noch nie",
    "connection.queue": "Wartet im Shop",
    "connection.oldest": "seit",
    "connection.waiting": "Wartet hier",
    "connection.reach": "Wie der Shop von Punkten erfährt",
    "connection.reach-push": "Wir rufen sein Plugin an, in Sekunden.",
    "connection.reach-collect": "Er fragt jede Minute: Wir können ihn nicht anrufen.",
    "connection.reach-api": "Über die Schnittstelle seiner Plattform.",
    "connection.failing": "keine Antwort seit",
    "connection.books": "Bücher und Shop",
    "connection.past": "Bestellungen von früher",
    "connection.run-running": "werden gelesen",
    "connection.run-paused": "Lesen ist angehalten",
    "connection.run-failed": "Lesen steht still",
    "connection.run-done": "gelesen",
    "connection.run-replaced": "neu begonnen",
    "connection.run-none": "nicht gelesen",
    "connection.read": "bisher {read}",
    "connection.read-of": "{read} von {total}",
    "connection.versions": "Versionen im Shop",
    "connection.zip": "Plugin zum Installieren",
    "connection.outdated": (
        "Der Shop hat Version {installed} unseres Plugins, hier liegt {here}. Laden Sie es unten herunter und im Shop "
        "hoch (Plugins > Plugin hinzufügen > Plugin hochladen); Verbindung, Einstellungen und Punkte bleiben."
    ),
    "connection.ask": "Shop jetzt anrufen",
    "join.title": "WooCommerce-Shop verbinden",
    "join.text": (
        "Mit einem Kopplungscode kommt ein Shop in dieses Programm: ein neuer, einer, der zurückkehrt, oder einer, der "
        "neue Schlüssel bekommen soll. Schlüssel werden nicht kopiert."
    ),
    "join.install": (
        "Laden Sie im Shop das Plugin hoch (Plugins > Plugin hinzufügen > Plugin hochladen) und aktivieren Sie es:"
    ),
    "join.no-zip": "Seine Dateien liegen nicht neben diesem Dienst; wer ihn betreibt, hat die Zip-Datei.",
    "join.make": "Erzeugen Sie hier einen Kopplungscode.",
    "join.paste": (
        "Öffnen Sie im Shop WooCommerce > Belong, fügen Sie den Code ein und drücken Sie Verbinden, innerhalb von "
        "{minutes} Minuten."
    ),
    "join.look": "Nachsehen, ob der Shop verbunden ist: Dann steht er auf dieser Seite.",
    "join.button": "Kopplungscode erzeugen",
    "join.another": "Einen weiteren Code erzeugen",
    "join.owner": "Nur der Inhaber kann einen Kopplungscode erzeugen.",
    "join.made": "Der Kopplungscode ist erzeugt.",
    "join.until": "Er gilt {minutes} Minuten lang und für einen Shop, bis {at} UTC.",
    "join.once": (
        "Er wird nur jetzt gezeigt. Wer ihn hat, kann mit einem Shop in dieses Programm kommen; geben Sie ihn "
        "niemandem sonst."
    ),
    "join.code": "Kopplungscode",
    "join.leads": "Der Code enthält die Adresse dieses Dienstes, unter der ihn der Shop erreichen muss:",
    "members.label": "E-Mail-Adresse, Kundennummer oder Mitglieds-ID",
    "members.search": "Suchen",
    "members.none": "Niemand gefunden. Schreiben Sie die ganze Adresse oder Nummer.",
    "member.title": "Mitglied",
    "member.customer": "Kunde {ref}",
    "member.mail": "E-Mail",
    "member.balance": "Stand",
    "member.numbers": "Punkte",
    "member.available": "Verfügbar",
    "member.pending": "Vorgemerkt",
    "member.held": "Im Warenkorb reserviert",
    "member.deficit": "Offen",
    "member.lifetime": "Insgesamt gesammelt",
    "member.tier": "Stufe",
    "member.lots": "Vorhandene Punkte und wann sie verfallen",
    "lot.left": "Übrig",
    "lot.of": "Von",
    "lot.from": "Einlösbar ab",
    "lot.until": "bis",
    "lot.end": "Letzter Tag",
    "lot.now": "sofort",
    "lot.waits": "wenn die Bestellung erledigt ist",
    "lot.never": "ohne Ende",
    "lot.not-told": "noch nicht angekündigt",
    "member.badges": "Abzeichen",
    "member.vouchers": "Gutscheine",
    "member.entries": "Verlauf mit Gründen",
    "member.no-entries": "Es haben sich noch keine Punkte bewegt.",
    "member.older": "Ältere Einträge",
    "member.orders": "Bestellungen in dieser Liste",
    "member.nothing": "Was nichts eingebracht hat, und warum",
    "entry.more": "Wie es berechnet wurde",
    "entry.not-fired": "Regeln, die nicht galten:",
    "entry.version": "Programmfassung {version}",
    "entry.order": "Diese Bestellung",
    "status.active": "aktiv",
    "status.left": "ausgetreten",
    "status.blocked": "gesperrt",
    "status.merged": "mit einem anderen Mitglied zusammengelegt",
    "status.erased": "gelöscht",
    "order.title": "Bestellung {name}",
    "order.known": "Was bekannt ist",
    "order.status": "Zustand",
    "order.open": "nicht bezahlt",
    "order.paid": "bezahlt",
    "order.cancelled": "storniert",
    "order.deleted": "im Shop gelöscht",
    "order.total": "Summe",
    "order.refunded": "Erstattet",
    "order.paid-at": "Bezahlt",
    "order.whose": "Von wem",
    "order.guest": "ein Gast",
    "order.nobody": "Kunde {ref}, kein Mitglied",
    "order.moved": "Was sie bewegt hat, und warum",
    "order.in-all": "Insgesamt: {points}",
    "order.nothing": "Diese Bestellung hat keine Punkte bewegt.",
    "order.why-not": "Warum nicht mehr",
    "embedded.wait": "Einen Augenblick …",
    "embedded.failed": "Das hat nicht geklappt. Versuchen Sie es noch einmal.",
    "unproven.title": "Öffnen Sie die App in Shopify",
    "unproven.text": "Nichts zeigt, welcher Shop das ist. Öffnen Sie die App in Ihrer Shopify-Verwaltung unter Apps.",
    "not-set-up.title": "Es fehlt noch etwas",
    "not-set-up.text": "Der Shop konnte nicht verbunden werden. Wer diesen Dienst betreibt, muss nachsehen:",
    "shell.start": "Beginnen",
    "shell.privacy": "Datenanfragen",
    "start.title": "Mit Ihrem Programm beginnen",
    "start.joined": "Ihr Shop ist verbunden",
    "start.choose": "Wählen Sie ein Programm",
    "start.as-is": "Wie es jetzt ist: {name}",
    "start.try": "An Ihren eigenen Bestellungen ausprobieren",
    "start.try-text": (
        "Sehen Sie, was Ihre letzten zehn bezahlten Bestellungen gebracht "
        "hätten. Nichts wird geschrieben, niemand erfährt davon."
    ),
    "start.try-button": "An meinen letzten Bestellungen ausprobieren",
    "start.tried": "Mit {name} hätten Ihre letzten Bestellungen gebracht:",
    "start.no-orders": "Ihr Shop hat keine bezahlten Bestellungen der letzten Wochen.",
    "start.order": "Bestellung",
    "start.total": "Summe",
    "start.points": "Punkte",
    "start.guest": "Gast",
    "start.live": "In Betrieb nehmen",
    "start.live-text": (
        "Von da an bringen Bestellungen Punkte, Ihr Shop zeigt sie, und Ihre früheren Bestellungen "
        "werden gelesen, damit alle gefunden werden. Bis dahin wird nichts vergeben."
    ),
    "start.live-button": "In Betrieb nehmen",
    "start.owner": "Das macht, wem das Shopify-Konto gehört.",
    "start.is-live": "{name} ist in Betrieb: Bestellungen bringen Punkte.",
    "start.past": "Ihre früheren Bestellungen:",
    "start.connection": "Wie es der Verbindung geht",
    "privacy.title": "Anfragen nach persönlichen Daten",
    "privacy.text": (
        "Shopify reicht sie weiter. Geben Sie die Datei innerhalb von 30 Tagen an die Person, "
        "die gefragt hat. Sie entsteht, wenn Sie sie holen, und das wird vermerkt."
    ),
    "privacy.none": "Niemand hat gefragt.",
    "privacy.asked": "Gefragt am {at}",
    "privacy.customer": "Kundin oder Kunde {id} Ihres Shops",
    "privacy.guest": "Jemand, der ohne Konto bestellt hat: {orders}",
    "privacy.erased": "Jemand, der inzwischen gelöscht wurde.",
    "privacy.file": "Die Datei holen",
    "privacy.until": "Fällig bis {at}",
    "privacy.unknown": "Über diese Person ist nichts gespeichert.",
    "privacy.soon": "Die Datei ist in einer Minute hier.",
    "start.template": "Programm",
    "start.tier": "Stufe",
    "start.tiers-text": (
        "Die Stufen sind die, zu denen diese Bestellungen allein geführt hätten. Was vorher gekauft wurde, wird "
        "gelesen, sobald Sie in Betrieb nehmen."
    ),
    "template.boutique": (
        "Boutique: wenige, wertvolle Kunden; Stufen nach Umsatz, Guthaben und Vorteile statt Gutscheinen, Punkte, "
        "die bleiben."
    ),
    "template.circle": (
        "Circle: das ganze Programm, mit Stufen, Abzeichen, Leveln und Empfehlungen. Für die meisten Shops ein "
        "guter Anfang."
    ),
    "template.community": (
        "Community: Kunden, die einander helfen; Abzeichen und Vertrauensstufen zählen mehr als Geld."
    ),
    "template.plain-1": "Einfach: Jede Bestellung bringt 1 % zurück, mehr gibt es nicht zu erklären.",
    "template.plain-3": "Einfach: Jede Bestellung bringt 3 % zurück, mehr gibt es nicht zu erklären.",
    "template.plain-5": "Einfach: Jede Bestellung bringt 5 % zurück, mehr gibt es nicht zu erklären.",
}
