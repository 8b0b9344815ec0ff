"""Which kinds of activity a programme was ever told of."""

from __future__ import annotations

from connector.storage.session import Session
from connector.storage.shards import SHARDS


async def reported_kinds(session: Session, number: int) -> frozenset[str]:
    """Kinds of activity that were ever reported to this programme. From one kind to the next in the index of each
    shard: members have many rows of few kinds, and pages of drafts ask for it.
    """
    shards, values = session.keyset("shard", [(shard,) for shard in range(SHARDS)])
    counters = f"counter c{session.by_index('counter_board')}"
    of_programme = f"SELECT min(c.counter) FROM {counters} WHERE c.programme_number = {number:d} AND c.shard ="
    rows = await session.rows(
        f"WITH RECURSIVE found (shard, counter) AS (SELECT k.shard, ({of_programme} k.shard) FROM {shards} UNION ALL "
        f"SELECT f.shard, ({of_programme} f.shard AND c.counter > f.counter) FROM found f WHERE f.counter IS NOT NULL) "
        "SELECT DISTINCT counter FROM found WHERE counter IS NOT NULL",
        *values,
    )
    return frozenset(row["counter"] for row in rows)
