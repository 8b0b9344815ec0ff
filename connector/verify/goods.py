"""What a stored order is worth, worked out again: goods kept times the rate, rounded down once.

Orders are read from the stored JSON by the types below, which name only what counts. The formula for goods kept is the
one of docs/goods-kept.md, written a second time: a unit taken off by an edit takes its part of the line, rounded half
up; named refunds lower what they name; money paid back without a name is spread over everything that remains.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

import msgspec

from connector.storage.instants import micros
from connector.verify.rules import Rules
from loyalty_engine.errors import AmountError
from loyalty_engine.money import exponent_of

MOST_POINTS = 10**15


class Line(msgspec.Struct, gc=False):
    """One line; net_minor: all units, after discounts, without tax."""

    line_id: str
    quantity: int
    net_minor: int
    is_gift_card: bool = False
    removed_quantity: int = 0


class RefundLine(msgspec.Struct, gc=False):
    """Part of a refund that names a line."""

    line_id: str
    net_minor: int


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


class KnownOrder(msgspec.Struct, gc=False):
    """Everything stored about one order. gone_at: set while a deletion is in force."""

    order_id: str
    order: Order | None = None
    lone_refunds: list[LoneRefund] = []
    gone_at: datetime | None = None

    @property
    def qualifies_at_us(self) -> int | None:
        """When it was paid, if it is an order that earns at all; None otherwise."""
        order = self.order
        if order is None or self.gone_at is not None or order.status != "paid" or order.is_test or not order.paid_at:
            return None
        return micros(order.paid_at)


class KnownCustomer(msgspec.Struct, gc=False):
    """Everything stored about one customer that counts here."""

    customer_ref: str
    is_deleted: bool = False


_ORDER = msgspec.json.Decoder(KnownOrder)
_CUSTOMER = msgspec.json.Decoder(KnownCustomer)


def read_order(stored: bytes) -> KnownOrder:
    """A stored order. Raises msgspec.DecodeError or UnicodeDecodeError."""
    return _ORDER.decode(stored)


def read_customer(stored: bytes) -> KnownCustomer:
    """A stored customer. Raises msgspec.DecodeError or UnicodeDecodeError."""
    return _CUSTOMER.decode(stored)


def points_due(known: KnownOrder, rules: Rules) -> int:
    """Points that an order is worth to whom it belongs, under the rules it was decided under."""
    order = known.order
    if order is None or known.gone_at is not None or order.status != "paid" or order.is_test:
        return 0
    rate = rules.rates.get(order.currency)
    if rate is None:
        return 0
    try:
        whole_unit: int = 10 ** exponent_of(order.currency)
    except AmountError:
        return 0
    return whole_points(goods_kept(order, _all_refunds(known, order)), rate, whole_unit)


def whole_points(kept_minor: int, rate: Fraction, unit_minor: int) -> int:
    """Rounded down; what no order can be worth is a mistake and earns nothing."""
    points = kept_minor * rate.numerator // (rate.denominator * unit_minor)
    return points if points <= MOST_POINTS else 0


def _all_refunds(known: KnownOrder, order: Order) -> list[Refund]:
    if not known.lone_refunds:
        return order.refunds
    told = {refund.refund_id for refund in order.refunds}
    return order.refunds + [lone.refund for lone in known.lone_refunds if lone.refund.refund_id not in told]


def goods_kept(order: Order, refunds: Sequence[Refund]) -> int:
    """Net goods kept, in minor units, without gift cards."""
    if not refunds:
        return sum(_sold(line) for line in order.lines if not line.is_gift_card)
    paid_back = sum(refund.amount_minor for refund in refunds)
    if order.total_minor > 0 and paid_back >= order.total_minor:
        return 0
    back = _named(order, refunds)
    lines = sorted(order.lines, key=lambda line: (len(line.line_id), line.line_id))
    left = [max(0, _sold(line) - back.get(line.line_id, 0)) for line in lines]
    named = sum(refund.tax_minor + refund.shipping_minor + refund.other_minor for refund in refunds)
    named += sum(part.net_minor for refund in refunds for part in refund.lines if part.line_id in _ids(order))
    extras = [
        max(0, order.shipping_minor - sum(refund.shipping_minor for refund in refunds)),
        max(0, order.tax_minor - sum(refund.tax_minor for refund in refunds)),
        max(0, order.other_minor - sum(refund.other_minor for refund in refunds)),
    ]
    shares = _spread(paid_back - named, left + extras)
    return sum(left[i] - shares[i] for i, line in enumerate(lines) if not line.is_gift_card)


def _ids(order: Order) -> set[str]:
    return {line.line_id for line in order.lines}


def _named(order: Order, refunds: Sequence[Refund]) -> dict[str, int]:
    back: dict[str, int] = {}
    for refund in refunds:
        for part in refund.lines:
            back[part.line_id] = back.get(part.line_id, 0) + part.net_minor
    return back


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
