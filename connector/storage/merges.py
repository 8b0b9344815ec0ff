"""Merges on disk: what was packed for another member, who opened it, and who a shop's customer is afterwards."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from connector.storage.connections import load_connections
from connector.storage.instants import micros
from connector.storage.ledger_load import ENTRY_OF_SOURCE
from connector.storage.seals import SEALED, sealing, turn_seals
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard, object_shard, source_shard
from connector.storage.vouchers import VoucherKey
from loyalty_engine.member import HELD_BY_BOTH


class MergeState(IntEnum):
    """How far a merge, or its undoing, has come. Each step can be taken again."""

    PACKED = 0
    DONE = 1
    UNPACKING = 2
    UNDONE = 3


@dataclass(frozen=True, slots=True)
class Merge:
    """One merge. member_id: who went; survivor_id: who has everything now. body: the parcel, encoded."""

    member_id: str
    n: int
    programme_number: int
    survivor_id: str
    merge_id: str
    state: MergeState
    cause: str
    actor: str
    body: str


_COLUMNS = "member_id n programme_number survivor_id merge_id state cause actor body_text"


def _merge(row: Row) -> Merge:
    return Merge(
        row["member_id"],
        row["n"],
        row["programme_number"],
        row["survivor_id"],
        row["merge_id"],
        MergeState(row["state"]),
        row["cause"],
        row["actor"],
        row["body_text"],
    )


async def save_merge(session: Session, merge: Merge, now: datetime) -> None:
    """A new merge, in the transaction in which its parcel was packed."""
    async with sealing(session, "merge", [merge.member_id]):
        await session.insert(
            "merge",
            f"shard {_COLUMNS} at_us",
            [
                (
                    member_shard(merge.member_id),
                    merge.member_id,
                    merge.n,
                    merge.programme_number,
                    merge.survivor_id,
                    merge.merge_id,
                    int(merge.state),
                    merge.cause,
                    merge.actor,
                    merge.body,
                    micros(now),
                )
            ],
        )


async def stands(session: Session, merge: Merge, state: MergeState) -> bool:
    """Whether a merge is in a state, and stays so until this transaction ends: another process may be further."""
    row = await session.one(
        "SELECT m.state FROM merge m WHERE m.shard = $1 AND m.member_id = $2 AND m.n = $3" + session.locked("m"),
        member_shard(merge.member_id),
        merge.member_id,
        merge.n,
    )
    return row is not None and row["state"] == state


async def set_merge_state(session: Session, merge: Merge, before: MergeState, now: datetime) -> None:
    """Note how far it has come, whose everything is, and what is kept of it; unless it is past ``before`` already."""
    async with sealing(session, "merge", [merge.member_id]):
        await session.run(
            "UPDATE merge SET state = $4, body_text = $5, survivor_id = $6, undone_at_us = $7 "
            "WHERE shard = $1 AND member_id = $2 AND n = $3 AND state = $8",
            member_shard(merge.member_id),
            merge.member_id,
            merge.n,
            int(merge.state),
            merge.body,
            merge.survivor_id,
            micros(now) if merge.state is MergeState.UNDONE else None,
            int(before),
        )


async def load_merges(session: Session, programme_number: int, member_id: str) -> list[Merge]:
    """Every merge in which a member went to another, oldest first."""
    rows = await session.rows(
        f"SELECT {', '.join(_COLUMNS.split())} FROM merge "
        "WHERE shard = $1 AND member_id = $2 AND programme_number = $3 ORDER BY n",
        member_shard(member_id),
        member_id,
        programme_number,
    )
    return [_merge(row) for row in rows]


async def undone_merges(session: Session, survivor_id: str) -> set[str]:
    """Ids of merges into a member that were undone, or are being undone."""
    rows = await session.rows("SELECT merge_id FROM merge WHERE survivor_id = $1 AND state IN (2, 3)", survivor_id)
    return {row["merge_id"] for row in rows}


async def standing_merge(session: Session, programme_number: int, member_id: str) -> Merge | None:
    """The merge by which a member is another's now; None if they are nobody's."""
    merges = await load_merges(session, programme_number, member_id)
    return merges[-1] if merges and merges[-1].state in (MergeState.PACKED, MergeState.DONE) else None


async def unfinished_merges(session: Session, limit: int = 100) -> list[Merge]:
    """Merges that stopped half-way, of every programme."""
    rows = await session.rows(
        f"SELECT {', '.join(_COLUMNS.split())} FROM merge WHERE state IN (0, 2) "
        f"ORDER BY shard, member_id LIMIT {limit:d}"
    )
    return [_merge(row) for row in rows]


async def is_opened(session: Session, member_id: str, parcel_id: str) -> bool:
    """Whether a member has opened a parcel. Asked under the member's lock."""
    row = await session.one(
        "SELECT merge_id FROM parcel WHERE shard = $1 AND member_id = $2 AND merge_id = $3",
        member_shard(member_id),
        member_id,
        parcel_id,
    )
    return row is not None


