"""Closed books on disk: the last closed day, sums and hashes of a day's entries, and what is owed now."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from connector.storage.instants import micros
from connector.storage.models import BookClosing, Programme
from connector.storage.session import Row, Session
from connector.storage.shards import SHARDS
from loyalty_engine.books import Closing, Movement, Outstanding, age_groups
from loyalty_engine.ledger import EntryKind

_EVERY_SHARD = ", ".join(str(shard) for shard in range(SHARDS))
"""Named one by one, so that the index over (shard, programme, day) is used."""

DAY_US = 24 * 60 * 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class BookState:
    """How far a programme's books are. closed_through: no entry is booked on it or before any more.

    created_at: nothing was ever booked before its local day.
    """

    number: int
    timezone: str
    created_at: datetime
    closed_through: date | None


async def load_book_states(session: Session) -> list[BookState]:
    """Every programme."""
    rows = await Programme.all().using_db(session.client).order_by("number")
    return [BookState(row.number, row.timezone, row.created_at, row.closed_through) for row in rows]


async def close_through(session: Session, number: int, day: date) -> bool:
    """Book nothing on ``day`` or before from now on. Waits for every append under way, and the next one sees it.

    False if that is so already.
    """
    if session.dialect == "postgresql":
        await session.rows("SELECT number FROM programme WHERE number = $1 FOR UPDATE", number)
    row = await Programme.get(number=number, using_db=session.client)
    if row.closed_through is not None and row.closed_through >= day:
        return False
    await Programme.filter(number=number).using_db(session.client).update(closed_through=day)
    return True


async def last_closing(session: Session, number: int) -> Closing | None:
    """The newest closed day."""
    row = await BookClosing.filter(programme_number=number).using_db(session.client).order_by("-book_date").first()
    return None if row is None else _closing(row)


async def load_closings(session: Session, number: int, first: date, last: date, limit: int) -> list[Closing]:
    """Closed days from ``first`` to ``last``, newest first, at most ``limit``."""
    rows = BookClosing.filter(programme_number=number, book_date__gte=first, book_date__lte=last)
    return [_closing(row) for row in await rows.using_db(session.client).order_by("-book_date").limit(limit)]


async def save_closings(session: Session, closings: Sequence[Closing]) -> None:
    """Add closed days. Raises IntegrityError if somebody else closed one of them."""
    for closing in closings:
        await BookClosing.create(
            using_db=session.client, **{name: getattr(closing, name) for name in Closing.__dataclass_fields__}
        )


def _closing(row: BookClosing) -> Closing:
    return Closing(**{**{name: getattr(row, name) for name in Closing.__dataclass_fields__}, "root": bytes(row.root)})


@dataclass(frozen=True, slots=True)
class DaySums:
    """What was booked on one day. shards: those in which entries lie, rising."""

    movements: tuple[Movement, ...] = ()
    shards: tuple[int, ...] = ()


async def sums_by_day(session: Session, number: int, first: date, last: date) -> dict[date, DaySums]:
    """Entries of the days from ``first`` to ``last``, added up by kind and sign; days without any are left out."""
    rows = await session.rows(
        "SELECT book_date, shard, kind, CAST(sum(points) AS BIGINT) AS points, count(*) AS entries FROM entry "
        f"WHERE shard IN ({_EVERY_SHARD}) AND programme_number = $1 AND book_date BETWEEN $2 AND $3 "
        "GROUP BY book_date, shard, kind, points > 0",
        number,
        first.isoformat(),
        last.isoformat(),
    )
    by_day: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_day[row["book_date"]].append(row)
    return {
        date.fromisoformat(day): DaySums(
            tuple(Movement(EntryKind(row["kind"]), row["points"], row["entries"]) for row in of_day),
            tuple(sorted({row["shard"] for row in of_day})),
        )
        for day, of_day in by_day.items()
    }


async def digest_of_day(session: Session, number: int, day: date, shards: Sequence[int]) -> bytes:
    """``books.digest_of`` the day's entries, by shard, member and number; one shard is in memory at a time."""
    whole = hashlib.sha256()
    for shard in shards:
        rows = await session.rows(
            "SELECT entry_hash FROM entry WHERE shard = $1 AND programme_number = $2 AND book_date = $3 "
            "ORDER BY member_id, n",
            shard,
            number,
            day.isoformat(),
        )
        for row in rows:
            whole.update(row["entry_hash"])
    return whole.digest()


