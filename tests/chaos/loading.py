"""Load over HTTP: signed orders at a given pace, or as fast as answers come, and how long each answer took."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.installation import Installation, order_body
from tests.chaos.wire import Wire, request

DISK = Path("/var/tmp")


@contextmanager
def on_disk() -> Iterator[Path]:
    """A folder that is not in memory: there fsync means something."""
    with tempfile.TemporaryDirectory(prefix="belong-chaos-", dir=DISK if DISK.is_dir() else None) as folder:
        # PostgreSQL runs as somebody else, who must get through to a folder of theirs.
        Path(folder).chmod(0o711)
        yield Path(folder)


@contextmanager
def temporary_files_in(folder: Path) -> Iterator[None]:
    """Where whoever makes temporary files in the block has them."""
    before = tempfile.tempdir
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


@dataclass
class Load:
    """Orders of one platform, each sent once. latencies: seconds from when an answer was due to be asked for, by order.

    answered: how many answers had each status; told_when: how many refusals said when to come again.
    """

    made: Installation
    platform: str
    port: int
    customers: int = 200
    latencies: list[float] = field(default_factory=list)
    answered: Counter[int] = field(default_factory=Counter)
    kept: set[int] = field(default_factory=set)
    told_when: int = 0
    broken: int = 0
    _numbers: int = 0

    async def at_pace(self, per_second: int, seconds: int, connections: int, progress: Callable[[str], None]) -> None:
        """So many a second, whatever the answers: one that comes late keeps no other from being sent in time, as long
        as there are connections.
        """
        due: asyncio.Queue[float] = asyncio.Queue()
        total = per_second * seconds
        senders = [asyncio.create_task(self._when_due(due)) for _ in range(connections)]
        began = time.perf_counter()
        for number in range(total):
            moment = began + number / per_second
            await asyncio.sleep(max(0.0, moment - time.perf_counter()))
            due.put_nowait(moment)
            if number % (30 * per_second) == 0:
                progress(f"{number} of {total} sent, p99 so far {self.p(99)} ms")
        for _ in senders:
            due.put_nowait(-1.0)
        await asyncio.gather(*senders)

    async def at_once(self, count: int, connections: int) -> None:
        """So many, each connection its next one when its answer has come."""
        left = iter(range(count))
        await asyncio.gather(*(self._in_turn(left) for _ in range(connections)))

    async def until(self, over: Callable[[], bool], connections: int, pause: float = 0.0) -> None:
        """On and on until it is over, each connection once at least."""
        await asyncio.gather(*(self._on_and_on(over, pause) for _ in range(connections)))

    def p(self, percent: int) -> int:
        """Milliseconds within which so many of a hundred were answered."""
        if not self.latencies:
            return 0
        return round(sorted(self.latencies)[min(len(self.latencies) - 1, len(self.latencies) * percent // 100)] * 1000)

    @property
    def sent(self) -> int:
        """How many orders; they have the numbers from 1 on."""
        return self._numbers

    @property
    def slowest_ms(self) -> int:
        return round(max(self.latencies, default=0) * 1000)

    async def _when_due(self, due: asyncio.Queue[float]) -> None:
        wire = Wire(self.port)
        while (moment := await due.get()) >= 0:
            await self._one(wire, moment)
        wire.close()

    async def _in_turn(self, left: Iterator[int]) -> None:
        wire = Wire(self.port)
        for _ in left:
            await self._one(wire, time.perf_counter())
        wire.close()

    async def _on_and_on(self, over: Callable[[], bool], pause: float) -> None:
        wire = Wire(self.port)
        while True:
            await self._one(wire, time.perf_counter())
            if over():
                break
            await asyncio.sleep(pause)
        wire.close()

    async def _one(self, wire: Wire, since: float) -> None:
        self._numbers += 1
        order = self._numbers
        body = order_body(self.platform, order, 1 + order % self.customers, 1_000)
        whole = request("POST", self.made.hook(self.platform), self.made.signed(self.platform, body), body)
        try:
            answer = await wire.ask(whole)
        except (OSError, EOFError):
            self.broken += 1
            with suppress(OSError):
                wire.close()
            return
        self.latencies.append(time.perf_counter() - since)
        self.answered[answer.status] += 1
        if answer.status == 200:
            self.kept.add(order)
        self.told_when += b"retry-after" in answer.headers
