"""Deliveries: kept as they came, claimed in order, parked when nobody can read them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from connector.crypto import Keys
from connector.platforms import FETCHED_GONE, FETCHED_HISTORY, FETCHED_ORDER
from connector.storage.instance import turn_to_present_key
from connector.storage.instants import instant, micros
from connector.storage.session import Row, Session
from connector.storage.shards import SHARDS, object_shard

_FETCHED = ", ".join(f"'{topic}'" for topic in sorted({FETCHED_GONE, FETCHED_HISTORY, FETCHED_ORDER}))
SKIPPED = "skipped"
"""How the reason of what a person skipped begins."""
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


_COLUMNS = (
    "shard id programme_number connection_number topic object_kind object_id dedupe_key read_at_us received_at_us"
)
_KNOWN = "ON CONFLICT (shard, connection_number, dedupe_key) DO NOTHING"


async def insert_deliveries(session: Session, deliveries: Sequence[Delivery], keys: Keys) -> list[bool]:
    """Keep up to MAX_INSERT deliveries. Returns for each whether it was new; a known dedupe key is dropped."""
    if len(deliveries) > MAX_INSERT:
        raise ValueError(f"at most {MAX_INSERT} deliveries at once, not {len(deliveries)}")
    await turn_to_present_key(session, keys)
    if session.dialect == "sqlite":
        return await session.in_driver(lambda driver: _insert_one_by_one(driver, deliveries, keys))
    # The sequence counts in steps of MAX_INSERT: each call owns a whole block, without a lock.
    first = await session.number("SELECT nextval('delivery_id')")
    rows = [_delivery_row(d, number) for number, d in enumerate(deliveries, first)]
    new = {row["id"] for row in await session.insert_returning("delivery", _COLUMNS, rows, _KNOWN, "id")}
    await session.insert(
        "delivery_body",
        "shard id body",
        [
            (row[0], row[1], keys.seal(d.body, body_place(row[0], row[1])))
            for row, d in zip(rows, deliveries, strict=True)
            if row[1] in new
        ],
    )
    return [row[1] in new for row in rows]


def _insert_one_by_one(driver: sqlite3.Connection, deliveries: Sequence[Delivery], keys: Keys) -> list[bool]:
    """In the driver's thread, where a statement costs next to nothing and says at once whether a key was new."""
    count = len(deliveries)
    (last,) = driver.execute(
        "UPDATE id_sequence SET last = last + ? WHERE name = 'delivery' RETURNING last", (count,)
    ).fetchall()[0]
    new: list[bool] = []
    for number, delivery in enumerate(deliveries, last - count + 1):
        row = _delivery_row(delivery, number)
        is_new = driver.execute(_INSERT_DELIVERY, row).rowcount == 1
        if is_new:
            shard = row[0]
            driver.execute(_INSERT_BODY, (shard, number, keys.seal(delivery.body, body_place(shard, number))))
        new.append(is_new)
    return new


_INSERT_DELIVERY = (
    f"INSERT INTO delivery ({', '.join(_COLUMNS.split())}) VALUES ({', '.join('?' * len(_COLUMNS.split()))}) {_KNOWN}"
)
_INSERT_BODY = "INSERT INTO delivery_body (shard, id, body) VALUES (?, ?, ?)"


def _delivery_row(delivery: Delivery, number: int) -> tuple[Any, ...]:
    return (
        delivery.shard,
        number,
        delivery.programme_number,
        delivery.connection_number,
        delivery.topic,
        delivery.object_kind,
        delivery.object_id,
        delivery.dedupe_key,
        micros(delivery.read_at),
        micros(delivery.received_at),
    )


async def claim_shards(session: Session, kind: str, waiting: str, offset: int, limit: int) -> list[int]:
    """Lock up to ``limit`` shards that have something waiting, beginning at ``offset``; others keep theirs.

    waiting: SQL condition on ``s.shard`` that says whether there is work.
    """
    sql = f"SELECT s.shard FROM shard_slot s WHERE s.kind = $1 AND {waiting} ORDER BY (s.shard + $2) % {SHARDS}"
    turn = SHARDS - offset % SHARDS
    if limit > 1:
        rows = await session.rows(sql + " LIMIT $3" + session.skip_locked("s"), kind, turn, limit)
        return [row["shard"] for row in rows]
    # Where each shard lives on a node of its own, a statement may lock rows of one only.
    one = "SELECT s.shard FROM shard_slot s WHERE s.shard = $1 AND s.kind = $2" + session.skip_locked("s")
    for row in await session.rows(sql, kind, turn):
        if await session.rows(one, row["shard"], kind):
            return [row["shard"]]
    return []


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


