"""Spanish: shop."""

WORDS = {
    "shop.all": "Todas las tiendas",
    "shop.not-done": "No ha pasado nada.",
    "shop.kept": "Están guardados, pero con ellos no se puede preguntar a la tienda:",
    "shop.dry": "Una prueba",
    "shop.real": "Lectura a los libros",
    "shop.about": "cerca del {percent} %",
    "shop.read": "Pedidos leídos",
    "shop.new": "Nuevos en los libros",
    "shop.known": "Ya conocidos",
    "shop.differing": "en {count} de ellos la tienda dice otra cosa; la lectura nocturna se ocupa",
    "shop.rate": "Pedidos por minuto",
    "shop.left": "Minutos que faltan, más o menos",
    "shop.made": "Hechos entre",
    "shop.began": "Empezó",
    "shop.ended": "Terminó",
    "shop.hidden": "Puede que la tienda no nos muestre pedidos anteriores al {day}.",
    "shop.would": (
        "Clientes con pedidos que faltan en los libros: {customers}. Estos darían {points}, con un valor de "
        "{worth} {currency} con la recompensa más pequeña."
    ),
    "shop.would-part": "Se miró un cliente de cada {part}, y los números están multiplicados.",
    "shop.would-guests": "Pedidos de invitados, que cuentan cuando alguien demuestra que son suyos: {count}.",
    "shop.never-read": "El pasado de esta tienda nunca se leyó.",
    "shop.look-again": "Mirar otra vez cuánto va",
    "shop.pause": "Pausar",
    "shop.resume": "Seguir donde quedó",
    "shop.since": "Pedidos desde este día",
    "shop.since-help": "Vacío: todo lo que la tienda muestra.",
    "shop.try": "Probar primero",
    "shop.begin": "Leer a los libros",
    "shop.begin-anew": "Empezar de nuevo, a los libros",
    "shop.try-help": (
        "Una prueba lo lee todo y dice a cuánto llegaría; no se da nada. Leer a los libros da "
        "puntos por los pedidos que el programa cuenta. Los pedidos ya conocidos se dejan como "
        "están, así que nada se da dos veces."
    ),
    "shop.owner-reads": "Solo el propietario hace que se lea a los libros.",
    "shop.differences": "Ver las diferencias.",
    "shop.held-why": "¿Por qué tiene razón la tienda?",
    "shop.held-go": "La tienda tiene razón: dejarlas pasar",
    "shop.secrets": "Secretos",
    "shop.secrets-text": (
        "Con ellos la tienda y este servicio se identifican entre sí. Se guardan cifrados; nadie puede leerlos aquí."
    ),
    "shop.since-when": "desde",
    "shop.both-count": "el anterior también vale",
    "shop.secrets-plugin": (
        "El plugin de la tienda los hizo él mismo. Para otros nuevos, empareje la tienda de nuevo: "
        "haga un código en la página de todas las tiendas."
    ),
    "shop.secrets-shopify": (
        "Shopify los dio al instalar la aplicación. Para otros nuevos, abra la aplicación de nuevo "
        "en el administrador de Shopify."
    ),
    "shop.secrets-button": "Sustituir y probar",
    "shop.secrets-help": "Lo que quede vacío sigue igual. Se pregunta a la tienda enseguida si valen.",
    "shop.secrets-none": "Pegue al menos uno.",
    "shop.under-way": "Ya se está leyendo.",
    "shop.stands": "Una lectura anterior a los libros está parada. Deje que siga, o empiece de nuevo.",
    "shop.ahead": "Ese día está por venir: aún no hay pedidos.",
    "shop.before-all": "Ninguna tienda tiene pedidos de antes de 1970.",
    "shop.idle": "No se está leyendo nada.",
    "shop.over": "La última lectura ha terminado. Empiece otra.",
    "shop.no-day": "Eso no es un día.",
    "secret.webhook": "Firma de lo que la tienda comunica",
    "secret.plugin_to_service": "Llamadas del plugin",
    "secret.plugin_to_shop": "Nuestras llamadas al plugin",
    "secret.client_id": "ID de cliente",
    "secret.client_secret": "Secreto de cliente",
    "secret.access_token": "Token de acceso",
    "secret.refresh_token": "Token de renovación",
    "secret.consumer_key": "Clave de consumidor",
    "secret.consumer_secret": "Secreto de consumidor",
    "said.past-begun": "Se está leyendo.",
    "said.past-runs": "Ya se está leyendo.",
    "said.past-paused": "Se para después de la página en curso.",
    "said.held-let-go": "Se han dejado pasar y se están reparando.",
    "said.secrets-replaced": "La tienda los acepta.",
}
