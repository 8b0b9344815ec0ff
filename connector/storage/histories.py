"""Every member's facts, streamed in the order of shards: what replaying needs, without holding it all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import datetime

from connector.storage.instants import instant
from connector.storage.session import Session
from connector.storage.shards import SHARDS, source_shard

MemberFacts = tuple[str, datetime, list[bytes]]
"""(member id, enrolled at, facts of all orders that ever qualified)."""


async def count_histories(session: Session, programme_number: int) -> int:
    """How many members ``member_chunks`` will give."""
    return await session.number("SELECT count(*) FROM member WHERE programme_number = $1", programme_number)


async def member_chunks(session: Session, programme_number: int, size: int) -> AsyncIterator[list[MemberFacts]]:
    """Members of a programme in chunks of up to ``size``."""
    for shard in range(SHARDS):
        last = ""
        while True:
            members = await session.rows(
                "SELECT member_id, enrolled_at_us FROM member WHERE shard = $1 AND programme_number = $2 "
                f"AND member_id > $3 ORDER BY member_id LIMIT {size:d}",
                shard,
                programme_number,
                last,
            )
            if not members:
                break
            last = members[-1]["member_id"]
            facts = await _facts(session, [(shard, row["member_id"]) for row in members])
            yield [(row["member_id"], instant(row["enrolled_at_us"]), facts[row["member_id"]]) for row in members]


async def _facts(session: Session, members: list[tuple[int, str]]) -> defaultdict[str, list[bytes]]:
    keyset, values = session.keyset("shard member_id", members)
    contexts = await session.rows(
        f"SELECT c.member_id, c.source_ref FROM {keyset} CROSS JOIN context c "
        "WHERE c.shard = k.shard AND c.member_id = k.member_id AND c.place > 0",
        *values,
    )
    owners = {row["source_ref"]: row["member_id"] for row in contexts}
    keyset, values = session.keyset("shard source_ref", sorted((source_shard(ref) or 0, ref) for ref in owners))
    rows = await session.rows(
        f"SELECT f.source_ref, f.member_id, f.fact FROM {keyset} CROSS JOIN source_fact f "
        "WHERE f.shard = k.shard AND f.source_ref = k.source_ref",
        *values,
    )
    facts: defaultdict[str, list[bytes]] = defaultdict(list)
    for row in rows:
        # What moved to somebody else meanwhile is that one's history.
        if row["member_id"] == owners[row["source_ref"]]:
            facts[row["member_id"]].append(bytes(row["fact"]))
    return facts
