"""Until a member's history is loaded, rules that ask for it wait, visibly, and base points do not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector.shopify.client import SCOPES
from connector.verify import verify
from tests.builders import KEYS
from tests.journeys.awaiting import BONUS, FIRST, begin, buys, codes_of, joins, nth_of, points_of, read, settle
from tests.journeys.oracle import order_points
from tests.journeys.world import World, simulated, world

PLATFORMS = ["shopify", "woocommerce"]


@pytest.fixture
async def told(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated(), hooked=False, document=FIRST) as made:
        yield made


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_while_the_past_is_read_base_points_come_and_the_first_order_waits(told: World, platform: str) -> None:
    old, new = joins(told, platform, "olga"), joins(told, platform, "nils")
    buys(told, platform, old, days_ago=300)
    await told.ensure_webhooks(platform)
    await begin(told, platform)
    orders = {name: buys(told, platform, customer) for name, customer in (("old", old), ("new", new))}
    await told.deliver()
    truth = told.shop(platform).truth.orders
    for order_id in orders.values():
        assert await points_of(told, platform, order_id) == order_points(truth[order_id]) > 0
        assert await codes_of(told, platform, order_id) == {"awaiting-history"}
    await read(told)
    base = order_points(truth[orders["new"]])
    assert await points_of(told, platform, orders["new"]) == base + BONUS
    assert await points_of(told, platform, orders["old"]) == order_points(truth[orders["old"]])
    again = buys(told, platform, new)
    await told.deliver()
    await settle(told)
    assert await points_of(told, platform, again) == order_points(truth[again])
    assert await nth_of(told, platform, again) == 2
    told.shop(platform).refund_all(orders["new"])
    await told.deliver()
    assert await points_of(told, platform, orders["new"]) == 0
    database = told.service.database
    assert (await verify(database, KEYS)).differences == []


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_shop_whose_past_nobody_asked_for_decides_at_once(told: World, platform: str) -> None:
    customer = joins(told, platform, "nils")
    await told.ensure_webhooks(platform)
    order_id = buys(told, platform, customer)
    await told.deliver()
    truth = told.shop(platform).truth.orders[order_id]
    assert await points_of(told, platform, order_id) == order_points(truth) + BONUS


async def test_where_shopify_hides_the_past_its_own_count_decides(prepared_database_url: str, tmp_path: Path) -> None:
    async with world(prepared_database_url, tmp_path, simulated(scopes=SCOPES), hooked=False, document=FIRST) as made:
        old, new = joins(made, "shopify", "olga"), joins(made, "shopify", "nils")
        buys(made, "shopify", old, days_ago=300)
        await made.ensure_webhooks("shopify")
        await begin(made, "shopify")
        orders = {name: buys(made, "shopify", customer) for name, customer in (("old", old), ("new", new))}
        await made.deliver()
        await read(made)
        truth = made.shops.shopify.truth.orders
        assert await points_of(made, "shopify", orders["old"]) == order_points(truth[orders["old"]])
        assert await points_of(made, "shopify", orders["new"]) == order_points(truth[orders["new"]]) + BONUS


async def test_where_nobody_can_know_how_many_came_before_the_rule_says_so(told: World) -> None:
    customer = joins(told, "woocommerce", "olga")
    buys(told, "woocommerce", customer, days_ago=300)
    await told.ensure_webhooks("woocommerce")
    await begin(told, "woocommerce", since_days=100)
    order_id = buys(told, "woocommerce", customer)
    await told.deliver()
    await read(told)
    truth = told.shops.woocommerce.truth.orders
    assert await points_of(told, "woocommerce", order_id) == order_points(truth[order_id])
    context = await told.number("""SELECT count(*) FROM context WHERE values_text LIKE '%"nth":-1%'""")
    assert context == 1
