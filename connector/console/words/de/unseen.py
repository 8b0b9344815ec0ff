"""German: what was not seen yet."""

WORDS = {
    "unseen.order": "Diese Bestellung wurde noch nicht gesehen",
    "unseen.why": (
        "Sie hat also keine Punkte bewegt. Vielleicht hat der Shop sie noch nicht gemeldet, oder die Nummer "
        "ist eine andere; gesucht wird nach der ID, die der Shop ihr gibt."
    ),
    "unseen.read": "Den Shop jetzt danach fragen",
    "unseen.customer": "Kunde {ref} ist noch kein Mitglied",
    "unseen.consent": "Nur mit Einwilligung der Person. Bestellungen, die darauf warteten, werden dann entschieden.",
    "unseen.enrol": "Zum Mitglied machen",
    "refused.not-done": "Das wurde nicht getan",
    "said.order-wished": "Der Shop wird danach gefragt. Laden Sie diese Seite in einer Minute neu.",
    "said.enrolled": "Der Kunde ist Mitglied.",
}
