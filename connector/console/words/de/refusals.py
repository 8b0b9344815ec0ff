"""German: why something was not done."""

WORDS = {
    "refusal.nothing": "Es ist nichts geschehen.",
    "refusal.other": "Abgelehnt ({code}).",
    "refusal.reason-missing": "Sagen Sie, warum.",
    "refusal.adjust-reason-missing": "Sagen Sie, warum.",
    "refusal.public-name-none": "Das Mitglied steht nicht mehr unter diesem Namen auf Bestenlisten.",
    "refusal.no-such-day": "Diesen Tag gibt es in keinem Jahr.",
    "refusal.points-not-read": "Schreiben Sie die Punkte als ganze Zahl.",
    "refusal.adjust-nothing": "0 Punkte ändern nichts.",
    "refusal.adjust-above-maximum": "Das ist mehr, als das Programm auf einmal erlaubt.",
    "refusal.adjust-needs-second-person": "Eine andere Person als die, die es wollte, muss zustimmen.",
    "refusal.owner-unknown": (
        "So viele Punkte brauchen zwei namentlich bekannte Personen: Melden Sie sich mit einem Konto dieser "
        "Konsole an, nicht über den Shop."
    ),
    "refusal.adjusting-switched-off": "Der Betreiber lässt Personen des Shops keine Punkte geben oder nehmen.",
    "refusal.key-of-somebody-else": "Jemand anderes hat dieses Formular gesendet. Laden Sie die Seite neu.",
    "refusal.key-used-for-something-else": (
        "Dieses Formular wurde schon mit anderen Zahlen gesendet. Laden Sie die Seite neu."
    ),
    "refusal.request-answered": "Es wurde schon beantwortet oder ist zu alt.",
    "refusal.request-unknown": "Diese Anfrage gibt es nicht.",
    "refusal.not-enough-points": "Das Mitglied hat weniger Punkte.",
    "refusal.member-unknown": "Dieses Mitglied gibt es nicht.",
    "refusal.member-not-active": "Das Mitglied ist ausgetreten, gesperrt, zusammengeführt oder gelöscht.",
    "refusal.member-erased": "Die Person wurde gelöscht und kann nicht zurückkommen.",
    "refusal.status-not-by-hand": "Dieser Zustand wird nicht von Hand gesetzt.",
    "refusal.tier-unknown": "Diese Stufe hat das Programm nicht.",
    "refusal.tier-locked-already": "Die Stufe ist schon so gesetzt.",
    "refusal.tier-not-locked": "Die Stufe geht schon nach Zahlen.",
    "refusal.badge-unknown": "Dieses Abzeichen hat das Programm nicht.",
    "refusal.badge-held-already": "Das Mitglied hat dieses Abzeichen schon.",
    "refusal.badge-not-held": "Das Mitglied hat dieses Abzeichen nicht.",
    "refusal.badge-limit-reached": "Das Abzeichen wurde so oft vergeben, wie es darf.",
    "refusal.badge-out-of-season": "Dieses Abzeichen gibt es nur in seiner Saison.",
    "refusal.redemption-unknown": "Diese Einlösung gibt es nicht.",
    "refusal.redemption-used": "Der Gutschein wurde schon benutzt.",
    "refusal.redemption-not-open": "Sie ist schon vorbei.",
    "refusal.credit-under-way": (
        "Der Shop wird gerade nach diesem Guthaben gefragt. Versuchen Sie es in einigen Minuten wieder."
    ),
    "refusal.merge-with-oneself": "Beide sind dasselbe Mitglied.",
    "refusal.merged-on": "Das andere Mitglied wurde seither weiter zusammengeführt. Machen Sie zuerst das rückgängig.",
    "refusal.not-merged": "Dieses Mitglied ist nicht zusammengeführt.",
    "refusal.survivor-not-active": "Das bleibende Mitglied ist nicht aktiv.",
    "refusal.segment-empty": "Wählen Sie zuerst einen Filter.",
    "refusal.segment-nobody": "Niemand passt zu diesen Filtern.",
    "refusal.segment-changed": "Inzwischen passen andere zu diesen Filtern. Sehen Sie die Vorschau noch einmal an.",
    "refusal.segment-too-large": "Das sind mehr Mitglieder, als auf einmal gehen. Engen Sie die Filter ein.",
    "refusal.bulk-not-begun": "Es hat nicht begonnen, also gibt es nichts zurückzunehmen.",
    "refusal.id-not-typed": "Die eingegebene ID ist eine andere.",
}
