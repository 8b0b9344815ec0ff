"""What keeps a shop connected while nobody looks: lost webhooks come back, sessions go on from hour to hour."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector.commands.run import add_secrets
from connector.errors import ConfigProblem
from connector.running.scheduler import watch_webhooks
from connector.sandbox.shop import Basket
from connector.shops import Shops
from connector.woocommerce.subscriptions import TOPICS
from tests.journeys.world import World, simulated, some_days_ago, world


@pytest.fixture
async def told(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated()) as made:
        yield made


async def test_one_woocommerce_webhook_that_is_missing_is_found_by_the_watch_and_works_again(told: World) -> None:
    shop, connection = told.shops.woocommerce, told.connections["woocommerce"]
    webhooks = shop.hooks.webhooks
    [lost] = [number for number, webhook in webhooks.items() if webhook.topic == "order.updated"]
    del webhooks[lost]
    with shop.at(some_days_ago(20)):
        ada = shop.register_customer("ada@example.test", "Ada", "Byron")
        order = shop.place_order(ada.id, Basket([(next(iter(shop.truth.products)), 2)], paid=False))
    await told.deliver()
    with shop.at(some_days_ago(18)):
        shop.complete(order.id)
    await told.deliver()
    assert (await told.ledger("woocommerce")).get(ada.id, 0) == 0

    assert (
        await watch_webhooks(told.service) == f"connection {connection.number}: created the webhook for order.updated"
    )
    assert sorted(webhook.topic for webhook in webhooks.values()) == sorted(TOPICS)
    assert await watch_webhooks(told.service) == "all in place"
    with shop.at(some_days_ago(17)):
        shop.edit(order.id, add=[(next(iter(shop.truth.products)), 1)])
    await told.deliver()
    assert (await told.ledger("woocommerce"))[ada.id] > 0
    await told.assert_true()


async def test_a_shop_that_is_connected_by_a_session_is_read_on_after_each_hour_and_each_restart(told: World) -> None:
    grants, connection = told.shops.shopify.grants, told.connections["shopify"]
    grants.must_expire = True
    result = await add_secrets(
        told.service, {"connection": str(connection.number), "secrets": {"refresh_token": grants.install()}}
    )
    assert result["problem"] is None
    told.shops.shopify.place_order(None, Basket([(next(iter(told.shops.shopify.truth.products)), 1)]))
    for _ in range(3):
        # An hour later, in a process that knows only the database.
        grants.tokens.clear()
        before = told.service.shops
        again = Shops(before.database, before.keys, before.platforms, before.api)
        client = await again.client(connection)
        assert await client.check() == told.shops.shopify.name
        assert len([page async for page in client.orders_changed_since(some_days_ago(1))]) == 1
    grants.tokens.clear()
    grants.refreshes.clear()
    with pytest.raises(ConfigProblem, match="ended the app's session"):
        await (await told.service.shops.client(connection)).check()


async def test_a_token_that_never_ends_is_refused_where_shopify_wants_others_and_that_is_said(told: World) -> None:
    grants, connection = told.shops.shopify.grants, told.connections["shopify"]
    grants.must_expire = True
    result = await add_secrets(
        told.service, {"connection": str(connection.number), "secrets": {"access_token": grants.issue()}}
    )
    assert "refresh token" in result["problem"]
