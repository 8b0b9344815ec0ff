"""German: connection."""

WORDS = {
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
    "connection.missed.one": (
        "Am letzten Tag wurde {n} Bestellung erst beim Lesen des Shops gefunden: Er hatte sie nicht gemeldet."
    ),
    "connection.missed.other": (
        "Am letzten Tag wurden {n} Bestellungen erst beim Lesen des Shops gefunden: Er hatte sie nicht gemeldet."
    ),
    "connection.queue-late": (
        "Änderungen warten im Shop seit mehr als fünfzehn Minuten. Vielleicht stehen seine "
        "Hintergrundaufgaben (WP-Cron) still."
    ),
    "connection.unreadable.one": "{n} Nachricht war nicht lesbar und wurde beiseitegelegt.",
    "connection.unreadable.other": "{n} Nachrichten waren nicht lesbar und wurden beiseitegelegt.",
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
    "join.until": "Er gilt {minutes} Minuten lang und für einen Shop, bis {at}.",
    "join.once": (
        "Er wird nur jetzt gezeigt. Wer ihn hat, kann mit einem Shop in dieses Programm kommen; geben Sie ihn "
        "niemandem sonst."
    ),
    "join.code": "Kopplungscode",
    "join.leads": "Der Code enthält die Adresse dieses Dienstes, unter der ihn der Shop erreichen muss:",
}
