"""Community levels: trust earned by what one gives, apart from money. Each opens privileges, as flags.

A level is climbed to from the one below it; a window counts recent days only. Who no longer meets a level keeps it for
its grace. Appointed levels are given and taken by hand alone, and nothing lowers them but a person.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from loyalty_engine import criteria
from loyalty_engine.counters import MEASURES, CounterRow, Standing, Tally
from loyalty_engine.criteria import Votes
from loyalty_engine.days import DAY
from loyalty_engine.decision import Award, Held
from loyalty_engine.errors import Refused
from loyalty_engine.member import LevelChange
from loyalty_engine.programme.model import CommunityLevel, Comparison, Programme

FULL_SCALE = 1_000
SMALLEST_SCALE = 300
"""Thousandths: a community of fewer than 300 asks for as much as one of 300."""


def scale(programme: Programme, members: int | None) -> int:
    """How much of each count levels ask, in thousandths: members, from 300 to 1,000; all of it if not wanted."""
    if not programme.levels_scale or members is None:
        return FULL_SCALE
    return min(FULL_SCALE, max(SMALLEST_SCALE, members))


def scaled(rule: Sequence[Comparison], thousandths: int) -> tuple[Comparison, ...]:
    """The rule for a community of that size: only counts that must grow shrink, rounded up, never below 1."""
    return tuple(
        replace(each, value=max(1, -(-each.value * thousandths // FULL_SCALE)))
        if each.operator in {">=", ">"} and each.value > 0 and MEASURES[each.measure].scales
        else each
        for each in rule
    )


@dataclass(frozen=True, slots=True)
class Climb:
    """What a member's levels are measured by. members: enrolled in the programme, for young communities. verdicts: what
    a person said of levels that rest on mutual votes.
    """

    rows: Sequence[CounterRow]
    joined: date
    day: date
    now: datetime
    votes: Votes
    members: int | None = None
    verdicts: Mapping[Award, bool] = field(default_factory=dict)

    def tally(self, level: CommunityLevel, day: date) -> Tally:
        """What counts for a level at the end of a day."""
        rows = self.rows
        if level.window_days:
            rows = [row for row in rows if row.day > day - timedelta(days=level.window_days)]
        return Tally(rows, day, Standing(self.joined))


def ladder(programme: Programme) -> list[CommunityLevel]:
    """The levels, lowest first."""
    return sorted(programme.levels, key=lambda level: level.rank)


def level_held(history: Sequence[LevelChange], programme: Programme) -> CommunityLevel | None:
    """The level of the last row; None before the first, or if the programme has it no more."""
    if not history:
        return None
    return next((level for level in programme.levels if level.level_id == history[-1].level), None)


def privileges(programme: Programme, level: str | None) -> tuple[str, ...]:
    """The flags of a level and of all below it, sorted. None, or a level that is no more, opens nothing."""
    rank = next((each.rank for each in programme.levels if each.level_id == level), -1)
    return tuple(sorted({flag for each in programme.levels if each.rank <= rank for flag in each.unlock}))


# --- climbing ---


def _met(level: CommunityLevel, rule: Sequence[Comparison], climb: Climb) -> bool:
    """Whether the rule holds today or held on a day of the grace that is still running."""
    if criteria.holds(rule, climb.tally(level, climb.day)):
        return True
    if not level.grace_days or not _could_have(level, rule, climb):
        return False
    days = (climb.day - timedelta(days=back) for back in range(1, level.grace_days + 1))
    return any(criteria.holds(rule, climb.tally(level, day)) for day in days)


def _could_have(level: CommunityLevel, rule: Sequence[Comparison], climb: Climb) -> bool:
    """Whether looking back can help at all: counts over window and grace together are at least those of any day."""
    wider = replace(level, window_days=level.window_days + level.grace_days if level.window_days else 0)
    tally = climb.tally(wider, climb.day)
    return criteria.holds([each for each in rule if each.operator in {">=", ">"} and _only_adds(each)], tally)


def _only_adds(comparison: Comparison) -> bool:
    """Whether more rows can only raise the measure: not what looks at its own window or at the last day."""
    return MEASURES[comparison.measure].scales and not comparison.measure.endswith("_12m")


def _ask(level: CommunityLevel, history: Sequence[LevelChange], programme: Programme, climb: Climb) -> int:
    """The scale for one level: growing communities never raise it for those who have it."""
    now = scale(programme, climb.members)
    has = level_held(history, programme)
    if has is None or level.rank > has.rank:
        return now
    return min(now, int(json.loads(history[-1].numbers, parse_float=Decimal).get("scale", FULL_SCALE)))


def _earned_before(history: Sequence[LevelChange], programme: Programme) -> int:
    """Rank of the last level that was not given by hand; what a person gave proves nothing of what is below it."""
    ranks = {level.level_id: level.rank for level in programme.levels if not level.appointed}
    return next((ranks[change.level] for change in reversed(history) if change.level in ranks), -1)


def _climbed(
    history: Sequence[LevelChange], programme: Programme, climb: Climb
) -> tuple[CommunityLevel, dict[str, int], Held | None]:
    """The highest level earned, the numbers behind it, and what stopped the next one besides numbers."""
    first, *above = ladder(programme)
    best, numbers = first, dict[str, int]()
    earned_before = _earned_before(history, programme)
    for level in above:
        if level.appointed:
            continue
        ask = _ask(level, history, programme, climb)
        rule = scaled(level.require, ask)
        if not _met(level, rule, climb):
            break
        found = criteria.numbers(rule, climb.tally(level, climb.day))
        if level.rank > earned_before and climb.votes.suspicious and criteria.rests_on_votes(rule):
            votes = {"mutual": climb.votes.mutual, "received": climb.votes.received}
            unsure = Held(level.level_id, "", "votes-mutual", votes)
            verdict = climb.verdicts.get(unsure.award)
            if not verdict:
                return best, numbers, unsure if verdict is None else None
        best, numbers = level, found | ({"scale": ask} if programme.levels_scale else {})
    return best, numbers, None


def level_changes(
    history: Sequence[LevelChange], programme: Programme, climb: Climb
) -> tuple[tuple[LevelChange, ...], tuple[Held, ...]]:
    """The row that brings a member to the level earned, if any, and what waits for a person instead."""
    if not programme.levels:
        return (), ()
    has = level_held(history, programme)
    if has is not None and has.appointed:
        return (), ()
    level, numbers, waiting = _climbed(history, programme, climb)
    held = (waiting,) if waiting else ()
    if has is not None and has.level_id == level.level_id:
        return (), held
    if has is None:
        reason = "joined" if level.rank == 0 else "reached"
    elif level.rank > has.rank:
        reason = "reached"
    else:
        reason = "lost"
        numbers = criteria.numbers(has.require, climb.tally(has, climb.day)) | numbers
    n = history[-1].n + 1 if history else 1
    row = LevelChange(n, level.level_id, climb.now, programme.version, reason, criteria.as_text(numbers))
    return (row,), held


def turns_on(history: Sequence[LevelChange], programme: Programme, climb: Climb) -> date | None:
    """First later day on which time alone may change the level."""
    has = level_held(history, programme)
    if has is not None and has.appointed:
        return None
    days: list[date] = []
    for level in programme.levels:
        if level.appointed or not level.require:
            continue
        turn = criteria.turns(level.require, climb.tally(level, climb.day))
        if turn is not None:
            days += [turn, turn + timedelta(days=level.grace_days)]
        days += _leaving(level, climb)
    return min((day for day in days if day > climb.day), default=None)


def _leaving(level: CommunityLevel, climb: Climb) -> Iterator[date]:
    """Days on which rows leave the window, and on which grace is over after one came or left."""
    needed = {counter for each in level.require for counter in MEASURES[each.measure].needs}
    for day in {row.day for row in climb.rows if row.counter in needed}:
        yield day + timedelta(days=level.grace_days)
        if level.window_days:
            leaves = day + timedelta(days=level.window_days)
            yield leaves
            yield leaves + timedelta(days=level.grace_days)


# --- by hand ---


def days_at(history: Sequence[LevelChange], programme: Programme, level: CommunityLevel, now: datetime) -> int:
    """For how many whole days a member has been at that level or above without a break."""
    ranks = {each.level_id: each.rank for each in programme.levels}
    since: datetime | None = None
    for change in history:
        if ranks.get(change.level, -1) < level.rank:
            since = None
        elif since is None:
            since = change.at
    return (now - since) // DAY if since is not None else 0


def appoint(
    history: Sequence[LevelChange], programme: Programme, level_id: str, actor: str, reason: str, now: datetime
) -> LevelChange:
    """Give an appointed level by hand. Refused without reason, for another level, or before its time has come."""
    _asked(actor, reason)
    level = next((each for each in programme.levels if each.level_id == level_id), None)
    if level is None or not level.appointed:
        raise Refused("level-not-appointed", {"level": level_id})
    if history and history[-1].level == level_id:
        raise Refused("level-held-already", {"level": level_id})
    after = next((each for each in programme.levels if each.level_id == level.after_level), None)
    if after is not None:
        has = level_held(history, programme)
        if has is None or has.rank < after.rank:
            raise Refused("level-too-low", {"level": level_id, "needs": after.level_id})
        days = days_at(history, programme, after, now)
        if days < level.days_at_level:
            raise Refused("level-too-early", {"level": level_id, "needs": level.days_at_level, "found": days})
    n = history[-1].n + 1 if history else 1
    return LevelChange(n, level_id, now, programme.version, reason, actor=actor)


def dismiss(history: Sequence[LevelChange], programme: Programme, climb: Climb, actor: str, reason: str) -> LevelChange:
    """Take an appointed level away: the row names the level that facts give. Refused if none is held."""
    _asked(actor, reason)
    has = level_held(history, programme)
    if has is None or not has.appointed:
        raise Refused("level-not-appointed", {"level": has.level_id if has else ""})
    level, numbers, _ = _climbed(history, programme, climb)
    text = criteria.as_text(numbers)
    return LevelChange(history[-1].n + 1, level.level_id, climb.now, programme.version, reason, text, actor)


def _asked(actor: str, reason: str) -> None:
    if not actor.strip() or not reason.strip():
        raise Refused("reason-missing")
