"""Do the books match the shop? Real divergence of both sandboxes, found, named by order number, and repaired."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from connector.ingest.agreement import Verdict, agreement_of, repair
from connector.people.actors import Actor
from connector.sandbox.courier import CourierSettings
from connector.sandbox.records import Order
from connector.sandbox.shop import Basket
from connector.storage.findings import Finding, list_findings
from tests.journeys.oracle import order_points
from tests.journeys.world import World, simulated, some_days_ago, world

KIM = Actor("kim", "key:bk_1", "Kim")
PLATFORMS = pytest.mark.parametrize("platform", ["shopify", "woocommerce"])


@pytest.fixture
async def told(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated()) as made:
        yield made


async def bought(told: World, platform: str, count: int = 2) -> list[Order]:
    """One shopper's orders of some days ago, delivered, and both shops read once."""
    shop = told.shop(platform)
    with shop.at(some_days_ago(20)):
        customer = shop.register_customer("ada@example.test", "Ada", "Byron")
        product = next(iter(shop.truth.products))
        orders = [shop.place_order(customer.id, Basket([(product, 2)])) for _ in range(count)]
    await told.deliver()
    await told.reconcile()
    return orders


async def findings(told: World, platform: str) -> list[Finding]:
    session = told.service.database.reading()
    return await list_findings(session, told.connections[platform].number, None, None, 1000, 0)


async def verdict(told: World, platform: str) -> Verdict:
    found = await agreement_of(told.service.database.reading(), told.connections[platform])
    return found.verdict


@contextmanager
def in_silence(told: World, platform: str) -> Iterator[None]:
    """Whatever happens in the shop meanwhile, none of its webhooks ever travels."""
    courier = told.shop(platform).courier
    courier.settings, before = CourierSettings(loss_percent=100), courier.settings
    try:
        with told.shop(platform).at(some_days_ago(3)):
            yield
    finally:
        courier.settings = before


@PLATFORMS
async def test_what_webhooks_told_is_what_a_reading_finds(told: World, platform: str) -> None:
    """No false alarm: refunds, edits and cancellations that arrived are no differences."""
    shop = told.shop(platform)
    first, second = await bought(told, platform)
    with shop.at(some_days_ago(5)):
        shop.refund_lines(first.id, {first.lines[0].id: 1})
        shop.edit(second.id, remove={second.lines[0].id: 1})
    await told.deliver()
    await told.reconcile()
    assert await findings(told, platform) == []
    assert await verdict(told, platform) is Verdict.MATCH


@PLATFORMS
async def test_a_dropped_webhook_of_a_new_order_is_found_as_missing_and_earns(told: World, platform: str) -> None:
    shop = told.shop(platform)
    (known,) = await bought(told, platform, 1)
    assert known.customer_id is not None
    with in_silence(told, platform):
        lost = shop.place_order(known.customer_id, Basket([(next(iter(shop.truth.products)), 3)]))
    await told.reconcile()
    (found,) = await findings(told, platform)
    assert (found.object_id, found.difference, found.done, found.ours) == (str(lost.id), "missing", "repaired", None)
    assert found.theirs is not None and found.theirs["status"] == "paid"
    assert str(lost.number) in found.name
    assert await told.order_entries(platform, lost.id) == [("earn", order_points(lost))]
    assert await verdict(told, platform) is Verdict.MATCH
    await told.reconcile()
    assert len(await findings(told, platform)) == 1


@PLATFORMS
async def test_a_dropped_refund_is_found_as_stale_and_given_back(told: World, platform: str) -> None:
    shop = told.shop(platform)
    order, _ = await bought(told, platform)
    with in_silence(told, platform):
        shop.refund_lines(order.id, {order.lines[0].id: 1})
    await told.reconcile()
    (found,) = await findings(told, platform)
    assert (found.object_id, found.difference, found.done) == (str(order.id), "stale", "repaired")
    assert found.ours is not None and found.theirs is not None
    assert found.ours["refunded_minor"] == 0 < found.theirs["refunded_minor"]
    await told.assert_true()
    assert await verdict(told, platform) is Verdict.MATCH


