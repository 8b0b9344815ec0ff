"""A long past of a Shopify shop, read by bulk operations: once, whoever goes on with it and whatever ends meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector import clock
from connector.ingest.backfill import LEASE, Backfiller, read_history
from connector.ingest.pipeline import drain
from connector.shopify import history
from connector.storage.backfills import BackfillRun, RunState
from tests.journeys.test_backfill import STANDING, begin, order_rows, past, run_of
from tests.journeys.world import World, simulated, world

ORDERS = 130
FED = "SELECT count(*) FROM delivery WHERE topic = 'fetched/history'"


@pytest.fixture
async def told(prepared_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """Small pages and a low threshold, so that 130 orders are many."""
    monkeypatch.setattr(history, "BULK_FROM", 100)
    monkeypatch.setattr(history, "PAGE_ORDERS", 40)
    async with world(prepared_database_url, tmp_path, simulated(), hooked=False, document=STANDING) as made:
        made.shops.shopify.bulk.seconds = 0
        past(made, "shopify", ORDERS)
        yield made


def heir(made: World) -> Backfiller:
    """What another process does once nobody goes on: it knows nothing but the database."""
    own = made.service.backfiller
    return replace(own, holder="heir", now=lambda: clock.utc_now() + LEASE + timedelta(seconds=1), _open={})


async def read_until(made: World, orders: int, backfiller: Backfiller | None = None) -> BackfillRun:
    """Page by page until so many orders are read, or the run is over."""
    while (run := await run_of(made, "shopify")).state is RunState.RUNNING and run.read < orders:
        assert await read_history(backfiller or made.service.backfiller)
        await drain(made.service.pipeline)
    await made.settle()
    return run


async def test_a_long_past_is_read_by_one_operation_and_once(told: World) -> None:
    operations = told.shops.shopify.bulk.operations
    await begin(told, "shopify")
    run = await read_until(told, ORDERS + 1)
    assert (run.state, run.read, run.new, run.known, run.left) == (RunState.DONE, ORDERS, ORDERS, 0, 0)
    assert len(operations) == 1
    await told.assert_true()
    before = await order_rows(told)
    assert sum(points for _, _, points in before) > 0
    await begin(told, "shopify")
    run = await read_until(told, ORDERS + 1)
    assert (run.number, run.state, run.new, run.known, run.differing) == (2, RunState.DONE, 0, ORDERS, 0)
    assert (len(operations), await order_rows(told)) == (2, before)


async def test_an_heir_goes_on_with_the_same_operation_where_the_other_stopped(told: World) -> None:
    await begin(told, "shopify")
    first = await read_until(told, 40)
    assert (first.read, first.left) == (40, ORDERS - 40)
    run = await read_until(told, ORDERS + 1, heir(told))
    assert (run.state, run.read, run.new) == (RunState.DONE, ORDERS, ORDERS)
    assert len(told.shops.shopify.bulk.operations) == 1
    assert await told.number(FED) == ORDERS
    await told.assert_true()


async def test_a_result_that_expired_meanwhile_is_asked_for_anew_and_nothing_is_doubled(told: World) -> None:
    await begin(told, "shopify")
    assert (await read_until(told, 40)).read == 40
    before = await order_rows(told)
    [operation] = told.shops.shopify.bulk.operations.values()
    assert operation.ended_at is not None
    operation.ended_at -= timedelta(days=7)
    run = await read_until(told, 1000, heir(told))
    assert (run.state, run.read, run.new, run.known) == (RunState.DONE, ORDERS + 40, ORDERS, 40)
    assert len(told.shops.shopify.bulk.operations) == 2
    assert await told.number(FED) == ORDERS
    after = await order_rows(told)
    assert [row for row in after if row[0] in {ref for ref, _, _ in before}] == before
    await told.assert_true()


async def test_where_shopify_fails_again_and_again_the_past_is_read_by_pages(told: World) -> None:
    for _ in range(history.TRIES_MAX):
        told.shops.shopify.bulk.fail_next("TIMEOUT", 50)
    await begin(told, "shopify")
    run = await read_until(told, 1000)
    assert (run.state, run.read, run.new) == (RunState.DONE, ORDERS, ORDERS)
    assert len(told.shops.shopify.bulk.operations) == history.TRIES_MAX
    await told.assert_true()
