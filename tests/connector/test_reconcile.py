"""Reading shops ourselves: bookmarks move when everything is safe, and nobody is gone unless the shop says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from connector.api_client import ApiClient
from connector.errors import ConfigProblem, ConnectorError, Permanent, Transient
from connector.ingest.inbox import Inbox
from connector.ingest.pipeline import drain
from connector.ingest.reconcile import (
    FULL_WINDOW,
    OVERLAP,
    Reconciler,
    ReconcileReport,
    read_wishes,
    reconcile,
    reconcile_all,
)
from connector.platforms import Connection, Fetched, ObjectKey
from connector.shops import Shops
from connector.storage.atomic import atomic
from connector.storage.connections import blocked_connections, load_bookmark, load_connections
from connector.storage.shards import object_shard
from connector.storage.work import wish_to_read
from tests.builders import KEYS, NOW, Shopfront, found_programme, shopfront
from tests.connector.memory_shop import MemoryPlatform, MemoryShop
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story

CHANGED = NOW - timedelta(hours=2)


@dataclass
class ReadableShop(MemoryShop):
    """pages: what a reading since any moment gives, page by page; an exception among them is raised there."""

    pages: list[list[Fetched] | Exception] = field(default_factory=list)
    orders: dict[str, Fetched | Exception | None] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    before_page: Callable[[], None] = lambda: None
    visible_since: datetime | None = None

    async def orders_changed_since(self, since: datetime) -> AsyncIterator[list[Fetched]]:
        self.asked.append(since)
        for page in self.pages:
            self.before_page()
            if isinstance(page, Exception):
                raise page
            yield page

    async def read_order(self, order_id: str) -> Fetched | None:
        self.asked.append(order_id)
        found = self.orders[order_id]
        if isinstance(found, Exception):
            raise found
        return found

    async def orders_visible_since(self) -> datetime | None:
        return self.visible_since


def order(
    number: int,
    net: int = 1000,
    updated_at: datetime = CHANGED,
    customer: int = 7,
    created_at: datetime | None = None,
) -> Fetched:
    story = Story((SoldLine(90001, 1, net),), order_id=number, customer=customer)
    body = woocommerce_bodies.fetched(story)
    if created_at is not None:
        told = msgspec.json.decode(body)
        told["order"]["date_created_gmt"] = created_at.strftime("%Y-%m-%dT%H:%M:%S")
        body = msgspec.json.encode(told)
    return Fetched(ObjectKey("order", str(number)), body, NOW, updated_at)


@dataclass
class Desk:
    front: Shopfront
    shop: ReadableShop
    other: ReadableShop
    reconciler: Reconciler

    async def bookmark(self) -> datetime | None:
        return await load_bookmark(self.front.database.reading(), self.front.connection.number)

    async def read(self, full: bool = False) -> ReconcileReport:
        report = await reconcile(self.reconciler, self.front.connection, full=full)
        await drain(self.front.pipeline)
        return report

    async def wish(self, order_id: str) -> None:
        number = self.front.connection.number
        wish = (object_shard(number, "order", order_id), number, order_id, self.front.programme, "a refund")
        await atomic(self.front.database, lambda session: wish_to_read(session, [wish], self.front.clock()))

    async def grant_wishes(self) -> int:
        tried = await read_wishes(self.reconciler)
        await drain(self.front.pipeline)
        return tried

    async def connections(self) -> dict[str, Connection]:
        found = await load_connections(self.front.database.reading())
        return {one.shop: one for one in found.values()}

    async def wishes(self) -> int:
        return await self.front.number("SELECT count(*) FROM read_wish")


@asynccontextmanager
async def opened_desk(url: str) -> AsyncIterator[Desk]:
    shops = {"shop.example": ReadableShop(), "b.example": ReadableShop()}
    platform = MemoryPlatform(dict(shops))
    async with shopfront(url, platforms={"woocommerce": platform}) as front:
        await atomic(front.database, lambda session: found_programme(session, "woocommerce", shop="b.example"))
        async with httpx.AsyncClient() as http:
            inbox = Inbox(front.database, KEYS, lambda: None)
            known = Shops(front.database, KEYS, {"woocommerce": platform}, ApiClient(http))
            reconciler = Reconciler(front.database, inbox, known, front.clock)
            yield Desk(front, shops["shop.example"], shops["b.example"], reconciler)
            await inbox.close()


@pytest.fixture
async def desk(prepared_database_url: str) -> AsyncIterator[Desk]:
    async with opened_desk(prepared_database_url) as found:
        yield found


async def test_what_was_read_becomes_points_and_the_bookmark_is_the_shops_newest_date(desk: Desk) -> None:
    desk.shop.pages = [[order(1)], [order(2, updated_at=CHANGED + timedelta(minutes=5))], [order(3)]]
    assert await desk.read() == ReconcileReport(read=3, asked=0)
    assert await desk.front.points_of("7") == 30
    assert await desk.bookmark() == CHANGED + timedelta(minutes=5)
    assert desk.shop.asked == [NOW - FULL_WINDOW]
    desk.shop.pages = []
    desk.front.clock.forward(hours=3)
    assert await desk.read() == ReconcileReport(read=0, asked=0)
    assert await desk.bookmark() == CHANGED + timedelta(minutes=5)
    assert desk.shop.asked[1] == CHANGED + timedelta(minutes=5) - OVERLAP


async def test_reading_the_same_again_posts_nothing(desk: Desk) -> None:
    desk.shop.pages = [[order(1), order(2)]]
    for _ in range(3):
        await desk.read()
        desk.front.clock.forward(minutes=15)
    assert [points for _, points, _ in await desk.front.entries()] == [10, 10]


async def test_a_bookmark_in_the_future_hides_nothing(desk: Desk) -> None:
    """Defect seen: one order dated by a wrong clock hid every later change until that date."""
    desk.shop.pages = [[order(1, updated_at=NOW + timedelta(days=9000))]]
    await desk.read()
    assert await desk.bookmark() == NOW


async def test_a_reading_that_breaks_off_moves_no_bookmark_and_loses_nothing_it_read(desk: Desk) -> None:
    desk.shop.pages = [[order(1)], Transient("the shop is busy")]
    with pytest.raises(Transient):
        await desk.read()
    await drain(desk.front.pipeline)
    assert (await desk.bookmark(), await desk.front.points_of("7")) == (None, 10)


async def test_what_could_not_be_stored_moves_no_bookmark(desk: Desk) -> None:
    async def fail(*_: Any, **__: Any) -> bool:
        raise Transient("the delivery could not be stored")

    class Failing(Inbox):
        keep = fail

    desk.reconciler.inbox = Failing(desk.front.database, KEYS, lambda: None)
    desk.shop.pages = [[order(1)]]
    with pytest.raises(Transient):
        await desk.read()
    assert (await desk.bookmark(), await desk.front.number("SELECT count(*) FROM delivery")) == (None, 0)


@pytest.mark.parametrize(
    ("error", "noted"),
    [(ConfigProblem("Renew the key."), ["Renew the key."]), (Transient("busy"), []), (ZeroDivisionError("ours"), [])],
)
async def test_one_shops_failure_keeps_no_other_waiting(desk: Desk, error: Exception, noted: list[str]) -> None:
    """Defect seen: an answer that no client foresaw stopped the reading of all shops."""
    desk.shop.pages = [error]
    desk.other.pages = [[order(5)]]
    results = list((await reconcile_all(desk.reconciler)).values())
    assert isinstance(results[0], ConnectorError) and results[1] == ReconcileReport(1, 0)
    problems = await blocked_connections(desk.front.database.reading())
    assert [sentence for sentence, _ in problems.values()] == noted


async def test_a_shop_that_hangs_keeps_no_other_waiting(desk: Desk) -> None:
    other_read, desk.other.pages = asyncio.Event(), [[order(5)]]
    desk.other.before_page = other_read.set

    async def hang(since: datetime) -> AsyncIterator[list[Fetched]]:
        async with asyncio.timeout(5):
            await other_read.wait()
        yield [order(6)]

    desk.shop.orders_changed_since = hang  # type: ignore[method-assign]
    assert list((await reconcile_all(desk.reconciler)).values()) == [ReconcileReport(1, 0)] * 2


async def test_a_cured_problem_is_forgotten_when_reading_works_and_nothing_waits_to_be_written(desk: Desk) -> None:
    """Defect seen: with nothing to push, the sentence stayed for ever."""
    desk.shop.pages = [ConfigProblem("Renew the key.")]
    await reconcile_all(desk.reconciler)
    assert len(await blocked_connections(desk.front.database.reading())) == 1
    desk.shop.pages = []
    await reconcile_all(desk.reconciler)
    assert await blocked_connections(desk.front.database.reading()) == {}
    desk.shop.pages = [[order(1)], ConfigProblem("Renew the key.")]
    await reconcile_all(desk.reconciler)
    await drain(desk.front.pipeline)
    desk.shop.pages = []
    await reconcile_all(desk.reconciler)
    assert len(await blocked_connections(desk.front.database.reading())) == 1


async def test_an_order_that_no_page_shows_is_gone_only_if_the_shop_denies_it_by_its_id(desk: Desk) -> None:
    desk.shop.pages = [[order(1), order(2), order(3)]]
    await desk.read()
    desk.front.clock.forward(hours=1)
    desk.shop.pages, desk.shop.orders = [[order(1)]], {"2": order(2), "3": None}
    assert await desk.read(full=True) == ReconcileReport(read=1, asked=2, found=1)
    assert sorted(desk.shop.asked[-2:]) == ["2", "3"]
    assert await desk.front.points_of("7") == 30
    assert await desk.grant_wishes() == 1
    assert await desk.front.points_of("7") == 20
    assert [kind for kind, _, ref in await desk.front.entries() if ref.endswith(":3")] == ["earn", "clawback"]
    desk.front.clock.forward(days=1)
    desk.shop.pages = [[order(1), order(2)]]
    assert await desk.read(full=True) == ReconcileReport(read=2, asked=0)


async def test_an_order_that_is_hidden_for_its_age_is_not_gone(desk: Desk) -> None:
    """Defect seen: a Shopify app without read_all_orders took the points of every order older than 60 days."""
    shown = NOW - timedelta(days=55)
    desk.shop.pages = [[order(1, created_at=shown - timedelta(seconds=1)), order(2, created_at=shown)]]
    await desk.read()
    desk.front.clock.forward(days=1)
    desk.shop.pages, desk.shop.orders, desk.shop.visible_since = [], {"1": None, "2": None}, shown
    assert await desk.read(full=True) == ReconcileReport(read=0, asked=1, found=1)
    await desk.wish("1")
    assert await desk.grant_wishes() == 2
    assert (await desk.wishes(), await desk.front.points_of("7")) == (0, 10)
    assert {ref.rpartition(":")[2] for kind, _, ref in await desk.front.entries() if kind == "clawback"} == {"2"}


async def test_a_deletion_that_an_old_snapshot_lifts_in_the_same_batch_is_confirmed_by_reading(desk: Desk) -> None:
    """Defect seen: the snapshot was older than the deletion, and the deleted order kept its points."""
    stale = woocommerce_bodies.webhook(Story((SoldLine(90001, 1, 1000),), order_id=1, customer=7))
    deletion = desk.front.delivery("order.deleted", b'{"id":1}')
    desk.front.clock.forward(seconds=1)
    await desk.front.keep(deletion, desk.front.delivery("order.updated", stale))
    await drain(desk.front.pipeline)
    assert (await desk.wishes(), await desk.front.points_of("7")) == (1, 10)
    desk.front.clock.forward(seconds=1)
    desk.shop.orders = {"1": None}
    assert await desk.grant_wishes() == 1
    assert (await desk.wishes(), await desk.front.points_of("7")) == (0, 0)


async def test_a_hidden_order_that_was_told_as_deleted_is_gone(desk: Desk) -> None:
    desk.shop.pages = [[order(1, created_at=NOW - timedelta(days=70))]]
    await desk.read()
    desk.front.clock.forward(hours=1)
    await desk.front.receive("order.deleted", b'{"id":1}')
    desk.shop.orders, desk.shop.visible_since = {"1": None}, NOW - timedelta(days=55)
    assert await desk.grant_wishes() == 1
    assert (await desk.wishes(), await desk.front.points_of("7")) == (0, 0)
    desk.shop.pages = []
    assert await desk.read(full=True) == ReconcileReport(read=0, asked=0)


async def test_changes_since_a_bookmark_are_no_proof_that_the_rest_is_gone(desk: Desk) -> None:
    desk.shop.pages = [[order(1), order(2)]]
    await desk.read()
    desk.shop.pages = [[]]
    assert await desk.read() == ReconcileReport(read=0, asked=0)
    assert await desk.front.points_of("7") == 20


async def test_a_wish_is_forgotten_once_its_order_is_safe(desk: Desk) -> None:
    desk.shop.orders = {"9": order(9)}
    await desk.wish("9")
    assert await read_wishes(desk.reconciler) == 1
    assert (await desk.wishes(), desk.shop.asked) == (0, ["9"])
    await drain(desk.front.pipeline)
    assert await desk.front.points_of("7") == 10
    assert await read_wishes(desk.reconciler) == 0


@pytest.mark.parametrize(
    "error", [Transient("busy"), ConfigProblem("Renew the key."), Permanent("odd"), KeyError("ours")]
)
async def test_a_wish_outlives_every_failure_and_is_tried_again_later_and_later(desk: Desk, error: Exception) -> None:
    desk.shop.orders = {"9": error, "8": order(8)}
    await desk.wish("9")
    await desk.wish("8")
    assert await read_wishes(desk.reconciler) == 2
    assert (await desk.wishes(), sorted(desk.shop.asked)) == (1, ["8", "9"])
    assert await read_wishes(desk.reconciler) == 0
    desk.front.clock.forward(seconds=5)
    assert await read_wishes(desk.reconciler) == 1
    desk.front.clock.forward(seconds=5)
    assert await read_wishes(desk.reconciler) == 0
    desk.front.clock.forward(seconds=5)
    desk.shop.orders["9"] = order(9)
    assert (await read_wishes(desk.reconciler), await desk.wishes()) == (1, 0)
    await drain(desk.front.pipeline)
    assert await desk.front.points_of("7") == 20


async def test_a_shop_that_hangs_keeps_no_other_shops_wishes_waiting(desk: Desk) -> None:
    hangs = asyncio.Event()

    async def hanging(order_id: str) -> Fetched | None:
        await hangs.wait()
        return order(9)

    desk.shop.read_order = hanging  # type: ignore[method-assign]
    await desk.wish("9")
    other, first = (await desk.connections())["b.example"], desk.front.connection
    desk.other.orders = {"4": order(4)}
    desk.front.connection = other
    await desk.wish("4")
    desk.front.connection = first
    async with asyncio.timeout(20):
        assert await read_wishes(desk.reconciler, 5) == 1
    assert (await desk.wishes(), desk.other.asked) == (1, ["4"])
    assert await read_wishes(desk.reconciler, 0.01) == 0, "the slow one is under way, once"
    hangs.set()
    assert (await read_wishes(desk.reconciler), await desk.wishes()) == (1, 0)


async def test_a_wish_for_an_order_that_is_gone_takes_its_points_back(desk: Desk) -> None:
    desk.shop.pages = [[order(1)]]
    await desk.read()
    desk.front.clock.forward(hours=1)
    desk.shop.orders = {"1": None}
    await desk.wish("1")
    assert await read_wishes(desk.reconciler) == 1
    await drain(desk.front.pipeline)
    assert (await desk.wishes(), await desk.front.points_of("7")) == (0, 0)
