"""Spanish: books."""

WORDS = {
    "books.title": "¿Coinciden los libros con la tienda?",
    "books.as-of": "A fecha de {at}",
    "books.nothing": "Todavía no hay ninguna tienda conectada.",
    "books.match": "Sí, los libros coinciden con la tienda.",
    "books.repairing": "Casi: se encontraron diferencias y se están corrigiendo.",
    "books.differ": "No, y alguien debe revisarlo.",
    "books.unknown": "Aún no se sabe: los últimos 90 días nunca se leyeron por completo.",
    "books.read": "Última lectura completa",
    "books.read-at": "{at}",
    "books.never": "nunca",
    "books.shown": "Pedidos que mostró la tienda",
    "books.known": "Pedidos en nuestros libros",
    "books.waiting": "De camino a los libros",
    "books.unreadable": "Mensajes que nadie pudo leer",
    "books.broke-off": "La última lectura se interrumpió: {problem}",
    "books.brake": "El freno está puesto",
    "books.held.one": (
        "{n} diferencia quitaría puntos o códigos a miembros de una vez, aunque la tienda no indica ningún "
        "cambio posterior. No se quita nada hasta que alguien diga que la tienda tiene razón. Se vio primero "
        "el {at}."
    ),
    "books.held.other": (
        "{n} diferencias quitarían puntos o códigos a miembros de una vez, aunque la tienda no indica ningún "
        "cambio posterior. No se quita nada hasta que alguien diga que la tienda tiene razón. Se vio primero "
        "el {at}."
    ),
    "books.let-go": "Si la tienda tiene razón, libérelos:",
    "books.cure": (
        "Si la tienda se equivoca (por ejemplo, se restauró una copia antigua), corríjala: "
        "la próxima lectura nocturna pone fin a esto."
    ),
    "books.none": "No se encontró ninguna diferencia en los últimos 90 días.",
    "books.caption": "Diferencias, primero las más recientes",
    "books.more": "Solo se muestran las {count} más recientes.",
    "books.order": "Pedido, código o miembro",
    "books.found": "Hallado",
    "books.what": "Qué",
    "books.ours": "Nuestros libros",
    "books.theirs": "La tienda",
    "books.done": "Qué se hizo",
    "books.given-back": "{amount} devuelto",
    "books.code": "código {code}",
    "books.version": "versión {version}",
    "books.has-nothing": "nada",
    "books.by": "por {who}: {why}",
    "difference.missing": "La tienda lo tiene y no sabíamos de él",
    "difference.stale": "Cambió en la tienda sin que lo supiéramos",
    "difference.extra": "La tienda dice que no tiene tal pedido",
    "difference.amount-diff": "Los libros y la tienda dicen cosas distintas",
    "difference.orphan-voucher": "Código y canje no van juntos: uno está sin el otro",
    "difference.missing-snapshot": "La tienda perdió lo que muestra a un miembro",
    "difference.stale-snapshot": "La tienda muestra otra cosa a un miembro",
    "done.repaired": "Corregido",
    "done.asked": "Se preguntó de nuevo a la tienda y vale su respuesta",
    "done.held": "Retenido: alguien debe decidir",
    "done.released": "Liberado",
    "done.seen-again": "Una lectura posterior lo aclara",
}
