"""Brings deliveries of a simulated shop to their addresses, as badly as asked: twice, late, out of order, or not at
all.

Time inside is virtual seconds since the courier began: ``drain`` jumps from one due delivery to the next and never
sleeps, so four hours of retries take no time. ``run`` is for people: there a second is a second. Every choice comes
from the seed and the number of the delivery, never from how fast the receiver answers, so the same deeds give the same
attempts in the same order.
"""

from __future__ import annotations

import asyncio
import hashlib
import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import httpx

from connector.clock import monotonic_seconds

LOST = 0
"""Status of an attempt that was never made."""
NO_ANSWER = -1
"""Status of an attempt that got no answer: refused, broken or too late."""


@dataclass(frozen=True, slots=True)
class CourierSettings:
    """Disorder in percent of deliveries; seconds are virtual in ``drain`` and real in ``run``.

    reorder_percent: held back by up to reorder_seconds, so that later ones overtake. loss_percent: never sent, not even
    retried. unheard_percent: arrive, but their answer does not. delay_seconds: every delivery waits between these two.
    concurrency: requests at once. keep_bodies: whether the log keeps what was sent; switch it off for long runs.
    """

    duplicate_percent: int = 0
    unheard_percent: int = 0
    reorder_percent: int = 0
    loss_percent: int = 0
    delay_seconds: tuple[int, int] = (0, 0)
    reorder_seconds: int = 60
    concurrency: int = 8
    keep_bodies: bool = True


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes over the wire in one attempt."""

    url: str
    headers: dict[str, str]
    body: bytes


class Delivery(Protocol):
    """One message of a shop to one address."""

    topic: str
    about: str
    """Kind and id of the object: ``order/5123``."""

    def parcel(self) -> Parcel | None:
        """Called right before an attempt; None when there is nothing (any more) to send."""

    def settled(self, attempt: Attempt) -> float | None:
        """Called after an attempt; seconds until it must be tried again, or None."""

    def lost(self) -> None:
        """Called instead, when the delivery got lost on its way."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One line of the log. try_number counts from 1; copy is True for the second of a duplicated pair."""

    number: int
    topic: str
    about: str
    status: int
    try_number: int
    copy: bool = False
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    answer: bytes = field(default=b"", repr=False)


@dataclass(order=True, slots=True)
class _Waiting:
    due: float
    number: int
    delivery: Delivery = field(compare=False)
    try_number: int = field(compare=False, default=1)
    copy: bool = field(compare=False, default=False)


class Courier:
    """A queue and a pair of legs. ``http`` may be given later, before the first drain."""

    def __init__(
        self,
        seed: int,
        *,
        timeout_seconds: float,
        settings: CourierSettings | None = None,
        http: httpx.AsyncClient | None = None,
        progress: Callable[[Attempt], None] | None = None,
    ) -> None:
        self.seed = seed
        self.settings = settings or CourierSettings()
        self.http = http
        self.progress = progress
        self.timeout_seconds = timeout_seconds
        self.log: list[Attempt] = []
        self.elapsed = 0.0
        self._queue: list[_Waiting] = []
        self._numbers = 0
        self._arrived = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many attempts are still to be made."""
        return len(self._queue)

    def post(self, delivery: Delivery) -> None:
        """Take a delivery. Its fate is drawn here."""
        number = self._take_number()
        draw = random.Random(hashlib.sha256(f"{self.seed}:{number}".encode()).digest())
        chosen = self.settings
        if draw.randrange(100) < chosen.loss_percent:
            self.note(Attempt(number, delivery.topic, delivery.about, LOST, 1))
            delivery.lost()
            return
        due = self.elapsed + draw.randint(*chosen.delay_seconds)
        if draw.randrange(100) < chosen.reorder_percent:
            due += draw.randint(1, chosen.reorder_seconds)
        self._push(_Waiting(due, number, delivery))
        if draw.randrange(100) < chosen.duplicate_percent:
            again = due + draw.randint(0, chosen.reorder_seconds)
            self._push(_Waiting(again, self._take_number(), delivery, copy=True))

    async def drain(self, *, until: float | None = None) -> int:
        """Deliver everything due by ``until`` virtual seconds (default: everything, retries included); returns the
        attempts.
        """
        made = 0
        while self._queue and (until is None or self._queue[0].due <= until):
            batch = [heapq.heappop(self._queue)]
            while (
                self._queue
                and len(batch) < self.settings.concurrency
                and (until is None or self._queue[0].due <= until)
            ):
                batch.append(heapq.heappop(self._queue))
            self.elapsed = max(self.elapsed, batch[-1].due)
            made += await self._deliver(batch)
        if until is not None:
            self.elapsed = max(self.elapsed, until)
        return made

    async def run(self) -> None:
        """Deliver in real time until cancelled."""
        started = monotonic_seconds() - self.elapsed
        while True:
            await self.drain(until=monotonic_seconds() - started)
            self._arrived.clear()
            pause = max(0.0, self._queue[0].due - self.elapsed) if self._queue else None
            try:
                # Not wait_for: before Python 3.12 it can swallow a cancellation that meets what it waits for.
                async with asyncio.timeout(pause):
                    await self._arrived.wait()
            except TimeoutError:
                continue

    async def send(self, parcel: Parcel) -> int:
        """One request; the status, or NO_ANSWER. Redirects are not followed."""
        return (await self._send(parcel))[0]

    async def _send(self, parcel: Parcel) -> tuple[int, bytes]:
        if self.http is None:
            raise RuntimeError("the courier has no HTTP client yet: set courier.http")
        try:
            async with asyncio.timeout(self.timeout_seconds):
                answer = await self.http.post(
                    parcel.url, content=parcel.body, headers=parcel.headers, follow_redirects=False
                )
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            return NO_ANSWER, b""
        return answer.status_code, answer.content

    async def _deliver(self, batch: list[_Waiting]) -> int:
        keep = self.settings.keep_bodies
        ready = [(waiting, parcel) for waiting in batch if (parcel := waiting.delivery.parcel()) is not None]
        answers = await asyncio.gather(*(self._send(parcel) for _, parcel in ready))
        for (waiting, parcel), (status, answer) in zip(ready, answers, strict=True):
            delivery = waiting.delivery
            if self._is_unheard(waiting):
                status, answer = NO_ANSWER, b""
            attempt = Attempt(
                waiting.number,
                delivery.topic,
                delivery.about,
                status,
                waiting.try_number,
                waiting.copy,
                parcel.headers if keep else {},
                parcel.body if keep else b"",
                answer,
            )
            self.note(attempt if keep else replace(attempt, answer=b""))
            pause = delivery.settled(attempt)
            if pause is not None:
                self._push(
                    _Waiting(self.elapsed + pause, waiting.number, delivery, waiting.try_number + 1, waiting.copy)
                )
        return len(ready)

    def _is_unheard(self, waiting: _Waiting) -> bool:
        draw = random.Random(
            hashlib.sha256(f"{self.seed}:unheard:{waiting.number}:{waiting.try_number}".encode()).digest()
        )
        return draw.randrange(100) < self.settings.unheard_percent

    def _push(self, waiting: _Waiting) -> None:
        heapq.heappush(self._queue, waiting)
        self._arrived.set()

    def _take_number(self) -> int:
        self._numbers += 1
        return self._numbers

    def note(self, attempt: Attempt) -> None:
        """Write a line of the log."""
        self.log.append(attempt)
        if self.progress:
            self.progress(attempt)