async def matured_between(session: Session, number: int, day: date, begins_at: datetime, ends_at: datetime) -> int:
    """Points that became spendable on a local day: of lots that matured in it, or were opened in it already mature.

    What was taken from a lot before it matured never became spendable.
    """
    return await session.number(
        "SELECT CAST(COALESCE(sum(l.size - COALESCE((SELECT sum(c.points) FROM consumption c JOIN entry d "
        "ON d.shard = c.shard AND d.member_id = c.member_id AND d.n = c.debit_n "
        "WHERE c.shard = l.shard AND c.member_id = l.member_id AND c.lot_n = l.n "
        "AND d.recorded_at_us < l.matures_at_us), 0)), 0) AS BIGINT) AS matured "
        "FROM lot l JOIN entry e ON e.shard = l.shard AND e.member_id = l.member_id AND e.n = l.n "
        "WHERE e.programme_number = $1 AND ("
        "(l.matures_at_us >= $3 AND l.matures_at_us < $4 AND e.book_date <= $2) "
        "OR (l.matures_at_us < $3 AND e.book_date = $2))",
        number,
        day.isoformat(),
        micros(begins_at),
        micros(ends_at),
    )


async def outstanding_by_age(session: Session, number: int, now: datetime, lives_at: datetime) -> list[Outstanding]:
    """What lots have left that live then, by the age of the entry that opened them."""
    at, lives = micros(now), _lives(micros(lives_at))
    group = " ".join(
        f"WHEN e.recorded_at_us > {at - (oldest + 1) * DAY_US:d} THEN {i}"
        for i, (_, oldest) in enumerate(age_groups())
        if oldest is not None
    )
    rows = await session.rows(
        f"SELECT CASE {group} ELSE {len(age_groups()) - 1} END AS age_group, "
        f"{_free_where(f'l.matures_at_us > {at:d} AND {lives}')} AS pending, "
        f"{_free_where(f'l.matures_at_us <= {at:d} AND {lives}')} AS available, "
        f"CAST(sum(l.booked) AS BIGINT) AS held {_OPEN_LOTS} GROUP BY age_group",
        number,
    )
    found = {row["age_group"]: row for row in rows}
    return [
        Outstanding(
            youngest, oldest, *(found[i][name] if i in found else 0 for name in ("pending", "available", "held"))
        )
        for i, (youngest, oldest) in enumerate(age_groups())
    ]


async def owed_and_ended(session: Session, number: int, at: datetime) -> tuple[int, int]:
    """(what members owe, what has ended but was not expired by an entry yet). Points in carts do not end."""
    owed = await session.number(
        "SELECT CAST(COALESCE(sum(deficit), 0) AS BIGINT) FROM balance WHERE programme_number = $1", number
    )
    ended = await session.number(f"SELECT {_free_where(f'NOT {_lives(micros(at))}')} AS ended {_OPEN_LOTS}", number)
    return owed, ended


_OPEN_LOTS = (
    "FROM lot l JOIN entry e ON e.shard = l.shard AND e.member_id = l.member_id AND e.n = l.n "
    "WHERE e.programme_number = $1 AND l.remaining > 0"
)


def _lives(at: int) -> str:
    return f"(l.expires_at_us IS NULL OR l.expires_at_us > {at:d})"


def _free_where(condition: str) -> str:
    return f"CAST(COALESCE(sum(CASE WHEN {condition} THEN l.remaining - l.booked ELSE 0 END), 0) AS BIGINT)"
