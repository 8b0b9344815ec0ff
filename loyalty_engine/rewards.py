"""Rewards: which of them a member can have now, and if not, why, with exact numbers.

Everything that stands in the way is named, not only the first thing: a shopper who lacks points and tier hears of both.
``redemption_for`` makes the record that ``commands.redeem`` and ``commands.hold`` take.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from loyalty_engine.cart import Cart, base_rate
from loyalty_engine.errors import LedgerError, Refused
from loyalty_engine.lots import available
from loyalty_engine.member import MemberState, MemberStatus, Redemption, RedemptionState
from loyalty_engine.order_share import OFF_THE_ORDER, allowed_minor, paid_minor, percent_of, stacks
from loyalty_engine.programme.model import Programme, Reward, RewardKind

MONEY_KINDS = frozenset({RewardKind.AMOUNT, RewardKind.SLIDER, RewardKind.STORE_CREDIT})
"""Worth a fixed amount of a currency."""
HAD_AT_ONCE = frozenset({RewardKind.STORE_CREDIT, RewardKind.PERK})
"""They take nothing off an order, so no points are set aside for one."""


@dataclass(frozen=True, slots=True)
class Situation:
    """In what a member asks for a reward.

    programme: the version in force now. cart: None when nothing is about to be ordered; then only what the member and
    the programme bring decides. currency: of the store, without a cart (None: the base currency). taken: how many of
    each reward with a stock were taken, over all members. had: how many of each reward with a limit count towards it
    (``limits.limits_of``): none must be missing. paused: nothing can be redeemed until the programme resumes.
    kinds: what the store can give by itself (``Platform.voucher_kinds``); connection_number: which it is. None: no
    store is named yet. unseen: kinds that none of the member's stores gives; such rewards are not shown.
    """

    programme: Programme
    now: datetime
    cart: Cart | None = None
    currency: str | None = None
    taken: Mapping[str, int] = field(default_factory=dict)
    had: Mapping[str, int] = field(default_factory=dict)
    paused: bool = False
    kinds: frozenset[str] | None = None
    connection_number: int | None = None
    unseen: frozenset[str] = frozenset()

    @property
    def money(self) -> str:
        """The currency that amounts are in."""
        if self.cart is not None:
            return self.cart.currency
        return self.currency or self.programme.base_currency

    def of(self, reward: Reward) -> Situation:
        """The same for one reward: store credit is in the store's currency and for no cart."""
        return replace(self, cart=None) if reward.kind is RewardKind.STORE_CREDIT else self


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a reward cannot be had now: a stable code and the numbers behind it."""

    code: str
    numbers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """One reward as it stands for a member now.

    points: its price; with a slider that of the smallest choice. step_points, least_points, most_points: what a slider
    can be set to (most < least: nothing fits). value_minor: what the price buys in ``currency``; with PERCENT what it
    takes off this cart; 0 for what is no money. missing_points: how many more the member needs, 0 if enough.
    needs_cart: it can only be redeemed for a cart, because no store can cap a percentage.
    """

    reward: Reward
    points: int
    currency: str
    value_minor: int
    missing_points: int
    step_points: int = 0
    least_points: int = 0
    most_points: int = 0
    obstacles: tuple[Obstacle, ...] = ()
    needs_cart: bool = False

    @property
    def is_available(self) -> bool:
        return not self.obstacles


def spendable(member: MemberState, now: datetime) -> int:
    """Points that can be spent now: mature, not ended, not held, less what is owed; >= 0."""
    return available(member.lots, sum(debt.unpaid for debt in member.debts), now)


def offers(member: MemberState, situation: Situation) -> tuple[Offer, ...]:
    """Every reward that is shown, in the order of the programme."""
    shown = [
        one for one in situation.programme.rewards if not one.hidden and one.asked_of_store not in situation.unseen
    ]
    return tuple(offer(reward, member, situation) for reward in shown)


def offer(reward: Reward, member: MemberState, situation: Situation, points: int | None = None) -> Offer:
    """One reward for one member. points: of a slider, what the shopper chose; None: the smallest choice."""
    situation = situation.of(reward)
    price = _price(reward, points)
    funds = spendable(member, situation.now)
    value = _value(reward, price, situation)
    obstacles = (
        *_of_programme(reward, situation),
        *_of_member(reward, member, situation),
        *_of_points(reward, price, funds),
        *_of_cart(reward, member, situation, value),
    )
    return Offer(
        reward=reward,
        points=price,
        currency=situation.money,
        value_minor=value or 0,
        missing_points=max(0, price - funds),
        step_points=reward.points if reward.kind is RewardKind.SLIDER else 0,
        least_points=least_points(reward) if reward.kind is RewardKind.SLIDER else 0,
        most_points=_most_points(reward, funds, situation, _paid(member, situation))
        if reward.kind is RewardKind.SLIDER
        else 0,
        obstacles=obstacles,
        needs_cart=_needs_cart(reward),
    )


def _needs_cart(reward: Reward) -> bool:
    """No store can cap a percentage, so it becomes an amount off a cart that is there."""
    return reward.kind is RewardKind.PERCENT and reward.cap_minor is not None


def next_reward(found: Sequence[Offer]) -> Offer | None:
    """Of what only points keep from the member, the one with the fewest missing; None if there is none. A cart comes
    with the next visit, so that one is needed keeps nothing from them.
    """
    waiting = [one for one in found if {each.code for each in one.obstacles} - {"needs-cart"} == {"not-enough-points"}]
    return min(waiting, key=lambda one: (one.missing_points, one.points, one.reward.reward_id), default=None)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a shopper asks for. redemption_id: new, 32 hex digits. connection_number: the store that it is for.
    place: 1 + how many redemptions of this reward the member ever had. points: with a slider. holds: only set the
    points aside for the cart, until its order is paid.
    """

    redemption_id: str
    connection_number: int
    place: int = 1
    points: int | None = None
    holds: bool = False


