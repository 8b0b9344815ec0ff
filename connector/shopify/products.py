"""Reading products: what rules may ask about them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec

from connector.shopify.graphql import AdminApi, decode
from loyalty_engine.facts import Product

log = logging.getLogger(__name__)

PRODUCTS_AT_ONCE = 50


class _Category(msgspec.Struct):
    id: str
    name: str


class _Collection(msgspec.Struct, rename="camel"):
    legacy_resource_id: str
    handle: str


class _PageInfo(msgspec.Struct, rename="camel"):
    has_next_page: bool


class _Collections(msgspec.Struct, rename="camel"):
    nodes: list[_Collection]
    page_info: _PageInfo


class _Product(msgspec.Struct, rename="camel"):
    legacy_resource_id: str
    tags: list[str]
    collections: _Collections
    category: _Category | None = None


class _Data(msgspec.Struct):
    nodes: list[_Product | None]


async def read_products(api: AdminApi, product_ids: Sequence[str]) -> list[Product]:
    """Collections by handle and by id, the category by name and by the code of Shopify's taxonomy."""
    known = [product_id for product_id in product_ids if product_id.isascii() and product_id.isdigit()]
    products: list[Product] = []
    for start in range(0, len(known), PRODUCTS_AT_ONCE):
        ids = [f"gid://shopify/Product/{product_id}" for product_id in known[start : start + PRODUCTS_AT_ONCE]]
        data: _Data = decode(await api.run("ReadProducts", {"ids": ids}), _Data)
        products += [_product(node) for node in data.nodes if node is not None]
    return products


def _product(node: _Product) -> Product:
    if node.collections.page_info.has_next_page:
        log.warning("a product is in more collections than are read", extra={"product": node.legacy_resource_id})
    category = node.category
    return Product(
        product_id=node.legacy_resource_id,
        collections=tuple(
            sorted({word for each in node.collections.nodes for word in (each.handle, each.legacy_resource_id)})
        ),
        categories=(category.name, category.id.rpartition("/")[2]) if category else (),
        tags=tuple(sorted(node.tags)),
    )
