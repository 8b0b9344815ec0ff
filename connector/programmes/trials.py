"""What a draft would have given, cost and changed on the shop's own past: worked out in the background, kept with it.

The process that does it serves shoppers, too: a thread replays a few members at a time, and rests for as long as that
took. A big shop is asked through a part of its members.
"""

from __future__ import annotations

import asyncio
import hashlib
import heapq
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connector import clock
from connector.programmes.simulation import Answer, Question, own_histories, walk_chunk
from connector.storage.atomic import atomic, is_outage
from connector.storage.database import Database
from connector.storage.histories import count_histories, has_begun
from connector.storage.trials import begin_trial, end_trial, note_trial
from loyalty_engine.programme import Programme, Rulebook
from loyalty_engine.simulate import Habit, History, Walk

log = logging.getLogger(__name__)

MEMBERS_MAX = 5_000
"""Ids are drawn by chance, and members lie in the order of their ids' checksums: the first of them are a fair part."""
AT_ONCE = 20
SHOWN = 10
SINCE = datetime(1990, 1, 1, tzinfo=UTC)
"""Both programmes hold for the whole past, or the one of today would be asked about its forerunners."""


class Trials:
    """What-ifs of one process. Should it stop half-way, a trial is seen to have died, and can be begun again."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, number: int, draft_id: str, text: str, new: Programme, old: Programme) -> bool:
        """Work it out in the background. False: somebody is at another one of this programme. text: of the draft."""
        now = clock.utc_now()
        members = await count_histories(self._database.reading(), number)
        total, edition = min(members, MEMBERS_MAX), edition_of(text)
        if not await atomic(
            self._database, lambda session: begin_trial(session, number, draft_id, edition, total, now)
        ):
            return False
        rulebooks = [Rulebook((replace(one, effective_from=SINCE),)) for one in (new, old)]
        question = Question(rulebooks[0], rulebooks[1], now, Habit.SOON)
        task = asyncio.ensure_future(self._try(number, draft_id, question, members, now))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def finished(self) -> None:
        """When nothing is under way here any more."""
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """End what is under way, before the database is closed."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _try(self, number: int, draft_id: str, question: Question, members: int, started_at: datetime) -> None:
        async def end(found: dict[str, Any] | None, problem: str | None) -> None:
            await atomic(
                self._database,
                lambda session: end_trial(session, draft_id, started_at, found, problem, clock.utc_now()),
            )

        try:
            await end(await self._replay(number, draft_id, question, members, started_at), None)
        except Exception as error:
            if not is_outage(error):
                log.exception("a what-if broke off", extra={"programme": number})
            await end(None, type(error).__name__)

    async def _replay(
        self, number: int, draft_id: str, question: Question, members: int, started_at: datetime
    ) -> dict[str, Any]:
        answer, moves, done = Answer.to(question), _Moves(), 0
        has_past = await has_begun(self._database.reading(), number)
        async for histories in _few(self._database, number):
            began = clock.monotonic_seconds()
            if not has_past:
                histories = [_from_the_first_order(one) for one in histories]
            walks = await asyncio.to_thread(walk_chunk, question, histories)
            answer.add(walks)
            moves.add(walks)
            done += len(histories)
            await self._note(draft_id, started_at, done)
            await asyncio.sleep(clock.monotonic_seconds() - began)
        return {"members": done, "of": members, "begun": has_past, **answer.document(), **moves.document()}

    async def _note(self, draft_id: str, started_at: datetime, done: int) -> None:
        now = clock.utc_now()
        await atomic(self._database, lambda session: note_trial(session, draft_id, started_at, done, now))


def _from_the_first_order(history: History) -> History:
    """Before a programme has begun nobody could take part: they are taken to have done so whenever they bought."""
    first = min((order.paid_at for order in history.orders if order.paid_at), default=history.enrolled_at)
    return replace(history, enrolled_at=min(first, history.enrolled_at))


async def _few(database: Database, number: int) -> AsyncIterator[list[History]]:
    left = MEMBERS_MAX
    async for chunk in own_histories(database.reading(), number):
        for at in range(0, min(len(chunk), left), AT_ONCE):
            yield chunk[at : min(at + AT_ONCE, left)]
        left -= len(chunk)
        if left <= 0:
            return


class _Moves:
    """Whose points would differ most, both ways, and how many there are."""

    def __init__(self) -> None:
        self._more: list[tuple[int, str]] = []
        self._less: list[tuple[int, str]] = []
        self._counts = {"more": 0, "less": 0, "same": 0}
        self._points = {"more": 0, "less": 0}

    def add(self, walks: list[tuple[Walk | None, Walk]]) -> None:
        for before, after in walks:
            given = _given(after) - (_given(before) if before else 0)
            kind = "more" if given > 0 else "less" if given < 0 else "same"
            self._counts[kind] += 1
            if given:
                self._points[kind] += given
                heap = self._more if given > 0 else self._less
                heapq.heappush(heap, (abs(given), after.member_id))
                if len(heap) > SHOWN:
                    heapq.heappop(heap)

    def document(self) -> dict[str, Any]:
        def listed(heap: list[tuple[int, str]], sign: int) -> list[dict[str, Any]]:
            return [{"member": member, "points": sign * points} for points, member in sorted(heap, reverse=True)]

        moved = [*listed(self._more, 1), *listed(self._less, -1)]
        return {"counts": self._counts, "points": self._points, "moved": moved}


def _given(walk: Walk) -> int:
    """Points that a member got and kept: spent ones are among them."""
    return sum(points for (_, kind), points in walk.months.items() if kind in ("earn", "bonus", "clawback"))


def edition_of(text: str) -> str:
    """By which a result is known to be of this document."""
    return hashlib.sha256(text.encode()).hexdigest()
