"""Spanish: the second step of signing in."""

WORDS = {
    "second.title": "Segundo paso",
    "second.lead": (
        "Además de la contraseña, iniciar sesión pide entonces un código que genera tu teléfono. Quien solo "
        "averigüe tu contraseña no entra."
    ),
    "second.must": "Tu programa pide el segundo paso a todos. Configúralo para continuar.",
    "second.on": "Activo desde",
    "second.off": "El segundo paso está desactivado.",
    "second.look": "Códigos, desactivar",
    "second.set-up": "Configurar",
    "second.begin-text": "Necesitas un autenticador: una aplicación en el teléfono o tu gestor de contraseñas.",
    "second.scan": "Deja que tu autenticador lea esto",
    "second.scan-text": "Escanea esta imagen con él.",
    "second.picture": "Código QR para tu autenticador",
    "second.by-hand": "O escribe allí este secreto:",
    "second.type": "Luego escribe aquí el código que muestra.",
    "second.confirm": "Activar",
    "second.code-title": "Segundo paso",
    "second.code": "Código",
    "second.code-help": "Seis cifras de tu autenticador, o uno de los códigos que apuntaste.",
    "second.wrong": (
        "No ha funcionado. El código no es correcto o ya se usó, o hubo demasiados intentos: en ese caso, espera "
        "un cuarto de hora."
    ),
    "second.lost": "He perdido el teléfono",
    "second.lost-text": (
        "Escribe uno de los diez códigos que apuntaste; cada uno sirve una vez. Si tampoco los tienes, un "
        "propietario puede desactivarte el segundo paso; los propietarios preguntan a quien gestiona este "
        "servicio: belong people totp-off."
    ),
    "second.codes": "Códigos por si pierdes el teléfono",
    "second.codes-text": "Apúntalos o imprímelos: solo se muestran ahora. Cada uno sustituye al teléfono una vez.",
    "second.go-on": "Los he apuntado",
    "second.left": "Códigos que quedan por si pierdes el teléfono: {count}.",
    "second.renew": "Códigos nuevos",
    "second.turn-off": "Desactivar",
    "people.second": "segundo paso",
    "people.second-off": "Desactivar segundo paso",
    "people.second-needed": (
        "Todos los que inician sesión aquí lo necesitan. Quien no lo tiene lo configura antes que nada."
    ),
    "people.second-free": "Cada cual puede configurarlo. Puedes pedirlo a todos.",
    "people.second-need": "Pedirlo a todos",
    "people.second-release": "Dejarlo a cada cual",
    "said.second-off": "El segundo paso está desactivado.",
    "said.second-needed": "A partir de ahora todos necesitan el segundo paso.",
    "said.second-free": "El segundo paso queda a elección de cada cual.",
}