@PLATFORMS
async def test_an_amount_that_was_edited_past_the_shop_is_found_and_put_right(told: World, platform: str) -> None:
    """An import or a plugin changes the shop's database: nothing is sent, and no date moves."""
    order, _ = await bought(told, platform)
    shop = told.shop(platform)
    with in_silence(told, platform):
        cheap = shop.place_order(order.customer_id, Basket([(order.lines[0].product.id, 1)]))
    order.lines = [replace(cheap.lines[0], id=order.lines[0].id)]
    del shop.truth.orders[cheap.id]
    await told.reconcile()
    (found,) = await findings(told, platform)
    assert (found.object_id, found.difference, found.done) == (str(order.id), "amount-diff", "asked")
    assert found.ours is not None and found.theirs is not None
    assert found.theirs["goods_minor"] < found.ours["goods_minor"]
    await told.assert_true()
    assert await verdict(told, platform) is Verdict.MATCH


@PLATFORMS
async def test_an_order_that_was_deleted_in_silence_is_found_as_extra(told: World, platform: str) -> None:
    shop = told.shop(platform)
    order, other = await bought(told, platform)
    shop.truth.orders[order.id].deleted = True
    await told.reconcile()
    (found,) = await findings(told, platform)
    assert (found.object_id, found.difference, found.done, found.theirs) == (str(order.id), "extra", "asked", None)
    assert [kind for kind, _ in await told.order_entries(platform, order.id)] == ["earn", "clawback"]
    assert [kind for kind, _ in await told.order_entries(platform, other.id)] == ["earn"]
    assert await verdict(told, platform) is Verdict.MATCH


@PLATFORMS
async def test_a_mass_disappearance_takes_nothing_until_a_person_lets_it_go(told: World, platform: str) -> None:
    shop, connection = told.shop(platform), told.connections[platform]
    orders = await bought(told, platform, 22)
    assert orders[0].customer_id is not None
    with in_silence(told, platform):
        lost = shop.place_order(orders[0].customer_id, Basket([(next(iter(shop.truth.products)), 3)]))
        shop.refund_lines(orders[0].id, {orders[0].lines[0].id: 1})
    gone = orders[1:]
    for order in gone:
        shop.truth.orders[order.id].deleted = True
    for _ in range(3):
        await told.reconcile()
        await told.reconcile(full=False)
        for order in gone:
            assert [kind for kind, _ in await told.order_entries(platform, order.id)] == ["earn"]
        assert await verdict(told, platform) is Verdict.DIFFER
    # What gives, and what the shop dates itself, went on all the same.
    assert await told.order_entries(platform, lost.id) == [("earn", order_points(lost))]
    assert [kind for kind, _ in await told.order_entries(platform, orders[0].id)] == ["earn", "clawback"]
    agreement = await agreement_of(told.service.database.reading(), connection)
    assert agreement.held == 21
    held = {one.object_id for one in await findings(told, platform) if one.done == "held"}
    assert held == {str(order.id) for order in gone}
    # The shop finds one of them again before anybody decides: it keeps its points.
    shop.truth.orders[gone[0].id].deleted = False
    repaired = await repair(told.service.database, connection, None, KIM, "the shop was cleared", some_days_ago(0))
    assert set(repaired) == held
    await told.settle()
    assert [kind for kind, _ in await told.order_entries(platform, gone[0].id)] == ["earn"]
    for order in gone[1:]:
        assert [kind for kind, _ in await told.order_entries(platform, order.id)] == ["earn", "clawback"]
    released = [one for one in await findings(told, platform) if one.done == "released"]
    assert {(one.who, one.why) for one in released} == {(KIM, "the shop was cleared")}
    await told.reconcile()
    assert await verdict(told, platform) is Verdict.MATCH
