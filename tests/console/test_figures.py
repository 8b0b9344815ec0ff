"""What the console's first page shows was counted from orders and members, and not counted more often than it may."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connector import clock
from connector.programmes.figures import LONGEST_PAUSE, count_due, count_figures
from connector.programmes.shop_facts import SAMPLE_ORDERS, SAMPLE_PEOPLE, Purchases
from connector.running.run_job import run_job
from connector.running.scheduler import JOBS
from connector.storage.atomic import atomic
from connector.storage.figures import Buyers, Counted, load_figures, save_figures
from connector.storage.programmes import create_programme
from loyalty_engine.facts import Line, OrderState, OrderStatus
from loyalty_engine.programme import parse_programme
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


async def test_what_was_bought_is_what_a_plain_reckoning_says(service: Outside) -> None:
    """Members and guests; what was not paid, what is older than a year and what is in another currency left out."""
    spent: dict[str, list[int]] = {}
    chance = random.Random(7)
    for order_id in range(1, 121):
        who, minor = chance.randint(1, 45), chance.choice([500, 1999, 2500, 4000, 12_345])
        guest = {"customer_id": 0, "billing": {"email": f"{who}@example.test"}}
        body = json.loads(order_body("woocommerce", order_id, minor, who)) | (guest if who % 3 == 0 else {})
        if order_id % 20 == 0:
            body |= {"status": "pending", "date_paid_gmt": None}
        elif order_id % 15 == 0:
            body |= {"currency": "USD"}
        else:
            spent.setdefault(f"{who % 3 == 0}{who}", []).append(minor)
        assert (await service.deliver("woocommerce", json.dumps(body).encode())).status_code == 200
    await service.work()
    bought = (await counted(service)).figures.bought
    assert bought is not None
    values = [minor for minors in spent.values() for minor in minors]
    assert (bought.currency, bought.orders, bought.people) == ("EUR", len(values), len(spent))
    assert (bought.minor, bought.known_minor, bought.elsewhere) == (sum(values), sum(values), 6)
    assert bought.order_minor == plain(values)
    assert bought.spent_minor == plain([sum(minors) for minors in spent.values()])
    assert bought.times == plain([len(minors) for minors in spent.values()])
    assert sorted(sorted(minor for _, minor in person) for person in bought.sample) == sorted(
        map(sorted, spent.values())
    )


def plain(values: list[int]) -> list[int]:
    """Of each share the first value that so many do not exceed."""
    return [
        min(value for value in values if sum(one <= value for one in values) * 100 >= share * len(values))
        for share in range(1, 100)
    ]


async def test_few_orders_have_no_percentiles(service: Outside) -> None:
    await ordered(service, 1)
    await service.work()
    bought = (await counted(service)).figures.bought
    assert bought is not None and (bought.orders, bought.people) == (1, 1)
    assert (bought.order_minor, bought.spent_minor, bought.times) == ([], [], [])


def sale(who: int, at: datetime, minor: int) -> OrderState:
    ref = f"file:0:order:{who}-{at.isoformat()}"
    return OrderState(
        source_ref=ref, order_id=ref, customer_ref=str(who), currency="EUR", status=OrderStatus.PAID, shop_status="",
        updated_at=at, created_at=at, paid_at=at, total_minor=minor, lines=(Line("1", 1, minor),),
    )  # fmt: skip


@pytest.mark.parametrize(("people", "times", "least"), [(2_000, 3, SAMPLE_PEOPLE), (200, 40, 40)])
def test_whoever_is_in_the_sample_is_there_with_all_their_orders(people: int, times: int, least: int) -> None:
    """Orders come in any order; the sample is a fair part, and no larger than it may be."""
    now = datetime(2026, 11, 28, tzinfo=UTC)
    days = list(range(times, 0, -1))
    orders = [(who, sale(who, now - timedelta(days=at), who * 100 + at)) for who in range(people) for at in days]
    random.Random(3).shuffle(orders)
    purchases = Purchases("EUR", now)
    for who, order in orders:
        purchases.add(who, order)
    sample = purchases.bought().sample
    assert least <= len(sample) <= SAMPLE_PEOPLE and sum(map(len, sample)) <= SAMPLE_ORDERS
    assert all([ago for ago, _ in person] == days for person in sample)
    assert 0.35 * people < sum(person[-1][1] // 100 for person in sample) / len(sample) < 0.65 * people


def test_orders_in_another_currency_count_at_the_programme_s_rate_and_are_told_where_it_has_none() -> None:
    now = datetime(2026, 11, 28, tzinfo=UTC)
    general = {**DOCUMENT["programme"], "base_rates": {"JPY": "0.006"}}
    programme = parse_programme({**DOCUMENT, "programme": general}, 1, now)
    purchases = Purchases("EUR", now, programme)
    for who, (currency, minor) in enumerate((("EUR", 4_000), ("JPY", 5_000), ("USD", 4_000))):
        purchases.add(who, replace(sale(who, now - timedelta(days=3), minor), currency=currency))
    bought = purchases.bought()
    assert (bought.currency, bought.orders, bought.minor, bought.elsewhere) == ("EUR", 2, 4_000 + 3_000, 1)


async def test_figures_of_an_older_belong_are_counted_anew(service: Outside) -> None:
    database, number, now = service.service.database, number_of(service), clock.utc_now()
    first = await counted(service)
    old = Counted(now, timedelta(hours=5), msgspec.structs.replace(first.figures, bought=None))
    await atomic(database, lambda session: save_figures(session, number, old))
    assert await count_due(database, now + timedelta(minutes=1)) == 1
