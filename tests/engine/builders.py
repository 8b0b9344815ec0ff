"""Engine facts in a few words: orders, programmes and members with everything a test does not care about filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from loyalty_engine.decision import Moment
from loyalty_engine.facts import Activity, ActivityStatus, Line, OrderState, OrderStatus, Refund, RefundLine
from loyalty_engine.member import Redemption, RedemptionState
from loyalty_engine.programme.model import (
    ORDER,
    Award,
    AwardKind,
    Cap,
    EarnPolicy,
    Programme,
    RedeemPolicy,
    Rule,
    Rulebook,
)

OPENING = datetime(2026, 1, 1, tzinfo=UTC)
PAID = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
SALT = bytes(range(16))
NO_FLOOR = RedeemPolicy(allow_negative=-1_000_000_000)
"""Whatever is owed stays owed."""


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


def an_activity(kind: str = "review", number: str = "1", **changes: Any) -> Activity:
    """An approved activity of that kind."""
    fields: dict[str, Any] = {
        "source_ref": f"event:reviews:{kind}:{number}",
        "activity_id": number,
        "kind": kind,
        "status": ActivityStatus.APPROVED,
        "occurred_at": PAID,
        "updated_at": PAID,
        "customer_ref": "7",
        "approved_at": PAID,
    }
    return Activity(**(fields | changes))


def per_amount(rates: Mapping[str, str] | None = None, **changes: Any) -> Rule:
    """So many points for one unit of each currency; decimal texts."""
    award = Award(AwardKind.PER_AMOUNT, rates={code: Fraction(rate) for code, rate in (rates or {"EUR": "1"}).items()})
    return Rule("points-per-amount", ORDER, award, **changes)


def fixed(trigger: str, points: int, *caps: Cap, **changes: Any) -> Rule:
    """So many points for each activity of a kind."""
    return Rule(f"fixed-{trigger}", trigger, Award(AwardKind.FIXED, points=points), caps=caps, **changes)


def a_programme(
    rates: Mapping[str, str] | None = None, version: int = 1, *rules: Rule, pending_days: int = 14, **changes: Any
) -> Programme:
    """One point per euro, pending for 14 days, unless said otherwise; ``rules`` come besides."""
    fields: dict[str, Any] = {
        "version": version,
        "effective_from": OPENING,
        "name": "Circle",
        "timezone": "Europe/Berlin",
        "base_currency": "EUR",
        "earn": EarnPolicy(pending_days=pending_days),
        "rules": (per_amount(rates), *rules),
        "redeem": NO_FLOOR,
    }
    return Programme(**(fields | changes))


def a_rulebook(*versions: Programme) -> Rulebook:
    """These versions, or the plain one."""
    return Rulebook(versions or (a_programme(),))


def a_redemption(points: int, number: int = 1, now: datetime = PAID, **changes: Any) -> Redemption:
    """A new redemption, requested; ``changes`` set any field of it."""
    fields: dict[str, Any] = {
        "redemption_id": f"{number:032x}",
        "reward_id": "money-off",
        "kind": "amount",
        "state": RedemptionState.REQUESTED,
        "points": points,
        "programme_version": 1,
        "created_at": now,
        "updated_at": now,
        "value_minor": points * 3,
        "currency": "EUR",
        "place": number,
    }
    return Redemption(**(fields | changes))


def moment(now: datetime = PAID) -> Moment:
    """A moment of deciding, with salts that repeat."""
    return Moment(now, now.date(), lambda: SALT)
