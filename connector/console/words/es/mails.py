"""Spanish: mails to members."""

WORDS = {
    "mails.title": "Correos",
    "mails.lead": (
        "Lo que tus miembros reciben por correo, cómo se ve y con qué frecuencia llega. Los cambios valen al momento."
    ),
    "mails.no-server": (
        "No hay servidor de correo configurado, así que no se envía nada: los correos se quedan en la "
        "carpeta de salida del servicio."
    ),
    "mails.which": "Qué se envía",
    "mails.which-help": (
        "Los miembros eligen entre estos en una página a la que enlaza cada correo, y ahí pueden darse de "
        "baja de todos."
    ),
    "mails.expiry-needed": (
        "No se puede desactivar: los puntos solo caducan tras un aviso, y este programa avisa por correo."
    ),
    "mails.earned-help": "Desactivado al principio: un correo tras cada pedido, los de un mismo día juntos.",
    "mails.sender": "Nombre del remitente",
    "mails.sender-help": "Va delante de la dirección que configuró el operador. Vacío: el nombre del operador.",
    "mails.accent": "Color",
    "mails.accent-help": "De la franja superior, que lleva el nombre de tu programa.",
    "mails.per-day": "Correos al día, como máximo",
    "mails.per-day-help": (
        "Lo que llegue entretanto será un solo correo al día siguiente. Los avisos de caducidad nunca esperan."
    ),
    "mails.save": "Guardar",
    "mails.look": "Cómo se ve",
    "mails.look-help": "Con cifras inventadas y los nombres de tu programa.",
    "mails.kind": "Correo",
    "mails.language": "Idioma",
    "mails.show": "Mostrar",
    "mails.frame": "El correo tal como se ve en un programa de correo",
    "mails.as-text": "Como texto",
    "mails.test": "Enviártelo",
    "mails.to": "Dirección",
    "mails.to-help": "El correo de arriba se envía ahí una vez, con sus cifras inventadas.",
    "mails.send": "Enviar",
    "mails.problem-sender-name": "Como máximo 60 caracteres.",
    "mails.problem-accent": "Elige un color.",
    "mails.problem-per-day": "Elige un número del 1 al 20.",
    "mails.problem-to": "Esto no es una dirección de correo.",
    "mails.problem-often": "Demasiados seguidos. Inténtalo de nuevo dentro de unos minutos.",
    "mails.problem-send": "No se pudo enviar el correo. El registro del servicio dice por qué.",
    "said.mails-saved": "Guardado. Vale desde ahora.",
    "said.mail-sent": "El servidor de correo ha aceptado el correo.",
    "said.mail-in-folder": "No hay servidor de correo configurado: el correo está en la carpeta de salida.",
    "settings.mails": "Correos",
    "settings.mails-text": "Qué correos reciben los miembros, cómo son, y una prueba para usted.",
    "mail-kind.welcome": "Bienvenida",
    "mail-kind.points-earned": "Puntos ganados",
    "mail-kind.reward-ready": "Recompensa al alcance",
    "mail-kind.expiry": "Puntos a punto de caducar",
    "mail-kind.tier-reached": "Nivel alcanzado",
    "mail-kind.tier-at-risk": "Nivel en riesgo",
    "mail-kind.tier-lost": "Nivel perdido",
    "mail-kind.badge-awarded": "Insignia conseguida",
    "mail-kind.referral": "Invitación",
    "mail-kind.voucher-expiring": "Código a punto de caducar",
    "mail-kind.programme-changed": "Cambios en las reglas",
    "mail-kind.wind-down": "Fin del programa",
}
