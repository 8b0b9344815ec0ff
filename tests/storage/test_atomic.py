"""Transactions: all or nothing, bounded retries, and no cancellation that leaves anything locked behind."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from connector.storage import atomic as atomic_module
from connector.storage.atomic import MAX_ATTEMPTS, InsideTransaction, atomic, consistent_read, drain, is_outage
from connector.storage.database import Database
from connector.storage.session import Session
from tests.builders import opened
from tests.databases import Databases
from tests.second_connection import run_apart

PROBE_SECONDS = 5
POOL = 3
COUNTER = "INSERT INTO shard_slot (shard, kind) VALUES ({}, 'work')"


@pytest.fixture
async def database(prepared_database_url: str) -> AsyncIterator[Database]:
    async with opened(prepared_database_url, pool_size=POOL) as made:
        yield made


async def slots(database: Database) -> int:
    """Rows beyond the 128 that the schema comes with."""
    return await database.reading().number("SELECT count(*) FROM shard_slot") - 128


async def insert(session: Session, number: int) -> None:
    await session.run(COUNTER.format(number))


async def still_serves(database: Database) -> None:
    """As many transactions at once as there are connections, and one more, all within the time of a probe."""

    async def look(session: Session) -> int:
        return await session.number("SELECT count(*) FROM shard_slot")

    async with asyncio.timeout(PROBE_SECONDS):
        counts = await asyncio.gather(*(atomic(database, look) for _ in range(POOL + 1)))
    assert len(set(counts)) == 1
    if database.dialect == "postgresql":
        pool: Any = getattr(database.writer, "_pool")  # noqa: B009
        assert pool.get_idle_size() == pool.get_size() <= POOL, "a connection has leaked"


async def test_all_of_a_transaction_happens(database: Database) -> None:
    async def body(session: Session) -> str:
        await insert(session, 100)
        await insert(session, 101)
        return "done"

    assert await atomic(database, body) == "done"
    assert await slots(database) == 2


async def test_an_exception_undoes_everything_and_reaches_the_caller(database: Database) -> None:
    async def body(session: Session) -> None:
        await insert(session, 100)
        raise KeyError("no")

    with pytest.raises(KeyError, match="no"):
        await atomic(database, body)
    assert await slots(database) == 0
    await still_serves(database)


async def test_a_broken_statement_leaves_a_usable_connection(database: Database) -> None:
    async def body(session: Session) -> None:
        await insert(session, 1)

    for _ in range(POOL + 1):
        with pytest.raises(IntegrityError):
            await atomic(database, body)
    await still_serves(database)


async def test_a_cancelled_caller_never_cancels_its_transaction(database: Database) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def body(session: Session) -> None:
        await insert(session, 100)
        begun.set()
        await go_on.wait()
        await insert(session, 101)

    caller = asyncio.create_task(atomic(database, body))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()
    await drain()
    assert await slots(database) == 2


async def test_draining_waits_for_every_transaction_under_way(database: Database) -> None:
    go_on = asyncio.Event()

    async def body(session: Session) -> None:
        await go_on.wait()
        await insert(session, 100)

    caller = asyncio.create_task(atomic(database, body))
    await asyncio.sleep(0.01)
    draining = asyncio.create_task(drain())
    await asyncio.sleep(0.01)
    assert not draining.done()
    go_on.set()
    await draining
    await caller
    assert await slots(database) == 1
    assert not atomic_module._live


async def test_a_storm_of_cancelled_callers_wedges_and_leaks_nothing(database: Database) -> None:
    """F1, G5: Tortoise's own context wedges SQLite after some ten cancelled tasks."""
    await still_serves(database)
    draw = random.Random(11)
    numbers = iter(range(1000, 10_000))

    async def body(session: Session) -> None:
        await insert(session, next(numbers))
        await session.number("SELECT count(*) FROM instance")

    async def caller() -> None:
        await atomic(database, body)

    tasks: list[asyncio.Task[None]] = []
    for _ in range(400):
        tasks.append(asyncio.create_task(caller()))
        for _ in range(draw.randrange(4)):
            await asyncio.sleep(0)
        if draw.random() < 0.5:
            draw.choice(tasks).cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    await drain()
    finished = sum(result is None for result in results)
    assert {type(result) for result in results} == {type(None), asyncio.CancelledError}
    assert finished < 400
    assert finished <= await slots(database) <= 400
    await still_serves(database)


