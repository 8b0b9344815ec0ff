"""Codes that a simulated shop knows: what they take off an order, and who may use them when.

What an app wrote beside a code (tags, meta) stays with it, so that the app knows its own again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from typing import Any

from connector.sandbox.amounts import spread
from connector.sandbox.records import Customer, Order, Product

SORTS = {"fixed": "order", "percent": "order"}
EVERY_SORT = frozenset({"order", "product", "shipping"})


class CouponRefused(ValueError):
    """A checkout that a code does not allow."""


@dataclass(slots=True)
class Coupon:
    """One code. kind: ``percent``, ``fixed``, ``shipping`` or ``product`` (one unit of ``product_id`` for nothing).
    The first two take it off that product alone if there is one, and count it alone for the minimum.

    customers, addresses: who may use it; both empty: everybody. combines: sorts of codes (``order``, ``product``,
    ``shipping``) that it may be used beside, if they allow it too. marks: what an app wrote beside it. used_by: ids of
    the orders placed with it.
    """

    id: int
    code: str
    title: str
    kind: str
    created_at: datetime
    amount_minor: int = 0
    percent_bp: int = 0
    minimum_minor: int = 0
    product_id: int | None = None
    usage_limit: int | None = None
    customers: frozenset[int] = frozenset()
    addresses: tuple[str, ...] = ()
    ends_at: datetime | None = None
    combines: frozenset[str] = frozenset()
    marks: dict[str, Any] = field(default_factory=dict)
    used_by: list[int] = field(default_factory=list)

    @property
    def sort(self) -> str:
        """What it takes its money off."""
        return "product" if self.product_id is not None else SORTS.get(self.kind, self.kind)

    def refuse_unless_valid(self, customer: Customer | None, goods: Mapping[int, int], now: datetime) -> None:
        """Raise CouponRefused if this checkout may not use it. goods: what each product in it costs."""
        if self.ends_at is not None and now >= self.ends_at:
            raise CouponRefused(f"{self.code} has ended")
        if self.usage_limit is not None and len(self.used_by) >= self.usage_limit:
            raise CouponRefused(f"{self.code} was used already")
        if self.customers and (customer is None or customer.id not in self.customers):
            raise CouponRefused(f"{self.code} is for somebody else")
        if self.addresses and (customer is None or customer.email.lower() not in self.addresses):
            raise CouponRefused(f"{self.code} is for somebody else")
        counted = sum(cost for product, cost in goods.items() if self._reduces(product) or self.kind == "product")
        if counted < self.minimum_minor:
            raise CouponRefused(f"{self.code} needs an order of {self.minimum_minor}, not {counted}")

    def parts(self, chosen: Sequence[tuple[Product, int]], reducible: Sequence[int], grain: int) -> list[int]:
        """What it takes off each line, in steps of ``grain``; reducible: what each line costs, in such steps."""
        if self.kind == "product":
            first = next((at for at, (product, _) in enumerate(chosen) if product.id == self.product_id), None)
            return [
                cost // units if at == first else 0
                for at, ((_, units), cost) in enumerate(zip(chosen, reducible, strict=True))
            ]
        reducible = [
            cost if self._reduces(product.id) else 0 for (product, _), cost in zip(chosen, reducible, strict=True)
        ]
        if self.kind == "percent":
            return spread(sum(reducible) * self.percent_bp // 10_000, reducible)
        return spread(min(self.amount_minor // grain, sum(reducible)), reducible)

    def _reduces(self, product: int) -> bool:
        return self.product_id is None or self.product_id == product


class Coupons:
    """All codes of one shop, told apart without regard to case."""

    def __init__(self) -> None:
        self.by_id: dict[int, Coupon] = {}

    def add(self, coupon: Coupon) -> None:
        """Keep a new one; the code must be free."""
        if self.find(coupon.code) is not None:
            raise ValueError(f"{coupon.code} is taken")
        self.by_id[coupon.id] = coupon

    def find(self, code: str) -> Coupon | None:
        """The coupon of a code, however it is written."""
        return next((one for one in self.by_id.values() if one.code.lower() == code.lower()), None)

    def usable(self, code: str, customer: Customer | None, goods: Mapping[int, int], now: datetime) -> Coupon:
        """The coupon of a code for one checkout. Raises CouponRefused."""
        found = self.find(code)
        if found is None:
            raise CouponRefused(f"there is no {code}")
        found.refuse_unless_valid(customer, goods, now)
        return found

    def usable_together(
        self, codes: Sequence[str], customer: Customer | None, goods: Mapping[int, int], now: datetime
    ) -> list[Coupon]:
        """The coupons of one checkout. Raises CouponRefused, too, where two do not allow each other."""
        found = [self.usable(code, customer, goods, now) for code in codes]
        for one, other in combinations(found, 2):
            if one.sort not in other.combines or other.sort not in one.combines:
                raise CouponRefused(f"{one.code} does not combine with {other.code}")
        return found


def note_use(coupon: Coupon, order: Order) -> None:
    """An order was placed with a code, its first or one more."""
    coupon.used_by.append(order.id)
    if order.coupon is not None:
        order.more_codes.append(coupon.code)
        return
    order.coupon, order.coupon_kind = coupon.code, coupon.kind
    order.coupon_percent, order.coupon_minor = coupon.percent_bp // 100, coupon.amount_minor
