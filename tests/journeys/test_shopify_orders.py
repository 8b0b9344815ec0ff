"""What only Shopify tells as it does: tills and drafts without a customer, other currencies, test orders, edits whose
order webhook is lost, customers merged and deleted in any order, codes whose use is counted late.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from connector.sandbox.courier import Attempt
from connector.sandbox.shop import Basket
from connector.sandbox.shopify import SimulatedShopify
from connector.verify import verify
from tests.journeys.oracle import order_points
from tests.journeys.test_complaints import buy, when
from tests.journeys.world import World, simulated, world


@pytest.fixture
async def told(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated()) as made:
        yield made
        report = await verify(made.service.database, made.service.keys)
        assert report.ok, report.as_text()


def shopify(told: World) -> SimulatedShopify:
    shop = told.shop("shopify")
    assert isinstance(shop, SimulatedShopify)
    return shop


@pytest.mark.parametrize("channel", ["pos", "shopify_draft_order"])
async def test_an_order_without_a_customer_earns_once_it_is_linked_to_one(told: World, channel: str) -> None:
    shop = shopify(told)
    with shop.at(when(0)):
        ada = shop.register_customer("ada@example.test", "Ada", "Byron")
        order = shop.place_order(None, Basket([(next(iter(shop.truth.products)), 2)], channel=channel))
    await told.deliver()
    assert await told.order_entries("shopify", order.id) == []
    with shop.at(when(30)):
        shop.attach_guest_order(order.id, ada.id)
    await told.deliver()
    assert await told.order_entries("shopify", order.id) == [("earn", order_points(order))]
    await told.assert_true()


async def test_a_test_order_never_earns_whatever_happens_to_it(told: World) -> None:
    shop = shopify(told)
    with shop.at(when(0)):
        ada = shop.register_customer("ada@example.test", "Ada", "Byron")
        order = shop.place_order(ada.id, Basket([(next(iter(shop.truth.products)), 2)], is_test=True, paid=False))
    await told.deliver()
    with shop.at(when(10)):
        shop.pay(order.id)
        shop.complete(order.id)
    await told.deliver()
    await told.reconcile()
    with shop.at(when(20)):
        shop.refund_all(order.id)
    await told.deliver()
    assert await told.order_entries("shopify", order.id) == []
    assert told.shown("shopify") == {ada.id: 0}


async def test_what_a_shopper_pays_in_another_currency_earns_by_the_shops_money(told: World) -> None:
    shop = shopify(told)
    with shop.at(when(0)):
        ada = shop.register_customer("ada@example.test", "Ada", "Byron")
        basket = Basket([(next(iter(shop.truth.products)), 2)], presentment=("JPY", 162, 1))
        order = shop.place_order(ada.id, basket)
    await told.deliver()
    assert await told.order_entries("shopify", order.id) == [("earn", order_points(order))]
    with shop.at(when(10)):
        shop.refund_lines(order.id, {order.lines[0].id: 1})
    await told.deliver()
    await told.assert_true()


def lose(shop: SimulatedShopify, *topics: str) -> None:
    """From now on the deliveries of these topics never arrive."""
    for listener in list(shop.hooks.subscriptions.values()):
        if listener.topic in topics:
            shop.hooks.remove(listener)


async def test_an_edit_is_read_where_the_webhook_with_the_order_is_lost(told: World) -> None:
    shop = shopify(told)
    _, order = buy(shop)
    await told.deliver()
    earned = order_points(order)
    lose(shop, "orders/updated")
    with shop.at(when(20)):
        shop.edit(order.id, remove={order.lines[0].id: 1})
    await told.deliver()
    assert order_points(order) < earned
    assert [kind for kind, _ in await told.order_entries("shopify", order.id)] == ["earn", "clawback"]
    await told.assert_true()


async def test_tender_is_read_where_only_its_transaction_is_told(told: World) -> None:
    shop = shopify(told)
    lose(shop, "orders/create", "orders/updated", "orders/paid")
    with shop.at(when(0)):
        ada = shop.register_customer("ada@example.test", "Ada", "Byron")
        product = next(iter(shop.truth.products))
        card = shop.place_order(ada.id, Basket([(product, 2)], tender=(("gift_card", 1000),)))
        other = shop.place_order(ada.id, Basket([(product, 1)]))
    await told.deliver()
    assert await told.order_entries("shopify", card.id) != []
    assert await told.order_entries("shopify", other.id) == [], "money alone is in the webhooks of the order"


@pytest.mark.parametrize("first", ["customers/merge", "customers/delete"])
async def test_a_merge_and_the_deletion_that_comes_with_it_hold_in_either_order(told: World, first: str) -> None:
    shop = shopify(told)
    ada, order = buy(shop)
    with shop.at(when(5)):
        twin = shop.register_customer("ada.byron@example.test", "Ada", "Byron")
    _, other = buy(shop, twin, minutes=10)
    await told.deliver()
    both = order_points(order) + order_points(other)
    with shop.at(when(20)):
        shop.merge_customers(twin.id, ada.id)
    waiting = sorted(shop.courier._queue, key=lambda one: one.delivery.topic != first)
    for at, one in enumerate(waiting):
        one.due = shop.courier.elapsed + 1 + at
    shop.courier._queue[:] = waiting
    arrived: list[str] = []
    shop.courier.progress = note(arrived)
    for one in waiting:
        await shop.courier.drain(until=one.due)
        await told.settle()
    assert arrived[0] == first and {"customers/merge", "customers/delete"} <= set(arrived)
    assert (await told.ledger("shopify"))[ada.id] == both
    assert told.shown("shopify") == {ada.id: both}


def note(arrived: list[str]) -> Callable[[Attempt], None]:
    return lambda attempt: arrived.append(attempt.topic)


async def test_customers_with_gift_cards_are_not_merged_and_keep_their_own_points(told: World) -> None:
    shop = shopify(told)
    ada, _ = buy(shop)
    with shop.at(when(5)):
        twin = shop.register_customer("ada.byron@example.test", "Ada", "Byron")
    buy(shop, twin, minutes=10)
    await told.deliver()
    before = await told.ledger("shopify")
    shop.gift_card_holders.add(twin.id)
    with shop.at(when(20)):
        shop.merge_customers(twin.id, ada.id)
    await told.deliver()
    assert await told.ledger("shopify") == before
    assert await told.number("SELECT count(*) FROM merge") == 0
    await told.assert_true()


async def test_what_shopify_calls_deprecated_is_counted_by_a_running_service(told: World) -> None:
    shopify(told).deprecated = "https://shopify.dev/api/usage/versioning"
    await (await told.service.shops.client(told.connections["shopify"])).check()
    labels = {"platform": "shopify", "notice": "deprecated"}
    assert told.service.metrics.registry.get_sample_value("loyalty_api_notices_total", labels) == 1
