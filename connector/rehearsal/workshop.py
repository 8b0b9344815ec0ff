"""The process that works on test shops: made when it is needed, one thing at a time, ended when nobody needs it."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from connector.rehearsal import child
from loyalty_engine.errors import Refused

log = logging.getLogger(__name__)

T = TypeVar("T")
WAITING_MAX = 12
"""So many things may wait for the process; whoever comes then is asked to come again."""
IDLE_SECONDS = 600
"""A process for which nobody had anything to do for so long ends."""

LIMIT_SECONDS = 60.0
"""What has not come to rest by then does not: the process is killed, the next one made anew. Waiting does not count."""


class Workshop:
    """One such process beside this one."""

    def __init__(self, seconds: float = LIMIT_SECONDS) -> None:
        self.seconds = seconds
        self._pool: ProcessPoolExecutor | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._last: asyncio.Task[Any] | None = None
        self._closings = 0
        self._waiting = 0
        self._ending: asyncio.TimerHandle | None = None

    def get_ready(self) -> None:
        """Have it ready by the time that somebody asks."""
        if self._waiting == 0 and self._pool is None:
            task = asyncio.ensure_future(self.ask(child.prepared))
            self._tasks.add(task)
            task.add_done_callback(self._ready)

    async def ask(self, what: Callable[..., T], *given: Any) -> T:
        """Have it do something of ``child``, one after the other. Raises Refused: ``test-busy`` where too many wait,
        ``test-broke`` where it died or took too long.
        """
        if self._waiting >= WAITING_MAX:
            raise Refused("test-busy")
        if self._ending is not None:
            self._ending.cancel()
        self._waiting += 1
        work = asyncio.ensure_future(self._in_turn(self._last, self._closings, what, given))
        self._last = work
        self._tasks.add(work)
        work.add_done_callback(self._over)
        # Whoever asked may go away. The process is at it all the same, and the next one's turn comes after it.
        return await asyncio.shield(work)

    async def _in_turn(
        self, before: asyncio.Task[Any] | None, closings: int, what: Callable[..., T], given: tuple[Any, ...]
    ) -> T:
        try:
            if before is not None and not before.done():
                await asyncio.wait({before})
            if closings != self._closings:
                raise Refused("test-busy")
            return await self._done_by_process(what, given)
        finally:
            self._waiting -= 1
            if self._waiting == 0 and self._pool is not None:
                self._ending = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._end_idle)

    async def _done_by_process(self, what: Callable[..., T], given: tuple[Any, ...]) -> T:
        if self._pool is None:
            # Not a fork: that would have our connections, and whatever our threads hold.
            self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=child.started)
        pool = self._pool
        try:
            return await asyncio.wait_for(asyncio.wrap_future(pool.submit(what, *given)), self.seconds)
        except TimeoutError as error:
            log.warning("the process of test shops did not come to rest and is killed; the next one is made anew")
            self._pool = None if self._pool is pool else self._pool
            _kill(pool)
            raise Refused("test-broke") from error
        except BrokenProcessPool as error:
            log.warning("the process of test shops ended; the next one is made when it is needed")
            self._pool = None if self._pool is pool else self._pool
            raise Refused("test-broke") from error

    async def close(self) -> None:
        """End it, once it has done what it is at, or has not for too long. What waits for it is refused."""
        self._closings += 1
        if self._ending is not None:
            self._ending.cancel()
        pool, self._pool = self._pool, None
        if pool is not None:
            processes = _processes(pool)
            ending = asyncio.ensure_future(asyncio.to_thread(pool.shutdown, cancel_futures=True))
            if not (await asyncio.wait({ending}, timeout=self.seconds))[0]:
                for process in processes:
                    process.kill()
            await ending
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _over(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            # Known here, too, should nobody wait for it any more.
            task.exception()

    def _ready(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.warning("the process of test shops did not get ready", exc_info=task.exception())

    def _end_idle(self) -> None:
        if self._waiting == 0 and self._pool is not None:
            pool, self._pool = self._pool, None
            # Not killed: it is at nothing, and takes its folder with it.
            pool.shutdown(wait=False)


def _processes(pool: ProcessPoolExecutor) -> list[BaseProcess]:
    # Python 3.14 has kill_workers(); before it this is the only way to them.
    return list((pool._processes or {}).values())


def _kill(pool: ProcessPoolExecutor) -> None:
    for process in _processes(pool):
        process.kill()
    pool.shutdown(wait=False, cancel_futures=True)
