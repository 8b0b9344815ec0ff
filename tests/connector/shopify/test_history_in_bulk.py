"""A long history is read by a bulk operation: the same orders as by pages, whatever breaks on the way."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from connector.api_client import ApiClient
from connector.errors import MissingScope, Transient
from connector.platforms import FETCHED_ORDER, Connection, Credentials, Fetched, HistoryPage, Normaliser
from connector.registry import PLATFORMS
from connector.sandbox.shop import Basket
from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.shopify.bulk import ACCESS, AT_ONCE, INTERNAL, RESULTS
from connector.shopify import history
from connector.shopify.client import SCOPES, ShopifyClient
from connector.shopify.history import LACKING_ORDERS, PAGE_ORDERS, TRIES_MAX
from tests.connector.calls import FakeTime

HOME = "https://demo.myshopify.com"
CONNECTION = Connection(1, "8f14e45f-ceea-4e7e-9c0f-1f2e3d4c5b6a", 1, "shopify", "demo.myshopify.com", HOME)


@dataclass
class World:
    """A shop with many orders, its time, and clients as one process after the other makes them."""

    scopes: tuple[str, ...] = (*SCOPES, "read_all_orders")
    time: FakeTime = field(default_factory=FakeTime)
    asked: list[httpx.Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shop = SimulatedShopify(now=self.time.now, scopes=self.scopes)
        self.inside = httpx.AsyncClient(transport=httpx.ASGITransport(self.shop.app, raise_app_exceptions=False))

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return await self.inside.send(
            self.inside.build_request(request.method, request.url, headers=request.headers, content=request.content),
            stream=True,
        )

    def client(self) -> ShopifyClient:
        api = ApiClient(
            httpx.AsyncClient(transport=httpx.MockTransport(self.answer)), sleep=self.time.sleep, now=self.time.now
        )
        secrets = {"client_id": self.shop.client_id, "client_secret": self.shop.client_secret}
        return ShopifyClient(CONNECTION, Credentials((), secrets), api, seconds=self.time.seconds)

    def place(self, lines: int = 1, **how: Any) -> int:
        self.time.at += 1
        products = list(self.shop.truth.products)
        items = [(products[number % len(products)], 2) for number in range(lines)]
        return self.shop.place_order(None, Basket(items, shipping_minor=490, **how), "guest@example.test").id

    def place_some(self, count: int) -> list[int]:
        return [self.place() for _ in range(count)]

    @property
    def operations(self) -> int:
        return len(self.shop.bulk.operations)

    @property
    def downloads(self) -> list[httpx.Request]:
        return [request for request in self.asked if request.url.path.startswith(RESULTS)]

    async def pages(self, cursor: str | None = None) -> list[HistoryPage]:
        return [page async for page in self.client().order_history(None, cursor)]

    async def read(self, cursor: str | None = None) -> list[Fetched]:
        return [order for page in await self.pages(cursor) for order in page.orders]


@pytest.fixture(autouse=True)
def one_order_is_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "BULK_FROM", 1)


def ids(orders: list[Fetched]) -> list[int]:
    return [int(order.key.object_id) for order in orders]


def told(order: Fetched) -> Any:
    """What a body says, the marks of paging aside."""
    body = json.loads(order.body)
    for name in ("lineItems", "shippingLines"):
        assert body[name].pop("pageInfo")["hasNextPage"] is False
    return body


async def test_in_bulk_every_order_reads_as_by_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    bare, long, refunded, cut = world.place(), world.place(130), world.place(3), world.place(2, coupon="TEN")
    world.place(1, presentment=("USD", 110, 100), tags=("gift",), country="CH")
    world.place(1, paid=False)
    world.shop.refund_all(refunded)
    world.shop.complete(bare)
    world.shop.cancel(cut)
    in_bulk = await world.read()
    monkeypatch.setattr(history, "BULK_FROM", 1000)
    by_pages = await world.read()
    assert world.operations == 1
    assert ids(in_bulk) == ids(by_pages) and long in ids(in_bulk)
    wanted = {order.key: (told(order), order.updated_at) for order in by_pages}
    assert {order.key: (told(order), order.updated_at) for order in in_bulk} == wanted
    normaliser = Normaliser(CONNECTION, lambda text: "hash")
    states = [
        {order.key: PLATFORMS["shopify"].normalise(FETCHED_ORDER, order.body, normaliser) for order in orders}
        for orders in (by_pages, in_bulk)
    ]
    assert states[0] == states[1]


async def test_a_short_history_is_read_by_pages_and_starts_no_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "BULK_FROM", 10)
    world = World()
    placed = world.place_some(9)
    assert ids(await world.read()) == placed
    assert world.operations == 0
    world.place()
    assert len(await world.read()) == 10
    assert world.operations == 1


async def test_what_bulk_says_counts_as_read_when_it_was_started() -> None:
    world = World()
    world.place()
    started = world.time.now()
    [order] = await world.read()
    assert order.read_started_at == started < world.time.now()


async def test_only_orders_since_a_moment_are_read() -> None:
    world = World()
    before = world.place_some(5)
    since = world.time.now()
    later = world.place_some(3)
    found = [page async for page in world.client().order_history(since, None)]
    assert ids([order for page in found for order in page.orders]) == [*before[-1:], *later]


async def test_orders_with_refunds_are_read_many_at_a_time() -> None:
    world = World()
    refunded = world.place_some(60)
    for order_id in refunded:
        world.shop.refund_all(order_id)
    world.asked.clear()
    pages = [ids(list(page.orders)) for page in await world.pages() if page.orders]
    assert pages == [refunded[:LACKING_ORDERS], refunded[LACKING_ORDERS:]]
    questions = [request for request in world.asked if b"OrdersChanged" in request.content]
    assert len(questions) == 2 and not any(b"ReadOrder" in request.content for request in world.asked)


async def test_whoever_comes_after_a_crash_goes_on_with_the_same_operation_behind_the_last_page() -> None:
    world = World()
    placed = world.place_some(PAGE_ORDERS * 2 + 5)
    pages = world.client().order_history(None, None)
    async with aclosing(pages):
        first = [await anext(pages)]
        while not first[-1].orders:
            first.append(await anext(pages))
    world.asked.clear()
    rest = await world.read(first[-1].cursor)
    assert ids([order for page in first for order in page.orders]) + ids(rest) == placed
    assert world.operations == 1
    [download] = world.downloads
    assert download.headers["range"].startswith("bytes=")


async def test_whoever_dies_while_shopify_is_at_work_leaves_the_operation_to_the_next() -> None:
    world = World()
    placed = world.place_some(3)
    pages = world.client().order_history(None, None)
    async with aclosing(pages):
        begun = await anext(pages)
    assert (list(begun.orders), world.operations) == ([], 1)
    assert ids(await world.read(begun.cursor)) == placed
    assert world.operations == 1


async def test_a_server_that_knows_no_ranges_gives_no_order_twice() -> None:
    world = World()
    placed = world.place_some(PAGE_ORDERS + 3)
    pages = await world.pages()
    [cursor] = [page.cursor for page in pages if len(page.orders) == PAGE_ORDERS]
    before = world.answer

    async def without_ranges(request: httpx.Request) -> httpx.Response:
        request.headers.pop("range", None)
        return await before(request)

    world.answer = without_ranges  # type: ignore[method-assign]
    assert ids(await world.read(cursor)) == placed[PAGE_ORDERS:]


async def test_a_result_that_breaks_off_is_read_on_from_there() -> None:
    world = World()
    placed = world.place_some(PAGE_ORDERS + 50)
    size = json.loads((await world.pages())[-1].cursor)["offset"]
    world.asked.clear()
    world.shop.bulk.cut_after = size - 1000
    assert ids(await world.read()) == placed
    first, second = world.downloads
    assert "range" not in first.headers and second.headers["range"].startswith("bytes=")


async def test_a_result_that_breaks_off_before_anything_was_read_is_left_for_later() -> None:
    world = World()
    placed = world.place_some(PAGE_ORDERS + 50)
    world.shop.bulk.cut_after = 1000
    got: list[HistoryPage] = []
    with pytest.raises(Transient, match="cannot be reached|broke off"):
        async for page in world.client().order_history(None, None):
            got.append(page)
    assert not any(page.orders for page in got)
    assert ids(await world.read(got[-1].cursor)) == placed
    assert world.operations == 1


async def test_an_expired_result_is_asked_for_anew() -> None:
    world = World()
    placed = world.place_some(PAGE_ORDERS + 3)
    pages = await world.pages()
    [cursor] = [page.cursor for page in pages if len(page.orders) == PAGE_ORDERS]
    world.time.at += 7 * 86_400
    again = await world.pages(cursor)
    assert ids([order for page in again for order in page.orders]) == placed
    assert world.operations == 2
    # The new operation stands in the cursor before anything of it is read.
    assert not again[1].orders and json.loads(again[1].cursor)["bulk"] != json.loads(cursor)["bulk"]


async def test_an_address_that_ends_while_it_is_used_is_asked_for_anew() -> None:
    world = World()
    placed = world.place_some(4)
    operations = world.shop.bulk.operations
    before = world.answer

    async def too_late(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith(RESULTS) and len(operations) == 1:
            return httpx.Response(400, content=b"<Error><Code>ExpiredToken</Code></Error>")
        return await before(request)

    world.answer = too_late  # type: ignore[method-assign]
    assert ids(await world.read()) == placed
    assert len(operations) == 2


async def test_a_failed_operation_is_tried_again_and_its_part_is_not_believed() -> None:
    world = World()
    placed = world.place_some(6)
    world.shop.bulk.fail_next(INTERNAL, 4)
    assert ids(await world.read()) == placed
    assert world.operations == 2


async def test_where_operations_fail_again_and_again_the_pages_are_read() -> None:
    world = World()
    placed = world.place_some(6)
    for _ in range(TRIES_MAX):
        world.shop.bulk.fail_next(INTERNAL, 1)
    assert ids(await world.read()) == placed
    assert world.operations == TRIES_MAX


async def test_what_is_denied_is_not_asked_for_again_and_the_pages_say_what_is_missing() -> None:
    world = World(scopes=tuple(scope for scope in SCOPES if scope != "read_products"))
    world.place_some(3)
    with pytest.raises(MissingScope, match="read_products"):
        await world.read()
    assert [operation.fails for operation in world.shop.bulk.operations.values()] == [ACCESS]


async def test_where_shopify_runs_no_more_operations_the_pages_are_read() -> None:
    world = World()
    placed = world.place_some(6)
    for _ in range(AT_ONCE):
        await anext(world.client().order_history(None, None))
    assert ids(await world.read()) == placed
    assert world.operations == AT_ONCE


async def test_an_operation_that_somebody_cancels_is_started_again() -> None:
    world = World()
    placed = world.place_some(3)
    pages = world.client().order_history(None, None)
    begun = await anext(pages)
    [operation] = world.shop.bulk.operations.values()
    operation.canceled_at = world.time.now()
    rest = [page async for page in pages]
    assert ids([order for page in (begun, *rest) for order in page.orders]) == placed
    assert world.operations == 2


async def test_how_many_are_left_is_said_with_every_page() -> None:
    world = World()
    world.place_some(PAGE_ORDERS * 2 + 5)
    pages = await world.pages()
    assert {page.left for page in pages if not page.orders} == {PAGE_ORDERS * 2 + 5}
    assert [page.left for page in pages if page.orders] == [PAGE_ORDERS + 5, 5, 0]


async def test_no_token_goes_to_where_the_result_lies() -> None:
    world = World()
    world.place()
    await world.read()
    [download] = world.downloads
    assert "x-shopify-access-token" not in download.headers
    assert download.headers["accept-encoding"] == "identity"


async def test_memory_stays_flat_over_ten_thousand_orders() -> None:
    world = World()
    world.place_some(200)
    pages = world.client().order_history(None, None)
    await anext(pages)
    [operation] = world.shop.bulk.operations.values()
    world.time.at += 5
    assert world.shop.bulk.status(operation) == "COMPLETED"
    ours, copies = bytes(operation.result), 50
    # The same orders again and again, each time with ids of their own.
    operation.result = bytearray(
        b"".join(ours.replace(b"gid://shopify/Order/9", b"gid://shopify/Order/%d9" % at) for at in range(1, copies + 1))
    )
    operation.roots *= copies
    before = world.answer

    async def in_parts(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=parts()) if request.url.path.startswith(RESULTS) else await before(request)

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(operation.result), 65_536):
            yield bytes(operation.result[start : start + 65_536])

    world.answer = in_parts  # type: ignore[method-assign]
    seen = set[str]()
    tracemalloc.start()
    try:
        async for page in pages:
            seen.update(order.key.object_id for order in page.orders)
            if len(seen) == PAGE_ORDERS * 10:
                # Our own set of ids and the pool of connections are made by now.
                tracemalloc.reset_peak()
                held, _ = tracemalloc.get_traced_memory()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (len(seen), len(operation.result) > 15_000_000) == (200 * copies, True)
    assert peak - held < 3_000_000
