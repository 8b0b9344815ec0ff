"""Every order story, told by our plugin in WooCommerce alone: no webhook and no reading of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from connector.people.adjusting import adjust_points
from connector.sandbox.records import Customer, Order
from connector.sandbox.shop import Basket
from connector.sandbox.woocommerce import SimulatedWooCommerce
from connector.sandbox.woocommerce.plugin import Plugin
from connector.verify import verify
from tests.builders import MIA
from tests.journeys.oracle import order_points
from tests.journeys.world import World, simulated, some_days_ago, world


@pytest.fixture(params=[False, True], ids=["push", "collect"])
async def told(request: pytest.FixtureRequest, prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A shop with our plugin, that we can call or that collects."""
    async with world(prepared_database_url, tmp_path, simulated(plugin=True), hooked=False) as made:
        await made.turn(collects=request.param)
        yield made


def when(minutes: int) -> datetime:
    return some_days_ago(minutes=minutes)


def shop_of(told: World) -> SimulatedWooCommerce:
    return told.shops.woocommerce


def buy(told: World, minutes: int = 0, **how: object) -> tuple[Customer, Order]:
    """Two of one thing and one of another, with shipping."""
    shop = shop_of(told)
    with shop.at(when(minutes)):
        owner = shop.register_customer("ada@example.test", "Ada", "Byron")
        first, second = list(shop.truth.products)[:2]
        return owner, shop.place_order(owner.id, Basket([(first, 2), (second, 1)], shipping_minor=490))


async def sum_of(told: World, order: Order) -> int:
    return sum(points for _, points in await told.order_entries("woocommerce", order.id))


async def right(told: World, plugin: Plugin) -> None:
    """The books are as the shop's records say, the shop shows them, they verify, and the outbox is empty."""
    await told.assert_true()
    assert plugin.rows == {}
    report = await verify(told.service.database, told.service.keys)
    assert report.ok, report
    assert await told.number("SELECT count(*) FROM delivery WHERE state = 2") == 0
    assert await told.number("SELECT count(*) FROM read_wish") == 0


async def test_an_order_that_is_completed_twice_earns_once(told: World) -> None:
    customer, order = buy(told)
    await told.deliver()
    for minute in (10, 20):
        with shop_of(told).at(when(minute)):
            shop_of(told).complete(order.id)
        await told.deliver()
    assert await told.order_entries("woocommerce", order.id) == [("earn", order_points(order))]
    assert told.shown("woocommerce") == {customer.id: order_points(order)}
    await right(told, told.plugin)


async def test_a_partial_refund_takes_back_its_part(told: World) -> None:
    _, order = buy(told)
    await told.deliver()
    with shop_of(told).at(when(30)):
        shop_of(told).refund_lines(order.id, {order.lines[0].id: 1})
    await told.deliver()
    assert [kind for kind, _ in await told.order_entries("woocommerce", order.id)] == ["earn", "clawback"]
    await right(told, told.plugin)


async def test_a_refund_that_is_deleted_gives_back_what_it_took(told: World) -> None:
    """Core webhooks tell nothing of it, and no date moves."""
    _, order = buy(told)
    await told.deliver()
    with shop_of(told).at(when(30)):
        refund = shop_of(told).refund_lines(order.id, {order.lines[0].id: 1})
    await told.deliver()
    less = await sum_of(told, order)
    with shop_of(told).at(when(40)):
        shop_of(told).delete_refund(order.id, refund.id)
    await told.deliver()
    assert less < await sum_of(told, order) == order_points(order)
    await right(told, told.plugin)


async def test_cancelled_and_completed_again_and_again_ends_as_it_stands(told: World) -> None:
    _, order = buy(told)
    for minute in range(10, 60, 10):
        with shop_of(told).at(when(minute)):
            shop_of(told).cancel(order.id)
        await told.deliver()
        assert await sum_of(told, order) == 0
        with shop_of(told).at(when(minute + 5)):
            shop_of(told).reopen(order.id, "completed")
        await told.deliver()
        assert await sum_of(told, order) == order_points(order) > 0
    await right(told, told.plugin)


