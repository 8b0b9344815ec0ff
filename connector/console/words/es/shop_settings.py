"""Spanish: settings of a shop."""

WORDS = {
    "shop.settings": "Ajustes",
    "shop.settings-text": (
        "Cómo se lee esta tienda y qué muestra. Lo ya decidido se mantiene. Vacío: como de costumbre."
    ),
    "shop.settings-button": "Guardar los ajustes",
    "setting.usual": "Como de costumbre",
    "setting.yes": "Sí",
    "setting.no": "No",
    "setting.query": "En la dirección",
    "setting.basic": "En la cabecera, incluso sin https",
    "setting.wrong": "Un valor no sirve; no se ha cambiado ninguno.",
    "setting.wrong-one": "No tiene la forma que se describe aquí, o es demasiado largo.",
    "setting.operator": (
        "Si la gente de la tienda puede dar puntos lo decide un propietario con acceso propio o, donde dos "
        "personas deben estar de acuerdo, quien lleva el servicio."
    ),
    "setting.language": "Idioma de la tienda",
    "setting-help.language": (
        "En él la tienda muestra los puntos por sí misma y se escribe a los miembros que no indicaron idioma. "
        "Como de costumbre: inglés."
    ),
    "setting.member_page": "Página donde los miembros ven sus puntos",
    "setting-help.member_page": (
        "Adonde llevan los correos: la dirección completa de una página de esta tienda, o de una de las otras "
        "páginas de más abajo, como https://shop.example/my-account/points/. Vacío: Mi cuenta en WooCommerce, la "
        "cuenta en Shopify."
    ),
    "setting.referral_link": "Enlace para amigos",
    "setting-help.referral_link": (
        "La dirección https de una página suya, hasta donde va el código, por ejemplo "
        "https://shop.example/?belong=. Las páginas con nuestro plugin, bloque o script recuerdan ese código; con "
        "otro final debe recogerlo la página misma. Vacío: los miembros ven solo el código."
    ),
    "setting.board": "Clasificación",
    "setting-help.board": (
        "La tienda la muestra donde está su clasificación: "
        "este mes, los diez primeros de quienes quieren aparecer en clasificaciones."
    ),
    "setting.none": "Ninguna clasificación",
    "setting.origins": "Otras páginas que pueden consultarnos",
    "setting-help.origins": (
        "Para tiendas con interfaz propia: direcciones como las escriben los navegadores, por ejemplo "
        "https://www.shop.example, sin barra final y separadas por espacios."
    ),
    "setting.birthday_meta": "Dónde están los cumpleaños",
    "setting-help.birthday_meta": (
        "La clave de los metadatos del cliente con el cumpleaños, por ejemplo billing_birthday. La tienda "
        "oculta las claves que empiezan por _."
    ),
    "setting.birthday_metafield": "Dónde están los cumpleaños",
    "setting-help.birthday_metafield": (
        "Espacio de nombres y clave del metacampo del cliente con el cumpleaños, por ejemplo facts.birth_date."
    ),
    "setting.tier_tags": "Etiquetas con el nivel",
    "setting-help.tier_tags": (
        "Lo que precede al nivel en la etiqueta de cada cliente: loyalty: da loyalty:gold. Al menos 3 "
        "caracteres, sin comas. Un - delante quita estas etiquetas a todos."
    ),
    "setting.currency": "Moneda de la tienda",
    "setting-help.currency": (
        "Tres letras, por ejemplo EUR, si no es la del programa: en ella se da el saldo de la tienda."
    ),
    "setting.preorder_tags": "Etiquetas de pedidos que se envían más tarde",
    "setting-help.preorder_tags": "Separadas por comas. Como de costumbre: pre-order,preorder.",
    "setting.paid_statuses": "Estados de pedido que cuentan como pagados",
    "setting-help.paid_statuses": "Separados por comas, por ejemplo processing,completed.",
    "setting.gift_card_products": "Productos que son tarjetas regalo",
    "setting-help.gift_card_products": "Sus números, separados por comas. Comprarlos no da puntos.",
    "setting.gift_card_meta": "Dónde dicen los pedidos lo que pagaron tarjetas regalo",
    "setting-help.gift_card_meta": "Claves de metadatos del pedido, separadas por comas.",
    "setting.store_credit_meta": "Dónde dicen los pedidos lo que pagó el saldo de la tienda",
    "setting-help.store_credit_meta": "Claves de metadatos del pedido, separadas por comas.",
    "setting.store_credit_methods": "Métodos de pago que son saldo de la tienda",
    "setting-help.store_credit_methods": "Sus identificadores en WooCommerce, separados por comas.",
    "setting.plugin_adjusts": "La gente de la tienda puede dar y quitar puntos",
    "setting-help.plugin_adjusts": (
        "En la administración de la tienda y en la consola, donde solo su tienda los nombra. Como de costumbre: sí."
    ),
    "setting.plugin_imports": "La tienda puede traer saldos",
    "setting-help.plugin_imports": (
        "Lo que los clientes tenían con otro plugin. Como de costumbre: sí, salvo donde dos personas deben "
        "acordar los puntos."
    ),
    "setting.auth": "Cómo acepta la tienda nuestra clave",
    "setting-help.auth": (
        "Solo para tiendas cuyo alojamiento quita la cabecera o que están detrás de un proxy. Como de "
        "costumbre: en la cabecera."
    ),
    "said.settings-kept": "Los ajustes están guardados.",
    "said.settings-same": "Nada era distinto, así que no se ha cambiado nada.",
}
