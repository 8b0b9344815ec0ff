"""Spanish: editor."""

WORDS = {
    "shell.programme": "Programa",
    "editor.paused": "parado",
    "editor.live": "en marcha",
    "editor.in-force": "Rige la versión {version}.",
    "editor.planned": "La versión {version} empieza más tarde:",
    "editor.look": "Verla",
    "editor.look-or-withdraw": "Verla o retirarla",
    "editor.no-birthdays": (
        "El programa da puntos por cumpleaños y nadie puede obtenerlos: ninguna tienda dice dónde los guarda y "
        "no se conoce el de ningún miembro. Los ajustes de una tienda nombran el campo, la página de un miembro "
        "(Quién es) pone uno y la API, muchos."
    ),
    "editor.no-birthdays-link": "A los ajustes de la tienda",
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
    "editor.did-withdraw": "La versión {version} se retiró antes de empezar",
    "editor.did-correct": "La versión {wrong} se corrigió con la versión {right}",
    "editor.did-pause": "Se detuvo",
    "editor.did-resume": "Siguió",
    "editor.begins": "Empieza",
    "editor.was-to-begin": "Iba a empezar",
    "editor.withdrawn": "retirada",
    "editor.is-planned": "prevista",
    "editor.withdrawn-by": "No empieza nunca. La retiró",
    "editor.withdraw": "Retirar esta versión",
    "editor.withdraw-never": "La versión {version} no empieza nunca. En su lugar vale la versión {instead}.",
    "editor.withdraw-kept": (
        "No se borra nada: queda aquí y en la historia, con su nombre y su motivo. Los puntos no cambian."
    ),
    "editor.withdraw-told": "A los miembros a los que se escribió sobre sus reglas se les escribe que no llegarán.",
    "editor.withdraw-told-end": "Puede que los miembros ya sepan del fin. Dígales usted que no llegará.",
    "editor.withdraw-late": (
        "Se puede hasta un minuto antes de que empiece y no se puede deshacer: para recuperarla, publíquela de nuevo."
    ),
    "editor.withdraw-button": "Retirar la versión {version}",
    "editor.pause": "Detener el programa",
    "editor.pause-text": (
        "Los pedidos se guardan y no se decide nada: hasta que siga no se dan, gastan ni caducan puntos. "
        "El tiempo parado no cuenta."
    ),
    "editor.resume": "Dejar que el programa siga",
    "editor.resume-text": "Se decide todo lo que esperaba.",
    "editor.over": "La pausa ha terminado",
    "editor.over-left.one": "Quedan por mirar los puntos de {n} miembro.",
    "editor.over-left.other": "Quedan por mirar los puntos de {n} miembros.",
    "editor.over-text": (
        "El tiempo de la pausa no cuenta: los puntos ya caducan más tarde. Las tiendas lo saben miembro a miembro, "
        "poco a poco; puede salir de esta página."
    ),
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
    "editor.hundred.one": "Un pedido de 100 {currency} da {n} punto; como mucho vuelve un {percent}.",
    "editor.hundred.other": "Un pedido de 100 {currency} da {n} puntos; como mucho vuelve un {percent}.",
    "editor.against-now": "Lo que cambia",
    "editor.effect": "Quién se mueve",
    "editor.looked-at.one": "Se miró {n} miembro, con el código que decide después.",
    "editor.looked-at.other": "Se miraron {n} miembros, con el código que decide después.",
    "editor.tiers-move": "Niveles. Suben: {up}; bajan: {down}; fijados a mano y sin cambios: {locked}.",
    "editor.badge-moves": "La ganarían: {earned}; la perderían: {lost}; esperarían a una persona: {waiting}.",
    "editor.moves-nobody": "Los niveles y las insignias se quedan como están; nadie se mueve.",
    "editor.effect-text": "Antes de publicar: ¿quién cambiaría de nivel y quién ganaría o perdería una insignia?",
    "editor.effect-button": "Mirar a todos los miembros",
    "editor.effect-waits": "Empieza enseguida.",
    "editor.effect-runs": (
        "Se mira a los miembros uno tras otro. Puede dejar esta página: lo que se encuentre queda con el borrador."
    ),
    "editor.effect-old": (
        "Desde que se miró a los miembros cambió el borrador, su comienzo o el programa, o pasó un día."
    ),
    "editor.stop-busy": (
        "No se publicó nada: antes se calculan otras vistas previas suyas. Inténtelo de nuevo en un minuto."
    ),
    "editor.stop-runs": (
        "Todavía no se publicó nada: se está calculando quién perdería algo. Mírelo arriba y publique después."
    ),
    "editor.stop-broke": "No se publicó nada: no se pudo calcular quién se movería. Inténtelo de nuevo.",
    "editor.stop-sure": "Todavía no se publicó nada: mire arriba quién perdería algo y confirme que lo ha visto.",
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
    "editor.trial-runs.one": "{done} de {n} miembro",
    "editor.trial-runs.other": "{done} de {n} miembros",
    "editor.trial-look": "Mirar otra vez",
    "editor.trial-first": (
        "Su programa aún no ha dado nada; se calcula como si todos participaran desde su primer pedido."
    ),
    "editor.trial-old": "El borrador cambió después de este cálculo.",
    "editor.trial-broke": "Se interrumpió. Inténtelo de nuevo.",
    "editor.trial-sample": "{members} de {all} miembros, elegidos al azar; las sumas son solo suyas.",
    "editor.trial-whole.one": "{n} miembro: no hay otros.",
    "editor.trial-whole.other": "Todos los {n} miembros.",
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
    "editor.trial-more.one": "{n} miembro tendría más: {points} en total",
    "editor.trial-more.other": "{n} miembros tendrían más: {points} en total",
    "editor.trial-less.one": "{n} miembro tendría menos: {points} en total",
    "editor.trial-less.other": "{n} miembros tendrían menos: {points} en total",
    "editor.trial-same.one": "{n} miembro tendría lo mismo",
    "editor.trial-same.other": "{n} miembros tendrían lo mismo",
    "editor.trial-curve": "Valor de los puntos abiertos, mes a mes",
    "editor.trial-moved": "Los miembros que más ganan o pierden",
    "said.draft-begun": "El borrador está listo. Aún no ha cambiado nada.",
    "said.draft-saved": "El borrador está guardado. Aún no ha cambiado nada.",
    "said.draft-dropped": "El borrador está borrado.",
    "said.drafts-full": "Hay cien borradores. Borre antes algunos.",
    "said.published": "La versión está publicada.",
    "said.paused": "El programa está parado.",
    "said.resumed": "El programa sigue.",
    "said.version-gone": "La versión está retirada: no empieza nunca.",
    "said.version-began": (
        "No ha pasado nada: esta versión ya ha empezado o empieza en menos de un minuto. Publique lo que deba valer en "
        "su lugar."
    ),
    "said.version-withdrawn": "No ha pasado nada: esta versión ya estaba retirada.",
    "said.version-corrects": "No ha pasado nada: por una corrección, un intervalo pasado cuenta según esta versión.",
    "said.version-used": "No ha pasado nada: un pedido tiene fecha posterior a su comienzo y se decidió según ella.",
    "said.needs-reason": "No ha pasado nada: escriba un motivo.",
    "said.trial-begun": "Se está calculando.",
    "said.trial-busy": "Se está calculando otra. Espere a que termine.",
    "said.published-later": "La versión está publicada y empieza más tarde: abajo dice cuándo.",
    "said.publish-over": "Este borrador ya no está: se publicó o se borró. Lo que vale está abajo.",
    "editor.planned-first": (
        "La versión {version} ya está publicada y empieza el {at}. Este borrador puede empezar "
        "entonces como pronto, y entonces la sustituye."
    ),
    "editor.overtaken": (
        "No se publicó nada: desde que abrió esta página llegó la versión {latest}. Mire qué "
        "desharía su borrador y publique de nuevo."
    ),
}
