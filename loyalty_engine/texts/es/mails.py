"""Words of mails, and of the page where members choose which they get."""

TEXTS = {
    "mail.several": "Novedades sobre tus {many} en {programme}",
    "mail.hello": "Hola:",
    "mail.hello-name": "Hola, {name}:",
    "mail.why": "Recibes este correo porque formas parte de {programme} y aceptaste recibir correos.",
    "mail.choose": "Elegir tus correos o darte de baja",
    "mail.shop": "Ver tus {many} en la tienda",
    "notice.welcome.title": "Te damos la bienvenida a {programme}",
    "notice.welcome.text": "Ya formas parte del programa y acumulas {many} con tus pedidos.",
    "notice.points-earned.title": "Has ganado {points}",
    "notice.points-earned.text": "{what} {pending}",
    "notice.points-earned.order": "Has ganado {points} con el pedido {order}.",
    "notice.points-earned.other": "Has ganado {points}.",
    "notice.points-earned.pending": "Se pueden usar a partir del {date}.",
    "notice.referral-ordered.title": "Tu amistad ha hecho un pedido",
    "notice.referral-ordered.text": (
        "Una persona a la que invitaste ha hecho un pedido. Tu recompensa llega en cuanto el pedido ya no "
        "se pueda devolver."
    ),
    "notice.referral-paid.title": "{points} por tu invitación",
    "notice.referral-paid.text": (
        "Una persona a la que invitaste ha hecho un pedido y por ello tienes {points}. ¡Gracias!"
    ),
    "notice.referral-friend.title": "{points} por venir con una invitación",
    "notice.referral-friend.text": "Viniste con la invitación de una amistad y por ello tienes {points}.",
    "mail.page.title": "Tus correos",
    "mail.page.what": "¿Qué correos de {programme} quieres recibir?",
    "mail.page.save": "Guardar",
    "mail.page.none": "Ningún correo",
    "mail.page.done": "Guardado: esto es lo que recibirás a partir de ahora.",
    "mail.page.none-done": "Guardado: ya no recibirás más correos.",
    "mail.page.over": "Este enlace no funciona. Usa el del último correo.",
    "mail.page.note": (
        "Lo que esté a punto de caducar lo verás entonces en la tienda. Solo caduca después de que lo hayas visto."
    ),
    "mail.kind.welcome": "Bienvenida",
    "mail.kind.points-earned": "{Many} ganados",
    "mail.kind.reward-ready": "Recompensas a tu alcance",
    "mail.kind.expiry": "{Many} a punto de caducar",
    "mail.kind.tier-reached": "Un nuevo nivel",
    "mail.kind.tier-at-risk": "Tu nivel está en riesgo",
    "mail.kind.tier-lost": "Tu nivel ha cambiado",
    "mail.kind.badge-awarded": "Insignias",
    "mail.kind.referral": "Invitaciones",
    "mail.kind.voucher-expiring": "Códigos a punto de caducar",
    "mail.kind.programme-changed": "Cambios en las reglas",
    "mail.kind.wind-down": "Fin del programa",
}
