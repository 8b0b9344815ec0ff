"""English: what was not seen yet."""

WORDS = {
    "unseen.order": "This order has not been seen",
    "unseen.why": (
        "So it has moved no points. Perhaps the shop has not told of it yet, or the number is another one; "
        "search takes the id that the shop has for it."
    ),
    "unseen.read": "Ask the shop to read it now",
    "unseen.customer": "Customer {ref} is no member yet",
    "unseen.consent": "Only with the person's consent. Orders that waited for it are decided then.",
    "unseen.enrol": "Make them a member",
    "refused.not-done": "That was not done",
    "said.order-wished": "The shop is asked for it. Load this page again in a minute.",
    "said.enrolled": "The customer is a member.",
}
