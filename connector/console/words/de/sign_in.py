"""German: signing in and joining."""

WORDS = {
    "sign-in.title": "Anmelden",
    "sign-in.address": "Mailadresse",
    "sign-in.password": "Passwort",
    "sign-in.button": "Anmelden",
    "sign-in.wrong": (
        "Das hat nicht geklappt. Adresse oder Passwort stimmt nicht, oder es waren zu viele Versuche: Dann "
        "warten Sie eine Viertelstunde."
    ),
    "sign-in.old": "Diese Seite war zu lange offen. Bitte versuchen Sie es noch einmal.",
    "sign-in.shop": "Ich komme aus einem Shop",
    "sign-in.shop-text": (
        "Öffnen Sie Belong aus der Verwaltung Ihres Shops: in WordPress unter WooCommerce, in Shopify unter "
        "Apps. Der Shop sagt, wer Sie sind; hier brauchen Sie kein Passwort."
    ),
    "sign-in.lost": "Ich kann mich nicht mehr anmelden",
    "sign-in.lost-text": (
        "Wer Inhaber Ihres Programms ist, kann Ihnen unter Einstellungen, Personen eine Adresse geben, mit der "
        "Sie ein anderes Passwort wählen. Inhaber fragen, wer diesen Dienst betreibt: belong people reset."
    ),
    "sign-in.name": "Ihr Name",
    "sign-in.new-password": "Passwort",
    "sign-in.again": "Dasselbe Passwort noch einmal",
    "sign-in.language": "Sprache",
    "sign-in.password-help": "Mindestens {least} Zeichen. Ein paar Wörter hintereinander lassen sich gut merken.",
    "sign-in.look": "Es fehlt noch etwas. Bisher ist nichts geschehen.",
    "sign-in.first.title": "Belong einrichten",
    "sign-in.first.text": "Sie werden Inhaber. Diese Seite gilt einmal.",
    "sign-in.first.button": "Inhaber werden",
    "sign-in.join.title": "Sie sind eingeladen",
    "sign-in.join.text": "Wählen Sie, wie Sie sich künftig anmelden. Diese Seite gilt einmal.",
    "sign-in.join.button": "Beitreten",
    "sign-in.reset.title": "Ein anderes Passwort wählen",
    "sign-in.reset.text": "Danach sind Sie überall abgemeldet und melden sich mit dem neuen an.",
    "sign-in.reset.button": "Dieses Passwort nehmen",
    "sign-in.programme": "Ihr Programm",
    "sign-in.programme-text": "Darin sammeln Mitglieder Punkte. Seine Regeln lassen sich später ändern.",
    "sign-in.programme-name": "Name des Programms",
    "sign-in.currency": "Währung Ihres Shops",
    "sign-in.currency-help": "Drei Buchstaben wie EUR. Sie bleibt, wie sie ist.",
    "sign-in.zone": "Zeitzone",
    "sign-in.zone-help": "Zum Beispiel Europe/Berlin. Sie entscheidet, an welchem Tag etwas geschieht.",
    "sign-in.problem-short": "Dieses Passwort ist zu kurz: mindestens {least} Zeichen.",
    "sign-in.problem-long": "Dieses Passwort ist zu lang.",
    "sign-in.problem-plain": "Dieses Passwort wiederholt dieselben wenigen Zeichen.",
    "sign-in.problem-named": "Dieses Passwort besteht aus Namen, die jeder zuerst versuchen würde.",
    "sign-in.problem-again": "Die beiden Passwörter sind verschieden.",
    "sign-in.problem-name": "Schreiben Sie Ihren Namen, mit höchstens 100 Zeichen.",
    "sign-in.problem-address": "Schreiben Sie eine Mailadresse wie ada@shop.example.",
    "sign-in.problem-taken": "Diese Adresse kann hier nicht verwendet werden. Nehmen Sie eine andere.",
    "sign-in.problem-programme": "Schreiben Sie einen Namen, mit höchstens 100 Zeichen.",
    "sign-in.problem-currency": "Diese Währung gibt es nicht.",
    "sign-in.problem-zone": "Diese Zeitzone gibt es nicht.",
    "sign-in.mail-join-subject": "{programme}: Sie sind eingeladen",
    "sign-in.mail-join": (
        "Mit dieser Adresse treten Sie der Konsole von {programme} in Belong bei. Sie gilt einmal, bis {until}."
    ),
    "sign-in.mail-reset-subject": "{programme}: ein anderes Passwort wählen",
    "sign-in.mail-reset": (
        "Mit dieser Adresse wählen Sie ein anderes Passwort für die Konsole von {programme} in Belong. Sie gilt "
        "einmal, bis {until}. Wenn Sie nicht darum gebeten haben, lassen Sie sie liegen: Ihr Passwort bleibt."
    ),
    "join-over.title": "Diese Adresse wurde benutzt oder ist zu alt",
    "join-over.text": "Sie gilt einmal. Bitten Sie, wer sie Ihnen gegeben hat, um eine neue.",
}
