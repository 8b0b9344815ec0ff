"""When jobs fire, and how their last firings went: what ``belong jobs``, ``belong status`` and the metrics say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.running.service import Service
from connector.storage.instance import created_at
from connector.storage.jobs import Firing, JobResult, last_firings
from connector.storage.session import Session

Job = Callable[[Service], Awaitable[str]]

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
LATE_AFTER = 2
"""Intervals without a run after which something is wrong."""
LOST_AFTER = timedelta(hours=1)
"""A firing that began so long ago, and two intervals, and has no end: its process is not there any more."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Fires every ``every``, ``offset`` after the grid that starts at EPOCH. The grid is the same in every process."""

    job: Job
    every: timedelta
    offset: timedelta = timedelta()

    @property
    def name(self) -> str:
        return self.job.__name__

    def slot(self, now: datetime) -> datetime:
        """The latest firing time at or before ``now``, however late this process woke."""
        start = EPOCH + self.offset
        return start + (now - start) // self.every * self.every


@dataclass(frozen=True, slots=True)
class JobState:
    """How a job is. last: its newest run that was not skipped, ended or not; result: how the newest one that ended did,
    ``lost`` if the newest run has no end and never will, None before the first; outcome: of that one, in words.

    late: no run began for two intervals. running_since: None if none is under way.
    """

    name: str
    every: timedelta
    next_at: datetime
    last: Firing | None = None
    result: str | None = None
    outcome: str = ""
    took_ms: int | None = None
    skipped: int = 0
    running_since: datetime | None = None
    late: bool = False

    @property
    def needs_attention(self) -> bool:
        """Whether somebody should look."""
        return self.late or self.result not in (None, JobResult.OK)

    def as_json(self) -> dict[str, Any]:
        """Moments in ISO 8601, durations in whole seconds and milliseconds."""
        return {
            "job": self.name,
            "every_seconds": self.every // timedelta(seconds=1),
            "last_run": self.last.started_at.isoformat() if self.last else None,
            "took_ms": self.took_ms,
            "result": self.result,
            "outcome": self.outcome,
            "skipped_since": self.skipped,
            "running_since": self.running_since.isoformat() if self.running_since else None,
            "next_run": self.next_at.isoformat(),
            "late": self.late,
        }


def judge(schedule: Schedule, firings: Sequence[Firing], since: datetime, now: datetime) -> JobState:
    """What a job's newest firings, newest first, say of it. since: from when on it should have run."""
    runs = [firing for firing in firings if firing.result is not JobResult.SKIPPED]
    last = runs[0] if runs else None
    ended = next((firing for firing in runs if firing.result is not None), None)
    is_lost = (
        last is not None
        and last.result is None
        and now - last.started_at > max(LOST_AFTER, LATE_AFTER * schedule.every)
    )
    shown = last if is_lost else ended
    return JobState(
        schedule.name,
        schedule.every,
        schedule.slot(now) + schedule.every,
        last,
        "lost" if is_lost else (ended.result if ended else None),
        "it was begun and never ended: its process stopped" if is_lost else (ended.outcome if ended else ""),
        shown.took_ms if shown else None,
        skipped=firings.index(last) if last else len(firings),
        running_since=last.started_at if last and last.result is None and not is_lost else None,
        late=now - (last.started_at if last else since) > LATE_AFTER * schedule.every,
    )


async def job_states(session: Session, schedules: Sequence[Schedule], now: datetime) -> list[JobState]:
    """How every job is."""
    since = await created_at(session) or now
    return [judge(one, await last_firings(session, one.name), since, now) for one in schedules]
