"""German: traffic."""

WORDS = {
    "traffic.parts": "Teile der Vorgänge",
    "traffic.letters": "Beiseitegelegt",
    "traffic.inbox": "Eingang",
    "traffic.outbox": "Ausgang",
    "traffic.inbox-lead": (
        "Was Ihre Shops uns gesagt haben und was wir dort gelesen haben, das Neueste zuerst, und was daraus wurde."
    ),
    "traffic.came": "Was hereinkam",
    "traffic.state": "Stand",
    "traffic.shop": "Shop",
    "traffic.any-state": "Jeder Stand",
    "traffic.any-shop": "Alle Shops",
    "traffic.state-waiting": "wartet",
    "traffic.state-done": "erledigt",
    "traffic.state-parked": "beiseitegelegt",
    "traffic.state-ignored": "nicht gebraucht",
    "traffic.read-by-us": "von Belong gelesen",
    "traffic.to-letter": "Was beiseitegelegt wurde und warum",
    "traffic.inbox-none": "Dergleichen kam nicht herein.",
    "traffic.outbox-lead": "Was Shops, Endpunkten und Mitgliedern noch gesagt werden soll. Das Nächste steht zuerst.",
    "traffic.kind-push": "Punkte für die Shops",
    "traffic.kind-webhook": "Ausgehende Webhooks",
    "traffic.kind-notice": "Mitteilungen an Mitglieder",
    "traffic.what-push": (
        "Der Shop soll Punkte und Prämien dieser Mitglieder zeigen, wie sie jetzt sind. Was misslingt, "
        "wird von selbst wiederholt."
    ),
    "traffic.what-webhook": (
        "Ereignisse, die einer Ihrer Endpunkte noch nicht angenommen hat. Was misslingt, wird von selbst wiederholt."
    ),
    "traffic.what-notice": "Was Mitgliedern per E-Mail gesagt werden muss oder worum sie gebeten haben.",
    "traffic.rests": "Er antwortet nicht. Alles für ihn wartet; er wird wieder gefragt um",
    "traffic.stopped": "Er ist angehalten. Alles für ihn wartet, bis ihn jemand wieder startet.",
    "traffic.due": "Jetzt an der Reihe",
    "traffic.next": "Nächster Versuch",
    "traffic.attempts": "Fehlversuche: {count}",
    "traffic.push-now": "Dem Shop jetzt sagen",
    "traffic.send-now": "Jetzt senden",
    "traffic.outbox-none": "Dergleichen wartet nicht.",
    "said.traffic-now": "Es ist an der Reihe und geht binnen zwei Minuten hinaus.",
    "said.traffic-gone": "Es wartet nicht mehr. Es ist nichts geschehen.",
    "traffic.notice-reversal": "Punkte zurückgenommen",
    "traffic.notice-deficit": "Punkteschuld",
    "traffic.notice-badge-revoked": "Abzeichen erloschen",
    "traffic.notice-level-reached": "Rang in der Community erreicht",
    "traffic.notice-level-lost": "Rang in der Community verloren",
    "traffic.notice-programme-kept": "Neue Regeln zurückgezogen",
}
