"""Whether our books and a shop say the same of an order: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connector.storage.findings import Difference
from loyalty_engine.facts import OrderState, OrderStatus

BRAKE_ORDERS = 20
BRAKE_PERCENT = 1
BRAKE_WITHIN = timedelta(days=1)
"""Readings within so long count together."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What decides what an order is worth, as far as every payload tells it. goods: net of what no edit took off,
    removed: units that edits took off. All zero unless it is paid.
    """

    is_paid: bool
    total: int
    goods: int
    removed: int
    refunded: int


def worth_of(order: OrderState) -> Worth:
    """An order that is not paid, or not for real, is worth nothing."""
    if order.status is not OrderStatus.PAID or order.is_test:
        return Worth(False, 0, 0, 0, 0)
    return Worth(
        True,
        order.total_minor,
        sum(line.net_minor for line in order.lines),
        sum(line.removed_quantity for line in order.lines),
        sum(refund.amount_minor for refund in order.refunds),
    )


def difference_of(ours: OrderState | None, theirs: OrderState) -> Difference | None:
    """How the two differ; None if they agree in all that decides."""
    if ours is None:
        return Difference.MISSING
    if _deciding(ours) == _deciding(theirs):
        return None
    return Difference.STALE if theirs.updated_at > ours.updated_at else Difference.AMOUNT_DIFF


def may_take(ours: OrderState, theirs: OrderState) -> bool:
    """Whether believing the shop may take points from somebody."""
    if ours.customer_ref is not None and ours.customer_ref != theirs.customer_ref:
        return True
    us, them = worth_of(ours), worth_of(theirs)
    return (
        them.is_paid < us.is_paid
        or them.total < us.total
        or them.goods < us.goods
        or (us.is_paid and (them.removed > us.removed or them.refunded > us.refunded))
    )


def brake_holds(taking: int, known: int) -> bool:
    """Whether so many orders that would take points, of so many known ones, are too many to be believed at once."""
    return taking >= BRAKE_ORDERS and taking * 100 > known * BRAKE_PERCENT


def told(order: OrderState) -> dict[str, Any]:
    """What a report shows of an order. Amounts in minor units of ``currency``; nothing that says whose it is."""
    return {
        "status": order.status.value,
        "shop_status": order.shop_status,
        "total_minor": order.total_minor,
        "goods_minor": sum(line.net_minor for line in order.lines),
        "removed_units": sum(line.removed_quantity for line in order.lines),
        "refunded_minor": sum(refund.amount_minor for refund in order.refunds),
        "currency": order.currency,
        "updated_at": order.updated_at.isoformat().replace("+00:00", "Z"),
    }


def _deciding(order: OrderState) -> tuple[object, ...]:
    return (order.status, order.customer_ref, order.currency, order.is_test, worth_of(order))
