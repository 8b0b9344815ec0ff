"""What new or edited badges would do, before they are saved: who would earn them, and who would lose them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from loyalty_engine import criteria
from loyalty_engine.badges import Key, Look, badge_changes, held, rank_of
from loyalty_engine.counters import CounterRow, Standing
from loyalty_engine.days import local_day
from loyalty_engine.decision import Award
from loyalty_engine.levels import Climb, level_changes, level_held
from loyalty_engine.member import BadgeChange, LevelChange
from loyalty_engine.programme.model import Programme


@dataclass(frozen=True, slots=True)
class Holder:
    """A member as a preview needs one. joined: local day of enrolment. badges, levels: all rows, oldest first."""

    member_id: str
    rows: Sequence[CounterRow]
    joined: date
    badges: Sequence[BadgeChange] = ()
    levels: Sequence[LevelChange] = ()
    verdicts: Mapping[Award, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BadgeMove:
    """One award that the edit gives, changes or takes. level_from, level_to: None where it is not held."""

    member_id: str
    badge: str
    award_key: str
    level_from: str | None
    level_to: str | None

    @property
    def is_gain(self) -> bool:
        """Whether the member has more afterwards."""
        return rank_of(self.level_to) > rank_of(self.level_from)


@dataclass(slots=True)
class BadgePreview:
    """One badge under the edit. members: looked at. before, after: who holds it, by their highest level. moves: every
    award that differs. waiting: members whose award a person would have to look at.
    """

    members: int = 0
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    moves: list[BadgeMove] = field(default_factory=list)
    waiting: int = 0


def changed_badges(old: Programme, new: Programme) -> tuple[str, ...]:
    """Ids of badges of the new version that the old one has not, or has otherwise."""
    known = {badge.badge_id: badge for badge in old.badges}
    return tuple(badge.badge_id for badge in new.badges if known.get(badge.badge_id) != badge)


def preview_badges(
    members: Iterable[Holder], old: Programme, new: Programme, now: datetime, taking_part: int | None = None
) -> dict[str, BadgePreview]:
    """Every badge that differs, by id: what a review at ``now`` would write under ``new``, beside that under ``old``.

    old: the version in force then without the edit. taking_part: how many are enrolled, for levels that scale. Members
    may be streamed; what their rows say is taken to stay as it is.
    """
    names = changed_badges(old, new)
    found = {name: BadgePreview() for name in names}
    sides = [
        replace(side, badges=tuple(badge for badge in side.badges if badge.badge_id in names)) for side in (old, new)
    ]
    for member in members:
        (before, _), (after, waiting) = (_held_under(member, side, now, taking_part) for side in sides)
        for name, preview in found.items():
            preview.members += 1
            preview.waiting += name in waiting
            _count(preview.before, name, before)
            _count(preview.after, name, after)
            keys = sorted(key for key in {*before, *after} if key[0] == name and before.get(key) != after.get(key))
            preview.moves += [BadgeMove(member.member_id, *key, before.get(key), after.get(key)) for key in keys]
    return found


def _held_under(
    member: Holder, programme: Programme, now: datetime, taking_part: int | None
) -> tuple[dict[Key, str], set[str]]:
    """(level by badge and award key, badges that wait for a person) after a review."""
    day, votes = local_day(now, programme.timezone), criteria.votes(member.rows)
    climb = Climb(member.rows, member.joined, day, now, votes, taking_part, member.verdicts)
    levels = (*member.levels, *level_changes(member.levels, programme, climb)[0])
    has = level_held(levels, programme)
    look = Look(member.rows, Standing(member.joined, has.rank if has else 0), day, now, votes, member.verdicts)
    changes, waiting = badge_changes(member.badges, programme, look)
    holding = held((*member.badges, *changes))
    return {key: change.level for key, change in holding.items()}, {each.subject for each in waiting}


def _count(holders: dict[str, int], name: str, holding: Mapping[Key, str]) -> None:
    levels = [level for (badge, _), level in holding.items() if badge == name]
    if levels:
        top = max(levels, key=rank_of)
        holders[top] = holders.get(top, 0) + 1
