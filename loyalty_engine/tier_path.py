"""The path of one member through the tiers, day by day: a pure function of counter rows, rulebook and day.

No recorded change is read here, so it is of no matter when or how often somebody looked: a late order, a refund or a
missed night give the path that would have been. It goes on into the future as if nothing more happened, which tells
until when a tier is safe. What was set by hand is laid over it in ``tiers``.

Up at once. Down when ``keep_months`` have passed since the tier was last met, then ``grace_days``, then only below the
low-water mark, ``soft_landing`` levels in one day; the lower tier is kept for as long again. On the day on which an
edited version begins, old and new thresholds count, and for whoever had begun the old ones count for ``freeze_days``;
nobody falls before grace has ended.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate, pairwise

from loyalty_engine.counters import CounterRow
from loyalty_engine.days import DAY, leaves_after, local_day
from loyalty_engine.programme.model import Programme, Rulebook, Threshold, Tier, TiersPolicy, TierWindow
from loyalty_engine.records import record

METRICS = ("tier_points", "spend", "orders")


@record
class Reading:
    """A number of the member against what it is measured by."""

    metric: str = ""
    value: int = 0
    threshold: int = 0

    @property
    def missing(self) -> int:
        return max(0, self.threshold - self.value)


@record
class Step:
    """One change of the path at the beginning of ``day``. version: of the programme then. reading: what caused it."""

    day: date
    tier: str
    up: bool
    version: int
    reading: Reading


class Totals:
    """What a member's rows amount to on any day, under one window."""

    def __init__(self, rows: Iterable[CounterRow], policy: TiersPolicy) -> None:
        moves: dict[str, dict[date, int]] = {metric: {} for metric in METRICS}
        for row in rows:
            days = moves.get(row.counter)
            if days is not None and row.value:
                days[row.day] = days.get(row.day, 0) + row.value
                end = _leaves(row.day, policy)
                if end is not None:
                    days[end] = days.get(end, 0) - row.value
        self._days = {metric: sorted(days) for metric, days in moves.items()}
        self._sums = {metric: list(accumulate(moves[metric][day] for day in self._days[metric])) for metric in METRICS}

    def value(self, metric: str, day: date) -> int:
        """At the end of that day."""
        place = bisect_right(self._days[metric], day)
        return self._sums[metric][place - 1] if place else 0

    def highest(self, metric: str) -> int:
        """The most that it ever comes to."""
        return max(self._sums[metric], default=0)

    def turns(self, metrics: Iterable[str] = METRICS) -> Iterator[date]:
        """Days on which a value changes."""
        for metric in metrics:
            yield from self._days[metric]

    def stands_until(self, metric: str, day: date) -> date | None:
        """First day on which the value falls if nothing is added; None if time takes nothing from it."""
        place = bisect_right(self._days[metric], day)
        sums = self._sums[metric]
        now = sums[place - 1] if place else 0
        return next((self._days[metric][n] for n in range(place, len(sums)) if sums[n] < now), None)


def _leaves(day: date, policy: TiersPolicy) -> date | None:
    if policy.window is TierWindow.LIFETIME:
        return None
    if policy.window is TierWindow.CALENDAR_YEAR:
        return date(day.year + 1, 1, 1)
    return leaves_after(day, policy.window_months)


@record
class Era:
    """From ``start`` on one version rules over tiers.

    safe_until: nobody falls before it, for thresholds were edited. end: day on which the next era begins; on it the
    thresholds of both count. counts_until: first day on which those of this one count for nobody any more.
    """

    start: date
    programme: Programme
    totals: Totals
    end: date
    counts_until: date
    safe_until: date

    @property
    def tiers(self) -> tuple[Tier, ...]:
        return self.programme.tiers

    @property
    def policy(self) -> TiersPolicy:
        return self.programme.tiers_policy


def same_ladder(one: Programme, other: Programme) -> bool:
    """Whether two versions let the same members into the same tiers. Names and benefits are of no matter."""
    rungs = [[(tier.tier_id, tier.ways, tier.invite_only) for tier in programme.tiers] for programme in (one, other)]
    return rungs[0] == rungs[1] and one.tiers_policy == other.tiers_policy


def never_rises(rows: Iterable[CounterRow], rulebook: Rulebook) -> bool:
    """Whether nobody with these rows ever leaves the first tier, by their sums alone. False where only the path can
    tell: always under more than one version.
    """
    if len(rulebook.versions) > 1:
        return False
    sums: dict[str, int] = {}
    for row in rows:
        if row.value > 0:
            sums[row.counter] = sums.get(row.counter, 0) + row.value
    ways = [way for tier in rulebook.versions[0].tiers for way in tier.ways]
    return all(sums.get(way.metric, 0) < way.at_least for way in ways)


