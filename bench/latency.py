"""``latency``: from an order in the shop to its points in the shop, with everything running.

The simulated Shopify takes orders at an even pace and sends its webhooks, signed, over HTTP; the service (web, worker
and scheduler in one process, as ``belong serve``) keeps, decides and pushes; the clock of an order stops when the shop
holds a snapshot that shows it. It starts when the order is placed, so the way of the webhook is in the time too.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from bench.cpu import load_average, server_seconds, tree_seconds
from bench.databases import Databases
from bench.measure import Figure, WrongResult, expect, progress
from bench.processes import server
from bench.sizes import Sizes
from bench.watch import run_loop
from bench.world import KEYS, opened
from connector import clock
from connector.running.serve import bind, server_for
from connector.sandbox.courier import CourierSettings
from connector.sandbox.demo_programme import PROGRAMME
from connector.sandbox.records import Customer
from connector.sandbox.shop import Basket
from connector.sandbox.shopify import SimulatedShopify
from connector.shopify.client import SCOPES
from connector.shopify.subscriptions import TOPICS
from connector.storage.atomic import atomic
from connector.storage.connections import WEBHOOK, add_secret, create_connection
from connector.storage.instance import ensure_instance
from connector.storage.migrate import migrate
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from connector.verify import verify

WEBHOOKS_PER_SECOND = 50
WEBHOOKS_PER_ORDER = 3
"""``orders/create``, ``orders/paid`` and ``orders/updated``, all three about the same state."""
MUST_SECONDS = 2.0
LOOK_SECONDS = 0.005
QUIET_SECONDS = 60
SEED = 20261126
CLIENT_ID, CLIENT_SECRET = "bench-client-id", "bench-client-secret"


@dataclass(slots=True)
class Orders:
    """placed: order id -> (customer, when). seconds: of those that the shop shows."""

    shop: SimulatedShopify
    placed: dict[int, tuple[Customer, float]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def place(self, customer: Customer, chance: random.Random) -> None:
        products = [each.id for each in self.shop.truth.products.values() if not each.is_gift_card]
        items = tuple((chance.choice(products), chance.randint(1, 2)) for _ in range(chance.randint(1, 3)))
        began = time.perf_counter()
        self.placed[self.shop.place_order(customer.id, Basket(items)).id] = (customer, began)

    def look(self) -> None:
        """Take out what is shown by now."""
        now = time.perf_counter()
        shown = [
            (order_id, began)
            for order_id, (customer, began) in self.placed.items()
            if str(order_id) in (self.shop.snapshot_of(customer) or "")
        ]
        for order_id, began in shown:
            del self.placed[order_id]
            self.seconds.append(now - began)

    def at(self, share: float) -> float:
        """So many seconds at most for this share of the orders."""
        return sorted(self.seconds)[min(int(len(self.seconds) * share), len(self.seconds) - 1)]


def run(kinds: Sequence[Databases], sizes: Sizes) -> list[Figure]:
    """Once on every database."""
    found = []
    for where in kinds:
        progress(f"latency on {where.kind}: {sizes.latency_seconds} s at {WEBHOOKS_PER_SECOND} webhooks/s")
        where.template("latency", migrate)
        with where.copy("latency") as url:
            found.append(run_loop(_measured(where, url, sizes.latency_seconds)))
    return found


async def _measured(where: Databases, url: str, seconds: int) -> Figure:
    count = seconds * WEBHOOKS_PER_SECOND // WEBHOOKS_PER_ORDER
    async with _shop() as (shop, address):
        public_id = await _connected(url, shop.shop, address)
        settings = {"BELONG_ALLOW_PRIVATE_HOSTS": address.removeprefix("http://")}
        with server("service", url, settings, anywhere=True) as (process, port):
            # As shopify.app.toml would: Shopify's API takes no plain http, and there is no TLS on this machine.
            shop.subscribe(f"http://127.0.0.1:{port}/hooks/shopify/{public_id}", TOPICS)
            orders = Orders(shop)
            customers = [shop.register_customer(f"s{n}@example.test", "Ada", "Example") for n in range(count)]
            await shop.courier.drain()
            await _until_told(shop, customers)
            before = tree_seconds(process.pid), server_seconds(where.postmaster)
            await _live(shop, orders, customers)
            ours, theirs = tree_seconds(process.pid) - before[0], server_seconds(where.postmaster) - before[1]
    webhooks = await _checked(url, orders, count, len(customers))
    extra = {
        "p50": orders.at(0.50),
        "p99": orders.at(0.99),
        "slowest": max(orders.seconds),
        "orders": count,
        "webhooks": webhooks,
        "cpu_us_per_webhook": (ours + theirs) / webhooks * 1e6,
        "server_cpu_us_per_webhook": theirs / webhooks * 1e6,
    }
    name = f"webhook to snapshot {where.kind}, p95"
    return Figure("latency", name, orders.at(0.95), "s", MUST_SECONDS, None, load_average(), extra)


async def _live(shop: SimulatedShopify, orders: Orders, customers: Sequence[Customer]) -> None:
    """One order of each customer, at an even pace whatever the answers, until the shop shows them all."""
    chance = random.Random(SEED)
    courier = asyncio.create_task(shop.courier.run())
    began, placed = time.perf_counter(), 0
    try:
        async with asyncio.timeout(len(customers) * WEBHOOKS_PER_ORDER / WEBHOOKS_PER_SECOND + QUIET_SECONDS):
            while placed < len(customers) or orders.placed:
                due = int((time.perf_counter() - began) * WEBHOOKS_PER_SECOND / WEBHOOKS_PER_ORDER) + 1
                for customer in customers[placed:due]:
                    orders.place(customer, chance)
                    placed += 1
                orders.look()
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise WrongResult(f"{len(orders.placed)} of {placed} orders were never shown") from None
    finally:
        courier.cancel()
        await asyncio.wait({courier})


async def _until_told(shop: SimulatedShopify, customers: Sequence[Customer]) -> None:
    """Until the shop shows something of every customer."""
    async with asyncio.timeout(QUIET_SECONDS):
        while not all(shop.snapshot_of(customer) for customer in customers):
            await asyncio.sleep(0.1)


@asynccontextmanager
async def _shop() -> AsyncIterator[tuple[SimulatedShopify, str]]:
    """The simulated shop behind an address of its own."""
    prompt = CourierSettings(keep_bodies=False)
    shop = SimulatedShopify(SEED, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, scopes=SCOPES, courier=prompt)
    listener = bind("127.0.0.1", 0)
    serving = server_for(shop.app, drain_seconds=2)
    task = asyncio.create_task(serving._serve(sockets=[listener]))
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        shop.courier.http = http
        try:
            yield shop, f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            serving.should_exit = True
            await task


async def _connected(url: str, shop: str, api_url: str) -> str:
    """Programme and connection, as ``belong connect`` makes them. Returns the connection's public id."""

    async def body(session: Session) -> str:
        now = clock.utc_now()
        await ensure_instance(session, KEYS, now)
        programme = await create_programme(session, PROGRAMME, now, now)
        connection = await create_connection(session, programme, "shopify", shop, api_url, {}, now)
        for kind, secret in (("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET), (WEBHOOK, CLIENT_SECRET)):
            await add_secret(session, KEYS, connection, kind, secret, now)
        return connection.public_id

    async with opened(url) as database:
        return await atomic(database, body)


async def _checked(url: str, orders: Orders, count: int, customers: int) -> int:
    """Every order once in the ledger, every webhook kept, and the books hold. Returns the webhooks about orders."""
    expect("orders shown", len(orders.seconds), count)
    async with opened(url) as database:
        session = database.reading()
        webhooks = "SELECT count(*) FROM delivery WHERE state = 1 AND object_kind = '{}'"
        found = {
            "orders that earned": await session.number(
                "SELECT count(DISTINCT source_ref) FROM entry WHERE source_ref LIKE 'shopify:%:order:%'"
            ),
            "members": await session.number("SELECT count(*) FROM member"),
            "webhooks about orders": await session.number(webhooks.format("order")),
        }
        wanted = {
            "orders that earned": count,
            "members": customers,
            "webhooks about orders": count * WEBHOOKS_PER_ORDER,
        }
        expect("after it", found, wanted)
        report = await verify(database, KEYS)
        expect("verify", (report.ok, dict(report.difference_counts)), (True, {}))
        return found["webhooks about orders"]
