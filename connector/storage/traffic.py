"""What came in and what waits to go out, page by page, for people to look at.

Each state of each shop is one stretch of an index, read from where the page before ended; what is first of all of them
makes the page. Nothing is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from connector.storage.inbox import DeliveryState
from connector.storage.instants import instant, micros
from connector.storage.notices import FAILURES
from connector.storage.push import LEASE
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard


@dataclass(frozen=True, slots=True)
class Came:
    """One delivery, without its body."""

    shard: int
    id: int
    connection_number: int
    topic: str
    object_kind: str
    object_id: str
    received_at: datetime
    state: DeliveryState
    reason: str

    @property
    def place(self) -> tuple[int, int]:
        """Where a page that ends with it goes on."""
        return micros(self.received_at), self.id


async def came_in(
    session: Session,
    connections: Sequence[int],
    states: Sequence[DeliveryState],
    place: tuple[int, int] | None,
    limit: int,
) -> list[Came]:
    """Up to ``limit`` deliveries of these shops in these states, newest first, behind ``place``."""
    before, before_id = place or (2**62, 0)
    found: list[Came] = []
    for number, state in product(connections, states):
        rows = await session.rows(
            "SELECT d.shard, d.id, d.topic, d.object_kind, d.object_id, d.received_at_us, d.reason FROM delivery d "
            "WHERE d.connection_number = $1 AND d.state = $2 AND (d.received_at_us, d.id) < ($3, $4) "
            f"ORDER BY d.received_at_us DESC, d.id DESC LIMIT {limit:d}",
            number,
            int(state),
            before,
            before_id,
        )
        found += [_came(row, number, state) for row in rows]
    return sorted(found, key=lambda one: one.place, reverse=True)[:limit]


def _came(row: Row, connection_number: int, state: DeliveryState) -> Came:
    return Came(
        row["shard"],
        row["id"],
        connection_number,
        row["topic"],
        row["object_kind"],
        row["object_id"],
        instant(row["received_at_us"]),
        state,
        row["reason"] or "",
    )


@dataclass(frozen=True, slots=True)
class _Shape:
    """A table of what waits. source: the column of whom it waits for. key: what orders rows of one moment. what: what
    it is about, in SQL. status: what was answered last, in SQL.
    """

    table: str
    source: str
    key: tuple[str, ...]
    what: str
    status: str = "NULL"


_SHAPES: Mapping[str, _Shape] = {
    "push": _Shape("push", "connection_number", ("member_id", "customer_ref"), "customer_ref"),
    "webhook": _Shape("webhook_message", "endpoint_number", ("message_id",), "topic", "http_status"),
    "notice": _Shape("notice", "programme_number", ("member_id", "kind", "notice_key"), "kind"),
}
GOING = tuple(_SHAPES)
"""Kinds of what waits to go out."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the outbox ended: the row's moment in microseconds, for whom it waits, and its key."""

    at_us: int
    source: int
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waits:
    """One thing that waits to go out. source: number of the shop, the endpoint, or the programme. what: a customer of
    the shop, a topic, or a kind of notice. status: what was answered last time.
    """

    kind: str
    source: int
    member_id: str
    what: str
    next_at: datetime
    attempts: int
    reason: str
    status: int | None
    key: tuple[str, ...]

    @property
    def place(self) -> Place:
        """Where a page that ends with it goes on."""
        return Place(micros(self.next_at), self.source, self.key)

    @property
    def letter_id(self) -> str:
        """Of the dead letter that a notice has become; empty while it is none."""
        if self.kind != "notice" or self.attempts < FAILURES:
            return ""
        return ":".join(["notice", str(member_shard(self.member_id)), *self.key])

    def is_put_off(self, now: datetime) -> bool:
        """Whether it waits longer than what is under way."""
        return self.next_at > now + LEASE


async def goes_out(session: Session, kind: str, sources: Sequence[int], place: Place | None, limit: int) -> list[Waits]:
    """Up to ``limit`` of what waits for these, the next to go first, behind ``place``."""
    shape = _SHAPES[kind]
    names = ("next_at_us", *shape.key)
    marks = ", ".join(f"${number}" for number in range(2, len(names) + 2))
    found: list[Waits] = []
    for source in sorted(sources):
        rows = await session.rows(
            f"SELECT {', '.join(dict.fromkeys([*names, 'member_id', 'attempts', 'reason']))}, {shape.what} AS what, "
            f"{shape.status} AS status FROM {shape.table} WHERE state = 0 AND {shape.source} = $1 "
            f"AND ({', '.join(names)}) > ({marks}) ORDER BY {', '.join(names)} LIMIT {limit:d}",
            source,
            *_start(shape, source, place),
        )
        found += [_waits(kind, shape, source, row) for row in rows]
    found.sort(key=lambda one: (one.next_at, one.source))
    return found[:limit]


def _start(shape: _Shape, source: int, place: Place | None) -> Sequence[Any]:
    """Behind what the rows of one source come: of one moment, sources follow each other by number."""
    if place is not None and place.source == source and len(place.key) == len(shape.key):
        return place.at_us, *place.key
    at_us = -1 if place is None else place.at_us + (source <= place.source)
    return at_us, *[""] * len(shape.key)


def _waits(kind: str, shape: _Shape, source: int, row: Row) -> Waits:
    return Waits(
        kind,
        source,
        row["member_id"],
        row["what"],
        instant(row["next_at_us"]),
        row["attempts"],
        row["reason"] or "",
        row["status"],
        tuple(row[name] for name in shape.key),
    )


async def put_off_push(session: Session, programme_number: int, member_id: str, now: datetime) -> bool | None:
    """Whether a push of a member waits longer than what is under way; None if none waits."""
    rows = await session.rows(
        "SELECT next_at_us FROM push WHERE shard = $1 AND member_id = $2 AND programme_number = $3 AND state = 0",
        member_shard(member_id),
        member_id,
        programme_number,
    )
    return any(row["next_at_us"] > micros(now + LEASE) for row in rows) if rows else None


async def put_off_message(session: Session, endpoint_number: int, message_id: str, now: datetime) -> bool | None:
    """Whether a message waits longer than what is under way; None if it does not wait."""
    row = await session.one(
        "SELECT next_at_us FROM webhook_message WHERE endpoint_number = $1 AND message_id = $2 AND state = 0",
        endpoint_number,
        message_id,
    )
    return None if row is None else bool(row["next_at_us"] > micros(now + LEASE))
