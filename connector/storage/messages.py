"""Messages to endpoints: one row for each event and endpoint, written in the transaction of what it tells of."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any

from connector.storage.endpoints import Listeners
from connector.storage.instants import instant, micros
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard

ERASED = "member.erased"
LEASE = timedelta(seconds=90)
"""Longer than a batch may take to send (sending.BATCH); a worker that dies leaves its messages to others after it."""
PRUNED_AT_ONCE = 5_000
COUNTED = 1_000
"""So many messages of an endpoint are looked at to say what becomes of them: in a month there are as many as there are
orders.
"""


class MessageState(IntEnum):
    """What became of a message."""

    DUE = 0
    TAKEN = 1
    GIVEN_UP = 2
    SKIPPED = 3


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a member. at: when; data: ids, points and codes, nothing that says who it is."""

    programme_number: int
    member_id: str
    topic: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One event for one endpoint. body: exactly what is sent, each time. at: since when it is kept."""

    shard: int
    endpoint_number: int
    message_id: str
    member_id: str
    topic: str
    body: str
    at: datetime
    state: MessageState = MessageState.DUE
    attempts: int = 0
    next_at: datetime = field(default=datetime.max.replace(tzinfo=UTC))
    http_status: int | None = None
    reason: str | None = None

    @property
    def key(self) -> tuple[int, int, str]:
        return (self.shard, self.endpoint_number, self.message_id)


_KEY = "shard endpoint_number message_id"
_COLUMNS = (
    "m.shard, m.endpoint_number, m.message_id, m.member_id, m.topic, m.body_text, m.at_us, m.state, m.attempts, "
    "m.next_at_us, m.http_status, m.reason"
)


async def keep_events(session: Session, listeners: Listeners, events: Sequence[Event], now: datetime) -> None:
    """Leave a message for every endpoint that wants to hear of an event. Of somebody who is erased nobody hears more
    than that they are.
    """
    rows = []
    erased = await _erased(session, {event.member_id for event in events if event.topic != ERASED})
    for place, event in enumerate(events):
        if event.member_id in erased and event.topic != ERASED:
            continue
        wanting = [number for number, topics in listeners.get(event.programme_number, ()) if event.topic in topics]
        if not wanting:
            continue
        # Ids sort by when they were made; the same event has the same id at every endpoint.
        message_id = f"msg_{micros(now):014x}{place:06x}{secrets.token_hex(8)}"
        body = body_of(event.topic, event.at, {"member": public_member(event.member_id), **event.data})
        rows += [
            (
                member_shard(event.member_id),
                number,
                message_id,
                event.programme_number,
                event.member_id,
                event.topic,
                body,
                micros(now),
                micros(now),
            )
            for number in wanting
        ]
    await session.insert("webhook_message", f"{_KEY} programme_number member_id topic body_text at_us next_at_us", rows)


async def _erased(session: Session, members: Collection[str]) -> set[str]:
    if not members:
        return set()
    keyset, values = session.keyset("shard member_id", sorted((member_shard(each), each) for each in members))
    rows = await session.rows(
        f"SELECT e.member_id FROM {keyset} CROSS JOIN erasure e WHERE e.shard = k.shard AND e.member_id = k.member_id",
        *values,
    )
    return {row["member_id"] for row in rows}


def public_member(member_id: str) -> str:
    """A member's id as the API writes it."""
    return str(uuid.UUID(member_id))


def body_of(topic: str, at: datetime, data: Mapping[str, Any]) -> str:
    """What is sent: JSON with the three fields that Standard Webhooks recommends."""
    told = {"type": topic, "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"), "data": dict(data)}
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


async def claim_messages(session: Session, endpoint_number: int, limit: int, now: datetime) -> list[Message]:
    """Take up to ``limit`` due messages of an endpoint, oldest first. Until the lease ends nobody else gets them."""
    rows = await session.rows(
        f"SELECT {_COLUMNS} FROM webhook_message m WHERE m.endpoint_number = $1 AND m.state = 0 "
        f"AND m.next_at_us <= $2 ORDER BY m.next_at_us, m.message_id LIMIT {limit:d}" + session.skip_locked("m"),
        endpoint_number,
        micros(now),
    )
    found = [_message(row) for row in rows]
    await session.update("webhook_message", _KEY, "next_at_us", [(*one.key, micros(now + LEASE)) for one in found])
    return found


