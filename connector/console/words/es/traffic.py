"""Spanish: traffic."""

WORDS = {
    "traffic.parts": "Partes de la actividad",
    "traffic.letters": "Apartado",
    "traffic.inbox": "Entrada",
    "traffic.outbox": "Salida",
    "traffic.inbox-lead": (
        "Lo que sus tiendas nos han comunicado y lo que leímos allí, lo más nuevo primero, y qué fue de ello."
    ),
    "traffic.came": "Lo que entró",
    "traffic.state": "Estado",
    "traffic.shop": "Tienda",
    "traffic.any-state": "Cualquier estado",
    "traffic.any-shop": "Todas las tiendas",
    "traffic.state-waiting": "en espera",
    "traffic.state-done": "hecho",
    "traffic.state-parked": "apartado",
    "traffic.state-ignored": "no necesario",
    "traffic.read-by-us": "leído por Belong",
    "traffic.to-letter": "Qué se apartó y por qué",
    "traffic.inbox-none": "No entró nada de ese tipo.",
    "traffic.outbox-lead": "Lo que falta por comunicar a tiendas, destinos y miembros. Lo siguiente está primero.",
    "traffic.kind-push": "Puntos para las tiendas",
    "traffic.kind-webhook": "Webhooks salientes",
    "traffic.kind-notice": "Avisos a miembros",
    "traffic.what-push": (
        "La tienda debe mostrar los puntos y recompensas de estos miembros como están ahora. Lo que "
        "falla se reintenta solo."
    ),
    "traffic.what-webhook": "Eventos que un destino suyo aún no ha aceptado. Lo que falla se reintenta solo.",
    "traffic.what-notice": "Lo que los miembros tienen derecho a saber, o pidieron saber, por correo.",
    "traffic.rests": "No responde. Todo lo suyo espera; se le preguntará de nuevo a las",
    "traffic.stopped": "Está detenido. Todo lo suyo espera hasta que alguien lo reinicie.",
    "traffic.due": "Ahora es su turno",
    "traffic.next": "Próximo intento",
    "traffic.attempts": "Intentos fallidos: {count}",
    "traffic.push-now": "Comunicarlo ahora a la tienda",
    "traffic.send-now": "Enviarlo ahora",
    "traffic.outbox-none": "No espera nada de ese tipo.",
    "said.traffic-now": "Está en la cola y saldrá en menos de dos minutos.",
    "said.traffic-gone": "Ya no espera. No ha pasado nada.",
    "traffic.notice-reversal": "Puntos retirados",
    "traffic.notice-deficit": "Deuda de puntos",
    "traffic.notice-badge-revoked": "Insignia terminada",
    "traffic.notice-level-reached": "Rango de la comunidad alcanzado",
    "traffic.notice-level-lost": "Rango de la comunidad perdido",
    "traffic.notice-programme-kept": "Reglas nuevas retiradas",
}
