"""Spanish: start."""

WORDS = {
    "start.title": "Empiece con su programa",
    "start.joined": "Su tienda está conectada",
    "start.choose": "Elija un programa",
    "start.as-is": "Como está ahora: {name}",
    "start.try": "Pruébelo con sus propios pedidos",
    "start.try-text": (
        "Vea lo que habrían dado sus últimos diez pedidos pagados. No se escribe nada y no se avisa a nadie."
    ),
    "start.try-button": "Probar con mis últimos pedidos",
    "start.tried": "Con {name}, sus últimos pedidos habrían dado:",
    "start.no-orders": "Su tienda no tiene pedidos pagados de las últimas semanas.",
    "start.order": "Pedido",
    "start.total": "Total",
    "start.points": "Puntos",
    "start.guest": "invitado",
    "start.live": "Poner en marcha",
    "start.live-text": (
        "Desde entonces los pedidos dan puntos, su tienda los muestra y se leen los pedidos "
        "anteriores para encontrar a todos los clientes. Hasta entonces no se da nada."
    ),
    "start.live-button": "Poner en marcha",
    "start.owner": "Lo hace el propietario de la cuenta de Shopify.",
    "start.is-live": "{name} está en marcha: los pedidos dan puntos.",
    "start.past": "Sus pedidos anteriores:",
    "start.connection": "Ver cómo está la conexión",
    "privacy.title": "Solicitudes de datos personales",
    "privacy.text": (
        "Shopify las transmite. Entregue el archivo a quien lo pidió en un plazo "
        "de 30 días. Se crea cuando usted lo toma, y eso queda anotado."
    ),
    "privacy.none": "Nadie ha preguntado.",
    "privacy.asked": "Pedido el {at}",
    "privacy.customer": "Cliente {id} de su tienda",
    "privacy.guest": "Alguien que pidió sin cuenta: {orders}",
    "privacy.erased": "Alguien que ya fue borrado.",
    "privacy.file": "Tomar el archivo",
    "privacy.until": "Antes del {at}",
    "privacy.unknown": "No se guarda nada sobre esta persona.",
    "privacy.soon": "El archivo estará aquí en un minuto.",
    "start.template": "Programa",
    "start.tier": "Nivel",
    "start.tiers-text": (
        "Los niveles son aquellos a los que habrían llevado solo estos pedidos. Lo que sus clientes compraron "
        "antes se lee al poner en marcha."
    ),
    "template.boutique": (
        "Boutique: pocos clientes, valiosos; niveles por gasto, saldo y ventajas en lugar de vales, puntos que se "
        "quedan."
    ),
    "template.circle": (
        "Circle: el programa completo, con niveles, insignias, rangos y recomendaciones. Un buen comienzo para la "
        "mayoría de las tiendas."
    ),
    "template.community": "Community: clientes que se ayudan; las insignias y los rangos importan más que el dinero.",
    "template.plain-1": "Sencillo: cada pedido devuelve el 1 %, no hay nada más que explicar.",
    "template.plain-3": "Sencillo: cada pedido devuelve el 3 %, no hay nada más que explicar.",
    "template.plain-5": "Sencillo: cada pedido devuelve el 5 %, no hay nada más que explicar.",
}
