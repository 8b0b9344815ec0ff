"""German: queues."""

WORDS = {
    "shell.rewards": "Prämien",
    "shell.badges": "Abzeichen",
    "shell.referrals": "Empfehlungen",
    "queues.referrals": "Empfehlungen, die anzusehen sind",
    "queues.referrals-text": (
        "Hier deutet etwas darauf hin, dass Freund und Werber ein Mensch sind oder viele auf einmal kommen. "
        "Gezahlt wird erst, wenn jemand entscheidet."
    ),
    "queues.referrals-yes": "Gelten lassen",
    "queues.referrals-no": "Ablehnen",
    "queues.awards": "Auszeichnungen, die auf Sie warten",
    "queues.awards-text": (
        "Sie beruhen meist auf Stimmen, die Mitglieder einander gaben. Sie zählen, sobald jemand es sagt."
    ),
    "queues.awards-yes": "Sie zählt",
    "queues.awards-no": "Sie zählt nicht",
    "queues.perks": "Prämien, die Sie selbst übergeben",
    "queues.perks-text": (
        "Mitglieder haben dafür Punkte gegeben und warten. Lehnen Sie ab, kommen die Punkte zurück, und das "
        "Mitglied liest Ihre Begründung."
    ),
    "queues.perks-yes": "Sie wurde übergeben",
    "queues.perks-no": "Sie kann nicht übergeben werden",
    "queues.credits": "Ungeklärte Guthaben",
    "queues.credits-text": (
        "Der Shop sagte nicht, ob er es tat. Sehen Sie dort das Guthaben des Kunden an; jede Zeile hat eine "
        "Nummer. Ungefragt zu wiederholen könnte doppelt geben."
    ),
    "queues.credits-yes": "Der Shop tat es, mit dieser Nummer",
    "queues.credits-no": "Der Shop tat es nicht",
    "queues.transaction": "Nummer der Buchung im Shop, falls er es tat",
    "queues.transaction-missing": "Nennen Sie die Nummer der Buchung in Ziffern. Nichts ist geschehen.",
    "queues.credit-of-another": "Diese Buchung gehört zu einer anderen Einlösung. Nichts ist geschehen.",
    "queues.reason": "Warum? Es wird mit Ihrem Namen aufbewahrt",
    "queues.reason-missing": "Sagen Sie, warum. Nichts ist geschehen.",
    "queues.reason-long": "Höchstens 500 Zeichen, bitte. Nichts ist geschehen.",
    "queues.referrer": "Wer warb",
    "queues.friend": "Der Freund",
    "queues.member": "Mitglied",
    "queues.customer": "Kunde im Shop",
    "queues.score": "Gewicht der Zeichen",
    "queues.points": "Punkte",
    "queues.since": "Seit",
    "queues.none": "Hier wartet nichts auf Sie.",
    "queues.more": "Nur die ältesten {count} stehen hier; weitere kommen, sobald diese entschieden sind.",
    "queues.not-you": "Darüber entscheidet jemand mit einer höheren Rolle.",
    "sign.same-address": "Beide haben dieselbe Mailadresse.",
    "sign.similar-address": "Ihre Mailadressen unterscheiden sich nur in der Schreibweise.",
    "sign.same-payment": "Beide zahlten mit demselben Mittel.",
    "sign.same-phone": "Beide haben dieselbe Telefonnummer.",
    "sign.same-household": "Beide wohnen unter derselben Anschrift.",
    "sign.same-device": "Beide benutzten dasselbe Gerät.",
    "sign.same-ip": "Beide kamen von derselben Netzadresse.",
    "sign.friend-not-new": "Der Freund kaufte schon früher. Bestellungen: {earlier_orders}.",
    "sign.many-on-one-day": "Der Werber brachte an einem Tag ungewöhnlich viele.",
    "sign.many-from-one-ip": "Ungewöhnlich viele Freunde kamen von einer Netzadresse.",
    "sign.votes-mutual": "Gegenseitige Stimmen: {mutual} von {received}.",
    "sign.year-limit-reached": "Die Jahresgrenze des Werbers ist erreicht.",
    "sign.credit-give": "Der Shop sollte es geben.",
    "sign.credit-take": "Der Shop sollte es zurücknehmen.",
    "said.queue-decided": "Es ist entschieden.",
    "said.queue-gone": "Es wartet nicht mehr: Jemand war schneller, oder es endete. Nichts ist geschehen.",
}
