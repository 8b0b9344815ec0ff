"""Examine: what a member can earn and redeem now, in one call that changes nothing.

The same functions decide here and in earnest, so what is shown is what happens. Nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import Enum
from fractions import Fraction
from typing import Any

from loyalty_engine.cart import SOURCE_REF
from loyalty_engine.earning.evaluate import first_context, worth_of
from loyalty_engine.facts import Activity, ActivityStatus, Product
from loyalty_engine.lots import NOT_YET, held
from loyalty_engine.member import Context, MemberState, SourceState
from loyalty_engine.programme.model import ORDER, Programme, Rulebook
from loyalty_engine.rewards import Offer, Situation, next_reward, offers, spendable, tier_of


@dataclass(frozen=True, slots=True)
class Earning:
    """What one thing would earn if it happened now. about: ``cart``, ``order``... or the kind of an activity.

    reason: stable code when it would earn nothing. rules: each rule that did not fire, with its reason and numbers.
    inputs: every number that the points follow from. matures_at: when they could be spent; None if that hangs on
    shipping, or if there are none.
    """

    about: str
    points: int
    reason: str | None
    matures_at: datetime | None
    rules: tuple[dict[str, Any], ...] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pending:
    """Points that mature together. matures_at: None while they wait for shipping."""

    points: int
    matures_at: datetime | None


@dataclass(frozen=True, slots=True)
class Examination:
    """available, pending, held, owed: the member's points now. paused: nothing is earned or redeemed until it resumes.

    next_reward: id of the reward that only a few points keep from the member, and how many are missing.
    """

    member_id: str
    at: datetime
    programme_version: int
    available: int
    pending: tuple[Pending, ...]
    held: int
    owed: int
    tier: str | None
    earn: tuple[Earning, ...]
    rewards: tuple[Offer, ...]
    next_reward: tuple[str, int] | None
    paused: bool = False


def examine(
    member: MemberState,
    rulebook: Rulebook,
    situation: Situation,
    actions: Sequence[Activity] | None = None,
    products: Mapping[str, Product] | None = None,
) -> Examination:
    """What the cart of the situation and each action would earn, and every reward with what stands in its way.

    situation.programme: the version in force now. actions: None for one of each kind that the programme rewards, done
    as well as its rules ask. products: what the catalogue says of the products in the cart, by id.
    """
    now = situation.now
    asked = possible_actions(situation.programme, now) if actions is None else actions
    found = offers(member, situation)
    upcoming = next_reward(found)
    return Examination(
        member_id=member.member_id,
        at=now,
        programme_version=situation.programme.version,
        available=spendable(member, now),
        pending=_pending(member, now),
        held=held(member.lots),
        owed=sum(debt.unpaid for debt in member.debts),
        tier=tier_of(member, situation.programme),
        earn=(*_of_cart(member, rulebook, situation, products or {}), *_of_actions(member, rulebook, asked, now)),
        rewards=found,
        next_reward=(upcoming.reward.reward_id, upcoming.missing_points) if upcoming else None,
        paused=situation.paused,
    )


def possible_actions(programme: Programme, now: datetime) -> tuple[Activity, ...]:
    """One activity of each kind that some rule rewards, by a verified buyer, with the smallest values that count."""
    kinds = sorted({rule.trigger for rule in programme.rules if rule.trigger != ORDER})
    return tuple(_action(programme, kind, now) for kind in kinds)


def _action(programme: Programme, kind: str, now: datetime) -> Activity:
    values: dict[str, int | str | bool] = {"verified": True}
    for rule in programme.rules:
        if rule.trigger == kind:
            for name, least in rule.minimums.items():
                values[name] = max(int(values.get(name, least)), least)
    return Activity(
        source_ref=f"examined:{kind}",
        activity_id="examined",
        kind=kind,
        status=ActivityStatus.APPROVED,
        occurred_at=now,
        updated_at=now,
        values=values,
        approved_at=now,
    )


def _of_cart(
    member: MemberState, rulebook: Rulebook, situation: Situation, products: Mapping[str, Product]
) -> tuple[Earning, ...]:
    if situation.cart is None:
        return ()
    order = situation.cart.as_order(situation.now, member.tags)
    source = SourceState(SOURCE_REF, order, belongs=True, products=products)
    return (_earning("cart", source, member, rulebook, situation.now),)


def _of_actions(
    member: MemberState, rulebook: Rulebook, actions: Sequence[Activity], now: datetime
) -> tuple[Earning, ...]:
    """Each on its own: what one takes of a cap is not taken from the next."""
    return tuple(
        _earning(action.kind, SourceState(action.source_ref, None, True, action), member, rulebook, now)
        for action in actions
    )


def _earning(about: str, source: SourceState, member: MemberState, rulebook: Rulebook, now: datetime) -> Earning:
    context = first_context(source, member, rulebook, now)
    if not isinstance(context, Context):
        return Earning(about, 0, context.code, None, inputs=context.inputs)
    rules = rulebook.in_force(context.paid_at)
    worth = worth_of(source, context, rules, member)
    matures_at = None if worth.matures_at == NOT_YET or not worth.points else worth.matures_at
    return Earning(about, worth.points, worth.reason, matures_at, worth.rules, worth.inputs)


def _pending(member: MemberState, now: datetime) -> tuple[Pending, ...]:
    sums: dict[datetime, int] = {}
    for lot in member.lots:
        if lot.free and now < lot.matures_at and lot.is_live(now):
            sums[lot.matures_at] = sums.get(lot.matures_at, 0) + lot.free
    return tuple(Pending(points, None if at == NOT_YET else at) for at, points in sorted(sums.items()))


def as_json(examination: Examination) -> dict[str, Any]:
    """Plain values in a stable order: texts, whole numbers, lists; moments in ISO form, ratios as ``3/2``."""
    shown = {
        name: _plain(getattr(examination, name))
        for name in ("member_id", "at", "programme_version", "available", "pending", "held", "owed", "tier", "paused")
    }
    shown["earn"] = [_plain(asdict(earning)) for earning in examination.earn]
    shown["rewards"] = [_offer(one) for one in examination.rewards]
    upcoming = examination.next_reward
    shown["next_reward"] = None if upcoming is None else {"reward": upcoming[0], "missing_points": upcoming[1]}
    return shown


def _offer(found: Offer) -> dict[str, Any]:
    reward = found.reward
    shown: dict[str, Any] = {
        "reward": reward.reward_id,
        "kind": reward.kind.value,
        "name": dict(reward.name),
        "points": found.points,
        "available": found.is_available,
        "missing_points": found.missing_points,
        "value_minor": found.value_minor,
        "currency": found.currency,
        "needs_cart": found.needs_cart,
        "obstacles": [{"code": one.code, **_plain(dict(one.numbers))} for one in found.obstacles],
    }
    if found.step_points:
        shown |= {
            "step_points": found.step_points,
            "least_points": found.least_points,
            "most_points": found.most_points,
        }
    return shown


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Pending):
        return {"points": value.points, "matures_at": _plain(value.matures_at)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