def redemption_for(reward: Reward, member: MemberState, situation: Situation, choice: Choice) -> Redemption:
    """The record of a redemption, ``requested`` or ``held``. Raises Refused with the first obstacle.

    A percentage with a cap becomes a fixed amount off this very cart, and asks for an order of at least that size.
    """
    found = offer(reward, member, situation, choice.points)
    for obstacle in found.obstacles:
        raise Refused(obstacle.code, {"reward": reward.reward_id, **obstacle.numbers})
    if choice.holds and situation.cart is None:
        raise Refused("needs-cart", {"reward": reward.reward_id})
    if choice.holds and reward.kind in HAD_AT_ONCE:
        raise Refused("not-held-for-a-cart", {"reward": reward.reward_id})
    situation = situation.of(reward)
    state, lapses_at, expires_at = _life(reward, situation, choice)
    return Redemption(
        redemption_id=choice.redemption_id,
        reward_id=reward.reward_id,
        kind=reward.kind.value,
        state=state,
        points=found.points,
        programme_version=situation.programme.version,
        created_at=situation.now,
        updated_at=situation.now,
        value_minor=found.value_minor if reward.kind in MONEY_KINDS or found.needs_cart else 0,
        currency=situation.money,
        percent_bp=percent_bp(reward),
        cap_minor=_in_money(reward.cap_minor, situation),
        product_id=reward.product_id,
        minimum_order_minor=_least_order(found, situation, _paid(member, situation)),
        connection_number=choice.connection_number,
        lapses_at=lapses_at,
        expires_at=expires_at,
        place=choice.place,
    )


