"""Stands between a caller and a service and loses things: an answer after the service gave it, a request before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum

from tests.chaos.wire import LINE_END


class Fate(Enum):
    """Of one request."""

    FINE = "fine"
    NEVER_ARRIVES = "never arrives"
    ANSWER_LOST = "answer lost"
    ANSWER_TORN = "answer torn"
    """Half of it comes, then the line is dead."""


@dataclass
class Proxy:
    """Listens on ``port``. draw: the fate of the next request. met: how often each fate was met."""

    to_port: int
    draw: Callable[[], Fate]
    port: int = 0
    met: dict[Fate, int] = field(default_factory=dict)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a caller, which keeps a connection of its own to the service."""
        with suppress(OSError, EOFError):
            there, back = await asyncio.open_connection("127.0.0.1", self.to_port)
            try:
                while await self._pass_on(reader, writer, there, back):
                    pass
            finally:
                back.close()
        writer.close()

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        back: asyncio.StreamWriter,
    ) -> bool:
        asked = await _message(reader)
        fate = self.draw()
        self.met[fate] = self.met.get(fate, 0) + 1
        if fate is Fate.NEVER_ARRIVES:
            return False
        back.write(asked)
        await back.drain()
        answer = await _message(there)
        if fate is Fate.ANSWER_LOST:
            return False
        writer.write(answer if fate is Fate.FINE else answer[: len(answer) // 2])
        await writer.drain()
        return fate is Fate.FINE


async def _message(reader: asyncio.StreamReader) -> bytes:
    """One request or answer, whole, as ours are: with a length."""
    head = await reader.readuntil(2 * LINE_END)
    length = 0
    for line in head.split(LINE_END)[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return head + await reader.readexactly(length)


@asynccontextmanager
async def standing_between(to_port: int, draw: Callable[[], Fate]) -> AsyncIterator[Proxy]:
    """A proxy for as long as the block runs."""
    proxy = Proxy(to_port, draw)
    server = await asyncio.start_server(proxy.handle, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
