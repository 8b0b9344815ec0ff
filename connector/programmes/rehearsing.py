"""What a programme would have given to a shop's own customers, before it begins: some of them, drawn by chance when the
shop's orders were counted, are walked through their last year by the code that decides every day. Nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from connector.programmes.simulation import paid_order
from connector.storage.figures import Bought
from loyalty_engine.facts import Activity, ActivityStatus
from loyalty_engine.ledger import EntryKind
from loyalty_engine.programme import Programme, Rulebook
from loyalty_engine.programme.model import RewardKind
from loyalty_engine.programme.returns import returns
from loyalty_engine.simulate import Habit, History, Walk, walk

BEST = 5
JOINING = ("joined", "email_confirmed")


@dataclass(frozen=True, slots=True)
class Customer:
    """One who spent most, not named."""

    orders: int
    spent_minor: int
    points: int
    tier: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """people: who were asked; spent_minor: what all customers of whom anything is known spent in so many days. points:
    what one of them got on average. cost: share of what was spent that money off took, had everybody used it as soon as
    they could; None where points buy no money off. most: share that all points given are worth, whether used or not.
    tiers: how many of people would stand in each.
    """

    people: int
    days: int
    spent_minor: int
    points: Fraction
    cost: Fraction | None
    most: Fraction
    tiers: Mapping[str, int]
    best: Sequence[Customer]

    def of_all(self, share: Fraction) -> int:
        """Minor units of what all customers spent."""
        return int(share * self.spent_minor)


def rehearse(bought: Bought, programme: Programme, now: datetime) -> Rehearsed:
    """Everybody takes part from their first order on. programme: in force for all that time."""
    rulebook = Rulebook((programme,))
    walks = [
        walk(_history(bought.currency, number, orders, now), rulebook, now, Habit.SOON)
        for number, orders in enumerate(bought.sample)
    ]
    spent = max(1, sum(one.revenue_minor for one in walks))
    given = sum(map(_given, walks))
    worth = _worth(programme)
    has_money_off = any(reward.kind is RewardKind.AMOUNT for reward in programme.rewards)
    best = sorted(walks, key=lambda one: one.revenue_minor, reverse=True)[:BEST]
    return Rehearsed(
        len(walks),
        bought.days,
        bought.known_minor,
        Fraction(given, max(1, len(walks))),
        Fraction(sum(one.cost_minor for one in walks), spent) if has_money_off else None,
        given * worth / spent,
        Counter(one.tier for one in walks if one.tier),
        [Customer(one.orders, one.revenue_minor, _given(one), one.tier) for one in best],
    )


def _history(currency: str, number: int, orders: Sequence[tuple[int, int]], now: datetime) -> History:
    who, states = str(number), []
    for place, (days_ago, minor) in enumerate(orders):
        # Several orders of one day keep their order.
        at = now - timedelta(days=days_ago, microseconds=len(orders) - place)
        states.append(paid_order(f"file:0:order:{number}-{place}", who, currency, minor, at))
    first = states[0].created_at
    joined = [
        Activity(f"belong:{kind}:{who}", who, kind, ActivityStatus.APPROVED, first, first, who) for kind in JOINING
    ]
    return History(who, first, states, joined)


def _given(one: Walk) -> int:
    return sum(one.moved(kind) for kind in (EntryKind.EARN, EntryKind.BONUS, EntryKind.CLAWBACK))


def _worth(programme: Programme) -> Fraction:
    """The most minor units that a point buys."""
    found = {one.reward_id for one in returns(programme)}
    values = [
        Fraction(reward.values[programme.base_currency], reward.points)
        for reward in programme.rewards
        if reward.reward_id in found
    ]
    return max(values, default=Fraction(0))
