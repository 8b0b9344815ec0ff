"""Batches at stores: one at each store at a time, and a store that is slow keeps no other one waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

STORES_AT_ONCE = 32
"""Of which some may hang: whoever does not answer has a place until its batch is given up, a minute or so."""


@dataclass(slots=True)
class Rounds:
    """What is under way at which store, of one kind of work."""

    _under_way: dict[int, asyncio.Task[int]] = field(default_factory=dict)
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(STORES_AT_ONCE))

    async def go(
        self, due: Iterable[int], batch: Callable[[int], Awaitable[int]], patience: float | None = None
    ) -> int:
        """Begin a batch at every store that is due and has none under way. Wait for all of them; with ``patience`` only
        for the first one, and so many seconds at most: the others go on. Returns how many were tried in those that
        ended. Raises what a batch raised, after the others were counted.
        """
        for number in due:
            if number not in self._under_way:
                self._under_way[number] = asyncio.create_task(self._in_turn(number, batch))
        if not self._under_way:
            return 0
        until = asyncio.ALL_COMPLETED if patience is None else asyncio.FIRST_COMPLETED
        done, _ = await asyncio.wait(self._under_way.values(), timeout=patience, return_when=until)
        for number in [number for number, task in self._under_way.items() if task in done]:
            del self._under_way[number]
        results = await asyncio.gather(*done, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return sum(result for result in results if isinstance(result, int))

    async def _in_turn(self, number: int, batch: Callable[[int], Awaitable[int]]) -> int:
        # A lease begins in the batch: whoever waits for a place has claimed nothing yet.
        async with self._places:
            return await batch(number)

    async def end(self, *, now: bool) -> None:
        """Wait for what is under way; now: cut it off. Its rows are found again."""
        tasks = [*self._under_way.values()]
        self._under_way.clear()
        if now:
            for task in tasks:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
