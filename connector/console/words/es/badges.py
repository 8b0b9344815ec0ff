"""Spanish: badges."""

WORDS = {
    "tab.badges": "Catálogo",
    "tab.boards": "Clasificaciones",
    "badges.lead": "Por qué se reconoce a los miembros, y quién lo tiene ahora.",
    "badges.preview": (
        "Para cambiar una, haga un borrador: cuenta quién ganaría o perdería una insignia antes de guardar nada."
    ),
    "badges.none": "El programa todavía no tiene insignias.",
    "badges.badge": "Insignia",
    "badges.level": "Grado",
    "badges.criteria": "Qué pide",
    "badges.holders": "La tienen ahora",
    "badges.lately": "La obtuvieron en 30 días",
    "badges.members": "Miembros que la tienen: {count}",
    "badges.repeats": "Se puede obtener una y otra vez",
    "badges.season": "Solo desde el {first} y antes del {end}",
    "badges.hidden": "Secreta hasta que alguien la tiene",
    "badges.keeps": "Se conserva una vez dada",
    "badges.list": "Quién la tiene, los más recientes primero",
    "badges.nobody": "Nadie la tiene.",
    "boards.lead": (
        "Como las ven los clientes: solo quien pidió aparecer, con el nombre que eligió o un seudónimo. "
        "Nunca de puntos ni dinero."
    ),
    "boards.measure": "De qué",
    "boards.period": "Cuándo",
    "boards.rank": "Puesto",
    "boards.name": "Se muestra como",
    "boards.taking-part": "En esta clasificación en total: {count}.",
    "boards.take": "Retirar un nombre de las clasificaciones",
    "boards.take-text": (
        "En su lugar aparece un seudónimo, aquí al instante y en las tiendas en diez minutos. El miembro "
        "sigue en las clasificaciones y puede elegir otro nombre, no el mismo de nuevo."
    ),
    "boards.take-name": "Nombre",
    "boards.take-do": "Retirar este nombre",
    "said.name-taken": "El nombre está retirado de las clasificaciones.",
    "boards.nobody": "Nadie que quiera aparecer ha hecho nada de esto en ese tiempo.",
    "badges.elsewhere": (
        "Las reseñas, preguntas y respuestas se aprueban donde se escriben: en la tienda o la "
        "aplicación. Aquí espera lo que solo puede decidir quien conoce a la comunidad."
    ),
}