async def test_trashed_restored_and_deleted_for_good(told: World) -> None:
    customer, order = buy(told)
    await told.deliver()
    with shop_of(told).at(when(10)):
        shop_of(told).trash(order.id)
    await told.deliver()
    assert await sum_of(told, order) == 0
    with shop_of(told).at(when(20)):
        shop_of(told).restore(order.id)
    await told.deliver()
    assert await sum_of(told, order) == order_points(order) > 0
    with shop_of(told).at(when(30)):
        shop_of(told).delete(order.id)
    await told.deliver()
    assert await sum_of(told, order) == 0
    assert told.shown("woocommerce") == {customer.id: 0}
    await right(told, told.plugin)


async def test_an_order_that_goes_to_another_customer_takes_its_points_along(told: World) -> None:
    ada, order = buy(told)
    await told.deliver()
    with shop_of(told).at(when(10)):
        bela = shop_of(told).register_customer("bela@example.test", "Bela", "Bartok")
        shop_of(told).attach_guest_order(order.id, bela.id)
    await told.deliver()
    assert told.shown("woocommerce") == {ada.id: 0, bela.id: order_points(order)}
    await right(told, told.plugin)


async def test_an_order_whose_owner_the_shop_has_forgotten_stays_with_its_member(told: World) -> None:
    ada, order = buy(told)
    await told.deliver()
    with shop_of(told).at(when(10)):
        shop_of(told).anonymise(order.id)
    await told.deliver()
    assert told.shown("woocommerce") == {ada.id: order_points(order)}
    with shop_of(told).at(when(20)):
        shop_of(told).refund_all(order.id)
    await told.deliver()
    assert told.shown("woocommerce") == {ada.id: 0}
    await right(told, told.plugin)


async def test_points_that_were_spent_before_the_refund_are_owed(told: World) -> None:
    customer, order = buy(told)
    await told.deliver()
    member = await told.member("woocommerce", customer.id)
    programme = told.connections["woocommerce"].programme_number
    await adjust_points(told.service.pipeline, programme, member, -20, "a1", MIA, "spent at the till")
    await told.deliver()
    with shop_of(told).at(when(10)):
        shop_of(told).refund_all(order.id)
    await told.deliver()
    assert await sum_of(told, order) == 0
    assert told.shown("woocommerce") == {customer.id: -20}
    assert (await verify(told.service.database, told.service.keys)).ok


async def test_refunded_by_status_and_opened_again_the_refund_stands_and_the_explanation_says_so(told: World) -> None:
    _, order = buy(told)
    await told.deliver()
    with shop_of(told).at(when(10)):
        shop_of(told).set_status(order.id, "refunded")
    await told.deliver()
    with shop_of(told).at(when(20)):
        shop_of(told).set_status(order.id, "processing")
    await told.deliver()
    assert order.refunds and order.status == "processing"
    assert await sum_of(told, order) == 0
    await right(told, told.plugin)


async def test_a_guest_order_counts_for_whoever_the_shop_says_owns_it(told: World) -> None:
    shop = shop_of(told)
    with shop.at(when(0)):
        order = shop.place_order(None, Basket([(next(iter(shop.truth.products)), 2)]), "ada@example.test")
        ada = shop.register_customer("ada@example.test", "Ada", "Byron")
    await told.deliver()
    assert told.shown("woocommerce") == {ada.id: 0}
    with shop.at(when(10)):
        shop.attach_guest_order(order.id, ada.id)
    await told.deliver()
    assert told.shown("woocommerce") == {ada.id: order_points(order)}
    await right(told, told.plugin)


async def test_a_customer_who_is_deleted_is_known_no_more(told: World) -> None:
    customer, _ = buy(told)
    await told.deliver()
    with shop_of(told).at(when(10)):
        shop_of(told).delete_customer(customer.id)
    await told.deliver()
    gone = await told.number("SELECT count(*) FROM identity WHERE gone_at_us IS NOT NULL")
    assert gone == 1
    assert (await verify(told.service.database, told.service.keys)).ok
