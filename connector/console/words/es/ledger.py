"""Spanish: ledger."""

WORDS = {
    "said.check-begun": "Se están comprobando los libros.",
    "said.check-running": "Ya hay una comprobación en curso.",
    "ledger.lead": "Cada punto que se dio, se gastó o caducó, día por día, y lo que se debe ahora.",
    "ledger.check": "¿Cuadran los libros?",
    "ledger.check-text": (
        "Una comprobación vuelve a calcular cada saldo, lote, nivel e insignia solo a partir de los pedidos "
        "y las reglas, con un código distinto del que los dio. Se ejecuta cada noche."
    ),
    "ledger.progress": "{done} de {total} revisados",
    "ledger.look": "Mirar otra vez",
    "ledger.looked-at": "Se volvieron a calcular: {members} y {entries}.",
    "ledger.member": "Este miembro",
    "ledger.elsewhere.one": (
        "De {n} diferencia no se sabe de qué programa es; quien opera este servicio debe mirarla (belong verify)."
    ),
    "ledger.elsewhere.other": (
        "De {n} diferencias no se sabe de qué programa son; quien opera este servicio debe mirarlas (belong verify)."
    ),
    "ledger.check-button": "Comprobar ahora",
    "ledger.match": "¿Coinciden los libros con la tienda?",
    "ledger.owed": "Lo que debe a sus miembros",
    "ledger.points": "Puntos abiertos",
    "ledger.worth": "Valen como mucho",
    "ledger.owe": "Lo que deben los miembros",
    "ledger.ended": "Caducados, aún no dados de baja",
    "ledger.ages": "Puntos abiertos por antigüedad",
    "ledger.span": "de {first} a {last} días",
    "ledger.from": "{first} días o más",
    "ledger.days": "Días cerrados",
    "ledger.csv": "Descargar como archivo (CSV)",
    "ledger.days-text": (
        "Un día cerrado no cambia nunca: lo que llega tarde se anota en el siguiente día abierto. Cada raíz "
        "se calcula a partir de la del día anterior, para que ningún día pueda alterarse sin que se note."
    ),
    "ledger.day": "Día",
    "ledger.opening": "Al principio",
    "ledger.credits": "Entradas",
    "ledger.debits": "Salidas",
    "ledger.adjusted": "A mano",
    "ledger.closing": "Al final",
    "ledger.value": "Valor",
    "ledger.root": "Raíz",
    "ledger.no-days": "Aún no hay ningún día cerrado.",
}
