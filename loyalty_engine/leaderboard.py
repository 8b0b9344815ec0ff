"""Leaderboards: who did most for others in a period. Derived from counter rows each time, never kept and never paid.

Only members who opted in are on a board, under a name of their choice or a pseudonym that is new in each period. Boards
are for what one gives; there is none for points or money, so nobody can buy a place.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from loyalty_engine.counters import MEASURES, CounterRow, Standing, measures
from loyalty_engine.days import first_of_month, month_of
from loyalty_engine.errors import Refused

BOARDS = frozenset(
    {
        "answers_accepted",
        "answers_approved",
        "approved_posts",
        "distinct_askers_helped",
        "events_attended",
        "helpful_given",
        "helpful_received",
        "helpful_voters",
        "helpful_voters_verified",
        "introductions",
        "newcomers_welcomed",
        "newcomers_welcomed_active",
        "photo_reviews",
        "products_reviewed",
        "questions_approved",
        "referrals_completed",
        "reviews_approved",
        "reviews_verified",
        "suggestions_adopted",
        "thanks_received",
        "visit_days",
    }
)
"""Measures that a board may be made of."""


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, half open. key: what the period is called, ``2026-11``."""

    key: str
    first: date
    end: date


_NAMES = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])|-W(\d{2}))?")


def period_named(key: str) -> Period:
    """``2026``, ``2026-11`` or ``2026-W48`` (from Monday). Refused for anything else."""
    shape = _NAMES.fullmatch(key)
    try:
        if shape is None:
            raise ValueError(key)
        year, month, week = shape.groups()
        if month:
            number = int(year) * 12 + int(month) - 1
            return Period(key, first_of_month(number), first_of_month(number + 1))
        if week:
            monday = date.fromisocalendar(int(year), int(week), 1)
            return Period(key, monday, monday + timedelta(days=7))
        return Period(key, date(int(year), 1, 1), date(int(year) + 1, 1, 1))
    except (ValueError, OverflowError) as error:
        raise Refused("period-unknown", {"period": key}) from error


def this_month(day: date) -> Period:
    """The month of a local day."""
    first = first_of_month(month_of(day))
    return Period(f"{first:%Y-%m}", first, first_of_month(month_of(day) + 1))


@dataclass(frozen=True, slots=True)
class Entrant:
    """A member who opted in. shown_as: the name they chose; None: a pseudonym. joined: local day of enrolment."""

    member_id: str
    rows: Sequence[CounterRow]
    shown_as: str | None = None
    joined: date = date.min


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a board. rank: equal values share one, and as many ranks are left out after it (1, 1, 3). badges: how
    many the member holds that others may see without being asked.
    """

    rank: int
    name: str
    value: int
    member_id: str
    badges: int = 0


@dataclass(frozen=True, slots=True)
class Board:
    """The first places of a board, and the number of everybody who is on it at all, rising."""

    places: tuple[Place, ...]
    values: tuple[int, ...]

    def rank_of(self, value: int) -> int | None:
        """Where somebody with that number stands; None for whoever has nothing."""
        if value <= 0:
            return None
        return 1 + len(self.values) - bisect_left(self.values, value + 1)


def counters_of(measure: str) -> tuple[str, ...]:
    """The counters that a board follows from. Refused for a measure that no board may be made of."""
    if measure not in BOARDS:
        raise Refused("board-not-allowed", {"measure": measure})
    return MEASURES[measure].needs


def leaderboard(measure: str, entrants: Iterable[Entrant], period: Period, key: bytes, limit: int = 10) -> Board:
    """A board; those who tie with the last place are on it too. Nobody is on it with nothing.

    key: a secret of the programme, for pseudonyms. Entrants may be streamed; their order is of no matter. Refused for a
    measure that no board may be made of.
    """
    counters_of(measure)
    found = []
    for entrant in entrants:
        value = standing(measure, entrant, period)
        if value > 0:
            name = entrant.shown_as or pseudonym(entrant.member_id, measure, period, key)
            found.append((value, name, entrant.member_id))
    found.sort(key=lambda line: (-line[0], line[1], line[2]))
    places: list[Place] = []
    for number, (value, name, member_id) in enumerate(found, 1):
        rank = places[-1].rank if places and places[-1].value == value else number
        if rank > limit:
            break
        places.append(Place(rank, name, value, member_id))
    return Board(tuple(places), tuple(value for value, _, _ in reversed(found)))


def standing(measure: str, entrant: Entrant, period: Period) -> int:
    """A member's number on a board: from the rows of the period alone."""
    rows = [row for row in entrant.rows if period.first <= row.day < period.end]
    return measures(rows, [measure], period.end, Standing(entrant.joined))[measure]


def pseudonym(member_id: str, measure: str, period: Period, key: bytes) -> str:
    """Eight letters and digits that say nothing of a member and cannot be followed to the next period or board."""
    digest = hmac.digest(key, f"{measure}:{period.key}:{member_id}".encode(), hashlib.sha256)
    return base64.b32encode(digest[:5]).decode()
