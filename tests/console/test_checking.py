"""A check of the books that a page begins: one at a time, its progress seen, its report kept, its death noticed."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector import clock
from connector.running.run_job import run_job
from connector.running.scheduler import JOBS
from connector.storage.atomic import atomic
from connector.storage.books_checks import DEAD_AFTER, Check, begin_check, end_check, last_check, note_progress
from connector.verify import checking, verify
from connector.verify.report import MAX_LISTED, OF_EACH, Findings, Place, Report
from tests.connector.outside import Outside, order_body, outside


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path) as found:
        assert (await found.deliver("woocommerce", order_body("woocommerce", 5123, 1000))).status_code == 200
        await found.work()
        yield found


async def last(service: Outside) -> Check:
    found = await last_check(service.service.database.reading())
    assert found is not None
    return found


async def ended(service: Outside) -> Check:
    for _ in range(500):
        if (found := await last(service)).ended_at is not None:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(found)


async def test_a_check_in_the_background_keeps_what_it_found(service: Outside) -> None:
    assert await service.service.checking.begin("Ada")
    found = await ended(service)
    assert found.by_whom == "Ada" and found.problem is None and found.report is not None
    assert found.report["ok"] is True and found.report["counts"]["members"] == 1
    assert not found.is_running(clock.utc_now())


async def test_what_somebody_changed_behind_our_back_is_found(service: Outside) -> None:
    await atomic(service.service.database, lambda session: session.run("UPDATE balance SET points = points + 1"))
    assert await service.service.checking.check("Ada") == "1 members, 1 differences"
    report = (await last(service)).report
    assert report is not None and report["ok"] is False and report["difference_count"] == 1


def test_however_much_one_programme_has_another_ones_differences_are_counted_and_listed() -> None:
    findings = Findings()
    for member in ["loud"] * (MAX_LISTED + 7) + ["quiet"] * (OF_EACH + 3) + [None]:
        findings.differs("sum", Place(1, member), 1, 2)
    report = Report()
    report.add(findings, {"loud": 1, "quiet": 2})
    assert report.programmes == {1: MAX_LISTED + 7, 2: OF_EACH + 3, None: 1}
    listed = Counter(one.programme for one in report.differences)
    assert listed == {1: MAX_LISTED, 2: OF_EACH, None: 1}
    assert "programme 2: 53" in report.as_text() and "programme unknown: 1" in report.as_text()
    assert json.loads(report.as_json())["difference_programmes"] == {"1": MAX_LISTED + 7, "2": OF_EACH + 3, "": 1}


async def test_one_at_a_time_and_a_dead_one_is_replaced(service: Outside) -> None:
    database, now = service.service.database, clock.utc_now()
    assert await atomic(database, lambda session: begin_check(session, "somebody who dies", now))
    assert not await service.service.checking.begin("Ada")
    assert await service.service.checking.check("Ada") == "somebody is at it"
    later = now + DEAD_AFTER
    assert await atomic(database, lambda session: begin_check(session, "Ben", later))
    # Who was taken for dead and is not: nothing of it counts any more.
    assert not await atomic(database, lambda session: note_progress(session, now, (5, 9), later))
    await atomic(database, lambda session: end_check(session, now, '{"ok": true}', None, later))
    found = await last(service)
    assert (found.by_whom, found.done, found.report, found.ended_at) == ("Ben", 0, None, None)


async def test_of_many_at_once_one_begins(service: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    all_asked = asyncio.Event()

    async def later(*about: Any, **more: Any) -> Any:
        # Or the first one is over before the last one asks.
        await all_asked.wait()
        return await verify(*about, **more)

    monkeypatch.setattr(checking, "verify", later)
    began = await asyncio.gather(*(service.service.checking.begin(str(n)) for n in range(5)))
    assert began.count(True) == 1
    all_asked.set()
    await ended(service)


async def test_progress_keeps_it_alive(service: Outside) -> None:
    database, now = service.service.database, clock.utc_now()
    await atomic(database, lambda session: begin_check(session, "Ada", now))
    seen = now + timedelta(minutes=10)
    assert await atomic(database, lambda session: note_progress(session, now, (5, 9), seen))
    found = await last(service)
    assert (found.done, found.total) == (5, 9)
    assert found.is_running(seen + timedelta(minutes=2)) and not found.is_running(seen + DEAD_AFTER)


async def test_it_is_done_each_night(service: Outside) -> None:
    (schedule,) = [one for one in JOBS if one.name == "check_books"]
    assert schedule.every == timedelta(days=1)
    await run_job(service.service, schedule, schedule.slot(clock.utc_now()))
    assert (await last(service)).by_whom == "belong"


async def test_a_process_that_ends_leaves_no_check_that_seems_to_go_on(service: Outside) -> None:
    checking = service.service.checking
    assert await checking.begin("Ada")
    await checking.close()
    found = await last(service)
    assert found.ended_at is not None or not found.is_running(clock.utc_now() + DEAD_AFTER)
