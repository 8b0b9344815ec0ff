"""Turns: who wants the same row as somebody else waits here and not on a connection (ADR 0030)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Queue:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0


class Turns:
    """One at a time for each name in this process, in the order in which they came. A name is kept only while somebody
    has its turn or waits for it.
    """

    def __init__(self) -> None:
        self._queues: dict[str, _Queue] = {}

    async def take(self, name: str) -> Callable[[], None]:
        """Wait for the turn of ``name``; what is returned ends it, once, and from any task. Whoever is cancelled while
        waiting never had it.

        Whoever has a turn must not take another: two that do so the other way round would wait for ever.
        """
        queue = self._queues.setdefault(name, _Queue())
        queue.wanted += 1
        try:
            await queue.lock.acquire()
        except BaseException:
            self._leave(name, queue)
            raise

        def end() -> None:
            queue.lock.release()
            self._leave(name, queue)

        return end

    def _leave(self, name: str, queue: _Queue) -> None:
        queue.wanted -= 1
        if queue.wanted == 0:
            del self._queues[name]

    @property
    def names(self) -> frozenset[str]:
        """Those of which somebody has the turn, or waits for it."""
        return frozenset(self._queues)
