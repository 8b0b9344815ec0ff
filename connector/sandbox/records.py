"""The shop's own truth: plain records that a test may read without any code of the loyalty engine.

Amounts are integer minor units of ``Order.currency``; quantities are whole; times are aware UTC. Nothing is ever
derived from what Belong knows. ``net`` always means: after discounts, without tax.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Product:
    """Something for sale. price_minor is the shelf price of one unit: with tax in shops that show prices with tax.

    regular_minor: the price when it is not on sale, above price_minor while it is. has_sizes: in several variants.
    category, collections, tags: slugs; a shop that has no such thing shows none.
    """

    id: int
    variant_id: int
    title: str
    sku: str
    price_minor: int
    is_gift_card: bool = False
    category: str = ""
    collections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    regular_minor: int = 0
    has_sizes: bool = False

    @property
    def is_on_sale(self) -> bool:
        """Whether it costs less than usual at the moment."""
        return self.regular_minor > self.price_minor


@dataclass(slots=True)
class Customer:
    """A shopper's account. ``meta`` holds what apps wrote: key -> value, as the platform keeps it. is_verified: its
    owner has shown to read what is sent to ``email``; can_sign_in: it was opened and not only made beside an order.
    """

    id: int
    email: str
    first_name: str
    last_name: str
    created_at: datetime
    updated_at: datetime
    deleted: bool = False
    is_paying: bool = False
    is_verified: bool = True
    can_sign_in: bool = True
    role: str = "customer"
    locale: str = "en"
    mail_consent: tuple[str, datetime | None] = ("not_subscribed", None)
    """The state of marketing by mail, in Shopify's words, and when its owner said so."""
    tags: list[str] = field(default_factory=list)
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Line:
    """One line. gross_minor: units x shelf price before discounts. net_minor + tax_minor: what all units cost after
    discounts.

    discount_minor is on the shelf price, so with tax in shops that show prices with tax. removed: units taken off by an
    edit. refunded: units named by refunds. grain: smallest step of an amount, more than 1 where a shop prints too few
    places.
    """

    id: int
    product: Product
    quantity: int
    gross_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    removed: int = 0
    refunded: int = 0
    grain: int = 1

    @property
    def current_quantity(self) -> int:
        """Units that are still sold."""
        return self.quantity - self.removed - self.refunded

    def share(self, minor: int, taken: int, units: int) -> int:
        """What ``units`` more carry of an amount of this line, when ``taken`` units went before: parts add up to the
        whole.
        """
        steps, all_units = minor // self.grain, 2 * self.quantity

        def first(count: int) -> int:
            """What the first units carry, rounded to the nearest step, a half down."""
            return (2 * steps * count + self.quantity - 1) // all_units

        return (first(taken + units) - first(taken)) * self.grain


@dataclass(slots=True)
class RefundLine:
    """Part of a refund that names a line. tax_minor may be 0 although the line was taxed: merchants forget it."""

    id: int
    line_id: int
    quantity: int
    net_minor: int
    tax_minor: int


@dataclass(slots=True)
class Refund:
    """Money given back. amount_minor is what counts; lines and shipping may say less (a bare amount) or nothing."""

    id: int
    created_at: datetime
    amount_minor: int
    reason: str
    lines: list[RefundLine] = field(default_factory=list)
    shipping_net_minor: int = 0
    shipping_tax_minor: int = 0

    @property
    def bare_minor(self) -> int:
        """The part of the amount that nothing names; below zero if the lines name more than was paid back."""
        named = sum(line.net_minor + line.tax_minor for line in self.lines)
        return self.amount_minor - named - self.shipping_net_minor - self.shipping_tax_minor


