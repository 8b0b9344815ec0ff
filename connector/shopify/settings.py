"""What a merchant may set for a connection to Shopify."""

from __future__ import annotations

from connector.store_settings import PLUGIN_ADJUSTS

BIRTHDAY_METAFIELD = "birthday_metafield"
"""Namespace and key of the customers' metafield with their birthday, such as ``facts.birth_date``."""
SETTINGS = frozenset({BIRTHDAY_METAFIELD, PLUGIN_ADJUSTS, "currency", "preorder_tags", "tier_tags"})
