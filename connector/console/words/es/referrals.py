"""Spanish: referrals."""

WORDS = {
    "tab.referrals": "Hasta dónde llegan",
    "tab.list": "Todas las recomendaciones",
    "funnel.codes": "Miembros con código",
    "funnel.joined": "Amigos que se dieron de alta",
    "funnel.qualified": "Compraron lo suficiente",
    "funnel.completed": "Recompensados",
    "funnel.review": "En revisión",
    "funnel.refused": "Rechazados",
    "funnel.void": "Anulados: pedido devuelto",
    "funnel.chart": "Amigos por el mes en que llegaron",
    "funnel.text": (
        "Cada amigo se cuenta en el mes en que llegó con un código, con lo que ha pasado desde entonces. "
        "Quien solo miró un enlace no se cuenta: no se guarda nada suyo."
    ),
    "funnel.month": "Mes",
    "funnel.signs": "Indicios y motivos",
    "funnel.sign": "Indicio o motivo",
    "funnel.with-it": "Recomendaciones con él",
    "funnel.no-signs": "Ninguna recomendación los ha mostrado.",
    "funnel.list": "Todas las recomendaciones, las más recientes primero",
    "funnel.joined-on": "Alta",
    "funnel.order": "Pedido que cuenta",
    "funnel.none": "No hay recomendaciones así.",
    "funnel.friend-not-new": "El amigo ya había comprado.",
    "funnel.self-referral": "Alguien usó su propio código.",
    "funnel.ring-of-referrals": "Un círculo: el amigo había traído al recomendante.",
    "funnel.refused-by-hand": "Una persona la rechazó.",
    "funnel.order-gone": "El pedido que contaba ya no existe.",
    "funnel.order-called-off": "El pedido fue anulado.",
    "funnel.order-refunded": "Se reembolsó demasiado del pedido.",
}