async def strip_object(session: Session, connection_number: int, object_kind: str, object_id: str) -> None:
    """Delete the bodies of what a shop sent about one object and is worked on; what nobody could read goes unread."""
    place = (object_shard(connection_number, object_kind, object_id), connection_number, object_kind, object_id)
    about = "d.shard = $1 AND d.connection_number = $2 AND d.object_kind = $3 AND d.object_id = $4"
    rows = await session.rows(f"SELECT d.shard, d.id FROM delivery d WHERE {about} AND d.state <> 0", *place)
    await session.delete("delivery_body", "shard id", [(row["shard"], row["id"]) for row in rows])
    await session.run(
        f"UPDATE delivery AS d SET state = {DeliveryState.IGNORED:d}, reason = 'erased' WHERE {about} AND d.state = 2",
        *place,
    )


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """A request of a shop about one of its customers, which is still to be done."""

    shard: int
    id: int
    connection_number: int
    object_id: str


async def privacy_requests(session: Session, topic: str, limit: int = 100) -> list[PrivacyRequest]:
    """Requests under a topic that have gone through the pipeline, after everything that was told before them."""
    # As a literal: only so is the index of these used.
    rows = await session.rows(
        f"SELECT d.shard, d.id, d.connection_number, d.object_id FROM delivery d WHERE d.topic = '{topic}' "
        f"AND d.reason IS NULL AND d.state <> 0 ORDER BY d.shard, d.id LIMIT {limit:d}"
    )
    return [PrivacyRequest(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class AppWord:
    """What a shop said of the app itself, which nobody has heeded yet."""

    shard: int
    id: int
    connection_number: int
    topic: str


async def app_words(session: Session, limit: int = 100) -> list[AppWord]:
    """What shops said of the app itself, in no order: what holds is asked of the shop."""
    # As a literal: only so is the index of these used.
    rows = await session.rows(
        "SELECT d.shard, d.id, d.connection_number, d.topic FROM delivery d "
        "WHERE d.topic IN ('app/uninstalled', 'app/scopes_update') AND d.reason IS NULL "
        f"AND d.state <> 0 ORDER BY d.shard, d.id LIMIT {limit:d}"
    )
    return [AppWord(**row) for row in rows]


async def event_bodies_after(
    session: Session, connection_number: int, topic: str, after: tuple[int, int], limit: int = 500
) -> list[Row]:
    """The next bodies (shard, id, body) of one topic that do not wait to be worked on."""
    return await session.rows(
        "SELECT d.shard, d.id, b.body FROM delivery d JOIN delivery_body b ON b.shard = d.shard AND b.id = d.id "
        # The plus: in the order of the key, not all that a shop ever sent, sorted anew for each page.
        "WHERE (d.shard, d.id) > ($1, $2) AND +d.connection_number = $3 AND d.topic = $4 AND d.state <> 0 "
        f"ORDER BY d.shard, d.id LIMIT {limit:d}",
        *after,
        connection_number,
        topic,
    )


async def strip_bodies(session: Session, keys: Sequence[tuple[int, int]]) -> None:
    """Delete bodies by (shard, id) of deliveries; what nobody could read goes unread."""
    await session.delete("delivery_body", "shard id", keys)
    await session.many(
        f"UPDATE delivery SET state = {DeliveryState.IGNORED:d}, reason = 'erased' "
        "WHERE shard = $1 AND id = $2 AND state = 2",
        keys,
    )


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


async def prune_deliveries(
    session: Session, received_before: datetime, fetched_before: datetime, limit: int = 5000
) -> int:
    """Delete finished deliveries whole: what shops sent before one moment, what we fetched before another. Returns how
    many. What is parked stays, and what a person skipped: its row is the only record of that.
    """
    rows = await session.rows(
        "SELECT d.shard, d.id FROM delivery d WHERE d.state IN (1, 3) AND (d.received_at_us < $1 "
        f"OR (d.received_at_us < $2 AND d.topic IN ({_FETCHED}))) "
        f"AND (d.reason IS NULL OR d.reason NOT LIKE '{SKIPPED} by %') LIMIT {limit:d}",
        micros(received_before),
        micros(fetched_before),
    )
    keys = [(row["shard"], row["id"]) for row in rows]
    await session.delete("delivery_body", "shard id", keys)
    await session.delete("delivery", "shard id", keys)
    return len(keys)


async def count_waiting(session: Session, connection_number: int) -> int:
    """How many deliveries of a connection nobody has worked on yet."""
    sql = "SELECT count(*) FROM delivery WHERE state = 0 AND connection_number = $1"
    return await session.number(sql, connection_number)


async def oldest_waiting(session: Session) -> datetime | None:
    """When the delivery came that waits longest; None if none does."""
    row = await session.one("SELECT min(received_at_us) AS first_us FROM delivery WHERE state = 0")
    return instant(row["first_us"]) if row is not None and row["first_us"] is not None else None
