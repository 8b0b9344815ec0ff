"""Spanish: queues."""

WORDS = {
    "shell.rewards": "Recompensas",
    "shell.badges": "Insignias",
    "shell.referrals": "Recomendaciones",
    "queues.referrals": "Recomendaciones por revisar",
    "queues.referrals-text": (
        "Hay indicios de que amigo y recomendante son la misma persona, o de que llegan muchos a la vez. No "
        "se paga nada hasta que alguien decida."
    ),
    "queues.referrals-yes": "Aprobar",
    "queues.referrals-no": "Rechazar",
    "queues.awards": "Distinciones que esperan su decisión",
    "queues.awards-text": (
        "Se basan sobre todo en votos que los miembros se dieron entre sí. Cuentan cuando alguien lo diga."
    ),
    "queues.awards-yes": "Cuenta",
    "queues.awards-no": "No cuenta",
    "queues.perks": "Recompensas que usted entrega",
    "queues.perks-text": (
        "Los miembros pagaron puntos y esperan. Si rechaza, los puntos vuelven y el miembro lee su motivo."
    ),
    "queues.perks-yes": "Se entregó",
    "queues.perks-no": "No se puede entregar",
    "queues.credits": "Saldo de la tienda sin aclarar",
    "queues.credits-text": (
        "La tienda no dijo si lo hizo. Mire allí el saldo del cliente; cada línea tiene un número. "
        "Reintentar sin mirar podría darlo dos veces."
    ),
    "queues.credits-yes": "La tienda lo hizo, con ese número",
    "queues.credits-no": "La tienda no lo hizo",
    "queues.transaction": "Número de la transacción en la tienda, si lo hizo",
    "queues.transaction-missing": "Diga el número de la transacción, en cifras. No ha pasado nada.",
    "queues.credit-of-another": "Esa transacción es de otro canje. No ha pasado nada.",
    "queues.reason": "¿Por qué? Se guarda con su nombre",
    "queues.reason-missing": "Diga por qué. No ha pasado nada.",
    "queues.reason-long": "Como máximo 500 caracteres. No ha pasado nada.",
    "queues.referrer": "Quién recomendó",
    "queues.friend": "El amigo",
    "queues.member": "Miembro",
    "queues.customer": "Cliente en la tienda",
    "queues.score": "Peso de los indicios",
    "queues.points": "Puntos",
    "queues.since": "Desde",
    "queues.none": "Aquí no le espera nada.",
    "queues.more": "Solo se listan los {count} más antiguos; los siguientes aparecen al decidir estos.",
    "queues.not-you": "Lo decide alguien con un rol superior.",
    "sign.same-address": "Ambos tienen la misma dirección de correo.",
    "sign.similar-address": "Sus direcciones de correo solo difieren en la forma de escribirlas.",
    "sign.same-payment": "Ambos pagaron con el mismo medio.",
    "sign.same-phone": "Ambos tienen el mismo teléfono.",
    "sign.same-household": "Ambos viven en la misma dirección.",
    "sign.same-device": "Ambos usaron el mismo dispositivo.",
    "sign.same-ip": "Ambos vinieron de la misma dirección de red.",
    "sign.friend-not-new": "El amigo ya compró antes. Pedidos: {earlier_orders}.",
    "sign.many-on-one-day": "El recomendante trajo a muchísimos en un día.",
    "sign.many-from-one-ip": "Muchísimos amigos vinieron de una misma dirección de red.",
    "sign.votes-mutual": "Votos mutuos: {mutual} de {received}.",
    "sign.year-limit-reached": "Se alcanzó el límite anual del recomendante.",
    "sign.credit-give": "Se pidió a la tienda que lo diera.",
    "sign.credit-take": "Se pidió a la tienda que lo retirara.",
    "said.queue-decided": "Está decidido.",
    "said.queue-gone": "Ya no espera: alguien fue más rápido o terminó. No ha pasado nada.",
}
