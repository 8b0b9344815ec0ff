"""Orders told once, in words that both platforms share, and printed as each platform prints them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from connector.platforms import Connection, Normaliser
from loyalty_engine.facts import OrderState
from loyalty_engine.money import decimal_from_minor

Body = dict[str, Any]


@dataclass(frozen=True)
class SoldLine:
    """net: all units after discount, without tax."""

    line_id: int
    quantity: int
    net: int
    tax: int = 0
    discount: int = 0
    product_id: int | None = 71
    is_gift_card: bool = False
    sku: str | None = "TEA-50"
    variant_id: int | None = 710


@dataclass(frozen=True)
class PaidBack:
    """lines: (line id, quantity, net, tax). amount: all that was paid back."""

    refund_id: int
    amount: int
    lines: tuple[tuple[int, int, int, int], ...] = ()
    shipping: int = 0
    shipping_tax: int = 0


@dataclass(frozen=True)
class Story:
    """One order. state: pending, paid, refunded or cancelled."""

    lines: tuple[SoldLine, ...]
    shipping: int = 0
    shipping_tax: int = 0
    refunds: tuple[PaidBack, ...] = ()
    state: str = "paid"
    currency: str = "EUR"
    customer: int | None = 9007199254740993
    email: str = "Ada+Tea@Example.test"
    order_id: int = 820982911946154508
    is_tax_included: bool = False
    country: str = "AT"
    billing_country: str = "DE"
    gift_card: int = 0
    """Of the total, what a gift card paid; Shopify alone says so."""
    store_credit: int = 0
    tags: tuple[str, ...] = ()
    customer_tags: tuple[str, ...] = ()
    is_preorder: bool = False
    shown_in: tuple[str, int] = field(default=("EUR", 1))
    """Currency the shopper was shown, and how many of it one unit of the shop's currency was."""

    @property
    def tax(self) -> int:
        return sum(line.tax for line in self.lines) + self.shipping_tax

    @property
    def total(self) -> int:
        return sum(line.net for line in self.lines) + self.shipping + self.tax

    def text(self, minor: int) -> str:
        return decimal_from_minor(minor, self.currency)


CREATED = "2026-11-21T21:54:41"
PAID = "2026-11-21T21:54:41"
CHANGED = "2026-11-21T22:10:00"


def normaliser(platform: str, **settings: str) -> Normaliser:
    """Of connection 12, with a hash that a reader can see through."""
    connection = Connection(12, "c0ffee", 1, platform, "shop.example", "shop.example", settings)
    return Normaliser(connection, lambda address: f"hash({address})")


def amounts(order: OrderState) -> dict[str, Any]:
    """The numbers of an order, without the ids and words that differ by platform."""
    return {
        "currency": order.currency,
        "status": order.status,
        "total": order.total_minor,
        "shipping": order.shipping_minor,
        "tax": order.tax_minor,
        "other": order.other_minor,
        "lines": {line.line_id: (line.quantity, line.net_minor, line.is_gift_card) for line in order.lines},
        "refunds": {
            refund.refund_id: (
                refund.amount_minor,
                {line.line_id: (line.quantity, line.net_minor) for line in refund.lines},
                refund.tax_minor,
                refund.shipping_minor,
            )
            for refund in order.refunds
        },
    }
