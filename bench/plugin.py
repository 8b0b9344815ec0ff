"""``plugin``: what our WooCommerce plugin costs its shop, and how soon what changed there is back as points.

The shop is a real WordPress with the double of WooCommerce that the plugin's tests use. Cost: orders completed in one
process, with our listeners and without, in turns. Change to balance: paired with a real ``belong serve`` that can call
it, orders are completed in requests of their own; the clock of one starts in the shop when its status changes, and
stops when the user meta of its member holds a snapshot with its entry. Told at once: at the end of that request. Cron
alone: by the net each minute, and by nothing else.
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.cpu import load_average
from bench.databases import Databases
from bench.measure import Figure, WrongResult, expect, progress
from bench.sizes import Sizes
from bench.watch import run_loop
from connector import clock
from connector.storage.migrate import migrate
from scripts.debian_packages import DebianUnavailable
from scripts.npm_packages import NpmUnavailable
from tests.browser import shop
from tests.connector.home import Home
from tests.plugins import php, shop_processes, sites
from tests.plugins.sites import Site

COST = sites.PLUGIN / "tests" / "cost.php"
CHANGES = Path(__file__).parent / "wordpress" / "changes.php"
MUST_QUERIES = 2.0
MUST_TOLD_SECONDS, MUST_CRON_SECONDS = 5.0, 90.0
CUSTOMER = "1"
POINTS = 40
NET_SECONDS = 60
PACE_SECONDS = 1.0
"""One order a second on average, so that none finds the service where the one before has left it."""
CRON_SECONDS = 120
"""Two nets; with the third, for what comes too late for the second, this ends before Home ends its service."""
LOOK_SECONDS = 0.01
QUIET_SECONDS = 75
"""A net, and the time until what it tells is shown."""
SEED = 20261128


def run(kinds: Sequence[Databases], sizes: Sizes) -> list[Figure]:
    """The cost, and the way of a change on the first database: it goes through HTTP and waits, and stores one order."""
    with tempfile.TemporaryDirectory(prefix="belong-bench-site-") as folder:
        try:
            # What it gets, it says on standard output, where results alone go.
            with redirect_stdout(sys.stderr):
                php.require_system()
                made = sites.make(Path(folder) / "site", "newest")
        except (DebianUnavailable, NpmUnavailable) as why:
            progress(f"plugin is left out: there is no WordPress to measure it in ({why}).")
            return []
        found = _cost(made, sizes)
        for where in () if sites.is_real() else kinds[:1]:
            where.template("plugin", migrate)
            with where.copy("plugin") as url:
                found += run_loop(_ways(made, where.kind, url, sizes))
    return found


def _cost(made: Site, sizes: Sizes) -> list[Figure]:
    """What listening adds to an order that is completed: queries, and CPU beside that without it in the same round."""
    taken: dict[str, list[dict[str, float]]] = {"with": [], "without": []}
    for number in range(sizes.rounds):
        cases = list(taken) if number % 2 == 0 else list(reversed(taken))
        with sites.copy(made, php.SYSTEM) as site:
            done = site.run(php.SYSTEM, str(COST), str(site.wordpress), str(sizes.plugin_orders), *cases)
        expect(f"what cost.php ended with, saying {done.said}", done.code, 0)
        for line in map(json.loads, done.said.splitlines()):
            progress(f"round {number + 1}/{sizes.rounds}  plugin cost {line}")
            taken[line.pop("case")].append(line)
    return [
        _added("queries", "queries", taken, MUST_QUERIES),
        _added("CPU", "cpu_ms", taken, None),
    ]


def _added(name: str, key: str, taken: dict[str, list[dict[str, float]]], must: float | None) -> Figure:
    ours, without = ([one[key] for one in taken[case]] for case in ("with", "without"))
    pairs = list(zip(ours, without, strict=True))
    extra = {
        "with": statistics.median(ours),
        "without": statistics.median(without),
        "ratio": statistics.median(one / floor for one, floor in pairs),
        "rounds": float(len(pairs)),
    }
    value = statistics.median(one - floor for one, floor in pairs)
    unit = "ms" if key == "cpu_ms" else key
    return Figure("plugin", f"{name} that listening adds to an order", value, unit, must, None, load_average(), extra)


@dataclass(slots=True)
class Changes:
    """Orders that are completed in a shop, and when the shop shows what they earned: seconds since 1970, by order.

    left: those that still had to be told when their request was over.
    """

    site: Site
    http: httpx.AsyncClient
    changed: dict[str, float] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)

    @contextmanager
    def tables(self) -> Iterator[sqlite3.Connection]:
        """Of the shop, past WordPress."""
        with closing(sqlite3.connect(self.site.folder / "site.sqlite", timeout=QUIET_SECONDS)) as tables:
            yield tables

    async def make(self, count: int) -> list[str]:
        """Orders that wait for their money; the service knows them already."""
        answer = await self.http.get("/", params={"bench_make": str(count)})
        await asyncio.to_thread(_net, self.site)
        return [str(order) for order in answer.json()]

    async def complete(self, order: str, wait: float, told: dict[str, str]) -> None:
        await asyncio.sleep(wait)
        answer = await self.http.get("/", params={"bench_complete": order, **told})
        self.changed[order] = float(answer.text)
        with self.tables() as tables:
            waiting = "SELECT 1 FROM wp_belong_outbox WHERE kind = 'order' AND object_id = ?"
            if tables.execute(waiting, (int(order),)).fetchone():
                self.left.add(order)

    async def until_shown(self, orders: Sequence[str], seconds: float) -> None:
        """Look until the shop's snapshot has an entry of each order."""
        before = ""
        with self.tables() as tables:
            try:
                async with asyncio.timeout(seconds):
                    while not self.shown.keys() >= set(orders):
                        text, now = _snapshot(tables), clock.utc_now().timestamp()
                        if text != before:
                            before = text
                            for entry in json.loads(text)["entries"]:
                                self.shown.setdefault(entry["order"], now)
                        await asyncio.sleep(LOOK_SECONDS)
            except TimeoutError:
                missing = len(set(orders) - self.shown.keys())
                raise WrongResult(f"{missing} of {len(orders)} orders were never shown in the shop") from None

    def figure(self, name: str, orders: Sequence[str], must: float) -> Figure:
        seconds = sorted(self.shown[order] - self.changed[order] for order in orders)
        # The least number that so large a share does not exceed.
        p50, p95 = (seconds[-(-len(seconds) * share // 100) - 1] for share in (50, 95))
        left = len(self.left.intersection(orders))
        extra = {"p50": p50, "slowest": seconds[-1], "orders": float(len(seconds)), "left_to_cron": float(left)}
        return Figure("plugin", f"{name}, p95", p95, "s", must, None, load_average(), extra)


async def _ways(made: Site, kind: str, url: str, sizes: Sizes) -> list[Figure]:
    """Told at once, then by cron alone, in one shop; in the end every order has earned once, and the books hold."""
    found = []
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory(prefix="belong-bench-home-") as folder:
        async with _opened(made) as changes:
            host = changes.http.base_url.netloc.decode()
            home = Home.at_one_address(Path(folder), DATABASE_URL=url, BELONG_ALLOW_PRIVATE_HOSTS=host)
            code = await asyncio.to_thread(home.pairing_code, "--name", "Bench")
            with home.serving():
                await asyncio.to_thread(shop_processes.run, changes.site, "pair", code)
                waits = [chance.uniform(0, sizes.told_orders * PACE_SECONDS) for _ in range(sizes.told_orders)]
                orders = await _timed(changes, f"told at once on {kind}", waits, {"bench_told": "1"})
                found.append(changes.figure(f"change to balance {kind}, told at once", orders, MUST_TOLD_SECONDS))
            if sizes.cron_orders:
                with home.serving():
                    waits = [chance.uniform(0, CRON_SECONDS) for _ in range(sizes.cron_orders)]
                    orders = await _timed(changes, f"by cron alone on {kind}", waits, {})
                    found.append(changes.figure(f"change to balance {kind}, cron alone", orders, MUST_CRON_SECONDS))
            with changes.tables() as tables:
                lifetime = json.loads(_snapshot(tables))["lifetime"]
            expect("points shown", lifetime, (sizes.told_orders + sizes.cron_orders) * POINTS)
            await asyncio.to_thread(home.must, "verify")
    return found


@asynccontextmanager
async def _opened(made: Site) -> AsyncIterator[Changes]:
    """A copy of the shop behind an address that the service can call."""
    with sites.copy(made, php.SYSTEM) as site:
        async with shop.opened(site, is_connected=False) as front:
            shop.says_it_is_at(site, str(front.http.base_url).rstrip("/"))
            shutil.copy(CHANGES, site.folder / "wp-content" / "mu-plugins")
            yield Changes(site, front.http)


async def _timed(changes: Changes, name: str, waits: Sequence[float], told: dict[str, str]) -> list[str]:
    """Complete an order after each wait, with the net each minute, until all are shown. Returns the orders."""
    progress(f"plugin: {len(waits)} orders {name}")
    orders = await changes.make(len(waits))
    is_over = asyncio.Event()
    nets = asyncio.create_task(_each_minute(changes.site, is_over))
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(changes.until_shown(orders, max(waits) + QUIET_SECONDS))
            for order, wait in zip(orders, waits, strict=True):
                group.create_task(changes.complete(order, wait, told))
    finally:
        is_over.set()
        await nets
    return orders


async def _each_minute(site: Site, is_over: asyncio.Event) -> None:
    """As the shop's cron does."""
    while not is_over.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(is_over.wait(), NET_SECONDS)
            return
        await asyncio.to_thread(_net, site)


def _net(site: Site) -> None:
    shop_processes.run(site, "drain", CUSTOMER)


def _snapshot(tables: sqlite3.Connection) -> str:
    """What the shop keeps of the member."""
    found = tables.execute(
        "SELECT meta_value FROM wp_usermeta WHERE user_id = ? AND meta_key = '_belong_snapshot'", (int(CUSTOMER),)
    ).fetchone()
    return str(found[0]) if found else '{"entries": []}'
