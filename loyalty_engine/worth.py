"""What one order is worth to a member: a pure function of its state and the context it was first decided under."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from loyalty_engine.facts import OrderState, OrderStatus
from loyalty_engine.goods import goods_kept
from loyalty_engine.money import exponent_of
from loyalty_engine.programme import Programme

MAX_POINTS = 10**15
"""No order earns more: a larger result comes from a mistaken amount or rate, and no database or page could hold it."""


@dataclass(frozen=True, slots=True)
class Worth:
    """Points due, >= 0.

    reason: stable code when nothing is due. inputs: every number the result follows from.
    """

    points: int
    reason: str | None
    inputs: dict[str, Any]


def order_named(order: OrderState | None) -> dict[str, Any]:
    """The first inputs of every worth: the rule, and which order it is about."""
    inputs = {"rule": "points-per-amount"}
    if order is not None:
        inputs |= {"order": order.order_id, "order_name": order.order_name or order.order_id}
    return inputs


_UNPAID_REASONS = {
    OrderStatus.OPEN: "order-not-paid",
    OrderStatus.CANCELLED: "order-cancelled",
    OrderStatus.DELETED: "order-deleted",
}


def worth_of(order: OrderState, programme: Programme) -> Worth:
    """Points per amount on the goods kept: floor(goods x rate), rounded once."""
    inputs = order_named(order) | {"shop_status": order.shop_status, "currency": order.currency}
    if order.status is not OrderStatus.PAID:
        return Worth(0, _UNPAID_REASONS[order.status], inputs)
    if order.is_test:
        return Worth(0, "test-order", inputs)
    rate = programme.points_per_unit.get(order.currency)
    if not rate:
        return Worth(0, "currency-without-rate", inputs)
    kept = goods_kept(order)
    unit = 10 ** exponent_of(order.currency)
    points = kept.minor * rate.numerator // (rate.denominator * unit)
    inputs |= {
        "ordered_minor": kept.ordered_minor,
        "kept_minor": kept.minor,
        "rate": str(rate),
        "unit_minor": unit,
        "rounding": "floor",
        "notes": list(kept.notes),
    }
    if points > MAX_POINTS:
        return Worth(0, "more-points-than-possible", inputs)
    return Worth(points, None if points else _why_nothing(kept.ordered_minor, kept.minor), inputs)


def _why_nothing(ordered_minor: int, kept_minor: int) -> str:
    if ordered_minor == 0:
        return "no-goods-that-earn"
    return "refunded-in-full" if kept_minor == 0 else "below-one-point"