async def open_parcel(session: Session, member_id: str, parcel_id: str, programme_number: int, now: datetime) -> None:
    """This member opens the parcel now, in the transaction that books what is in it; a second time fails."""
    values = (parcel_id, programme_number, micros(now))
    await session.insert(
        "parcel", f"shard member_id {SEALED['parcel']}", [(member_shard(member_id), member_id, *values)]
    )
    await turn_seals(session, "parcel", [(member_id, values)])


async def set_member_status(
    session: Session, member_id: str, status: str, now: datetime, merged_into: str | None = None
) -> None:
    """Active, left, blocked, merged or erased, from now on."""
    async with sealing(session, "member", [member_id]):
        await session.run(
            "UPDATE member SET status = $3, status_at_us = $4, merged_into = $5 WHERE shard = $1 AND member_id = $2",
            member_shard(member_id),
            member_id,
            status,
            micros(now),
            merged_into,
        )


async def is_kept(session: Session, member_id: str) -> bool:
    """Whether there is such a member, who was not erased."""
    row = await session.one(
        "SELECT status FROM member WHERE shard = $1 AND member_id = $2", member_shard(member_id), member_id
    )
    return row is not None and row["status"] != "erased"


async def forwarded(session: Session, member_id: str) -> str:
    """Who has everything of a member by now; themselves, if they were never merged."""
    while True:
        row = await session.one(
            "SELECT merged_into FROM member WHERE shard = $1 AND member_id = $2 AND status = 'merged'",
            member_shard(member_id),
            member_id,
        )
        if row is None or row["merged_into"] is None:
            return member_id
        member_id = row["merged_into"]


async def merged_into(session: Session, survivor_id: str) -> list[str]:
    """Everybody who went to a member, and to them, and is there now."""
    found: list[str] = []
    waiting = [survivor_id]
    while waiting:
        rows = await session.rows(
            "SELECT member_id FROM merge WHERE survivor_id = $1 AND state IN (0, 1) ORDER BY member_id", waiting.pop()
        )
        new = [row["member_id"] for row in rows if row["member_id"] not in found]
        found += new
        waiting += new
    return found


async def held_by_both(session: Session, member_id: str, refs: Collection[str]) -> dict[str, int]:
    """Of these sources, the one-time awards that were taken back since the member had them as well, with the points."""
    rows = await session.rows(
        f"SELECT e.source_ref, e.points FROM cap_grant g JOIN entry e{session.by_index(ENTRY_OF_SOURCE)} "
        "ON e.shard = g.shard "
        "AND e.member_id = g.member_id AND e.source_ref = g.source_ref "
        "WHERE g.shard = $1 AND g.member_id = $2 AND g.cap_id = $3 AND e.kind = 'clawback' ORDER BY e.n",
        member_shard(member_id),
        member_id,
        HELD_BY_BOTH,
    )
    return {row["source_ref"]: -row["points"] for row in rows if row["source_ref"] in refs}


async def customers_of(session: Session, member_id: str) -> list[tuple[int, str]]:
    """(connection, customer) of every store in which a member is known, also where the account is gone by now."""
    rows = await session.rows(
        "SELECT connection_number, customer_ref FROM identity WHERE member_id = $1 "
        "ORDER BY connection_number, customer_ref",
        member_id,
    )
    return [(row["connection_number"], row["customer_ref"]) for row in rows]


async def rename_customers(session: Session, customers: Iterable[tuple[int, str]], before: str, after: str) -> None:
    """From now on these customers of stores, and what the stores said of them, are another member's."""
    connections = await load_connections(session)
    for connection, customer in customers:
        await session.run(
            "UPDATE identity SET member_id = $5 "
            "WHERE shard = $1 AND connection_number = $2 AND customer_ref = $3 AND member_id = $4",
            object_shard(connection, "customer", customer),
            connection,
            customer,
            before,
            after,
        )
        await session.run(
            "UPDATE source_fact SET member_id = $4 WHERE shard = $1 AND source_ref = $2 AND member_id = $3",
            object_shard(connection, "customer", customer),
            f"{connections[connection].platform}:{connection}:customer:{customer}",
            before,
            after,
        )


