"""Spanish: the timeline of a member."""

WORDS = {
    "member.timeline": "Cronología",
    "timeline.lead": (
        "Todo lo que ha pasado, lo más reciente primero: pedidos, actividades, puntos, niveles, insignias, recompensas."
    ),
    "timeline.show": "Mostrar",
    "timeline.kind-all": "Todo",
    "timeline.kind-sources": "Pedidos y actividades",
    "timeline.kind-points": "Puntos",
    "timeline.kind-nothing": "Lo que no dio nada",
    "timeline.kind-tiers": "Niveles",
    "timeline.kind-badges": "Insignias y rangos de la comunidad",
    "timeline.kind-rewards": "Recompensas",
    "timeline.why": "Por qué",
    "timeline.why-of": "Por qué: {what}",
    "timeline.none": "No ha pasado nada de este tipo.",
    "timeline.order": "Pedido {name} por {total}",
    "timeline.activity": "Actividad: {what}",
    "timeline.nothing": "No dio nada: {what}",
    "timeline.tier": "Nivel {name}",
    "timeline.badge-awarded": "Insignia {name} obtenida",
    "timeline.badge-revoked": "Insignia {name} perdida",
    "timeline.level": "Rango de la comunidad {name}",
    "timeline.reward": "Canjeó {name}",
    "timeline.joined": "Se unió al programa",
}
