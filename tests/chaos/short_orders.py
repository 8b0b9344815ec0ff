"""Very many short orders of one shop: each is placed, paid, and perhaps paid back in parts. What they tell arrives
twice, late or not at all; reading the shop tells how they stand.
"""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from connector.api_client import ApiClient, open_http
from connector.ingest.inbox import Inbox
from connector.ingest.pipeline import Pipeline, apply_deliveries, decide_work, drain
from connector.ingest.reconcile import Reconciler, reconcile
from connector.platforms import Fetched, ObjectKey
from connector.shops import Shops
from connector.storage.inbox import MAX_INSERT, Delivery
from tests.builders import DOCUMENT, KEYS, Shopfront, shopfront
from tests.chaos.meanwhile import meanwhile
from tests.connector.memory_shop import MemoryPlatform, MemoryShop
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import PaidBack, SoldLine, Story

TOPIC = "order.updated"
PAGE = 250
BATCH = 500
DUPLICATE_PERCENT, LATE_PERCENT, LOST_PERCENT = 20, 10, 5
LATER_BY = 2_000
"""What is late arrives up to so many deliveries after its turn."""
FIRST_MOMENT = datetime(2026, 11, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass
class ShortOrders:
    """The shop's truth, and the deliveries of it. deliveries: how many arrive or are lost, about."""

    chance: random.Random
    deliveries: int
    members: int
    orders: list[Order] = field(default_factory=list)
    sent: int = 0
    lost: int = 0
    twice: int = 0
    late: int = 0

    def arriving(self) -> Iterator[tuple[Order, int]]:
        """(order, how many of its deeds it tells of), as they arrive. The last one leaves the truth complete."""
        waiting: list[tuple[int, int, Order, int]] = []
        turn = 0
        while self.sent + self.lost < self.deliveries:
            order = self._new_order()
            for told in range(1, len(order.deeds) + 1):
                turn += 1
                drawn = self.chance.randrange(100)
                if drawn < LOST_PERCENT:
                    self.lost += 1
                    continue
                copies = 2 if self.chance.randrange(100) < DUPLICATE_PERCENT else 1
                self.twice += copies - 1
                is_late = self.chance.randrange(100) < LATE_PERCENT
                self.late += is_late
                due = turn + (self.chance.randrange(1, LATER_BY) if is_late else 0)
                waiting += [(due + copy, len(waiting), order, told) for copy in range(copies)]
                self.sent += copies
            if len(waiting) > 2 * LATER_BY:
                waiting.sort(key=lambda one: one[:2])
                yield from ((order, told) for _, _, order, told in waiting[:LATER_BY])
                del waiting[:LATER_BY]
        waiting.sort(key=lambda one: one[:2])
        yield from ((order, told) for _, _, order, told in waiting)

    def _new_order(self) -> Order:
        number = len(self.orders) + 1
        net = self.chance.randrange(1, 50_000)
        deeds = [("placed", 0), ("paid", 0)]
        while self.chance.randrange(100) < 30 and len(deeds) < 5:
            deeds.append(("back", self.chance.randrange(1, net // 2 + 2)))
        order = Order(number, self.chance.randrange(1, self.members + 1), net, deeds)
        self.orders.append(order)
        return order

    def expected(self) -> dict[str, int]:
        """Points by customer: a euro kept is a point, order by order."""
        points: dict[str, int] = {}
        for order in self.orders:
            points[str(order.customer)] = points.get(str(order.customer), 0) + order.kept_minor // 100
        return points


@dataclass
class Order:
    """deeds: (what, minor units), in their order."""

    number: int
    customer: int
    net_minor: int
    deeds: list[tuple[str, int]]

    @property
    def kept_minor(self) -> int:
        return max(0, self.net_minor - sum(minor for what, minor in self.deeds if what == "back"))

    def story(self, told: int) -> Story:
        done = self.deeds[:told]
        backs: list[PaidBack] = []
        left = self.net_minor
        for number, (what, minor) in enumerate(done):
            if what == "back" and left > 0:
                backs.append(PaidBack(self.number * 10 + number, min(minor, left)))
                left -= backs[-1].amount
        return Story(
            (SoldLine(self.number * 10, 1, self.net_minor),),
            order_id=self.number,
            customer=self.customer,
            state="paid" if told > 1 else "pending",
            refunds=tuple(backs),
            email=f"c{self.customer}x@example.test",
        )

    def changed_at(self, told: int) -> datetime:
        return FIRST_MOMENT + timedelta(seconds=self.number, minutes=told)

    def body(self, told: int) -> bytes:
        """The webhook after so many deeds."""
        return json.dumps(self._dated(woocommerce_bodies.webhook_order(self.story(told)), told)).encode()

    def fetched(self, read_at: datetime) -> Fetched:
        """The order as the shop shows it now, with its refunds."""
        told = len(self.deeds)
        whole = woocommerce_bodies.fetched_order(self.story(told))
        whole["order"] = self._dated(whole["order"], told)
        body = msgspec.json.encode(whole)
        return Fetched(ObjectKey("order", str(self.number)), body, self.changed_at(told), read_at)

    def _dated(self, body: dict[str, object], told: int) -> dict[str, object]:
        first, last = (self.changed_at(at).strftime("%Y-%m-%dT%H:%M:%S") for at in (1, told))
        paid = last if told > 1 else None
        return body | {"date_created_gmt": first, "date_modified_gmt": last, "date_paid_gmt": paid}


@dataclass
class ShortShop(MemoryShop):
    """The shop behind the real port, as far as it is read."""

    truth: ShortOrders | None = None

    async def orders_changed_since(self, since: datetime) -> AsyncIterator[list[Fetched]]:
        assert self.truth is not None
        for start in range(0, len(self.truth.orders), PAGE):
            page = self.truth.orders[start : start + PAGE]
            yield [order.fetched(NOW) for order in page if order.changed_at(len(order.deeds)) >= since]

    async def read_order(self, order_id: str) -> Fetched | None:
        assert self.truth is not None
        return self.truth.orders[int(order_id) - 1].fetched(NOW)


@dataclass
class Told:
    """A pipeline over the shop."""

    front: Shopfront
    orders: ShortOrders
    reconciler: Reconciler

    async def receive(self, progress: Callable[[str], None]) -> int:
        """Everything that arrives, in batches of 500, worked on as it comes. Returns how many members are wrong."""
        batch: list[Delivery] = []
        arrived = 0
        for order, told in self.orders.arriving():
            arrived += 1
            batch.append(self.front.delivery(TOPIC, order.body(told), key=f"{arrived}"))
            if len(batch) == BATCH:
                await self._work_on(batch)
                batch = []
                if arrived % 20_000 == 0:
                    progress(f"{arrived} deliveries arrived")
        await self._work_on(batch)
        await drain(self.front.pipeline)
        return len(await self.wrong())

    async def _work_on(self, batch: Sequence[Delivery]) -> None:
        for start in range(0, len(batch), MAX_INSERT):
            await self.front.keep(*batch[start : start + MAX_INSERT])
        if batch:
            await apply_deliveries(self.front.pipeline)
            await decide_work(self.front.pipeline)

    async def reconcile(self) -> None:
        """Read the whole shop, and work until nothing waits."""
        async with working(self.front.pipeline):
            await reconcile(self.reconciler, self.front.connection, full=True)

    async def wrong(self) -> dict[str, tuple[int, int]]:
        """(recorded, ours) by customer."""
        ours = await self.front.points()
        expected = self.orders.expected()
        return {ref: (points, ours.get(ref, 0)) for ref, points in expected.items() if points != ours.get(ref, 0)}


@asynccontextmanager
async def working(pipeline: Pipeline) -> AsyncIterator[None]:
    """A worker beside the block; after it, nothing waits any more."""
    async with meanwhile(lambda: drain(pipeline), pause=0.01):
        yield
    await drain(pipeline)


@asynccontextmanager
async def told_short(url: str, orders: ShortOrders) -> AsyncIterator[Told]:
    platform = MemoryPlatform({"shop.example": ShortShop(truth=orders)})
    async with (
        shopfront(url, platforms={"woocommerce": platform}, document=DOCUMENT) as front,
        open_http(frozenset()) as http,
    ):
        front.clock.moment = NOW
        inbox = Inbox(front.database, KEYS, lambda: None)
        shops = Shops(front.database, KEYS, front.platforms, ApiClient(http))
        yield Told(front, orders, Reconciler(front.database, inbox, shops, now=front.clock))
        await inbox.close()
