"""Spanish: merging, giving and erasing what is kept of a member."""

WORDS = {
    "member.more": "Más",
    "merge.title": "Fusionar otro miembro en este",
    "merge.what": "Todo lo del otro miembro pasa a este: puntos, historial, nivel, insignias, clientes de tiendas.",
    "merge.other": "El otro miembro: dirección, número de cliente o id",
    "merge.look": "Mirar primero",
    "merge.outlook": "Lo que resultaría",
    "merge.number": "Qué",
    "merge.goes": "Se va",
    "merge.stays": "Se queda",
    "merge.after": "Después",
    "merge.once": "Los premios únicos que ambos tenían cuentan una vez: {count}.",
    "merge.undo": (
        "Se puede deshacer más tarde, fuente por fuente. Lo canjeado entretanto se queda con quien permanece."
    ),
    "merge.do": "Fusionar",
    "unmerge.title": "Deshacer la última fusión",
    "unmerge.now": "Quien permanece, ahora",
    "unmerge.then": "Quien permanece, después",
    "unmerge.back": "Vuelve",
    "unmerge.owed.one": "Quien permanece debería {points}: está gastado.",
    "unmerge.owed.other": "Quien permanece debería {points}: están gastados.",
    "unmerge.missing.one": "De lo traído, {points} está gastado.",
    "unmerge.missing.other": "De lo traído, {points} están gastados.",
    "data.title": "Entregar o borrar lo guardado",
    "data.export": "Descargar todo sobre la persona",
    "data.export-help": "Un archivo JSON. Se anota que se pidió, con el motivo.",
    "data.erase": "Borrar a la persona para siempre",
    "data.goes": (
        "Se van nombre, direcciones, preferencias, motivos y explicaciones, aquí y en lo que muestran las "
        "tiendas; los códigos abiertos se retiran. No se puede deshacer."
    ),
    "data.stays": (
        "Los números de los libros se quedan, porque deben cuadrar y la ley los pide; de quién eran se "
        "olvida. Una marca impide que datos viejos traigan de vuelta a la persona."
    ),
    "data.type": "Escriba {id} para confirmar",
    "said.merged": "Los miembros son ahora uno.",
    "said.unmerged": "La fusión está deshecha.",
    "said.erased": "La persona está borrada.",
}
