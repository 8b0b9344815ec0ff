"""Pages of badges: the catalogue with who holds what, the holders of one badge, and leaderboards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.console.pages import Frame, page
from connector.people.boards import Found
from connector.storage.figures import BadgeSums
from connector.storage.newest import Award
from loyalty_engine.badges import LEVELS
from loyalty_engine.explain.notices import measure_name
from loyalty_engine.explain.privileges import criteria
from loyalty_engine.programme.model import Badge, Comparison, Programme
from loyalty_engine.texts import Words, named
from loyalty_engine.texts.formats import number_text


@dataclass(frozen=True, slots=True)
class LevelShown:
    """One level of a badge. criteria: in words. holders, lately: None before they were counted."""

    level: str
    criteria: str
    holders: int | None
    lately: int | None


@dataclass(frozen=True, slots=True)
class BadgeShown:
    """One badge. badge: None of one that the programme has no more. sums: None before they were counted."""

    badge_id: str
    badge: Badge | None
    description: str
    levels: Sequence[LevelShown]
    sums: BadgeSums | None


@dataclass(frozen=True, slots=True)
class HolderRow:
    """One award that stands. name: of the member, for whoever may see it."""

    award: Award
    member: str
    name: str


@dataclass(frozen=True, slots=True)
class Holders:
    """One page of who holds a badge. next_place: for the next page; reached: how far was looked, if the page is not
    full.
    """

    badge: BadgeShown
    rows: Sequence[HolderRow]
    next_place: str
    reached: datetime | None
    is_first: bool


@dataclass(frozen=True, slots=True)
class BoardPage:
    """A board. measures, periods: what may be chosen. names: of members who are on it, for whoever may see them.
    typed: what was sent to take a name off and refused, with the sentence that says why as ``problem``.
    """

    measure: str
    measures: Sequence[str]
    periods: Sequence[str]
    found: Found
    names: dict[str, str]
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def taken(self) -> list[tuple[str, str]]:
        """Names that can be taken off, each with what says whose it is and how it read."""
        places = [one for one in self.found.places if one.member_id in self.found.chosen]
        return [(f"{one.member_id}.{one.name}", one.name) for one in places]


def badge_shown(
    badge_id: str, badge: Badge | None, programme: Programme, words: Words, sums: dict[str, BadgeSums] | None
) -> BadgeShown:
    """A badge with its criteria in words. sums: of all badges."""
    own = None if sums is None else sums.get(badge_id, BadgeSums())
    told = {} if badge is None else {one.level: _criteria(badge, one.rule, programme, words) for one in badge.levels}
    held = own.levels if own else {}
    levels = [level for level in LEVELS if level in told or level in held]
    levels += sorted((told.keys() | held.keys()) - set(LEVELS))
    description = named(badge.description, words.language) if badge is not None and badge.description else ""
    shown = [
        LevelShown(
            level,
            told.get(level, ""),
            own.levels.get(level, 0) if own else None,
            own.lately.get(level, 0) if own else None,
        )
        for level in levels
    ]
    return BadgeShown(badge_id, badge, description, shown, own)


def _criteria(badge: Badge, rule: Sequence[Comparison], programme: Programme, words: Words) -> str:
    return words.text("page.badge.manual") if badge.manual else criteria(rule, programme, words)


def catalogue_page(frame: Frame, words: Words, badges: Sequence[BadgeShown], counted_at: datetime | None) -> str:
    """The page as HTML."""
    return page(
        "badges.html", words.language, frame, words=words, badges=badges, counted_moment=counted_at, **_of(words)
    )


def holders_page(frame: Frame, words: Words, shown: Holders, *, may_take: bool) -> str:
    """The page as HTML. may_take: whether the reader may take the badge away."""
    return page("badge_holders.html", words.language, frame, words=words, it=shown, may_take=may_take, **_of(words))


def board_page(frame: Frame, words: Words, shown: BoardPage, *, names: bool) -> str:
    """The page as HTML. names: whether the reader may see who stands behind a name."""
    return page(
        "boards.html",
        words.language,
        frame,
        words=words,
        it=shown,
        names=names,
        measure_name=lambda measure: measure_name(measure, words),
        **_of(words),
    )


def _of(words: Words) -> dict[str, Any]:
    return {"number": lambda count: number_text(count, words.language), "levels": LEVELS}
