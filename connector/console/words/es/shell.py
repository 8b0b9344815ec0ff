"""Spanish: shell."""

WORDS = {
    "shell.skip": "Ir al contenido",
    "shell.navigation": "Partes de la consola",
    "shell.connection": "Conexión",
    "shell.members": "Miembros",
    "shell.books": "Libros",
    "shell.who": "{name} ({role})",
    "shell.sign-out": "Cerrar sesión",
    "role.owner": "propietario",
    "role.manager": "gestor",
    "role.support": "atención al cliente",
    "role.read-only": "solo lectura",
    "out.title": "No ha iniciado sesión",
    "out.text": (
        "Abra Belong de nuevo desde la administración de su tienda. Si esta página aparece siempre, su "
        "navegador no guarda cookies en páginas incrustadas: abra allí Belong en una pestaña nueva."
    ),
    "over.title": "Esta dirección ya se usó o es demasiado antigua",
    "over.text": "Sirve una sola vez, durante un minuto. Abra Belong de nuevo desde la administración de su tienda.",
    "left.title": "Ha cerrado la sesión",
    "left.text": "Para volver, abra Belong desde la administración de su tienda.",
    "refused.title": "Su función no permite esto",
    "refused.text": (
        "No ha ocurrido nada. Ha iniciado sesión como: {role}. El propietario de la tienda puede hacerlo, o "
        "darle otra función en la tienda."
    ),
    "old-form.title": "Esta página era demasiado antigua",
    "old-form.text": "No ha ocurrido nada. Vuelva atrás, cargue la página de nuevo y repita lo que hizo.",
    "formless.title": "En esta dirección no hay nada que ver",
    "formless.text": (
        "Recibe lo que envía el formulario de otra página, y ahora no se envió nada: quizá se cerró su "
        "sesión entretanto o la página se cargó de nuevo. No ha pasado nada."
    ),
    "shell.go-on": "Seguir desde aquí",
    "missing.title": "Esta página no existe",
    "missing.text": "Quizá pertenezca a otro programa, o nunca existió.",
    "later.title": "No ha funcionado en este momento",
    "later.text": "No ha ocurrido nada. Inténtelo de nuevo dentro de un minuto.",
    "embedded.wait": "Un momento…",
    "embedded.failed": "No ha funcionado. Inténtelo de nuevo.",
    "unproven.title": "Abra la aplicación en Shopify",
    "unproven.text": "Nada indica de qué tienda se trata. Abra la aplicación en el panel de Shopify, en Aplicaciones.",
    "not-set-up.title": "Falta algo",
    "not-set-up.text": "No se pudo conectar la tienda. Quien administra este servicio debe revisarlo:",
    "shell.start": "Empezar",
    "shell.privacy": "Solicitudes de datos",
    "shell.menu": "Menú",
    "shell.home": "Inicio",
    "shell.pages": "Más filas",
    "shell.first": "Volver al principio",
    "shell.next": "Mostrar más",
    "chart.empty": "Aún no hay nada que dibujar.",
    "chart.numbers": "Los números",
    "chart.at": "En",
    "busy.title": "Ahora no",
    "busy.text": "Ya es así, o alguien más está en ello. Vuelva, cargue la página de nuevo y mire.",
    "large.title": "Era demasiado",
    "large.text": "No se guardó nada: lo enviado es más largo de lo que admite este formulario.",
    "unfit.title": "Eso no se puede hacer",
    "unfit.text": (
        "No se hizo nada: lo pedido no encaja con cómo están las cosas. Vuelva y cargue la página de nuevo."
    ),
    "broke.title": "Algo se rompió",
    "broke.text": (
        "Vuelva, cargue la página de nuevo y mire si ya se hizo antes de repetirlo. Quien gestiona "
        "este servicio encuentra la causa en su registro."
    ),
    "shell.typed": "Lo que había escrito, para copiarlo:",
    "count.members.one": "{n} miembro",
    "count.members.other": "{n} miembros",
    "count.entries.one": "{n} asiento",
    "count.entries.other": "{n} asientos",
    "count.points.one": "{n} punto",
    "count.points.other": "{n} puntos",
}
