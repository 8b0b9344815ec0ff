"""Of an adjustment of a segment: that its list is written, or that it was dropped and its list is gone."""

from __future__ import annotations

from datetime import datetime

from connector.storage.bulks import Bulk, BulkState
from connector.storage.instants import micros
from connector.storage.session import Session


async def end_list(session: Session, bulk: Bulk, state: BulkState, segment: str) -> None:
    """Nothing more is written down for it. segment: what is kept of what it meant."""
    await session.run(
        "UPDATE bulk_adjust SET listed = 1, state = $2, segment = $3 WHERE bulk_id = $1",
        bulk.bulk_id,
        int(state),
        segment,
    )


async def drop_bulk(session: Session, bulk: Bulk, why: str) -> None:
    """Nobody gets anything of it; its list is cleared afterwards."""
    await session.run(
        "UPDATE bulk_adjust SET state = $2, dropped_for = $3 WHERE bulk_id = $1",
        bulk.bulk_id,
        int(BulkState.DROPPED),
        why[:60],
    )


async def clear_list(session: Session, bulk: Bulk, most: int) -> int:
    """Forget some of a list that was never used. Returns how many."""
    rows = await session.rows(
        "DELETE FROM bulk_member WHERE (shard, member_id, bulk_id) IN (SELECT r.shard, r.member_id, r.bulk_id "
        f"FROM bulk_member r WHERE r.bulk_id = $1 LIMIT {most:d}) RETURNING shard",
        bulk.bulk_id,
    )
    return len(rows)


async def count_dropped(session: Session, programme_number: int, since: datetime) -> int:
    """Those that were dropped since then, and after which whoever asked has asked for no other."""
    return await session.number(
        "SELECT count(*) FROM bulk_adjust b WHERE b.programme_number = $1 AND b.state = $2 AND b.created_at_us > $3 "
        "AND NOT EXISTS (SELECT 1 FROM bulk_adjust l WHERE l.programme_number = b.programme_number "
        "AND l.person = b.person AND l.created_at_us > b.created_at_us)",
        programme_number,
        int(BulkState.DROPPED),
        micros(since),
    )
