"""Spanish: what was not seen yet."""

WORDS = {
    "unseen.order": "Este pedido no se ha visto",
    "unseen.why": (
        "Por eso no ha movido puntos. Quizá la tienda aún no lo ha comunicado, o el número es otro; se busca "
        "por el id que la tienda le da."
    ),
    "unseen.read": "Pedírselo ahora a la tienda",
    "unseen.customer": "El cliente {ref} aún no es miembro",
    "unseen.consent": "Solo con el consentimiento de la persona. Los pedidos que lo esperaban se deciden entonces.",
    "unseen.enrol": "Hacerlo miembro",
    "refused.not-done": "No se hizo",
    "said.order-wished": "Se pide a la tienda. Cargue esta página de nuevo en un minuto.",
    "said.enrolled": "El cliente es miembro.",
}
