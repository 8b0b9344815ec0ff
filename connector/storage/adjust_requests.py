"""Adjustments that wait for a second person."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum

from connector.people.actors import Actor
from connector.storage.instants import instant, micros
from connector.storage.seals import sealing
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard

REQUEST_LIFE = timedelta(days=14)
"""After it nobody can agree any more: what was right then may not be now."""


class RequestState(IntEnum):
    """What became of it. OVER: nobody answered in time, or it waits at another member since a merge."""

    WAITING = 0
    AGREED = 1
    REFUSED = 2
    OVER = 3


@dataclass(frozen=True, slots=True)
class AdjustRequest:
    """One asked for. request_id: also of the adjustment that follows (``adjust:<request_id>``). actor: who asked."""

    request_id: str
    member_id: str
    points: int
    reason: str
    actor: Actor
    created_at: datetime
    state: RequestState = RequestState.WAITING

    @property
    def ends_at(self) -> datetime:
        """Until when somebody can agree."""
        return self.created_at + REQUEST_LIFE

    def state_at(self, now: datetime) -> RequestState:
        """What has become of it by now."""
        is_over = self.state is RequestState.WAITING and now >= self.ends_at
        return RequestState.OVER if is_over else self.state


def _request(row: Row) -> AdjustRequest:
    return AdjustRequest(
        row["request_id"],
        row["member_id"],
        row["points"],
        row["reason"],
        Actor(row["person"], row["through"], row["actor"]),
        instant(row["created_at_us"]),
        RequestState(row["state"]),
    )


async def keep_request(session: Session, programme_number: int, request: AdjustRequest) -> None:
    """Keep one; asking again for the same is one row."""
    async with sealing(session, "adjust_request", [request.member_id]):
        await session.insert(
            "adjust_request",
            "shard member_id request_id programme_number points reason actor person through created_at_us",
            [
                (
                    member_shard(request.member_id),
                    request.member_id,
                    request.request_id,
                    programme_number,
                    request.points,
                    request.reason,
                    request.actor.name,
                    request.actor.person,
                    request.actor.through,
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


async def waiting_requests(session: Session, programme_number: int, now: datetime) -> list[AdjustRequest]:
    """All that wait in a programme and can still be agreed to, oldest first, at most 200."""
    rows = await session.rows(
        "SELECT r.* FROM adjust_request r JOIN member m ON m.shard = r.shard AND m.member_id = r.member_id "
        "WHERE r.programme_number = $1 AND r.state = 0 AND r.created_at_us > $2 "
        "AND m.status NOT IN ('merged', 'erased') ORDER BY r.created_at_us LIMIT 200",
        programme_number,
        micros(now - REQUEST_LIFE),
    )
    return [_request(row) for row in rows]


async def settle_request(
    session: Session, request: AdjustRequest, state: RequestState, second: Actor, now: datetime
) -> None:
    """Note what the second person said."""
    async with sealing(session, "adjust_request", [request.member_id]):
        await session.run(
            "UPDATE adjust_request SET state = $4, second_actor = $5, second_person = $6, second_through = $7, "
            "decided_at_us = $8 WHERE shard = $1 AND member_id = $2 AND request_id = $3 AND state = 0",
            member_shard(request.member_id),
            request.member_id,
            request.request_id,
            int(state),
            second.name,
            second.person,
            second.through,
            micros(now),
        )


async def requests_at(session: Session, member_id: str) -> list[AdjustRequest]:
    """Everything that waits at one member, oldest first."""
    rows = await session.rows(
        "SELECT * FROM adjust_request WHERE shard = $1 AND member_id = $2 AND state = 0 "
        "ORDER BY created_at_us, request_id",
        member_shard(member_id),
        member_id,
    )
    return [_request(row) for row in rows]


async def send_requests(
    session: Session, member_id: str, merge: Actor, now: datetime, only: Collection[str] | None = None
) -> list[AdjustRequest]:
    """What waits at a member waits there no more: it goes with a merge to another. only: these ids; None: all."""
    going = [one for one in await requests_at(session, member_id) if only is None or one.request_id in only]
    for one in going:
        await settle_request(session, one, RequestState.OVER, merge, now)
    return going


async def bring_requests(
    session: Session, programme_number: int, member_id: str, requests: Sequence[AdjustRequest]
) -> None:
    """What came with a merge waits at this member, since it was asked for; also what went from here and comes back."""
    for one in requests:
        await keep_request(session, programme_number, replace(one, member_id=member_id))
        async with sealing(session, "adjust_request", [member_id]):
            await session.run(
                "UPDATE adjust_request SET state = 0, second_actor = NULL, second_person = NULL, "
                "second_through = NULL, decided_at_us = NULL "
                "WHERE shard = $1 AND member_id = $2 AND request_id = $3 AND state = 3",
                member_shard(member_id),
                member_id,
                one.request_id,
            )
