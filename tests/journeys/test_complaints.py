"""What merchants complained about elsewhere, as journeys through both shops. Ids are those of the complaints."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from connector.sandbox.courier import Courier, CourierSettings
from connector.sandbox.records import Customer, Order
from connector.sandbox.shop import Basket, Shop
from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.world import Plan, Player, schedule
from connector.verify import verify
from tests.journeys.oracle import order_points
from tests.journeys.world import CIRCLE, SimulatedShop, World, simulated, some_days_ago, world

PLATFORMS = ["shopify", "woocommerce"]


@pytest.fixture
async def told(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated()) as made:
        yield made


def when(minutes: int) -> datetime:
    return some_days_ago(minutes=minutes)


def buy(shop: Shop, customer: Customer | None = None, minutes: int = 0) -> tuple[Customer, Order]:
    """Two of one thing and one of another, with shipping."""
    with shop.at(when(minutes)):
        owner = customer or shop.register_customer("ada@example.test", "Ada", "Byron")
        first, second = list(shop.truth.products)[:2]
        return owner, shop.place_order(owner.id, Basket([(first, 2), (second, 1)], shipping_minor=490))


async def lose_what_waits(shop: SimulatedShop) -> None:
    """Everything that is on its way never arrives."""
    courier: Courier = shop.courier
    courier.settings = CourierSettings(loss_percent=100)


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_full_refund_takes_back_every_point_the_order_earned(told: World, platform: str) -> None:
    """C01."""
    shop = told.shop(platform)
    customer, order = buy(shop)
    await told.deliver()
    earned = order_points(order)
    assert earned > 50
    assert (await told.order_entries(platform, order.id), told.shown(platform)) == (
        [("earn", earned)],
        {customer.id: earned},
    )
    with shop.at(when(60)):
        shop.refund_all(order.id)
    await told.deliver()
    assert sum(points for _, points in await told.order_entries(platform, order.id)) == 0
    await told.assert_true()
    assert told.shown(platform) == {customer.id: 0}


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_full_refund_takes_back_every_point_the_order_earned_although_its_webhook_was_lost(
    told: World, platform: str
) -> None:
    """C01: only reconcile ran."""
    shop = told.shop(platform)
    customer, order = buy(shop)
    await told.deliver()
    await lose_what_waits(shop)
    with shop.at(when(60)):
        shop.refund_all(order.id)
    await told.deliver()
    assert told.shown(platform) == {customer.id: order_points_before_refund(order)}
    await told.reconcile(full=False)
    assert [kind for kind, _ in await told.order_entries(platform, order.id)] == ["earn", "clawback"]
    assert sum(points for _, points in await told.order_entries(platform, order.id)) == 0
    assert told.shown(platform) == {customer.id: 0}


def order_points_before_refund(order: Order) -> int:
    refunds, order.refunds = order.refunds, []
    status, order.status = order.status, "paid" if order.status == "refunded" else order.status
    points = order_points(order)
    order.refunds, order.status = refunds, status
    return points


async def test_repeated_and_flapping_order_status_awards_once(told: World) -> None:
    """C06."""
    shop = told.shops.woocommerce
    customer, order = buy(shop)
    await told.deliver()
    earned = order_points(order)
    minute = 1
    for status in ("completed", "processing", "completed", "on-hold", "completed", "completed", "processing"):
        with shop.at(when(minute)):
            shop.set_status(order.id, status)
        minute += 1
        await told.deliver()
        await told.deliver()
    entries = await told.order_entries("woocommerce", order.id)
    assert entries == [("earn", earned), ("clawback", -earned), ("earn", earned)], (
        "on-hold takes back, nothing else moves"
    )
    assert told.shown("woocommerce") == {customer.id: earned}
    lots = await told.number("SELECT CAST(sum(remaining) AS BIGINT) FROM lot")
    assert lots == earned


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_an_order_completed_again_and_again_in_one_burst_awards_once(told: World, platform: str) -> None:
    """C06: everything arrives at once, twice, in another order."""
    shop = told.shop(platform)
    shop.courier.settings = CourierSettings(duplicate_percent=100, reorder_percent=50, concurrency=32)
    customer, order = buy(shop)
    for minute in range(1, 9):
        with shop.at(when(minute)):
            shop.complete(order.id)
    await told.deliver()
    assert await told.order_entries(platform, order.id) == [("earn", order_points(order))]
    assert told.shown(platform) == {customer.id: order_points(order)}


@pytest.mark.parametrize("seed", [11, 12])
async def test_lost_late_and_disabled_webhooks_are_reconciled(
    prepared_database_url: str, tmp_path: Path, seed: int
) -> None:
    """C24: drop, delay, duplicate and reorder by seed; WooCommerce has switched a webhook off meanwhile."""
    post = CourierSettings(
        duplicate_percent=25, reorder_percent=40, reorder_seconds=90_000, loss_percent=40, delay_seconds=(0, 90_000)
    )
    async with world(prepared_database_url, tmp_path, simulated(seed, post)) as told:
        for platform in PLATFORMS:
            player = Player(told.shop(platform))
            plan = schedule(seed, Plan(platform, 8, 4), some_days_ago(1))
            for action in plan[: len(plan) // 2]:
                player.do(action)
            await told.deliver()
            switch_off_order_webhooks(told)
            for action in plan[len(plan) // 2 :]:
                player.do(action)
            await told.deliver()
        assert {hook.status for hook in told.shops.woocommerce.hooks.webhooks.values()} == {"active", "disabled"}
        assert await told.ensure_webhooks("woocommerce") == [
            line
            for topic in ("order.created", "order.updated")
            for line in (f"created the webhook for {topic}", f"removed a switched-off (disabled) webhook for {topic}")
        ]
        assert {hook.status for hook in told.shops.woocommerce.hooks.webhooks.values()} == {"active"}
        await told.reconcile()
        await told.assert_true()


def switch_off_order_webhooks(told: World) -> None:
    """Seven failures in a row do this."""
    for hook in told.shops.woocommerce.hooks.webhooks.values():
        if hook.topic in ("order.created", "order.updated"):
            hook.status = "disabled"


async def test_a_webhook_made_anew_delivers_again(told: World) -> None:
    """C24: the end of the same story."""
    switch_off_order_webhooks(told)
    customer, _ = buy(told.shops.woocommerce)
    await told.deliver()
    assert await told.ledger("woocommerce") == {customer.id: 0}
    await told.ensure_webhooks("woocommerce")
    _, second = buy(told.shops.woocommerce, customer, minutes=5)
    await told.deliver()
    assert told.shown("woocommerce") == {customer.id: order_points(second)}
    await told.reconcile(full=False)
    await told.assert_true()


async def test_a_shop_that_no_longer_has_an_order_takes_its_points_back(told: World) -> None:
    """What WooCommerce deletes for good it never tells; a full reconcile asks for it by its id."""
    shop = told.shops.woocommerce
    customer, order = buy(shop)
    await told.deliver()
    shop.delete(order.id)
    await told.deliver()
    assert told.shown("woocommerce")[customer.id] > 0
    await told.reconcile()
    assert told.shown("woocommerce") == {customer.id: 0}
    assert [kind for kind, _ in await told.order_entries("woocommerce", order.id)] == ["earn", "clawback"]


async def test_a_forged_delivery_is_refused_and_leaves_nothing(told: World) -> None:
    shop = told.shops.woocommerce
    for hook in shop.hooks.webhooks.values():
        hook.secret = "another secret than ours"
    buy(shop)
    await told.deliver()
    assert {attempt.status for attempt in shop.courier.log if attempt.topic != "ping"} == {401}
    assert await told.number("SELECT count(*) FROM delivery") == 0


async def test_both_shops_of_one_programme_keep_their_own_customers(told: World) -> None:
    one, first = buy(told.shops.shopify)
    other, second = buy(told.shops.woocommerce)
    await told.deliver()
    assert told.shown("shopify") == {one.id: order_points(first)}
    assert told.shown("woocommerce") == {other.id: order_points(second)}
    assert await told.number("SELECT count(*) FROM member") == 2


async def test_guest_order_waits_and_is_claimed_after_verified_sign_in(told: World) -> None:
    """C14, where the shop itself says who can read the address."""
    shop = told.shop("shopify")
    with shop.at(when(0)):
        first = shop.place_order(None, Basket([(next(iter(shop.truth.products)), 2)]), "Ada@Example.test")
    await told.deliver()
    waiting = await told.number("SELECT count(*) FROM source_fact WHERE address_hash IS NOT NULL AND member_id IS NULL")
    assert (waiting, await told.order_entries("shopify", first.id)) == (1, [])

    with shop.at(when(10)):
        ada = shop.register_customer("ada@example.test", "Ada", "Byron", verified=False)
    await told.deliver()
    assert await told.order_entries("shopify", first.id) == [], "an unverified address claims nothing"
    assert told.shown("shopify") == {ada.id: 0}

    with shop.at(when(20)):
        shop.verify_address(ada.id)
    await told.deliver()
    earned = order_points(first)
    assert earned > 0
    assert await told.order_entries("shopify", first.id) == [("earn", earned)]
    assert told.shown("shopify") == {ada.id: earned}

    with shop.at(when(30)):
        shop.verify_address(ada.id)
        stranger = shop.register_customer("ADA@example.test", "Not", "Ada")
    await told.deliver()
    await told.reconcile()
    assert await told.order_entries("shopify", first.id) == [("earn", earned)], "claimed once"
    assert told.shown("shopify") == {ada.id: earned, stranger.id: 0}

    with shop.at(when(40)):
        shop.refund_all(first.id)
    await told.deliver()
    assert [kind for kind, _ in await told.order_entries("shopify", first.id)] == ["earn", "clawback"]
    assert told.shown("shopify") == {ada.id: 0, stranger.id: 0}
    report = await verify(told.service.database, told.service.keys)
    assert report.ok, report.as_text()


async def test_merged_customer_keeps_points_and_one_time_awards_count_once(
    prepared_database_url: str, tmp_path: Path
) -> None:
    """C16, where the merchant made one account of two in Shopify, which says so in a webhook of its own."""
    document = {**CIRCLE, "points": {**CIRCLE["points"], "start": {"welcome": 20}}}
    async with world(prepared_database_url, tmp_path, simulated(), document=document) as told:
        shop = told.shop("shopify")
        assert isinstance(shop, SimulatedShopify)
        ada, order = buy(shop)
        with shop.at(when(5)):
            twin = shop.register_customer("ada.byron@example.test", "Ada", "Byron")
        _, other = buy(shop, twin, minutes=10)
        await told.deliver()
        both = order_points(order) + order_points(other)
        assert sum((await told.ledger("shopify")).values()) == both + 40

        with shop.at(when(20)):
            shop.merge_customers(twin.id, ada.id, fails=True)
        await told.deliver()
        assert await told.number("SELECT count(*) FROM merge") == 0, "a failed merge is none"

        with shop.at(when(30)):
            shop.merge_customers(twin.id, ada.id)
        await told.deliver()
        assert (await told.ledger("shopify"))[ada.id] == both + 20
        assert told.shown("shopify") == {ada.id: both + 20}
        await told.reconcile()
        assert (await told.ledger("shopify"))[ada.id] == both + 20
        assert await told.number("SELECT count(*) FROM merge WHERE cause = 'shop'") == 1
        assert await told.number("SELECT count(*) FROM customer_union") == 0
        report = await verify(told.service.database, told.service.keys)
        assert report.ok, report.as_text()
