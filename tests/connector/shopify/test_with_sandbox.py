"""Our Shopify side against the simulated shop: both were written apart, from the same documents."""

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
from connector.sandbox.shopify import SimulatedShopify
from connector.shopify.client import SCOPES, ShopifyClient
from connector.shopify.subscriptions import TOPICS
from connector.stores_show import TierTag
from loyalty_engine.facts import OrderState, Price, Product
from tests.connector.calls import FakeTime

PLATFORM = PLATFORMS["shopify"]
CONNECTION = Connection(
    1, "8f14e45f-ceea-4e7e-9c0f-1f2e3d4c5b6a", 1, "shopify", "demo.myshopify.com", "https://demo.myshopify.com"
)
HOOKS = f"https://belong.example/hooks/shopify/{CONNECTION.public_id}"
SECONDS = 7
"""Between two orders of a history."""


@dataclass(slots=True)
class World:
    """One simulated shop, our client for it, and the time that both live in."""

    shop: SimulatedShopify
    client: ShopifyClient
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


def make_world(*, scopes: tuple[str, ...] = SCOPES, token: bool = False) -> World:
    time = FakeTime()
    shop = SimulatedShopify(now=time.now, scopes=scopes)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(shop.app))
    secrets = (
        {"access_token": shop.issue_token()}
        if token
        else {"client_id": shop.client_id, "client_secret": shop.client_secret}
    )
    api = ApiClient(http, sleep=time.sleep, now=time.now)
    credentials = Credentials((shop.client_secret.encode(),), secrets)
    return World(shop, ShopifyClient(CONNECTION, credentials, api, seconds=time.seconds), time)


@pytest.fixture
def world() -> World:
    return make_world()


async def test_checking_finds_the_shop_and_what_it_does_not_grant(world: World) -> None:
    assert await world.client.check() == world.shop.name
    assert await make_world(token=True).client.check() == world.shop.name
    with pytest.raises(ConfigProblem, match="write_customers"):
        await make_world(scopes=("read_orders", "read_products", "read_customers")).client.check()


async def test_a_token_that_ran_out_is_renewed(world: World) -> None:
    await world.client.check()
    world.time.at += 86400
    await world.client.check()
    tokens = world.shop.grants.tokens
    tokens.clear()
    await world.client.check()
    assert len(tokens) == 1


async def test_an_order_and_its_refund_read_as_the_shop_has_them(world: World) -> None:
    order_id = world.place()
    before = await world.fetched(order_id)
    order = world.shop.truth.orders[order_id]
    assert before.order_id == str(order_id)
    assert before.total_minor == order.total_minor
    world.shop.refund_all(order_id)
    after = await world.fetched(order_id)
    assert sum(refund.amount_minor for refund in after.refunds) == order.refunded_minor
    assert await world.client.read_order("123") is None


async def test_long_orders_come_back_whole(world: World) -> None:
    products = list(world.shop.truth.products)
    items = [(products[number % len(products)], 1) for number in range(260)]
    order_id = world.shop.place_order(None, Basket(items), "guest@example.test").id
    assert len((await world.fetched(order_id)).lines) == 260
    for _ in range(30):
        world.time.at += 1
        world.shop.refund_amount(order_id, 100)
    assert len((await world.fetched(order_id)).refunds) == 30


async def test_all_changes_since_a_moment_are_found_in_order(world: World) -> None:
    ids = []
    for _ in range(120):
        world.time.at += 1
        ids.append(world.place())
    since = world.time.now() - timedelta(seconds=79)
    found = [one async for page in world.client.orders_changed_since(since) for one in page]
    assert [int(one.key.object_id) for one in found] == ids[40:]
    assert [one.updated_at for one in found] == sorted(one.updated_at for one in found)


@pytest.mark.parametrize("extra", [(), ("read_all_orders",)])
async def test_old_orders_are_shown_only_to_apps_that_may_read_all(extra: tuple[str, ...]) -> None:
    world = make_world(scopes=(*SCOPES, *extra))
    old = world.place()
    world.time.at += 3600 * 24 * 61
    new = world.place()
    since = world.time.now() - timedelta(days=90)
    listed = {int(one.key.object_id) async for page in world.client.orders_changed_since(since) for one in page}
    assert listed == ({old, new} if extra else {new})
    assert (await world.client.read_order(str(old)) is not None) == bool(extra)
    assert (await world.client.orders_visible_since() is None) == bool(extra)


