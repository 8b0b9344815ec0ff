"""Cart: what a shopper may be about to order. It is nobody's fact and never kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from loyalty_engine.errors import AmountError
from loyalty_engine.facts import Line, OrderState, OrderStatus
from loyalty_engine.money import exponent_of
from loyalty_engine.programme.model import Programme

SOURCE_REF = "cart"
"""Stands where an order's source_ref would; no ledger ever holds it."""


@dataclass(frozen=True, slots=True)
class Cart:
    """Amounts in minor units of ``currency``, each >= 0, as in OrderState. redemptions: ids of ours that it uses.

    points_minor: what those redemptions take off it. It is in the lines' net amounts already, so a total before them
    is ``total_minor + points_minor``.
    """

    currency: str
    lines: tuple[Line, ...] = ()
    shipping_minor: int = 0
    tax_minor: int = 0
    other_minor: int = 0
    channel: str = "web"
    country: str | None = None
    redemptions: tuple[str, ...] = ()
    points_minor: int = 0

    @property
    def goods_minor(self) -> int:
        """What the goods cost after discounts, without tax."""
        return sum(line.net_minor for line in self.lines)

    @property
    def total_minor(self) -> int:
        """What would be owed in all."""
        return self.goods_minor + self.shipping_minor + self.tax_minor + self.other_minor

    def as_order(self, now: datetime, customer_tags: tuple[str, ...] = ()) -> OrderState:
        """The order that it would be, paid ``now``."""
        return OrderState(
            source_ref=SOURCE_REF,
            order_id=SOURCE_REF,
            customer_ref=None,
            currency=self.currency,
            status=OrderStatus.PAID,
            shop_status="cart",
            updated_at=now,
            created_at=now,
            paid_at=now,
            total_minor=self.total_minor,
            shipping_minor=self.shipping_minor,
            tax_minor=self.tax_minor,
            other_minor=self.other_minor,
            lines=self.lines,
            channel=self.channel,
            country=self.country,
            customer_tags=customer_tags,
        )


def base_rate(currency: str, programme: Programme) -> Fraction | None:
    """Minor units of the base currency for one minor unit of ``currency``; None if the programme does not say."""
    if currency == programme.base_currency:
        return Fraction(1)
    rate = programme.base_rates.get(currency)
    if not rate:
        return None
    try:
        here, there = exponent_of(currency), exponent_of(programme.base_currency)
    except AmountError:
        return None
    return rate * Fraction(10**there, 10**here)
