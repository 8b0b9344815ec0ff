"""Spanish: what looks mistaken in a programme, and why a version cannot begin then."""

WORDS = {
    "warning.nothing-earned": "Ninguna regla da puntos: que los den los pedidos o una actividad.",
    "warning.earning-over": "Se deja de ganar antes de que empiece esta versión.",
    "warning.rule-over": "La regla termina antes de que empiece esta versión.",
    "warning.more-back-than-paid": "Volvería el {percent} de lo pagado: más de lo que se pagó.",
    "warning.generous": "Volvería el {percent} de lo pagado. ¿Es lo que quiere?",
    "warning.spend-not-counted": (
        "Lo que se gasta en {currency} no cuenta para ningún nivel: diga cuánto vale un {currency}."
    ),
    "warning.needs-cart": (
        "Ninguna tienda puede limitar un porcentaje: solo se obtiene en una página que envía su carrito, como "
        "ese importe."
    ),
    "warning.not-in-this-store": "Ninguna tienda conectada puede darla: nadie puede canjearla, y no se toman puntos.",
    "warning.cannot-be-earned-yet": (
        "Aún no se puede ganar, y los clientes no lo ven: nada de lo conectado informa de ello ({missing})."
    ),
    "warning.birthdays-unknown": (
        "Nadie puede obtenerlo: ninguna tienda dice dónde guarda los cumpleaños y no se conoce el de ningún miembro. "
        "Los ajustes de una tienda nombran el campo, la página de un miembro (Quién es) pone uno y la API, muchos."
    ),
    "warning.not-written": (
        "No está escrito: vale {points}. Tras un reembolso se pueden deber tantos puntos, que los siguientes "
        "devuelven; el resto se perdona. Escriba 0 para perdonar todo lo gastado."
    ),
    "warning.shop-unknown": "La tienda aún no conoce {what}: {value} lo sustituye.",
    "warning.average-order": "su pedido medio",
    "warning.about": "{thing}, {field}",
    "warning.mend": "Lo que haya que corregir se corrige en un borrador.",
    "warning.to-drafts": "A los borradores",
    "editor.start-past": "Una versión empieza ahora o después, nunca en el pasado.",
    "editor.start-far": "Una versión empieza en un plazo de {days} días. Publique más tarde lo que sea para más tarde.",
    "editor.start-planned": (
        "La versión {version} empieza el {at}. Escriba esa hora y su borrador la sustituye; o escriba una posterior."
    ),
    "start.shop-silent": "Su tienda no respondió como hacía falta, así que no se pudo probar. Dijo:",
}
