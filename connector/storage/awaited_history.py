"""Whose history is still being read, which orders wait for it, and what is known of the orders before them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from connector.platforms import FETCHED_HISTORY
from connector.storage.instants import instant
from connector.storage.ledger_load import MemberKey
from connector.storage.ledger_rows import context_of
from connector.storage.session import Session
from connector.storage.shards import member_shard
from loyalty_engine.member import Context

_AWAITS = """c.values_text LIKE '%"nth":0%'"""
"""As the index has it."""
_WORKED = (
    "run_state = 'done' AND is_worked = 0 AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.state = 0 "
    f"AND d.topic = '{FETCHED_HISTORY}' AND d.connection_number = backfill_run.connection_number)"
)
"""All that a run brought is facts now, and work of the members that it concerns."""
_NO_MEMBER_THEN = ("paid-before-enrolment", "paid-after-leaving", "member-blocked", "programme-ended")
"""Reasons of orders that were paid, and that earn nothing whatever they are worth."""


@dataclass(slots=True)
class Past:
    """The paid orders of one member. decided: contexts; refused: when those were paid that earn nothing, since the
    member was none then, by source; customers: the member's, (connection number, customer). worthless: sources of other
    orders that earned nothing, cancelled ones above all, and that their shops still have.
    """

    programme_number: int
    decided: list[Context] = field(default_factory=list)
    refused: dict[str, datetime] = field(default_factory=dict)
    customers: list[tuple[int, str]] = field(default_factory=list)
    worthless: set[str] = field(default_factory=set)

    @property
    def known(self) -> set[str]:
        """Their sources."""
        return {one.source_ref for one in self.decided} | self.refused.keys()


async def programmes_awaiting(session: Session) -> set[int]:
    """Numbers of programmes of which a shop's past was read or is to be. There a member's orders may be older than what
    the books of the membership say, so their place is sought among all that are known.
    """
    rows = await session.rows(
        "SELECT DISTINCT programme_number FROM backfill_run WHERE is_dry = 0 AND run_state <> 'replaced'"
    )
    return {row["programme_number"] for row in rows}


async def programmes_read(session: Session) -> set[int]:
    """Of these, and of those whose run was replaced, the ones of which nothing is being read, stands still half-read,
    or was read and is not yet work of the members that it concerns.
    """
    rows = await session.rows(
        "SELECT programme_number FROM backfill_run WHERE is_dry = 0 GROUP BY programme_number "
        "HAVING sum(CASE WHEN run_state IN ('running', 'paused', 'failed') "
        "OR (run_state = 'done' AND is_worked = 0) THEN 1 ELSE 0 END) = 0"
    )
    return {row["programme_number"] for row in rows}


async def are_worked(session: Session) -> bool:
    """Whether any run can be closed."""
    return await session.one(f"SELECT 1 AS one FROM backfill_run WHERE {_WORKED} LIMIT 1") is not None


async def close_worked(session: Session) -> None:
    """Note of runs that were read that all they brought is work of the members that it concerns. From then on it is
    each member's own work that is waited for (``members_waiting``), whatever else it has become since.
    """
    await session.run(f"UPDATE backfill_run SET is_worked = 1 WHERE {_WORKED}")


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """Members with their programmes' numbers. last: whom the next page comes after; None: there is none."""

    members: dict[MemberKey, int]
    last: MemberKey | None


async def members_waiting(
    session: Session, programmes: Collection[int], but_at: Collection[int], after: MemberKey, limit: int
) -> WaitingPage:
    """Members with orders that wait for their history and with nothing else to be decided, in order. programmes:
    numbers of those to look at; but_at: of connections whose customers are left out.

    Looked for shard by shard: all others who wait, for a past that is still being read, are never read at once, and
    what is read needs no sorting whatever a database believes of these tables.
    """
    found: dict[MemberKey, int] = {}
    shard, member_id = after
    while True:
        found |= await _waiting_in(session, programmes, but_at, (shard, member_id), limit - len(found))
        if len(found) == limit:
            return WaitingPage(found, max(found))
        row = await session.one(f"SELECT min(c.shard) AS next FROM context c WHERE {_AWAITS} AND c.shard > $1", shard)
        if row is None or row["next"] is None:
            return WaitingPage(found, None)
        shard, member_id = row["next"], ""


