"""Leaderboards: who did most for others in a period. Derived from counter rows each time, never kept and never paid.

Only members who opted in are on a board, under a name of their choice or a pseudonym that is new in each period. Boards
are for what one gives; there is none for points or money, so nobody can buy a place.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from loyalty_engine.counters import CounterRow, Standing, measures
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


@dataclass(frozen=True, slots=True)
class Entrant:
    """A member who opted in. shown_as: the name they chose; None: a pseudonym. joined: local day of enrolment."""

    member_id: str
    rows: Sequence[CounterRow]
    shown_as: str | None = None
    joined: date = date.min


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a board. rank: equal values share one, and as many ranks are left out after it (1, 1, 3)."""

    rank: int
    name: str
    value: int
    member_id: str


def leaderboard(
    measure: str, entrants: Iterable[Entrant], period: Period, key: bytes, limit: int = 10
) -> tuple[Place, ...]:
    """The first places of a board; those who tie with the last one are on it too. Nobody is on it with nothing.

    key: a secret of the programme, for pseudonyms. Entrants may be streamed; their order is of no matter. Refused for a
    measure that no board may be made of.
    """
    if measure not in BOARDS:
        raise Refused("board-not-allowed", {"measure": measure})
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
    return tuple(places)


def standing(measure: str, entrant: Entrant, period: Period) -> int:
    """A member's number on a board: from the rows of the period alone."""
    rows = [row for row in entrant.rows if period.first <= row.day < period.end]
    return measures(rows, [measure], period.end, Standing(entrant.joined))[measure]


def pseudonym(member_id: str, measure: str, period: Period, key: bytes) -> str:
    """Eight letters and digits that say nothing of a member and cannot be followed to the next period or board."""
    digest = hmac.digest(key, f"{measure}:{period.key}:{member_id}".encode(), hashlib.sha256)
    return base64.b32encode(digest[:5]).decode()
