"""Shops of six time zones in one installation, through years of virtual time: real jobs over a real database, with a
clock that only the run moves. What must come out is worked out here, from what was done.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx

from connector import clock
from connector.config import load_settings
from connector.delivering.outbox import push_due
from connector.delivering.vouchers import Placing, settle_vouchers
from connector.ingest.pipeline import drain
from connector.ingest.reconcile import read_wishes
from connector.platforms import Connection, Fetched, ObjectKey
from connector.redeeming import redemptions
from connector.redeeming.redemptions import Wish
from connector.redeeming.used_codes import use_codes
from connector.running.firings import Schedule
from connector.running.run_job import catch_up, fire, rescue
from connector.running.scheduler import JOBS
from connector.running.service import Service, assemble
from connector.shops import Shops
from connector.storage.atomic import atomic
from connector.storage.inbox import MAX_INSERT, Delivery, insert_deliveries
from connector.storage.people import set_birthday
from connector.storage.session import Row, Session
from loyalty_engine.errors import Refused
from tests.builders import KEYS, Clock, found_programme, opened
from tests.connector.memory_shop import MemoryPlatform, MemoryShop, as_platform
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import PaidBack, SoldLine, Story

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "America/St_Johns",
)
BEGINS = datetime(2027, 2, 20, 12, tzinfo=UTC)
"""With a leap day and twelve changes of the clocks in the years after it."""
BIRTHDAYS = ("02-29", "03-28")
PENDING_DAYS, ENDING_DAYS, VOUCHER_DAYS = 14, 300, 30
PRICE = 50


def document(zone: str) -> dict[str, object]:
    return {
        "schema": 2,
        "programme": {"name": zone, "timezone": zone, "currency": "EUR"},
        "points": {
            "earn": {"rates": {"EUR": "1"}, "pending_days": PENDING_DAYS},
            "expiry": {"mode": "fixed", "days": ENDING_DAYS, "remind_days": [30, 7], "shown_by": "store"},
            "redeem": {"voucher_days": VOUCHER_DAYS},
            "actions": {"birthday": {"points": 20, "per": "year", "set_days_before": 1}},
        },
        "rewards": [{"id": "five", "kind": "amount", "points": PRICE, "value": "5.00", "voucher_days": VOUCHER_DAYS}],
    }


@dataclass
class KeepingShop(MemoryShop):
    """A shop in memory that shows the orders that it has."""

    orders: dict[str, Fetched] = field(default_factory=dict)

    async def orders_changed_since(self, since: datetime) -> AsyncIterator[list[Fetched]]:
        yield [replace_read(one) for one in self.orders.values() if one.updated_at >= since]

    async def read_order(self, order_id: str) -> Fetched | None:
        found = self.orders.get(order_id)
        return replace_read(found) if found else None


def replace_read(one: Fetched) -> Fetched:
    """As read now."""
    return Fetched(one.key, one.body, clock.utc_now(), one.updated_at)


@dataclass
class Circle:
    """One programme and its shop. joined: local day; earned: points of each customer's orders, as bought; whole: orders
    of which nothing was given back, and when they were paid.
    """

    zone: str
    connection: Connection
    shop: KeepingShop
    members: dict[int, str] = field(default_factory=dict)
    joined: date = date.min
    earned: dict[int, int] = field(default_factory=dict)
    redeemed: list[str] = field(default_factory=list)
    whole: list[tuple[Story, datetime]] = field(default_factory=list)

    def day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.zone)).date()


@dataclass
class Years:
    """Everything, at the clock's moment."""

    service: Service
    now: Clock
    circles: list[Circle]
    chance: random.Random
    orders: int = 0
    killed: int = 0
    fired: int = 0
    was_down: bool = False
    arriving: list[Delivery] = field(default_factory=list)

    async def rows(self, sql: str) -> list[Row]:
        return await self.service.database.reading().rows(sql)

    async def buy(self, circle: Circle, customer: int, is_told: bool = True) -> None:
        """An order is paid now; is_told: its webhook arrives, else only reading the shop brings it."""
        self.orders += 1
        euros = self.chance.randrange(20, 90)
        story = Story(
            (SoldLine(1, 1, euros * 100),),
            order_id=self.orders,
            customer=customer,
            email=f"c{circle.connection.number}x{customer}@example.test",
        )
        circle.earned[customer] = circle.earned.get(customer, 0) + euros
        circle.whole.append((story, self.now()))
        await self._changed(circle, story, self.now(), is_told)

    async def give_back(self, circle: Circle) -> None:
        """A part of some order that nothing was given back of yet."""
        if circle.whole:
            place = self.chance.randrange(len(circle.whole))
            story, paid_at = circle.whole.pop(place)
            back = PaidBack(story.order_id, self.chance.randrange(1, story.lines[0].net + 1))
            await self._changed(circle, replace(story, refunds=(back,)), paid_at, is_told=True)

    async def _changed(self, circle: Circle, story: Story, paid_at: datetime, is_told: bool) -> None:
        paid, now = (at.strftime("%Y-%m-%dT%H:%M:%S") for at in (paid_at, self.now()))
        dates = {"date_created_gmt": paid, "date_paid_gmt": paid, "date_modified_gmt": now}
        whole = woocommerce_bodies.fetched_order(story)
        whole["order"] = {**whole["order"], **dates}
        key, body = ObjectKey("order", str(story.order_id)), json.dumps(whole).encode()
        circle.shop.orders[key.object_id] = Fetched(key, body, self.now(), self.now().replace(microsecond=0))
        if is_told:
            told = json.dumps({**woocommerce_bodies.webhook_order(story), **dates}).encode()
            await self.receive(circle, "order.updated", "order", key.object_id, told)

    async def know(self, circle: Circle) -> None:
        """Who is a member by now."""
        number = circle.connection.number
        rows = await self.rows(f"SELECT customer_ref, member_id FROM identity WHERE connection_number = {number}")
        circle.members = {int(row["customer_ref"]): row["member_id"] for row in rows}

    async def receive(self, circle: Circle, topic: str, kind: str, object_id: str, body: bytes) -> None:
        """A webhook arrives; it is kept with those that arrive beside it."""
        connection, now = circle.connection, self.now()
        numbers = (connection.programme_number, connection.number)
        self.arriving.append(Delivery(*numbers, topic, kind, object_id, f"{topic}:{object_id}:{now}", now, now, body))
        if len(self.arriving) >= MAX_INSERT:
            await self.keep()

    async def keep(self) -> None:
        """Whatever arrives is in the inbox."""
        arrived, self.arriving = self.arriving, []
        if arrived:
            await atomic(self.service.database, lambda session: insert_deliveries(session, arrived, KEYS))

    async def redeem(self, circle: Circle, customer: int) -> None:
        """A code for points, if there are enough. Nobody ever uses one."""
        wish = Wish(
            circle.connection.programme_number,
            circle.members[customer],
            "five",
            circle.connection.number,
            f"{self.now()}",
        )
        with suppress(Refused):
            circle.redeemed.append((await redemptions.redeem(self.service.pipeline, wish))["redemption"])

    async def work(self) -> None:
        """What the worker does between two moments, until nothing waits."""
        await self.keep()
        service = self.service
        placing = Placing(service.pipeline, service.outbox)
        while True:
            if await self.waits():
                await drain(service.pipeline)
            done = await use_codes(service.pipeline) + await push_due(service.outbox)
            done += await settle_vouchers(placing) + await read_wishes(service.reconciler)
            if not done and not await self.waits():
                return

    async def waits(self) -> bool:
        sql = "SELECT (SELECT count(*) FROM delivery WHERE state = 0) + (SELECT count(*) FROM work WHERE state = 0)"
        return bool(await self.service.database.reading().number(sql))

    async def jobs(self, schedules: Sequence[Schedule] = JOBS, processes: int = 2) -> None:
        """What APScheduler does in so many processes that wake now: each fires what fell due, all at once."""
        self.fired += len(schedules)
        await asyncio.gather(*(self._one_process(schedules) for _ in range(processes)))

    async def _one_process(self, schedules: Iterable[Schedule]) -> None:
        under_way = set[str]()
        for schedule in schedules:
            await fire(self.service, schedule, under_way)

    async def start(self, schedules: Sequence[Schedule] = JOBS) -> None:
        """A process starts: it catches up."""
        self.fired += len(await catch_up(self.service, schedules, set()))

    async def killed_half_way(self, schedules: Sequence[Schedule] = JOBS) -> None:
        """A process fires everything and dies somewhere in the middle; five minutes later another one looks."""
        dying = asyncio.create_task(self._one_process(schedules))
        for _ in range(self.chance.randrange(400)):
            await asyncio.sleep(0)
            if dying.done():
                break
        self.killed += not dying.done()
        dying.cancel()
        with suppress(asyncio.CancelledError):
            await dying
        self.now.forward(minutes=5)
        await rescue(self.service, schedules, set())
        await self.start(schedules)