def push(customer: int, counter: int, previous: str | None = None) -> SnapshotPush:
    return SnapshotPush(str(customer), json.dumps({"version": [1, counter]}), (1, counter), previous)


async def test_snapshots_arrive_and_newer_ones_stay(world: World) -> None:
    ada = world.shop.register_customer("ada@example.test", "Ada", "Example")
    [first, gone] = await world.client.push_snapshots([push(ada.id, 5), push(77, 5)])
    assert (first.state, gone.state) == (PushState.ACCEPTED, PushState.GONE)
    assert world.shop.snapshot_of(ada) == push(ada.id, 5).body
    [second] = await world.client.push_snapshots([push(ada.id, 6, first.token)])
    assert second.state is PushState.ACCEPTED
    [stale] = await world.client.push_snapshots([push(ada.id, 4, first.token)])
    assert stale.state is PushState.OBSOLETE
    assert world.shop.snapshot_of(ada) == push(ada.id, 6).body
    [repeated] = await world.client.push_snapshots([push(ada.id, 7, first.token)])
    assert repeated.state is PushState.ACCEPTED


TIERS = frozenset({"loyalty:gold", "loyalty:silver"})


async def test_a_tier_is_a_tag_and_the_merchants_own_tags_stay(world: World) -> None:
    ada = world.shop.register_customer("ada@example.test", "Ada", "Example")
    own = ["VIP", "gold", "loyalty:friend"]
    ada.tags += own

    async def pushed(wanted: str | None, counter: int) -> list[str]:
        wish = replace(push(ada.id, counter), tag=TierTag(wanted, TIERS))
        [result] = await world.client.push_snapshots([wish])
        assert result.state is PushState.ACCEPTED and result.token
        return [tag for tag in ada.tags if tag not in own]

    assert await pushed("loyalty:silver", 1) == ["loyalty:silver"]
    assert await pushed("loyalty:silver", 2) == ["loyalty:silver"]
    assert await pushed("loyalty:gold", 3) == ["loyalty:gold"]
    ada.tags[-1] = "Loyalty:Gold"
    assert await pushed("loyalty:gold", 4) == ["Loyalty:Gold"], "Shopify takes the two for one"
    assert await pushed(None, 5) == []
    assert ada.tags == own
    await world.client.push_snapshots([push(ada.id, 6)])
    assert ada.tags == own


async def test_a_tag_that_shopify_refuses_is_told_and_the_snapshot_stands(world: World) -> None:
    ada = world.shop.register_customer("ada@example.test", "Ada", "Example")
    ben = world.shop.register_customer("ben@example.test", "Ben", "Example")
    ada.tags += [f"tag {number}" for number in range(250)]
    wishes = [replace(push(one, 1), tag=TierTag("loyalty:gold", TIERS)) for one in (ada.id, ben.id, 77)]
    refused, taken, gone = await world.client.push_snapshots(wishes)
    assert (refused.state, taken.state, gone.state) == (PushState.REFUSED, PushState.ACCEPTED, PushState.GONE)
    assert "250" in refused.reason and len(ada.tags) == 250 and ben.tags == ["loyalty:gold"]
    assert world.shop.snapshot_of(ada) == push(ada.id, 1).body
    ada.tags.pop()
    [again] = await world.client.push_snapshots([wishes[0]])
    assert again.state is PushState.ACCEPTED and ada.tags[-1] == "loyalty:gold"


async def test_of_an_erased_customer_our_tags_go_with_our_snapshot(world: World) -> None:
    ada = world.shop.register_customer("ada@example.test", "Ada", "Example")
    ada.tags += ["VIP", "loyalty:gold"]
    await world.client.push_snapshots([push(ada.id, 5)])
    results = await world.client.remove_snapshots([str(ada.id), "77"], TIERS)
    assert [result.state for result in results] == [PushState.ACCEPTED, PushState.GONE]
    assert ada.tags == ["VIP"] and world.shop.snapshot_of(ada) is None


