"""A simulated shop behind a line that fails in twelve ways: a raw server, so that what goes wrong is real bytes.

Every request opens a connection of its own. Whether the shop acts before the line fails is part of the fault.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import httpx

from tests.chaos.wire import LINE_END

HUGE_BYTES = 30 * 1024 * 1024
PRIVATE = "http://169.254.169.254/latest/meta-data/"


class Fault(Enum):
    """What happens to one request."""

    THROTTLED = "429 with Retry-After, or THROTTLED in an answer of 200"
    ERRORS = "200 with errors instead of data"
    UNAVAILABLE = "503, before or after the shop acted"
    REDIRECT = "302 to a private address"
    REFUSED = "the connection is closed at once"
    RESET_BEFORE = "reset before the shop acted"
    RESET_AFTER = "reset after the shop acted"
    HANGS = "the shop acts, headers come, the body never does"
    DRIBBLES = "the shop acts, its answer comes at a byte a second"
    TORN = "the shop acts, its answer is compressed and cut off, or shorter than it says"
    PAGE = "200 with a login page"
    HUGE = "the shop acts, its answer has 30 MB"


@dataclass
class FaultyShop:
    """draw: the fault of the next request, or None. is_graphql: whether the shop is a Shopify. met: how often each."""

    inside: httpx.AsyncClient
    base_url: str
    is_graphql: bool
    draw: Callable[[bytes], Fault | None]
    coin: Callable[[], bool]
    port: int = 0
    met: Counter[Fault] = field(default_factory=Counter)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection with one request."""
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        # Cut off at the end of the block, it ends like any other.
        with suppress(OSError, EOFError, asyncio.CancelledError):
            asked = await _request(reader)
            fault = self.draw(asked.first_line)
            if fault is None:
                writer.write(_whole(await self._act(asked)))
                await writer.drain()
            else:
                self.met[fault] += 1
                await self._fail(fault, asked, writer)
        if not writer.is_closing():
            writer.close()

    async def _act(self, asked: Asked) -> httpx.Response:
        return await self.inside.request(
            asked.method, self.base_url + asked.path, headers=asked.headers, content=asked.body
        )

    async def _fail(self, fault: Fault, asked: Asked, writer: asyncio.StreamWriter) -> None:
        if fault is Fault.THROTTLED:
            writer.write(self._throttled())
        elif fault is Fault.ERRORS:
            writer.write(_said(200, json.dumps(self._errors()).encode()))
        elif fault is Fault.UNAVAILABLE:
            if self.coin():
                await self._act(asked)
            writer.write(_said(503, b'{"errors": "Service Unavailable"}'))
        elif fault is Fault.REDIRECT:
            writer.write(_said(302, b"", f"Location: {PRIVATE}"))
        elif fault is Fault.PAGE:
            writer.write(_said(200, b"<!DOCTYPE html><title>Log in</title>", "Content-Type: text/html"))
        elif fault in (Fault.REFUSED, Fault.RESET_BEFORE):
            writer.transport.abort()
        else:
            await self._fail_after(fault, await self._act(asked), writer)
        with suppress(OSError):
            await writer.drain()

    async def _fail_after(self, fault: Fault, answer: httpx.Response, writer: asyncio.StreamWriter) -> None:
        whole = _whole(answer)
        head, _, body = whole.partition(2 * LINE_END)
        if fault is Fault.RESET_AFTER:
            writer.transport.abort()
        elif fault is Fault.HANGS:
            writer.write(head + 2 * LINE_END)
            await self._until_gone(writer)
        elif fault is Fault.DRIBBLES:
            writer.write(head + 2 * LINE_END)
            for byte in body:
                writer.write(bytes((byte,)))
                await asyncio.sleep(1)
                await writer.drain()
        elif fault is Fault.TORN and self.coin():
            packed = gzip.compress(body + b" " * 1000)
            writer.write(_said(200, packed, "Content-Encoding: gzip")[: -len(packed) // 2])
        elif fault is Fault.TORN:
            writer.write(whole[: -max(1, len(body) // 2)])
        else:
            writer.write(_said(200, b'{"padding": "' + b"x" * HUGE_BYTES + b'"}'))

    async def _until_gone(self, writer: asyncio.StreamWriter) -> None:
        for _ in range(600):
            if writer.is_closing():
                return
            await asyncio.sleep(0.1)

    def _throttled(self) -> bytes:
        if not self.is_graphql or self.coin():
            return _said(429, b'{"code": "too_many"}', "Retry-After: 2")
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
        return _said(200, json.dumps({"errors": [error]}).encode())

    def _errors(self) -> dict[str, Any]:
        if self.is_graphql:
            return {"errors": [{"message": "Internal error", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}
        return {"code": "internal_server_error", "message": "There has been a critical error", "data": {"status": 500}}


@dataclass(frozen=True)
class Asked:
    """One request."""

    first_line: bytes
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def method(self) -> str:
        return self.first_line.split(b" ")[0].decode()

    @property
    def path(self) -> str:
        return self.first_line.split(b" ")[1].decode()


async def _request(reader: asyncio.StreamReader) -> Asked:
    head = await reader.readuntil(2 * LINE_END)
    first, *lines = head[:-4].split(LINE_END)
    headers = [tuple(part.strip().decode() for part in line.split(b":", 1)) for line in lines]
    named = {name.lower(): value for name, value in headers}
    body = await reader.readexactly(int(named.get("content-length", "0")))
    passed = [(name, value) for name, value in headers if name.lower() not in ("content-length", "connection")]
    return Asked(first, passed, body)


def _said(status: int, body: bytes, *headers: str) -> bytes:
    kinds = [] if any(line.startswith("Content-Type") for line in headers) else ["Content-Type: application/json"]
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", "Connection: close", *kinds, *headers]
    return "\r\n".join(lines).encode() + 2 * LINE_END + body


def _whole(answer: httpx.Response) -> bytes:
    kept = [
        f"{name}: {value}"
        for name, value in answer.headers.items()
        if name not in ("content-length", "connection", "transfer-encoding", "content-encoding")
    ]
    kind = [line for line in kept if line.lower().startswith("content-type")]
    rest = [line for line in kept if line not in kind]
    named = [f"Content-Type: {line.partition(': ')[2]}" for line in kind]
    return _said(answer.status_code, answer.content, *named, *rest)


class ToPort(httpx.AsyncHTTPTransport):
    """Brings what is for a shop to one port of this machine."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        return await super().handle_async_request(request)


@asynccontextmanager
async def faulty(
    app: Any, base_url: str, draw: Callable[[bytes], Fault | None], coin: Callable[[], bool], *, is_graphql: bool
) -> AsyncIterator[FaultyShop]:
    """A shop's app behind such a line. draw: of the first line of a request; coin: which of two ways a fault goes."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, trust_env=False) as inside:
        shop = FaultyShop(inside, base_url, is_graphql, draw, coin)
        server = await asyncio.start_server(shop.handle, "127.0.0.1", 0)
        shop.port = server.sockets[0].getsockname()[1]
        try:
            yield shop
        finally:
            server.close()
            for task in list(shop.tasks):
                task.cancel()
            await asyncio.gather(*shop.tasks)
