"""Spanish: backups."""

WORDS = {
    "settings.backups": "Copias de seguridad",
    "settings.backups-text": "Cuándo se hizo la última, qué contiene y cómo se recupera todo.",
    "backups.lead": (
        "Una copia es un estado de toda la base de datos en un archivo. La hace quien opera este servicio, "
        "mientras funciona."
    ),
    "backups.last": "La última",
    "backups.fresh": "de hace menos de un día",
    "backups.old": "de hace más de un día",
    "backups.none": "ninguna conocida",
    "backups.none-text": (
        "Con el comando propio de este servicio no se ha hecho ninguna aquí. Quizá se hagan de otro modo: "
        "pregunte a quien opera el servicio."
    ),
    "backups.when": "Hecha",
    "backups.ago.one": "hace {n} hora",
    "backups.ago.other": "hace {n} horas",
    "backups.where": "Escrita en",
    "backups.bytes": "Bytes",
    "backups.entries": "Asientos del libro",
    "backups.shared": "Varios programas comparten esta instalación; dónde están las copias lo sabe quien la opera.",
    "backups.holds": "Qué contiene",
    "backups.holds-text": (
        "Todo: miembros, puntos y sus motivos, pedidos, programas, personas y ajustes. Los datos personales y "
        "secretos van sellados con la clave maestra."
    ),
    "backups.lacks": (
        "No contiene: la clave maestra, sin la que ninguna se puede abrir, ni el diario de borrados, del que "
        "solo vale el más reciente. Guarde una copia de cada uno en otro lugar."
    ),
    "backups.make": "Hacer una",
    "backups.make-text": (
        "En la máquina donde corre el servicio; cada hora por sí sola con deploy/belong-backup.timer:"
    ),
    "backups.why-no-button": (
        "Aquí no hay botón ni descarga. El servicio no conoce más lugar que su propio disco, y una copia junto "
        "al original se pierde con él; y quien tiene una copia tiene todos los programas de esta instalación."
    ),
    "backups.tried": "¿Se ha probado?",
    "backups.tried-text": (
        "Antes de recibir su nombre, se comprueban las páginas de la copia y se lee todo su libro. Si se puede "
        "recuperar no lo sabe nadie antes de probarlo, y este servicio no se entera. Pruébelo de vez en cuando "
        "en una carpeta aparte, y no inicie allí ningún servicio:"
    ),
    "backups.back": "Recuperarlo todo",
    "backups.step-1": "Instale la misma versión o una más nueva en una máquina sin la base de datos.",
    "backups.step-2": "Ponga la clave maestra y el diario de borrados más reciente en su carpeta.",
    "backups.step-3": "Restaure: lo comprueba todo y vuelve a borrar a quien se borró desde entonces.",
    "backups.step-4": "Inicie el servicio y haga que lea las tiendas, por lo ocurrido desde entonces.",
}
