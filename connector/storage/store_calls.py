"""Which signed calls of shops' plugins were taken: each id counts once for its connection."""

from __future__ import annotations

from datetime import datetime, timedelta
from zlib import crc32

from connector.storage.instants import micros
from connector.storage.models import StoreConnection
from connector.storage.session import Session
from connector.storage.shards import SHARDS

KEPT_FOR = timedelta(minutes=30)
"""Longer than any signature is accepted: five minutes to both sides of our clock, which differs between processes."""


async def take_call(session: Session, connection_number: int, call_id: str, now: datetime) -> bool:
    """Use up the id of a call; False if it was used before. Of several at once one gets it."""
    rows = await session.rows(
        "INSERT INTO store_call (shard, connection_number, call_id, at_us) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (shard, connection_number, call_id) DO NOTHING RETURNING shard",
        crc32(f"{connection_number}:call:{call_id}".encode()) % SHARDS,
        connection_number,
        call_id,
        micros(now),
    )
    return bool(rows)


async def is_disconnected(session: Session, connection_number: int) -> bool:
    """What the database says now, whatever a process remembers."""
    rows = StoreConnection.filter(number=connection_number, disconnected_at=None).using_db(session.client)
    return not await rows.exists()


async def prune_calls(session: Session, now: datetime, limit: int = 5000) -> int:
    """Forget ids of calls whose signature nobody accepts any more. Returns how many."""
    rows = await session.rows(
        "DELETE FROM store_call WHERE (shard, connection_number, call_id) IN (SELECT shard, connection_number, call_id "
        f"FROM store_call WHERE at_us < $1 LIMIT {limit:d}) RETURNING shard",
        micros(now - KEPT_FOR),
    )
    return len(rows)
