"""A check of all books that a page can begin and look at: ``verify``, with its progress and its report kept."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from functools import partial

from tortoise.exceptions import IntegrityError

from connector import clock
from connector.crypto import Keys
from connector.storage.atomic import atomic, is_outage
from connector.storage.books_checks import begin_check, end_check, note_progress
from connector.storage.database import Database
from connector.verify.run import verify

log = logging.getLogger(__name__)

SAID_EVERY = timedelta(seconds=2)


class Checking:
    """Checks of one process. Should it stop half-way, the check is seen to have died, and can be begun again."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys
        self._tasks: set[asyncio.Task[str]] = set()

    async def begin(self, by_whom: str) -> bool:
        """Check in the background. False: somebody is at it already."""
        now = clock.utc_now()
        if not await self._may_begin(by_whom, now):
            return False
        task = asyncio.ensure_future(self._check(now))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def check(self, by_whom: str) -> str:
        """Check now, and say in a few words what came of it."""
        now = clock.utc_now()
        return await self._check(now) if await self._may_begin(by_whom, now) else "somebody is at it"

    async def close(self) -> None:
        """End what is under way, before the database is closed."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _may_begin(self, by_whom: str, now: datetime) -> bool:
        try:
            return await atomic(self._database, lambda session: begin_check(session, by_whom, now))
        except IntegrityError:
            # Another process began the very first one at the same moment.
            return False

    async def _check(self, started_at: datetime) -> str:
        seen = [0, 0]
        telling = asyncio.ensure_future(self._tell(started_at, seen))

        def progress(done: int, total: int) -> None:
            seen[:] = [done, total]

        try:
            report = await verify(self._database, self._keys, progress=progress)
            await self._end(started_at, report.as_json(), None)
            return f"{report.counts.members} members, {report.difference_counts.total()} differences"
        except Exception as error:
            if not is_outage(error):
                log.exception("the check of the books broke off")
            await self._end(started_at, None, type(error).__name__)
            return f"broke off: {type(error).__name__}"
        finally:
            telling.cancel()

    async def _end(self, started_at: datetime, report: str | None, problem: str | None) -> None:
        await atomic(self._database, lambda session: end_check(session, started_at, report, problem, clock.utc_now()))

    async def _tell(self, started_at: datetime, seen: list[int]) -> None:
        while True:
            await asyncio.sleep(SAID_EVERY.total_seconds())
            now = clock.utc_now()
            await atomic(self._database, partial(note_progress, started_at=started_at, seen=tuple(seen), now=now))
