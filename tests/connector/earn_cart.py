"""A case of the vectors: a programme, and a cart or one product in the words of the plugin."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from loyalty_engine.programme.model import Programme

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
"""A Friday."""


@dataclass(frozen=True)
class Bought:
    """One line, as Belong\\Earning\\Line names its parts. sale: regular and sale price of one unit."""

    net_minor: int = 0
    quantity: int = 1
    tax_minor: int = 0
    list_minor: int = 0
    shelf_minor: int = 0
    sale: tuple[int, int] | None = None
    is_gift_card: bool = False
    product: str = "11"
    variant: str | None = None
    sku: str | None = None
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def line(self) -> dict[str, Any]:
        """What differs from a line of which nothing is said."""
        said = {one.name: value for one in fields(self) if (value := getattr(self, one.name)) != one.default}
        return {**said, "product": self.product}


@dataclass(frozen=True)
class Case:
    """is_tight: the plugin must find exactly the least and the most; else it may say less and more."""

    name: str
    programme: Programme
    bought: tuple[Bought, ...] = ()
    currency: str = "EUR"
    now: datetime = NOON
    tier: str | None = None
    shipping_minor: int = 0
    other_minor: int = 0
    gift_card_minor: int = 0
    store_credit_minor: int = 0
    coupons_minor: int = 0
    channels: tuple[str, ...] = ("web",)
    countries: tuple[str, ...] = ("DE",)
    is_whole: bool = True
    is_tight: bool = field(default=True)

    @property
    def total_minor(self) -> int:
        goods = sum(one.net_minor + one.tax_minor for one in self.bought)
        return goods + self.shipping_minor + self.other_minor

    def basket(self) -> dict[str, Any]:
        """As Belong\\Earning\\Basket names its parts."""
        names = ("currency", "shipping_minor", "total_minor", "gift_card_minor", "store_credit_minor")
        more = ("coupons_minor", "channels", "countries", "is_whole")
        found = {name: getattr(self, name) for name in (*names, *more)}
        return {**found, "lines": [bought.line() for bought in self.bought]}
