"""Several workers over one inbox: the ledger is the one that a single worker would have written."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import pytest

from connector.ingest.pipeline import Pipeline, apply_deliveries, decide_work, drain
from connector.storage.inbox import Delivery
from tests.builders import KEYS, Shopfront, shopfront
from tests.databases import Databases
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story
from tests.second_connection import run_apart

pytestmark = pytest.mark.postgresql

ORDERS = 150
CUSTOMERS = 12


def news(front: Shopfront, seed: int) -> list[Delivery]:
    """Orders that grow, shrink, move between customers and are called off, told out of order and often twice."""
    draw = random.Random(seed)
    told: list[Delivery] = []
    for number in range(1, ORDERS + 1):
        for minute in range(draw.randint(1, 4)):
            customer, net = draw.randint(1, CUSTOMERS), draw.randint(1, 90) * 100
            story = Story((SoldLine(1, 1, net),), order_id=number, customer=customer)
            status = draw.choice(["processing", "processing", "completed", "cancelled"])
            body = woocommerce_bodies.webhook_order(story) | {
                "date_modified_gmt": f"2026-11-21T23:{minute:02d}:00",
                "status": status,
            }
            raw = json.dumps(body).encode()
            told += [front.delivery("order.updated", raw, key=f"{number}:{minute}:{copy}") for copy in range(2)]
    draw.shuffle(told)
    return told


async def keep_all(front: Shopfront, told: Sequence[Delivery]) -> None:
    for start in range(0, len(told), 200):
        await front.keep(*told[start : start + 200])


async def work(pipeline: Pipeline, arrived: asyncio.Event, batch: int) -> None:
    """Work as a worker does until everything has arrived and nothing waits."""
    while True:
        is_last_look = arrived.is_set()
        done = await apply_deliveries(pipeline, batch) + await decide_work(pipeline, batch)
        if not done:
            if is_last_look and not await waiting(pipeline):
                return
            await asyncio.sleep(0.005)


async def waiting(pipeline: Pipeline) -> int:
    session = pipeline.database.reading()
    return await session.number("SELECT count(*) FROM delivery WHERE state = 0") + await session.number(
        "SELECT count(*) FROM work WHERE state = 0"
    )


async def balances_and_sources(front: Shopfront) -> tuple[dict[str, int], Counter[tuple[str, int]]]:
    rows = await front.rows(
        "SELECT i.customer_ref, e.source_ref, CAST(sum(e.points) AS BIGINT) AS points FROM entry e "
        "JOIN identity i ON i.member_id = e.member_id GROUP BY i.customer_ref, e.source_ref"
    )
    posted: Counter[tuple[str, int]] = Counter()
    for row in rows:
        if row["points"]:
            posted[row["source_ref"].rsplit(":", 1)[1], row["points"]] += 1
    return await front.points(), posted


@pytest.mark.parametrize("shards_per_claim", [1, 8])
async def test_four_workers_write_what_one_would_have_written(
    databases: Databases, shards_per_claim: int, caplog: pytest.LogCaptureFixture
) -> None:
    with databases.prepared("postgresql") as alone, databases.prepared("postgresql") as together:
        async with shopfront(alone) as one:
            await keep_all(one, news(one, seed=3))
            await drain(one.pipeline)
            expected = await balances_and_sources(one)
        caplog.set_level(logging.INFO, "connector.storage.atomic")
        async with shopfront(together) as many:
            arrived = asyncio.Event()
            pipelines = [Pipeline(many.database, KEYS, many.platforms, many.clock, shards_per_claim) for _ in range(4)]
            working = [asyncio.create_task(work(pipeline, arrived, batch=40)) for pipeline in pipelines]
            await keep_all(many, news(many, seed=3))
            arrived.set()
            await asyncio.gather(*working)
            assert await balances_and_sources(many) == expected
            assert await many.number("SELECT count(*) FROM delivery WHERE state <> 1") == 0
            assert sum(expected[1].values()) <= ORDERS
        assert "trying again" not in caplog.text, "transactions deadlocked"


async def test_four_workers_completing_the_same_order_at_once_award_once(databases: Databases) -> None:
    """C06, as a race."""
    with databases.prepared("postgresql") as url:
        async with shopfront(url) as front:
            story = Story((SoldLine(1, 1, 1000),), order_id=7, customer=1)
            for copy in range(40):
                body = woocommerce_bodies.webhook_order(story) | {"status": ("processing", "completed")[copy % 2]}
                await front.keep(front.delivery("order.updated", json.dumps(body).encode(), key=str(copy)))
            arrived = asyncio.Event()
            arrived.set()
            pipelines = [Pipeline(front.database, KEYS, front.platforms, front.clock, 1) for _ in range(4)]
            await asyncio.gather(*(work(pipeline, arrived, batch=1) for pipeline in pipelines))
            assert await front.entries() == [("earn", 10, f"woocommerce:{front.connection.number}:order:7")]


async def test_work_that_is_marked_again_while_it_is_decided_is_decided_again(databases: Databases) -> None:
    with databases.prepared("postgresql") as url:
        async with shopfront(url) as front:
            story = Story((SoldLine(1, 1, 1000),), order_id=7, customer=1)
            await front.keep(front.delivery("order.created", woocommerce_bodies.webhook(story)))
            await apply_deliveries(front.pipeline)
            times = iter([True])

            def now_and_meanwhile() -> datetime:
                # Facts have been read, nothing is written yet: another worker applies a newer state of the order.
                if next(times, False):
                    run_apart(
                        url,
                        "WITH newer AS (UPDATE source_fact SET fact = convert_to(replace(convert_from(fact, 'UTF8'), "
                        "'\"net_minor\":1000', '\"net_minor\":2500'), 'UTF8') RETURNING 1) "
                        "UPDATE work SET mark = mark + 1",
                    )
                return front.clock()

            front.pipeline.now = now_and_meanwhile
            assert await decide_work(front.pipeline) == 1
            assert await front.points() == {"1": 10}
            assert await front.number("SELECT mark FROM work") == 2
            await drain(front.pipeline)
            assert await front.points() == {"1": 25}
            assert await front.number("SELECT count(*) FROM work") == 0
