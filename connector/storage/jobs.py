"""Firings of scheduled jobs: whoever inserts the row runs the job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connector.storage.models import JobRun
from connector.storage.session import Session

LOOK_BACK = 20
"""Firings of one job that are looked at: so many may be skipped in a row before its last run is out of sight."""


class JobResult(StrEnum):
    """How a firing ended."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"
    """An earlier firing still ran."""


@dataclass(frozen=True, slots=True)
class Firing:
    """One firing. result, took_ms: None while it runs, and for ever if its process ended meanwhile. outcome: what came
    of it, or why it failed or was skipped, in words.
    """

    slot: datetime
    started_at: datetime
    result: JobResult | None = None
    outcome: str = ""
    took_ms: int | None = None


async def claim_slot(session: Session, job: str, slot: datetime, now: datetime) -> bool:
    """True if this firing is ours."""
    begun = {"started_at": now, "alive_at": now}
    _, is_new = await JobRun.get_or_create(defaults=begun, using_db=session.client, job=job, slot=slot)
    return is_new


async def take_over(session: Session, job: str, slot: datetime, now: datetime, dead_before: datetime) -> bool:
    """True if this firing was begun by a process that was last seen before a moment, and is ours now."""
    rows = JobRun.filter(job=job, slot=slot, finished_at=None, alive_at__lt=dead_before).using_db(session.client)
    return await rows.update(started_at=now, alive_at=now) == 1


async def note_alive(session: Session, job: str, slot: datetime, now: datetime) -> None:
    """Whoever runs this firing is still at it."""
    await JobRun.filter(job=job, slot=slot, finished_at=None).using_db(session.client).update(alive_at=now)


async def dead_firings(session: Session, dead_before: datetime) -> set[tuple[str, datetime]]:
    """(job, slot) of firings that have no end and whose process was last seen before a moment."""
    rows = await JobRun.filter(finished_at=None, alive_at__lt=dead_before).using_db(session.client)
    return {(row.job, row.slot) for row in rows}


async def finish_slot(
    session: Session, job: str, slot: datetime, result: JobResult, outcome: str, took_ms: int, now: datetime
) -> None:
    """Note how it went, and how long it took in milliseconds."""
    row = JobRun.filter(job=job, slot=slot).using_db(session.client)
    await row.update(finished_at=now, result=result.value, outcome=outcome[:2000], took_ms=took_ms)


async def is_running(session: Session, job: str, before: datetime, since: datetime, dead_before: datetime) -> bool:
    """Whether a firing of a job before a slot began at or after ``since``, has not ended, and did not die."""
    began = {"started_at__gte": since, "alive_at__gte": dead_before}
    rows = JobRun.filter(job=job, slot__lt=before, finished_at=None, **began)
    return await rows.using_db(session.client).exists()


async def has_fired(session: Session, job: str, slot: datetime) -> bool:
    """Whether somebody has claimed this firing."""
    return await JobRun.filter(job=job, slot=slot).using_db(session.client).exists()


async def last_firings(session: Session, job: str) -> list[Firing]:
    """The newest firings of a job, newest first."""
    rows = await JobRun.filter(job=job).using_db(session.client).order_by("-slot").limit(LOOK_BACK)
    return [
        Firing(row.slot, row.started_at, JobResult(row.result) if row.result else None, row.outcome or "", row.took_ms)
        for row in rows
    ]


async def prune_slots(session: Session, before: datetime) -> int:
    """Forget firings before a moment. Returns how many."""
    return await JobRun.filter(slot__lt=before).using_db(session.client).delete()
