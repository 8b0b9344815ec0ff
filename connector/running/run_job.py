"""Runs one firing of a job: claimed by its row, seen to be alive while it runs, taken over if its process dies.

Every job can be run again whatever became of an earlier run: it works by dates and wishes that are stored, not by what
the clock said when it was due. So a firing that nobody claimed, or that died half-way, is simply run.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from connector import clock
from connector.errors import ConnectorError
from connector.running.firings import Schedule
from connector.running.service import Service
from connector.storage.atomic import atomic, is_outage
from connector.storage.instance import created_at
from connector.storage.jobs import (
    JobResult,
    claim_slot,
    dead_firings,
    finish_slot,
    has_fired,
    is_running,
    note_alive,
    take_over,
)
from connector.storage.session import Session

log = logging.getLogger(__name__)

MOST_WAITED_FOR = timedelta(minutes=15)
"""A firing waits for an earlier one at most so long, and two intervals: it may hang."""
BEAT = timedelta(seconds=30)
DEAD_AFTER = timedelta(minutes=3)
"""Whoever runs a job says so with every beat; after so long without one its process is not there any more."""


class PartlyFailed(ConnectorError):
    """A job did what it could, and a part of it failed: the sentence says which."""


async def catch_up(service: Service, schedules: Sequence[Schedule], under_way: set[str]) -> list[str]:
    """Run each job, one after the other, whose latest firing nobody claimed since this installation exists: a daily job
    whose hour fell into a restart would be a day late. Returns their names.
    """
    ran: list[str] = []
    session = service.database.reading()
    since = await created_at(session) or clock.utc_now()
    for schedule in schedules:
        slot = schedule.slot(clock.utc_now())
        if slot < since or await has_fired(session, schedule.name, slot):
            continue
        await fire(service, schedule, under_way)
        ran.append(schedule.name)
    return ran


async def rescue(service: Service, schedules: Sequence[Schedule], under_way: set[str]) -> list[str]:
    """Run again each job whose latest firing was begun by a process that died meanwhile. Returns their names. An older
    firing that died is made up for by any later one.
    """
    dead = await dead_firings(service.database.reading(), clock.utc_now() - DEAD_AFTER)
    ran: list[str] = []
    for schedule in schedules:
        slot = schedule.slot(clock.utc_now())
        if (schedule.name, slot) in dead and schedule.name not in under_way:
            log.warning("a job's process died, it is run again", extra={"job": schedule.name})
            await fire(service, schedule, under_way)
            ran.append(schedule.name)
    return ran


async def fire(service: Service, schedule: Schedule, under_way: set[str]) -> None:
    """Run a job for its latest slot. under_way: names of jobs that this process runs now, however long they take."""
    slot = schedule.slot(clock.utc_now())
    if schedule.name in under_way:
        await run_job(service, schedule, slot, is_busy=True)
        return
    under_way.add(schedule.name)
    try:
        await run_job(service, schedule, slot)
    finally:
        under_way.discard(schedule.name)


async def run_job(service: Service, schedule: Schedule, slot: datetime, *, is_busy: bool = False) -> bool:
    """Run a job for a slot, unless somebody else has it or an earlier firing still runs. Returns whether it ran here;
    the row keeps its outcome and how long it took. is_busy: this process still runs an earlier one.
    """
    began, started = clock.utc_now(), clock.monotonic_seconds()

    async def claim(session: Session) -> bool:
        if await claim_slot(session, schedule.name, slot, began):
            return True
        return await take_over(session, schedule.name, slot, began, began - DEAD_AFTER)

    if not await atomic(service.database, claim):
        return False
    if is_busy or await _earlier_runs(service, schedule, slot, began):
        result, outcome = JobResult.SKIPPED, "an earlier firing still runs"
    else:
        async with _seen_alive(service, schedule, slot):
            result, outcome = await _outcome(service, schedule)
    took_ms = int((clock.monotonic_seconds() - started) * 1000)

    async def finish(session: Session) -> None:
        await finish_slot(session, schedule.name, slot, result, outcome, took_ms, clock.utc_now())

    await atomic(service.database, finish)
    return result is not JobResult.SKIPPED


async def _earlier_runs(service: Service, schedule: Schedule, slot: datetime, began: datetime) -> bool:
    since = began - min(2 * schedule.every, MOST_WAITED_FOR)
    return await is_running(service.database.reading(), schedule.name, slot, since, began - DEAD_AFTER)


@asynccontextmanager
async def _seen_alive(service: Service, schedule: Schedule, slot: datetime) -> AsyncIterator[None]:
    async def beat() -> None:
        while True:
            await asyncio.sleep(BEAT.total_seconds())
            try:
                await atomic(
                    service.database, lambda session: note_alive(session, schedule.name, slot, clock.utc_now())
                )
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("a running job could not say that it is alive", extra={"job": schedule.name})

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


async def _outcome(service: Service, schedule: Schedule) -> tuple[JobResult, str]:
    try:
        return JobResult.OK, await schedule.job(service)
    except PartlyFailed as error:
        log.error("a job failed in part", extra={"job": schedule.name, "why": error.detail})
        return JobResult.FAILED, str(error)
    except Exception as error:
        log.exception("a job failed", extra={"job": schedule.name})
        return JobResult.FAILED, f"{type(error).__name__}: {error}"
