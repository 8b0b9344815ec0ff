"""How fast something may be done, over all processes: one row for each doer, changed by one conditional statement.

The row holds the moment until which what was done is spread out evenly (a leaky bucket); what comes while that moment
is too far ahead is refused and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

from connector.storage.instants import micros
from connector.storage.session import Session
from connector.storage.shards import SHARDS

KEPT_FOR = timedelta(days=2)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """``at_once`` in a row, and then one every ``every``."""

    at_once: int
    every: timedelta


def _place(scope: str) -> tuple[int, str]:
    return crc32(scope.encode()) % SHARDS, scope


async def count_one(session: Session, scope: str, pace: Pace, now: datetime) -> int:
    """Count one more, or refuse it. Returns 0, or after how many whole seconds there is room again."""
    step = pace.every // _MICROSECOND
    rows = await session.rows(
        "INSERT INTO pace (shard, scope_key, at_us) VALUES ($1, $2, CAST($3 AS BIGINT) + CAST($4 AS BIGINT)) "
        "ON CONFLICT (shard, scope_key) DO UPDATE SET at_us = CAST($4 AS BIGINT) + "
        "CASE WHEN pace.at_us > CAST($3 AS BIGINT) THEN pace.at_us ELSE CAST($3 AS BIGINT) END "
        "WHERE pace.at_us <= CAST($3 AS BIGINT) + CAST($5 AS BIGINT) RETURNING at_us",
        *_place(scope),
        micros(now),
        step,
        step * (pace.at_once - 1),
    )
    if rows:
        return 0
    until = await session.number("SELECT at_us FROM pace WHERE shard = $1 AND scope_key = $2", *_place(scope))
    return max(1, -(-(until - step * (pace.at_once - 1) - micros(now)) // 1_000_000))


async def one_at_a_time(session: Session, scope: str, now: datetime) -> None:
    """Whoever else comes here with the same scope waits until this transaction has ended, and sees what it did."""
    await session.run(
        "INSERT INTO pace (shard, scope_key, at_us) VALUES ($1, $2, $3) "
        "ON CONFLICT (shard, scope_key) DO UPDATE SET at_us = excluded.at_us",
        *_place(scope),
        micros(now),
    )


async def prune_paces(session: Session, now: datetime, limit: int = 5000) -> int:
    """Forget rows that hold nobody up any more. Returns how many."""
    rows = await session.rows(
        "DELETE FROM pace WHERE (shard, scope_key) IN "
        f"(SELECT shard, scope_key FROM pace WHERE at_us < $1 LIMIT {limit:d}) RETURNING shard",
        micros(now - KEPT_FOR),
    )
    return len(rows)
