"""Badges: who holds which, why, and what is missing to the next.

A badge is held once for each award key: ever, in a month, in a year, for a product. Each key is looked at by itself, on
the rows of its period or thing, so a late or removed fact changes the month it belongs to. What no longer holds is
revoked by a row of its own, unless the badge ``keeps``. What a person gave or took stays as that person left it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from loyalty_engine import criteria
from loyalty_engine.counters import THINGS, CounterRow, Standing, Tally, unreported
from loyalty_engine.criteria import Missing, Votes
from loyalty_engine.days import DAY, first_of_month, month_of
from loyalty_engine.decision import Award, Held
from loyalty_engine.errors import Refused
from loyalty_engine.member import BadgeChange, BadgeState
from loyalty_engine.programme.model import Badge, BadgeLevel, Programme

LEVELS = ("bronze", "silver", "gold")
SYSTEM = "system"
Key = tuple[str, str]
"""A badge and an award key."""


@dataclass(frozen=True, slots=True)
class BadgeProgress:
    """How far a member is from a badge (or its next level). share: 0 to 1. missing: what must grow, and how far."""

    badge: str
    award_key: str
    level: str
    share: Fraction
    missing: tuple[Missing, ...]


def latest(history: Iterable[BadgeChange]) -> dict[Key, BadgeChange]:
    """The row that counts for each badge and award key."""
    return {(change.badge, change.award_key): change for change in history}


def held(history: Iterable[BadgeChange]) -> dict[Key, BadgeChange]:
    """What a member holds, by badge and award key."""
    return {key: change for key, change in latest(history).items() if change.state is BadgeState.AWARDED}


# --- award keys ---


def _year(number: int) -> tuple[str, date, date]:
    return f"{number:04}", date(number, 1, 1), date(number + 1, 1, 1)


def _month(number: int) -> tuple[str, date, date]:
    first = first_of_month(number)
    return f"{first:%Y-%m}", first, first_of_month(number + 1)


PERIODS: Mapping[str, tuple[Callable[[date], int], Callable[[int], tuple[str, date, date]]]] = {
    "year": (lambda day: day.year, _year),
    "month": (month_of, _month),
}


def award_key(per: str, day: date) -> str:
    """The key of an award on a day: ``2026``, ``2026-11``, or nothing for what is not bound to time."""
    if per not in PERIODS:
        return ""
    number, period = PERIODS[per]
    return period(number(day))[0]


def tallies(
    badge: Badge, rows: Sequence[CounterRow], standing: Standing, day: date, whole: Tally | None = None
) -> dict[str, Tally]:
    """What counts for each award key of a badge up to ``day``. whole: of all rows, for whoever asks for many badges."""
    if badge.season is not None:
        first, end = badge.season
        if day < first:
            return {}
        rows = [row for row in rows if first <= row.day < end]
        day = min(day, end - DAY)
    if badge.per == "once":
        return {"": whole if whole is not None and badge.season is None else Tally(rows, day, standing)}
    if badge.per in PERIODS:
        return dict(_by_period(badge, rows, standing, day))
    return dict(_by_thing(badge.per, rows, standing, day))


def _by_period(badge: Badge, rows: Sequence[CounterRow], standing: Standing, day: date) -> Iterator[tuple[str, Tally]]:
    number_of, period = PERIODS[badge.per]
    parts: dict[int, list[CounterRow]] = {number_of(day): []}
    for row in rows:
        if row.day <= day:
            parts.setdefault(number_of(row.day), []).append(row)
    for number, part in sorted(parts.items()):
        key, _, end = period(number)
        yield key, Tally(part, min(day, end - DAY), standing)


def _by_thing(thing: str, rows: Sequence[CounterRow], standing: Standing, day: date) -> Iterator[tuple[str, Tally]]:
    """One key for each product: everything of the orders, reviews and photos that have a row of it."""
    sources: dict[str, set[str]] = {}
    for row in rows:
        if row.counter in THINGS[thing] and row.key:
            sources.setdefault(row.key, set()).add(row.source_ref)
    for key, of_key in sorted(sources.items()):
        yield key, Tally((row for row in rows if row.source_ref in of_key), day, standing)


# --- awarding ---


def reached(badge: Badge, tally: Tally) -> BadgeLevel | None:
    """The highest level whose rule holds."""
    return next((level for level in reversed(badge.levels) if criteria.holds(level.rule, tally)), None)


def rank_of(level: str | None) -> int:
    """0 for the lowest level; -1 for none."""
    return -1 if level is None else LEVELS.index(level)


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a member's badges: what all of them are measured by. verdicts: what a person said of awards that rest
    on mutual votes.
    """

    rows: Sequence[CounterRow]
    standing: Standing
    day: date
    now: datetime
    votes: Votes
    verdicts: Mapping[Award, bool] = field(default_factory=dict)


