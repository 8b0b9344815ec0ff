"""What an edit of tiers would do, before it is saved: who moves up at once, who moves down, and on which day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from loyalty_engine.counters import CounterRow
from loyalty_engine.days import local_day
from loyalty_engine.member import TierChange
from loyalty_engine.programme.model import Programme, Rulebook
from loyalty_engine.tier_path import Path
from loyalty_engine.tiers import is_locked


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
        for path, counts in zip(paths, (before, after), strict=True):
            tier = _tier(path, day)
            counts[tier] = counts.get(tier, 0) + 1
        move = _first_move(member.member_id, paths[0], paths[1], day)
        if move is not None and paths[1].height(move.tier_to, move.day) > paths[1].height(move.tier_from, move.day):
            up.append(move)
        elif move is not None:
            down.append(move)
    return TierPreview(day, tuple(up), tuple(down), before, after, locked)


def _tier(path: Path, day: date) -> str:
    step = path.step(day)
    return step.tier if step is not None else ""


def _first_move(member_id: str, old: Path, new: Path, day: date) -> TierMove | None:
    """The first day from ``day`` on at which the new path stands elsewhere than the old one."""
    days = sorted({day, *(step.day for path in (old, new) for step in path.steps if step.day > day)})
    for each in days:
        was, becomes = _tier(old, each), _tier(new, each)
        if was != becomes:
            return TierMove(member_id, was, becomes, each)
    return None
