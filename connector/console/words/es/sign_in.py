"""Spanish: signing in and joining."""

WORDS = {
    "sign-in.title": "Iniciar sesión",
    "sign-in.address": "Dirección de correo",
    "sign-in.password": "Contraseña",
    "sign-in.button": "Iniciar sesión",
    "sign-in.wrong": (
        "No ha funcionado. La dirección o la contraseña no es correcta, o hubo demasiados intentos: en ese caso, "
        "espera un cuarto de hora."
    ),
    "sign-in.old": "Esta página estuvo abierta demasiado tiempo. Inténtalo de nuevo.",
    "sign-in.shop": "Vengo de una tienda",
    "sign-in.shop-text": (
        "Abre Belong desde la administración de tu tienda: en WordPress, en WooCommerce; en Shopify, en Apps. La "
        "tienda dice quién eres; aquí no necesitas contraseña."
    ),
    "sign-in.lost": "Ya no puedo iniciar sesión",
    "sign-in.lost-text": (
        "Un propietario de tu programa puede darte, en Ajustes, Personas, una dirección con la que eliges otra "
        "contraseña. Los propietarios preguntan a quien gestiona este servicio: belong people reset."
    ),
    "sign-in.name": "Tu nombre",
    "sign-in.new-password": "Contraseña",
    "sign-in.again": "La misma contraseña otra vez",
    "sign-in.language": "Idioma",
    "sign-in.password-help": "Al menos {least} caracteres. Unas cuantas palabras seguidas se recuerdan bien.",
    "sign-in.look": "Falta algo. Todavía no ha pasado nada.",
    "sign-in.first.title": "Configurar Belong",
    "sign-in.first.text": "Serás el propietario. Esta página sirve una vez.",
    "sign-in.first.button": "Ser propietario",
    "sign-in.join.title": "Te han invitado",
    "sign-in.join.text": "Elige cómo inicias sesión a partir de ahora. Esta página sirve una vez.",
    "sign-in.join.button": "Unirme",
    "sign-in.reset.title": "Elegir otra contraseña",
    "sign-in.reset.text": "Después se cierra tu sesión en todas partes e inicias sesión con la nueva.",
    "sign-in.reset.button": "Usar esta contraseña",
    "sign-in.programme": "Tu programa",
    "sign-in.programme-text": "En él los miembros ganan puntos. Sus reglas se pueden cambiar más tarde.",
    "sign-in.programme-name": "Nombre del programa",
    "sign-in.currency": "Moneda de tu tienda",
    "sign-in.currency-help": "Tres letras, como EUR. Se queda como está.",
    "sign-in.zone": "Zona horaria",
    "sign-in.zone-help": "Por ejemplo, Europe/Madrid. Decide en qué día ocurre algo.",
    "sign-in.problem-short": "Esta contraseña es demasiado corta: al menos {least} caracteres.",
    "sign-in.problem-long": "Esta contraseña es demasiado larga.",
    "sign-in.problem-plain": "Esta contraseña repite los mismos pocos caracteres.",
    "sign-in.problem-named": "Esta contraseña está hecha de nombres que cualquiera probaría primero.",
    "sign-in.problem-again": "Las dos contraseñas son distintas.",
    "sign-in.problem-name": "Escribe tu nombre, con 100 caracteres como máximo.",
    "sign-in.problem-address": "Escribe una dirección de correo, como ada@shop.example.",
    "sign-in.problem-taken": "Esta dirección no se puede usar aquí. Elige otra.",
    "sign-in.problem-programme": "Escribe un nombre, con 100 caracteres como máximo.",
    "sign-in.problem-currency": "No existe esa moneda.",
    "sign-in.problem-zone": "No existe esa zona horaria.",
    "sign-in.mail-join-subject": "{programme}: te han invitado",
    "sign-in.mail-join": (
        "Con esta dirección te unes a la consola de {programme} en Belong. Sirve una vez, hasta el {until}."
    ),
    "sign-in.mail-reset-subject": "{programme}: elegir otra contraseña",
    "sign-in.mail-reset": (
        "Con esta dirección eliges otra contraseña para la consola de {programme} en Belong. Sirve una vez, "
        "hasta el {until}. Si no la has pedido, no hagas nada: tu contraseña sigue igual."
    ),
    "join-over.title": "Esta dirección ya se ha usado o es demasiado antigua",
    "join-over.text": "Sirve una vez. Pide otra a quien te la dio.",
}