async def test_what_we_wrote_about_customers_is_deleted_and_nothing_else(world: World) -> None:
    ada = world.shop.register_customer("ada@example.test", "Ada", "Example")
    ben = world.shop.register_customer("ben@example.test", "Ben", "Example")
    eve = world.shop.register_customer("eve@example.test", "Eve", "Example")
    await world.client.push_snapshots([push(ada.id, 5), push(ben.id, 5)])
    results = await world.client.remove_snapshots([str(ada.id), "77", "no id", str(eve.id)])
    states = [PushState.ACCEPTED, PushState.GONE, PushState.GONE, PushState.ACCEPTED]
    assert [result.state for result in results] == states
    assert world.shop.snapshot_of(ada) is None
    assert world.shop.snapshot_of(ben) == push(ben.id, 5).body
    [again] = await world.client.remove_snapshots([str(ada.id)])
    assert again.state is PushState.ACCEPTED


async def test_two_hundred_batches_are_sent_at_the_pace_of_the_bucket(world: World) -> None:
    people = [world.shop.register_customer(f"p{number}@example.test", "P", "Example") for number in range(25)]
    for counter in range(1, 201):
        results = await world.client.push_snapshots([push(person.id, counter) for person in people])
        assert {result.state for result in results} == {PushState.ACCEPTED}
    assert sum(world.time.slept) > 0


async def test_webhooks_that_a_shop_lost_are_put_back_and_no_others_touched(world: World) -> None:
    await world.client.ensure_webhooks(HOOKS)
    kept = world.shop.hooks.subscriptions
    lost = {number for number, one in kept.items() if one.topic in ("ORDERS_UPDATED", "orders/updated")}
    assert len(lost) == 1
    for number in lost:
        del kept[number]
    others = set(kept)
    assert await world.client.ensure_webhooks(HOOKS) == ["created the webhook for orders/updated"]
    assert others < set(world.shop.hooks.subscriptions)
    assert len(world.shop.hooks.subscriptions) == len(TOPICS)
    assert await world.client.ensure_webhooks(HOOKS) == []


async def test_webhooks_are_made_once_and_what_they_send_is_believed(world: World) -> None:
    assert len(await world.client.ensure_webhooks(HOOKS)) == len(TOPICS)
    assert await world.client.ensure_webhooks(HOOKS) == []
    received = [found async for found in deliveries(world)]
    topics = {topic for topic, _, _ in received}
    assert {"orders/create", "orders/updated", "refunds/create", "customers/create"} <= topics
    keys = [PLATFORM.delivery_key(headers, raw, topic) for topic, headers, raw in received]
    assert len(set(keys)) == len(keys)
    for topic, headers, raw in received:
        PLATFORM.check_delivery(headers, raw, topic, CONNECTION, [b"rotated-in", world.shop.client_secret.encode()])
        found = PLATFORM.object_key(topic, raw)
        assert found is not None and found.kind == ("customer" if topic.startswith("customers") else "order")


async def deliveries(world: World) -> AsyncIterator[tuple[str, Headers, bytes]]:
    """What the shop sends for a customer, an order and a refund: (topic of our URL, headers, body)."""
    got: list[httpx.Request] = []

    async def take(request: httpx.Request) -> httpx.Response:
        got.append(request)
        return httpx.Response(200)

    world.shop.courier.http = httpx.AsyncClient(transport=httpx.MockTransport(take))
    ada = world.shop.register_customer("ada@example.test", "Ada", "Example")
    world.shop.refund_all(world.place(ada.id))
    await world.shop.courier.drain()
    for request in got:
        topic = request.url.path.split(CONNECTION.public_id + "/", 1)[1]
        yield topic, Headers(tuple((name.lower(), value) for name, value in request.headers.raw)), request.content


async def test_the_programme_becomes_a_metafield_of_the_shop_and_the_newest_stays(world: World) -> None:
    for body in ('{"schema":1,"version":[1,1]}', '{"schema":1,"version":[1,2]}'):
        assert (await world.client.push_programme(body)).state is PushState.ACCEPTED
        assert world.shop.programme == body
    refused = await world.client.push_programme("not JSON")
    assert (refused.state, world.shop.programme) == (PushState.REFUSED, '{"schema":1,"version":[1,2]}')


async def test_products_are_read_with_collections_tags_and_category(world: World) -> None:
    beans, _, grinder = (str(number) for number in list(world.shop.truth.products)[:3])
    found = await world.client.read_products([grinder, beans, "123", "no number"])
    assert sorted(found, key=lambda product: product.product_id) == [
        Product(beans, ("1", "bestsellers"), ("Coffee", "sb-coffee"), ("fair-trade",)),
        Product(grinder, ("1", "2", "bestsellers", "gifts"), ("Gear", "sb-gear")),
    ]


