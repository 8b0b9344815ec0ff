"""Tells stores what members have: absolute snapshots in the platform's batch size; the newest wins.

A wish to push is a row that survives everything. A failure that may pass backs off; one that the merchant must cure
stops
the whole connection and says so; one that will never pass is given up, visibly, and is tried again when the member
changes.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector import clock
from connector.errors import ConfigProblem, ConnectorError, Permanent, Transient
from connector.platforms import Connection, Platform, PushResult, PushState, ShopClient, SnapshotPush
from connector.shops import Shops
from connector.snapshot import load_views, snapshot_json
from connector.storage.atomic import atomic, is_outage
from connector.storage.connections import load_connections, set_problem
from connector.storage.database import Database
from connector.storage.instance import load_epoch
from connector.storage.push import (
    LEASE,
    Outcome,
    PushRow,
    Wish,
    claim_wishes,
    defer_wishes,
    due_connections,
    settle_wishes,
)
from connector.storage.session import Session

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(hours=6)
MAX_ATTEMPTS = 20
"""More than a day of trying."""
PROBLEM_PAUSE = timedelta(minutes=15)


@dataclass(slots=True)
class Outbox:
    """What pushing needs. jitter: 0..1, so that many failures do not come back as one."""

    database: Database
    shops: Shops
    now: Callable[[], datetime] = clock.utc_now
    jitter: Callable[[], float] = field(default=random.random)


async def push_due(outbox: Outbox) -> int:
    """Push one batch to every store that has something due. Returns how many snapshots were tried."""
    session = outbox.database.reading()
    due = await due_connections(session, outbox.now())
    connections = await load_connections(session) if due else {}
    return sum([await _push_batch(outbox, connections[number]) for number in due])


async def _push_batch(outbox: Outbox, connection: Connection) -> int:
    platform = outbox.shops.platform(connection)
    wishes = await _claim(outbox, connection, platform)
    if not wishes:
        return 0
    try:
        client = await outbox.shops.client(connection)
        results = await _push(outbox, client, wishes)
    except ConnectorError as error:
        await _whole_batch_failed(outbox, connection, wishes, error)
    except Exception as error:
        if is_outage(error):
            raise
        # A defect that one shop's answer brings to light must not keep the other shops waiting.
        log.exception("a push failed unexpectedly", extra={"connection": connection.number})
        unexpected = Transient("The push failed for a reason that nobody foresaw.", detail=repr(error))
        await _whole_batch_failed(outbox, connection, wishes, unexpected)
    else:
        await _settle(outbox, connection, wishes, results)
    return len(wishes)


async def _claim(outbox: Outbox, connection: Connection, platform: Platform) -> list[Wish]:
    now = outbox.now()

    async def body(session: Session) -> list[Wish]:
        return await claim_wishes(session, connection.number, platform.push_batch_size, now, now + LEASE)

    return await atomic(outbox.database, body)


async def _push(outbox: Outbox, client: ShopClient, wishes: Sequence[Wish]) -> list[PushResult]:
    now = outbox.now()

    async def body(session: Session) -> list[SnapshotPush]:
        epoch = await load_epoch(session)
        views = await load_views(session, [(wish.shard, wish.member_id) for wish in wishes])
        return [
            SnapshotPush(
                wish.customer_ref,
                snapshot_json(views[wish.member_id], (epoch, wish.wanted), now),
                (epoch, wish.wanted),
                wish.token,
            )
            for wish in wishes
        ]

    return await client.push_snapshots(await atomic(outbox.database, body))


async def _settle(
    outbox: Outbox, connection: Connection, wishes: Sequence[Wish], results: Sequence[PushResult]
) -> None:
    outcomes = [_outcome(outbox, wish, result) for wish, result in zip(wishes, results, strict=True)]
    for outcome in outcomes:
        if outcome.state is PushRow.GIVEN_UP:
            log.error(
                "gave up telling a store about a member",
                extra={"connection": connection.number, "member": outcome.wish.member_id, "why": outcome.reason},
            )

    async def body(session: Session) -> None:
        await settle_wishes(session, outcomes)
        await set_problem(session, connection.number, None, outbox.now())

    await atomic(outbox.database, body)


def _outcome(outbox: Outbox, wish: Wish, result: PushResult) -> Outcome:
    now = outbox.now()
    if result.state in (PushState.ACCEPTED, PushState.OBSOLETE):
        return Outcome(wish, PushRow.DONE, 0, now, None, result.token)
    attempts = wish.attempts + 1
    if result.state is PushState.RETRY and attempts < MAX_ATTEMPTS:
        return Outcome(wish, PushRow.DUE, attempts, now + _pause(outbox, attempts), result.reason, wish.token)
    return Outcome(wish, PushRow.GIVEN_UP, attempts, now, f"{result.state}: {result.reason}", wish.token)


async def _whole_batch_failed(
    outbox: Outbox, connection: Connection, wishes: Sequence[Wish], error: ConnectorError
) -> None:
    log.warning("a push failed", extra={"connection": connection.number, "why": error.detail})
    now = outbox.now()

    async def body(session: Session) -> None:
        await settle_wishes(session, [_after_failure(outbox, wish, error) for wish in wishes])
        if isinstance(error, ConfigProblem):
            await defer_wishes(session, connection.number, now, now + PROBLEM_PAUSE)
            await set_problem(session, connection.number, str(error), now)

    await atomic(outbox.database, body)


def _after_failure(outbox: Outbox, wish: Wish, error: ConnectorError) -> Outcome:
    now = outbox.now()
    if isinstance(error, ConfigProblem):
        # Not the member's fault: it does not count as an attempt, or a long outage would give everyone up.
        return Outcome(wish, PushRow.DUE, wish.attempts, now + PROBLEM_PAUSE, str(error), wish.token)
    attempts = wish.attempts + 1
    if isinstance(error, Permanent) or attempts >= MAX_ATTEMPTS:
        return Outcome(wish, PushRow.GIVEN_UP, attempts, now, str(error), wish.token)
    pause = _pause(outbox, attempts)
    if isinstance(error, Transient) and error.retry_after_seconds is not None:
        pause = max(pause, timedelta(seconds=error.retry_after_seconds))
    return Outcome(wish, PushRow.DUE, attempts, now + pause, str(error), wish.token)


def _pause(outbox: Outbox, attempts: int) -> timedelta:
    longest: timedelta = min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)
    return longest * (0.5 + outbox.jitter() / 2)
