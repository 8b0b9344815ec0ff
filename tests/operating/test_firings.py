"""What is said of jobs: when they run next, how they went, and which need somebody."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector import clock
from connector.running.firings import JobState, Schedule, judge
from connector.running.run_job import run_job
from connector.running.scheduler import JOBS
from connector.running.service import Service
from connector.storage.jobs import Firing, JobResult
from tests.connector.outside import Outside, outside
from tests.second_connection import run_apart

NOW = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=100)


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path) as found:
        yield found


async def tidy(service: Service) -> str:
    return "tidied"


HOURLY = Schedule(tidy, timedelta(hours=1))


def ended(ago: timedelta, result: JobResult = JobResult.OK, outcome: str = "fine") -> Firing:
    return Firing(NOW - ago, NOW - ago, result, outcome, 250)


def judged(*firings: Firing, since: datetime = LONG_AGO) -> JobState:
    return judge(HOURLY, firings, since, NOW)


@pytest.mark.parametrize(
    ("ago", "late"),
    [
        (timedelta(hours=2), False),
        (timedelta(hours=2, microseconds=1), True),
    ],
)
def test_a_job_is_late_after_twice_its_interval(ago: timedelta, late: bool) -> None:
    state = judged(ended(ago))
    assert (state.late, state.needs_attention, state.result) == (late, late, "ok")
    assert state.next_at == datetime(2026, 11, 21, 13, tzinfo=UTC)
    never = judged(since=NOW - ago)
    assert (never.late, never.result, never.last, never.took_ms) == (late, None, None, None)


def test_a_failure_stays_in_sight_while_the_next_firing_runs_or_is_skipped() -> None:
    failed = ended(timedelta(hours=1), JobResult.FAILED, "RuntimeError: no")
    running = Firing(NOW, NOW)
    for firings in ((failed,), (running, failed), (ended(timedelta(0), JobResult.SKIPPED), failed)):
        state = judged(*firings)
        assert (state.result, state.outcome, state.needs_attention) == ("failed", "RuntimeError: no", True)
    assert judged(running, failed).running_since == NOW
    assert judged(ended(timedelta(0)), failed).needs_attention is False


def test_skipped_firings_are_no_runs() -> None:
    skipped = [ended(timedelta(minutes=minutes), JobResult.SKIPPED) for minutes in (1, 61, 121)]
    state = judged(*skipped, ended(timedelta(hours=3)))
    assert (state.late, state.skipped, state.result) == (True, 3, "ok")


@pytest.mark.parametrize(("ago", "result"), [(timedelta(hours=2), None), (timedelta(hours=2, seconds=1), "lost")])
def test_a_firing_without_an_end_is_lost_after_a_while(ago: timedelta, result: str | None) -> None:
    state = judged(Firing(NOW - ago, NOW - ago))
    assert state.result == result
    assert (state.running_since is None) == (result == "lost")


async def belong(service: Outside, *arguments: str) -> str:
    """The command in a process of its own, while the service has the database open."""
    settings = service.service.settings
    known = {"BELONG_HOME": str(settings.home), "DATABASE_URL": service.service.database.url}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "connector.cli", *arguments),
        env={**os.environ, **known},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return output.decode()


async def test_the_operator_sees_each_job_beside_the_running_service(service: Outside) -> None:
    async def broken(_: Service) -> str:
        raise RuntimeError("the shop is on fire")

    broken.__name__ = "greet"
    greet = next(schedule for schedule in JOBS if schedule.name == "greet")
    before = await belong(service, "jobs", "--json")
    assert [(job["job"], job["last_run"], job["result"]) for job in json.loads(before)] == [
        (schedule.name, None, None) for schedule in JOBS
    ]
    long_ago = (clock.utc_now() - timedelta(minutes=100)).strftime("%Y-%m-%d %H:%M:%S+00:00")
    run_apart(service.service.database.url, f"UPDATE instance SET created_at = '{long_ago}'")
    slot = greet.slot(clock.utc_now())
    await run_job(service.service, Schedule(broken, greet.every, greet.offset), slot)
    jobs = {job["job"]: job for job in json.loads(await belong(service, "jobs", "--json"))}
    shown = jobs["greet"]
    assert (shown["result"], shown["outcome"], shown["late"], shown["every_seconds"]) == (
        "failed",
        "RuntimeError: the shop is on fire",
        False,
        3600,
    )
    assert datetime.fromisoformat(shown["next_run"]) == slot + timedelta(hours=1)
    assert isinstance(shown["took_ms"], int)
    assert (jobs["pass_time"]["late"], jobs["close_finished_days"]["late"]) == (True, False)
    text = await belong(service, "jobs")
    assert len(text.splitlines()) == len(JOBS) + 1
    assert [line[:7] for line in text.splitlines() if "on fire" in line] == ["! greet"]
    status = await belong(service, "status")
    assert "greet: last run" in status and "failed: RuntimeError: the shop is on fire" in status
    assert "pass_time: it never ran; no run for two intervals" in status
    assert "close_finished_days" not in status


async def test_metrics_say_which_job_needs_somebody(service: Outside) -> None:
    greet = next(schedule for schedule in JOBS if schedule.name == "greet")
    await run_job(service.service, Schedule(greet.job, greet.every, greet.offset), greet.slot(clock.utc_now()))
    lines = (await service.http.get("/metrics")).text.splitlines()
    assert 'loyalty_job_problem{name="greet"} 0.0' in lines
    assert any(line.startswith('loyalty_job_seconds{name="greet"} ') for line in lines)
    assert any(line.startswith('loyalty_job_age_seconds{name="greet"} ') for line in lines)
    run_apart(service.service.database.url, "UPDATE job_run SET result = 'failed'")
    assert 'loyalty_job_problem{name="greet"} 1.0' in (await service.http.get("/metrics")).text.splitlines()
