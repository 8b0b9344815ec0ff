"""Words of mails, and of the page where members choose which they get."""

TEXTS = {
    "mail.several": "Neues zu: {many} bei {programme}",
    "mail.hello": "Hallo,",
    "mail.hello-name": "Hallo {name},",
    "mail.why": "Du bekommst diese Mail, weil du bei {programme} dabei bist und Mails zugestimmt hast.",
    "mail.choose": "Mails auswählen oder abbestellen",
    "mail.shop": "{many} im Shop ansehen",
    "notice.welcome.title": "Willkommen bei {programme}",
    "notice.welcome.text": "Du bist jetzt dabei und sammelst mit deinen Bestellungen {many}.",
    "notice.points-earned.title": "Du hast {points} gesammelt",
    "notice.points-earned.text": "{what} {pending}",
    "notice.points-earned.order": "Du hast mit der Bestellung {order} {points} gesammelt.",
    "notice.points-earned.other": "Du hast {points} gesammelt.",
    "notice.points-earned.pending": "Einlösen kannst du sie ab dem {date}.",
    "notice.referral-ordered.title": "Deine Einladung wurde angenommen",
    "notice.referral-ordered.text": (
        "Jemand, den du eingeladen hast, hat bestellt. Deine Belohnung kommt, sobald die Bestellung nicht "
        "mehr zurückgegeben werden kann."
    ),
    "notice.referral-paid.title": "{points} für deine Einladung",
    "notice.referral-paid.text": (
        "Jemand, den du eingeladen hast, hat bestellt. Dafür hast du {points} bekommen. Danke!"
    ),
    "notice.referral-friend.title": "{points} für deinen Einstieg",
    "notice.referral-friend.text": "Du bist auf eine Einladung hin gekommen. Dafür hast du {points} bekommen.",
    "mail.page.title": "Deine Mails",
    "mail.page.what": "Welche Mails von {programme} möchtest du bekommen?",
    "mail.page.save": "Speichern",
    "mail.page.none": "Gar keine Mails",
    "mail.page.done": "Gespeichert: Das bekommst du ab jetzt.",
    "mail.page.none-done": "Gespeichert: Du bekommst keine Mails mehr.",
    "mail.page.over": "Dieser Link gilt nicht. Nimm den aus der neuesten Mail.",
    "mail.page.note": "Was bald verfällt, siehst du dann im Shop. Es verfällt erst, nachdem du es gesehen hast.",
    "mail.kind.welcome": "Willkommen",
    "mail.kind.points-earned": "Gesammelt: {many}",
    "mail.kind.reward-ready": "Prämien in Reichweite",
    "mail.kind.expiry": "Bald verfallen: {many}",
    "mail.kind.tier-reached": "Eine neue Stufe",
    "mail.kind.tier-at-risk": "Deine Stufe ist in Gefahr",
    "mail.kind.tier-lost": "Deine Stufe hat sich geändert",
    "mail.kind.badge-awarded": "Abzeichen",
    "mail.kind.referral": "Einladungen",
    "mail.kind.voucher-expiring": "Codes, die ablaufen",
    "mail.kind.programme-changed": "Geänderte Regeln",
    "mail.kind.wind-down": "Ende des Programms",
}