def badge_changes(
    history: Sequence[BadgeChange], programme: Programme, look: Look
) -> tuple[tuple[BadgeChange, ...], tuple[Held, ...]]:
    """The rows that make a member hold what the rows earn, and what waits for a person instead."""
    known = latest(history)
    n = history[-1].n if history else 0
    changes: list[BadgeChange] = []
    waiting: list[Held] = []
    whole = Tally(look.rows, look.day, look.standing)
    for badge in programme.badges:
        if badge.manual:
            continue
        parts = tallies(badge, look.rows, look.standing, look.day, whole)
        keys = {*parts, *(key for name, key in known if name == badge.badge_id)}
        for key in sorted(keys):
            tally = parts.get(key) or Tally((), look.day, look.standing)
            earned = reached(badge, tally) if key in parts else None
            change = _Change(badge, key, known.get((badge.badge_id, key)), tally, programme.version, look.now)
            if earned and change.is_rise(earned) and criteria.rests_on_votes(earned.rule) and look.votes.suspicious:
                numbers = {"mutual": look.votes.mutual, "received": look.votes.received}
                unsure = Held(badge.badge_id, earned.level, "votes-mutual", numbers, key)
                verdict = look.verdicts.get(unsure.award)
                waiting += [unsure] if verdict is None else []
                if not verdict:
                    continue
            for row in change.rows(earned, n + len(changes)):
                changes.append(row)
    return tuple(changes), tuple(waiting)


@dataclass(frozen=True, slots=True)
class _Change:
    """From what is held of one badge and key to what is earned."""

    badge: Badge
    key: str
    last: BadgeChange | None
    tally: Tally
    version: int
    now: datetime

    @property
    def _held(self) -> str | None:
        return self.last.level if self.last is not None and self.last.state is BadgeState.AWARDED else None

    @property
    def _by_hand(self) -> bool:
        return self.last is not None and self.last.actor != SYSTEM

    def is_rise(self, earned: BadgeLevel) -> bool:
        """Whether the earned level is to be awarded: above what is held, and above what a person took away."""
        if self._held is not None:
            return rank_of(earned.level) > rank_of(self._held)
        taken = self.last.level if self.last is not None and self._by_hand else None
        return taken is None or rank_of(earned.level) > rank_of(taken)

    def rows(self, earned: BadgeLevel | None, n: int) -> Iterator[BadgeChange]:
        """At most two: revoking a level, and awarding a lower one that still holds."""
        if earned is not None and self.is_rise(earned):
            yield self._row(n + 1, earned, BadgeState.AWARDED, "reached")
            return
        if self._held is None or self.badge.keeps or self._by_hand:
            return
        if earned is not None and rank_of(earned.level) == rank_of(self._held):
            return
        lost = next((level for level in self.badge.levels if level.level == self._held), BadgeLevel(self._held, ()))
        yield self._row(n + 1, lost, BadgeState.REVOKED, "criteria-lost")
        if earned is not None:
            yield self._row(n + 2, earned, BadgeState.AWARDED, "lower-level-holds")

    def _row(self, n: int, level: BadgeLevel, state: BadgeState, reason: str) -> BadgeChange:
        numbers = criteria.as_text(criteria.numbers(level.rule, self.tally))
        return BadgeChange(
            n, self.badge.badge_id, self.key, level.level, state, self.now, self.version, reason, numbers
        )


def turns_on(history: Sequence[BadgeChange], programme: Programme, look: Look) -> date | None:
    """First later day on which time alone may change a badge."""
    holding = held(history)
    days: list[date] = []
    whole = Tally(look.rows, look.day, look.standing)
    for badge in programme.badges:
        top = holding.get((badge.badge_id, "")) if badge.per == "once" else None
        if badge.manual or (top and badge.keeps and top.level == badge.levels[-1].level):
            continue
        days += badge.season or ()
        if badge.per in PERIODS:
            number_of, period = PERIODS[badge.per]
            days.append(period(number_of(look.day))[2])
        for tally in tallies(badge, look.rows, look.standing, look.day, whole).values():
            if tally.day == look.day:
                found = (criteria.turns(level.rule, tally) for level in badge.levels)
                days += [day for day in found if day is not None]
    return min((day for day in days if day > look.day), default=None)


