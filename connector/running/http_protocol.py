"""What uvicorn leaves open: how long a request's head may take, how large it may be, how many callers there are.

A caller who sends their head byte by byte, sends on after the answer, or does not read it, is let go of. Of too many
callers those wait who came last, unread, and one who asks for nothing gives up their place.
"""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10
HEAD_BYTES_MAX = 64 * 1024
LINGER_SECONDS = 2
"""How long we read on after an answer that came before the request's end, so that the caller sees the answer."""
UNREAD_SECONDS = 30
OPEN_MAX = 1024
WAITING_MAX = 4096
FILES_LEFT = 256
"""Of the files a process may open, for everything else."""


@dataclass(slots=True)
class Doorkeeper:
    """Who is inside and who waits. open_max: callers who are read at one time; waiting_max: further ones, unread."""

    open_max: int = OPEN_MAX
    waiting_max: int = WAITING_MAX
    inside: OrderedDict[GuardedProtocol, None] = field(default_factory=OrderedDict)
    waiting: deque[GuardedProtocol] = field(default_factory=deque)

    def came(self, caller: GuardedProtocol) -> bool:
        """Whether they are let in now. Else they wait, or are turned away where too many wait already."""
        if len(self.inside) < self.open_max:
            self.inside[caller] = None
            return True
        if len(self.waiting) >= self.waiting_max:
            caller.transport.abort()
            return False
        self.waiting.append(caller)
        self._send_an_idle_one_away()
        return False

    def left(self, caller: GuardedProtocol) -> None:
        """Somebody's place is free: whoever waited longest gets it."""
        if self.inside.pop(caller, caller) is caller:
            if caller in self.waiting:
                self.waiting.remove(caller)
            return
        while self.waiting and len(self.inside) < self.open_max:
            following = self.waiting.popleft()
            if not following.transport.is_closing():
                self.inside[following] = None
                following.let_in()

    def _send_an_idle_one_away(self) -> None:
        """The one inside for longest who has asked for nothing to its end yet; else one whose answers are all sent."""
        staying = [one for one in self.inside if one.is_idle and not one.transport.is_closing()]
        idle = next((one for one in staying if one.has_asked_nothing), staying[0] if staying else None)
        if idle is not None:
            idle.transport.abort()


def callers_max() -> tuple[int, int]:
    """(read at one time, waiting) that the files this process may open allow; raises its own limit where it may."""
    if os.name != "posix":
        return OPEN_MAX, WAITING_MAX
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_MAX + WAITING_MAX + FILES_LEFT
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    left = wanted if soft == resource.RLIM_INFINITY else min(soft, wanted)
    places = max(left - FILES_LEFT, 64)
    inside = min(OPEN_MAX, places // 2)
    return inside, min(WAITING_MAX, places - inside)


class GuardedProtocol(HttpToolsProtocol):
    """One caller's connection."""

    doorkeeper: Doorkeeper

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_timer: asyncio.TimerHandle | None = None
        self._end_timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = True
        self._in_message = False
        self._waits = False
        self._early: list[bytes] = []

    @property
    def is_idle(self) -> bool:
        """No request of theirs is being worked on."""
        cycle: Any = self.cycle
        return cycle is None or bool(cycle.response_complete)

    @property
    def has_asked_nothing(self) -> bool:
        """Not one whole head of a request has come from them."""
        cycle: Any = self.cycle
        return cycle is None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected."""
        super().connection_made(transport)
        self._waits = True
        if self.doorkeeper.came(self):
            self._waits = False
            self._await_head()
        elif not transport.is_closing():
            # Not before: a loop may begin to read once this method has ended.
            self.loop.call_soon(self._pause)

    def let_in(self) -> None:
        """They have waited; now they are read."""
        self._waits = False
        self.transport.resume_reading()
        self._await_head()
        early, self._early = self._early, []
        for data in early:
            self.data_received(data)

    def _pause(self) -> None:
        if self._waits and not self.transport.is_closing():
            self.transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """They are gone."""
        for timer in (self._head_timer, self._end_timer, self._unread_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)
        self.doorkeeper.left(self)

    def data_received(self, data: bytes) -> None:
        """Some bytes of theirs."""
        if self._waits:
            self._early.append(data)
            return
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
            self._refuse(431, "Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._in_message = True
        if not self._in_head:
            self._in_head, self._head_bytes = True, 0
        self._await_head()

    def on_headers_complete(self) -> None:
        """The head is here."""
        self._in_head, self._head_bytes = False, 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is here."""
        self._in_message = False
        if self._end_timer is not None:
            self._end_timer.cancel()
            self._end_timer = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is written. A body that has not come by now is of no use to anybody."""
        super().on_response_complete()
        if self._in_message and not self._in_head and not self.pipeline:
            self._end_timer = self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def pause_writing(self) -> None:
        """They do not read what we answer."""
        super().pause_writing()
        self._unread_timer = self.loop.call_later(UNREAD_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """They read on."""
        super().resume_writing()
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None

    def send_400_response(self, msg: str) -> None:
        """What cannot be read as HTTP."""
        self._refuse(400, "Bad Request")

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def _too_slow(self) -> None:
        self._head_timer = None
        if self.is_idle and not self.transport.is_closing():
            self._refuse(408, "Request Timeout")

    def _refuse(self, status: int, words: str) -> None:
        if self.is_idle:
            self.transport.write(
                f"HTTP/1.1 {status} {words}\r\nContent-Length: 0\r\nConnection: close\r\n"
                "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n".encode()
            )
        self.transport.close()


def guarded_protocol() -> type[GuardedProtocol]:
    """A protocol with a doorkeeper of its own, for one server."""
    open_max, waiting_max = callers_max()
    return type("ServedProtocol", (GuardedProtocol,), {"doorkeeper": Doorkeeper(open_max, waiting_max)})