async def settle_messages(session: Session, messages: Sequence[Message]) -> None:
    """Note what became of messages that were sent; what was erased or removed meanwhile stays gone."""
    await session.update(
        "webhook_message",
        _KEY,
        "state attempts next_at_us http_status reason",
        [
            (*one.key, int(one.state), one.attempts, micros(one.next_at), one.http_status, one.reason)
            for one in sorted(messages, key=lambda one: one.key)
        ],
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Messages of one endpoint: kept from ``since`` on and before ``until``, in one of these states."""

    endpoint_number: int
    since: datetime | None = None
    until: datetime | None = None
    states: tuple[MessageState, ...] = tuple(MessageState)

    def where(self) -> tuple[str, tuple[int, int, int]]:
        """Condition and values $1 to $3."""
        states = ", ".join(str(int(state)) for state in self.states)
        condition = f"m.endpoint_number = $1 AND m.at_us >= $2 AND m.at_us < $3 AND m.state IN ({states})"
        since = 0 if self.since is None else micros(self.since)
        until = 2**63 - 1 if self.until is None else micros(self.until)
        return condition, (self.endpoint_number, since, until)


async def list_messages(session: Session, wanted: Wanted, before: str = "", limit: int = 50) -> list[Message]:
    """Newest first; before: the id of the last one of the page before."""
    where, values = wanted.where()
    rows = await session.rows(
        f"SELECT {_COLUMNS} FROM webhook_message m WHERE {where} AND ($4 = '' OR m.message_id < $4) "
        f"ORDER BY m.message_id DESC LIMIT {limit:d}",
        *values,
        before,
    )
    return [_message(row) for row in rows]


async def send_again(session: Session, wanted: Wanted, now: datetime, message_id: str | None = None) -> int:
    """Put messages back in line, one or a range, with the ids they have. Returns how many."""
    where, values = wanted.where()
    only = "" if message_id is None else " AND m.message_id = $5"
    rows = await session.rows(
        "UPDATE webhook_message AS m SET state = 0, attempts = 0, next_at_us = $4, reason = NULL "
        f"WHERE {where}{only} RETURNING shard",
        *values,
        micros(now),
        *([] if message_id is None else [message_id]),
    )
    return len(rows)


async def release_messages(session: Session, endpoint_number: int, now: datetime) -> None:
    """All that waits for an endpoint is due at once: it works again."""
    await session.run(
        "UPDATE webhook_message SET next_at_us = $2 WHERE endpoint_number = $1 AND state = 0",
        endpoint_number,
        micros(now),
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """An endpoint's messages by state: of those that wait all, of the others those among the newest. of_newest: how
    many these are; None: there are no older ones.
    """

    states: Mapping[MessageState, int]
    of_newest: int | None


async def count_messages(session: Session, endpoint_number: int) -> Counts:
    """How many of an endpoint's messages are in which state."""
    rows = await session.rows(
        "SELECT n.state, count(*) AS number FROM (SELECT m.state FROM webhook_message m "
        f"WHERE m.endpoint_number = $1 ORDER BY m.message_id DESC LIMIT {COUNTED:d}) n GROUP BY n.state",
        endpoint_number,
    )
    states = {MessageState(row["state"]): int(row["number"]) for row in rows}
    is_cut = sum(states.values()) == COUNTED
    waiting = await session.number(
        f"SELECT count(*) FROM webhook_message m{session.by_index('webhook_message_due')} "
        "WHERE m.endpoint_number = $1 AND m.state = 0",
        endpoint_number,
    )
    if waiting:
        states[MessageState.DUE] = waiting
    return Counts(dict(sorted(states.items())), COUNTED if is_cut else None)


async def forget_messages(session: Session, member_id: str) -> None:
    """An erased member's messages go, sent or not, but for the one that says so."""
    await session.run(
        "DELETE FROM webhook_message WHERE shard = $1 AND member_id = $2 AND topic <> $3",
        member_shard(member_id),
        member_id,
        ERASED,
    )


async def prune_messages(session: Session, before: datetime) -> int:
    """Messages kept since before then go, whatever became of them. Returns how many."""
    rows = await session.rows(
        f"DELETE FROM webhook_message WHERE ({_KEY.replace(' ', ', ')}) IN (SELECT {_KEY.replace(' ', ', ')} "
        f"FROM webhook_message WHERE at_us < $1 LIMIT {PRUNED_AT_ONCE:d}) RETURNING shard",
        micros(before),
    )
    return len(rows)


def _message(row: Row) -> Message:
    return Message(
        row["shard"],
        row["endpoint_number"],
        row["message_id"],
        row["member_id"],
        row["topic"],
        row["body_text"],
        instant(row["at_us"]),
        MessageState(row["state"]),
        row["attempts"],
        instant(row["next_at_us"]),
        row["http_status"],
        row["reason"],
    )
