"""What a merchant may set for a connection to WooCommerce."""

from __future__ import annotations

BIRTHDAY_META = "birthday_meta"
"""Key of the customers' meta with their birthday. Keys that begin with ``_`` are hidden by the shop."""
PLUGIN_ADJUSTS = "plugin_adjusts"
"""``no``: people of the shop's administration may look, and may not give or take points there."""
PLUGIN_IMPORTS = "plugin_imports"
"""Whether the plugin may bring along what customers had with another one: ``yes``, ``no``; else by the programme."""
SETTINGS = frozenset(
    {
        BIRTHDAY_META,
        PLUGIN_ADJUSTS,
        PLUGIN_IMPORTS,
        "auth",
        "gift_card_meta",
        "gift_card_products",
        "paid_statuses",
        "store_credit_meta",
        "store_credit_methods",
    }
)
