"""A shop that does not answer is left alone for a while: it would hold the places of those that do.

Only calls count to which no answer came, or a broken server's (5xx): what a shop refuses, it refuses one thing or one
key. After so many in a row nobody asks the shop, in any process; what it is owed waits as it is. When the rest is over
one call, whichever comes first, finds out whether it answers; if not, the next rest is longer.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connector.errors import Resting
from connector.storage.atomic import atomic
from connector.storage.database import Database
from connector.storage.push import LEASE
from connector.storage.rests import ONE, Rest, begin_rest, end_rest, go_on_resting, load_rests, rest_of, take_probe

log = logging.getLogger(__name__)

MISSES = 5
"""So many calls in a row that nobody answered."""
FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=15)
PROBE = timedelta(minutes=3)
"""So long the one call may take; if whoever made it is gone, another one is made then."""
HUNG = "The shop did not answer in time."


@dataclass(slots=True)
class _Probe:
    """The one call to a shop whose rest is over. rest: as it stands in the database meanwhile."""

    rest: Rest
    is_made: bool = False


@dataclass(slots=True)
class Rests:
    """Which shops rest, for all processes; how often each failed in a row, for this one. jitter: 0..1, so that many
    shops behind one broken line are not asked in the same moment.
    """

    database: Database
    now: Callable[[], datetime]
    jitter: Callable[[], float] = field(default=random.random)
    _missed: dict[int, int] = field(default_factory=dict)
    _why: dict[int, str] = field(default_factory=dict)
    _probes: dict[int, _Probe] = field(default_factory=dict)
    _resting: set[int] = field(default_factory=set)

    def watch(self, number: int) -> ShopWatch:
        """What the HTTP client tells of a shop's answers."""
        return ShopWatch(self, number)

    async def awake(self, numbers: Iterable[int]) -> list[int]:
        """Those that may be asked now; among them those whose rest is over, for one call."""
        asked = list(numbers)
        for number in [*self._missed]:
            await self._keep(number)
        resting = await load_rests(self.database.reading()) if asked else {}
        return [number for number in asked if await self._may_ask(number, resting.get(number))]

    async def let_in(self, number: int, *, insists: bool = False) -> None:
        """Raises Resting where a shop may not be asked now. insists: somebody wants to know, rest or not."""
        await self._keep(number)
        rest = rest_of(await self.database.glance(ONE, number))
        may = await self._may_ask(number, rest)
        if may and number in self._probes:
            self._probes[number].is_made = True
        if not may and rest is not None and not insists:
            raise Resting(
                f"The shop has not answered since {rest.since:%Y-%m-%d %H:%M} UTC and rests: {rest.why}",
                retry_after_seconds=max(1, int((rest.until - self.now()).total_seconds())),
            )

    async def _may_ask(self, number: int, rest: Rest | None) -> bool:
        if rest is None:
            self._resting.discard(number)
            self._probes.pop(number, None)
            return True
        self._resting.add(number)
        now, ours = self.now(), self._probes.get(number)
        if now < rest.until:
            return ours is not None and ours.rest.until == rest.until and not ours.is_made
        until = now + PROBE
        if not await atomic(self.database, lambda session: take_probe(session, number, rest, until)):
            return False
        self._probes[number] = _Probe(replace(rest, until=until))
        return True

    def note_miss(self, number: int, why: str) -> None:
        """One more that was not answered; ``_keep`` says what follows."""
        self._missed[number] = self._missed.get(number, 0) + 1
        self._why[number] = why

    async def _keep(self, number: int) -> None:
        """Write down what misses mean, if anything."""
        missed, probe = self._missed.get(number, 0), self._probes.get(number)
        if missed == 0 or (missed < MISSES and probe is None):
            return
        self._missed.pop(number)
        self._probes.pop(number, None)
        why, now = self._why.pop(number), self.now()
        count = 0 if probe is None else probe.rest.count
        until = now + min(FIRST_REST * 2 ** min(count, 10), LONGEST_REST) * (0.5 + self.jitter() / 2)
        self._resting.add(number)
        log.warning("a shop does not answer and rests", extra={"connection": number, "why": why, "until": str(until)})
        if probe is None:
            await atomic(self.database, lambda session: begin_rest(session, number, until, why, now))
        else:
            await atomic(self.database, lambda session: go_on_resting(session, number, probe.rest, until, why))

    async def missed(self, number: int, why: str) -> None:
        """Nobody answered a call."""
        self.note_miss(number, why)
        await self._keep(number)

    async def answered(self, number: int) -> None:
        """Somebody did."""
        self._missed.pop(number, None)
        self._why.pop(number, None)
        self._probes.pop(number, None)
        if number not in self._resting:
            return
        self._resting.discard(number)
        now = self.now()
        if await atomic(self.database, lambda session: end_rest(session, number, now, LEASE)):
            log.warning("a shop answers again", extra={"connection": number})


@dataclass(frozen=True, slots=True)
class ShopWatch:
    """One shop's."""

    rests: Rests
    number: int

    async def answered(self) -> None:
        """It answered, whatever it said."""
        await self.rests.answered(self.number)

    async def missed(self, why: str) -> None:
        """It did not, or only to say that it is broken."""
        await self.rests.missed(self.number, why)

    def hung(self) -> None:
        """It had not, when the caller lost patience: cancelled, it can write nothing down, the next one does."""
        self.rests.note_miss(self.number, HUNG)
