"""Rewards, members and carts in a few words, for tests of what can be redeemed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from loyalty_engine.cart import Cart
from loyalty_engine.facts import Line
from loyalty_engine.limits import COUNTS, limits_of
from loyalty_engine.lots import Lot
from loyalty_engine.member import MemberState, Redemption, RedemptionState
from loyalty_engine.programme.model import Programme, Reward, RewardKind, Threshold, Tier
from loyalty_engine.rewards import Offer, Situation, offer

NOW = datetime(2026, 7, 15, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
KEY = bytes(range(32))

FIVE_EUROS = Reward("five", RewardKind.AMOUNT, 500, values={"EUR": 500, "JPY": 800})
SLIDER = Reward("slider", RewardKind.SLIDER, 100, values={"EUR": 100})
TENTH = Reward("tenth", RewardKind.PERCENT, 300, percent=Fraction(10), cap_minor=1_000)
SHIPPING = Reward("shipping", RewardKind.FREE_SHIPPING, 200)

TIERS = (
    Tier("member", 0, {"en": "Member"}),
    Tier("silver", 1, {"en": "Silver"}, (Threshold("spend", 15_000),)),
    Tier("gold", 2, {"en": "Gold"}, (Threshold("spend", 40_000),)),
)


def a_programme(*rewards: Reward, **changes: Any) -> Programme:
    fields: dict[str, Any] = {
        "version": 3,
        "effective_from": NOW - 100 * DAY,
        "name": "Circle",
        "timezone": "Europe/Berlin",
        "base_currency": "EUR",
        "rewards": rewards,
        "tiers": TIERS,
    }
    return Programme(**(fields | changes))


def a_member(points: int = 1_000, **changes: Any) -> MemberState:
    lot = Lot(1, "shopify:12:order:1", max(points, 1), points, NOW - DAY)
    fields: dict[str, Any] = {"member_id": "ab" * 16, "enrolled_at": NOW - 90 * DAY, "points": points, "lots": (lot,)}
    return MemberState(**(fields | changes))


def a_redemption(reward: Reward = FIVE_EUROS, number: int = 1, **changes: Any) -> Redemption:
    fields: dict[str, Any] = {
        "redemption_id": f"{number:032x}",
        "reward_id": reward.reward_id,
        "kind": reward.kind.value,
        "state": RedemptionState.ISSUED,
        "points": reward.points,
        "programme_version": 3,
        "created_at": NOW - DAY,
        "updated_at": NOW - DAY,
        "place": number,
    }
    return Redemption(**(fields | changes))


def a_cart(goods_minor: int = 10_000, **changes: Any) -> Cart:
    return replace(Cart("EUR", (Line("1", 1, goods_minor),)), **changes)


def found(reward: Reward, member: MemberState | None = None, points: int | None = None, **situation: Any) -> Offer:
    programme, member = situation.pop("programme", None) or a_programme(reward), member or a_member()
    now = situation.pop("now", NOW)
    had = had_by(member, programme, now)
    return offer(reward, member, Situation(programme, now, **{"had": had, **situation}), points)


def had_by(member: MemberState, programme: Programme, now: datetime) -> dict[str, int]:
    """What counts towards the limits of a programme, of a member of whom everything is known."""
    return {
        limit.reward_id: sum(
            one.reward_id == limit.reward_id
            and one.state in COUNTS
            and (limit.since is None or limit.since <= one.created_at)
            and (limit.until is None or one.created_at < limit.until)
            for one in member.redemptions
        )
        for limit in limits_of(programme.rewards, programme.timezone, now)
    }


def told(reward: Reward, member: MemberState | None = None, points: int | None = None, **situation: Any) -> list[Any]:
    """(code, numbers) of everything in the way."""
    return [(one.code, dict(one.numbers)) for one in found(reward, member, points, **situation).obstacles]
