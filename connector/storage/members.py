"""Reading members: always inside one programme, which only the authenticator names."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from connector.access.auth import ProgrammeScope
from connector.storage.database import Database
from connector.storage.ledger_load import ENTRY_OF_SOURCE
from connector.storage.ledger_rows import lot_of
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard
from loyalty_engine.lots import Lot

_LOT = "n source_ref size remaining matures_at_us expires_at_us nominal_at_us booked expired dated_at_us".split()
REASONS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class MemberNumbers:
    """What a member's numbers are made of, all of one state of the database. lots: those with points left.

    reasons: (source, kind, JSON text of its inputs), newest first. has_pauses: whether any programme was ever paused.
    """

    enrolled_at_us: int
    points: int
    deficit: int
    lifetime: int
    last_n: int
    lots: tuple[Lot, ...]
    reasons: tuple[tuple[str, str, str], ...]
    has_pauses: bool


def _numbers_sql(group: str, array: str) -> str:
    lots = f"SELECT {group}({array}({', '.join(f'l.{name}' for name in _LOT)})) FROM lot l"
    reasons = f"SELECT {group}({array}(r.decided_at_us, r.source_ref, r.kind, r.body_text)) FROM"
    return (
        "SELECT m.enrolled_at_us, b.points, b.deficit, b.lifetime, b.last_n, "
        f"({lots} WHERE l.shard = $1 AND l.member_id = $2 AND l.remaining > 0) AS lots, "
        f"({reasons} (SELECT * FROM reason WHERE shard = $1 AND member_id = $2 ORDER BY decided_at_us DESC "
        f"LIMIT {REASONS_SHOWN}) AS r) AS reasons, EXISTS (SELECT 1 FROM programme_pause) AS has_pauses "
        "FROM member m JOIN balance b ON b.shard = m.shard AND b.member_id = m.member_id "
        "WHERE m.shard = $1 AND m.member_id = $2 AND m.programme_number = $3"
    )


_NUMBERS = {
    "sqlite": _numbers_sql("json_group_array", "json_array"),
    "postgresql": _numbers_sql("json_agg", "json_build_array"),
}
_DECODE = msgspec.json.Decoder().decode


async def load_numbers(database: Database, scope: ProgrammeScope, member_id: str) -> MemberNumbers | None:
    """A member of the scope's programme by one statement; None if there is none, or it is somebody else's."""
    keys = (member_shard(member_id), member_id, scope.programme_number)
    row = await database.glance(_NUMBERS[database.dialect], *keys)
    if row is None:
        return None
    told = sorted(_DECODE(row["reasons"] or "[]"), reverse=True)
    return MemberNumbers(
        row["enrolled_at_us"],
        row["points"],
        row["deficit"],
        row["lifetime"],
        row["last_n"],
        tuple(lot_of(dict(zip(_LOT, lot, strict=True))) for lot in _DECODE(row["lots"] or "[]")),
        tuple((source, kind, body) for _, source, kind, body in told),
        bool(row["has_pauses"]),
    )


async def find_member(session: Session, scope: ProgrammeScope, member_id: str) -> Row | None:
    """A member of the scope's programme, with balance; None if there is none, or it is somebody else's."""
    return await session.one(
        "SELECT m.member_id, m.shard, m.enrolled_at_us, m.created_at_us, m.status, m.merged_into, "
        "b.points, b.deficit, b.lifetime, b.last_n, b.next_change_at_us "
        "FROM member m JOIN balance b ON b.shard = m.shard AND b.member_id = m.member_id "
        "WHERE m.shard = $1 AND m.member_id = $2 AND m.programme_number = $3",
        member_shard(member_id),
        member_id,
        scope.programme_number,
    )


async def find_by_customer(
    session: Session, scope: ProgrammeScope, shard: int, connection_number: int, customer_ref: str
) -> str | None:
    """The member id of a shop's customer in the scope's programme."""
    row = await session.one(
        "SELECT member_id FROM identity WHERE shard = $1 AND connection_number = $2 AND customer_ref = $3 "
        "AND programme_number = $4",
        shard,
        connection_number,
        customer_ref,
        scope.programme_number,
    )
    return row["member_id"] if row else None


async def load_entries(session: Session, scope: ProgrammeScope, member_id: str, below_n: int, limit: int) -> list[Row]:
    """Up to ``limit`` entries with n < ``below_n``, newest first, with their explanations (None once erased)."""
    return await session.rows(
        "SELECT e.n, e.kind, e.points, e.source_ref, e.programme_version, e.book_date, e.recorded_at_us, e.entry_hash, "
        "x.body_text FROM entry e LEFT JOIN explanation x "
        "ON x.shard = e.shard AND x.member_id = e.member_id AND x.n = e.n "
        "WHERE e.shard = $1 AND e.member_id = $2 AND e.programme_number = $3 AND e.n < $4 "
        f"ORDER BY e.n DESC LIMIT {limit:d}",
        member_shard(member_id),
        member_id,
        scope.programme_number,
        below_n,
    )


async def load_entries_of(session: Session, scope: ProgrammeScope, member_id: str, source_ref: str) -> list[Row]:
    """As ``load_entries``, but all that one source moved at this member."""
    return await session.rows(
        "SELECT e.n, e.kind, e.points, e.source_ref, e.programme_version, e.book_date, e.recorded_at_us, e.entry_hash, "
        "x.body_text FROM entry e LEFT JOIN explanation x "
        "ON x.shard = e.shard AND x.member_id = e.member_id AND x.n = e.n "
        "WHERE e.shard = $1 AND e.member_id = $2 AND e.programme_number = $3 AND e.source_ref = $4 ORDER BY e.n DESC",
        member_shard(member_id),
        member_id,
        scope.programme_number,
        source_ref,
    )


async def load_reasons(session: Session, scope: ProgrammeScope, member_id: str) -> list[Row]:
    """Why sources of a member earn nothing now, newest first."""
    return await session.rows(
        "SELECT r.source_ref, r.kind, r.body_text, r.decided_at_us FROM reason r "
        "JOIN member m ON m.shard = r.shard AND m.member_id = r.member_id "
        "WHERE r.shard = $1 AND r.member_id = $2 AND m.programme_number = $3 ORDER BY r.decided_at_us DESC LIMIT 50",
        member_shard(member_id),
        member_id,
        scope.programme_number,
    )


async def entries_of_source(
    session: Session, scope: ProgrammeScope, member_id: str, source_ref: str, limit: int
) -> list[Row]:
    """Up to ``limit`` entries that one source made, newest first, as ``load_entries`` gives them."""
    return await session.rows(
        "SELECT e.n, e.kind, e.points, e.source_ref, e.programme_version, e.book_date, e.recorded_at_us, e.entry_hash, "
        f"x.body_text FROM entry e{session.by_index(ENTRY_OF_SOURCE)} LEFT JOIN explanation x "
        "ON x.shard = e.shard AND x.member_id = e.member_id AND x.n = e.n "
        "WHERE e.shard = $1 AND e.member_id = $2 AND e.source_ref = $3 AND e.programme_number = $4 "
        f"ORDER BY e.n DESC LIMIT {limit:d}",
        member_shard(member_id),
        member_id,
        source_ref,
        scope.programme_number,
    )


async def points_of_source(session: Session, scope: ProgrammeScope, member_id: str, source_ref: str) -> int:
    """What all entries that one source made come to."""
    return await session.number(
        f"SELECT CAST(COALESCE(SUM(e.points), 0) AS BIGINT) FROM entry e{session.by_index(ENTRY_OF_SOURCE)} "
        "WHERE e.shard = $1 AND e.member_id = $2 AND e.source_ref = $3 AND e.programme_number = $4",
        member_shard(member_id),
        member_id,
        source_ref,
        scope.programme_number,
    )


async def lots_of_source(session: Session, member_id: str, source_ref: str) -> list[Lot]:
    """What a source gave, spent or not, in the order in which it was given."""
    rows = await session.rows(
        "SELECT * FROM lot WHERE shard = $1 AND member_id = $2 AND source_ref = $3 ORDER BY n",
        member_shard(member_id),
        member_id,
        source_ref,
    )
    return [lot_of(row) for row in rows]


async def reason_of_source(session: Session, member_id: str, source_ref: str) -> Row | None:
    """Why a source earns nothing now; None if nothing is noted."""
    return await session.one(
        "SELECT source_ref, kind, body_text FROM reason WHERE shard = $1 AND member_id = $2 AND source_ref = $3",
        member_shard(member_id),
        member_id,
        source_ref,
    )
