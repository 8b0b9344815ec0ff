"""Spanish: lists of members."""

WORDS = {
    "members.exact": (
        "Las direcciones se guardan solo como huella, así que una parte no encuentra a nadie: escriba la "
        "dirección entera. El número de un pedido encuentra el pedido."
    ),
    "members.list": "Todos los miembros, primero los más nuevos",
    "members.filter": "Filtrar",
    "members.any": "cualquiera",
    "members.status": "Estado",
    "members.tag": "Etiqueta en la tienda",
    "members.tag-help": "Una etiqueta que una tienda guarda con su cliente.",
    "members.balance-from": "Saldo desde",
    "members.balance-to": "Saldo hasta",
    "members.joined-from": "Alta desde",
    "members.joined-to": "Alta hasta",
    "members.active-from": "Última actividad desde",
    "members.active-to": "Última actividad hasta",
    "members.not-read": "Esto no se puede leer.",
    "members.apply": "Mostrar estos",
    "members.clear": "Mostrar todos",
    "members.file": "Descargar como CSV",
    "members.joined": "Alta",
    "members.active": "Última actividad",
    "members.nobody": "Nadie cumple estos filtros.",
    "members.reached": "Se han mirado miembros con alta hasta el {day}. Muestre más para seguir buscando.",
}
