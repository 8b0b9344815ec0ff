"""Reading members: always inside one programme, which only the authenticator names."""

from __future__ import annotations

from connector.access.auth import ProgrammeScope
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard


async def find_member(session: Session, scope: ProgrammeScope, member_id: str) -> Row | None:
    """A member of the scope's programme, with balance; None if there is none, or it is somebody else's."""
    return await session.one(
        "SELECT m.member_id, m.shard, m.enrolled_at_us, b.points, b.deficit, b.lifetime, b.last_n, b.next_change_at_us "
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
