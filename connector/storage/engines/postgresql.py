"""PostgreSQL for Tortoise: pooled connections without a reset query, and an enter step that never leaks one."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionalDBClient, TransactionContext, TransactionContextPooled
from tortoise.connection import get_connections


class PlainConnection(asyncpg.connection.Connection):
    """Nothing here changes the state of a connection, so giving it back needs no round trip."""

    def get_reset_query(self) -> str:
        return ""


class SafeContext(TransactionContextPooled):
    """Enter and exit steps that always give the connection back."""

    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        pool = self.client._parent._pool
        self.client._connection = await pool.acquire()
        try:
            await self.client.begin()
            self.token = get_connections().set(self.connection_name, self.client)
        except BaseException:
            # The connection may be in the middle of BEGIN: it is not fit for anyone else.
            self.client._connection.terminate()
            await asyncio.shield(pool.release(self.client._connection))
            raise
        return self.client

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        connection = self.client._connection
        try:
            if exc_type is not None:
                await self.client.rollback()
            else:
                await self.client.commit()
        except BaseException:
            connection.terminate()
            raise
        finally:
            get_connections().reset(self.token)
            await self.client._parent._pool.release(connection)


class SafePostgresClient(AsyncpgDBClient):
    """AsyncpgDBClient with the transactions above."""

    connection_class = PlainConnection  # type: ignore[assignment]

    def _in_transaction(self) -> TransactionContext:
        return SafeContext(TransactionWrapper(self), self._pool_init_lock)


client_class = SafePostgresClient
