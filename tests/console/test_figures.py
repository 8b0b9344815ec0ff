"""What the console's first page shows was counted from orders and members, and not counted more often than it may."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector import clock
from connector.programmes.figures import LONGEST_PAUSE, count_due, count_figures
from connector.running.run_job import run_job
from connector.running.scheduler import JOBS
from connector.storage.atomic import atomic
from connector.storage.figures import Buyers, Counted, load_figures, save_figures
from connector.storage.programmes import create_programme
from tests.builders import DOCUMENT, OPENED
from tests.connector.outside import Outside, order_body, outside

ZONE = "Europe/Berlin"


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path) as found:
        yield found


def number_of(service: Outside) -> int:
    return service.connections["woocommerce"].programme_number


async def ordered(service: Outside, order_id: int, **changed: Any) -> None:
    body = json.loads(order_body("woocommerce", order_id, 1000)) | changed
    assert (await service.deliver("woocommerce", json.dumps(body).encode())).status_code == 200


async def counted(service: Outside) -> Counted:
    return await count_figures(service.service.database, number_of(service), ZONE, clock.utc_now())


async def test_members_and_others_are_counted_by_person(service: Outside) -> None:
    # The member orders twice, a guest three times under one address, another once, and somebody never pays.
    await ordered(service, 1)
    await ordered(service, 2)
    for order_id in (3, 4, 5):
        await ordered(service, order_id, customer_id=0, billing={"email": "guest@example.test"})
    await ordered(service, 6, customer_id=0, billing={"email": "once@example.test"})
    await ordered(
        service, 7, customer_id=0, billing={"email": "open@example.test"}, status="pending", date_paid_gmt=None
    )
    await service.work()
    found = (await counted(service)).figures
    assert found.buying == Buyers(people=1, again=1)
    assert found.others == Buyers(people=2, again=1)
    assert found.members == 1 and sum(found.joined.values()) == 1
    points = await service.number("SELECT sum(points) FROM entry")
    assert found.points == points > 0
    assert sum(age.pending + age.available + age.held for age in found.ages) == points


async def test_an_order_of_long_ago_is_no_order_of_the_last_year(service: Outside) -> None:
    await ordered(service, 1)
    await service.work()
    later = clock.utc_now() + timedelta(days=366)
    found = (await count_figures(service.service.database, number_of(service), ZONE, later)).figures
    assert found.buying == Buyers() and found.members == 1


async def test_another_programme_is_another_count(service: Outside) -> None:
    await ordered(service, 1)
    await service.work()
    database, now = service.service.database, clock.utc_now()
    other = await atomic(database, lambda session: create_programme(session, DOCUMENT, OPENED, OPENED))
    assert await count_due(database, now) == 2
    found = await load_figures(database.reading(), other)
    assert found is not None and (found.figures.members, found.figures.points, found.figures.buying) == (0, 0, Buyers())


async def test_what_takes_long_is_counted_seldom(service: Outside) -> None:
    database, number, now = service.service.database, number_of(service), clock.utc_now()
    first = await counted(service)

    async def took(long: timedelta) -> None:
        kept = Counted(now, long, first.figures)
        await atomic(database, lambda session: save_figures(session, number, kept))

    await took(timedelta(seconds=10))
    assert await count_due(database, now + timedelta(minutes=30)) == 0
    assert await count_due(database, now + timedelta(minutes=40)) == 1
    await took(timedelta(hours=5))
    assert await count_due(database, now + LONGEST_PAUSE - timedelta(minutes=1)) == 0
    assert await count_due(database, now + LONGEST_PAUSE) == 1


async def test_the_job_counts_every_programme(service: Outside) -> None:
    await ordered(service, 1)
    await service.work()
    (schedule,) = [one for one in JOBS if one.name == "count_programmes"]
    assert await load_figures(service.service.database.reading(), number_of(service)) is None
    await run_job(service.service, schedule, schedule.slot(clock.utc_now()))
    kept = await load_figures(service.service.database.reading(), number_of(service))
    assert kept is not None and kept.figures.members == 1