async def _waiting_in(
    session: Session, programmes: Collection[int], but_at: Collection[int], after: MemberKey, limit: int
) -> dict[MemberKey, int]:
    """Those of one shard. Work that was set aside counts, too: what it is about may be an earlier order."""
    rows = await session.rows(
        "SELECT DISTINCT c.shard, c.member_id, b.programme_number "
        f"FROM context c{session.by_index('context_awaits')} CROSS JOIN balance b "
        f"WHERE {_AWAITS} AND c.shard = $1 AND c.member_id > $2 AND b.shard = $1 AND b.member_id = c.member_id "
        f"AND b.programme_number IN ({_numbers(programmes)}) AND NOT EXISTS "
        "(SELECT 1 FROM work w WHERE w.shard = $1 AND w.member_id = c.member_id) AND NOT EXISTS "
        f"(SELECT 1 FROM identity i WHERE i.member_id = c.member_id AND i.connection_number IN ({_numbers(but_at)})) "
        f"ORDER BY c.member_id LIMIT {limit:d}",
        *after,
    )
    return {(row["shard"], row["member_id"]): row["programme_number"] for row in rows}


def _numbers(numbers: Collection[int]) -> str:
    return ", ".join(str(int(one)) for one in sorted(numbers)) or "0"


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
        f"SELECT t.member_id, t.source_ref, t.kind, t.body_text FROM {keyset} CROSS JOIN reason t "
        f"WHERE {of_member} AND t.kind <> 'order-deleted'",
        *values,
    ):
        told, past = json.loads(row["body_text"]), pasts[row["member_id"]]
        if row["kind"] not in _NO_MEMBER_THEN:
            past.worthless |= {row["source_ref"]} if ":order:" in row["source_ref"] else set()
        elif "order" in told:
            past.refused[row["source_ref"]] = datetime.fromisoformat(told["paid_at"])
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


async def told_nth(session: Session, member_id: str, source_ref: str) -> int | None:
    """Which of its member's orders one that had to wait for it was found to be; 0 while it waits, -1 where nobody can
    know it; None of one that did not have to wait.
    """
    row = await session.one(
        "SELECT values_text FROM context WHERE shard = $1 AND member_id = $2 AND source_ref = $3",
        member_shard(member_id),
        member_id,
        source_ref,
    )
    nth: int | None = json.loads(row["values_text"], parse_float=Decimal).get("nth") if row else None
    return nth


async def half_shown(session: Session) -> dict[int, datetime]:
    """Connections whose past was read, but never as a whole, by number: from when on at the earliest."""
    rows = await session.rows(
        "SELECT connection_number, min(CASE WHEN since_us IS NULL OR since_us < visible_since_us THEN visible_since_us "
        "ELSE since_us END) AS begun_us FROM backfill_run WHERE is_dry = 0 AND run_state = 'done' "
        "GROUP BY connection_number "
        "HAVING sum(CASE WHEN since_us IS NULL AND visible_since_us IS NULL THEN 1 ELSE 0 END) = 0"
    )
    return {row["connection_number"]: instant(row["begun_us"]) for row in rows}


async def last_begun(session: Session) -> dict[int, datetime]:
    """When the last reading of each connection's past was begun, to the second: more exact no shop dates its orders."""
    rows = await session.rows(
        "SELECT connection_number, max(started_at_us) AS begun_us FROM backfill_run WHERE is_dry = 0 "
        "GROUP BY connection_number"
    )
    return {row["connection_number"]: instant(row["begun_us"]).replace(microsecond=0) for row in rows}


def shop_of(source_ref: str) -> int:
    """Number of the connection that a source came from."""
    return int(source_ref.split(":", 2)[1])