@dataclass(slots=True)
class Order:
    """One order as the shop knows it. ``customer_id`` None: a guest. ``status`` is the shop's own word.

    coupon_kind: as in coupons.Coupon; coupon_percent, coupon_minor: its value. more_codes: used beside the coupon; what
    they took off is told with it.
    country: ISO 3166 code of where it goes. tender: (gateway, minor units) of what the shop's own gift cards and store
    credit paid; tender_outside: it was taken off after the total was made, so the total lacks it. is_preorder: ships
    later.
    presentment: (currency, numerator, denominator) if the shopper saw another currency than the shop's: shown = shop x
    n / d.
    """

    id: int
    number: int
    customer_id: int | None
    email: str
    currency: str
    created_at: datetime
    updated_at: datetime
    status: str
    lines: list[Line]
    shipping_net_minor: int = 0
    shipping_tax_minor: int = 0
    fee_net_minor: int = 0
    fee_tax_minor: int = 0
    coupon: str | None = None
    coupon_percent: int = 0
    coupon_kind: str = "percent"
    coupon_minor: int = 0
    more_codes: list[str] = field(default_factory=list)
    paid_at: datetime | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    refunds: list[Refund] = field(default_factory=list)
    is_test: bool = False
    trashed: bool = False
    deleted: bool = False
    channel: str = "web"
    gateway: str = "bogus"
    checkout: str = "classic"
    presentment: tuple[str, int, int] | None = None
    status_before_trash: str = ""
    country: str = "DE"
    tags: list[str] = field(default_factory=list)
    tender: list[tuple[str, int]] = field(default_factory=list)
    tender_outside: bool = False
    is_preorder: bool = False
    is_anonymous: bool = False

    @property
    def goods_net_minor(self) -> int:
        """Goods bought, net, gift cards included, removed units left out."""
        return sum(line.net_minor - line.share(line.net_minor, 0, line.removed) for line in self.lines)

    @property
    def tax_minor(self) -> int:
        """All tax of what is on the order, before refunds."""
        lines = sum(line.tax_minor - line.share(line.tax_minor, 0, line.removed) for line in self.lines)
        return lines + self.shipping_tax_minor + self.fee_tax_minor

    @property
    def total_minor(self) -> int:
        """What the shopper owes for what is on the order, before refunds."""
        outside = sum(minor for _, minor in self.tender) if self.tender_outside else 0
        return self.goods_net_minor + self.tax_minor + self.shipping_net_minor + self.fee_net_minor - outside

    @property
    def refunded_minor(self) -> int:
        """What was given back so far."""
        return sum(refund.amount_minor for refund in self.refunds)

    @property
    def left_minor(self) -> int:
        """What could still be given back."""
        return max(0, self.total_minor - self.refunded_minor)

    def line(self, line_id: int) -> Line:
        """One line by its id."""
        return next(line for line in self.lines if line.id == line_id)


@dataclass(frozen=True, slots=True)
class Happened:
    """One deed. kind: ``placed paid completed refunded cancelled reopened edited changed trashed restored deleted`` of
    an order, ``registered updated enabled disabled left`` of a customer. added, removed: units per line of an edit.
    """

    kind: str
    order: Order | None = None
    customer: Customer | None = None
    refund: Refund | None = None
    added: Mapping[int, int] = field(default_factory=dict)
    removed: Mapping[int, int] = field(default_factory=dict)


class Truth:
    """All records of one shop. Deleted things stay here, marked, because a test wants to know that they were."""

    def __init__(self) -> None:
        self.products: dict[int, Product] = {}
        self.customers: dict[int, Customer] = {}
        self.orders: dict[int, Order] = {}

    def live_customers(self) -> list[Customer]:
        """Accounts that exist, in order of their ids."""
        return [customer for _, customer in sorted(self.customers.items()) if not customer.deleted]

    def live_orders(self) -> list[Order]:
        """Orders that exist and are not in the bin, in order of their ids."""
        return [order for _, order in sorted(self.orders.items()) if not order.deleted and not order.trashed]

    def orders_of(self, customer_id: int) -> list[Order]:
        """Orders of one account, newest first, deleted ones left out."""
        mine: Iterable[Order] = (order for order in self.orders.values() if order.customer_id == customer_id)
        return sorted((order for order in mine if not order.deleted), key=lambda order: order.id, reverse=True)
