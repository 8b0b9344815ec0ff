"""Reading products: what rules may ask about them. Lines of orders name the parents of variations: those are read."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from urllib.parse import unquote

import msgspec

from connector.errors import ConfigProblem, Permanent, Unreadable
from connector.ingest.payload import Amounts
from connector.woocommerce.rest import RestApi
from loyalty_engine.errors import AmountError
from loyalty_engine.facts import Price, Product
from loyalty_engine.money import minor_from_places

log = logging.getLogger(__name__)

PRODUCTS_AT_ONCE = 100
SORTS = "id,categories,tags"
PRICES = "id,type,price,regular_price,on_sale"


class _Term(msgspec.Struct):
    slug: str


class _Priced(msgspec.Struct):
    """A product or a variation. An empty text is no price."""

    id: int
    price: str = ""
    regular_price: str = ""
    on_sale: bool = False


class _Product(_Priced):
    type: str = "simple"
    categories: list[_Term] = []
    tags: list[_Term] = []


class _Currency(msgspec.Struct):
    code: str


async def read_products(rest: RestApi, product_ids: Sequence[str], *, with_prices: bool = False) -> list[Product]:
    """Categories and tags by their slugs, as people read them; WooCommerce has no collections."""
    known = [product_id for product_id in product_ids if product_id.isascii() and product_id.isdigit()]
    currency = await _currency(rest) if with_prices and known else None
    products: list[Product] = []
    for start in range(0, len(known), PRODUCTS_AT_ONCE):
        asked = known[start : start + PRODUCTS_AT_ONCE]
        fields = SORTS if currency is None else f"{SORTS},{PRICES}"
        pairs = [("include", ",".join(asked)), ("per_page", str(len(asked))), ("_fields", fields)]
        answer = await rest.get("products", pairs)
        for row in answer.json(list[_Product]):
            prices = await _prices(rest, row, currency) if currency is not None else {}
            products.append(
                Product(str(row.id), categories=_slugs(row.categories), tags=_slugs(row.tags), prices=prices)
            )
    return products


async def _currency(rest: RestApi) -> Amounts | None:
    """How the shop's own prices are read: they do not name their currency. None where our key may not ask for it."""
    try:
        answer = await rest.get("data/currencies/current", [("_fields", "code")])
        return Amounts("product", answer.json(_Currency).code, "code")
    except (Permanent, ConfigProblem, Unreadable) as error:
        log.warning("the shop does not say in which currency its prices are", extra={"why": error.detail})
        return None


async def _prices(rest: RestApi, row: _Product, currency: Amounts) -> dict[str, Price]:
    """By the id that lines of orders name: the variation's, or the product's where it has none."""
    priced = await _variations(rest, row.id) if row.type.startswith("variable") else [row]
    return {str(each.id): price for each in priced if (price := _price(each, currency)) is not None}


async def _variations(rest: RestApi, product_id: int) -> list[_Priced]:
    found: list[_Priced] = []
    page = 1
    while True:
        pairs = [("per_page", str(PRODUCTS_AT_ONCE)), ("page", str(page)), ("_fields", PRICES)]
        rows = (await rest.get(f"products/{product_id}/variations", pairs)).json(list[_Priced])
        found += rows
        if len(rows) < PRODUCTS_AT_ONCE:
            return found
        page += 1


def _price(row: _Priced, currency: Amounts) -> Price | None:
    regular = _minor(row.regular_price or row.price, currency)
    now = _minor(row.price, currency)
    if regular is None:
        return None
    return Price(currency.currency, regular, now if row.on_sale and now is not None and now < regular else None)


def _minor(text: str, currency: Amounts) -> int | None:
    """Of a price as merchants type it: with as many places as they like. None where it is none."""
    try:
        return max(0, minor_from_places(text, currency.exponent)) if text else None
    except AmountError:
        return None


def _slugs(terms: Sequence[_Term]) -> tuple[str, ...]:
    """Letters outside ASCII are percent-encoded in a slug."""
    return tuple(sorted(unquote(term.slug) for term in terms))
