"""Spanish: editor."""

WORDS = {
    "shell.programme": "Programa",
    "editor.paused": "parado",
    "editor.live": "en marcha",
    "editor.in-force": "Rige la versión {version}.",
    "editor.planned": "La versión {version} empieza más tarde:",
    "editor.look": "Verla",
    "editor.drafts": "Borradores",
    "editor.drafts-text": (
        "Todo cambio empieza como borrador. Se comprueba, se compara y se prueba, y no cambia nada hasta "
        "que el propietario lo publica."
    ),
    "editor.saved-by": "Guardado por {who}",
    "editor.no-drafts": "No hay ningún borrador.",
    "editor.from-now": "El programa tal como está (versión {version})",
    "editor.origin": "Empezar a partir de",
    "editor.origin-help": (
        "Una plantilla toma la moneda, la zona horaria y los umbrales de los niveles de su tienda: de lo "
        "que gastan sus propios clientes."
    ),
    "editor.name": "Nombre del borrador",
    "editor.begin": "Empezar un borrador",
    "editor.rules": "Las reglas, tal como las leen sus clientes",
    "editor.warnings": "Merece una mirada",
    "editor.changes": "Qué se hizo y por qué",
    "editor.did-publish": "Se publicó la versión {version}",
    "editor.did-wind-down": "Se publicó la versión {version}, que pone fin al programa",
    "editor.did-correct": "La versión {wrong} se corrigió con la versión {right}",
    "editor.did-pause": "Se detuvo",
    "editor.did-resume": "Siguió",
    "editor.begins": "Empieza",
    "editor.pause": "Detener el programa",
    "editor.pause-text": (
        "Los pedidos se guardan y no se decide nada: hasta que siga no se dan, gastan ni caducan puntos. "
        "El tiempo parado no cuenta."
    ),
    "editor.resume": "Dejar que el programa siga",
    "editor.resume-text": "Se decide todo lo que esperaba.",
    "editor.reason": "Motivo",
    "editor.version": "Versión {version}",
    "editor.now": "rige ahora",
    "editor.draft-of-this": "Hacer un borrador de esta versión",
    "editor.back-to": "Volver a la versión {version}",
    "editor.against-before": "Lo que cambió",
    "editor.to-programme": "Al programa",
    "editor.no-words-change": "No cambia ninguna frase de las reglas, pero sí algunos ajustes:",
    "editor.no-change": "No cambia nada.",
    "editor.places": "Ajustes que difieren: {count}",
    "editor.draft-lead": "Un borrador. Empezó a partir de la versión {base} y no cambia nada.",
    "editor.base-old": (
        "Este borrador empezó a partir de la versión {base}; después se publicó la versión {latest}. Mire "
        "lo que desharía."
    ),
    "editor.meanwhile": (
        "No se guardó nada: {who} cambió este borrador mientras tanto. Abajo está lo que usted escribió. "
        "Si guarda otra vez, sustituye lo suyo."
    ),
    "editor.theirs": "Lo que guardó",
    "editor.usable": "¿Se puede usar?",
    "editor.not-usable": "Todavía no",
    "editor.is-usable": "Sí, se puede publicar.",
    "editor.hundred": "Un pedido de 100 {currency} da {points} puntos; como mucho vuelve un {percent}.",
    "editor.against-now": "Lo que cambia",
    "editor.effect": "Quién se mueve",
    "editor.looked-at": "Se miraron {count} miembros, con el código que decide después.",
    "editor.tiers-move": "Niveles: {up} suben, {down} bajan; {locked} se fijaron a mano y se quedan.",
    "editor.badge-moves": "{earned} la ganarían, {lost} la perderían, {waiting} esperarían a una persona.",
    "editor.moves-nobody": "Los niveles y las insignias se quedan como están; nadie se mueve.",
    "editor.effect-text": "Antes de publicar: ¿quién cambiaría de nivel y quién ganaría o perdería una insignia?",
    "editor.effect-button": "Mirar a todos los miembros",
    "editor.publish": "Publicar",
    "editor.starts": "Empieza",
    "editor.starts-help": "Hora local de {zone}. Vacío: ahora. Los pedidos pagados antes conservan su versión.",
    "editor.tells": "Avisar a los miembros por correo",
    "editor.tells-help": "Leen el día y las frases que cambian.",
    "editor.sure": "He visto quién perdería algo y lo publico de todos modos.",
    "editor.owner-publishes": "El propietario publica los borradores.",
    "editor.document": "El documento",
    "editor.text": "Ajustes",
    "editor.text-help": "JSON, o TOML como en docs/programme.md. También se guarda lo que aún no se puede usar.",
    "editor.save": "Guardar el borrador",
    "editor.drop": "Borrar el borrador",
    "editor.trial": "¿Y si hubiera regido?",
    "editor.trial-text": (
        "Los pedidos pasados de su tienda con el programa de hoy y con este borrador: lo que habría dado "
        "cada uno, quién ganaría y quién perdería, y lo que usted debería."
    ),
    "editor.trial-button": "Probarlo con el pasado",
    "editor.trial-runs": "{done} de {total} miembros",
    "editor.trial-look": "Mirar otra vez",
    "editor.trial-old": "El borrador cambió después de este cálculo.",
    "editor.trial-broke": "Se interrumpió. Inténtelo de nuevo.",
    "editor.trial-sample": "{members} de {all} miembros, elegidos al azar; las sumas son solo suyas.",
    "editor.trial-whole": "Todos los {members} miembros.",
    "editor.trial-cannot": (
        "Nadie sabe qué habrían hecho las personas con otras reglas; esto repite lo que hicieron y toma "
        "cada recompensa en cuanto se puede: lo máximo que permite el pasado."
    ),
    "editor.trial-what": "En total",
    "editor.trial-now": "El programa de hoy",
    "editor.trial-draft": "Este borrador",
    "editor.trial-earned": "Puntos dados",
    "editor.trial-open": "Puntos abiertos al final",
    "editor.trial-worth": "Su valor",
    "editor.trial-cost": "Lo que habrían costado las recompensas",
    "editor.trial-more": "miembros tendrían más: {points} puntos en total",
    "editor.trial-less": "miembros tendrían menos: {points} puntos en total",
    "editor.trial-same": "miembros tendrían lo mismo",
    "editor.trial-curve": "Valor de los puntos abiertos, mes a mes",
    "editor.trial-moved": "Los miembros que más ganan o pierden",
    "said.draft-begun": "El borrador está listo. Aún no ha cambiado nada.",
    "said.draft-saved": "El borrador está guardado. Aún no ha cambiado nada.",
    "said.draft-dropped": "El borrador está borrado.",
    "said.drafts-full": "Hay cien borradores. Borre antes algunos.",
    "said.published": "La versión está publicada.",
    "said.paused": "El programa está parado.",
    "said.resumed": "El programa sigue.",
    "said.needs-reason": "No ha pasado nada: escriba un motivo.",
    "said.trial-begun": "Se está calculando.",
    "said.trial-busy": "Se está calculando otra. Espere a que termine.",
}
