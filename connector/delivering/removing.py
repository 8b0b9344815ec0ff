"""Removes from stores what we wrote about customers who were erased: a wish that survives everything, as a push does.

A shop that cannot be reached is tried again for as long as it takes; what the merchant must cure stops the connection
and says so; what a shop refuses is given up, visibly. Nothing of ours comes back by a push that was under way: a wish
is done only when the copy was removed after every such push has ended.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from connector.delivering.outbox import MAX_ATTEMPTS, OUTAGE_ATTEMPTS, PROBLEM_PAUSE, Outbox, pause_after, rest_of
from connector.delivering.tier_tags import our_tags
from connector.errors import ConfigProblem, ConnectorError, Permanent, Resting, Transient, Unclear
from connector.platforms import Connection, PushResult, PushState
from connector.storage.atomic import atomic, is_outage
from connector.storage.connections import load_connections, set_problem
from connector.storage.instants import instant
from connector.storage.programmes import load_programmes
from connector.storage.removals import (
    Removal,
    RemovalRow,
    Removed,
    claim_removals,
    removing_connections,
    settle_removals,
)
from connector.storage.session import Session

log = logging.getLogger(__name__)


async def remove_due(outbox: Outbox, patience: float | None = None) -> int:
    """One batch for every store that has something to remove. Returns how many customers were tried.

    patience: how long to wait for slow stores, see Rounds.
    """
    session = outbox.database.reading()
    due = await removing_connections(session, outbox.now())
    connections = await load_connections(session) if due else {}
    called = await outbox.shops.rests.awake(number for number in due if connections[number].is_within_reach)
    return await outbox.removing.go(called, lambda number: _remove_batch(outbox, connections[number]), patience)


async def _remove_batch(outbox: Outbox, connection: Connection) -> int:
    size, now = outbox.shops.platform(connection).push_batch_size, outbox.now()
    claimed = await atomic(outbox.database, lambda session: claim_removals(session, connection.number, size, now))
    if not claimed:
        return 0
    try:
        results = await _ask(outbox, connection, claimed)
    except ConnectorError as error:
        await _whole_batch_failed(outbox, connection, claimed, error)
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("a removal failed unexpectedly", extra={"connection": connection.number})
        unexpected = Transient("The removal failed for a reason that nobody foresaw.", detail=repr(error))
        await _whole_batch_failed(outbox, connection, claimed, unexpected)
    else:
        await _settle(outbox, connection, [outcome_of(outbox, *pair) for pair in zip(claimed, results, strict=True)])
    return len(claimed)


async def _ask(outbox: Outbox, connection: Connection, claimed: Sequence[Removal]) -> list[PushResult]:
    client = await outbox.shops.client(connection)
    books = (await load_programmes(outbox.database.reading()))[connection.programme_number]
    tags = our_tags(connection, books.rulebook)
    try:
        async with asyncio.timeout(outbox.push_seconds):
            return await client.remove_snapshots([removal.customer_ref for removal in claimed], tags)
    except TimeoutError as error:
        detail = f"a removal took more than {outbox.push_seconds} seconds"
        raise Transient("The shop did not answer in time.", detail=detail) from error


def outcome_of(outbox: Outbox, removal: Removal, result: PushResult) -> Removed:
    """What becomes of a wish to remove after a store's answer."""
    now = outbox.now()
    if result.state in (PushState.ACCEPTED, PushState.GONE):
        quiet_at = instant(removal.quiet_at_us)
        if now < quiet_at and result.state is PushState.ACCEPTED:
            return Removed(removal, RemovalRow.DUE, 0, quiet_at, None)
        return Removed(removal, None, 0, now, None)
    if result.outage is not None:
        return replace(_after_failure(outbox, removal, result.outage), reason=result.reason)
    attempts = removal.attempts + 1
    if result.state is PushState.RETRY and attempts < MAX_ATTEMPTS:
        return Removed(removal, RemovalRow.DUE, attempts, now + pause_after(outbox, attempts), result.reason)
    return Removed(removal, RemovalRow.GIVEN_UP, attempts, now, f"{result.state}: {result.reason}")


async def _settle(outbox: Outbox, connection: Connection, outcomes: Sequence[Removed]) -> None:
    given_up = [outcome for outcome in outcomes if outcome.state is RemovalRow.GIVEN_UP]
    for outcome in given_up:
        log.error(
            "gave up removing from a store what it has of an erased customer",
            extra={"connection": connection.number, "why": outcome.reason},
        )

    async def body(session: Session) -> None:
        await settle_removals(session, outcomes)
        await set_problem(session, connection.number, None, outbox.now())

    await atomic(outbox.database, body)


async def _whole_batch_failed(
    outbox: Outbox, connection: Connection, claimed: Sequence[Removal], error: ConnectorError
) -> None:
    log.warning("a removal failed", extra={"connection": connection.number, "why": error.detail})
    if isinstance(error, ConfigProblem):
        # Another process may have stored a new secret.
        outbox.shops.forget(connection.number)

    async def body(session: Session) -> None:
        await settle_removals(session, [_after_failure(outbox, removal, error) for removal in claimed])
        if isinstance(error, ConfigProblem):
            await set_problem(session, connection.number, str(error), outbox.now())

    await atomic(outbox.database, body)


def _after_failure(outbox: Outbox, removal: Removal, error: ConnectorError) -> Removed:
    now = outbox.now()
    if isinstance(error, ConfigProblem):
        return Removed(removal, RemovalRow.DUE, removal.attempts, now + PROBLEM_PAUSE, str(error))
    if isinstance(error, Resting):
        return Removed(removal, RemovalRow.DUE, removal.attempts, now + rest_of(error), str(error))
    attempts = removal.attempts + 1
    if isinstance(error, Unclear) and attempts < MAX_ATTEMPTS:
        return Removed(removal, RemovalRow.DUE, attempts, now + pause_after(outbox, attempts), str(error))
    if isinstance(error, Permanent):
        return Removed(removal, RemovalRow.GIVEN_UP, attempts, now, str(error))
    attempts = max(removal.attempts, min(removal.attempts + 1, OUTAGE_ATTEMPTS))
    pause = pause_after(outbox, attempts)
    if isinstance(error, Transient) and error.retry_after_seconds is not None:
        pause = max(pause, timedelta(seconds=error.retry_after_seconds))
    return Removed(removal, RemovalRow.DUE, attempts, now + pause, str(error))