async def test_a_storm_of_cancellations_inside_begin_and_commit_wedges_and_leaks_nothing(database: Database) -> None:
    """F1, T1: the same, aimed at the engine itself, where a cancellation hits BEGIN, COMMIT and ROLLBACK."""
    draw = random.Random(12)

    async def enter_and_leave(number: int) -> None:
        async with database.writer._in_transaction() as client:
            await Session(client, database.dialect).run(COUNTER.format(number))

    # Connected first: else every cancellation hits the making of the pool.
    await still_serves(database)
    cancelled = 0
    for number in range(300):
        task = asyncio.create_task(enter_and_leave(2000 + number))
        for _ in range(draw.randrange(40)):
            await asyncio.sleep(0)
        if draw.random() < 0.3:
            await asyncio.sleep(draw.uniform(0, 0.002))
        task.cancel()
        [result] = await asyncio.gather(task, return_exceptions=True)
        cancelled += isinstance(result, asyncio.CancelledError)
    assert cancelled > 100
    await still_serves(database)


async def test_a_transaction_that_keeps_meeting_another_is_tried_a_bounded_number_of_times(database: Database) -> None:
    attempts = 0

    async def body(session: Session) -> None:
        nonlocal attempts
        attempts += 1
        await insert(session, 100 + attempts)
        raise asyncpg.DeadlockDetectedError("met another one")

    with pytest.raises(asyncpg.DeadlockDetectedError):
        await atomic(database, body)
    assert (attempts, await slots(database)) == (MAX_ATTEMPTS, 0)
    await still_serves(database)


async def test_a_transaction_that_met_another_once_succeeds_at_the_second_attempt(database: Database) -> None:
    attempts = 0

    async def body(session: Session) -> int:
        nonlocal attempts
        attempts += 1
        await insert(session, 100)
        if attempts == 1:
            raise OperationalError(asyncpg.SerializationError("met another one"))
        return attempts

    assert await atomic(database, body) == 2
    assert await slots(database) == 1


@pytest.mark.parametrize("error", [ValueError("mine"), OperationalError("no such table: x")])
async def test_any_other_error_is_not_tried_again(database: Database, error: Exception) -> None:
    attempts = 0

    async def body(session: Session) -> None:
        nonlocal attempts
        attempts += 1
        raise error

    with pytest.raises(type(error)):
        await atomic(database, body)
    assert attempts == 1


@pytest.mark.postgresql
async def test_a_killed_connection_is_replaced_within_the_retries(databases: Databases) -> None:
    with databases.prepared("postgresql") as url:
        async with opened(url, pool_size=POOL) as database:
            killed = 0

            async def body(session: Session) -> None:
                nonlocal killed
                await insert(session, 100)
                if killed < 2:
                    killed += 1
                    pid = await session.number("SELECT pg_backend_pid()")
                    run_apart(url, f"SELECT pg_terminate_backend({pid})")
                    await session.run("SELECT 1")

            await atomic(database, body)
            assert (killed, await slots(database)) == (2, 1)
            await still_serves(database)


@pytest.mark.parametrize("outer", [atomic, consistent_read])
@pytest.mark.parametrize("turn", [None, "one"])
async def test_a_transaction_inside_of_another_is_refused_and_does_not_wait_for_ever(
    database: Database, outer: Any, turn: str | None
) -> None:
    async def nothing(session: Session) -> None:
        pass

    async def inside(session: Session) -> None:
        await atomic(database, nothing, turn)

    async with asyncio.timeout(PROBE_SECONDS):
        with pytest.raises(InsideTransaction):
            await outer(database, inside)
        await atomic(database, nothing, turn)


def test_a_row_that_breaks_a_rule_is_no_outage_and_a_lost_server_is_one() -> None:
    rows = [IntegrityError("unique"), asyncpg.UniqueViolationError("x"), OperationalError(asyncpg.DataError("range"))]
    outages = [
        OperationalError("database is locked"),
        OperationalError(asyncpg.PostgresConnectionError("gone")),
        asyncpg.InterfaceError("connection is closed"),
        ConnectionRefusedError("nobody listens"),
    ]
    assert [is_outage(error) for error in rows] == [False] * 3
    assert [is_outage(error) for error in outages] == [True] * 4
    assert not is_outage(KeyError("a defect of ours"))


def test_values_are_never_printed_by_the_driver_log() -> None:
    """T16: at DEBUG Tortoise prints every value, which is personal data."""
    assert logging.getLogger("tortoise.db_client").getEffectiveLevel() > logging.DEBUG
