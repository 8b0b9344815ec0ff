"""Of whom the past is known, a later order is not the first; and a place that was told is nobody else's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from connector import clock
from connector.ingest.awaited_history import MEMBERS_AT_ONCE, settle_awaited
from connector.ingest.backfill import read_history
from connector.ingest.pipeline import apply_deliveries
from connector.running.worker import run_worker
from connector.shopify.client import SCOPES
from connector.storage.atomic import atomic
from connector.storage.shards import source_shard
from connector.storage.work import leave_work
from connector.verify import verify
from tests.builders import KEYS
from tests.journeys.awaiting import (
    BONUS,
    FIRST,
    begin,
    buys,
    extra_of,
    joins,
    nth_of,
    read,
    read_pages,
    ref_of,
    settle,
)
from tests.journeys.world import SHOPIFY, Shops, World, simulated, world

PLATFORMS = ["shopify", "woocommerce"]
STANDING = {
    **FIRST,
    "tiers": [
        {"id": "leaf", "name": {"en": "Leaf"}},
        {"id": "tree", "name": {"en": "Tree"}, "qualify": {"tier_points": BONUS}},
    ],
}


@dataclass
class Line(httpx.AsyncBaseTransport):
    """To a simulated shop. is_cut: nothing gets through. is_slow: nothing ever comes back."""

    shops: Shops
    is_cut: bool = False
    is_slow: bool = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.is_slow:
            await asyncio.Event().wait()
        if self.is_cut:
            raise httpx.ConnectError("the line is cut", request=request)
        return await httpx.ASGITransport(self.shops.shopify.app).handle_async_request(request)


@pytest.fixture
async def told(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated(), hooked=False, document=FIRST) as made:
        yield made


async def is_proven(made: World) -> bool:
    return (await verify(made.service.database, KEYS)).differences == []


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_who_bought_before_gets_nothing_for_a_first_order_years_later(told: World, platform: str) -> None:
    old, new = joins(told, platform, "olga"), joins(told, platform, "nils")
    buys(told, platform, old, days_ago=300)
    await told.ensure_webhooks(platform)
    await begin(told, platform)
    await read(told)
    orders = {name: buys(told, platform, customer) for name, customer in (("old", old), ("new", new))}
    await told.deliver()
    await settle(told)
    assert await extra_of(told, platform, orders["old"]) == 0
    assert await extra_of(told, platform, orders["new"]) == BONUS
    assert (await nth_of(told, platform, orders["old"]), await nth_of(told, platform, orders["new"])) == (2, 1)
    assert await is_proven(told)


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_an_older_order_that_comes_late_does_not_become_the_first(told: World, platform: str) -> None:
    new = joins(told, platform, "nils")
    await told.ensure_webhooks(platform)
    await begin(told, platform)
    early = buys(told, platform, new)
    await told.deliver()
    await read(told)
    assert await extra_of(told, platform, early) == BONUS
    late = buys(told, platform, new, minutes=-90)  # whose webhook is lost
    await begin(told, platform)
    await read(told)
    assert await extra_of(told, platform, late) == 0
    assert (await nth_of(told, platform, early), await nth_of(told, platform, late)) == (1, 2)
    assert await is_proven(told)


async def test_a_shop_that_does_not_answer_keeps_only_its_own_members_waiting(
    prepared_database_url: str, tmp_path: Path
) -> None:
    shops = simulated(scopes=SCOPES)
    line = Line(shops)
    async with world(
        prepared_database_url,
        tmp_path,
        shops,
        hooked=False,
        document=FIRST,
        lines={f"https://{SHOPIFY}": line},
    ) as made:
        backfiller = made.service.backfiller
        many = [joins(made, "shopify", f"nils{number}") for number in range(MEMBERS_AT_ONCE)]
        wilma = joins(made, "woocommerce", "wilma")
        for platform in PLATFORMS:
            await made.ensure_webhooks(platform)
            await begin(made, platform)
        theirs = [buys(made, "shopify", customer) for customer in many]
        hers = buys(made, "woocommerce", wilma)
        await made.deliver()
        await read_pages(made)
        line.is_cut = True
        for _ in range(3):
            await settle_awaited(backfiller)
        await made.settle()
        assert await extra_of(made, "woocommerce", hers) == BONUS
        assert [await extra_of(made, "shopify", one) for one in theirs] == [0] * len(theirs)
        line.is_cut = False
        backfiller.now = lambda: clock.utc_now() + timedelta(minutes=6)
        await settle(made)
        assert [await extra_of(made, "shopify", one) for one in theirs] == [BONUS] * len(theirs)


async def test_a_shop_that_is_slow_to_read_keeps_nobody_waiting(prepared_database_url: str, tmp_path: Path) -> None:
    shops = simulated()
    line = Line(shops)
    async with world(
        prepared_database_url,
        tmp_path,
        shops,
        hooked=False,
        document=FIRST,
        lines={f"https://{SHOPIFY}": line},
    ) as made:
        wilma = joins(made, "woocommerce", "wilma")
        await made.ensure_webhooks("woocommerce")
        await begin(made, "woocommerce")
        hers = buys(made, "woocommerce", wilma)
        await made.deliver()
        await read_pages(made)
        assert await extra_of(made, "woocommerce", hers) == 0
        line.is_slow = True
        await begin(made, "shopify", is_dry=True)
        stop = asyncio.Event()
        working = asyncio.create_task(run_worker(made.service, stop))
        try:
            async with asyncio.timeout(8):
                while await extra_of(made, "woocommerce", hers) != BONUS:
                    await asyncio.sleep(0.1)
        finally:
            line.is_slow = False
            stop.set()
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_an_old_order_that_became_news_before_it_was_decided_is_waited_for(told: World, platform: str) -> None:
    customer = joins(told, platform, "olga")
    old = buys(told, platform, customer, days_ago=300)
    await told.ensure_webhooks(platform)
    await begin(told, platform)
    order_id = buys(told, platform, customer)
    await told.deliver()
    while await read_history(told.service.backfiller) or await apply_deliveries(told.service.pipeline):
        pass
    (row,) = await told.service.database.reading().rows(
        "SELECT member_id, programme_number FROM work WHERE source_ref = $1 AND quiet = 1", ref_of(told, platform, old)
    )
    work = (row["member_id"], ref_of(told, platform, old), row["programme_number"])
    shard = source_shard(work[1])
    assert shard is not None
    await atomic(told.service.database, lambda session: leave_work(session, [(*work, shard)]))
    assert await settle_awaited(told.service.backfiller) == 0
    await told.settle()
    await settle(told)
    assert await extra_of(told, platform, order_id) == 0
    assert await nth_of(told, platform, order_id) == 2


async def test_a_past_that_was_read_as_a_whole_once_is_known_whatever_was_read_since(told: World) -> None:
    old, new = joins(told, "woocommerce", "olga"), joins(told, "woocommerce", "nils")
    buys(told, "woocommerce", old, days_ago=300)
    await begin(told, "woocommerce")
    await read(told)
    await told.ensure_webhooks("woocommerce")
    await begin(told, "woocommerce", since_days=100)
    orders = [buys(told, "woocommerce", customer) for customer in (old, new)]
    await told.deliver()
    await read(told)
    assert [await nth_of(told, "woocommerce", one) for one in orders] == [2, 1]
    assert [await extra_of(told, "woocommerce", one) for one in orders] == [0, BONUS]


async def test_what_a_first_order_brings_its_member_is_news_and_what_an_old_one_does_is_not(
    prepared_database_url: str, tmp_path: Path
) -> None:
    async with world(prepared_database_url, tmp_path, simulated(), hooked=False, document=STANDING) as made:
        olga, nils = joins(made, "shopify", "olga"), joins(made, "shopify", "nils")
        before = buys(made, "shopify", olga, minutes=-90)
        await begin(made, "shopify")
        await read(made)
        assert await extra_of(made, "shopify", before) == BONUS
        assert await made.number("SELECT count(*) FROM notice WHERE kind = 'tier-reached'") == 0
        await made.ensure_webhooks("shopify")
        since = buys(made, "shopify", nils)
        await made.deliver()
        await settle(made)
        assert await extra_of(made, "shopify", since) == BONUS
        assert await made.number("SELECT count(*) FROM notice WHERE kind = 'tier-reached'") == 1
