"""What a merchant may set for a connection to WooCommerce."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from connector import store_settings

BIRTHDAY_META = "birthday_meta"
"""Key of the customers' meta with their birthday. Keys that begin with ``_`` are hidden by the shop."""
PLUGIN_IMPORTS = "plugin_imports"
"""Whether the plugin may bring along what customers had with another one: ``yes``, ``no``; else by the programme."""
GIFT_CARD_PRODUCTS = "gift_card_products"
"""Ids of products, with commas between, that are gift cards."""
GIFT_CARD_META = "gift_card_meta"
"""Keys of order meta with what gift cards paid, with commas between."""
STORE_CREDIT_META = "store_credit_meta"
"""The same with what store credit paid."""
AUTH = "auth"
"""How the shop takes our key, where the usual way is shut: see ``rest``."""
SETTINGS = store_settings.SETTINGS | {
    AUTH,
    BIRTHDAY_META,
    GIFT_CARD_META,
    GIFT_CARD_PRODUCTS,
    PLUGIN_IMPORTS,
    STORE_CREDIT_META,
    "paid_statuses",
    "store_credit_methods",
}
CHOICES: Mapping[str, tuple[str, ...]] = {PLUGIN_IMPORTS: store_settings.YES_OR_NO, AUTH: ("query", "basic")}
"""Settings that take one of a few values."""


def gift_card_products(settings: Mapping[str, str]) -> frozenset[str]:
    """Ids of the products that are gift cards."""
    return _named(settings.get(GIFT_CARD_PRODUCTS, ""))


def tender_meta(settings: Mapping[str, str]) -> frozenset[str]:
    """Keys of order meta that the merchant named, with what other tender than money paid."""
    return _named(settings.get(GIFT_CARD_META, "")) | _named(settings.get(STORE_CREDIT_META, ""))


@lru_cache(maxsize=64)
def _named(text: str) -> frozenset[str]:
    # Asked for with every order.
    return frozenset(part.strip() for part in text.split(",") if part.strip())
