"""Around every answer and every body: headers that browsers must see, and limits on what may be sent to us.

The outermost ASGI app, so that nothing that is mounted later can be forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from connector.routes.errors import Problem

BODY_BYTES_MAX = 2 * 1024 * 1024
"""Of anything; most routes allow less."""
BODY_SECONDS = 10
SMALL_BYTES = 64 * 1024
LARGE_AT_ONCE = 16
"""Bodies beyond the small size that are in memory at one time, from whomever; the others wait before they are read."""
LARGE_WAIT_SECONDS = 40
"""Less than WooCommerce waits for an answer: it says a thing once."""
RETRY_AFTER_SECONDS = 5

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
"""For answers that do not say so themselves."""
_UNTOLD = (b"server", b"x-powered-by")


def guarded(app: App, body_seconds: float = BODY_SECONDS) -> App:
    """The app, behind what every request and answer must pass."""

    large = asyncio.Semaphore(LARGE_AT_ONCE)

    async def guard(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            # We speak no other protocol; uvicorn refuses a websocket that nobody accepts.
            await send({"type": "websocket.close", "code": 1000})
            return
        body = _Body(receive, body_seconds, large)
        try:
            await app(scope, body.receive, _with_headers(send))
        finally:
            body.leave()

    return guard


def _with_headers(send: Send) -> Send:
    async def headed(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = [pair for pair in message.get("headers", ()) if pair[0].lower() not in _UNTOLD]
            names = {name.lower() for name, _ in given}
            message = {**message, "headers": [*given, *(pair for pair in HEADERS if pair[0] not in names)]}
        await send(message)

    return headed


class _Body:
    """One request's body: so many bytes, within so many seconds since it was first asked for."""

    __slots__ = ("_bytes", "_is_large", "_is_over", "_large", "_receive", "_seconds_left")

    def __init__(self, receive: Receive, seconds: float, large: asyncio.Semaphore) -> None:
        self._receive = receive
        self._seconds_left = seconds
        self._large = large
        self._is_large = False
        self._bytes = 0
        self._is_over = False

    async def receive(self) -> Message:
        """The next part. Raises Problem 408, 413, or 503 where too many send large bodies."""
        if self._is_over:
            # Whoever listens for the caller's hanging up may wait for as long as they like.
            return await self._receive()
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(self._seconds_left):
                message = await self._receive()
        except TimeoutError as error:
            raise Problem(408, "Too slow", "The body did not arrive in time.", {"Connection": "close"}) from error
        # Only their time counts, not what we take to make something of a part.
        self._seconds_left -= loop.time() - began
        self._bytes += len(message.get("body", b""))
        if self._bytes > BODY_BYTES_MAX:
            raise Problem(413, "Too large", f"A request may have {BODY_BYTES_MAX} bytes.", {"Connection": "close"})
        self._is_over = message["type"] != "http.request" or not message.get("more_body", False)
        if self._bytes > SMALL_BYTES and not self._is_large and not self._is_over:
            await self._wait_for_room()
        return message

    async def _wait_for_room(self) -> None:
        try:
            async with asyncio.timeout(LARGE_WAIT_SECONDS):
                await self._large.acquire()
        except TimeoutError as error:
            headers = {"Retry-After": str(RETRY_AFTER_SECONDS), "Connection": "close"}
            raise Problem(503, "Not now", "Too many large requests at once.", headers) from error
        self._is_large = True

    def leave(self) -> None:
        """The request is answered."""
        if self._is_large:
            self._large.release()
            self._is_large = False