async def rename_vouchers(
    session: Session, keys: Iterable[VoucherKey], redemptions: Collection[str], before: str, after: str
) -> None:
    """From now on these codes are another member's, and so is what orders with them still have to settle; what orders
    with other codes of ``before`` have to settle stays theirs.
    """
    for key in sorted(keys, key=lambda key: key.place):
        await session.run(
            "UPDATE voucher SET member_id = $5 "
            "WHERE shard = $1 AND connection_number = $2 AND code = $3 AND member_id = $4",
            *key.place,
            before,
            after,
        )
    rows: list[Row] = []
    for redemption_id in sorted(redemptions):
        rows += await session.rows(
            "DELETE FROM code_use WHERE shard = $1 AND member_id = $2 AND redemption_id = $3 "
            "RETURNING redemption_id, order_ref, programme_number, fact_shard",
            member_shard(before),
            before,
            redemption_id,
        )
    await session.insert(
        "code_use",
        "shard member_id redemption_id order_ref programme_number fact_shard",
        [(member_shard(after), after, *row.values()) for row in rows],
        "ON CONFLICT (shard, member_id, redemption_id, order_ref) DO NOTHING",
    )


async def sources_of(session: Session, member_id: str) -> set[str]:
    """Every source of a member that has a fact: decided, waiting, or worth nothing so far."""
    rows = await session.rows(
        "SELECT source_ref FROM context WHERE shard = $1 AND member_id = $2 "
        "UNION SELECT source_ref FROM reason WHERE shard = $1 AND member_id = $2 "
        "UNION SELECT source_ref FROM counter WHERE shard = $1 AND member_id = $2 "
        "UNION SELECT source_ref FROM work WHERE shard = $1 AND member_id = $2",
        member_shard(member_id),
        member_id,
    )
    return {row["source_ref"] for row in rows if source_shard(row["source_ref"]) is not None}


async def sources_elsewhere(session: Session, member_id: str, refs: Collection[str]) -> list[str]:
    """Those of these sources whose facts belong to somebody else than the member, or to nobody."""
    keys = sorted((shard, ref) for ref in refs if (shard := source_shard(ref)) is not None)
    if not keys:
        return []
    keyset, values = session.keyset("shard source_ref", keys)
    rows = await session.rows(
        f"SELECT f.source_ref FROM {keyset} CROSS JOIN source_fact f WHERE f.shard = k.shard "
        f"AND f.source_ref = k.source_ref AND (f.member_id IS NULL OR f.member_id <> ${len(values) + 1})",
        *values,
        member_id,
    )
    return sorted(row["source_ref"] for row in rows)


async def sources_of_customers(session: Session, member_id: str, customers: Collection[tuple[int, str]]) -> set[str]:
    """Sources of a member that these customers of stores brought."""
    refs = await sources_of(session, member_id)
    keyset, values = session.keyset("shard source_ref", [(source_shard(ref), ref) for ref in sorted(refs)])
    if not refs:
        return set()
    rows = await session.rows(
        f"SELECT f.source_ref, f.connection_number, f.customer_ref FROM {keyset} CROSS JOIN source_fact f "
        "WHERE f.shard = k.shard AND f.source_ref = k.source_ref",
        *values,
    )
    return {row["source_ref"] for row in rows if (row["connection_number"], row["customer_ref"]) in customers}


async def rename_sources(session: Session, sources: Sequence[tuple[int, str]], before: str, after: str) -> None:
    """From now on these facts, by (shard, source_ref), belong to another member."""
    keyset, values = session.keyset("shard source_ref", sorted(sources))
    first = len(values) + 1
    await session.run(
        f"UPDATE source_fact SET member_id = ${first} WHERE member_id = ${first + 1} AND EXISTS "
        f"(SELECT 1 FROM {keyset} WHERE k.shard = source_fact.shard AND k.source_ref = source_fact.source_ref)",
        *values,
        after,
        before,
    )


async def move_pushes(session: Session, customers: Iterable[tuple[int, str]], before: str, after: str) -> None:
    """What these stores were told about one member they are told about another, above every older version."""
    for connection, customer in customers:
        await session.run(
            "INSERT INTO push "
            "(shard, member_id, connection_number, customer_ref, programme_number, wanted, next_at_us) "
            "SELECT $1, $2, p.connection_number, p.customer_ref, p.programme_number, p.wanted + 1, p.next_at_us "
            "FROM push p "
            "WHERE p.shard = $3 AND p.member_id = $4 AND p.connection_number = $5 AND p.customer_ref = $6 "
            "ON CONFLICT (shard, member_id, connection_number, customer_ref) DO UPDATE SET state = 0, attempts = 0, "
            "wanted = CASE WHEN push.wanted > excluded.wanted THEN push.wanted ELSE excluded.wanted END + 1",
            member_shard(after),
            after,
            member_shard(before),
            before,
            connection,
            customer,
        )
        await session.run(
            "DELETE FROM push WHERE shard = $1 AND member_id = $2 AND connection_number = $3 AND customer_ref = $4",
            member_shard(before),
            before,
            connection,
            customer,
        )
