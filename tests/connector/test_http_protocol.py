"""A served app over real sockets: callers who dawdle, flood or crowd, and one who is served all the while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from connector.running import http_protocol
from connector.running.http_protocol import HEAD_BYTES_MAX, Doorkeeper, GuardedProtocol
from connector.running.serve import bind, server_for

PING = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"


async def _app(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def served(open_max: int = 50, waiting_max: int = 50) -> AsyncIterator[int]:
    """A port where the app answers ``ok`` without reading bodies."""
    listener = bind("127.0.0.1", 0)
    server = server_for(_app, drain_seconds=1)
    kept = Doorkeeper(open_max, waiting_max)
    server.config.http = type("Small", (GuardedProtocol,), {"doorkeeper": kept})
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task
        listener.close()
        assert not kept.inside and not kept.waiting, "nobody is forgotten"


class Caller:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def of(cls, port: int, first: bytes = b"") -> Caller:
        caller = cls(*await asyncio.open_connection("127.0.0.1", port))
        caller.writer.write(first)
        return caller

    async def answer(self) -> str:
        """The status line; empty where the connection was closed instead."""
        try:
            async with asyncio.timeout(5):
                return (await self.reader.readline()).decode().strip()
        except ConnectionError:
            return ""

    async def rest(self) -> bytes:
        try:
            async with asyncio.timeout(5):
                return await self.reader.read()
        except ConnectionError:
            return b""

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            pass


@pytest.mark.parametrize("first", [b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_a_head_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, first: bytes) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.1)
    async with served() as port:
        slow = await Caller.of(port, first)
        assert await slow.answer() == "HTTP/1.1 408 Request Timeout"
        assert b"connection: close" in (await slow.rest()).lower()
        await slow.close()


async def test_a_head_that_comes_byte_by_byte_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.2)
    async with served() as port:
        slow = await Caller.of(port, b"GET / HTTP/1.1\r\nX: ")
        for _ in range(10):
            slow.writer.write(b"a")
            await asyncio.sleep(0.05)
        # What they wrote after the end may have cost them the answer; the connection is over in any case.
        assert await slow.answer() in ("HTTP/1.1 408 Request Timeout", "")
        await slow.rest()
        await slow.close()


async def test_a_head_of_any_size_is_cut_off() -> None:
    async with served() as port:
        large = await Caller.of(port, b"GET / HTTP/1.1\r\nHost: x\r\nX-Large: " + b"a" * (HEAD_BYTES_MAX + 1))
        assert await large.answer() == "HTTP/1.1 431 Request Header Fields Too Large"
        await large.close()
        fine = await Caller.of(port, b"GET / HTTP/1.1\r\nHost: x\r\nX-Large: " + b"a" * 8000 + b"\r\n\r\n")
        assert await fine.answer() == "HTTP/1.1 200 OK"
        await fine.close()


async def test_what_is_no_http_gets_a_plain_400() -> None:
    async with served() as port:
        odd = await Caller.of(port, b"\x16\x03\x01 hello\r\n\r\n")
        assert await odd.answer() == "HTTP/1.1 400 Bad Request"
        assert b"nosniff" in await odd.rest()
        await odd.close()


async def test_a_body_that_trickles_in_after_its_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "LINGER_SECONDS", 0.1)
    async with served() as port:
        slow = await Caller.of(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nab")
        assert await slow.answer() == "HTTP/1.1 200 OK"
        ended = asyncio.create_task(slow.rest())
        for _ in range(6):
            if not slow.writer.is_closing():
                slow.writer.write(b"c")
            await asyncio.sleep(0.05)
        await ended
        await slow.close()


async def test_who_ends_the_body_in_time_may_ask_again_on_the_same_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "LINGER_SECONDS", 0.3)
    async with served() as port:
        caller = await Caller.of(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
        assert await caller.answer() == "HTTP/1.1 200 OK"
        caller.writer.write(b"cd")
        await asyncio.sleep(0.6)
        while (await caller.reader.readline()).strip():
            pass
        assert await caller.reader.readexactly(2) == b"ok"
        caller.writer.write(PING)
        assert await caller.answer() == "HTTP/1.1 200 OK"
        await caller.close()


async def test_one_connection_serves_many_requests() -> None:
    async with served() as port:
        caller = await Caller.of(port)
        for _ in range(3):
            caller.writer.write(PING)
            assert await caller.answer() == "HTTP/1.1 200 OK"
            while (await caller.reader.readline()).strip():
                pass
            assert await caller.reader.readexactly(2) == b"ok"
        await caller.close()


async def test_who_asks_for_nothing_gives_up_the_place_and_nobody_who_asks_is_lost() -> None:
    async with served(open_max=5, waiting_max=40) as port:
        idle = [await Caller.of(port) for _ in range(5)]
        await asyncio.sleep(0.1)
        asking = [await Caller.of(port, PING) for _ in range(20)]
        assert [await one.answer() for one in asking] == ["HTTP/1.1 200 OK"] * 20
        assert await asyncio.gather(*(one.rest() for one in idle)) == [b""] * 5
        for one in (*idle, *asking):
            await one.close()


async def test_who_has_asked_before_stays_rather_than_who_never_did() -> None:
    async with served(open_max=5, waiting_max=40) as port:
        regular = await Caller.of(port, PING)
        assert await regular.answer() == "HTTP/1.1 200 OK"
        slow = [await Caller.of(port, b"GET / HTTP/1.1\r\nX-Slow: ") for _ in range(4)]
        await asyncio.sleep(0.1)
        asking = [await Caller.of(port, PING) for _ in range(4)]
        assert [await one.answer() for one in asking] == ["HTTP/1.1 200 OK"] * 4
        while (await regular.reader.readline()).strip():
            pass
        await regular.reader.readexactly(2)
        regular.writer.write(PING)
        assert await regular.answer() == "HTTP/1.1 200 OK"
        for one in (regular, *slow, *asking):
            await one.close()


async def test_beyond_those_who_may_wait_callers_are_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuardedProtocol, "is_idle", property(lambda self: False))
    async with served(open_max=2, waiting_max=3) as port:
        inside = [await Caller.of(port) for _ in range(2)]
        await asyncio.sleep(0.1)
        waiting = [await Caller.of(port, PING) for _ in range(3)]
        await asyncio.sleep(0.1)
        late = await Caller.of(port, PING)
        assert await late.answer() == ""
        await late.close()
        for one in inside:
            await one.close()
        assert [await one.answer() for one in waiting[:2]] == ["HTTP/1.1 200 OK"] * 2
        for one in waiting:
            await one.close()
