"""``/products``: how the goods are sorted and what they cost. Variations are no rows of this list, but of their own."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from starlette.requests import Request

from connector.sandbox.amounts import SYMBOLS
from connector.sandbox.records import Product
from connector.sandbox.shop import Shop
from connector.sandbox.woocommerce.bodies import Bodies
from connector.sandbox.woocommerce.errors import RestError
from connector.sandbox.woocommerce.lists import fields_of, numbers, page_of


class Products:
    """Reads of the shop's products."""

    def __init__(self, shop: Shop, bodies: Bodies) -> None:
        self.shop = shop
        self.bodies = bodies

    async def index(self, request: Request) -> tuple[Any, dict[str, str]]:
        """A page of products, newest first; ``include`` limits it to some ids."""
        query = request.query_params
        only = numbers(query, "include")
        rows = [product for product in self.shop.truth.products.values() if not only or product.id in only]
        page, headers = page_of(request, sorted(rows, key=lambda one: -one.id), self.bodies.base_url)
        return [fields_of(query, self._view(one)) for one in page], headers

    async def variations(self, request: Request) -> tuple[Any, dict[str, str]]:
        """A page of one product's variations; it alone has prices where a product has several."""
        product = self.shop.truth.products.get(int(request.path_params["id"]))
        if product is None:
            raise RestError(404, "woocommerce_rest_product_invalid_id", "Invalid ID.")
        rows = [product] if product.has_sizes else []
        page, headers = page_of(request, rows, self.bodies.base_url)
        shown = [{"id": one.variant_id, "sku": one.sku, **self._prices(one)} for one in page]
        return [fields_of(request.query_params, one) for one in shown], headers

    async def currency(self, request: Request) -> tuple[Any, dict[str, str]]:
        """What the shop's own prices are in."""
        code = self.shop.currency
        return fields_of(request.query_params, {"code": code, "name": code, "symbol": SYMBOLS[code]}), {}

    def _prices(self, product: Product) -> dict[str, Any]:
        price, regular = (
            self.bodies.amount(minor, self.shop.currency) for minor in (product.price_minor, product.regular_minor)
        )
        sale = price if product.is_on_sale else ""
        return {"price": price, "regular_price": regular, "sale_price": sale, "on_sale": product.is_on_sale}

    def _view(self, product: Product) -> dict[str, Any]:
        prices = self._prices(product)
        if product.has_sizes:
            # A parent's own prices are empty, but for the lowest one of its variations.
            prices |= {"regular_price": "", "sale_price": ""}
        return {
            "id": product.id,
            "name": product.title,
            "type": "variable" if product.has_sizes else "simple",
            "status": "publish",
            "sku": product.sku,
            **prices,
            "variations": [product.variant_id] if product.has_sizes else [],
            "categories": [_term(product.category)] if product.category else [],
            "tags": [_term(tag) for tag in product.tags],
        }


def _term(slug: str) -> dict[str, Any]:
    return {"id": 15 + crc32(slug.encode()) % 1000, "name": slug.replace("-", " ").capitalize(), "slug": slug}
