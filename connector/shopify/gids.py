"""Shopify's global ids: ``gid://shopify/Order/5123``."""

from __future__ import annotations


def number_of(gid: str) -> str:
    """``5123`` of ``gid://shopify/Order/5123`` and of ``gid://shopify/Order/5123?name=value``: what webhooks use."""
    return gid.rpartition("/")[2].partition("?")[0]
