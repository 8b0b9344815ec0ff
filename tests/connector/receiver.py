"""An endpoint for tests: a real HTTP server on this machine that answers what a test tells it to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from connector.delivering.endpoints import Registered, register
from connector.delivering.sending import Sender, send_due
from tests.builders import KEYS, MIA, Shopfront

Reply = tuple[int, dict[str, str]]


@dataclass
class Received:
    """One request: headers in small letters, and the body's bytes."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Receiver:
    """reply: to each request; hangs: answers nothing until the test is over."""

    port: int = 0
    reply: Callable[[Received], Reply] = lambda _: (204, {})
    hangs: bool = False
    received: list[Received] = field(default_factory=list)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/hooks"

    @property
    def events(self) -> list[tuple[str, dict[str, Any]]]:
        return [(one.event["type"], one.event["data"]) for one in self.received]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        assert head[0].startswith("POST ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        one = Received(headers, await reader.readexactly(int(headers["content-length"])))
        self.received.append(one)
        if self.hangs:
            await self._over.wait()
            return False
        status, more = self.reply(one)
        lines = [f"HTTP/1.1 {status} as told", *(f"{name}: {value}" for name, value in more.items())]
        if status != 204:
            lines.append("content-length: 0")
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await writer.drain()
        return True


def answering(status: int, **headers: str) -> Callable[[Received], Reply]:
    return lambda _: (status, {name.replace("_", "-"): value for name, value in headers.items()})


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    listener = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = listener.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made._over.set()
        listener.close()


@asynccontextmanager
async def sender_of(front: Shopfront, *receivers: Receiver) -> AsyncIterator[Sender]:
    """Sends for a shopfront, at its clock; these receivers may be called although they are on this machine."""
    sender = Sender(front.database, KEYS, frozenset(one.host for one in receivers), now=front.clock, jitter=lambda: 0.0)
    try:
        yield sender
    finally:
        await sender.close()


async def listens(front: Shopfront, sender: Sender, to: Receiver, *topics: str) -> Registered:
    return await register(sender, front.programme, to.url, topics, "", MIA)


async def send_all(sender: Sender) -> int:
    """Until nothing is due at the clock's moment."""
    total = 0
    while (count := await send_due(sender)) or sender._under_way:
        total += count
    return total
