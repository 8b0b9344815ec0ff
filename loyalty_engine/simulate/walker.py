"""Replays one member's facts in the order of time, through ``decide``, ``commands`` and ``review``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from loyalty_engine.commands import arm, expire_lots, redeem, used
from loyalty_engine.decide import decide
from loyalty_engine.decision import Review
from loyalty_engine.expiry import LotEnd
from loyalty_engine.facts import Activity, OrderState, OrderStatus
from loyalty_engine.goods import goods_kept
from loyalty_engine.ledger import EntryKind, NewEntry
from loyalty_engine.lots import available
from loyalty_engine.member import MemberState, Redemption, RedemptionState, SourceState
from loyalty_engine.money import allocate
from loyalty_engine.programme.model import Programme, Reward, RewardKind, Rulebook
from loyalty_engine.review import review
from loyalty_engine.simulate.account import Account
from loyalty_engine.simulate.phases import phases
from loyalty_engine.tier_path import Path, never_rises
from loyalty_engine.tiers import tier_changes


class Habit(StrEnum):
    """How shoppers are taken to redeem; nothing else about them changes."""

    NEVER = "never"
    SOON = "soon"
    """As soon as a reward is affordable, one for each order: the highest cost that the history allows."""
    RECORDED = "recorded"
    """On the orders on which they really did."""


@dataclass(frozen=True, slots=True)
class History:
    """One member's facts. orders and activities as they are known now; redeemed_on: sources of the orders on which a
    reward was used.
    """

    member_id: str
    enrolled_at: datetime
    orders: Sequence[OrderState]
    activities: Sequence[Activity] = ()
    redeemed_on: frozenset[str] = frozenset()


@dataclass(slots=True)
class Walk:
    """What came of one member under one programme. months: points by (month, kind), months as ``2026-11``.

    revenue_minor, cost_minor: in the base currency; goods paid for and kept, and what rewards took off their orders.
    points: what is left at the end. badges: (badge, level) held.
    """

    member_id: str
    orders: int = 0
    revenue_minor: int = 0
    cost_minor: int = 0
    activities: int = 0
    redemptions: int = 0
    points: int = 0
    tier: str = ""
    badges: tuple[tuple[str, str], ...] = ()
    months: dict[tuple[str, str], int] = field(default_factory=dict)

    def moved(self, kind: EntryKind) -> int:
        """Points moved by entries of a kind, signed."""
        return sum(points for (_, name), points in self.months.items() if name == kind.value)


@dataclass(frozen=True, slots=True)
class Earned:
    """What one source gave. tier: held when it was paid; empty in a programme without tiers."""

    points: int
    tier: str


def walk(history: History, rulebook: Rulebook, until: datetime, habit: Habit = Habit.NEVER) -> Walk:
    """Replay a history from enrolment until ``until``. The same history gives the same walk."""
    return _walked(history, rulebook, until, habit).result(until)


def earned_by_source(history: History, rulebook: Rulebook, until: datetime) -> Mapping[str, Earned]:
    """The same replay, source by source: each under the tier to which those before it led. What was taken back again
    is not less earned. A source that never qualified is missing.
    """
    walker = _walked(history, rulebook, until, Habit.NEVER)
    contexts = walker.account.state.contexts
    return {ref: Earned(walker.earned.get(ref, 0), context.tier or "") for ref, context in contexts.items()}


def _walked(history: History, rulebook: Rulebook, until: datetime, habit: Habit) -> _Walker:
    walker = _Walker(history, rulebook, habit)
    for at, source in _moments(history, until):
        walker.live(at, source)
    walker.wait(until)
    return walker


def _moments(history: History, until: datetime) -> list[tuple[datetime, OrderState | Activity]]:
    moments: list[tuple[datetime, OrderState | Activity]] = []
    for order in history.orders:
        moments += phases(order)
    moments += [(activity.occurred_at, activity) for activity in history.activities]
    return sorted((moment for moment in moments if moment[0] <= until), key=lambda moment: moment[0])


class _Walker:
    def __init__(self, history: History, rulebook: Rulebook, habit: Habit) -> None:
        self.history = history
        self.rulebook = rulebook
        self.habit = habit
        self.walk = Walk(history.member_id)
        state = MemberState(history.member_id, history.enrolled_at)
        self.zone = ZoneInfo(rulebook.versions[-1].timezone)
        self.account = Account(state, rulebook, self.zone, self._note)
        self.taken_off: dict[str, int] = {}
        self.earned: dict[str, int] = {}
        self._settled: dict[str, OrderState] = {}
        self.first_tier = next((tier.tier_id for tier in rulebook.versions[-1].tiers), None)
        self.has_tiers = any(len(version.tiers) > 1 for version in rulebook.versions)

    def _note(self, entry: NewEntry) -> None:
        key = (f"{entry.book_date:%Y-%m}", entry.kind.value)
        self.walk.months[key] = self.walk.months.get(key, 0) + entry.points
        if entry.kind is EntryKind.EARN:
            self.earned[entry.source_ref] = self.earned.get(entry.source_ref, 0) + entry.points

    # --- time ---

    def wait(self, until: datetime) -> None:
        """Let time pass: what ends by then ends at its moment. The tier is looked at once, at the end: its path follows
        from the rows, and nobody looked in between. Nothing ends in a pause that lasts.
        """
        while (due := self._next_end()) is not None and (at := self._awake(due)) is not None and at <= until:
            self._expire(at)
        if self.has_tiers:
            self._look_at_tier(until)

    def _awake(self, at: datetime) -> datetime | None:
        """Then, or when the pause is over in which it falls; None if that lasts."""
        for pause in self.rulebook.pauses:
            if pause.begins_at <= at and (pause.ends_at is None or at < pause.ends_at):
                return pause.ends_at
        return at

    def _rules(self, at: datetime) -> Rulebook:
        """The rules with the pauses that were over by then: of a later one nobody knew, and it is counted when it is
        over, not when points are given.
        """
        if not self.rulebook.pauses:
            return self.rulebook
        over = tuple(one for one in self.rulebook.pauses if one.ends_at is not None and one.ends_at <= at)
        return replace(self.rulebook, pauses=over)

    def _look_at_tier(self, now: datetime) -> None:
        account, state = self.account, self.account.state
        rows = account.counter_rows()
        if state.tiers and state.tiers[-1].tier == self.first_tier and never_rises(rows, self.rulebook):
            return
        path = Path(rows, self.rulebook, account.day(state.enrolled_at), now)
        if changes := tier_changes(state.tiers, path, state.enrolled_at, now):
            account.apply_review(Review(state.member_id, tiers=changes))

    def _next_end(self) -> datetime | None:
        ends = [lot.nominal_at for lot in self.account.state.lots if lot.remaining and lot.nominal_at is not None]
        return min(ends, default=None)

    def _expire(self, now: datetime) -> None:
        """Every reminder is taken to have been sent in time, as the mail of a shop that works would."""
        policy = self.rulebook.in_force(now).expiry
        lead = timedelta(days=max([*policy.remind_days, 7]))
        account = self.account
        told = [
            LotEnd(lot.n, lot.nominal_at, lot.remaining)
            for lot in account.state.lots
            if lot.remaining and lot.nominal_at is not None and lot.nominal_at <= now and lot.expires_at is None
        ]
        if told:
            given_at = min(end.nominal_at for end in told) - lead
            account.apply(arm(account.state, told, given_at, self._rules(now), account.moment(now)))
        account.apply(expire_lots(account.state, self._rules(now), account.moment(now)))

    # --- what happens ---

    def live(self, at: datetime, fact: OrderState | Activity) -> None:
        """One new state of one source."""
        self.wait(at)
        if isinstance(fact, OrderState):
            fact = self._with_reward(fact, at)
            source = SourceState(fact.source_ref, fact, belongs=True)
            self._settled[fact.source_ref] = fact
        else:
            source = SourceState(fact.source_ref, None, belongs=True, activity=fact)
            self.walk.activities += 1
        self.account.apply(decide(self.account.state, [source], self._rules(at), self.account.moment(at)))

    def _review(self, now: datetime) -> None:
        account = self.account
        account.apply_review(
            review(
                account.state,
                account.counter_rows(),
                account.badges,
                account.levels,
                self.rulebook,
                account.moment(now),
            )
        )

    # --- redeeming ---

    def _with_reward(self, order: OrderState, at: datetime) -> OrderState:
        """The order as it would have been paid with a reward, if the habit has one; later states keep it."""
        if order.source_ref not in self.taken_off:
            self.taken_off[order.source_ref] = self._redeem(order, at) if self._wants(order) else 0
        taken = self.taken_off[order.source_ref]
        return _cheaper(order, taken) if taken else order

    def _wants(self, order: OrderState) -> bool:
        if self.habit is Habit.RECORDED:
            return order.source_ref in self.history.redeemed_on
        return self.habit is Habit.SOON

    def _redeem(self, order: OrderState, at: datetime) -> int:
        programme = self.rulebook.in_force(at)
        state = self.account.state
        deficit = sum(debt.unpaid for debt in state.debts)
        points = available(state.lots, deficit, at)
        goods = goods_kept(order).minor
        reward = best_affordable(programme, points, goods, order.currency)
        if reward is None:
            return 0
        self.walk.redemptions += 1
        redemption = _redemption(reward, f"{self.walk.redemptions:032x}", order, programme, at)
        account = self.account
        account.apply(redeem(state, redemption, self._rules(at), account.moment(at)))
        account.apply(
            used(account.state, redemption.redemption_id, order.source_ref, self._rules(at), account.moment(at))
        )
        return redemption.value_minor

    # --- what came of it ---

    def result(self, until: datetime) -> Walk:
        """The whole, once everything was lived."""
        self._review(until)
        programme = self.rulebook.in_force(until)
        walk, state = self.walk, self.account.state
        for order in self._settled.values():
            if order.status is OrderStatus.PAID:
                walk.orders += 1
                kept = goods_kept(order)
                taken = self.taken_off.get(order.source_ref, 0)
                walk.revenue_minor += _in_base(programme, kept.minor, order.currency)
                walk.cost_minor += _in_base(programme, taken * kept.minor // max(1, kept.ordered_minor), order.currency)
        walk.points = state.points
        walk.tier = state.tiers[-1].tier if state.tiers else ""
        walk.badges = _held(self.account)
        return walk


def best_affordable(programme: Programme, points: int, goods_minor: int, currency: str) -> Reward | None:
    """The largest money-off reward that the points and the order allow."""
    fitting = [
        reward
        for reward in programme.rewards
        if reward.kind is RewardKind.AMOUNT
        and reward.points <= points
        and 0 < reward.values.get(currency, 0) <= goods_minor
        and _in_base(programme, goods_minor, currency) >= reward.minimum_order_minor
    ]
    return max(fitting, key=lambda reward: (reward.values[currency], -reward.points), default=None)


def _redemption(reward: Reward, number: str, order: OrderState, programme: Programme, at: datetime) -> Redemption:
    return Redemption(
        redemption_id=number,
        reward_id=reward.reward_id,
        kind=reward.kind.value,
        state=RedemptionState.REQUESTED,
        points=reward.points,
        programme_version=programme.version,
        created_at=at,
        updated_at=at,
        value_minor=reward.values[order.currency],
        currency=order.currency,
        minimum_order_minor=reward.minimum_order_minor,
        place=int(number, 16),
    )


def _cheaper(order: OrderState, taken_minor: int) -> OrderState:
    """The same order with so much less paid for its goods."""
    shares = allocate(min(taken_minor, sum(line.net_minor for line in order.lines)), [x.net_minor for x in order.lines])
    lines = tuple(
        replace(line, net_minor=line.net_minor - share) for line, share in zip(order.lines, shares, strict=True)
    )
    return replace(order, lines=lines, total_minor=max(0, order.total_minor - sum(shares)))


def without_reward(order: OrderState, taken_minor: int) -> OrderState:
    """An order as it would have been paid without a reward that took so much off its goods."""
    if not taken_minor or not order.lines:
        return order
    nets = [line.net_minor for line in order.lines]
    shares = allocate(taken_minor, nets if any(nets) else [1] * len(nets))
    lines = tuple(
        replace(line, net_minor=line.net_minor + share) for line, share in zip(order.lines, shares, strict=True)
    )
    return replace(order, lines=lines, total_minor=order.total_minor + taken_minor)


def _in_base(programme: Programme, minor: int, currency: str) -> int:
    if currency == programme.base_currency:
        return minor
    rate = programme.base_rates.get(currency)
    return minor * rate.numerator // rate.denominator if rate else 0


def _held(account: Account) -> tuple[tuple[str, str], ...]:
    last: Mapping[tuple[str, str], tuple[str, str]] = {
        (change.badge, change.award_key): (change.level, change.state.value) for change in account.badges
    }
    held: Iterable[tuple[str, str]] = (
        (badge, level) for (badge, _), (level, state) in last.items() if state == "awarded"
    )
    return tuple(sorted(held))
