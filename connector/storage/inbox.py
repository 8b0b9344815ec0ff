"""Deliveries: kept as they came, claimed in order, parked when nobody can read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from connector.storage.instants import instant, micros
from connector.storage.session import Session
from connector.storage.shards import SHARDS, object_shard

Seal = Callable[[bytes, str], bytes]

MAX_INSERT = 256
"""Deliveries in one insert; also the step of PostgreSQL's sequence."""


class DeliveryState(IntEnum):
    """Where a delivery is."""

    WAITING = 0
    DONE = 1
    PARKED = 2
    IGNORED = 3


@dataclass(frozen=True, slots=True)
class Delivery:
    """One received copy of a payload. ``read_at``: when it was received, or when our own read of it began."""

    programme_number: int
    connection_number: int
    topic: str
    object_kind: str
    object_id: str
    dedupe_key: str
    read_at: datetime
    received_at: datetime
    body: bytes

    @property
    def shard(self) -> int:
        return object_shard(self.connection_number, self.object_kind, self.object_id)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claimed delivery."""

    shard: int
    id: int
    connection_number: int
    topic: str
    read_at: datetime
    body: bytes


def body_place(shard: int, delivery_id: int) -> str:
    """What a body's ciphertext is bound to."""
    return f"delivery_body:{shard}:{delivery_id}"


async def insert_deliveries(session: Session, deliveries: Sequence[Delivery], seal: Seal) -> list[bool]:
    """Keep up to MAX_INSERT deliveries. Returns for each whether it was new; a known dedupe key is dropped."""
    first = await _reserve_ids(session, len(deliveries))
    rows = [(d.shard, first + i, d) for i, d in enumerate(deliveries)]
    await session.insert(
        "delivery",
        "shard id programme_number connection_number topic object_kind object_id dedupe_key read_at_us received_at_us",
        [
            (
                shard,
                number,
                d.programme_number,
                d.connection_number,
                d.topic,
                d.object_kind,
                d.object_id,
                d.dedupe_key,
                micros(d.read_at),
                micros(d.received_at),
            )
            for shard, number, d in rows
        ],
        "ON CONFLICT (shard, connection_number, dedupe_key) DO NOTHING",
    )
    keyset, values = session.keyset("shard id", [(shard, number) for shard, number, _ in rows])
    kept = await session.rows(
        f"SELECT d.id FROM {keyset} CROSS JOIN delivery d WHERE d.shard = k.shard AND d.id = k.id", *values
    )
    new = {row["id"] for row in kept}
    await session.insert(
        "delivery_body",
        "shard id body",
        [(s, number, seal(d.body, body_place(s, number))) for s, number, d in rows if number in new],
    )
    return [number in new for _, number, _ in rows]


async def _reserve_ids(session: Session, count: int) -> int:
    if count > MAX_INSERT:
        raise ValueError(f"at most {MAX_INSERT} deliveries at once, not {count}")
    if session.dialect == "postgresql":
        # The sequence counts in steps of MAX_INSERT: each call owns a whole block, without a lock.
        return await session.number("SELECT nextval('delivery_id')")
    last = await session.number("UPDATE id_sequence SET last = last + $1 WHERE name = 'delivery' RETURNING last", count)
    return last - count + 1


async def claim_shards(session: Session, kind: str, waiting: str, offset: int, limit: int) -> list[int]:
    """Lock up to ``limit`` shards that have something waiting, beginning at ``offset``; others keep theirs.

    waiting: SQL condition on ``s.shard`` that says whether there is work.
    """
    rows = await session.rows(
        f"SELECT s.shard FROM shard_slot s WHERE s.kind = $1 AND {waiting} "
        f"ORDER BY (s.shard + $2) % {SHARDS} LIMIT $3" + session.skip_locked("s"),
        kind,
        SHARDS - offset % SHARDS,
        limit,
    )
    return [row["shard"] for row in rows]


async def claim_deliveries(session: Session, offset: int, shard_limit: int, limit: int) -> list[Waiting]:
    """Up to ``limit`` waiting deliveries of shards that nobody else works on, in order of arrival within a shard."""
    waiting = "EXISTS (SELECT 1 FROM delivery d WHERE d.shard = s.shard AND d.state = 0)"
    shards = await claim_shards(session, "inbox", waiting, offset, shard_limit)
    if not shards:
        return []
    keyset, values = session.keyset("shard", [(shard,) for shard in shards])
    rows = await session.rows(
        f"SELECT d.shard, d.id, d.connection_number, d.topic, d.read_at_us, b.body "
        f"FROM delivery d JOIN delivery_body b ON b.shard = d.shard AND b.id = d.id "
        f"WHERE d.state = 0 AND d.shard IN (SELECT k.shard FROM {keyset}) ORDER BY d.shard, d.id LIMIT {limit:d}",
        *values,
    )
    return [
        Waiting(r["shard"], r["id"], r["connection_number"], r["topic"], instant(r["read_at_us"]), r["body"])
        for r in rows
    ]


async def mark_deliveries(session: Session, marks: Sequence[tuple[int, int, DeliveryState, str | None]]) -> None:
    """Set state and reason of deliveries: rows of (shard, id, state, reason)."""
    await session.update(
        "delivery",
        "shard id",
        "state reason",
        [(shard, number, int(state), why) for shard, number, state, why in marks],
    )


async def park_deliveries(session: Session, deliveries: Sequence[Waiting], reason: str) -> None:
    """Set deliveries aside, unless somebody else has finished them meanwhile."""
    await session.many(
        f"UPDATE delivery SET state = {DeliveryState.PARKED:d}, reason = $3 WHERE shard = $1 AND id = $2 AND state = 0",
        [(d.shard, d.id, reason) for d in deliveries],
    )


async def replay_parked(session: Session, programme_number: int | None = None) -> int:
    """Put parked deliveries back in line, of one programme or of all. Returns how many."""
    count = await session.number(
        "SELECT count(*) FROM delivery WHERE state = 2 AND ($1 = 0 OR programme_number = $1)", programme_number or 0
    )
    await session.run(
        "UPDATE delivery SET state = 0, reason = NULL WHERE state = 2 AND ($1 = 0 OR programme_number = $1)",
        programme_number or 0,
    )
    return count


async def prune_bodies(session: Session, before: datetime, limit: int = 5000) -> int:
    """Strip the bodies of finished deliveries received before a moment; the row and its dedupe key stay. Returns how
    many.
    """
    rows = await session.rows(
        "SELECT d.shard, d.id FROM delivery d JOIN delivery_body b ON b.shard = d.shard AND b.id = d.id "
        f"WHERE d.state IN (1, 3) AND d.received_at_us < $1 LIMIT {limit:d}",
        micros(before),
    )
    await session.delete("delivery_body", "shard id", [(row["shard"], row["id"]) for row in rows])
    return len(rows)
