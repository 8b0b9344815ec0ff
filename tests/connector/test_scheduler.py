"""Scheduled jobs: one of many processes runs each firing, and what failed says so."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from connector import clock
from connector.running.firings import EPOCH, Job, Schedule
from connector.running.pruning import prune
from connector.running.run_job import DEAD_AFTER, PartlyFailed, catch_up, rescue, run_job
from connector.running.scheduler import JOBS, pass_time, reconcile_changes, start_scheduler, watch_webhooks
from connector.running.service import Service
from connector.storage.instants import micros
from tests.connector.outside import Outside, order_body
from tests.second_connection import run_apart

SLOT = datetime(2026, 11, 21, 12, tzinfo=UTC)


async def nothing(service: Service) -> str:
    return "nothing"


def each_minute(job: Job) -> Schedule:
    return Schedule(job, timedelta(minutes=1))


@pytest.mark.parametrize(
    ("every", "offset", "now", "slot"),
    [
        (timedelta(minutes=15), timedelta(), "2026-11-21 12:14:59.999999", "2026-11-21 12:00"),
        (timedelta(minutes=15), timedelta(), "2026-11-21 12:15", "2026-11-21 12:15"),
        (timedelta(minutes=15), timedelta(minutes=7), "2026-11-21 12:15", "2026-11-21 12:07"),
        (timedelta(days=1), timedelta(hours=3, minutes=40), "2026-11-21 03:39:59", "2026-11-20 03:40"),
        (timedelta(days=1), timedelta(hours=3, minutes=40), "2026-11-21 03:40", "2026-11-21 03:40"),
    ],
)
def test_a_slot_is_on_the_same_grid_however_late_a_process_wakes(
    every: timedelta, offset: timedelta, now: str, slot: str
) -> None:
    schedule = Schedule(nothing, every, offset)
    found = schedule.slot(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(slot).replace(tzinfo=UTC)
    assert (found - EPOCH - offset) % every == timedelta()


def test_every_job_has_a_name_of_its_own() -> None:
    assert len({schedule.job.__name__ for schedule in JOBS}) == len(JOBS) == 32


async def test_of_many_firings_at_once_exactly_one_runs(service: Outside) -> None:
    ran: list[int] = []

    async def job(_: Service) -> str:
        ran.append(1)
        await asyncio.sleep(0.01)
        return "done"

    results = await asyncio.gather(*(run_job(service.service, each_minute(job), SLOT) for _ in range(12)))
    assert (sorted(results), ran) == ([False] * 11 + [True], [1])
    assert await run_job(service.service, each_minute(job), SLOT + timedelta(minutes=1)) is True
    rows = await service.rows("SELECT job, outcome, result, took_ms, finished_at IS NULL AS open FROM job_run")
    assert [(row["job"], row["outcome"], row["result"], bool(row["open"])) for row in rows] == [
        ("job", "done", "ok", False)
    ] * 2
    assert all(10 <= row["took_ms"] < 5000 for row in rows)


async def test_a_job_that_fails_is_noted_and_does_not_stop_the_next(service: Outside) -> None:
    async def job(_: Service) -> str:
        raise RuntimeError("the shop is on fire")

    assert await run_job(service.service, each_minute(job), SLOT) is True
    assert await service.rows("SELECT result, outcome FROM job_run") == [
        {"result": "failed", "outcome": "RuntimeError: the shop is on fire"}
    ]
    assert await run_job(service.service, each_minute(nothing), SLOT) is True


@pytest.mark.parametrize(("age", "ran"), [(timedelta(seconds=110), False), (timedelta(seconds=130), True)])
async def test_a_firing_waits_for_an_earlier_one_but_not_for_ever(service: Outside, age: timedelta, ran: bool) -> None:
    await run_job(service.service, each_minute(nothing), SLOT)
    began = (clock.utc_now() - age).strftime("%Y-%m-%d %H:%M:%S+00:00")
    run_apart(
        service.service.database.url,
        f"UPDATE job_run SET finished_at = NULL, result = NULL, outcome = NULL, started_at = '{began}'",
    )
    assert await run_job(service.service, each_minute(nothing), SLOT + timedelta(minutes=1)) is ran
    (_, row) = await service.rows("SELECT result, outcome FROM job_run ORDER BY slot")
    assert row == (
        {"result": "ok", "outcome": "nothing"}
        if ran
        else {"result": "skipped", "outcome": "an earlier firing still runs"}
    )


async def begun_and_dead(service: Outside, schedule: Schedule, ago: timedelta) -> datetime:
    """The latest firing of a job was begun by a process that was last seen so long ago; its slot."""
    slot = schedule.slot(clock.utc_now())
    await run_job(service.service, schedule, slot)
    seen = (clock.utc_now() - ago).strftime("%Y-%m-%d %H:%M:%S+00:00")
    run_apart(
        service.service.database.url,
        "UPDATE job_run SET finished_at = NULL, result = NULL, outcome = NULL, took_ms = NULL, "
        f"started_at = '{seen}', alive_at = '{seen}'",
    )
    return slot


async def test_a_daily_job_whose_process_was_killed_half_way_is_run_again_once(service: Outside) -> None:
    """Defect seen: it had claimed its day, so nobody did the rest of it before the next one."""
    ran: list[int] = []

    async def job(_: Service) -> str:
        ran.append(1)
        await asyncio.sleep(0.01)
        return "all of it"

    daily = Schedule(job, timedelta(days=1))
    await begun_and_dead(service, daily, DEAD_AFTER + timedelta(seconds=5))
    both = await asyncio.gather(*(rescue(service.service, [daily], set()) for _ in range(2)))
    assert sorted(both, key=len)[-1] == ["job"] and len(ran) == 2
    assert await rescue(service.service, [daily], set()) == []
    (row,) = await service.rows("SELECT result, outcome, finished_at IS NULL AS is_open FROM job_run")
    assert (row["result"], row["outcome"], bool(row["is_open"])) == ("ok", "all of it", False)


async def test_a_job_that_is_alive_is_left_alone(service: Outside) -> None:
    daily = Schedule(nothing, timedelta(days=1))
    slot = await begun_and_dead(service, daily, DEAD_AFTER - timedelta(seconds=20))
    assert await rescue(service.service, [daily], set()) == []
    assert await run_job(service.service, daily, slot) is False
    assert await service.number("SELECT count(*) FROM job_run WHERE finished_at IS NULL") == 1


async def test_a_job_that_runs_long_says_that_it_is_alive(service: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.running.run_job.BEAT", timedelta(milliseconds=10))

    async def job(_: Service) -> str:
        url = service.service.database.url
        await asyncio.to_thread(run_apart, url, "UPDATE job_run SET alive_at = '2020-01-01 00:00:00+00:00'")
        for _turn in range(500):
            await asyncio.sleep(0.01)
            if await service.number("SELECT count(*) FROM job_run WHERE alive_at > '2021-01-01 00:00:00+00:00'"):
                return "seen"
        return "nobody said so"

    assert await run_job(service.service, each_minute(job), SLOT) is True
    assert await service.rows("SELECT outcome FROM job_run") == [{"outcome": "seen"}]


@dataclass(frozen=True)
class Standing:
    """A clock that always says the same; durations are real."""

    now: datetime

    def utc_now(self) -> datetime:
        return self.now

    monotonic_seconds = staticmethod(clock.monotonic_seconds)


def begun_at(service: Outside, moment: datetime) -> None:
    said = moment.strftime("%Y-%m-%d %H:%M:%S+00:00")
    run_apart(service.service.database.url, f"UPDATE instance SET created_at = '{said}'")


async def test_what_fell_due_while_nobody_ran_is_caught_up_once(
    service: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a firing that two starting processes find missing at once."""
    # On no job's grid, and it stands still: else one fires right when the installation begins, or a minute turns.
    now = clock.utc_now().replace(minute=0, second=50, microsecond=0)
    assert all(schedule.slot(now) < now for schedule in JOBS)
    monkeypatch.setattr("connector.running.run_job.clock", Standing(now))
    begun_at(service, now)
    assert await catch_up(service.service, JOBS, set()) == []
    begun_at(service, now - timedelta(days=8))
    await asyncio.gather(catch_up(service.service, JOBS, set()), catch_up(service.service, JOBS, set()))
    rows = await service.rows("SELECT job, count(*) AS runs, count(result) AS ended FROM job_run GROUP BY job")
    assert {(row["job"], row["runs"], row["ended"]) for row in rows} == {(schedule.name, 1, 1) for schedule in JOBS}


