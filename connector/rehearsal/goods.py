"""Goods of which a programme's rules speak, so that a test can order some of them."""

from __future__ import annotations

from dataclasses import replace

from loyalty_engine.facts import Line, Product
from loyalty_engine.programme.conditions import ON_LINES
from loyalty_engine.programme.model import Programme

GOODS_MAX = 60


def goods_of(programme: Programme) -> list[str]:
    """``category:coffee`` and the like: every good that a condition of a rule names."""
    found = {
        f"{condition.field}:{value}"
        for rule in programme.rules
        for condition in rule.conditions
        if condition.field in ON_LINES
        for value in condition.values
    }
    return sorted(found)[:GOODS_MAX]


def product_of(goods: str, line: Line) -> tuple[Product | None, Line]:
    """What the catalogue says of such a good, and the line of an order with it."""
    field, _, value = goods.partition(":")
    if field == "sku":
        return None, replace(line, sku=value)
    if field == "variant":
        return None, replace(line, variant_id=value)
    if field == "product":
        return Product(value), replace(line, product_id=value)
    product_id = f"test-{field}-{value}"
    chosen = (value,)
    product = Product(
        product_id,
        collections=chosen if field == "collection" else (),
        categories=chosen if field == "category" else (),
        tags=chosen if field == "product_tag" else (),
    )
    return product, replace(line, product_id=product_id)
