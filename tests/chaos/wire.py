"""A small HTTP client for many requests: one keep-alive connection, one request at a time, bytes in and bytes out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

LINE_END = b"\r\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """headers: names in lower case."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """A whole request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + 2 * LINE_END + body


class Wire:
    """A connection; opened when it is needed, and again after it broke."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, whole: bytes) -> Answer:
        """Send a request and read its answer. Raises OSError or EOFError when the connection breaks meanwhile."""
        await self.send(whole)
        return await self.answer()

    async def send(self, part: bytes) -> None:
        """Send bytes, be it a whole request or a part."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        self._streams[1].write(part)
        try:
            await self._streams[1].drain()
        except BaseException:
            self.close()
            raise

    async def answer(self) -> Answer:
        """Read the answer to what was sent."""
        assert self._streams is not None
        try:
            return await read_answer(self._streams[0])
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def ask_once(port: int, whole: bytes) -> Answer:
    """One request over a connection of its own."""
    with closing(Wire(port)) as wire:
        return await wire.ask(whole)


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """One answer of a server that says how long it is, as ours does."""
    head = await reader.readuntil(2 * LINE_END)
    first, *lines = head[:-4].split(LINE_END)
    pairs = (line.partition(b":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    length = int(headers.get(b"content-length", b"0"))
    return Answer(int(first.split(b" ", 2)[1]), headers, await reader.readexactly(length))
