"""``belong demo``: the main job before your eyes. Two simulated shops, one programme, three months of signed webhooks.

Everything is real but the shops: HTTP over loopback, signatures, duplicates and disorder, the database, the pushes.
With ``check`` it runs in a temporary folder, proves every number, and exits.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import httpx
import uvicorn

from connector import clock
from connector.access.auth import MINT_TOKENS, create_api_key
from connector.commands.local_control import announced, opened_for_writing
from connector.commands.run import connect
from connector.config import Settings, load_settings
from connector.errors import ConfigProblem
from connector.ingest.reconcile import reconcile_all
from connector.running import event_loop
from connector.running.app import build_app
from connector.running.scheduler import (
    check_books,
    close_finished_days,
    count_programmes,
    pass_time,
    tell_notices,
    tell_programmes,
)
from connector.running.serve import ROLES, bind, running, server_for, until_told_to_stop
from connector.running.service import Service
from connector.sandbox.courier import CourierSettings
from connector.sandbox.demo_check import Checked, check_everything
from connector.sandbox.demo_community import Town, live_together
from connector.sandbox.demo_draft import think_of_something_new
from connector.sandbox.demo_mails import agree_to_mails
from connector.sandbox.demo_past import connected_since, three_months
from connector.sandbox.demo_programme import PROGRAMME
from connector.sandbox.demo_spending import ask_for_codes, use_codes
from connector.sandbox.demo_two_shops import shop_in_both
from connector.sandbox.headless import Backend
from connector.sandbox.opening import open_for_a_person
from connector.sandbox.shop import Shop
from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.woocommerce import SimulatedWooCommerce
from connector.sandbox.world import SPAN
from connector.shopify.client import SCOPES
from connector.shopify.subscriptions import TOPICS
from connector.signing_in.inviting import first_address
from connector.snapshot import Holders
from connector.storage.atomic import atomic
from connector.storage.connections import load_connections
from connector.storage.programmes import create_programme

FIRST_PORT = 8420
SHOPPERS = 200
CLIENT_ID = "demo-client-id"
CLIENT_SECRET = "demo-client-secret"
CONSUMER_KEY = "ck_" + "d" * 40
CONSUMER_SECRET = "cs_" + "e" * 40
PROMPT = CourierSettings(duplicate_percent=15, keep_bodies=False)
"""For orders on the pages: what is held back there is held back in real seconds, and somebody is looking."""
DISORDER = CourierSettings(duplicate_percent=15, reorder_percent=25, concurrency=16, keep_bodies=False)


def run_demo(*, check: bool, seed: int, opens: bool = False) -> int:
    """Run until interrupted, or once with ``check``. opens: the console, for a person. Returns the exit code."""
    home = Path(tempfile.mkdtemp(prefix="belong-demo-")) if check else Path("demo-data").resolve()
    if not check:
        _make_room(home)
    try:
        return event_loop.run(until_told_to_stop(_demo(home, check, seed, opens)))
    except asyncio.CancelledError:
        return 0
    finally:
        if check:
            shutil.rmtree(home, ignore_errors=True)


def _make_room(home: Path) -> None:
    """Every demo begins at the beginning; only a folder that a demo made is emptied."""
    if home.exists() and any(home.iterdir()):
        if not (home / "belong.lock").exists() and not (home / "belong.sqlite3").exists():
            raise ConfigProblem(f"{home} is not a folder of the demo; it is left alone. Run the demo elsewhere.")
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)


@dataclass(slots=True)
class Stage:
    """Everything that runs: the service and two shops, each behind its own address."""

    service: Service
    url: str
    shopify: SimulatedShopify
    shopify_url: str
    woocommerce: SimulatedWooCommerce
    woocommerce_url: str

    @property
    def shops(self) -> dict[str, Shop]:
        """The simulated shops by platform."""
        return {"shopify": self.shopify, "woocommerce": self.woocommerce}


async def _demo(home: Path, check: bool, seed: int, opens: bool) -> int:
    started = clock.monotonic_seconds()
    async with lived(home, seed) as stage:
        checked = Checked()
        await shop_in_both(stage.service, stage.shops, stage.url, lambda: _delivered(stage), checked)
        await check_everything(stage.service, stage.shops, checked)
        _print_summary(checked, clock.monotonic_seconds() - started)
        if check:
            fast = await _buy_and_wait(stage)
            return 0 if checked.ok and fast else 1
        await _stay(stage, home, opens=opens)
    return 0


@asynccontextmanager
async def lived(home: Path, seed: int, shoppers: int = SHOPPERS) -> AsyncIterator[Stage]:
    """Everything that runs, after three months with so many shoppers, of whom some have used their points."""
    async with _stage(home, seed) as stage:
        await _connect_shops(stage)
        await _three_months(stage, seed, shoppers)
        await _take_mails(stage)
        await _spend(stage)
        await _live_together(stage)
        # What a night does, so that the console begins with numbers.
        for job in (pass_time, tell_notices, close_finished_days, check_books, count_programmes):
            await job(stage.service)
        await think_of_something_new(stage.service, 1, clock.utc_now())
        yield stage


@asynccontextmanager
async def _stage(home: Path, seed: int) -> AsyncIterator[Stage]:
    listeners = [_next_free_port(FIRST_PORT)]
    for _ in range(2):
        listeners.append(_next_free_port(listeners[-1].getsockname()[1] + 1))
    urls = [f"http://127.0.0.1:{listener.getsockname()[1]}" for listener in listeners]
    settings = _settings(home, urls)
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(opened_for_writing(settings))
        service.local_token = stack.enter_context(announced(settings, urls[0]))
        shopify = SimulatedShopify(
            seed, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, scopes=SCOPES, courier=DISORDER
        )
        # A shop on the Plus plan: on the smallest one, reading three months again waits half a minute for its bucket.
        shopify.bucket.size = shopify.bucket.available = 20_000
        shopify.bucket.per_second = 1_000
        woocommerce = SimulatedWooCommerce(
            seed,
            base_url=urls[2],
            consumer_key=CONSUMER_KEY,
            consumer_secret=CONSUMER_SECRET,
            counts_as_tls=False,
            courier=DISORDER,
        )
        await stack.enter_async_context(running(service, ROLES))
        apps = (build_app(service), shopify.app, woocommerce.app)
        for app, listener in zip(apps, listeners, strict=True):
            await stack.enter_async_context(serving(server_for(app, drain_seconds=2), listener))
        http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=60))
        shopify.courier.http = woocommerce.courier.http = http
        yield Stage(service, urls[0], shopify, urls[1], woocommerce, urls[2])


def _next_free_port(first: int) -> socket.socket:
    for port in range(first, first + 100):
        try:
            return bind("127.0.0.1", port)
        except ConfigProblem:
            continue
    raise ConfigProblem(f"No free port between {first} and {first + 99}.")


def _settings(home: Path, urls: list[str]) -> Settings:
    environment = {
        "BELONG_HOME": str(home),
        "BELONG_PUBLIC_URL": urls[0],
        "BELONG_ALLOW_PRIVATE_HOSTS": ",".join(url.removeprefix("http://") for url in urls),
    }
    if os.environ.get("BELONG_DEMO_DATABASE_URL"):
        environment["DATABASE_URL"] = os.environ["BELONG_DEMO_DATABASE_URL"]
    return load_settings(environment)


@asynccontextmanager
async def serving(server: uvicorn.Server, listener: socket.socket) -> AsyncIterator[None]:
    """One server of several in this process, for as long as the block runs."""
    # The signal belongs to the demo as a whole, not to each of its three servers.
    server.capture_signals = _no_signals  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not task.done():
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


class _no_signals:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *exc: object) -> None:
        return None


async def _connect_shops(stage: Stage) -> None:
    since = clock.utc_now() - SPAN
    number = await atomic(stage.service.database, lambda session: create_programme(session, PROGRAMME, since, since))
    await connect(
        stage.service,
        {
            "platform": "shopify",
            "shop": stage.shopify.shop,
            "api_url": stage.shopify_url,
            "programme": number,
            "secrets": {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
        },
    )
    await connect(
        stage.service,
        {
            "platform": "woocommerce",
            "shop": stage.woocommerce_url,
            "programme": number,
            "secrets": {"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET},
        },
    )
    await atomic(stage.service.database, lambda session: connected_since(session, since))
    connections = (await load_connections(stage.service.database.reading())).values()
    shopify = next(connection for connection in connections if connection.platform == "shopify")
    # As shopify.app.toml would: Shopify's API takes no plain http, and there is no TLS on this machine.
    stage.shopify.subscribe(f"{stage.url}/hooks/shopify/{shopify.public_id}", TOPICS)
    woocommerce = next(connection for connection in connections if connection.platform == "woocommerce")
    key = await atomic(
        stage.service.database,
        lambda session: create_api_key(
            session, woocommerce.programme_number, "headless", clock.utc_now(), frozenset({MINT_TOKENS})
        ),
    )
    stage.woocommerce.headless = Backend(stage.url, key, woocommerce.public_id)


async def _three_months(stage: Stage, seed: int, shoppers: int) -> None:
    await three_months(stage.service, stage.shops, seed, shoppers)
    await _until_quiet(stage.service)
    # What no webhook ever tells (a deleted refund, an order deleted for good) only reading finds.
    await reconcile_all(stage.service.reconciler, full=True)
    stage.service.wake.set()
    await _until_quiet(stage.service)
    # Three months went by in a minute: what share of members holds a badge is counted again, as time alone would do.
    stage.service.outbox.holders = Holders()
    await tell_programmes(stage.service)
    for shop in stage.shops.values():
        shop.courier.settings = PROMPT


async def _take_mails(stage: Stage) -> None:
    await agree_to_mails(stage.url, stage.shopify, stage.woocommerce, stage.woocommerce_url)
    await _delivered(stage)


async def _spend(stage: Stage) -> None:
    asked = await ask_for_codes(stage.service, stage.shops)
    await _until_quiet(stage.service)
    use_codes(stage.shops, asked)
    await _delivered(stage)


async def _live_together(stage: Stage) -> None:
    connections = (await load_connections(stage.service.database.reading())).values()
    store, other = (next(one for one in connections if one.platform == name) for name in ("woocommerce", "shopify"))
    shops = (stage.woocommerce, store, stage.shopify, other)
    await live_together(Town(stage.service, *shops, stage.url, lambda: _delivered(stage)))


async def _delivered(stage: Stage) -> None:
    for shop in stage.shops.values():
        await shop.courier.drain()
    await _until_quiet(stage.service)


async def _until_quiet(service: Service, seconds: int = 50) -> None:
    """Wait until nothing waits. Raises TimeoutError with what still does."""
    session = service.database.reading()
    waiting: dict[str, Any] = {}
    try:
        async with asyncio.timeout(seconds):
            while True:
                waiting = {
                    table: await session.number(f"SELECT count(*) FROM {table} WHERE {condition}")
                    for table, condition in (
                        ("delivery", "state = 0"),
                        ("work", "state < 2"),
                        ("read_wish", "1 = 1"),
                        ("product_wish", "1 = 1"),
                        ("push", "state = 0"),
                        ("voucher", "state IN (0, 3)"),
                        ("code_use", "1 = 1"),
                    )
                }
                if not any(waiting.values()):
                    return
                service.wake.set()
                await asyncio.sleep(0.1)
    except TimeoutError as error:
        pushes = [dict(row) for row in await session.rows("SELECT * FROM push WHERE state = 0 LIMIT 3")]
        raise TimeoutError(f"still waiting: {waiting}; of the pushes: {pushes}") from error


def _print_summary(checked: Checked, seconds: float) -> None:
    click.echo("")
    for line in checked.lines:
        click.echo(line)
    click.echo(f"Took {seconds:.0f} s.")


async def _buy_and_wait(stage: Stage) -> bool:
    """Place an order on each shop's page and wait until that shop shows its points."""
    couriers = [asyncio.create_task(shop.courier.run()) for shop in stage.shops.values()]
    try:
        results = [
            await _buy(stage.shopify_url, stage.shopify, "Shopify"),
            await _buy(stage.woocommerce_url, stage.woocommerce, "WooCommerce"),
        ]
    finally:
        for courier in couriers:
            await _stopped(courier)
    return all(results)