async def test_a_job_fails_that_cannot_read_a_shop(service: Outside) -> None:
    assert len(service.connections) == 2
    with pytest.raises(PartlyFailed) as failed:
        await reconcile_changes(service.service)
    assert str(failed.value).count(" failed: ") == 2


async def test_points_that_mature_are_told_to_the_store(service: Outside) -> None:
    await service.deliver("woocommerce", order_body("woocommerce"))
    await service.work()
    url = service.service.database.url
    past = micros(clock.utc_now() - timedelta(seconds=1))
    run_apart(url, f"UPDATE lot SET matures_at_us = {past}")
    run_apart(url, f"UPDATE balance SET next_change_at_us = {past}")
    run_apart(url, "UPDATE push SET state = 1, accepted = wanted")
    (before,) = await service.rows("SELECT wanted, state FROM push")
    assert await pass_time(service.service) == "1 members"
    (after,) = await service.rows("SELECT wanted, state FROM push")
    assert (after["wanted"], after["state"], before["state"]) == (before["wanted"] + 1, 0, 1)
    assert await service.number("SELECT count(*) FROM balance WHERE next_change_at_us IS NOT NULL") == 0
    assert await pass_time(service.service) == "0 members"
    assert service.service.wake.is_set()


async def test_pruning_strips_old_finished_bodies_and_keeps_what_recognises_a_repetition(service: Outside) -> None:
    done, parked, fresh = order_body("woocommerce", 1), b"unreadable", order_body("woocommerce", 2)
    for body in (done, parked, fresh):
        await service.deliver("woocommerce", body)
    await service.work()
    url = service.service.database.url
    old = micros(clock.utc_now() - timedelta(days=91))
    run_apart(url, f"UPDATE delivery SET received_at_us = {old} WHERE object_id <> '2'")
    await run_job(service.service, each_minute(nothing), SLOT - timedelta(days=400))
    assert await prune(service.service) == "1 payloads, 0 deliveries"
    left = "SELECT d.object_id FROM delivery d JOIN delivery_body b ON b.shard = d.shard AND b.id = d.id"
    assert sorted(row["object_id"] for row in await service.rows(left)) == ["", "2"]
    assert await service.kept() == 3
    assert (await service.deliver("woocommerce", done)).status_code == 200
    assert (await service.kept(), service.counted("woocommerce", "duplicate")) == (3, 1)
    assert await service.number("SELECT count(*) FROM job_run") == 0
    assert await prune(service.service) == "0 payloads, 0 deliveries"