# --- shown ---


def progress(
    history: Sequence[BadgeChange], programme: Programme, look: Look, reported: frozenset[str] | None = None
) -> tuple[BadgeProgress, ...]:
    """What a member can earn next, nearest first. Left out: hidden and manual badges, those of another season or by
    thing, and those that rest on counters that nothing reports (``reported``; None: all are).
    """
    holding = held(history)
    found = []
    for badge in programme.badges:
        key = award_key(badge.per, look.day)
        tally = tallies(badge, look.rows, look.standing, look.day).get(key)
        if badge.manual or badge.hidden or tally is None or tally.day != look.day:
            continue
        has = holding.get((badge.badge_id, key))
        level = next((each for each in badge.levels if has is None or rank_of(each.level) > rank_of(has.level)), None)
        if level is None or (reported is not None and unreported([c.measure for c in level.rule], reported)):
            continue
        share, missing = criteria.share(level.rule, tally), criteria.missing(level.rule, tally)
        found.append(BadgeProgress(badge.badge_id, key, level.level, share, missing))
    return tuple(sorted(found, key=lambda each: (-each.share, each.badge)))


def showcase(history: Sequence[BadgeChange], holders: Mapping[str, int]) -> tuple[BadgeChange, ...]:
    """What a member holds, the proudest first: higher level, then fewer holders, then newer. holders: by badge."""
    return tuple(
        sorted(
            held(history).values(),
            key=lambda change: (-rank_of(change.level), holders.get(change.badge, 0), -change.n),
        )
    )


def rarity(holders: int, members: int) -> Fraction:
    """The share of members who hold a badge; 0 in an empty programme."""
    return Fraction(holders, members) if members else Fraction(0)


# --- by hand ---


def award_badge(
    history: Sequence[BadgeChange],
    programme: Programme,
    badge_id: str,
    day: date,
    now: datetime,
    actor: str,
    reason: str,
    given: int = 0,
    level: str | None = None,
) -> BadgeChange:
    """Give a badge by hand, for the period of ``day``. given: how many members hold it for that period already.

    Refused without reason, for an unknown badge or level, if it is held at that level or above, and beyond its limit.
    """
    badge = _asked_for(programme, badge_id, actor, reason)
    if badge.season is not None and not badge.season[0] <= day < badge.season[1]:
        raise Refused("badge-out-of-season", {"badge": badge_id})
    chosen = level or (badge.levels[0].level if badge.levels else LEVELS[0])
    if chosen not in ({each.level for each in badge.levels} or set(LEVELS)):
        raise Refused("badge-level-unknown", {"badge": badge_id, "level": chosen})
    key = award_key(badge.per, day)
    has = held(history).get((badge_id, key))
    if has is not None and rank_of(has.level) >= rank_of(chosen):
        raise Refused("badge-held-already", {"badge": badge_id, "level": has.level})
    if badge.limit is not None and has is None and given >= badge.limit:
        raise Refused("badge-limit-reached", {"badge": badge_id, "limit": badge.limit, "given": given})
    n = history[-1].n + 1 if history else 1
    return BadgeChange(n, badge_id, key, chosen, BadgeState.AWARDED, now, programme.version, reason, actor=actor)


def revoke_badge(
    history: Sequence[BadgeChange],
    programme: Programme,
    badge_id: str,
    key: str,
    now: datetime,
    actor: str,
    reason: str,
) -> BadgeChange:
    """Take a badge away by hand: numbers alone do not give that level of it back. Refused if it is not held."""
    if not actor.strip() or not reason.strip():
        raise Refused("reason-missing")
    has = held(history).get((badge_id, key))
    if has is None:
        raise Refused("badge-not-held", {"badge": badge_id, "award_key": key})
    return BadgeChange(
        history[-1].n + 1,
        badge_id,
        key,
        has.level,
        BadgeState.REVOKED,
        now,
        programme.version,
        reason,
        actor=actor,
    )


def _asked_for(programme: Programme, badge_id: str, actor: str, reason: str) -> Badge:
    if not actor.strip() or not reason.strip():
        raise Refused("reason-missing")
    badge = next((each for each in programme.badges if each.badge_id == badge_id), None)
    if badge is None:
        raise Refused("badge-unknown", {"badge": badge_id})
    return badge
