"""Our plugin's batches travel badly, beside webhooks and our own reading, from copies, and out of reach."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from connector.clock import utc_now
from connector.delivering.outbox import push_due
from connector.delivering.reaching import probe_shops
from connector.ingest.pipeline import drain
from connector.sandbox.courier import CourierSettings
from connector.sandbox.shop import Basket
from connector.sandbox.woocommerce.plugin import Plugin
from connector.sandbox.world import Plan, Player, schedule
from connector.storage.atomic import atomic
from connector.storage.shards import object_shard
from connector.storage.work import wish_to_read
from connector.verify import verify
from tests.journeys.oracle import order_points
from tests.journeys.world import WOOCOMMERCE, World, simulated, some_days_ago, world
from tests.second_connection import run_apart

BAD_POST = CourierSettings(
    duplicate_percent=20, reorder_percent=30, loss_percent=15, unheard_percent=15, delay_seconds=(0, 600)
)
SHOPPERS = 8


class Wall(httpx.AsyncBaseTransport):
    """A shop behind a wall, while it stands."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self.inner = inner
        self.stands = True

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.stands:
            raise httpx.ConnectError("nobody answers here", request=request)
        return await self.inner.handle_async_request(request)


@pytest.fixture
async def told(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated(plugin=True), hooked=False) as made:
        yield made


async def live(told: World, seed: int, burst: int = 2) -> None:
    """Everything on the shop's schedule, with deliveries in between; at last everything that waits arrives."""
    shop = told.shops.woocommerce
    player, plan = Player(shop), schedule(seed, Plan("woocommerce", SHOPPERS, 5), utc_now())
    for start in range(0, len(plan), burst):
        for action in plan[start : start + burst]:
            player.do(action)
        await told.deliver()
    shop.courier.settings = CourierSettings()
    await told.deliver()


async def shows_the_truth(told: World, plugin: Plugin) -> None:
    assert plugin.rows == {}
    await told.assert_true()
    report = await verify(told.service.database, told.service.keys)
    assert report.ok, report


@pytest.mark.parametrize("seed", [1, 2])
async def test_after_months_of_bad_post_the_plugin_alone_has_told_the_truth(
    prepared_database_url: str, tmp_path: Path, seed: int
) -> None:
    shops = simulated(seed, BAD_POST, plugin=True)
    async with world(prepared_database_url, tmp_path, shops, hooked=False) as told:
        await live(told, seed)
        await shows_the_truth(told, told.plugin)
        statuses = {attempt.status for attempt in shops.woocommerce.courier.log}
        assert {200, 409, 0, -1} <= statuses, statuses

        entries = await told.number("SELECT count(*) FROM entry")
        assert entries > 20
        for order in shops.woocommerce.truth.orders.values():
            told.plugin.mark("order", order.id, {} if order.deleted else None)
        run_apart(prepared_database_url, "UPDATE delivery SET state = 0")
        await told.deliver()
        assert await told.number("SELECT count(*) FROM entry") == entries
        await shows_the_truth(told, told.plugin)


async def test_webhooks_the_plugin_and_our_own_reading_at_once_end_in_the_truth(
    prepared_database_url: str, tmp_path: Path
) -> None:
    shops = simulated(3, BAD_POST, plugin=True)
    async with world(prepared_database_url, tmp_path, shops, hooked=False) as told:
        paired = told.connections["woocommerce"]
        told.connections["woocommerce"] = replace(paired, settings={**paired.settings, "reach": ""})
        await told.ensure_webhooks("woocommerce")
        told.connections["woocommerce"] = paired
        told.service.shops.forget(paired.number)
        assert shops.woocommerce.hooks.webhooks
        shop = shops.woocommerce
        player, plan = Player(shop), schedule(3, Plan("woocommerce", SHOPPERS, 5), utc_now())
        for start in range(0, len(plan), 20):
            for action in plan[start : start + 20]:
                player.do(action)
            told.plugin.tick()
            pipeline = told.service.pipeline
            reading = told.reconcile(full=start % 40 == 0)
            await asyncio.gather(shop.courier.drain(), reading, drain(pipeline), drain(pipeline), drain(pipeline))
        shop.courier.settings = CourierSettings()
        await told.deliver()
        assert told.plugin.rows == {}
        await told.settle()
        await shows_the_truth(told, told.plugin)


async def test_what_changed_while_we_were_away_is_told_when_we_are_back(told: World) -> None:
    shop, plugin = told.shops.woocommerce, told.plugin
    there = shop.courier.http
    shop.courier.http = httpx.AsyncClient(transport=Wall(httpx.MockTransport(lambda _: httpx.Response(500))))
    ada = shop.register_customer("ada@example.test", "Ada", "Byron")
    first, second = (shop.place_order(ada.id, Basket([(next(iter(shop.truth.products)), 2)])) for _ in range(2))
    await shop.courier.drain(until=shop.courier.elapsed + 3 * 3600)
    assert len(plugin.rows) == 3
    shop.delete(first.id)
    await shop.courier.drain(until=shop.courier.elapsed + 3 * 3600)
    tries = len(shop.courier.log)
    assert 8 <= tries <= 12, "30 seconds, doubled each time"
    shop.courier.http = there
    await told.deliver()
    assert told.shown("woocommerce") == {ada.id: order_points(second)}
    await shows_the_truth(told, plugin)


