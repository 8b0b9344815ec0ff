"""What a merchant may set for a connection to Shopify."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from connector import store_settings
from connector.errors import ConfigProblem
from loyalty_engine.errors import AmountError
from loyalty_engine.money import exponent_of

BIRTHDAY_METAFIELD = "birthday_metafield"
"""Namespace and key of the customers' metafield with their birthday, such as ``facts.birth_date``."""
SETTINGS = store_settings.SETTINGS | {BIRTHDAY_METAFIELD, "currency", "preorder_tags", "tier_tags"}


def check_currency(value: str) -> None:
    """Raises ConfigProblem for what is no currency: no store credit could be given in it."""
    try:
        exponent_of(value or "EUR")
    except AmountError as error:
        raise ConfigProblem("Write the currency as its three letters, such as EUR.") from error


CHECKS: Mapping[str, Callable[[str], None]] = {"currency": check_currency}
"""Settings that take text of a form."""
