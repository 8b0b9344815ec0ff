"""The load generator: one process, keep-alive connections, each sends its next request when its answer has come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import httptools

from bench.measure import WrongResult
from bench.orders import Order, customer_id
from bench.world import SECRET, SHOP, TOPIC
from connector.access.signatures import sign

LONGEST_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Requests:
    """Signed deliveries of one order under many ids: head and body are put together when they are sent."""

    path: str
    template: bytes
    first_id: int
    customers: int
    signatures: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, order: Order, path: str, count: int, customers: int) -> Requests:
        """``count`` requests; every mention of the order and of its customer becomes another id of the same length."""
        template = order.raw.replace(b"%", b"%%")
        for known, name in ((order.order_id, b"%(order)d"), (order.customer_id, b"%(customer)d")):
            template = template.replace(str(known).encode(), name)
        requests = cls(path, template, order.order_id, customers)
        requests.signatures.extend(sign(requests.body(number), SECRET) for number in range(count))
        return requests

    def body(self, number: int) -> bytes:
        """The body of the n-th request."""
        customer = customer_id(number % self.customers)
        return self.template % {b"order": self.first_id + number, b"customer": customer}

    def request(self, number: int) -> bytes:
        """The n-th request as it goes over the wire, with the headers that Shopify sends."""
        body = self.body(number)
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Shopify-Captain-Hook\r\nAccept: */*\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nX-Shopify-Topic: {TOPIC}\r\n"
            f"X-Shopify-Shop-Domain: {SHOP}\r\nX-Shopify-Api-Version: 2026-10\r\n"
            f"X-Shopify-Event-Id: {UUID(int=self.first_id + number)}\r\n"
            f"X-Shopify-Webhook-Id: {UUID(int=2 * self.first_id + number)}\r\n"
            f"X-Shopify-Triggered-At: 2026-11-21T12:00:00.000000000Z\r\n"
            f"X-Shopify-Hmac-Sha256: {self.signatures[number].decode()}\r\n\r\n"
        )
        return head.encode() + body


@dataclass(slots=True)
class Answers:
    """What came back."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    def p99_ms(self) -> float:
        """99 of 100 answers took at most this long."""
        return sorted(self.latencies)[int(len(self.latencies) * 0.99)] * 1000


async def send_all(port: int, requests: Requests, numbers: range, connections: int) -> Answers:
    """Send every request once. Raises WrongResult for any answer but 2xx, and for connections that break."""
    answers = Answers()
    left = iter(numbers)
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    async with asyncio.timeout(LONGEST_SECONDS):
        senders = [_Sender(requests, left, answers, loop.create_future()) for _ in range(connections)]
        for sender in senders:
            await loop.create_connection(lambda sender=sender: sender, "127.0.0.1", port)  # type: ignore[misc]
        await asyncio.gather(*(sender.done for sender in senders))
    answers.seconds = time.perf_counter() - started
    if answers.refused:
        raise WrongResult(f"{len(answers.refused)} answers were no 2xx, the first {answers.refused[0]}")
    if len(answers.latencies) != len(numbers):
        raise WrongResult(f"{len(answers.latencies)} answers to {len(numbers)} requests")
    return answers


class _Sender(asyncio.Protocol):
    """One connection."""

    def __init__(self, requests: Requests, left: Iterator[int], answers: Answers, done: asyncio.Future[None]) -> None:
        self.done = done
        self._requests = requests
        self._left = left
        self._answers = answers
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport = transport  # type: ignore[assignment]
        self._send()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(WrongResult(f"a connection broke: {error!r}"))

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self._answers.latencies.append(time.perf_counter() - self._sent_at)
        status = self._parser.get_status_code()
        if not 200 <= status < 300:
            self._answers.refused.append(status)
        self._send()

    def _send(self) -> None:
        assert self._transport is not None
        number = next(self._left, None)
        if number is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(self._requests.request(number))
