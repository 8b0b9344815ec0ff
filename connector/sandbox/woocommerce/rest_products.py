"""``/products``: how the goods are sorted. Variations are no rows of this list."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from starlette.requests import Request

from connector.sandbox.records import Product
from connector.sandbox.shop import Shop
from connector.sandbox.woocommerce.bodies import Bodies
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

    def _view(self, product: Product) -> dict[str, Any]:
        price = self.bodies.amount(product.price_minor, self.shop.currency)
        return {
            "id": product.id,
            "name": product.title,
            "type": "simple",
            "status": "publish",
            "sku": product.sku,
            "price": price,
            "regular_price": price,
            "categories": [_term(product.category)] if product.category else [],
            "tags": [_term(tag) for tag in product.tags],
        }


def _term(slug: str) -> dict[str, Any]:
    return {"id": 15 + crc32(slug.encode()) % 1000, "name": slug.replace("-", " ").capitalize(), "slug": slug}