@asynccontextmanager
async def years(url: str, home: Path, chance: random.Random, zones: Sequence[str] = ZONES) -> AsyncIterator[Years]:
    """Six circles with two members each, at BEGINS."""
    now, real = Clock(BEGINS), clock.utc_now
    clock.utc_now = now
    try:
        async with opened(url) as database, httpx.AsyncClient(transport=httpx.MockTransport(_no_shop)) as http:
            settings = load_settings({"BELONG_HOME": str(home), "DATABASE_URL": url, "BELONG_KEEP_PAYLOADS_DAYS": "30"})
            service = assemble(settings, KEYS, database, http)
            circles = [await _circle(service, zone) for zone in zones]
            platform = as_platform(MemoryPlatform({one.connection.shop: one.shop for one in circles}, 100))
            service.shops = Shops(database, KEYS, {"woocommerce": platform}, service.shops.api)
            service.outbox.shops = service.reconciler.shops = service.shops
            service.pipeline.platforms = {"woocommerce": platform}
            service.pipeline.now = service.outbox.now = service.reconciler.now = now
            made = Years(service, now, circles, chance)
            for circle in circles:
                await _join(made, circle)
            yield made
            await service.inbox.close()
    finally:
        clock.utc_now = real


def _no_shop(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no shop answers here", request=request)


async def _circle(service: Service, zone: str) -> Circle:
    name = f"{zone.replace('/', '-').replace('_', '-').lower()}.example"

    async def body(session: Session) -> Connection:
        _, connection = await found_programme(session, "woocommerce", document(zone), name)
        return connection

    return Circle(zone, await atomic(service.database, body), KeepingShop())


async def _join(made: Years, circle: Circle) -> None:
    circle.joined = circle.day(made.now())
    for customer, birthday in enumerate(BIRTHDAYS, 1):
        body = json.dumps({"id": customer}).encode()
        await made.receive(circle, "customer.created", "customer", str(customer), body)
        await made.keep()
        await drain(made.service.pipeline)
        number = circle.connection.number
        [row] = await made.rows(
            f"SELECT member_id FROM identity WHERE connection_number = {number} AND customer_ref = '{customer}'"
        )
        member = circle.members[customer] = row["member_id"]

        async def tell(session: Session, member: str = member, birthday: str = birthday) -> bool:
            return await set_birthday(session, KEYS, circle.connection.programme_number, member, birthday, made.now())

        await atomic(made.service.database, tell)
