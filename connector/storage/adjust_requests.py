"""Adjustments that wait for a second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from connector.storage.instants import instant, micros
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard


class RequestState(IntEnum):
    """What became of it."""

    WAITING = 0
    AGREED = 1
    REFUSED = 2


@dataclass(frozen=True, slots=True)
class AdjustRequest:
    """One asked for. request_id: also of the adjustment that follows (``adjust:<request_id>``)."""

    request_id: str
    member_id: str
    points: int
    reason: str
    actor: str
    second_actor: str | None
    state: RequestState
    created_at: datetime


def _request(row: Row) -> AdjustRequest:
    return AdjustRequest(
        row["request_id"],
        row["member_id"],
        row["points"],
        row["reason"],
        row["actor"],
        row["second_actor"],
        RequestState(row["state"]),
        instant(row["created_at_us"]),
    )


async def keep_request(session: Session, programme_number: int, request: AdjustRequest) -> None:
    """Keep one; asking again for the same is one row."""
    await session.insert(
        "adjust_request",
        "shard member_id request_id programme_number points reason actor created_at_us",
        [
            (
                member_shard(request.member_id),
                request.member_id,
                request.request_id,
                programme_number,
                request.points,
                request.reason,
                request.actor,
                micros(request.created_at),
            )
        ],
        "ON CONFLICT (shard, member_id, request_id) DO NOTHING",
    )


async def find_request(
    session: Session, programme_number: int, member_id: str, request_id: str
) -> AdjustRequest | None:
    """One by its id; None if the programme has none of that id."""
    row = await session.one(
        "SELECT * FROM adjust_request "
        "WHERE shard = $1 AND member_id = $2 AND request_id = $3 AND programme_number = $4",
        member_shard(member_id),
        member_id,
        request_id,
        programme_number,
    )
    return _request(row) if row else None


async def waiting_requests(session: Session, programme_number: int) -> list[AdjustRequest]:
    """All that wait in a programme, oldest first, at most 200."""
    rows = await session.rows(
        "SELECT * FROM adjust_request WHERE programme_number = $1 AND state = 0 ORDER BY created_at_us LIMIT 200",
        programme_number,
    )
    return [_request(row) for row in rows]


async def settle_request(
    session: Session, request: AdjustRequest, state: RequestState, second_actor: str, now: datetime
) -> None:
    """Note what the second person said."""
    await session.run(
        "UPDATE adjust_request SET state = $4, second_actor = $5, decided_at_us = $6 "
        "WHERE shard = $1 AND member_id = $2 AND request_id = $3 AND state = 0",
        member_shard(request.member_id),
        request.member_id,
        request.request_id,
        int(state),
        second_actor,
        micros(now),
    )
