"""Whose history is still being read, which orders wait for it, and what is known of the orders before them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.storage.ledger_load import MemberKey
from connector.storage.ledger_rows import context_of
from connector.storage.session import Session
from loyalty_engine.member import Context

_AWAITS = """c.values_text LIKE '%"nth":0%'"""
"""As the index has it."""


@dataclass(slots=True)
class Past:
    """The orders of one member. decided: contexts of orders; refused: when those were paid that came before the
    membership and earn nothing, by source; refs: the member's customers, (connection number, customer).
    """

    programme_number: int
    decided: list[Context] = field(default_factory=list)
    refused: dict[str, datetime] = field(default_factory=dict)
    customers: list[tuple[int, str]] = field(default_factory=list)

    @property
    def paid(self) -> dict[str, datetime]:
        """When each known order was paid, by source."""
        return {**self.refused, **{context.source_ref: context.paid_at for context in self.decided}}


async def programmes_reading(session: Session) -> set[int]:
    """Numbers of programmes of which a shop's past is being read, or stands still half-read, or was read and is not
    yet decided.
    """
    rows = await session.rows(
        "SELECT DISTINCT programme_number FROM backfill_run WHERE is_dry = 0 "
        "AND (run_state IN ('running', 'paused', 'failed') OR (run_state = 'done' AND is_worked = 0))"
    )
    return {row["programme_number"] for row in rows}


async def are_unworked(session: Session) -> bool:
    """Whether any run was read and is not yet known to be decided."""
    found = "SELECT 1 AS one FROM backfill_run WHERE run_state = 'done' AND is_worked = 0 LIMIT 1"
    return await session.one(found) is not None


async def close_worked(session: Session) -> None:
    """Note of runs that were read whether all that they brought has been decided."""
    await session.run(
        "UPDATE backfill_run SET is_worked = 1 WHERE run_state = 'done' AND is_worked = 0 AND NOT EXISTS "
        "(SELECT 1 FROM delivery d WHERE d.state = 0 AND d.topic = 'fetched/history' "
        "AND d.connection_number = backfill_run.connection_number) AND NOT EXISTS "
        "(SELECT 1 FROM work w WHERE w.state < 2 AND w.quiet = 1 "
        "AND w.programme_number = backfill_run.programme_number)"
    )


async def members_waiting(session: Session, but_of: Collection[int], limit: int) -> dict[MemberKey, int]:
    """Members with orders that wait for their history, with their programmes' numbers; but_of: not of these."""
    others = f"AND b.programme_number NOT IN ({', '.join(str(int(one)) for one in sorted(but_of))})" if but_of else ""
    rows = await session.rows(
        "SELECT DISTINCT c.shard, c.member_id, b.programme_number FROM context c "
        "JOIN balance b ON b.shard = c.shard AND b.member_id = c.member_id "
        f"WHERE {_AWAITS} {others} ORDER BY c.shard, c.member_id LIMIT {limit:d}"
    )
    return {(row["shard"], row["member_id"]): row["programme_number"] for row in rows}


async def load_pasts(session: Session, keys: Mapping[MemberKey, int]) -> dict[str, Past]:
    """What the books know of the orders of these members."""
    keyset, values = session.keyset("shard member_id", sorted(keys))
    of_member = "t.shard = k.shard AND t.member_id = k.member_id"
    pasts = {member_id: Past(programme) for (_, member_id), programme in keys.items()}
    for row in await session.rows(
        f"SELECT t.* FROM {keyset} CROSS JOIN context t WHERE {of_member} AND t.place > 0", *values
    ):
        pasts[row["member_id"]].decided.append(context_of(row))
    for row in await session.rows(
        f"SELECT t.member_id, t.source_ref, t.body_text FROM {keyset} CROSS JOIN reason t "
        f"WHERE {of_member} AND t.kind = 'paid-before-enrolment'",
        *values,
    ):
        told = json.loads(row["body_text"])
        if "order" in told:
            pasts[row["member_id"]].refused[row["source_ref"]] = datetime.fromisoformat(told["paid_at"])
    for row in await session.rows(
        f"SELECT t.member_id, t.connection_number, t.customer_ref FROM {keyset} CROSS JOIN identity t "
        "WHERE t.member_id = k.member_id",
        *values,
    ):
        pasts[row["member_id"]].customers.append((row["connection_number"], row["customer_ref"]))
    return pasts


async def write_nths(session: Session, shard: int, member_id: str, contexts: Sequence[Context]) -> None:
    """These contexts say now which of the member's orders each is."""
    await session.update(
        "context",
        "shard member_id source_ref",
        "values_text seal",
        [(shard, member_id, one.source_ref, one.values, one.seal(member_id)) for one in contexts],
    )


async def half_shown(session: Session) -> set[int]:
    """Numbers of connections whose past was last read in part only."""
    rows = await session.rows(
        "SELECT b.connection_number, b.since_us, b.visible_since_us FROM backfill_run b "
        "WHERE b.is_dry = 0 AND b.run_state = 'done' AND b.run_n = (SELECT max(n.run_n) FROM backfill_run n "
        "WHERE n.shard = b.shard AND n.connection_number = b.connection_number AND n.is_dry = 0 "
        "AND n.run_state = 'done')"
    )
    return {row["connection_number"] for row in rows if row["since_us"] or row["visible_since_us"]}