async def test_pruning_deletes_what_we_read_ourselves_soon_and_what_shops_sent_late(service: Outside) -> None:
    """Defect seen: reading three months again every night kept every copy for ever."""
    for number in (1, 2, 3, 4):
        await service.deliver("woocommerce", order_body("woocommerce", number))
    await service.deliver("woocommerce", b"unreadable")
    await service.work()
    url, now = service.service.database.url, clock.utc_now()
    received = {"1": timedelta(days=4), "2": timedelta(days=2), "3": timedelta(days=181), "4": timedelta(days=179)}
    for order_id, age in received.items():
        topic = "fetched/order" if age < timedelta(days=5) else "order.updated"
        changed = f"topic = '{topic}', received_at_us = {micros(now - age)}"
        run_apart(url, f"UPDATE delivery SET {changed} WHERE object_id = '{order_id}'")
    run_apart(url, f"UPDATE delivery SET received_at_us = {micros(now - timedelta(days=999))} WHERE state = 2")
    assert await prune(service.service) == "1 payloads, 2 deliveries"
    assert sorted(row["object_id"] for row in await service.rows("SELECT object_id FROM delivery")) == ["", "2", "4"]
    assert await service.number("SELECT count(*) FROM delivery_body") == 2
    assert await prune(service.service) == "0 payloads, 0 deliveries"


async def test_a_shop_whose_webhooks_cannot_be_checked_is_named_and_the_others_are_checked(service: Outside) -> None:
    with pytest.raises(PartlyFailed) as failed:
        await watch_webhooks(service.service)
    outcome = str(failed.value)
    numbers = sorted(connection.number for connection in service.connections.values())
    assert [f"connection {number} failed: " in outcome for number in numbers] == [True, True]


async def test_a_started_schedule_has_every_job_and_ends(service: Outside) -> None:
    scheduler = start_scheduler(service.service)
    try:
        jobs = [job for job in scheduler.get_jobs() if job.id not in (catch_up.__name__, rescue.__name__)]
        assert {job.id for job in jobs} == {schedule.job.__name__ for schedule in JOBS}
        for job in jobs:
            schedule = next(schedule for schedule in JOBS if schedule.job.__name__ == job.id)
            assert schedule.slot(job.next_run_time) == job.next_run_time
    finally:
        scheduler.shutdown(wait=False)


async def test_a_stop_in_the_middle_of_a_job_is_no_failure(
    service: Outside, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Defect seen: a traceback for each job that a stop cut short."""
    begun, ended = asyncio.Event(), asyncio.Event()

    async def long_one(*_: object) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr("connector.running.scheduler.catch_up", long_one)
    with caplog.at_level(logging.INFO):
        scheduler = start_scheduler(service.service)
        await begun.wait()
        scheduler.shutdown(wait=False)
        await ended.wait()
        await asyncio.sleep(0.05)
    said = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert ("INFO", "stopped in the middle of a job; it is run again") in said
    assert [one for one in said if one[0] not in ("INFO", "DEBUG")] == []
