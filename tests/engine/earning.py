"""Rules, programmes and sources in a few words, for tests of what a source is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from loyalty_engine.earning.evaluate import first_context, worth_of
from loyalty_engine.facts import Activity, ActivityStatus, Line, OrderState, Product
from loyalty_engine.member import Context, MemberState, SourceState, TierCause, TierChange
from loyalty_engine.programme.model import (
    ORDER,
    Award,
    AwardKind,
    Condition,
    EarnPolicy,
    Lane,
    Programme,
    Rule,
    Rulebook,
    Threshold,
    Tier,
)
from loyalty_engine.worth import Worth
from tests.engine.builders import OPENING, PAID

TIERS = (
    Tier("member", 0, {"en": "Member"}),
    Tier("silver", 1, {"en": "Silver"}, (Threshold("spend", 15_000),), Fraction(5, 4)),
    Tier("gold", 2, {"en": "Gold"}, (Threshold("spend", 40_000),), Fraction(3, 2)),
)


def per_amount(rate: str = "1", rule_id: str = "base", currency: str = "EUR", step_minor: int = 0, **more: Any) -> Rule:
    """So many points per whole unit."""
    award = Award(AwardKind.PER_AMOUNT, rates={currency: Fraction(rate)}, step_minor=step_minor)
    return Rule(rule_id, ORDER, award, **more)


def per_item(points: int, rule_id: str = "item", **more: Any) -> Rule:
    return Rule(rule_id, ORDER, Award(AwardKind.PER_ITEM, points=points), **more)


def fixed(points: int, rule_id: str = "fixed", trigger: str = ORDER, **more: Any) -> Rule:
    return Rule(rule_id, trigger, Award(AwardKind.FIXED, points=points), **more)


def factor(text: str, rule_id: str = "campaign", lane: Lane = Lane.CAMPAIGN, **more: Any) -> Rule:
    return Rule(rule_id, ORDER, Award(AwardKind.FACTOR, factor=Fraction(text)), lane=lane, **more)


def when(field: str, operator: str, *values: Any) -> tuple[Condition, ...]:
    """One condition."""
    return (Condition(field, operator, values),)


def programme(*rules: Rule, earn: EarnPolicy | None = None, **more: Any) -> Programme:
    """A programme of euros in Berlin with these rules."""
    return Programme(
        more.pop("version", 1),
        more.pop("effective_from", OPENING),
        "Circle",
        more.pop("timezone", "Europe/Berlin"),
        more.pop("base_currency", "EUR"),
        earn=earn or EarnPolicy(),
        rules=rules,
        **more,
    )


def member(tier: str | None = None, **more: Any) -> MemberState:
    """A member since OPENING, in a tier since then."""
    path = (TierChange(1, tier, TierCause.REACHED, OPENING, 1),) if tier else ()
    return MemberState("anna", OPENING, tiers=path, **more)


def source_of_order(order: OrderState, products: Mapping[str, Product] | None = None) -> SourceState:
    return SourceState(order.source_ref, order, belongs=True, products=products or {})


def an_activity(kind: str = "review", at: datetime = PAID, activity_id: str = "8812", **more: Any) -> Activity:
    """An approved activity."""
    fields: dict[str, Any] = {
        "source_ref": f"event:shop:{kind}:{activity_id}",
        "activity_id": activity_id,
        "kind": kind,
        "status": ActivityStatus.APPROVED,
        "occurred_at": at,
        "updated_at": at,
    }
    return Activity(**(fields | more))


def source_of_activity(activity: Activity) -> SourceState:
    return SourceState(activity.source_ref, None, belongs=True, activity=activity)


def context_of(source: SourceState, rules: Programme, who: MemberState | None = None) -> Context:
    """The context of a source that qualifies."""
    found = first_context(source, who or member(), Rulebook((rules,)), PAID)
    assert isinstance(found, Context), found
    return found


def worth(fact: OrderState | Activity, rules: Programme, who: MemberState | None = None, **more: Any) -> Worth:
    """What a fact is worth when it is decided for the first time."""
    who = who or member()
    source = source_of_order(fact, **more) if isinstance(fact, OrderState) else source_of_activity(fact)
    return worth_of(source, context_of(source, rules, who), rules, who)


def after(who: MemberState, found: Worth) -> MemberState:
    """The member once the grants of a worth were kept."""
    known = {(grant.source_ref, grant.cap_id, grant.window_key): grant for grant in who.grants}
    known.update({(grant.source_ref, grant.cap_id, grant.window_key): grant for grant in found.grants})
    room: dict[tuple[str, str], tuple[int, int]] = {}
    for grant in known.values():
        points, times = room.get((grant.cap_id, grant.window_key), (0, 0))
        room[grant.cap_id, grant.window_key] = (points + grant.points, times + grant.times)
    return replace(who, grants=tuple(known.values()), room_taken=room)


def lines(*amounts: int, products: tuple[str, ...] = ()) -> tuple[Line, ...]:
    """One unit of each; products name them in order."""
    return tuple(
        Line(str(number), 1, amount, products[number] if products else str(number))
        for number, amount in enumerate(amounts)
    )
