"""Spanish: begin."""

WORDS = {
    "home.empty": "Su programa aún no tiene recompensas",
    "home.empty-text": (
        "Los compradores pueden ganar puntos, pero no obtienen nada por ellos. Reciba una "
        "propuesta de programa completo a partir de sus propios pedidos."
    ),
    "begin.title": "Configure su programa",
    "begin.lead": (
        "Responda unas preguntas. Obtiene un programa completo con números que encajan con su tienda, ve lo que "
        "habría dado y costado, y cambia lo que quiera. Nada vale hasta que un propietario lo publique."
    ),
    "begin.link": "Recibir una propuesta de programa",
    "begin.link-text": "O responda unas preguntas: la guía propone un programa a partir de sus propios pedidos.",
    "begin.is-live": (
        "Su programa está en marcha. Lo que haga aquí es un borrador: al publicarlo sustituye las reglas de ahora; "
        "las insignias y los rangos de la comunidad se quedan."
    ),
    "begin.shop": "Lo que sabemos de su tienda",
    "begin.rests-on": "Pedidos pagados: {orders} · clientes: {people} · días: {days}.",
    "begin.counted-at": "Contado el",
    "begin.elsewhere.one": (
        "{n} pedido en una moneda distinta de {currency} no se cuenta. Un programa propuesto aquí no da nada "
        "por él; indique una tasa en el borrador."
    ),
    "begin.elsewhere.other": (
        "{n} pedidos en monedas distintas de {currency} no se cuentan. Un programa propuesto aquí no da nada "
        "por ellos; indique una tasa en el borrador."
    ),
    "begin.too-few": (
        "Aquí hay menos de {least} pedidos pagados, muy pocos para decir qué es habitual en su tienda. Lo que "
        "sigue se estima por su moneda: un pedido habitual de {usual}. Haga leer primero sus pedidos anteriores "
        "y será su propio número."
    ),
    "begin.short.one": (
        "Aquí solo se conoce {n} día, así que nadie puede decir cuánto gasta un cliente en un año. Dónde "
        "empiezan los niveles se calcula a partir de un pedido habitual. Haga leer todo su pasado y seguirá a"
        " sus propios clientes."
    ),
    "begin.short.other": (
        "Aquí solo se conocen {n} días, así que nadie puede decir cuánto gasta un cliente en un año. Dónde "
        "empiezan los niveles se calcula a partir de un pedido habitual. Haga leer todo su pasado y seguirá a"
        " sus propios clientes."
    ),
    "begin.few-people": (
        "Aquí se conocen menos de {least} clientes, muy pocos para niveles que los sigan. Dónde empiezan los "
        "niveles se calcula a partir de un pedido habitual."
    ),
    "begin.read-past": "Hacer leer los pedidos anteriores",
    "begin.share": "Parte",
    "begin.share-row": "El {share} % tiene como máximo",
    "begin.order-value": "Un pedido",
    "begin.spent": "El año de un cliente",
    "begin.times": "Pedidos de un cliente en un año",
    "begin.chart": "Lo que gasta un cliente en un año, en {currency}",
    "begin.count": "Contar ahora",
    "begin.questions": "Unas preguntas",
    "begin.name": "¿Cómo se llama el programa?",
    "begin.one": "Un punto se llama",
    "begin.one-help": "Si deja ambos vacíos, son puntos.",
    "begin.many": "Varios se llaman",
    "begin.back": "¿Cuánto deben recibir los compradores de vuelta?",
    "begin.back-low": "Poco: {percent}",
    "begin.back-middle": "Lo habitual: {percent}",
    "begin.back-high": "Mucho: {percent}",
    "begin.back-help": "De lo que pagan, en recompensas. Gran parte no se usa nunca.",
    "begin.own": "U otra parte, en porcentaje",
    "begin.own-help": "De 0,5 a 20.",
    "begin.tiers": "¿Deben recibir más los buenos clientes?",
    "begin.tiers-0": "No, todos reciben lo mismo",
    "begin.tiers-1": "Sí, un nivel por encima del de todos",
    "begin.tiers-2": "Sí, dos niveles",
    "begin.tiers-3": "Sí, tres niveles",
    "begin.tiers-help": "Los niveles altos ganan más puntos por cada pedido.",
    "begin.kinds": "¿Qué se obtiene con los puntos?",
    "begin.kind-amount": "Descuento en un pedido (un código)",
    "begin.kind-store_credit": "Saldo de la tienda",
    "begin.kind-free_shipping": "Envío gratis",
    "begin.besides": "¿Qué más da puntos?",
    "begin.welcome": "Unirse",
    "begin.birthday": "El cumpleaños",
    "begin.birthday-help": (
        "La tienda no comunica ningún cumpleaños hasta que un propietario diga dónde están: "
        "Conexión, la tienda, Ajustes."
    ),
    "begin.referral": "Traer a un amigo, para ambos",
    "begin.propose": "Proponer un programa",
    "begin.no-name": "Póngale un nombre.",
    "begin.too-long": "Como máximo 100 caracteres, por favor.",
    "begin.both-names": "Diga ambos, uno y varios, o ninguno.",
    "begin.no-share": "Escriba un número de 0,5 a 20, con dos decimales como máximo.",
    "begin.no-tiers": "Elija una de estas.",
    "begin.no-kinds": "Elija al menos una.",
    "begin.proposed": "Propuesta para su tienda",
    "begin.usual": "Puntos por un pedido habitual de {money}",
    "begin.first": "Primera recompensa, por {points}: tras unos {orders} pedidos habituales",
    "begin.comes-back": (
        "De lo pagado vuelve como máximo por los pedidos; los puntos de bienvenida, de cumpleaños y por amigos se suman"
    ),
    "begin.comes-back-most": "En el nivel más alto",
    "begin.tier": "Nivel",
    "begin.tier-from": "Desde un gasto anual de",
    "begin.tier-factor": "Puntos",
    "begin.tier-share": "De sus clientes",
    "begin.everybody": "Todos",
    "begin.about": "cerca del {percent}",
    "begin.all-rules": "Todas las reglas, como las leen los compradores",
    "begin.would-have": "Lo que habría dado",
    "begin.rehearsed": (
        "Clientes suyos, elegidos al azar, cuyos pedidos se recorrieron como si todos hubieran participado: "
        "{people}; días: {days}. Los importes son para todos los clientes."
    ),
    "begin.cost": "Coste, si todos usan el descuento en cuanto pueden ({share} de lo pagado)",
    "begin.cost-most": "Lo que valen todos los puntos dados ({share})",
    "begin.each": "Puntos de un cliente de media",
    "begin.not-cause": (
        "Es una repetición de lo que hizo la gente, sin lo que un programa pueda cambiar. El envío gratis y los "
        "regalos no están en el coste."
    ),
    "begin.nobody": (
        "Aún no se conoce ningún cliente, así que no se pudo repetir nada. Haga leer primero sus pedidos anteriores."
    ),
    "begin.best": "Quienes más gastaron entre ellos",
    "begin.orders": "Pedidos",
    "begin.paid": "Pagado",
    "begin.points": "Puntos",
    "begin.last": "Sus últimos pedidos",
    "begin.draft-text": "Un borrador no cambia nada. Puede editarlo y probarlo otra vez; un propietario lo publica.",
    "begin.try": "Probarlo con mi pasado",
    "begin.draft": "Hacer un borrador",
    "begin.not-you": "Lo prueba y hace un borrador quien es gestor o propietario.",
    "begin.steps": "Hasta que los compradores reciban puntos",
    "begin.step-shop": "Conectar su tienda",
    "begin.step-past": "Hacer leer sus pedidos anteriores",
    "begin.step-rules": "Publicar un programa que tenga recompensas",
    "begin.step-balances": (
        "Si los miembros traen puntos de otro programa: tráigalos, en WooCommerce en Belong; si no, por la API "
        "(POST /v1/imports/balances) con una clave, o lo hace quien opera este servicio"
    ),
    "begin.step-live": "Empezar",
    "begin.done": "hecho",
    "said.begin-counted": "Está contado.",
    "said.begin-counted-lately": "Se contó hace un momento o tarda mucho: el servicio lo cuenta por sí mismo.",
}
