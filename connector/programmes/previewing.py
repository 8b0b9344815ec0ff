"""What an edit of tiers and badges would do to every member, before it is published: who moves up, who down and on
which day, who would earn a badge. Reads page by page, writes nothing, and works with what decides later.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from connector.errors import Permanent
from connector.storage.atomic import consistent_read
from connector.storage.candidates import Considered, active_members, considered
from connector.storage.database import Database
from connector.storage.programmes import ProgrammeBooks, beginning_of, load_programmes
from connector.storage.reported import reported_kinds
from connector.storage.session import Session
from loyalty_engine.badge_preview import BadgeMove, BadgePreview, Holder, changed_badges, preview_badges
from loyalty_engine.badges import rarity
from loyalty_engine.days import local_day
from loyalty_engine.programme import Programme, Rulebook, parse_programme
from loyalty_engine.tier_path import same_ladder
from loyalty_engine.tier_preview import Candidate, TierMove, TierPreview, preview_tiers

SHOWN = 20
"""Members named of each kind of move; all of them are in the rows that a caller may take."""
Line = tuple[str, str, str, str, str, str]
"""(member, ``tier-up``, ``tier-down``, ``badge-earned`` or ``badge-lost``, what, from, to, local day)."""
COLUMNS = ("member", "move", "subject", "from", "to", "day")


@dataclass(frozen=True, slots=True)
class Edit:
    """A document against the version that it would replace. edits_tiers: whether anybody may move for it. badges: ids
    of those that are new or changed. unearnable: badge id to the sentence that says why nobody can earn it yet.
    """

    number: int
    rules: Rulebook
    old: Programme
    new: Programme
    edits_tiers: bool
    badges: tuple[str, ...]
    unearnable: Mapping[str, str]

    @property
    def moves_anybody(self) -> bool:
        """Whether there is anything to preview."""
        return self.edits_tiers or bool(self.badges)


@dataclass(slots=True)
class TierEffect:
    """Numbers of members. before, after: by tier on the day the edit begins. locked: set by hand, left out."""

    up: int = 0
    down: int = 0
    locked: int = 0
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    first_up: list[TierMove] = field(default_factory=list)
    first_down: list[TierMove] = field(default_factory=list)

    def add(self, page: TierPreview) -> None:
        """Take over what was found of a page."""
        self.up, self.down, self.locked = self.up + len(page.up), self.down + len(page.down), self.locked + page.locked
        _sum(self.before, page.before)
        _sum(self.after, page.after)
        _keep(self.first_up, page.up)
        _keep(self.first_down, page.down)


@dataclass(slots=True)
class BadgeEffect:
    """One badge. earned, lost: awards that come and go. waiting: members whose award a person would have to look at."""

    members: int = 0
    earned: int = 0
    lost: int = 0
    waiting: int = 0
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    first: list[BadgeMove] = field(default_factory=list)

    def add(self, page: BadgePreview) -> None:
        """Take over what was found of a page."""
        gains = sum(move.is_gain for move in page.moves)
        self.members, self.earned = self.members + page.members, self.earned + gains
        self.lost, self.waiting = self.lost + len(page.moves) - gains, self.waiting + page.waiting
        _sum(self.before, page.before)
        _sum(self.after, page.after)
        _keep(self.first, page.moves)

    @property
    def share(self) -> Fraction:
        """Of all members who would hold it: how rare it would be."""
        return rarity(sum(self.after.values()), self.members)


@dataclass(slots=True)
class Effect:
    """What an edit would do. members: looked at."""

    edit: Edit
    members: int = 0
    tiers: TierEffect = field(default_factory=TierEffect)
    badges: dict[str, BadgeEffect] = field(default_factory=dict)

    @property
    def takes(self) -> bool:
        """Whether anybody would have less for it."""
        return bool(self.tiers.down or any(each.lost for each in self.badges.values()))


def _sum(numbers: dict[str, int], more: Mapping[str, int]) -> None:
    for name, count in more.items():
        numbers[name] = numbers.get(name, 0) + count


def _keep(shown: list[Any], found: Sequence[Any]) -> None:
    shown += found[: SHOWN - len(shown)]


async def edit_of(
    session: Session, number: int, document: Mapping[str, Any], begins: datetime | None, now: datetime
) -> Edit:
    """What publishing a document would edit. Raises ProgrammeError, ConfigProblem or Permanent as publishing would."""
    books = (await load_programmes(session)).get(number)
    if books is None:
        raise Permanent(f"There is no programme {number}.")
    return _edit(books, document, begins, now, await reported_kinds(session, number))


def _edit(
    books: ProgrammeBooks,
    document: Mapping[str, Any],
    begins: datetime | None,
    now: datetime,
    reported: frozenset[str],
) -> Edit:
    latest = books.rulebook.versions[-1]
    begins = beginning_of(latest.version, latest.effective_from, begins, now)
    new = parse_programme(document, latest.version + 1, begins, reported)
    old = books.rulebook.in_force(begins)
    badges = changed_badges(old, new)
    unearnable = {name: each.sentence for name in badges for each in new.warnings if each.path == f"badges.{name}"}
    return Edit(books.number, books.rulebook, old, new, not same_ladder(old, new), badges, unearnable)


async def effect_of(
    database: Database,
    edit: Edit,
    progress: Callable[[int], object] = lambda _: None,
    take: Callable[[Sequence[Line]], object] = lambda _: None,
) -> Effect:
    """Look at every active member under both. progress: told how many were looked at now. take: given every move."""
    found, before = Effect(edit), 0
    async for found in effects_of(database, edit, take):
        progress(found.members - before)
        before = found.members
    return found


async def effects_of(
    database: Database, edit: Edit, take: Callable[[Sequence[Line]], object] = lambda _: None
) -> AsyncIterator[Effect]:
    """The same, as it grows: after each page of members, so that whoever asks can rest or say how far it is. Before the
    first page, too.
    """
    found = Effect(edit, badges={name: BadgeEffect() for name in edit.badges})
    yield found
    if not edit.moves_anybody:
        return
    taking_part = await member_count(database, edit.number)
    async for page in considered(database, edit.number):
        tiers, badges = await asyncio.to_thread(_look, edit, page, taking_part)
        found.members += len(page)
        found.tiers.add(tiers)
        for name, badge in badges.items():
            found.badges[name].add(badge)
        take(_lines(tiers, badges, tiers.day.isoformat()))
        del page, tiers, badges
        yield found


async def member_count(database: Database, number: int) -> int:
    """How many members a preview looks at."""
    return await consistent_read(database, lambda session: active_members(session, number))


def _look(edit: Edit, page: Sequence[Considered], taking_part: int) -> tuple[TierPreview, dict[str, BadgePreview]]:
    begins, zone = edit.new.effective_from, edit.new.timezone
    joined = {one.member_id: local_day(one.enrolled_at, zone) for one in page}
    tiers = TierPreview(local_day(begins, zone), (), (), {}, {}, 0)
    if edit.edits_tiers:
        candidates = (Candidate(one.member_id, one.standing.rows, joined[one.member_id], one.tiers) for one in page)
        tiers = preview_tiers(candidates, edit.rules, edit.new)
    badges: dict[str, BadgePreview] = {}
    if edit.badges:
        holders = (
            Holder(
                one.member_id,
                one.standing.rows,
                joined[one.member_id],
                one.standing.badges,
                one.standing.levels,
                one.standing.verdicts,
            )
            for one in page
        )
        badges = preview_badges(holders, edit.old, edit.new, begins, taking_part)
    return tiers, badges


def _lines(tiers: TierPreview, badges: Mapping[str, BadgePreview], day: str) -> list[Line]:
    lines: list[Line] = []
    for kind, moves in (("tier-up", tiers.up), ("tier-down", tiers.down)):
        lines += [(m.member_id, kind, "", m.tier_from, m.tier_to, m.day.isoformat()) for m in moves]
    for preview in badges.values():
        for move in preview.moves:
            kind = "badge-earned" if move.is_gain else "badge-lost"
            subject = f"{move.badge}:{move.award_key}" if move.award_key else move.badge
            lines.append((move.member_id, kind, subject, move.level_from or "", move.level_to or "", day))
    return lines
