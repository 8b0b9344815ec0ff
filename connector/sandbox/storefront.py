"""The shop's own pages: what a shopper sees. Everything about points comes from what was pushed to the shop."""

from __future__ import annotations

from typing import Any

from starlette.routing import BaseRoute


class Storefront:
    def __init__(self, shop: Any) -> None:
        self.shop = shop

    def routes(self) -> list[BaseRoute]:
        return []