class Path:
    """The whole path under a rulebook, as known at ``now``."""

    def __init__(self, rows: Sequence[CounterRow], rulebook: Rulebook, joined: date, now: datetime) -> None:
        self.today = local_day(now, rulebook.in_force(now).timezone)
        self.eras = _eras(rows, rulebook, now, self.today)
        self.start = min([joined, *(row.day for row in rows if row.counter in METRICS)])
        self.steps = tuple(_Walk(self.eras, self.start).steps())

    def era(self, day: date) -> Era:
        """What ruled at the end of a day."""
        return self.eras[_era_number(self.eras, day)]

    def step(self, day: date) -> Step | None:
        """The step that brought the tier held on a day; None in a programme without tiers."""
        past = [step for step in self.steps if step.day <= day]
        return past[-1] if past else None

    def turns(self, after: date) -> set[date]:
        """Days after one on which numbers, rules or promises change, and with them perhaps the tier."""
        days = {step.day for step in self.steps}
        for era in self.eras:
            days.update(era.totals.turns())
            days.update((era.start, era.counts_until, era.safe_until))
            if date.min < era.start:
                days.add(era.start + DAY)
        return {day for day in days if after < day < date.max}

    def lost_on(self, day: date) -> date | None:
        """When what is held on ``day`` will be lost, if nothing more is added; None if never by time."""
        later = next((step for step in self.steps if step.day > day), None)
        return later.day if later is not None and not later.up else None

    def height(self, tier: str, day: date) -> int:
        """Where a tier stands among those of a day: twice its rank; one that is gone just above what was below it."""
        return _height(self.eras, _era_number(self.eras, day), tier)

    def readings(self, tier: str, day: date) -> list[Reading]:
        """Every way into a tier and the member's number at the end of a day. Promised old thresholds are ways too."""
        return list(_readings(self.eras, _era_number(self.eras, day), tier, day))

    def nearest(self, tier: str, day: date) -> Reading:
        """The way into a tier that a member is nearest to, at the end of a day."""
        return _nearest(self.readings(tier, day))


def _era_number(eras: Sequence[Era], day: date) -> int:
    if len(eras) == 1:
        return 0
    return max(0, bisect_right([era.start for era in eras], day) - 1)


def _eras(rows: Sequence[CounterRow], rulebook: Rulebook, now: datetime, today: date) -> list[Era]:
    """One for each version that rules at some time. What begins later today begins tomorrow: it does not count yet."""
    first, *moments = sorted({programme.effective_from for programme in rulebook.versions})
    starts: list[tuple[date, Programme]] = [(date.min, rulebook.in_force(first))]
    for moment in moments:
        programme = rulebook.in_force(moment)
        start = local_day(moment, programme.timezone)
        starts.append((start if moment <= now else max(start, today + DAY), programme))
    totals: dict[tuple[TierWindow, int], Totals] = {}
    eras: list[Era] = []
    safe_until = date.min
    for number, (start, programme) in enumerate(starts):
        policy = programme.tiers_policy
        window = (policy.window, policy.window_months)
        if window not in totals:
            totals[window] = Totals(rows, policy)
        if number and not same_ladder(starts[number - 1][1], programme):
            grace = max(policy.grace_days, starts[number - 1][1].tiers_policy.grace_days)
            safe_until = max(safe_until, start + timedelta(days=grace))
        end, following = starts[number + 1] if number + 1 < len(starts) else (date.max, programme)
        eras.append(Era(start, programme, totals[window], end, _counts_until(end, programme, following), safe_until))
    return eras


def _counts_until(end: date, programme: Programme, following: Programme) -> date:
    """First day on which the thresholds of a version count for nobody any more."""
    if end == date.max or same_ladder(programme, following):
        return end
    return end + max(DAY, timedelta(days=following.tiers_policy.freeze_days))


def _height(eras: Sequence[Era], number: int, tier: str) -> int:
    for here in eras[number].tiers:
        if here.tier_id == tier:
            return 2 * here.rank
    ranks = {here.tier_id: here.rank for here in eras[number].tiers}
    for era in reversed(eras[:number]):
        ladder = [here.tier_id for here in era.tiers]
        if tier in ladder:
            below = [ranks[name] for name in ladder[: ladder.index(tier)] if name in ranks]
            return 2 * max(below, default=0) + 1
    return 0


def _readings(eras: Sequence[Era], number: int, tier: str, day: date) -> Iterator[Reading]:
    """Every way to a tier that counts on a day, with the member's number."""
    for era in eras[:number]:
        if day < era.counts_until:
            for way in _ways(era, tier):
                if day == era.end or era.totals.value(way.metric, era.end - DAY) > 0:
                    yield Reading(way.metric, era.totals.value(way.metric, day), way.at_least)
    era = eras[number]
    for way in _ways(era, tier):
        yield Reading(way.metric, era.totals.value(way.metric, day), way.at_least)


