"""Reading products: what rules may ask about them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from connector.shopify.gids import number_of
from connector.shopify.graphql import AdminApi, decode
from loyalty_engine.errors import AmountError
from loyalty_engine.facts import Price, Product
from loyalty_engine.money import minor_from_decimal

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


class _Variant(msgspec.Struct, rename="camel"):
    legacy_resource_id: str
    price: str
    compare_at_price: str | None = None


class _PricePage(msgspec.Struct, rename="camel"):
    has_next_page: bool
    end_cursor: str | None = None


class _Variants(msgspec.Struct, rename="camel"):
    nodes: list[_Variant]
    page_info: _PricePage


class _Priced(msgspec.Struct, rename="camel"):
    legacy_resource_id: str
    variants: _Variants


class _Shop(msgspec.Struct, rename="camel"):
    currency_code: str


class _Prices(msgspec.Struct):
    shop: _Shop
    nodes: list[_Priced | None]


async def read_products(api: AdminApi, product_ids: Sequence[str], *, with_prices: bool = False) -> list[Product]:
    """Collections by handle and by id, the category by name and by the code of Shopify's taxonomy."""
    known = [product_id for product_id in product_ids if product_id.isascii() and product_id.isdigit()]
    products: list[Product] = []
    for start in range(0, len(known), PRODUCTS_AT_ONCE):
        ids = [f"gid://shopify/Product/{product_id}" for product_id in known[start : start + PRODUCTS_AT_ONCE]]
        data: _Data = decode(await api.run("ReadProducts", {"ids": ids}), _Data)
        found = [_product(node) for node in data.nodes if node is not None]
        if with_prices and found:
            prices = await _read_prices(api, ids)
            found = [replace(product, prices=prices.get(product.product_id, {})) for product in found]
        products += found
    return products


async def _read_prices(api: AdminApi, ids: Sequence[str]) -> dict[str, dict[str, Price]]:
    """Prices by product id and variant id. A product of more variants than a page holds is asked for again alone."""
    found: dict[str, dict[str, Price]] = {}
    questions: list[tuple[Sequence[str], str | None]] = [(ids, None)]
    while questions:
        asked, after = questions.pop()
        data: _Prices = decode(await api.run("ReadPrices", {"ids": list(asked), "after": after}), _Prices)
        for node in data.nodes:
            if node is None:
                continue
            prices = found.setdefault(node.legacy_resource_id, {})
            for variant in node.variants.nodes:
                price = _price(variant, data.shop.currency_code)
                if price is not None:
                    prices[variant.legacy_resource_id] = price
            page = node.variants.page_info
            if page.has_next_page and page.end_cursor:
                questions.append(([f"gid://shopify/Product/{node.legacy_resource_id}"], page.end_cursor))
    return found


async def dearest_variant(api: AdminApi, product_id: str) -> int | None:
    """What the dearest variant is sold for now, in minor units of the shop's currency; None if nothing is sold."""
    if not (product_id.isascii() and product_id.isdigit()):
        return None
    prices = (await _read_prices(api, [f"gid://shopify/Product/{product_id}"])).get(product_id, {})
    sold = (price.regular_minor if price.sale_minor is None else price.sale_minor for price in prices.values())
    return max(sold, default=0) or None


def _price(variant: _Variant, currency: str) -> Price | None:
    """On sale is what has a price to compare at that is above its own. None where an amount cannot be read."""
    try:
        price = minor_from_decimal(variant.price, currency)
        before = minor_from_decimal(variant.compare_at_price, currency) if variant.compare_at_price else 0
    except AmountError as error:
        log.warning("a price cannot be read", extra={"variant": variant.legacy_resource_id, "why": str(error)})
        return None
    return Price(currency, before, price) if before > price else Price(currency, price)


def _product(node: _Product) -> Product:
    if node.collections.page_info.has_next_page:
        log.warning("a product is in more collections than are read", extra={"product": node.legacy_resource_id})
    category = node.category
    return Product(
        product_id=node.legacy_resource_id,
        collections=tuple(
            sorted({word for each in node.collections.nodes for word in (each.handle, each.legacy_resource_id)})
        ),
        categories=(category.name, number_of(category.id)) if category else (),
        tags=tuple(sorted(node.tags)),
    )