def _least_order(found: Offer, situation: Situation, paid: int) -> int:
    """The smallest order that the voucher is for. It may be used on another cart than this one, so it carries the
    largest share that points may pay itself, beside what they pay already.
    """
    reward, share = found.reward, situation.programme.redeem.max_share
    least = _in_money(reward.minimum_order_minor, situation) or 0
    if found.needs_cart and situation.cart is not None:
        least = max(least, situation.cart.goods_minor)
    if share < 1 and reward.kind in OFF_THE_ORDER & MONEY_KINDS:
        least = max(least, -(-(found.value_minor + paid) * share.denominator // share.numerator))
    return least


def _life(
    reward: Reward, situation: Situation, choice: Choice
) -> tuple[RedemptionState, datetime | None, datetime | None]:
    """(state, when a hold lapses, when a voucher ends)."""
    if choice.holds:
        lapses_at = situation.now + timedelta(minutes=situation.programme.redeem.hold_minutes)
        return RedemptionState.HELD, lapses_at, None
    # Store credit is money of the shop once it is there: it ends there, if it ends, and nothing of ours with it.
    days = reward.credit_days if reward.kind is RewardKind.STORE_CREDIT else reward.voucher_days
    expires_at = situation.now + timedelta(days=days) if days else None
    return RedemptionState.REQUESTED, None, expires_at


def _paid(member: MemberState, situation: Situation) -> int:
    return paid_minor(member, situation.cart, situation.money, situation.connection_number)


def percent_bp(reward: Reward) -> int:
    """The percentage in hundredths of a percent, rounded down: 10 % is 1000."""
    return int(reward.percent * 100) if reward.kind is RewardKind.PERCENT else 0


# --- what may stand in the way ----------------------------------------------------------------------------------------


def _of_programme(reward: Reward, situation: Situation) -> Iterator[Obstacle]:
    now, wind_down = situation.now, situation.programme.wind_down
    if situation.paused:
        yield Obstacle("redeeming-paused", {})
    if wind_down is not None and now >= wind_down.redeem_until:
        yield Obstacle("redeeming-ended", {"ended_at": wind_down.redeem_until})
    if reward.starts_at is not None and now < reward.starts_at:
        yield Obstacle("reward-not-yet", {"starts_at": reward.starts_at})
    if reward.ends_at is not None and now >= reward.ends_at:
        yield Obstacle("reward-over", {"ended_at": reward.ends_at})
    if (
        situation.kinds is not None
        and reward.kind is not RewardKind.PERK
        and reward.asked_of_store not in situation.kinds
    ):
        yield Obstacle("not-in-this-store", {"kind": reward.kind.value})
    taken = situation.taken.get(reward.reward_id, 0)
    if reward.stock is not None and taken >= reward.stock:
        yield Obstacle("out-of-stock", {"stock": reward.stock, "taken": taken})


_STATUS_CODES = {
    MemberStatus.LEFT: "member-left",
    MemberStatus.BLOCKED: "member-blocked",
    MemberStatus.MERGED: "member-merged",
    MemberStatus.ERASED: "member-erased",
}


def _of_member(reward: Reward, member: MemberState, situation: Situation) -> Iterator[Obstacle]:
    if member.status is not MemberStatus.ACTIVE:
        yield Obstacle(_STATUS_CODES[member.status], {})
    tier = tier_of(member, situation.programme)
    if reward.tiers and tier not in reward.tiers:
        needed = [known.tier_id for known in situation.programme.tiers if known.tier_id in reward.tiers]
        yield Obstacle("tier-needed", {"needs": needed, "found": tier})
    if reward.per_member is not None:
        had = _had(reward, situation)
        if had >= reward.per_member:
            window = reward.per_member_window.value
            yield Obstacle("reward-limit-reached", {"limit": reward.per_member, "found": had, "window": window})


def tier_of(member: MemberState, programme: Programme) -> str | None:
    """The member's tier now: the last change says it, without one the first tier; None if there are no tiers."""
    if member.tiers:
        return member.tiers[-1].tier
    return programme.tiers[0].tier_id if programme.tiers else None


def _had(reward: Reward, situation: Situation) -> int:
    if reward.reward_id not in situation.had:
        raise LedgerError(f"nobody counted how often the member had {reward.reward_id}, which has a limit")
    return situation.had[reward.reward_id]


def _of_points(reward: Reward, price: int, funds: int) -> Iterator[Obstacle]:
    if reward.kind is RewardKind.SLIDER:
        least, most = least_points(reward), reward.maximum_points or None
        if price % reward.points:
            yield Obstacle("not-a-step", {"step": reward.points, "found": price})
        if price < least:
            yield Obstacle("below-minimum", {"needs": least, "found": price})
        if most is not None and price > most:
            yield Obstacle("above-maximum", {"limit": most, "found": price})
    if price > funds:
        yield Obstacle("not-enough-points", {"needs": price, "found": funds, "missing": price - funds})


def _of_cart(reward: Reward, member: MemberState, situation: Situation, value: int | None) -> Iterator[Obstacle]:
    if value is None:
        yield Obstacle("currency-without-value", {"currency": situation.money})
    if reward.minimum_order_minor and base_rate(situation.money, situation.programme) is None:
        yield Obstacle("currency-without-rate", {"currency": situation.money})
    cart = situation.cart
    if cart is None:
        if _needs_cart(reward):
            yield Obstacle("needs-cart", {})
        return
    total = cart.total_minor + cart.points_minor
    needed = _in_money(reward.minimum_order_minor, situation) or 0
    if total < needed:
        numbers = {"needs": needed, "found": total, "missing": needed - total, "currency": cart.currency}
        yield Obstacle("order-too-small", numbers)
    allowed = allowed_minor(cart, situation.programme, _paid(member, situation))
    if reward.kind in OFF_THE_ORDER and value is not None and value > allowed:
        share = situation.programme.redeem.max_share
        numbers = {"allowed": allowed, "found": value, "max_share": str(share), "currency": cart.currency}
        yield Obstacle("more-than-share", numbers)
    if cart.redemptions and not stacks(reward, member, situation.programme, cart):
        yield Obstacle("does-not-stack", {"with": sorted(cart.redemptions)})


# --- amounts ----------------------------------------------------------------------------------------------------------


def _value(reward: Reward, price: int, situation: Situation) -> int | None:
    """What ``price`` points buy, in the currency of the situation; None if the programme does not say."""
    if reward.kind in MONEY_KINDS:
        value = reward.values.get(situation.money)
        return value * (price // reward.points) if value and reward.kind is RewardKind.SLIDER else value or None
    if reward.kind is not RewardKind.PERCENT:
        return 0
    if reward.cap_minor is not None and base_rate(situation.money, situation.programme) is None:
        return None
    if situation.cart is None:
        return 0
    return percent_of(situation.cart.goods_minor, percent_bp(reward), _in_money(reward.cap_minor, situation))


def _in_money(base_minor: int | None, situation: Situation) -> int | None:
    """An amount of the base currency in the currency of the situation, rounded down; None if there is none."""
    rate = base_rate(situation.money, situation.programme)
    if base_minor is None or rate is None:
        return None
    return int(Fraction(base_minor) * Fraction(rate.denominator, rate.numerator))


def _price(reward: Reward, points: int | None) -> int:
    if reward.kind is not RewardKind.SLIDER:
        return reward.points
    return least_points(reward) if points is None else points


def least_points(reward: Reward) -> int:
    """The smallest choice of a slider: the minimum, rounded up to a whole step."""
    return max(1, -(-reward.minimum_points // reward.points)) * reward.points


def _most_points(reward: Reward, funds: int, situation: Situation, paid: int) -> int:
    """The largest choice of a slider that balance, maximum and cart allow; 0 if none does."""
    steps = funds // reward.points
    if reward.maximum_points:
        steps = min(steps, reward.maximum_points // reward.points)
    value = reward.values.get(situation.money, 0)
    if situation.cart is not None and value:
        allowed = allowed_minor(situation.cart, situation.programme, paid)
        steps = min(steps, allowed // value)
    return steps * reward.points
