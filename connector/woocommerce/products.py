"""Reading products: what rules may ask about them. Lines of orders name the parents of variations: those are read."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

import msgspec

from connector.woocommerce.rest import RestApi
from loyalty_engine.facts import Product

PRODUCTS_AT_ONCE = 100


class _Term(msgspec.Struct):
    slug: str


class _Product(msgspec.Struct):
    id: int
    categories: list[_Term] = []
    tags: list[_Term] = []


async def read_products(rest: RestApi, product_ids: Sequence[str]) -> list[Product]:
    """Categories and tags by their slugs, as people read them; WooCommerce has no collections."""
    known = [product_id for product_id in product_ids if product_id.isascii() and product_id.isdigit()]
    products: list[Product] = []
    for start in range(0, len(known), PRODUCTS_AT_ONCE):
        asked = known[start : start + PRODUCTS_AT_ONCE]
        pairs = [("include", ",".join(asked)), ("per_page", str(len(asked))), ("_fields", "id,categories,tags")]
        answer = await rest.get("products", pairs)
        products += [_product(row) for row in answer.json(list[_Product])]
    return products


def _product(row: _Product) -> Product:
    return Product(str(row.id), categories=_slugs(row.categories), tags=_slugs(row.tags))


def _slugs(terms: Sequence[_Term]) -> tuple[str, ...]:
    """Letters outside ASCII are percent-encoded in a slug."""
    return tuple(sorted(unquote(term.slug) for term in terms))
