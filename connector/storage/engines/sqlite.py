"""SQLite for Tortoise: BEGIN IMMEDIATE, and an enter step that never leaks the lock.

Tortoise's own context takes the lock and then awaits BEGIN; a cancellation there keeps the lock for ever. Here the lock
is freed on every way out, after a rollback queued behind the BEGIN that may still run in the driver's thread.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from typing import Any

from tortoise.backends.base.client import TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError

_undoing: set[asyncio.Task[None]] = set()


class ImmediateTransaction(SqliteTransactionWrapper):
    """A transaction that takes the write lock at once, so that it can never fail half-way for want of it."""

    async def begin(self) -> None:
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error

    async def execute_script(self, query: str) -> None:
        """Statement by statement: the driver's own way commits first, and what follows would be in no transaction."""
        for statement in _statements(query):
            await self.execute_query(statement)


def _statements(script: str) -> Iterator[str]:
    """The statements of a script. A trigger has semicolons inside, so SQLite itself is asked where one ends."""
    begun = ""
    for piece in script.split(";"):
        begun += piece
        if sqlite3.complete_statement(f"{begun};"):
            if begun.strip():
                yield begun
            begun = ""
        else:
            begun += ";"
    if begun.strip(" \n;"):
        yield begun


class SafeContext(SqliteTransactionContext):
    """Enter and exit steps that always give the lock back."""

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
            self.token = get_connections().set(self.connection_name, self.connection)
        except BaseException:
            self._undo_begin()
            raise
        client: TransactionalDBClient = self.connection
        return client

    def _undo_begin(self) -> None:
        driver = self.connection._connection
        if driver is None:
            self._trxlock.release()
            return
        # The rollback waits in the driver's queue behind the BEGIN; nobody may enter before it has run.
        task = asyncio.ensure_future(driver.rollback())
        _undoing.add(task)

        def free(done: asyncio.Task[None]) -> None:
            _undoing.discard(done)
            self._trxlock.release()

        task.add_done_callback(free)

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        try:
            if exc_type is not None:
                await self.connection._connection.rollback()
            else:
                await self._commit()
        finally:
            get_connections().reset(self.token)
            self._trxlock.release()

    async def _commit(self) -> None:
        try:
            await self.connection._connection.commit()
        except BaseException:
            # A failed commit (disk full) leaves the transaction open and would block the next BEGIN.
            await self.connection._connection.rollback()
            raise


class ImmediateSqliteClient(SqliteClient):
    """SqliteClient with the transactions above. With ``query_only`` it leaves the journal as it finds it."""

    def __init__(self, file_path: str, **kwargs: Any) -> None:
        super().__init__(file_path, **kwargs)
        self._only_reads = "query_only" in kwargs
        if self._only_reads:
            del self.pragmas["journal_mode"], self.pragmas["journal_size_limit"]

    def _in_transaction(self) -> TransactionContext:
        # The plain one sees one state of the database from its first query on, and takes no write lock.
        kind = SqliteTransactionWrapper if self._only_reads else ImmediateTransaction
        return SafeContext(kind(self), self._lock)


client_class = ImmediateSqliteClient
