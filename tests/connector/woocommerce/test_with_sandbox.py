"""Our WooCommerce side against the simulated shop: both were written apart, from the same recordings."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx
import pytest

from connector.api_client import ApiClient
from connector.errors import ConfigProblem, Permanent
from connector.platforms import (
    FETCHED_ORDER,
    Connection,
    Credentials,
    Headers,
    HistoryPage,
    Normaliser,
    PushState,
    SnapshotPush,
)
from connector.registry import PLATFORMS
from connector.sandbox.shop import Basket
from connector.sandbox.woocommerce import SimulatedWooCommerce
from connector.woocommerce.client import WooCommerceClient
from connector.woocommerce.subscriptions import TOPICS
from loyalty_engine.facts import OrderState, OrderStatus, Price, Product
from tests.connector.calls import FakeTime
from tests.connector.woocommerce.fake_shop import CREDENTIALS, WEBHOOK_SECRET

PLATFORM = PLATFORMS["woocommerce"]
URL = "https://shop.example.test"
CONNECTION = Connection(2, "0b7f1a52-6f2d-4b6e-8f55-6a4a9d5f1c11", 1, "woocommerce", URL, URL)
HOOKS = f"https://belong.example/hooks/woocommerce/{CONNECTION.public_id}"
SECONDS = 7
"""Between two orders of a history."""


@dataclass(slots=True)
class World:
    """One simulated shop, our client for it, and the time that both live in."""

    shop: SimulatedWooCommerce
    client: WooCommerceClient
    time: FakeTime

    def place(self, customer: int | None = None) -> int:
        product = next(iter(self.shop.truth.products))
        return self.shop.place_order(customer, Basket([(product, 2)], shipping_minor=490), "guest@example.test").id

    async def fetched(self, order_id: int) -> OrderState:
        found = await self.client.read_order(str(order_id))
        assert found is not None
        [state] = PLATFORM.normalise(FETCHED_ORDER, found.body, Normaliser(CONNECTION, lambda text: "hash"))
        assert isinstance(state, OrderState)
        return state


def make_world(url: str = URL) -> World:
    time = FakeTime()
    shop = SimulatedWooCommerce(now=time.now, base_url=url, counts_as_tls=url.startswith("https://"))
    http = httpx.AsyncClient(transport=httpx.ASGITransport(shop.app))
    api = ApiClient(http, frozenset((httpx.URL(url).netloc.decode(),)), sleep=time.sleep, now=time.now)
    return World(shop, WooCommerceClient(replace(CONNECTION, shop=url, api_url=url), CREDENTIALS, api), time)


@pytest.fixture
def world() -> World:
    return make_world()


async def test_over_plain_http_on_this_machine_requests_are_signed() -> None:
    world = make_world("http://127.0.0.1:8123")
    assert await world.client.check() == "127.0.0.1:8123"
    order_id = world.place()
    assert (await world.fetched(order_id)).order_id == str(order_id)
    since = world.time.now()
    assert [len(page) async for page in world.client.orders_changed_since(since)] == [1]
    for key in world.shop.keys.values():
        object.__setattr__(key, "consumer_secret", "cs_" + "c" * 40)
    with pytest.raises(ConfigProblem, match="refuses our API key"):
        await world.client.read_order("1")


async def test_checking_needs_a_key_that_may_write(world: World) -> None:
    assert await world.client.check() == "shop.example.test"
    for key in world.shop.keys.values():
        object.__setattr__(key, "permissions", "read")
    with pytest.raises(ConfigProblem, match="may only read"):
        await world.client.check()
    world.shop.keys.clear()
    with pytest.raises(ConfigProblem, match="refuses our API key"):
        await world.client.check()


async def test_an_order_and_its_refund_read_as_the_shop_has_them(world: World) -> None:
    order_id = world.place()
    order = world.shop.truth.orders[order_id]
    assert (await world.fetched(order_id)).total_minor == order.total_minor
    world.shop.refund_lines(order_id, {order.lines[0].id: 1})
    after = await world.fetched(order_id)
    assert sum(refund.amount_minor for refund in after.refunds) == order.refunded_minor
    assert all(refund.lines_known for refund in after.refunds)


async def test_the_bin_is_not_the_end_but_deletion_is(world: World) -> None:
    binned, deleted = world.place(), world.place()
    world.shop.trash(binned)
    world.shop.delete(deleted)
    assert (await world.fetched(binned)).status is OrderStatus.DELETED
    assert await world.client.read_order(str(deleted)) is None


async def test_all_changes_since_a_moment_are_found_in_order(world: World) -> None:
    ids = []
    for number in range(150):
        world.time.at += number % 2
        ids.append(world.place())
    world.time.at += 1
    world.shop.trash(ids[3])
    since = world.time.now() - timedelta(seconds=40)
    found = [one async for page in world.client.orders_changed_since(since) for one in page]
    expected = {str(number) for number in ids if world.shop.truth.orders[number].updated_at >= since}
    assert {one.key.object_id for one in found} == expected and len(found) == len(expected) > 70
    assert [one.updated_at for one in found] == sorted(one.updated_at for one in found)
    assert json.loads(found[-1].body)["order"]["status"] == "trash"


async def test_snapshots_arrive_at_customers_that_exist(world: World) -> None:
    ada = world.shop.register_customer("ada@example.test", "Ada", "Example")
    body = json.dumps({"version": [1, 5], "name": "Ada & Söhne"})
    pushes = [SnapshotPush(str(ada.id), body, (1, 5)), SnapshotPush("999", body, (1, 5))]
    results = await world.client.push_snapshots(pushes)
    assert [result.state for result in results] == [PushState.ACCEPTED, PushState.GONE]
    shown = world.shop.snapshot_of(ada)
    assert shown is not None and json.loads(shown) == json.loads(body)


async def test_what_we_wrote_about_customers_is_removed_and_nothing_else(world: World) -> None:
    ada = world.shop.register_customer("ada@example.test", "Ada", "Example")
    ben = world.shop.register_customer("ben@example.test", "Ben", "Example")
    ada.meta["other"] = "stays"
    await world.client.push_snapshots([SnapshotPush(str(one.id), "{}", (1, 5)) for one in (ada, ben)])
    results = await world.client.remove_snapshots([str(ada.id), "999", "no id"])
    assert [result.state for result in results] == [PushState.ACCEPTED, PushState.GONE, PushState.GONE]
    assert (world.shop.snapshot_of(ada), ada.meta) == (None, {"other": "stays"})
    assert world.shop.snapshot_of(ben) == "{}"
    [again] = await world.client.remove_snapshots([str(ada.id)])
    assert again.state is PushState.ACCEPTED


@pytest.mark.parametrize("topic", TOPICS)
async def test_one_webhook_that_a_shop_lost_is_put_back_and_no_other_touched(world: World, topic: str) -> None:
    await world.client.ensure_webhooks(HOOKS)
    kept = world.shop.hooks.webhooks
    [lost] = [number for number, webhook in kept.items() if webhook.topic == topic]
    del kept[lost]
    others = dict(kept)
    assert await world.client.ensure_webhooks(HOOKS) == [f"created the webhook for {topic}"]
    [made] = [webhook for number, webhook in kept.items() if number not in others]
    assert (made.topic, made.delivery_url, made.status) == (topic, f"{HOOKS}/{topic}", "active")
    assert {number: kept[number] for number in others} == others
    assert await world.client.ensure_webhooks(HOOKS) == []


async def test_webhooks_are_made_once_and_what_they_send_is_believed(world: World) -> None:
    received = [found async for found in deliveries(world)]
    assert {"order.created", "order.updated", "order.deleted", "customer.created"} <= {
        topic for topic, _, _ in received
    }
    for topic, headers, raw in received:
        PLATFORM.check_delivery(headers, raw, topic, CONNECTION, [WEBHOOK_SECRET, b"rotated-out"])
        found = PLATFORM.object_key(topic, raw)
        assert found is not None and found.kind == topic.split(".")[0]


async def deliveries(world: World) -> AsyncIterator[tuple[str, Headers, bytes]]:
    """What the shop sends for a customer, an order and its end, pings left out: (topic of our URL, headers, body)."""
    got: list[httpx.Request] = []

    async def take(request: httpx.Request) -> httpx.Response:
        got.append(request)
        return httpx.Response(200)

    world.shop.courier.http = httpx.AsyncClient(transport=httpx.MockTransport(take))
    assert len(await world.client.ensure_webhooks(HOOKS)) == len(TOPICS)
    assert await world.client.ensure_webhooks(HOOKS) == []
    await world.shop.courier.drain()
    ada = world.shop.register_customer("ada@example.test", "Ada", "Example")
    order_id = world.place(ada.id)
    await world.shop.courier.drain()
    world.shop.trash(order_id)
    await world.shop.courier.drain()
    for request in got:
        topic = request.url.path.rpartition("/")[2]
        headers = Headers(tuple((name.lower(), value) for name, value in request.headers.raw))
        if not PLATFORM.is_ping(headers, request.content):
            yield topic, headers, request.content


def test_credentials_of_the_fixture_are_the_shops() -> None:
    assert CREDENTIALS == Credentials((WEBHOOK_SECRET,), dict(CREDENTIALS.api))
    assert set(SimulatedWooCommerce().keys) == {CREDENTIALS.api["consumer_key"]}


async def test_the_programme_is_handed_to_the_plugin(world: World) -> None:
    body = '{"schema":1,"name":"Circle ☕"}'
    assert (await world.client.push_programme(body)).state is PushState.ACCEPTED
    assert world.shop.programme == body


async def test_products_are_read_with_categories_and_tags(world: World) -> None:
    beans, _, grinder = (str(number) for number in list(world.shop.truth.products)[:3])
    found = await world.client.read_products([grinder, beans, "9999", "no number"])
    assert sorted(found, key=lambda product: int(product.product_id)) == [
        Product(beans, categories=("coffee",), tags=("fair-trade",)),
        Product(grinder, categories=("gear",)),
    ]


async def test_prices_are_read_where_they_are_asked_for_of_variations_too(world: World) -> None:
    beans, mug, bottle = (str(number) for number in (list(world.shop.truth.products)[at] for at in (0, 3, 7)))
    size = str(world.shop.truth.products[int(bottle)].variant_id)
    asked = [beans, mug, bottle]
    found = {one.product_id: one.prices for one in await world.client.read_products(asked, with_prices=True)}
    assert found == {
        beans: {beans: Price("EUR", 2490)},
        mug: {mug: Price("EUR", 1995, 1495)},
        bottle: {size: Price("EUR", 3990, 3450)},
    }
    assert [one.prices for one in await world.client.read_products([mug])] == [{}]


async def test_many_products_are_read_in_several_questions(world: World) -> None:
    products = [str(number) for number in world.shop.truth.products]
    asked = [*(str(number) for number in range(1000, 1120)), *products]
    assert {product.product_id for product in await world.client.read_products(asked)} == set(products)
    assert await world.client.read_products([]) == []


async def test_slugs_are_told_as_people_read_them(world: World) -> None:
    number, product = next(iter(world.shop.truth.products.items()))
    product.category, product.tags = "%d1%87%d0%b0%d0%b9", ()
    assert await world.client.read_products([str(number)]) == [Product(str(number), categories=("чай",))]


async def told_history(world: World, since: datetime | None, cursor: str | None = None) -> list[HistoryPage]:
    return [page async for page in world.client.order_history(since, cursor)]


def numbers_of(pages: Sequence[HistoryPage]) -> list[int]:
    return [int(order.key.object_id) for page in pages for order in page.orders]


async def test_history_is_read_whole_oldest_first_and_goes_on_after_any_page(world: World) -> None:
    begin, placed = world.time.now(), []
    for _ in range(260):
        world.time.at += SECONDS
        placed.append(world.place())
    pages = await told_history(world, None)
    assert numbers_of(pages) == placed and len(pages) > 2
    lefts = [260 - len(numbers_of(pages[: number + 1])) for number in range(len(pages))]
    assert [page.left for page in pages] == lefts
    for number, page in enumerate(pages):
        rest = await told_history(world, None, page.cursor)
        assert numbers_of(rest) == placed[len(numbers_of(pages[: number + 1])) :]
    after = begin + timedelta(seconds=100 * SECONDS)
    assert numbers_of(await told_history(world, after)) == placed[99:]


async def test_orders_that_come_and_go_while_history_is_read_shift_no_other(world: World) -> None:
    placed = []
    for _ in range(220):
        world.time.at += SECONDS
        placed.append(world.place())
    seen: list[int] = []
    async for page in world.client.order_history(None, None):
        if not seen:
            world.shop.delete(placed[3])
            world.shop.delete(placed[180])
            world.time.at += SECONDS
            placed.append(world.place())
        seen += numbers_of([page])
    assert seen == [number for number in placed if number != placed[180]]


async def test_history_of_one_full_second_is_read_whole_and_can_be_gone_on_with(world: World) -> None:
    placed = sorted(world.place() for _ in range(530))
    world.time.at += 5
    placed.append(world.place())
    pages = await told_history(world, None)
    assert sorted(numbers_of(pages)) == placed and pages[-1].orders[-1].key.object_id == str(placed[-1])
    for number, page in list(enumerate(pages))[2::2]:
        rest = numbers_of(await told_history(world, None, page.cursor))
        assert sorted(numbers_of(pages[: number + 1]) + rest) == placed


async def test_a_place_that_no_reading_gave_is_refused(world: World) -> None:
    with pytest.raises(Permanent, match="no place in the shop's orders"):
        await told_history(world, None, "page 4")
