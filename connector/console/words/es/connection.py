"""Spanish: connection."""

WORDS = {
    "connection.programme": "Programa: {name}, versión {version}",
    "connection.works": "Todo funciona.",
    "connection.broken": "Algo requiere su atención.",
    "connection.ended": "Esta tienda está desconectada.",
    "connection.ended-at": "Desconectada desde",
    "connection.come-back": "Los puntos se conservan aquí; conecte la tienda de nuevo para continuar.",
    "connection.to-do": "Qué hacer",
    "connection.answers": "La tienda responde.",
    "connection.lacks-credit": "Una recompensa de su programa es saldo de la tienda, y Shopify "
    "aún no lo permite: hasta entonces nadie puede tenerla.",
    "connection.allow": "Permitir saldo de la tienda",
    "connection.rests": "La tienda no nos responde. Volvemos a preguntarle de vez en cuando, al menos cada cuarto "
    "de hora; lo que debe mostrar espera y no se pierde nada. Desde:",
    "connection.silent": "La tienda no responde. Recoge lo que muestra con sus propias llamadas.",
    "connection.quiet": "La tienda lleva callada más de lo habitual (como mucho {hours} horas). Última señal:",
    "connection.missed.one": "En el último día, {n} pedido se encontró solo al leer la tienda: no nos había avisado.",
    "connection.missed.other": (
        "En el último día, {n} pedidos se encontraron solo al leer la tienda: no nos había avisado."
    ),
    "connection.queue-late": (
        "Hay cambios que esperan en la tienda desde hace más de quince minutos. Quizá sus tareas en segundo "
        "plano (WP-Cron) estén paradas."
    ),
    "connection.unreadable.one": "{n} mensaje no se pudo leer y se apartó.",
    "connection.unreadable.other": "{n} mensajes no se pudieron leer y se apartaron.",
    "connection.since": "Conectada desde",
    "connection.heard": "Último mensaje de la tienda",
    "connection.never": "nunca",
    "connection.queue": "En espera en la tienda",
    "connection.oldest": "desde",
    "connection.waiting": "En espera aquí",
    "connection.reach": "Cómo se entera la tienda de los puntos",
    "connection.reach-push": "Llamamos a su plugin, en segundos.",
    "connection.reach-collect": "Pregunta cada minuto: no podemos llamarla.",
    "connection.reach-api": "Por la interfaz de su plataforma.",
    "connection.failing": "sin respuesta desde",
    "connection.books": "Libros y tienda",
    "connection.past": "Pedidos anteriores",
    "connection.run-running": "se están leyendo",
    "connection.run-paused": "lectura en pausa",
    "connection.run-failed": "lectura detenida",
    "connection.run-done": "leídos",
    "connection.run-replaced": "comenzada de nuevo",
    "connection.run-none": "no leídos",
    "connection.read": "{read} hasta ahora",
    "connection.read-of": "{read} de {total}",
    "connection.versions": "Versiones en la tienda",
    "connection.zip": "Plugin para instalar",
    "connection.outdated": (
        "La tienda tiene la versión {installed} de nuestro plugin y aquí está la {here}. Descárguela abajo y súbala "
        "en la tienda (Plugins > Añadir plugin > Subir plugin); la conexión, los ajustes y los puntos se conservan."
    ),
    "connection.ask": "Llamar a la tienda ahora",
    "join.title": "Conectar una tienda WooCommerce",
    "join.text": (
        "Una tienda entra en este programa con un código de vinculación: una nueva, una que vuelve o una que debe "
        "tener claves nuevas. No se copia ninguna clave."
    ),
    "join.install": "En la tienda, suba el plugin (Plugins > Añadir plugin > Subir plugin) y actívelo:",
    "join.no-zip": "Sus archivos no están junto a este servicio; quien lo administra tiene el zip.",
    "join.make": "Cree aquí un código de vinculación.",
    "join.paste": (
        "En la tienda, abra WooCommerce > Belong, pegue el código y pulse Conectar, en un plazo de {minutes} minutos."
    ),
    "join.look": "Ver si la tienda se ha conectado: entonces aparece en esta página.",
    "join.button": "Crear un código de vinculación",
    "join.another": "Crear otro código",
    "join.owner": "Solo el propietario puede crear un código de vinculación.",
    "join.made": "El código de vinculación está creado.",
    "join.until": "Vale durante {minutes} minutos y para una tienda, hasta {at}.",
    "join.once": (
        "Solo se muestra ahora. Quien lo tenga puede entrar en este programa con una tienda; no se lo dé a nadie más."
    ),
    "join.code": "Código de vinculación",
    "join.leads": "El código contiene la dirección de este servicio, donde la tienda debe poder alcanzarlo:",
}
