"""Long lists, the newest first: each page from a walk of bounded length along an index, whatever a filter leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.storage.instants import instant
from connector.storage.session import Row, Session

WALK = 2_000
"""Rows that one page looks at."""
Place = tuple[int | str, ...]
"""Where a page goes on: behind a moment in microseconds, and what else orders rows of the same moment."""
LAST = 2**62
"""A moment after all others."""


@dataclass(frozen=True, slots=True)
class Road:
    """What is walked. table; index: its name, of the columns of ``fixed`` and then ``order``, the first of which is the
    moment. where: a condition on rows ``t`` that all must meet, with the values of ``more`` from its own first mark on.
    part: the condition of an index of some rows only, as it stands there. since_us: where the road ends. also: what is
    read of other tables for each row.
    """

    table: str
    index: str
    fixed: Sequence[tuple[str, int | str]]
    order: Sequence[str]
    where: str = ""
    more: Sequence[object] = field(default_factory=tuple)
    part: str = ""
    since_us: int = 0
    also: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A page of rows, and where the next one goes on; None: nothing is left. reached: how far the walk came, if it
    ended before the page was full.
    """

    rows: list[Row]
    next_place: Place | None
    reached: datetime | None


async def walk(session: Session, road: Road, behind: Place, limit: int) -> Stretch:
    """Up to ``limit`` rows behind a place."""
    last = await _last(session, road, behind, WALK)
    if last is None:
        return Stretch([], None, None)
    found = await _between(session, road, behind, last, limit + 1)
    if len(found) > limit:
        return Stretch(found[:limit], _place(road, found[limit - 1]), None)
    is_more = await _last(session, road, last, 1) is not None
    return Stretch(found, last if is_more else None, instant(int(last[0])) if is_more else None)


def first_mark(fixed: int, order: int) -> int:
    """The number of the first value of a condition of its own, with so many columns of both kinds."""
    return fixed + 2 * order + 1


def _place(road: Road, row: Row) -> Place:
    return tuple(row[name] for name in road.order)


def _of_road(road: Road) -> str:
    """The condition that a row lies on the road, wherever one begins."""
    tests = [f"t.{name} = ${number}" for number, (name, _) in enumerate(road.fixed, 1)]
    if road.part:
        tests.append(road.part)
    if road.since_us:
        tests.append(f"t.{road.order[0]} >= {road.since_us:d}")
    return " AND ".join(tests)


def _marks(first: int, count: int) -> str:
    return ", ".join(f"${first + place}" for place in range(count))


async def _last(session: Session, road: Road, behind: Place, steps: int) -> Place | None:
    """The last of so many rows; from the index alone."""
    names, columns = ", ".join(road.order), ", ".join(f"t.{name}" for name in road.order)
    back = ", ".join(f"t.{name} DESC" for name in road.order)
    rows = await session.rows(
        f"SELECT {names} FROM (SELECT {columns} FROM {road.table} t{session.by_index(road.index)} "
        f"WHERE {_of_road(road)} AND ({columns}) < ({_marks(len(road.fixed) + 1, len(road.order))}) "
        f"ORDER BY {back} LIMIT {steps:d}) w ORDER BY {names} LIMIT 1",
        *(value for _, value in road.fixed),
        *behind,
    )
    return _place(road, rows[0]) if rows else None


async def _between(session: Session, road: Road, behind: Place, last: Place, limit: int) -> list[Row]:
    columns = ", ".join(f"t.{name}" for name in road.order)
    back = ", ".join(f"t.{name} DESC" for name in road.order)
    first, size = len(road.fixed) + 1, len(road.order)
    return await session.rows(
        f"SELECT t.*{road.also} FROM {road.table} t{session.by_index(road.index)} WHERE {_of_road(road)} "
        f"AND ({columns}) < ({_marks(first, size)}) AND ({columns}) >= ({_marks(first + size, size)})"
        f"{f' AND {road.where}' if road.where else ''} ORDER BY {back} LIMIT {limit:d}",
        *(value for _, value in road.fixed),
        *behind,
        *last,
        *road.more,
    )
