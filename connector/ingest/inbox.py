"""The durable inbox: concurrent deliveries share one commit, and nobody is told "kept" before it.

One batch is in flight at a time. What arrives while a commit runs forms the next batch, so that the cost of making
something durable is shared by everyone who waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from connector.crypto import Keys
from connector.errors import Transient
from connector.storage.atomic import atomic, is_outage
from connector.storage.database import Database
from connector.storage.inbox import MAX_INSERT, Delivery, insert_deliveries
from connector.storage.session import Session
from connector.storage.shards import object_shard
from connector.storage.work import wish_to_read

log = logging.getLogger(__name__)

MAX_WAITING = 512
"""Of senders that try again: one who would wait longer than they wait for an answer is told so at once."""
MAX_WAITING_PATIENT = 32768
"""For senders that never try again: turning them away would lose what they say until the next reconcile. Never reached
over HTTP, where callers wait unread long before (``http_protocol``).
"""
LINGER_SECONDS = 0.001
RETRY_AFTER_SECONDS = 5
SHARED_SECRET = "another shop signs with the same secret"
SAYS_TOO_LITTLE = "the shop says only that it changed"


class _Batch:
    """Deliveries that will share a commit, and what each of their senders waits for."""

    __slots__ = ("deliveries", "waiters")

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.waiters: list[asyncio.Future[bool | Exception]] = []

    def release(self, results: list[bool | Exception]) -> None:
        """Tell every sender that still waits."""
        for waiter, result in zip(self.waiters, results, strict=True):
            if not waiter.done():
                waiter.set_result(result)


class Inbox:
    """Keeps deliveries. ``on_kept`` is called after each commit, to wake whoever works on them."""

    def __init__(self, database: Database, keys: Keys, on_kept: Callable[[], None]) -> None:
        self._database = database
        self._keys = keys
        self._on_kept = on_kept
        self._next: list[_Batch] = []
        self._waiting = 0
        self._committer: asyncio.Task[None] | None = None

    async def keep(self, delivery: Delivery, sender_retries: bool = True) -> bool:
        """Return once the delivery is durable: True if it was new, False if it was known already.

        Raises Transient when too many wait or the database fails: then nothing was kept and the sender must try again.
        """
        if self._waiting >= (MAX_WAITING if sender_retries else MAX_WAITING_PATIENT):
            raise Transient("too many deliveries are waiting", retry_after_seconds=RETRY_AFTER_SECONDS)
        batch = self._open_batch()
        waiter: asyncio.Future[bool | Exception] = asyncio.get_running_loop().create_future()
        batch.deliveries.append(delivery)
        batch.waiters.append(waiter)
        self._waiting += 1
        try:
            result = await waiter
        finally:
            self._waiting -= 1
        if isinstance(result, Exception):
            raise Transient("the delivery could not be stored", detail=repr(result)) from result
        return result

    async def ask(self, delivery: Delivery, reason: str) -> None:
        """Have the shop asked for the order that a delivery is about, instead of believing what it says of it.

        Raises Transient when the database fails: then nothing was kept and the sender must try again.
        """
        place = (object_shard(delivery.connection_number, delivery.object_kind, delivery.object_id),)
        wish = (*place, delivery.connection_number, delivery.object_id, delivery.programme_number, reason)
        try:
            await atomic(self._database, lambda session: wish_to_read(session, [wish], delivery.received_at))
        except Exception as error:
            if not is_outage(error):
                raise
            raise Transient("the delivery could not be stored", detail=repr(error)) from error
        self._on_kept()

    async def close(self) -> None:
        """Wait for the batches under way."""
        if self._committer is not None:
            await self._committer

    def _open_batch(self) -> _Batch:
        if not self._next or len(self._next[-1].deliveries) >= MAX_INSERT:
            self._next.append(_Batch())
        if self._committer is None or self._committer.done():
            self._committer = asyncio.create_task(self._commit_all())
        return self._next[-1]

    async def _commit_all(self) -> None:
        await asyncio.sleep(LINGER_SECONDS)
        while self._next:
            batch = self._next.pop(0)
            batch.release(await self._commit(batch.deliveries))
            self._on_kept()

    async def _commit(self, deliveries: list[Delivery]) -> list[bool | Exception]:
        try:
            return list(await self._insert(deliveries))
        except Exception as error:
            if len(deliveries) == 1 or is_outage(error):
                log.error("deliveries could not be stored", exc_info=error, extra={"count": len(deliveries)})
                return [error] * len(deliveries)
            # One bad row must not fail its neighbours: each gets a commit of its own.
            return [result for delivery in deliveries for result in await self._commit([delivery])]

    async def _insert(self, deliveries: list[Delivery]) -> list[bool]:
        async def body(session: Session) -> list[bool]:
            return await insert_deliveries(session, deliveries, self._keys)

        return await atomic(self._database, body)