async def test_prices_are_read_where_they_are_asked_for(world: World) -> None:
    beans, mug = (str(number) for number in list(world.shop.truth.products)[0:4:3])
    variants = {str(one.id): str(one.variant_id) for one in world.shop.truth.products.values()}
    found = {one.product_id: one.prices for one in await world.client.read_products([beans, mug], with_prices=True)}
    assert found == {
        beans: {variants[beans]: Price("EUR", 2490)},
        mug: {variants[mug]: Price("EUR", 1995, 1495)},
    }
    assert [one.prices for one in await world.client.read_products([mug])] == [{}]


async def test_many_products_are_read_in_several_questions(world: World) -> None:
    products = [str(number) for number in world.shop.truth.products]
    asked = [*(str(number) for number in range(1, 120)), *products]
    assert {product.product_id for product in await world.client.read_products(asked)} == set(products)
    assert await world.client.read_products([]) == []


async def test_products_need_their_own_scope() -> None:
    world = make_world(scopes=("read_orders", "read_customers", "write_customers", "write_discounts"))
    with pytest.raises(ConfigProblem, match="read_products"):
        await world.client.read_products([str(next(iter(world.shop.truth.products)))])


async def told_history(world: World, since: datetime | None, cursor: str | None = None) -> list[HistoryPage]:
    return [page async for page in world.client.order_history(since, cursor)]


def numbers_of(pages: Sequence[HistoryPage]) -> list[int]:
    return [int(order.key.object_id) for page in pages for order in page.orders]


async def test_history_is_read_whole_oldest_first_and_goes_on_after_any_page(world: World) -> None:
    begin, placed = world.time.now(), []
    for _ in range(130):
        world.time.at += SECONDS
        placed.append(world.place())
    pages = await told_history(world, None)
    assert numbers_of(pages) == placed and len(pages) > 2
    lefts = [130 - len(numbers_of(pages[: number + 1])) for number in range(len(pages))]
    assert [page.left for page in pages] == lefts
    for number, page in enumerate(pages):
        rest = await told_history(world, None, page.cursor)
        assert numbers_of(rest) == placed[len(numbers_of(pages[: number + 1])) :]
    after = begin + timedelta(seconds=60 * SECONDS)
    assert numbers_of(await told_history(world, after)) == placed[59:]


async def test_orders_that_come_and_go_while_history_is_read_shift_no_other(world: World) -> None:
    placed = []
    for _ in range(120):
        world.time.at += SECONDS
        placed.append(world.place())
    seen: list[int] = []
    async for page in world.client.order_history(None, None):
        if not seen:
            world.shop.delete(placed[3])
            world.shop.delete(placed[90])
            world.time.at += SECONDS
            placed.append(world.place())
        seen += numbers_of([page])
    assert seen == [number for number in placed if number != placed[90]]


async def test_history_of_one_full_second_is_read_whole_and_can_be_gone_on_with(world: World) -> None:
    placed = sorted(world.place() for _ in range(130))
    world.time.at += 5
    placed.append(world.place())
    pages = await told_history(world, None)
    assert sorted(numbers_of(pages)) == placed and pages[-1].orders[-1].key.object_id == str(placed[-1])
    for number, page in enumerate(pages):
        rest = numbers_of(await told_history(world, None, page.cursor))
        assert sorted(numbers_of(pages[: number + 1]) + rest) == placed


async def test_a_place_that_no_reading_gave_is_refused(world: World) -> None:
    with pytest.raises(Permanent, match="no place in the shop's orders"):
        await told_history(world, None, "page 4")


@pytest.mark.parametrize("granted", [(), ("read_all_orders",)])
async def test_history_shows_and_counts_what_the_app_may_see(granted: tuple[str, ...]) -> None:
    world = make_world(scopes=(*SCOPES, *granted))
    placed = [world.place()]
    world.time.at += timedelta(days=61).total_seconds()
    placed.append(world.place())
    [page] = await told_history(world, None)
    assert numbers_of([page]) == (placed if granted else placed[1:])
    assert page.left == 0
