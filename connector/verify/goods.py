"""What a shopper keeps of an order, line by line, worked out again from the stored JSON.

Orders are read by the types below, which name only what counts. The formula is the one of docs/goods-kept.md, written
a second time: a unit taken off by an edit takes its part of the line, rounded half up; named refunds lower what they
name; money paid back without a name is spread over everything that remains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import msgspec

from connector.storage.instants import micros


class Line(msgspec.Struct, gc=False):
    """One line; net_minor: all units, after discounts, without tax."""

    line_id: str
    quantity: int
    net_minor: int
    product_id: str | None = None
    is_gift_card: bool = False
    removed_quantity: int = 0
    tax_minor: int = 0
    list_minor: int = 0
    sku: str | None = None
    variant_id: str | None = None
    is_on_sale: bool = False
    shelf_minor: int = 0


class RefundLine(msgspec.Struct, gc=False):
    """Part of a refund that names a line."""

    line_id: str
    net_minor: int
    quantity: int = 0


class Refund(msgspec.Struct, gc=False):
    """One refund."""

    refund_id: str
    amount_minor: int
    lines: list[RefundLine] = []
    tax_minor: int = 0
    shipping_minor: int = 0
    other_minor: int = 0


class LoneRefund(msgspec.Struct, gc=False):
    """A refund that came without its order."""

    refund: Refund


class Order(msgspec.Struct, gc=False):
    """One order as the shop told it."""

    currency: str
    status: str
    is_test: bool
    total_minor: int
    shipping_minor: int
    tax_minor: int
    other_minor: int
    lines: list[Line]
    refunds: list[Refund]
    customer_ref: str | None = None
    address_hash: str | None = None
    paid_at: datetime | None = None
    fulfilled_at: datetime | None = None
    channel: str = "web"
    country: str | None = None
    gift_card_minor: int = 0
    store_credit_minor: int = 0
    tender_outside_minor: int = 0
    is_preorder: bool = False
    order_tags: list[str] = []


class KnownOrder(msgspec.Struct, gc=False):
    """Everything stored about one order. gone_at: set while a deletion is in force."""

    order_id: str
    order: Order | None = None
    lone_refunds: list[LoneRefund] = []
    gone_at: datetime | None = None

    @property
    def is_paid(self) -> bool:
        """Whether it is an order that can earn at all."""
        order = self.order
        return order is not None and self.gone_at is None and order.status == "paid" and not order.is_test

    @property
    def qualifies_at_us(self) -> int | None:
        """When it was paid, if it can earn; None otherwise."""
        paid_at = self.order.paid_at if self.order and self.is_paid else None
        return micros(paid_at) if paid_at else None

    def refunds(self) -> list[Refund]:
        """Those told with the order, and lone ones that it does not name."""
        if self.order is None:
            return []
        told = {refund.refund_id for refund in self.order.refunds}
        return self.order.refunds + [lone.refund for lone in self.lone_refunds if lone.refund.refund_id not in told]


class KnownCustomer(msgspec.Struct, gc=False):
    """Everything stored about one customer that counts here."""

    customer_ref: str
    is_deleted: bool = False
    address_hash: str | None = None


class KnownActivity(msgspec.Struct, gc=False):
    """An activity as it was reported."""

    source_ref: str
    activity_id: str
    kind: str
    status: str
    occurred_at: datetime
    customer_ref: str | None = None
    address_hash: str | None = None
    object_id: str | None = None
    product_id: str | None = None
    counterpart: str | None = None
    values: dict[str, int | str | bool] = {}


_ORDER = msgspec.json.Decoder(KnownOrder)
_CUSTOMER = msgspec.json.Decoder(KnownCustomer)
_ACTIVITY = msgspec.json.Decoder(KnownActivity)


def read_order(stored: bytes) -> KnownOrder:
    """A stored order. Raises msgspec.DecodeError or UnicodeDecodeError."""
    return _ORDER.decode(stored)


def read_customer(stored: bytes) -> KnownCustomer:
    """A stored customer. Raises msgspec.DecodeError or UnicodeDecodeError."""
    return _CUSTOMER.decode(stored)


def read_activity(stored: bytes) -> KnownActivity:
    """A stored activity. Raises msgspec.DecodeError or UnicodeDecodeError."""
    return _ACTIVITY.decode(stored)


@dataclass(frozen=True, slots=True)
class KeptLine:
    """What is kept of a line. net: minor units without tax."""

    line: Line
    net: int
    units: int

    def share_of(self, whole: int) -> int:
        """The same share of another amount of the line, rounded down: by value, or of free goods by units."""
        if self.line.net_minor:
            return whole * self.net // self.line.net_minor
        return whole * self.units // self.line.quantity if self.line.quantity else 0


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of an order. goods, ordered: net, without gift cards, now and at purchase."""

    lines: tuple[KeptLine, ...]
    shipping: int
    goods: int
    ordered: int

    @property
    def is_anything(self) -> bool:
        """Whether any goods are kept, be they free."""
        return self.goods > 0 or any(line.units for line in self.lines)


