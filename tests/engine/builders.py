"""Engine facts in a few words: orders, programmes and members with everything a test does not care about filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from loyalty_engine.decide import Moment
from loyalty_engine.facts import Line, OrderState, OrderStatus, Refund, RefundLine
from loyalty_engine.programme import Programme

OPENING = datetime(2026, 1, 1, tzinfo=UTC)
PAID = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
SALT = bytes(range(16))


def source_of(order_id: str) -> str:
    """The source of an order of the one shop that tests have."""
    return f"shopify:12:order:{order_id}"


def bare(amount_minor: int, refund_id: str = "1") -> Refund:
    """Money paid back without saying for what."""
    return Refund(refund_id, amount_minor)


def returned(net_minor: int, refund_id: str = "1", line_id: str = "11", quantity: int = 1) -> Refund:
    """Part of a line given back for its price."""
    return Refund(refund_id, net_minor, (RefundLine(line_id, quantity, net_minor),))


def an_order(net_minor: int = 10_000, *refunds: Refund, order_id: str = "5123", **changes: Any) -> OrderState:
    """A paid order of one line that costs ``net_minor`` and nothing besides; ``changes`` set any field of it."""
    fields: dict[str, Any] = {
        "source_ref": source_of(order_id),
        "order_id": order_id,
        "customer_ref": "7",
        "currency": "EUR",
        "status": OrderStatus.PAID,
        "shop_status": "paid",
        "updated_at": PAID,
        "created_at": PAID,
        "paid_at": PAID,
        "total_minor": net_minor,
        "lines": (Line("11", 1, net_minor),),
        "refunds": refunds,
    }
    return OrderState(**(fields | changes))


def a_programme(rates: Mapping[str, str] | None = None, version: int = 1, **changes: Any) -> Programme:
    """One point per euro, pending for 14 days, unless said otherwise. Rates are decimal texts."""
    fields: dict[str, Any] = {
        "version": version,
        "effective_from": OPENING,
        "name": "Circle",
        "timezone": "Europe/Berlin",
        "base_currency": "EUR",
        "points_per_unit": {code: Fraction(rate) for code, rate in (rates or {"EUR": "1"}).items()},
        "pending_days": 14,
        "back_pay_days": 0,
    }
    return Programme(**(fields | changes))


def moment(now: datetime = PAID) -> Moment:
    """A moment of deciding, with salts that repeat."""
    return Moment(now, now.date(), lambda: SALT)