def _ways(era: Era, tier: str) -> tuple[Threshold, ...]:
    for here in era.tiers:
        if here.tier_id == tier and not here.invite_only:
            return here.ways
    return ()


def _nearest(readings: Sequence[Reading]) -> Reading:
    """A way that is met before one that is not; then the one with the largest part of its threshold."""
    best = Reading()
    for reading in readings:
        if not best.metric or reading.value * best.threshold > best.value * reading.threshold:
            best = reading
    return best


class _Walk:
    """Walks once over the stretches of days in which nothing changes."""

    def __init__(self, eras: Sequence[Era], start: date) -> None:
        self.eras = eras
        self.start = start
        self.tier: str | None = None
        self.unmet_from = start
        self.may_fall_on = start

    def _stretches(self) -> Iterator[tuple[date, date]]:
        """Half open; the last one never ends."""
        turns = {self.start}
        asked = {way.metric for era in self.eras for tier in era.tiers for way in tier.ways}
        for era in self.eras:
            turns.update(era.totals.turns(asked))
            turns.update((era.start, era.counts_until, era.safe_until))
            if date.min < era.start:
                turns.add(era.start + DAY)
        days = sorted(day for day in turns if self.start <= day < date.max)
        yield from pairwise([*days, date.max])

    def steps(self) -> Iterator[Step]:
        if len(self.eras) == 1 and self.eras[0].tiers and not self._ever_rises():
            yield self._move(self.start, self.eras[0].tiers[0].tier_id, True, 0, Reading())
            return
        for first, end in self._stretches():
            number = _era_number(self.eras, first)
            if not self.eras[number].tiers:
                self.tier = None
                continue
            if self.tier is None:
                yield self._move(first, self.eras[number].tiers[0].tier_id, True, number, Reading())
            met = self._highest_met(first, number)
            if met is not None and 2 * met[0].rank > _height(self.eras, number, self.tier or ""):
                yield self._move(first, met[0].tier_id, True, number, met[1])
            yield from self._fall(first, end, number, 2 * met[0].rank if met is not None else 0)

    def _ever_rises(self) -> bool:
        """Under one version, for most members of a shop: none of their numbers ever meets anything."""
        era = self.eras[0]
        return any(era.totals.highest(way.metric) >= way.at_least for tier in era.tiers for way in tier.ways)

    def _move(self, day: date, tier: str, up: bool, number: int, reading: Reading) -> Step:
        self.tier = tier
        self.unmet_from = day
        self.may_fall_on = day + DAY
        return Step(day, tier, up, self.eras[number].programme.version, reading)

    def _highest_met(self, day: date, number: int) -> tuple[Tier, Reading] | None:
        """The highest tier above the first that any of its ways gives on a day, and that way; None if there is none."""
        for tier in reversed(self.eras[number].tiers[1:]):
            for reading in _readings(self.eras, number, tier.tier_id, day):
                if reading.value >= reading.threshold:
                    return tier, reading
        return None

    def _fall(self, first: date, end: date, number: int, floor: int) -> Iterator[Step]:
        """Down as far as time takes the tier before ``end``. floor: height of the highest tier that is met."""
        era = self.eras[number]
        while (held := _height(self.eras, number, self.tier or "")) > floor:
            day = max(first, self._ends(held, era))
            if day >= end or self._above_water(first, number):
                return
            reading = _nearest(list(_readings(self.eras, number, self.tier or "", first)))
            yield self._move(day, _landing(era, held, floor), False, number, reading)
        self.unmet_from = end

    def _ends(self, held: int, era: Era) -> date:
        """First day on which time may take the tier. One that the programme has no more is only kept for grace."""
        if held % 2:
            return max(era.safe_until, self.may_fall_on)
        kept = leaves_after(self.unmet_from, era.policy.keep_months) + timedelta(days=era.policy.grace_days)
        return max(kept, era.safe_until, self.may_fall_on)

    def _above_water(self, first: date, number: int) -> bool:
        percent = self.eras[number].policy.low_water_percent
        readings = _readings(self.eras, number, self.tier or "", first)
        return any(reading.value * 100 >= reading.threshold * percent for reading in readings)


def _landing(era: Era, held: int, floor: int) -> str:
    """The tier that a fall ends on: so many levels lower, never below what is met, never on one by invitation."""
    rank = max((held + 1) // 2 - max(1, era.policy.soft_landing), floor // 2)
    while rank > 0 and era.tiers[rank].invite_only:
        rank -= 1
    return era.tiers[rank].tier_id