def goods_kept(order: Order, refunds: Sequence[Refund]) -> Kept:
    """The formula of docs/goods-kept.md."""
    lines = sorted(order.lines, key=lambda line: (len(line.line_id), line.line_id))
    paid_back = sum(refund.amount_minor for refund in refunds)
    named = [part for refund in refunds for part in refund.lines if part.line_id in {line.line_id for line in lines}]
    shipping = max(0, order.shipping_minor - sum(refund.shipping_minor for refund in refunds))
    if 0 < order.total_minor <= paid_back:
        kept = [KeptLine(line, 0, 0) for line in lines]
        shipping = 0
    else:
        left = [
            max(0, _sold(line) - sum(part.net_minor for part in named if part.line_id == line.line_id))
            for line in lines
        ]
        tax = max(0, order.tax_minor - sum(refund.tax_minor for refund in refunds))
        other = max(0, order.other_minor - sum(refund.other_minor for refund in refunds))
        bare = paid_back - sum(part.net_minor for part in named)
        bare -= sum(refund.tax_minor + refund.shipping_minor + refund.other_minor for refund in refunds)
        shares = _spread(bare, [*left, shipping, tax, other])
        kept = [KeptLine(line, left[i] - shares[i], _units(line, named)) for i, line in enumerate(lines)]
        shipping -= shares[len(lines)]
    goods = sum(line.net for line in kept if not line.line.is_gift_card)
    return Kept(tuple(kept), shipping, goods, sum(line.net_minor for line in lines if not line.is_gift_card))


def share_kept(known: KnownOrder) -> Fraction:
    """Share of an order's goods that is kept, by value, or of free goods by units of each line; 0 unless it is paid."""
    order = known.order
    if order is None or known.gone_at is not None or order.status != "paid":
        return Fraction(0)
    kept = goods_kept(order, known.refunds())
    if kept.ordered:
        return min(Fraction(kept.goods, kept.ordered), Fraction(1))
    if 0 < order.total_minor <= sum(refund.amount_minor for refund in known.refunds()):
        return Fraction(0)
    bought = sum(line.quantity for line in order.lines)
    return Fraction(sum(line.units for line in kept.lines), bought) if bought else Fraction(1)


def _units(line: Line, named: Sequence[RefundLine]) -> int:
    back = sum(part.quantity for part in named if part.line_id == line.line_id)
    return max(0, line.quantity - line.removed_quantity - back)


def _sold(line: Line) -> int:
    removed = min(max(line.removed_quantity, 0), line.quantity)
    if not removed:
        return line.net_minor
    # Half a minor unit stays with what was sold.
    return (2 * line.net_minor * (line.quantity - removed) + line.quantity) // (2 * line.quantity)


def _spread(amount: int, over: Sequence[int]) -> list[int]:
    """``amount`` in proportion to what remains, at most all of it: rounded down, the rest by largest remainder."""
    whole = sum(over)
    amount = min(max(amount, 0), whole)
    if not amount:
        return [0] * len(over)
    shares = [amount * part // whole for part in over]
    order = sorted(range(len(over)), key=lambda i: (-(amount * over[i] % whole), i))
    for i in order[: amount - sum(shares)]:
        shares[i] += 1
    return shares
