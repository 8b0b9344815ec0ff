"""Whether a shop answers our calls, told to whoever wants to know."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from connector import clock
from connector.errors import ConnectorError, Unreached

HANGING_SECONDS = 5
"""Whoever gives up a call after so long gives it up because the shop does not answer."""


class Watch(Protocol):
    """Whoever wants to know of one shop."""

    async def answered(self) -> None:
        """It did, whatever it said."""

    async def missed(self, why: str) -> None:
        """It did not, or only to say that it is broken."""

    def hung(self) -> None:
        """It had not, when the caller lost patience."""


@asynccontextmanager
async def listening(watch: Watch | None) -> AsyncIterator[asyncio.Event]:
    """One call lasts as long as the block, which sets what is yielded once an answer is there, however little it
    pleases.
    """
    began, heard = clock.monotonic_seconds(), asyncio.Event()
    if watch is None:
        yield heard
        return
    try:
        yield heard
    except Unreached as error:
        await watch.missed(str(error))
        raise
    except asyncio.CancelledError:
        if clock.monotonic_seconds() - began >= HANGING_SECONDS and not heard.is_set():
            watch.hung()
        raise
    except ConnectorError:
        if heard.is_set():
            await watch.answered()
        raise
    await watch.answered()
