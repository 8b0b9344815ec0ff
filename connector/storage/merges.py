"""Merges on disk: what was packed for another member, who opened it, and who a shop's customer is afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from connector.storage.instants import micros
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard, object_shard


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


async def set_merge_state(session: Session, merge: Merge, state: MergeState, now: datetime, body: str = "") -> None:
    """Note how far it has come. body: a new parcel, of the way back."""
    await session.run(
        "UPDATE merge SET state = $4, body_text = CASE WHEN $5 = '' THEN body_text ELSE $5 END, "
        "undone_at_us = CASE WHEN $4 = 3 THEN $6 ELSE undone_at_us END "
        "WHERE shard = $1 AND member_id = $2 AND n = $3",
        member_shard(merge.member_id),
        merge.member_id,
        merge.n,
        int(state),
        body,
        micros(now),
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


async def unfinished_merges(session: Session, limit: int = 100) -> list[Merge]:
    """Merges that stopped half-way, of every programme."""
    rows = await session.rows(
        f"SELECT {', '.join(_COLUMNS.split())} FROM merge WHERE state IN (0, 2) "
        f"ORDER BY shard, member_id LIMIT {limit:d}"
    )
    return [_merge(row) for row in rows]


async def open_parcel(session: Session, member_id: str, merge_id: str, programme_number: int, now: datetime) -> bool:
    """True if this member opens the parcel now, in the transaction that books what is in it; False if it did before."""
    rows = await session.rows(
        "INSERT INTO parcel (shard, member_id, merge_id, programme_number, at_us) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (shard, member_id, merge_id) DO NOTHING RETURNING shard",
        member_shard(member_id),
        member_id,
        merge_id,
        programme_number,
        micros(now),
    )
    return bool(rows)


async def set_member_status(
    session: Session, member_id: str, status: str, now: datetime, merged_into: str | None = None
) -> None:
    """Active, left, blocked, merged or erased, from now on."""
    await session.run(
        "UPDATE member SET status = $3, status_at_us = $4, merged_into = $5 WHERE shard = $1 AND member_id = $2",
        member_shard(member_id),
        member_id,
        status,
        micros(now),
        merged_into,
    )


async def customers_of(session: Session, member_id: str) -> list[tuple[int, str, int]]:
    """(connection, customer, version wanted there) of every store in which a member is known and told about."""
    rows = await session.rows(
        "SELECT connection_number, customer_ref, wanted FROM push WHERE shard = $1 AND member_id = $2 "
        "ORDER BY connection_number, customer_ref",
        member_shard(member_id),
        member_id,
    )
    return [(row["connection_number"], row["customer_ref"], row["wanted"]) for row in rows]


async def rename_customers(
    session: Session, customers: Iterable[tuple[int, str, int]], before: str, after: str
) -> None:
    """From now on these customers of stores are another member."""
    for connection, customer, _ in customers:
        await session.run(
            "UPDATE identity SET member_id = $5 "
            "WHERE shard = $1 AND connection_number = $2 AND customer_ref = $3 AND member_id = $4",
            object_shard(connection, "customer", customer),
            connection,
            customer,
            before,
            after,
        )


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


async def move_pushes(
    session: Session, customers: Sequence[tuple[int, str, int]], after: str, programme_number: int, now: datetime
) -> None:
    """The survivor's stores: what was told about the other one is told about this one, above every older version."""
    await session.insert(
        "push",
        "shard member_id connection_number customer_ref programme_number wanted next_at_us",
        [
            (member_shard(after), after, connection, customer, programme_number, wanted + 1, micros(now))
            for connection, customer, wanted in customers
        ],
        "ON CONFLICT (shard, member_id, connection_number, customer_ref) DO UPDATE "
        "SET wanted = CASE WHEN push.wanted > excluded.wanted THEN push.wanted ELSE excluded.wanted END + 1, "
        "state = 0, attempts = 0, reason = NULL, next_at_us = excluded.next_at_us",
    )


async def drop_pushes(session: Session, member_id: str, customers: Sequence[tuple[int, str, int]]) -> None:
    """A member is not told to these stores any more."""
    shard = member_shard(member_id)
    await session.delete(
        "push",
        "shard member_id connection_number customer_ref",
        [(shard, member_id, connection, customer) for connection, customer, _ in customers],
    )