async def _stopped(task: asyncio.Task[None]) -> None:
    """Cancel until it is done: a cancellation can get lost in somebody's time-out."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=1)


async def _buy(url: str, shop: SimulatedShopify | SimulatedWooCommerce, name: str) -> bool:
    customer = next(customer for customer in shop.truth.customers.values() if not customer.deleted)
    product = next(product for product in shop.truth.products.values() if not product.is_gift_card)
    before = shop.snapshot_of(customer)
    started = clock.monotonic_seconds()
    async with httpx.AsyncClient(trust_env=False) as shopper:
        answer = await shopper.post(f"{url}/buy", data={"shopper": customer.id, "product": product.id})
    if answer.status_code != 303:
        click.echo(f"The {name} page refused an order: {answer.status_code}.")
        return False
    while shop.snapshot_of(customer) == before:
        if clock.monotonic_seconds() - started > 10:
            click.echo(f"An order on the {name} page was not shown within 10 s.")
            return False
        await asyncio.sleep(0.02)
    click.echo(f"An order on the {name} page was shown {clock.monotonic_seconds() - started:.2f} s later.")
    return True


async def _stay(stage: Stage, home: Path, *, opens: bool) -> None:
    owner = await first_address(stage.service, clock.utc_now())
    console, hint = (owner.url, "  (choose a password; good for an hour)") if owner else (f"{stage.url}/console", "")
    click.echo(
        f"\nMerchant console        {console}{hint}\n"
        f"Shopify storefront      {stage.shopify_url}/\n"
        f"WooCommerce storefront  {stage.woocommerce_url}/\n"
        f"Headless storefront     {stage.woocommerce_url}/headless?shopper={_somebody(stage.woocommerce)}\n"
        f"Belong                  {stage.url}/readyz\n\n"
        f"Look at the books in another terminal:  BELONG_HOME={_shown(home)} .venv/bin/belong verify\n"
        "Stop with Ctrl-C."
    )
    if opens:
        await asyncio.to_thread(open_for_a_person, console)
    await asyncio.gather(*[shop.courier.run() for shop in stage.shops.values()])


def _somebody(shop: Shop) -> int:
    """Who has points to show."""
    return max(shop.truth.live_customers(), key=lambda each: len(shop.truth.orders_of(each.id))).id


def _shown(home: Path) -> str:
    try:
        return str(home.relative_to(Path.cwd()))
    except ValueError:
        return str(home)
