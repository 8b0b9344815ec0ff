"""What each entry of a member's ledger is about, in German."""

TEXTS = {
    "points.one": "{n} {name}",
    "points.other": "{n} {name}",
    "entry.earn": "{points} für Bestellung {order}: {calculation}.",
    "entry.earn.plain": "{points} für Bestellung {order}.",
    "entry.earn.more": "{points} zusätzlich für Bestellung {order}: Ware für {kept} bringt jetzt {due}.",
    "entry.bonus.activity": "{points} – Anlass: {what}.",
    "entry.bonus.more": "{points} zusätzlich – Anlass: {what}, jetzt {due} wert.",
    "entry.bonus.other": "{points} extra.",
    "entry.clawback.order-cancelled": "{points} zurückgebucht: Bestellung {order} wurde storniert.",
    "entry.clawback.order-deleted": "{points} zurückgebucht: Bestellung {order} wurde gelöscht.",
    "entry.clawback.order-not-paid": "{points} zurückgebucht: Bestellung {order} ist nicht mehr bezahlt.",
    "entry.clawback.refunded-in-full": "{points} zurückgebucht: Alle Waren aus Bestellung {order} wurden erstattet.",
    "entry.clawback.goods-left": (
        "{points} zurückgebucht: Von Bestellung {order} bleibt Ware für {kept}, und die bringt {due}."
    ),
    "entry.clawback.belongs-to-another": "{points} zurückgebucht: Ein anderes Kundenkonto hat jetzt {what}.",
    "entry.clawback.activity-removed": "{points} zurückgebucht: entfernt wurde {what}.",
    "entry.clawback.one-time-twice": (
        "{points} zurückgebucht: Beide Konten hatten {many} für denselben Anlass bekommen ({what}); "
        "den gibt es pro Person nur einmal."
    ),
    "entry.clawback.reason": "{points} zurückgebucht – Anlass: {what}. {reason}",
    "entry.clawback.less": "{points} zurückgebucht – Anlass: {what}, jetzt {due} wert.",
    "entry.clawback.other": "{points} zurückgebucht.",
    "entry.redeem": "{points} eingelöst: {reward}.",
    "entry.redeem.late": (
        "{points} in Bestellung {order} eingelöst: {reward}. Sie wurde erst bezahlt, als die Reservierung "
        "abgelaufen war."
    ),
    "entry.redeem.order": "{points} in Bestellung {order} eingelöst: {reward}.",
    "entry.redeem.again": "{points} erneut eingelöst ({reward}): Bestellung {order} gilt wieder.",
    "entry.redeem.other": "{points} für eine Prämie eingelöst.",
    "entry.reinstate": "{points} zurückerhalten: {reward}.",
    "entry.reinstate.order-refunded": (
        "{points} zurückerhalten: Bestellung {order} mit der Prämie „{reward}“ wurde erstattet."
    ),
    "entry.reinstate.order-cancelled": (
        "{points} zurückerhalten: Bestellung {order} mit der Prämie „{reward}“ wurde storniert."
    ),
    "entry.reinstate.voucher-expired": (
        "{points} zurückerhalten: Der Code für die Prämie „{reward}“ ist unbenutzt abgelaufen."
    ),
    "entry.reinstate.redemption-cancelled": (
        "{points} zurückerhalten: Die Einlösung der Prämie „{reward}“ wurde aufgehoben."
    ),
    "entry.reinstate.store-refused": (
        "{points} zurückerhalten: Der Shop konnte die Prämie „{reward}“ nicht bereitstellen."
    ),
    "entry.reinstate.expired-lot": (
        "{points}, die verfallen waren, sind wiederhergestellt, weil die nächste Zeile sie zurückbucht."
    ),
    "entry.reinstate.perk-refused": "{points} zurückerhalten: {reward} war leider nicht möglich. {note}",
    "entry.reinstate.perk-expired": "{points} zurückerhalten: {reward} wurde nicht rechtzeitig gewährt.",
    "entry.reinstate.other": "{points} zurückerhalten.",
    "entry.expire": "{points} am {date} verfallen.",
    "entry.expire.inactivity": "{points} am {date} nach langer Zeit ohne Aktivität verfallen.",
    "entry.expire.replaced": "{points} vorzeitig verfallen und ersetzt: Zurückgegebene {many} gelten 30 Tage länger.",
    "entry.expire.other": "{points} verfallen.",
    "entry.adjust.added": "{points} vom Shop gutgeschrieben: {note}",
    "entry.adjust.added.plain": "{points} vom Shop gutgeschrieben.",
    "entry.adjust.taken": "{points} vom Shop abgezogen: {note}",
    "entry.adjust.taken.plain": "{points} vom Shop abgezogen.",
    "entry.adjust.brought": "{points} aus {source} mitgebracht.",
    "entry.adjust.brought.plain": "{points} von dort mitgebracht, wo der Shop sie vorher geführt hat.",
    "entry.adjust.brought-undone": "{points} aus {source} wieder abgezogen.",
    "entry.adjust.brought-undone.plain": "{points}, die der Shop mitgebracht hatte, wieder abgezogen.",
    "entry.adjust.writeoff": "{points}, die noch offen waren, sind dir erlassen.",
    "entry.transfer.in": "{points} von deinem anderen Konto übernommen.",
    "entry.transfer.out": "{points} auf dein anderes Konto übertragen.",
    "entry.transfer.debit-out": "{points}: ein Abzug, der auf dein anderes Konto überging.",
    "entry.transfer.debit-in": "{points}: ein Abzug, der von deinem anderen Konto kam.",
    "entry.adjust.writeoff-moved": (
        "{points}, die dir erlassen waren, zählen wieder: Worum es ging, wird in deinem anderen Konto verrechnet."
    ),
    "entry.adjust.writeoff-undone": (
        "{points}, die dir erlassen waren, zählen wieder: Was sie gekostet hatte, hat sie erneut gebracht."
    ),
    "entry.erased": "{points}. Die Erklärung wurde auf Wunsch gelöscht.",
    "entry.note.status-refunded-but-partly-kept": (
        "Die Bestellung ist als erstattet markiert, ihre Erstattungen decken aber nur einen Teil, und sie zählen."
    ),
    "entry.note.refunded-in-full-but-status-differs": (
        "Die Bestellung ist nicht als erstattet markiert, ihre Erstattungen decken sie aber ganz, und sie zählen."
    ),
    "entry.note.sale-items-excluded": "Reduzierte Ware bringt nichts.",
    "entry.note.sale-unknown": (
        "Ob ein Teil der Ware reduziert war, ließ sich nicht feststellen; er zählt deshalb voll."
    ),
    "entry.note.tender-worked-out": (
        "Ein Teil wurde anders bezahlt, etwa mit einem Geschenkgutschein, und bringt nichts."
    ),
    "entry.note.tender-unknown": (
        "Der Shop sagt nicht, wie viel ein Geschenkgutschein oder Guthaben bezahlt hat; es wurde nichts abgezogen."
    ),
    "calc.per-amount": "Ware für {kept} × {rate} je {unit}",
    "calc.per-item": "{count} × {points}",
    "calc.fixed": "{points}",
    "calc.tier": "× {factor} als {tier}",
    "calc.campaign": "× {factor} in einer Aktion",
    "calc.added": "+ {points} in einer Aktion",
    "calc.rounded.floor": "abgerundet",
    "calc.rounded.half_up": "gerundet",
    "calc.rounded.ceil": "aufgerundet",
    "calc.capped": "begrenzt auf {points}",
    "what.order": "Bestellung {order}",
    "what.joined": "dein Beitritt",
    "what.profile_complete": "dein vollständiges Profil",
    "what.birthday": "dein Geburtstag",
    "what.visit": "dein Besuch",
    "what.review": "deine Bewertung",
    "what.photo": "dein Foto",
    "what.question": "deine Frage",
    "what.answer": "deine Antwort",
    "what.answer_accepted": "deine angenommene Antwort",
    "what.helpful_vote": "eine „Hilfreich“-Stimme für deinen Beitrag",
    "what.vote_given": "deine Stimme",
    "what.survey": "deine Teilnahme an einer Umfrage",
    "what.suggestion": "dein Vorschlag",
    "what.suggestion_adopted": "dein Vorschlag, den der Shop umgesetzt hat",
    "what.donation": "deine Spende",
    "what.referral": "deine Empfehlung",
    "what.referral_friend": "die Einladung, der du gefolgt bist",
    "what.custom": "„{name}“",
    "what.other": "eine Aktivität",
    "reward.amount": "{value} Rabatt",
    "reward.percent": "{percent} Rabatt",
    "reward.slider": "{value} Rabatt",
    "reward.free_shipping": "kostenloser Versand",
    "reward.product": "ein Gratisprodukt",
    "reward.store_credit": "{value} Guthaben",
    "reward.perk": "ein Vorteil",
    "reward.other": "eine Prämie",
    "what.privacy_changed": "deine Privatsphäre-Einstellungen",
    "what.message_answered": "deine Antwort an den Shop",
    "what.thanks": "ein Dank für deinen Beitrag",
    "what.thanks_given": "dein Dank",
    "what.welcome": "deine Begrüßung eines neuen Mitglieds",
    "what.introduction": "eine Vorstellung, die du vermittelt hast",
    "what.post": "dein Beitrag",
    "what.event_attended": "die Veranstaltung, die du besucht hast",
    "what.referral_shared": "deine geteilte Einladung",
    "what.flag": "deine Meldung",
    "what.flag_upheld": "eine bestätigte Meldung",
    "what.case": "ein gelöster Fall",
    "calc.factor": "× {factor}",
    "what.email_confirmed": "deine bestätigte E-Mail-Adresse",
}
