"""Mail and page that link two accounts, in German."""

TEXTS = {
    "link.subject": "Ihre Konten bei {programme} verbinden",
    "link.mail": (
        "Jemand, der bei {asking} angemeldet ist, möchte das Konto bei {asked} mit dieser Adresse verbinden.\n\n"
        "Wenn Sie das waren, öffnen Sie diese Seite innerhalb von {minutes} Minuten und geben Sie den Code ein, den "
        "{asking} Ihnen zeigt:\n{url}\n\nWenn nicht, tun Sie nichts. Es wird nichts verbunden."
    ),
    "link.title": "Zwei Konten verbinden",
    "link.what": ("Ihr Konto bei {asked} und das bei {asking} angemeldete werden eins. Beide Shops zeigen es dann."),
    "link.yours": "Ihr Konto bei {store}",
    "link.theirs": "Das Konto bei {store}",
    "link.together": "Zusammen",
    "link.available": "Einlösbar",
    "link.balance": "Insgesamt",
    "link.once.one": "{n} Gutschrift, die beide Konten haben, zählt einmal.",
    "link.once.other": "{n} Gutschriften, die beide Konten haben, zählen einmal.",
    "link.warning": (
        "Geben Sie nur einen Code ein, den Sie selbst bei {asking} sehen. Wer Ihnen einen schickt, will Ihr Guthaben."
    ),
    "link.code": "Code, den {asking} zeigt",
    "link.button": "Konten verbinden",
    "link.done": "Die Konten sind jetzt eins. Einlösbar: {points}.",
    "link.over": "Dieser Link gilt nicht mehr oder galt nie. Fordern Sie im Shop einen neuen an.",
    "link.wrong": "Das ist nicht der Code. Sehen Sie auf der Seite nach, auf der Sie den Link angefordert haben.",
    "link.not-possible": "Diese Konten können jetzt nicht verbunden werden.",
    "link.merged-on": (
        "Dieses Konto wurde seither mit einem weiteren verbunden. Löse zuerst jene Verbindung, oder frag im Shop nach."
    ),
    "link.spent": (
        "Diese Konten können jetzt nicht getrennt werden: "
        "{points} aus beiden sind schon ausgegeben. Bitte fragen Sie im Shop nach."
    ),
    "claim.subject": "{many} für Ihre Bestellungen bei {store}",
    "claim.mail": (
        "Jemand, der bei {store} angemeldet ist, möchte {many} für Bestellungen, die mit dieser Adresse ohne Konto "
        "aufgegeben wurden.\n\n"
        "Wenn Sie das waren, öffnen Sie diese Seite innerhalb von {minutes} Minuten und geben Sie den Code ein, den "
        "{store} Ihnen zeigt:\n{url}\n\nWenn nicht, tun Sie nichts. Die Bestellungen bleiben, wie sie sind."
    ),
    "claim.title": "{many} für frühere Bestellungen",
    "claim.what.one": (
        "{n} Bestellung, die mit dieser Adresse ohne Konto aufgegeben wurde, kommt zu dem bei {store} angemeldeten "
        "Konto."
    ),
    "claim.what.other": (
        "{n} Bestellungen, die mit dieser Adresse ohne Konto aufgegeben wurden, kommen zu dem bei {store} angemeldeten "
        "Konto."
    ),
    "claim.button": "{many} abholen",
    "claim.done.one": "{n} Bestellung gehört jetzt Ihnen. Die {many} erscheinen gleich im Shop.",
    "claim.done.other": "{n} Bestellungen gehören jetzt Ihnen. Die {many} erscheinen gleich im Shop.",
    "claim.not-possible": "Für diese Bestellungen gibt es jetzt keine {many}.",
}
