"""The only way to open a transaction, for writing or for reading.

Each attempt runs in a task of its own, so that a connection left half-open dies with the task's context; the caller
waits through a shield, so that cancelling a request never cancels its transaction. A cancelled caller does not know the
outcome: every write carries a unique key, and asking again is safe. See ADR 0003.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import TypeVar

import asyncpg
from tortoise.exceptions import BaseORMException, IntegrityError, OperationalError

from connector.storage.announced import announce
from connector.storage.database import Database
from connector.storage.session import Session

log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_ATTEMPTS = 6
PAUSE_SECONDS = 0.05

_RETRYABLE = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    ConnectionError,
)

_live: set[asyncio.Task[object]] = set()


class InsideTransaction(RuntimeError):
    """A transaction was asked for inside of one. SQLite's one connection would wait for itself for ever, and PostgreSQL
    would keep half of what must be one: give the session that is there.
    """


async def atomic(database: Database, body: Callable[[Session], Awaitable[T]], turn: str | None = None) -> T:
    """Run ``body`` in one transaction and return its result; all of it happens, or nothing.

    Retries a bounded number of times when the database says that two transactions met. ``body`` may therefore run
    more than once and must keep its effects inside the session. turn: of those with the same name in this process one
    runs at a time, and the others wait without a connection (ADR 0030). Raises InsideTransaction inside of another.
    """
    if turn is None:
        return await _retried(lambda: _attempt(_transaction(database, body)))
    return await _retried(lambda: _in_turn(database, body, turn))


async def consistent_read(database: Database, body: Callable[[Session], Awaitable[T]]) -> T:
    """Run ``body``, which only reads, and only through its session, on one state of the database.

    On SQLite it has the reading connection to itself and keeps no writer waiting.
    """
    return await _retried(lambda: _attempt(_snapshot(database, body)))


def is_outage(error: BaseException) -> bool:
    """Whether the database failed, whatever the rows were: then taking a batch apart would blame innocent ones.

    A row that breaks a constraint or does not fit into its column is no outage: its neighbours can go on without it.
    """
    by_a_row = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
    if isinstance(error, IntegrityError) or isinstance(_cause(error), by_a_row):
        return False
    return isinstance(error, (BaseORMException, asyncpg.PostgresError, asyncpg.InterfaceError, OSError))


async def drain() -> None:
    """Wait until no transaction is under way. Called before connections are closed."""
    while _live:
        await asyncio.wait(set(_live))


async def _retried(attempt_once: Callable[[], Awaitable[T]]) -> T:
    if asyncio.current_task() in _live:
        raise InsideTransaction("a transaction inside of another one")
    for attempt in range(MAX_ATTEMPTS):
        try:
            return await attempt_once()
        except (OperationalError, *_RETRYABLE) as error:
            if attempt + 1 == MAX_ATTEMPTS or not _is_worth_retrying(error):
                raise
            log.info("transaction met another one; trying again", extra={"attempt": attempt + 1})
            await asyncio.sleep(random.uniform(0, PAUSE_SECONDS * 2**attempt))
    raise AssertionError("unreachable")


async def _attempt(transaction: Coroutine[None, None, T]) -> T:
    task = asyncio.create_task(transaction)
    _live.add(task)
    task.add_done_callback(_forget)
    return await asyncio.shield(task)


async def _transaction(database: Database, body: Callable[[Session], Awaitable[T]]) -> T:
    changed: set[str] = set()
    try:
        async with database.writer._in_transaction() as client:
            session = Session(client, database.dialect)
            result = await body(session)
            changed = session.changed
            if changed:
                database.kept.writing(changed)
                await announce(session)
        return result
    finally:
        database.kept.written(changed)


async def _in_turn(database: Database, body: Callable[[Session], Awaitable[T]], turn: str) -> T:
    """Whoever is cancelled while waiting has begun nothing; later the turn lasts as long as the transaction, whether
    its caller is there or not.
    """
    end = await database.turns.take(turn)

    async def whole() -> T:
        try:
            return await _transaction(database, body)
        finally:
            end()

    return await _attempt(whole())


async def _snapshot(database: Database, body: Callable[[Session], Awaitable[T]]) -> T:
    async with database.reader._in_transaction() as client:
        session = Session(client, database.dialect)
        if database.dialect == "postgresql":
            await session.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return await body(session)


def _forget(task: asyncio.Task[object]) -> None:
    _live.discard(task)
    if not task.cancelled() and task.exception() is not None:
        log.debug("transaction ended with an error", exc_info=task.exception())


def _is_worth_retrying(error: Exception) -> bool:
    if isinstance(error, _RETRYABLE):
        return True
    return isinstance(_cause(error), _RETRYABLE) or "database is locked" in str(error)


def _cause(error: BaseException) -> object:
    """What the driver raised: Tortoise puts it into an OperationalError."""
    return error.args[0] if isinstance(error, OperationalError) and error.args else error
