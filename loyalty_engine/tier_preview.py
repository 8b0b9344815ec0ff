"""What an edit of tiers would do, before it is saved: who moves up at once, who moves down, and on which day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from loyalty_engine.counters import CounterRow
from loyalty_engine.days import local_day, start_of_day
from loyalty_engine.member import TierChange
from loyalty_engine.programme.model import Programme, Rulebook
from loyalty_engine.tier_path import Path
from loyalty_engine.tiers import is_locked, tier_held


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member as a preview needs one. joined: local day of enrolment. history: rows of tiers, oldest first."""

    member_id: str
    rows: Sequence[CounterRow]
    joined: date
    history: Sequence[TierChange] = ()


@dataclass(frozen=True, slots=True)
class TierMove:
    """One member's first move that is owed to the edit. day: on which it happens if nothing more is bought."""

    member_id: str
    tier_from: str
    tier_to: str
    day: date


@dataclass(frozen=True, slots=True)
class TierPreview:
    """up: on the day the version begins. down: when keeping and grace are over. before, after: members by tier on that
    day, under the old rules and under the new ones. locked: left out, for their tier is set by hand.
    """

    day: date
    up: tuple[TierMove, ...]
    down: tuple[TierMove, ...]
    before: dict[str, int]
    after: dict[str, int]
    locked: int


def preview_tiers(members: Iterable[Candidate], old: Rulebook, new: Programme) -> TierPreview:
    """Compare the paths of members under ``old`` with those under ``old`` and then ``new``, from ``effective_from`` on.

    Whatever the rows say now is taken to stay as it is; the same function decides later, so the numbers are those of
    the outcome. Members may be streamed.
    """
    both = Rulebook((*old.versions, new), old.corrections)
    day = local_day(new.effective_from, new.timezone)
    up: list[TierMove] = []
    down: list[TierMove] = []
    before: dict[str, int] = {}
    after: dict[str, int] = {}
    locked = 0
    for member in members:
        if is_locked(member.history):
            locked += 1
            continue
        paths = [Path(member.rows, rules, member.joined, new.effective_from) for rules in (old, both)]
        ways = [_Held(member, rules, path, day) for rules, path in zip((old, both), paths, strict=True)]
        for way, counts in zip(ways, (before, after), strict=True):
            tier = way.tier(day)
            counts[tier] = counts.get(tier, 0) + 1
        move = _first_move(member.member_id, ways[0], ways[1], day)
        if move is not None and paths[1].height(move.tier_to, move.day) > paths[1].height(move.tier_from, move.day):
            up.append(move)
        elif move is not None:
            down.append(move)
    return TierPreview(day, tuple(up), tuple(down), before, after, locked)


class _Held:
    """The tier that one member holds on a day, as its path has it. Where another tier was recorded (kept above the
    low-water mark after a refund, or not brought up to the path yet), as a review of that day would find it.
    """

    def __init__(self, member: Candidate, rules: Rulebook, path: Path, day: date) -> None:
        self._member, self._rules, self._path, self._day = member, rules, path, day
        self._follows = not member.history or member.history[-1].tier == _tier(path, day)

    def tier(self, day: date) -> str:
        """Empty: none."""
        if self._follows:
            return _tier(self._path, day)
        zone = self._path.era(self._day).programme.timezone
        # A version may begin in the middle of its day.
        moment = max(start_of_day(day, zone), self._rules.versions[-1].effective_from)
        path = Path(self._member.rows, self._rules, self._member.joined, moment)
        return tier_held(self._member.history, path, start_of_day(self._member.joined, zone), moment) or ""

    def turns(self) -> set[date]:
        """Days after the first on which it may change by time alone."""
        if not self._follows:
            return self._path.turns(self._day)
        return {step.day for step in self._path.steps if step.day > self._day}


def _tier(path: Path, day: date) -> str:
    step = path.step(day)
    return step.tier if step is not None else ""


def _first_move(member_id: str, old: _Held, new: _Held, day: date) -> TierMove | None:
    """The first day from ``day`` on at which the member stands elsewhere under the new rules than under the old."""
    for each in sorted({day} | old.turns() | new.turns()):
        was, becomes = old.tier(each), new.tier(each)
        if was != becomes:
            return TierMove(member_id, was, becomes, each)
    return None
