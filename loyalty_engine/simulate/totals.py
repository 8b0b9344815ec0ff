"""Sums over many walks, and two of them held against each other. Amounts are base minor units; shares exact ratios."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from loyalty_engine.ledger import EntryKind
from loyalty_engine.money import decimal_from_minor
from loyalty_engine.programme.model import Programme, RewardKind
from loyalty_engine.simulate.walker import Walk

NOT_REPLAYED = ("adjustments", "holds", "merges", "imported_balances", "rewards_that_are_no_amount")
"""What a replay leaves out: what people did by hand follows no rule, and only money off is redeemed again."""
CREDIT = (EntryKind.EARN, EntryKind.BONUS, EntryKind.CLAWBACK)


def face_value(programme: Programme) -> Fraction:
    """Base minor units that one point buys with the smallest reward; 0 if points buy no money off."""
    rates = [
        (reward.points, Fraction(reward.values[programme.base_currency], reward.points))
        for reward in programme.rewards
        if reward.kind in (RewardKind.AMOUNT, RewardKind.SLIDER)
        and reward.points
        and programme.base_currency in reward.values
    ]
    return min(rates)[1] if rates else Fraction(0)


@dataclass(slots=True)
class Totals:
    """What a programme would have given, taken and cost. curve: change of outstanding points by month."""

    currency: str
    value: Fraction
    members: int = 0
    orders: int = 0
    revenue_minor: int = 0
    cost_minor: int = 0
    activities: int = 0
    redemptions: int = 0
    redeemers: int = 0
    points: int = 0
    earned: int = 0
    redeemed: int = 0
    expired: int = 0
    tiers: Counter[str] = field(default_factory=Counter)
    badges: Counter[str] = field(default_factory=Counter)
    curve: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, programme: Programme) -> Totals:
        """Empty totals in a programme's currency, points valued by its rewards."""
        return cls(programme.base_currency, face_value(programme))

    def add(self, walk: Walk) -> None:
        """One member more."""
        self.members += 1
        self.orders += walk.orders
        self.revenue_minor += walk.revenue_minor
        self.cost_minor += walk.cost_minor
        self.activities += walk.activities
        self.redemptions += walk.redemptions
        self.redeemers += walk.redemptions > 0
        self.points += walk.points
        self.earned += sum(walk.moved(kind) for kind in CREDIT)
        self.redeemed -= walk.moved(EntryKind.REDEEM) + walk.moved(EntryKind.REINSTATE)
        self.expired -= walk.moved(EntryKind.EXPIRE)
        if walk.tier:
            self.tiers[walk.tier] += 1
        for badge, level in walk.badges:
            self.badges[f"{badge}:{level}"] += 1
        for (month, _), points in walk.months.items():
            self.curve[month] += points

    @property
    def liability_minor(self) -> int:
        """What the outstanding points are worth at face value, rounded down."""
        return int(self.points * self.value)

    def outstanding(self) -> list[tuple[str, int, int]]:
        """(month, points outstanding at its end, their face value), oldest first."""
        found, total = [], 0
        for month in sorted(self.curve):
            total += self.curve[month]
            found.append((month, total, int(total * self.value)))
        return found

    def document(self) -> dict[str, Any]:
        """The whole as JSON-able data; amounts as decimal strings, shares in percent with two places."""
        return {
            "members": self.members,
            "orders": self.orders,
            "activities": self.activities,
            "not_replayed": list(NOT_REPLAYED),
            "currency": self.currency,
            "revenue": decimal_from_minor(self.revenue_minor, self.currency),
            "reward_cost": decimal_from_minor(self.cost_minor, self.currency),
            "reward_cost_percent": percent(self.cost_minor, self.revenue_minor),
            "points": {
                "earned": self.earned,
                "redeemed": self.redeemed,
                "expired": self.expired,
                "outstanding": self.points,
                "redeemed_percent": percent(self.redeemed, self.earned),
                "expired_percent": percent(self.expired, self.earned),
                "outstanding_percent": percent(self.points, self.earned),
            },
            "redemptions": self.redemptions,
            "redeemers": self.redeemers,
            "redeemers_percent": percent(self.redeemers, self.members),
            "liability": decimal_from_minor(self.liability_minor, self.currency),
            "liability_percent": percent(self.liability_minor, self.revenue_minor),
            "tiers": dict(sorted(self.tiers.items())),
            "badges": dict(sorted(self.badges.items())),
            "liability_curve": [
                {"month": month, "points": points, "value": decimal_from_minor(value, self.currency)}
                for month, points, value in self.outstanding()
            ],
        }


@dataclass(slots=True)
class Comparison:
    """The programme as it is against another one, member by member. Gains are what a member's points and rewards are
    worth, in base minor units.
    """

    before: Totals
    after: Totals
    winners: Counter[str] = field(default_factory=Counter)
    losers: Counter[str] = field(default_factory=Counter)
    same: Counter[str] = field(default_factory=Counter)
    gained_minor: Counter[str] = field(default_factory=Counter)
    lost_minor: Counter[str] = field(default_factory=Counter)
    moved: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, before: Walk, after: Walk) -> None:
        """One member under both; counted by the tier they have before."""
        self.before.add(before)
        self.after.add(after)
        difference = self._worth(after, self.after) - self._worth(before, self.before)
        tier = before.tier or "none"
        if difference > 0:
            self.winners[tier] += 1
            self.gained_minor[tier] += difference
        elif difference < 0:
            self.losers[tier] += 1
            self.lost_minor[tier] -= difference
        else:
            self.same[tier] += 1
        if before.tier != after.tier:
            self.moved[before.tier or "none", after.tier or "none"] += 1

    @staticmethod
    def _worth(walk: Walk, totals: Totals) -> int:
        return walk.cost_minor + int(max(0, walk.points) * totals.value)

    def document(self) -> dict[str, Any]:
        """Both totals, and who wins and loses by tier."""
        currency = self.before.currency
        tiers = sorted({*self.winners, *self.losers, *self.same})
        return {
            "before": self.before.document(),
            "after": self.after.document(),
            "by_tier": {
                tier: {
                    "winners": self.winners[tier],
                    "losers": self.losers[tier],
                    "same": self.same[tier],
                    "gained": decimal_from_minor(self.gained_minor[tier], currency),
                    "lost": decimal_from_minor(self.lost_minor[tier], currency),
                }
                for tier in tiers
            },
            "tier_changes": [
                {"from": before, "to": after, "members": count} for (before, after), count in sorted(self.moved.items())
            ],
        }


def percent(part: int, whole: int) -> str:
    """``part`` of ``whole`` in percent with two decimal places, rounded half up, as text; "0.00" of nothing."""
    if whole <= 0:
        return "0.00"
    hundredths = (abs(part) * 20_000 + whole) // (2 * whole)
    return f"{'-' if part < 0 else ''}{hundredths // 100}.{hundredths % 100:02d}"