async def test_a_batch_that_was_held_up_does_not_undo_what_overtook_it(told: World) -> None:
    shop, plugin = told.shops.woocommerce, told.plugin
    ada = shop.register_customer("ada@example.test", "Ada", "Byron")
    order = shop.place_order(ada.id, Basket([(next(iter(shop.truth.products)), 2)]))
    await told.deliver()
    refund = shop.refund_all(order.id)
    held_up, _ = plugin.build()
    # Shops write milliseconds.
    await asyncio.sleep(0.003)
    shop.delete_refund(order.id, refund.id)
    await told.deliver()
    assert told.shown("woocommerce") == {ada.id: order_points(order)}
    assert await shop.courier.send(held_up) == 200
    await told.settle()
    assert told.shown("woocommerce") == {ada.id: order_points(order)}
    assert await shop.courier.send(held_up) == 409, "the same call twice"
    await told.assert_true()


async def test_a_copy_of_the_shop_changes_nothing(told: World) -> None:
    shop, plugin = told.shops.woocommerce, told.plugin
    ada = shop.register_customer("ada@example.test", "Ada", "Byron")
    order = shop.place_order(ada.id, Basket([(next(iter(shop.truth.products)), 2)]))
    await told.deliver()
    plugin.site = "https://staging.example.com"
    plugin.mark("order", order.id, {"customer_id": ada.id})
    plugin.mark("customer", ada.id, {})
    plugin.mark("privacy", ada.id)
    kept = await told.number("SELECT count(*) FROM delivery")
    await told.deliver()
    assert plugin.stopped == "other-site"
    assert await told.number("SELECT count(*) FROM delivery") == kept
    assert await told.ledger("woocommerce") == {ada.id: order_points(order)}


async def test_an_answer_that_got_lost_is_given_again(prepared_database_url: str, told: World) -> None:
    shop, plugin = told.shops.woocommerce, told.plugin
    await told.turn(collects=True)
    ada = shop.register_customer("ada@example.test", "Ada", "Byron")
    shop.place_order(ada.id, Basket([(next(iter(shop.truth.products)), 2)]))
    await shop.courier.drain()
    await drain(told.service.pipeline)
    shop.courier.settings = CourierSettings(unheard_percent=100)
    plugin.tick()
    await shop.courier.drain(until=shop.courier.elapsed + 20)
    assert await told.number("SELECT count(*) FROM push WHERE offered_text IS NOT NULL AND state = 0") == 1
    assert plugin.snapshots == {}
    shop.courier.settings = CourierSettings()
    run_apart(prepared_database_url, "UPDATE push SET next_at_us = 0")
    await shop.courier.drain()
    assert set(plugin.snapshots) == {ada.id}
    await told.deliver()
    assert await told.number("SELECT count(*) FROM push WHERE state = 0") == 0
    await shows_the_truth(told, plugin)


async def test_a_shop_that_we_cannot_call_collects_until_we_can(prepared_database_url: str, tmp_path: Path) -> None:
    shops = simulated(plugin=True)
    wall = Wall(httpx.ASGITransport(shops.woocommerce.app))
    async with world(prepared_database_url, tmp_path, shops, hooked=False, lines={WOOCOMMERCE: wall}) as told:
        shop, plugin = shops.woocommerce, told.plugin
        ada = shop.register_customer("ada@example.test", "Ada", "Byron")
        order = shop.place_order(ada.id, Basket([(next(iter(shop.truth.products)), 2)]))
        await told.deliver()
        assert (plugin.snapshots, plugin.collects) == ({}, False)
        assert await told.number("SELECT count(*) FROM store_plugin WHERE failing_since_us IS NOT NULL") == 1
        run_apart(prepared_database_url, "UPDATE store_plugin SET failing_since_us = failing_since_us - 960000000")
        shop.set_status(order.id, "completed")
        await told.deliver()
        assert plugin.collects
        assert set(plugin.snapshots) == {ada.id}
        assert plugin.programme is not None
        assert await told.number("SELECT count(*) FROM push WHERE state = 0") == 0
        run_apart(prepared_database_url, "UPDATE push SET state = 0, next_at_us = 0")
        assert await push_due(told.service.outbox) == 0
        assert await probe_shops(told.service.outbox) == (0, 1)
        wall.stands = False
        assert await probe_shops(told.service.outbox) == (1, 0)
        assert await push_due(told.service.outbox) == 1
        told.service.targets.forget()
        assert plugin.tick()
        await shop.courier.drain()
        assert [plugin.collects] == [False]
        await shows_the_truth(told, plugin)


async def test_orders_that_we_wish_to_read_are_asked_of_the_plugin_of_a_shop_that_collects(told: World) -> None:
    shop, plugin, connection = told.shops.woocommerce, told.plugin, told.connections["woocommerce"]
    ada = shop.register_customer("ada@example.test", "Ada", "Byron")
    with shop.at(some_days_ago()):
        order = shop.place_order(ada.id, Basket([(next(iter(shop.truth.products)), 2)]))
    plugin.rows.clear()
    await told.turn(collects=True)
    wishes = [
        (object_shard(connection.number, "order", number), connection.number, number, connection.programme_number, "x")
        for number in (str(order.id), "999")
    ]
    await atomic(told.service.database, lambda session: wish_to_read(session, sorted(wishes), utc_now()))
    await told.deliver()
    assert await told.order_entries("woocommerce", order.id) == [("earn", order_points(order))]
    assert await told.number("SELECT count(*) FROM read_wish") == 0
    assert plugin.rows == {}
