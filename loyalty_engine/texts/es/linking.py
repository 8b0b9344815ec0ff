"""Mail and page that link two accounts, in Spanish."""

TEXTS = {
    "link.subject": "Une tus cuentas de {programme}",
    "link.mail": (
        "Alguien que ha iniciado sesión en {asking} pide unir la cuenta de {asked} que tiene esta dirección.\n\n"
        "Si eres tú, abre esta página en los próximos {minutes} minutos y escribe el código que te muestra {asking}:\n"
        "{url}\n\nSi no eres tú, no hagas nada. No se unirá nada."
    ),
    "link.title": "Unir dos cuentas",
    "link.what": (
        "Tu cuenta de {asked} y la que ha iniciado sesión en {asking} pasan a ser una. Las dos tiendas la mostrarán."
    ),
    "link.yours": "Tu cuenta de {store}",
    "link.theirs": "La cuenta de {store}",
    "link.together": "Juntas",
    "link.available": "Disponible",
    "link.balance": "En total",
    "link.once.one": "{n} premio que tienen las dos cuentas cuenta una vez.",
    "link.once.other": "{n} premios que tienen las dos cuentas cuentan una vez.",
    "link.warning": (
        "Escribe solo un código que tú mismo ves en {asking}. Quien te envía uno quiere quedarse con tu saldo."
    ),
    "link.code": "Código que muestra {asking}",
    "link.button": "Unir las cuentas",
    "link.done": "Las cuentas ya son una. Disponible: {points}.",
    "link.over": "Este enlace ya no funciona, o nunca funcionó. Pide otro en la tienda.",
    "link.wrong": "Ese no es el código. Mira la página en la que pediste el enlace.",
    "link.not-possible": "Estas cuentas no se pueden unir ahora.",
    "link.merged-on": (
        "Desde entonces esta cuenta se unió a otra más. Deshaz primero esa unión o pregunta en la tienda."
    ),
    "link.spent": (
        "Estas cuentas no se pueden separar ahora: ya se gastaron {points} de lo reunido. Pregunta en la tienda."
    ),
    "claim.subject": "{Many} por tus pedidos en {store}",
    "claim.mail": (
        "Alguien que ha iniciado sesión en {store} pide {many} por pedidos hechos con esta dirección sin cuenta.\n\n"
        "Si eres tú, abre esta página en los próximos {minutes} minutos y escribe el código que te muestra {store}:\n"
        "{url}\n\nSi no eres tú, no hagas nada. Los pedidos se quedan como están."
    ),
    "claim.title": "{Many} por pedidos anteriores",
    "claim.what.one": (
        "{n} pedido hecho con esta dirección sin cuenta pasa a la cuenta que ha iniciado sesión en {store}."
    ),
    "claim.what.other": (
        "{n} pedidos hechos con esta dirección sin cuenta pasan a la cuenta que ha iniciado sesión en {store}."
    ),
    "claim.button": "Recoger {many}",
    "claim.done.one": "{n} pedido ya es tuyo. Sus {many} aparecerán en la tienda en un momento.",
    "claim.done.other": "{n} pedidos ya son tuyos. Sus {many} aparecerán en la tienda en un momento.",
    "claim.not-possible": "Ahora no se pueden recoger {many} por estos pedidos.",
}
