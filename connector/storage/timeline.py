"""Everything that happened to one member, the newest first, of several tables.

Each table is read in an order of its own that an index has, from where the page before left it; so a page reads no more
rows of each than it shows, and however moments agree, nothing is shown twice and nothing is left out.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from connector.storage.instants import instant
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard

N_MAX, MOMENT_MAX = 2**31 - 1, 2**62
Place = tuple[
    Annotated[int, Meta(ge=0, le=MOMENT_MAX)], Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*$(?!\n)")]
]
"""Of the last row that was shown of one table: its number, or its moment and its id."""
_PLACES = msgspec.json.Decoder(dict[str, Place])


@dataclass(frozen=True, slots=True)
class _Road:
    """One table. moment: its column; id: the column that comes after the moment in the index; empty where rows have
    numbers, in whose order they were written.
    """

    table: str
    moment: str
    id: str = ""
    index: str = ""
    more: str = ""
    join: str = ""


ROADS: Mapping[str, _Road] = {
    "badge": _Road("badge_change", "at_us"),
    "level": _Road("level_change", "at_us"),
    "tier": _Road("tier_change", "at_us"),
    "redemption": _Road("redemption", "created_at_us", "redemption_id", "redemption_timeline"),
    "entry": _Road(
        "entry",
        "recorded_at_us",
        more=", x.body_text",
        join=" LEFT JOIN explanation x ON x.shard = t.shard AND x.member_id = t.member_id AND x.n = t.n",
    ),
    "nothing": _Road("reason", "decided_at_us", "source_ref", "reason_timeline"),
    "source": _Road("context", "paid_at_us", "source_ref", "context_timeline"),
    "joined": _Road("member", "enrolled_at_us", "member_id"),
}
"""Where moments agree, what follows from the other stands above it."""
_RANKS = {name: rank for rank, name in enumerate(ROADS)}
KINDS: Mapping[str, Sequence[str]] = {
    "": tuple(ROADS),
    "sources": ("source",),
    "points": ("entry",),
    "nothing": ("nothing",),
    "tiers": ("tier",),
    "badges": ("badge", "level"),
    "rewards": ("redemption",),
}
"""What can be asked for alone: no kind needs rows that it does not show."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line. road: of which table; at_us: when; place: where a page that ends with it goes on."""

    road: str
    at_us: int
    place: Place
    row: Row

    @property
    def at(self) -> datetime:
        """When it happened, or was written down where nothing else is known."""
        return instant(self.at_us)


@dataclass(frozen=True, slots=True)
class Timeline:
    """One page. places: where the next goes on; None at the end."""

    lines: list[Happening]
    places: dict[str, Place] | None


async def timeline_of(session: Session, member_id: str, kind: str, places: Mapping[str, Place], size: int) -> Timeline:
    """The next ``size`` lines of one kind after ``places``; KeyError for a kind that is none."""
    found = [await _read(session, member_id, road, places.get(road), size + 1) for road in KINDS[kind]]
    return merged(found, places, size)


def merged(found: Sequence[Sequence[Happening]], places: Mapping[str, Place], size: int) -> Timeline:
    """The first ``size`` lines of several tables, each in its own order, and at most one line more of each than fit."""
    every = list(heapq.merge(*found, key=lambda line: (-line.at_us, _RANKS[line.road])))
    shown = every[:size]
    reached = {**places, **{line.road: line.place for line in shown}}
    return Timeline(shown, reached if len(every) > size else None)


async def _read(session: Session, member_id: str, name: str, place: Place | None, limit: int) -> list[Happening]:
    road = ROADS[name]
    if road.id:
        below, order = f"(t.{road.moment}, t.{road.id}) < ($3, $4)", f"t.{road.moment} DESC, t.{road.id} DESC"
        start: tuple[int | str, ...] = place or (MOMENT_MAX, "")
    else:
        below, order, start = "t.n < $3", "t.n DESC", (min(place[0], N_MAX) if place else N_MAX,)
    rows = await session.rows(
        f"SELECT t.*{road.more} FROM {road.table} t{session.by_index(road.index) if road.index else ''}{road.join} "
        f"WHERE t.shard = $1 AND t.member_id = $2 AND {below} ORDER BY {order} LIMIT {limit:d}",
        member_shard(member_id),
        member_id,
        *start,
    )
    return [Happening(name, row[road.moment], _place_of(row, road), row) for row in rows]


def _place_of(row: Row, road: _Road) -> Place:
    return (row[road.moment], row[road.id]) if road.id else (row["n"], "")


def text_of_places(places: Mapping[str, Place]) -> str:
    """As it stands in an address."""
    return msgspec.json.encode(places).decode()


def places_of(text: str) -> dict[str, Place]:
    """Places of an address; the beginning where it cannot be read."""
    try:
        return {name: place for name, place in _PLACES.decode(text).items() if name in ROADS} if text else {}
    except msgspec.MsgspecError:
        return {}
