"""The load generator of reads: keep-alive connections, each asks its next question when its answer has come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import httptools

from bench.measure import WrongResult

LONGEST_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Asked:
    """One GET. token: a shopper's; etag: what they have."""

    path: bytes
    token: bytes = b""
    etag: bytes = b""

    def request(self) -> bytes:
        head = b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n" % self.path
        if self.token:
            head += b"Authorization: Bearer %s\r\n" % self.token
        if self.etag:
            head += b"If-None-Match: %s\r\n" % self.etag
        return head + b"\r\n"


@dataclass(slots=True)
class Answers:
    """What came back, in the order of the questions."""

    bodies: list[bytes]
    etags: list[bytes]
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    def p99_ms(self) -> float:
        """99 of 100 answers took at most this long."""
        return sorted(self.latencies)[int(len(self.latencies) * 0.99)] * 1000


async def ask_all(port: int, asked: Sequence[Asked], connections: int) -> Answers:
    """Ask everything once. Raises WrongResult for any answer but 200 and 304, and for connections that break."""
    answers = Answers([b""] * len(asked), [b""] * len(asked))
    left = iter(enumerate([one.request() for one in asked]))
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    async with asyncio.timeout(LONGEST_SECONDS):
        callers = [_Caller(left, answers, loop.create_future()) for _ in range(connections)]
        for caller in callers:
            await loop.create_connection(lambda caller=caller: caller, "127.0.0.1", port)  # type: ignore[misc]
        await asyncio.gather(*(caller.done for caller in callers))
    answers.seconds = time.perf_counter() - started
    if answers.refused:
        raise WrongResult(f"{len(answers.refused)} answers were neither 200 nor 304, the first {answers.refused[0]}")
    return answers


class _Caller(asyncio.Protocol):
    """One connection."""

    def __init__(self, left: Iterator[tuple[int, bytes]], answers: Answers, done: asyncio.Future[None]) -> None:
        self.done = done
        self._left = left
        self._answers = answers
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._number = 0
        self._asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(WrongResult(f"a connection broke: {error!r}"))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        if name.lower() == b"etag":
            self._answers.etags[self._number] = value

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        self._answers.bodies[self._number] += body

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self._answers.latencies.append(time.perf_counter() - self._asked_at)
        status = self._parser.get_status_code()
        if status not in (200, 304):
            self._answers.refused.append(status)
        self._ask()

    def _ask(self) -> None:
        assert self._transport is not None
        following = next(self._left, None)
        if following is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._number, request = following
        self._asked_at = time.perf_counter()
        self._transport.write(request)
