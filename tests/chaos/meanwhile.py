"""What goes on beside something else, until that has come to its end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager


@asynccontextmanager
async def meanwhile(step: Callable[[], Awaitable[object]], pause: float = 0.0) -> AsyncIterator[Counter[str]]:
    """Take a step again and again for as long as the block runs, once at least; yields how many ``steps`` were taken.

    The last step is taken to its end: what is cut off goes on in the database, and holds what it holds. A step that
    fails ends the block, with what it raised in an ExceptionGroup: nothing that fails meanwhile goes unseen.
    """
    stop, taken = asyncio.Event(), Counter[str]()

    async def go_on() -> None:
        while not (stop.is_set() and taken):
            await step()
            taken["steps"] += 1
            await asyncio.sleep(pause)

    async with asyncio.TaskGroup() as group:
        group.create_task(go_on())
        yield taken
        stop.set()
