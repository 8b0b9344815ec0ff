"""Orders that a shop shows no longer: Shopify hides those older than 60 days from apps without read_all_orders."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector.sandbox.shop import Basket
from connector.shopify.client import SCOPES
from tests.journeys.oracle import order_points
from tests.journeys.world import World, simulated, some_days_ago, world


@pytest.fixture
async def told(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated(scopes=SCOPES)) as made:
        yield made


@pytest.mark.parametrize("platform", ["shopify", "woocommerce"])
async def test_an_order_of_75_days_ago_keeps_its_points_when_the_whole_window_is_read(
    told: World, platform: str
) -> None:
    """Defect seen: the nightly reading took the points of every order that Shopify no longer showed."""
    shop = told.shop(platform)
    with shop.at(some_days_ago(75)):
        customer = shop.register_customer("ada@example.test", "Ada", "Byron")
        order = shop.place_order(customer.id, Basket([(next(iter(shop.truth.products)), 2)]))
    await told.deliver()
    earned = order_points(order)
    for _ in range(2):
        await told.reconcile()
        assert await told.order_entries(platform, order.id) == [("earn", earned)]
    await told.assert_true()
    # Shopify tells of a deletion; WooCommerce only answers so when it is asked.
    shop.delete(order.id)
    await told.deliver()
    await told.reconcile()
    assert [kind for kind, _ in await told.order_entries(platform, order.id)] == ["earn", "clawback"]


async def test_a_recent_order_that_was_deleted_in_silence_is_asked_for_and_given_back(told: World) -> None:
    shop = told.shops.shopify
    with shop.at(some_days_ago(20)):
        customer = shop.register_customer("ada@example.test", "Ada", "Byron")
        order = shop.place_order(customer.id, Basket([(next(iter(shop.truth.products)), 2)]))
    await told.deliver()
    shop.truth.orders[order.id].deleted = True
    await told.reconcile()
    assert [kind for kind, _ in await told.order_entries("shopify", order.id)] == ["earn", "clawback"]
    await told.assert_true()
