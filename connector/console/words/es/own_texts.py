"""Spanish: own_texts."""

WORDS = {
    "settings.programme": "Idiomas y zona horaria",
    "settings.programme-text": "Cómo se llaman su programa y sus puntos en cada idioma, y qué hora rige.",
    "own.lead": (
        "Los clientes leen el programa en el idioma que indica su tienda. Lo que no está escrito en él, lo leen "
        "en inglés."
    ),
    "own.fixed": "Lo que no cambia",
    "own.zone": "Zona horaria",
    "own.now": "allí ahora son",
    "own.currency": "Moneda base",
    "own.fixed-text": "Ninguna de las dos puede cambiar ya: los libros y el gasto se cuentan en ellas.",
    "own.you": "Su propio idioma lo elige en «Usted».",
    "own.written": "Qué está escrito en qué idioma",
    "own.written-of": "Nombres escritos, de {count}",
    "own.written-text": (
        "Nombres de niveles, insignias, rangos, recompensas y reglas, y sus textos. Lo que falta se escribe en "
        "el documento del programa."
    ),
    "own.language": "Idioma",
    "own.names": "Nombres",
    "own.name": "Nombre del programa",
    "own.one": "Uno se llama ({language})",
    "own.many": "Varios se llaman ({language})",
    "own.points": "Cómo se llaman los puntos",
    "own.points-help": "El inglés es necesario. Un idioma que deje vacío conserva la palabra habitual.",
    "own.draft": "Hacer un borrador",
    "own.draft-text": "Nada cambia hasta que el propietario publique el borrador.",
    "own.draft-name": "Nombres e idiomas",
    "own.problem": "Esto aún no se puede usar. No ha pasado nada.",
    "own.unchanged": "Nada difiere de lo que rige ahora.",
}
