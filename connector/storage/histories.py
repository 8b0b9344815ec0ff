"""Every member's facts, streamed in the order of shards: what replaying needs, without holding it all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime

from connector.storage.instants import instant
from connector.storage.session import Session
from connector.storage.shards import SHARDS, source_shard


@dataclass(slots=True)
class MemberFacts:
    """One member's facts, each as it is known now: orders that ever qualified or wait to be decided (all of them do, as
    long as a programme has not begun), approved activities; and the orders on which a reward was used, with (value in
    minor units, currency) of what it took off them.
    """

    member_id: str
    enrolled_at: datetime
    orders: list[bytes] = field(default_factory=list)
    activities: list[bytes] = field(default_factory=list)
    redeemed: dict[str, tuple[int, str]] = field(default_factory=dict)


async def count_histories(session: Session, programme_number: int) -> int:
    """How many members ``member_chunks`` will give."""
    return await session.number("SELECT count(*) FROM member WHERE programme_number = $1", programme_number)


async def has_begun(session: Session, programme_number: int) -> bool:
    """Whether anything was decided in it yet."""
    members = await session.rows(
        "SELECT 1 AS one FROM balance WHERE programme_number = $1 AND last_n > 0 LIMIT 1", programme_number
    )
    return bool(members)


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
            found = {row["member_id"]: MemberFacts(row["member_id"], instant(row["enrolled_at_us"])) for row in members}
            await _add_facts(session, [(shard, member_id) for member_id in found], found)
            await _add_redemptions(session, [(shard, member_id) for member_id in found], found)
            yield list(found.values())


async def _add_facts(session: Session, members: list[tuple[int, str]], found: dict[str, MemberFacts]) -> None:
    keyset, values = session.keyset("shard member_id", members)
    owners: dict[str, str] = {}
    for table in ("context", "work"):
        sources = await session.rows(
            f"SELECT s.member_id, s.source_ref FROM {keyset} CROSS JOIN {table} s "
            "WHERE s.shard = k.shard AND s.member_id = k.member_id",
            *values,
        )
        owners |= {
            row["source_ref"]: row["member_id"] for row in sources if source_shard(row["source_ref"]) is not None
        }
    keyset, values = session.keyset("shard source_ref", sorted((source_shard(ref) or 0, ref) for ref in owners))
    rows = await session.rows(
        f"SELECT f.source_ref, f.member_id, f.kind, f.fact FROM {keyset} CROSS JOIN source_fact f "
        "WHERE f.shard = k.shard AND f.source_ref = k.source_ref",
        *values,
    )
    for row in rows:
        # What moved to somebody else meanwhile is that one's history.
        if row["member_id"] == owners[row["source_ref"]]:
            facts = found[row["member_id"]]
            (facts.activities if row["kind"] == "activity" else facts.orders).append(bytes(row["fact"]))


async def _add_redemptions(session: Session, members: list[tuple[int, str]], found: dict[str, MemberFacts]) -> None:
    keyset, values = session.keyset("shard member_id", members)
    rows = await session.rows(
        f"SELECT r.member_id, r.order_ref, r.value_minor, r.currency FROM {keyset} CROSS JOIN redemption r "
        "WHERE r.shard = k.shard AND r.member_id = k.member_id AND r.redemption_state = 'used' "
        "AND r.order_ref IS NOT NULL AND r.kind IN ('amount', 'slider')",
        *values,
    )
    for row in rows:
        found[row["member_id"]].redeemed[row["order_ref"]] = (row["value_minor"], row["currency"])
