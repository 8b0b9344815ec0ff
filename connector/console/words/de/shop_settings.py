"""German: settings of a shop."""

WORDS = {
    "shop.settings": "Einstellungen",
    "shop.settings-text": (
        "Wie dieser Shop gelesen wird und was er zeigt. Was schon entschieden ist, bleibt. Leer: wie üblich."
    ),
    "shop.settings-button": "Einstellungen speichern",
    "setting.usual": "Wie üblich",
    "setting.yes": "Ja",
    "setting.no": "Nein",
    "setting.query": "In der Adresse",
    "setting.basic": "Im Header, auch ohne https",
    "setting.wrong": "Ein Wert ist nicht brauchbar; keiner wurde geändert.",
    "setting.wrong-one": "Nicht in der hier beschriebenen Form, oder zu lang.",
    "setting.operator": (
        "Ob Leute des Shops Punkte geben dürfen, stellt ein Inhaber mit eigener Anmeldung ein oder, wo zwei "
        "Personen zustimmen müssen, wer den Dienst betreibt."
    ),
    "setting.language": "Sprache des Shops",
    "setting-help.language": (
        "In ihr zeigt der Shop von sich aus Punkte, und Mitgliedern, die keine Sprache genannt haben, wird "
        "darin geschrieben. Wie üblich: Englisch."
    ),
    "setting.member_page": "Seite, auf der Mitglieder ihre Punkte sehen",
    "setting-help.member_page": (
        "Wohin Mails führen: die ganze Adresse einer Seite dieses Shops oder einer der weiteren Seiten unten, etwa "
        "https://shop.example/my-account/points/. Leer: Mein Konto in WooCommerce, das Kundenkonto in Shopify."
    ),
    "setting.referral_link": "Link für Freunde",
    "setting-help.referral_link": (
        "Die https-Adresse einer Ihrer Seiten, bis dahin, wo der Code stehen soll, etwa "
        "https://shop.example/?belong=. Seiten mit unserem Plugin, Block oder Skript merken sich diesen Code; bei "
        "einem anderen Ende muss ihn die Seite selbst übernehmen. Leer: Mitglieder sehen nur den Code."
    ),
    "setting.board": "Rangliste",
    "setting-help.board": (
        "Der Shop zeigt sie, wo seine Rangliste steht: "
        "diesen Monat, die ersten zehn von denen, die auf Ranglisten stehen wollen."
    ),
    "setting.none": "Keine Rangliste",
    "setting.origins": "Weitere Seiten, die uns fragen dürfen",
    "setting-help.origins": (
        "Für Shops mit eigener Oberfläche: Adressen, wie Browser sie schreiben, etwa "
        "https://www.shop.example, ohne Schrägstrich am Ende, mit Leerzeichen dazwischen."
    ),
    "setting.birthday_meta": "Wo Geburtstage stehen",
    "setting-help.birthday_meta": (
        "Der Schlüssel der Kunden-Metadaten mit dem Geburtstag, etwa billing_birthday. Schlüssel, die mit _ "
        "beginnen, verbirgt der Shop."
    ),
    "setting.birthday_metafield": "Wo Geburtstage stehen",
    "setting-help.birthday_metafield": (
        "Namensraum und Schlüssel des Kunden-Metafelds mit dem Geburtstag, etwa facts.birth_date."
    ),
    "setting.tier_tags": "Tags mit der Stufe",
    "setting-help.tier_tags": (
        "Was im Tag jedes Kunden vor der Stufe steht: loyalty: ergibt loyalty:gold. Mindestens 3 Zeichen, "
        "kein Komma. Ein - davor entfernt diese Tags bei allen."
    ),
    "setting.currency": "Währung des Shops",
    "setting-help.currency": (
        "Drei Buchstaben, etwa EUR, wo es nicht die des Programms ist: In ihr wird Guthaben gegeben."
    ),
    "setting.preorder_tags": "Tags von Bestellungen, die später versandt werden",
    "setting-help.preorder_tags": "Mit Kommas dazwischen. Wie üblich: pre-order,preorder.",
    "setting.paid_statuses": "Bestellstatus, die als bezahlt gelten",
    "setting-help.paid_statuses": "Mit Kommas dazwischen, etwa processing,completed.",
    "setting.gift_card_products": "Produkte, die Geschenkkarten sind",
    "setting-help.gift_card_products": "Ihre Nummern, mit Kommas dazwischen. Ihr Kauf bringt keine Punkte.",
    "setting.gift_card_meta": "Wo Bestellungen sagen, was Geschenkkarten bezahlt haben",
    "setting-help.gift_card_meta": "Schlüssel von Bestell-Metadaten, mit Kommas dazwischen.",
    "setting.store_credit_meta": "Wo Bestellungen sagen, was Guthaben bezahlt hat",
    "setting-help.store_credit_meta": "Schlüssel von Bestell-Metadaten, mit Kommas dazwischen.",
    "setting.store_credit_methods": "Zahlungsarten, die Guthaben sind",
    "setting-help.store_credit_methods": "Ihre Kennungen in WooCommerce, mit Kommas dazwischen.",
    "setting.plugin_adjusts": "Leute des Shops dürfen Punkte geben und nehmen",
    "setting-help.plugin_adjusts": (
        "In der Verwaltung des Shops und in der Konsole, wo nur ihr Shop sie nennt. Wie üblich: ja."
    ),
    "setting.plugin_imports": "Der Shop darf Guthaben an Punkten mitbringen",
    "setting-help.plugin_imports": (
        "Was Kunden bei einem anderen Plugin hatten. Wie üblich: ja, außer wo zwei Personen über Punkte einig "
        "sein müssen."
    ),
    "setting.auth": "Wie der Shop unseren Schlüssel annimmt",
    "setting-help.auth": (
        "Nur für Shops, deren Host den Header entfernt oder die hinter einem Proxy stehen. Wie üblich: im Header."
    ),
    "said.settings-kept": "Die Einstellungen sind gespeichert.",
    "said.settings-same": "Nichts war anders, also wurde nichts geändert.",
}
