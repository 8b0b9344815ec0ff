"""Goods kept: what the shopper bought and still keeps of an order, net, in minor units of its currency.

The formula is in docs/goods-kept.md with its table of cases. It counts goods only; whether the order is paid, cancelled
or deleted is for whoever decides what the order is worth.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from fractions import Fraction

from loyalty_engine.facts import Line, OrderState, OrderStatus
from loyalty_engine.money import allocate
from loyalty_engine.records import record

GIFT_CARDS_EXCLUDED = "gift-cards-excluded"
EDITED_UNITS_REMOVED = "edited-units-removed"
BARE_REFUND_ALLOCATED = "bare-refund-allocated"
REFUNDS_EXCEED_ORDER = "refunds-exceed-order"
STATUS_REFUNDED_BUT_PARTLY_KEPT = "status-refunded-but-partly-kept"
REFUNDED_IN_FULL_BUT_STATUS_DIFFERS = "refunded-in-full-but-status-differs"


@record
class LineKept:
    """What is kept of one line. net_minor: as in GoodsKept, gift cards too. units: not taken off and not given back."""

    line: Line
    net_minor: int
    units: int

    @property
    def tax_minor(self) -> int:
        """Tax on what is kept, in proportion, rounded down."""
        return self._share(self.line.tax_minor)

    @property
    def list_minor(self) -> int:
        """What is kept before discounts, in proportion, rounded down; the price where the shop names no list price."""
        return self._share(self.line.list_minor) if self.line.list_minor else self.net_minor

    def _share(self, whole: int) -> int:
        if self.line.net_minor:
            return whole * self.net_minor // self.line.net_minor
        return whole * self.units // self.line.quantity if self.line.quantity else 0


@record
class GoodsKept:
    """minor: net goods kept. ordered_minor: net goods at purchase. notes: stable codes for the explanation.

    lines: what is kept of each line, gift cards too, whose sum ``minor`` leaves out. shipping_minor: kept of shipping.
    """

    minor: int
    ordered_minor: int
    notes: tuple[str, ...] = ()
    lines: tuple[LineKept, ...] = field(default=(), compare=False)
    shipping_minor: int = field(default=0, compare=False)


@record
class _Refunded:
    """All refunds of an order as one, so that no split of a refund can change the result."""

    amount: int
    bare: int
    by_line: Counter[str]
    units: Counter[str]
    shipping: int
    tax: int
    other: int


def goods_kept(order: OrderState) -> GoodsKept:
    """What is kept after edits and refunds, whatever the order of lines and refunds and however a refund was split."""
    if not order.refunds and (everything := _all_kept(order)) is not None:
        return everything
    lines = sorted(order.lines, key=lambda line: (len(line.line_id), line.line_id))
    refunded = _refunded(order)
    sold = [_still_sold(line) for line in lines]
    left = _after_named_refunds(lines, sold, refunded)
    is_all_paid_back = 0 < order.total_minor <= refunded.amount
    net, shipping = ([0] * len(lines), 0) if is_all_paid_back else _after_bare_refunds(order, left, refunded)
    kept = sum(part for line, part in zip(lines, net, strict=True) if not line.is_gift_card)
    ordered = sum(line.net_minor for line in lines if not line.is_gift_card)
    is_too_much = refunded.amount > order.total_minor or any(
        refunded.by_line[line.line_id] > still for line, still in zip(lines, sold, strict=True)
    )
    found = {
        GIFT_CARDS_EXCLUDED: any(line.is_gift_card and line.net_minor for line in lines),
        EDITED_UNITS_REMOVED: any(line.removed_quantity for line in lines),
        BARE_REFUND_ALLOCATED: refunded.bare > 0 and not is_all_paid_back,
        REFUNDS_EXCEED_ORDER: is_too_much,
        STATUS_REFUNDED_BUT_PARTLY_KEPT: order.shop_status == "refunded" and kept > 0,
        REFUNDED_IN_FULL_BUT_STATUS_DIFFERS: (
            is_all_paid_back and order.status is OrderStatus.PAID and order.shop_status != "refunded"
        ),
    }
    notes = tuple(note for note, is_so in found.items() if is_so)
    return GoodsKept(kept, ordered, notes, _lines_kept(lines, net, refunded, is_all_paid_back), shipping)


def _lines_kept(lines: list[Line], net: list[int], refunded: _Refunded, is_all_paid_back: bool) -> tuple[LineKept, ...]:
    return tuple(
        LineKept(
            line,
            minor,
            0 if is_all_paid_back else max(0, line.quantity - line.removed_quantity - refunded.units[line.line_id]),
        )
        for line, minor in zip(lines, net, strict=True)
    )


def _all_kept(order: OrderState) -> GoodsKept | None:
    """The common case, by a short path; None if an edit took something off."""
    ordered = gift_cards = 0
    for line in order.lines:
        if line.removed_quantity:
            return None
        if line.is_gift_card:
            gift_cards += line.net_minor
        else:
            ordered += line.net_minor
    notes: tuple[str, ...] = (GIFT_CARDS_EXCLUDED,) if gift_cards else ()
    if ordered and order.shop_status == "refunded":
        notes += (STATUS_REFUNDED_BUT_PARTLY_KEPT,)
    lines = tuple([LineKept(line, line.net_minor, line.quantity) for line in order.lines])
    return GoodsKept(ordered, ordered, notes, lines, order.shipping_minor)


def _refunded(order: OrderState) -> _Refunded:
    ids = {line.line_id for line in order.lines}
    by_line: Counter[str] = Counter()
    units: Counter[str] = Counter()
    for refund in order.refunds:
        for part in refund.lines:
            if part.line_id in ids:
                by_line[part.line_id] += part.net_minor
                units[part.line_id] += part.quantity
    amount = sum(refund.amount_minor for refund in order.refunds)
    shipping = sum(refund.shipping_minor for refund in order.refunds)
    tax = sum(refund.tax_minor for refund in order.refunds)
    other = sum(refund.other_minor for refund in order.refunds)
    named = by_line.total() + shipping + tax + other
    return _Refunded(amount, max(0, amount - named), by_line, units, shipping, tax, other)


def _still_sold(line: Line) -> int:
    """Net of the units that no edit took off."""
    removed = min(max(line.removed_quantity, 0), line.quantity)
    if not removed:
        return line.net_minor
    return allocate(line.net_minor, [line.quantity - removed, removed])[0]


def _after_named_refunds(lines: list[Line], sold: list[int], refunded: _Refunded) -> list[int]:
    return [max(0, still - refunded.by_line[line.line_id]) for line, still in zip(lines, sold, strict=True)]


def _after_bare_refunds(order: OrderState, left: list[int], refunded: _Refunded) -> tuple[list[int], int]:
    """Money paid back without saying for what is taken from everything that remains, in proportion.

    Returns what is kept of each line and of shipping.
    """
    shipping = max(0, order.shipping_minor - refunded.shipping)
    weights = [
        *left,
        shipping,
        max(0, order.tax_minor - refunded.tax),
        max(0, order.other_minor - refunded.other),
    ]
    shares = allocate(min(refunded.bare, sum(weights)), weights)
    return [still - share for still, share in zip(left, shares, strict=False)], shipping - shares[len(left)]


def share_kept(order: OrderState) -> Fraction:
    """Share of an order's goods that is still bought and kept, from 0 to 1: by value, or of goods that cost nothing by
    units. An order that is not paid, or called off, keeps nothing.
    """
    if order.status is not OrderStatus.PAID:
        return Fraction(0)
    kept = goods_kept(order)
    if kept.ordered_minor:
        return min(Fraction(kept.minor, kept.ordered_minor), Fraction(1))
    if 0 < order.total_minor <= sum(refund.amount_minor for refund in order.refunds):
        return Fraction(0)
    bought = sum(line.quantity for line in order.lines)
    return Fraction(sum(part.units for part in kept.lines), bought) if bought else Fraction(1)
