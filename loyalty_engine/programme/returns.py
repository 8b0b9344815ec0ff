"""How much of what a shopper pays comes back as rewards, in percent, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from loyalty_engine.money import exponent_of
from loyalty_engine.programme.model import ORDER, AwardKind, Lane, Programme, Reward, RewardKind

MONEY = frozenset({RewardKind.AMOUNT, RewardKind.SLIDER, RewardKind.STORE_CREDIT})


@dataclass(frozen=True, slots=True)
class Return:
    """percent: of what is paid for goods in the base currency, when all points go into this reward."""

    reward_id: str
    percent: Fraction


def returns(programme: Programme, tier_id: str | None = None) -> tuple[Return, ...]:
    """What each reward with a fixed value gives back, the least first; tier_id: with the factor of that tier."""
    rate = points_per_unit(programme) * _factor(programme, tier_id)
    found = [Return(reward.reward_id, value * rate * 100) for reward, value in _values(programme)]
    return tuple(sorted(found, key=lambda one: (one.percent, one.reward_id)))


def return_percent(programme: Programme, tier_id: str | None = None) -> Fraction:
    """The most that comes back; 0 if no reward has a fixed value or nothing is earned for amounts."""
    return max((one.percent for one in returns(programme, tier_id)), default=Fraction(0))


def points_per_unit(programme: Programme) -> Fraction:
    """Points that every order earns for one unit of the base currency: rules without conditions, windows or steps."""
    total = Fraction(0)
    for rule in programme.rules:
        plain = not (rule.conditions or rule.starts_at or rule.ends_at or rule.dry_run)
        if plain and rule.trigger == ORDER and rule.lane is Lane.BASE and rule.award.kind is AwardKind.PER_AMOUNT:
            total += rule.award.rates.get(programme.base_currency, Fraction(0))
    return total


def _factor(programme: Programme, tier_id: str | None) -> Fraction:
    for tier in programme.tiers:
        if tier.tier_id == tier_id:
            return tier.factor
    return Fraction(1)


def _values(programme: Programme) -> Iterator[tuple[Reward, Fraction]]:
    """Units of the base currency for one point."""
    unit = 10 ** exponent_of(programme.base_currency)
    for reward in programme.rewards:
        minor = reward.values.get(programme.base_currency, 0)
        if reward.kind in MONEY and minor and reward.points:
            yield reward, Fraction(minor, unit * reward.points)


def as_percent(share: Fraction) -> str:
    """``3``, ``3.2``, ``3.33``: at most two places, rounded half up."""
    hundredths = (share * 200 + 1) // 2
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)
