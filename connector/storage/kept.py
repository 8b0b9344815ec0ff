"""What this process keeps in memory of members, until something of them is written, here or by another process.

Within one process nothing older follows something newer: from before a commit until after it the members that it writes
are neither answered from memory nor taken into it. What other processes commit is heard right after (PostgreSQL, see
``connector.running.hearing``); while nothing proves that we would hear it, nothing that is kept is used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

EVERYONE = "*"
"""Instead of members' ids: whatever is kept."""
MOST = 10_000
"""Answers kept; the oldest goes first. One has about a kilobyte."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One member's numbers as bytes. until: the moment at which they change by themselves; None: never."""

    programme_number: int
    body: bytes
    etag: bytes
    until: datetime | None


@dataclass(eq=False, slots=True)
class Reading:
    """Somebody reads a member from the database. is_stale: the member was written meanwhile."""

    member_id: str
    is_stale: bool = False


@dataclass(slots=True)
class Kept:
    """Answers by member id. is_trusted: whether we hear of everything that others commit."""

    is_trusted: Callable[[], bool] = lambda: True
    most: int = MOST
    _answers: dict[str, Answer] = field(default_factory=dict)
    _writing: Counter[str] = field(default_factory=Counter)
    _readings: set[Reading] = field(default_factory=set)

    def find(self, member_id: str, now: datetime) -> Answer | None:
        """What is kept and still true."""
        found = self._answers.get(member_id)
        if found is None or (found.until is not None and found.until <= now) or not self.is_trusted():
            return None
        return found

    @contextmanager
    def reading(self, member_id: str) -> Iterator[Reading]:
        """Around a look into the database whose answer is to be kept."""
        reading = Reading(member_id, self._writing[member_id] > 0 or self._writing[EVERYONE] > 0)
        self._readings.add(reading)
        try:
            yield reading
        finally:
            self._readings.discard(reading)

    def keep(self, reading: Reading, answer: Answer) -> None:
        """Keep what was read, unless the member was written since the reading began."""
        if reading.is_stale or not self.most or not self.is_trusted():
            return
        self._answers.pop(reading.member_id, None)
        if len(self._answers) >= self.most:
            del self._answers[next(iter(self._answers))]
        self._answers[reading.member_id] = answer

    def writing(self, members: Collection[str]) -> None:
        """A transaction that wrote these members is about to commit."""
        self._writing.update(members)
        self.forget(members)

    def written(self, members: Collection[str]) -> None:
        """It has ended, one way or the other."""
        for member_id in members:
            self._writing[member_id] -= 1
            if not self._writing[member_id]:
                del self._writing[member_id]
        self.forget(members)

    def forget(self, members: Collection[str]) -> None:
        """These members were written."""
        for reading in self._readings:
            reading.is_stale = reading.is_stale or EVERYONE in members or reading.member_id in members
        if EVERYONE in members:
            self._answers.clear()
        for member_id in members:
            self._answers.pop(member_id, None)
