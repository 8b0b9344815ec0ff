"""``POST /hooks/{platform}/{connection}/{topic}``: prove, keep, answer. A raw ASGI app, mounted beside Starlette.

Connection and topic come from our own URL: headers are not signed. The signature covers the raw bytes. The answer is
2xx only after a durable commit. What is well signed is kept even if nobody can read it.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import Counter

from connector import clock
from connector.errors import BadSignature
from connector.ingest.hook_targets import HookTarget, HookTargets
from connector.ingest.inbox import SAYS_TOO_LITTLE, SHARED_SECRET, Inbox
from connector.platforms import Headers, ObjectKey, Platform
from connector.routes.errors import PROBLEM, Problem, problem_of_any
from connector.running.metrics import Metrics
from connector.storage.inbox import Delivery

PREFIX = "/hooks/"
MAX_BODY_BYTES = 2 * 1024 * 1024
_TOPIC = re.compile(r"(?!(?:fetched|belong|plugin)/)(?=.{1,100}$)[a-z0-9_]+(?:[./][a-z0-9_]+){0,5}")
"""``fetched/...`` is what we read ourselves, ``plugin/...`` what our plugin read, ``belong/...`` what came another way:
a shop's delivery sent to such an address would pass for it.
"""
_CONNECTION = re.compile(r"[0-9a-f-]{36}")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


_KEPT = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}
_NOTHING_MORE = {"type": "http.response.body", "body": b""}


class Disconnected(Exception):
    """The sender hung up: there is nobody to answer."""


@dataclass(slots=True)
class WebhookApp:
    """The ASGI app."""

    inbox: Inbox
    targets: HookTargets
    platforms: Mapping[str, Platform]
    metrics: Metrics
    _counters: dict[tuple[str, str], Counter] = field(init=False, default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = clock.monotonic_seconds()
        platform_name = "unknown"
        try:
            platform_name, connection_id, topic = _parse_path(scope["method"], scope["path"], self.platforms)
            platform = self.platforms[platform_name]
            result = await self._receive(platform, connection_id, topic, Headers(tuple(scope["headers"])), receive)
            await send(_KEPT)
            await send(_NOTHING_MORE)
        except Disconnected:
            result = "disconnected"
        except Exception as error:
            if isinstance(error, BadSignature):
                self.metrics.signature_failures.labels(platform_name, error.reason).inc()
            refusal = problem_of_any(error)
            result = f"refused-{refusal.status}"
            await _answer_problem(send, refusal)
        self._counter(platform_name, result).inc()
        self.metrics.ack_seconds.observe(clock.monotonic_seconds() - started)

    def _counter(self, platform_name: str, result: str) -> Counter:
        counter = self._counters.get((platform_name, result))
        if counter is None:
            counter = self._counters[platform_name, result] = self.metrics.received.labels(platform_name, result)
        return counter

    async def _receive(
        self, platform: Platform, connection_id: str, topic: str, headers: Headers, receive: Receive
    ) -> str:
        target = await self.targets.find(connection_id)
        if target is None or target.connection.platform != platform.name:
            raise Problem(404, "Unknown connection", "No shop is connected under this address.")
        raw = await _read_body(headers, receive)
        if platform.is_ping(headers, raw):
            return "ping"
        _refuse_other_types(headers)
        if not target.secrets:
            raise Problem(
                503, "No secret", "This connection has no webhook secret yet; nothing is accepted without one."
            )
        platform.check_delivery(headers, raw, topic, target.connection, target.secrets)
        delivery = _delivery(platform, target, topic, headers, raw)
        if delivery.object_kind == "order":
            if reason := SHARED_SECRET if target.is_shared else SAYS_TOO_LITTLE if platform.asks(topic, raw) else "":
                await self.inbox.ask(delivery, reason)
                return "asked"
        is_new = await self.inbox.keep(delivery, platform.retries_deliveries)
        return "kept" if is_new else "duplicate"


async def _read_body(headers: Headers, receive: Receive) -> bytes:
    """The whole body. How long it may take is the guard's to say, for every route."""
    length = headers.one(b"content-length")
    if length is not None and not length.isdigit():
        raise Problem(400, "Bad length", "Content-Length must be a whole number.", {"Connection": "close"})
    if length is not None and (len(length) > 10 or int(length) > MAX_BODY_BYTES):
        raise _too_large()
    return await _all_of(receive)


def _parse_path(method: str, path: str, platforms: Mapping[str, Platform]) -> tuple[str, str, str]:
    platform, _, rest = path.removeprefix(PREFIX).partition("/")
    connection, _, topic = rest.partition("/")
    if platform not in platforms or not _CONNECTION.fullmatch(connection) or not _TOPIC.fullmatch(topic):
        raise Problem(404, "Not found", "Webhook addresses look like /hooks/{platform}/{connection}/{topic}.")
    if method != "POST":
        raise Problem(405, "Method not allowed", "Webhooks are sent with POST.", {"Allow": "POST"})
    return platform, connection, topic


def _refuse_other_types(headers: Headers) -> None:
    kind = (headers.one(b"content-type") or b"").split(b";")[0].strip().lower()
    if kind != b"application/json":
        raise Problem(415, "Unsupported media type", "Send application/json.")
    if headers.all(b"content-encoding"):
        raise Problem(415, "Unsupported encoding", "Send the body as it was signed, without a content encoding.")


async def _all_of(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MAX_BODY_BYTES:
            raise _too_large()
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_large() -> Problem:
    return Problem(413, "Too large", f"A delivery may have {MAX_BODY_BYTES} bytes.", {"Connection": "close"})


def _delivery(platform: Platform, target: HookTarget, topic: str, headers: Headers, raw: bytes) -> Delivery:
    key = platform.object_key(topic, raw) or ObjectKey("", "")
    now = clock.utc_now()
    return Delivery(
        programme_number=target.connection.programme_number,
        connection_number=target.connection.number,
        topic=topic,
        object_kind=key.kind,
        object_id=key.object_id,
        dedupe_key=platform.delivery_key(headers, raw, topic),
        read_at=now,
        received_at=now,
        body=raw,
    )


async def _answer_problem(send: Send, problem: Problem) -> None:
    await _answer(send, problem.status, problem.body(), {"Content-Type": PROBLEM, **problem.headers})


async def _answer(send: Send, status: int, body: bytes, headers: Mapping[str, str]) -> None:
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    pairs.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
