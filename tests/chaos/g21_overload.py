"""G21: far more comes than can be kept. The queue stays bounded, who tries again is asked to, who does not is let in.

More Shopify senders than the inbox lets wait, each with its next delivery as soon as its answer has come, beside a few
of WooCommerce, which says a thing once; again and again the database stalls until senders were turned away.
Nothing that was answered 200 is lost: each such order is found in the inbox and, when all is decided, in the ledger,
and none that was not sent. How many waited for their answer at once is noted by the inbox's own process.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import psutil

from connector.ingest.inbox import MAX_WAITING, Inbox
from connector.storage import database
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.installation import Installation, install
from tests.chaos.loading import Load
from tests.chaos.processes import Running, running
from tests.chaos.tables import RECEIVED, until_idle
from tests.second_connection import run_apart

WOO_SENDERS, WOO_PAUSE = 4, 0.05
WARM_UP = 0.4
"""Of the time, after which memory must not grow any more."""
GROWTH_MAX_MB = 20
PAGES_KB = 2_048
TURNED_AWAY = 20
STALL_SECONDS_MAX = 4
SETTLE_SECONDS = 300
Orders = set[tuple[int, int]]
"""(number of the connection, number of the order)"""


def note_queue(file: str) -> None:
    """In the service's process: writes down how many deliveries waited for their commit, whenever they are more than
    ever before.
    """
    let_in, most = Inbox._open_batch, 0

    def noted(inbox: Inbox) -> Any:
        nonlocal most
        # One more than waited so far is being let in.
        if inbox._waiting + 1 > most:
            most = inbox._waiting + 1
            Path(file).write_text(str(most))
        return let_in(inbox)

    Inbox._open_batch = noted  # type: ignore[method-assign, assignment]


def keep_few_pages() -> None:
    """In the service's process: SQLite's cache of pages, which fills up with the database, is full when the warm-up is
    over. What grows afterwards is something else.
    """
    for pragmas in (database._COMMON_PRAGMAS, database._WRITER_PRAGMAS):
        pragmas["cache_size"] = -PAGES_KB


async def run(trial: Trial) -> Findings:
    findings = Findings()
    seconds, senders = trial.size["seconds"], trial.size["senders"]
    with trial.prepared() as url:
        made = await install(url, trial.folder / "home")
        queue = trial.folder / "queue"
        async with running(made.environment, before=(keep_few_pages, partial(note_queue, str(queue)))) as service:
            ends = time.monotonic() + seconds
            shopify, woocommerce = (Load(made, platform, service.port) for platform in ("shopify", "woocommerce"))
            watching = asyncio.create_task(_watch(service, ends, seconds))
            stalling = asyncio.create_task(_stall(url, shopify, senders, trial.size["stalls"], seconds))

            def is_over() -> bool:
                return time.monotonic() > ends and stalling.done()

            await asyncio.gather(
                shopify.until(is_over, senders), woocommerce.until(is_over, WOO_SENDERS, WOO_PAUSE), stalling
            )
            sizes = await watching
            trial.progress(f"shopify {dict(shopify.answered)}, woocommerce {dict(woocommerce.answered)}, MB {sizes}")
            findings.expect("waiting at the end", await until_idle(url, SETTLE_SECONDS, of=RECEIVED), {})
            findings.expect("exit code", await asyncio.to_thread(service.stop), 0)
        _check_orders(url, made, (shopify, woocommerce), findings)
        await made.check_books(findings)
    longest = int(queue.read_text()) if queue.exists() else 0
    # WooCommerce's senders are let in beside those who are turned away.
    findings.must(
        MAX_WAITING <= longest <= MAX_WAITING + WOO_SENDERS,
        f"{longest} deliveries waited at once, where Shopify's are refused from {MAX_WAITING} on",
    )
    refused = shopify.answered[503]
    findings.must(set(shopify.answered) <= {200, 503}, f"answers to Shopify: {dict(shopify.answered)}")
    findings.must(refused > 0, "nobody was asked to come again, so it was no overload")
    findings.expect("refusals that say when to come again", shopify.told_when, refused)
    findings.expect("answers to WooCommerce", set(woocommerce.answered), {200})
    findings.expect("WooCommerce's connections that broke", woocommerce.broken, 0)
    growth = sizes[-1] - sizes[0]
    findings.must(growth < GROWTH_MAX_MB, f"memory grew by {growth} MB under overload")
    findings.figure |= {
        "shopify": dict(shopify.answered),
        "woocommerce": dict(woocommerce.answered),
        "woocommerce slowest ms": woocommerce.slowest_ms,
        "queue at most": longest,
        "RSS MB": sizes,
        "kept per second": round(len(shopify.kept) / seconds),
    }
    return findings


def _check_orders(url: str, made: Installation, loads: Sequence[Load], findings: Findings) -> None:
    """Order by order: answered 200, kept, decided."""
    numbers = {load.platform: made.connections[load.platform].number for load in loads}
    answered: Orders = {(numbers[load.platform], order) for load in loads for order in load.kept}
    sent: Orders = {(numbers[load.platform], order) for load in loads for order in range(1, load.sent + 1)}
    rows = run_apart(url, "SELECT connection_number, object_id FROM delivery")
    kept: Orders = {(int(connection), int(order)) for connection, order in rows}
    rows = run_apart(url, "SELECT source_ref FROM entry WHERE kind = 'earn'")
    parts = [str(ref).split(":") for (ref,) in rows]
    earned: Orders = {(int(connection), int(order)) for _, connection, _, order in parts}
    findings.expect("answered 200 and not kept", sorted(answered - kept), [])
    findings.expect("kept and never sent", sorted(kept - sent), [])
    findings.expect("kept and not in the ledger", sorted(kept - earned), [])
    findings.expect("in the ledger and not kept", sorted(earned - kept), [])
    findings.expect("orders that are in the ledger twice", len(rows) - len(earned), 0)


async def _watch(service: Running, ends: float, seconds: int) -> list[int]:
    """Resident memory in MB, a few times after the warm-up."""
    process = psutil.Process(service.process.pid)
    await asyncio.sleep(seconds * WARM_UP)
    sizes = [process.memory_info().rss // 2**20]
    while time.monotonic() < ends:
        await asyncio.sleep(max(0.2, seconds / 10))
        sizes.append(process.memory_info().rss // 2**20)
    return sizes


async def _stall(url: str, load: Load, senders: int, times: int, seconds: int) -> None:
    """Several times nobody can write, until some were turned away, or for as long as a writer waits for a lock."""
    while load.answered.total() < senders:
        await asyncio.sleep(0.05)
    for turn in range(times):
        async with _locked(url):
            wanted, ends = load.answered[503] + TURNED_AWAY, time.monotonic() + STALL_SECONDS_MAX
            while load.answered[503] < wanted and time.monotonic() < ends:
                await asyncio.sleep(0.02)
        if turn + 1 < times:
            await asyncio.sleep(seconds / times)


@asynccontextmanager
async def _locked(url: str) -> AsyncIterator[None]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(urlsplit(url).path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
        return
    other = await asyncpg.connect(url)
    try:
        async with other.transaction():
            await other.execute("LOCK TABLE delivery IN SHARE ROW EXCLUSIVE MODE")
            yield
    finally:
        await other.close()


GOAL = Goal(
    "G21",
    "10 x overload: bounded queue, 503 + Retry-After for Shopify, Woo still accepted, RSS flat",
    run,
    small={"senders": 560, "seconds": 6, "stalls": 1},
    full={"senders": 900, "seconds": 120, "stalls": 10},
)
