"""G21: far more comes than can be kept. The queue stays bounded, who tries again is asked to, who does not is let in.

More Shopify senders than the inbox lets wait, each with its next delivery as soon as its answer has come, beside a few
of WooCommerce, which says a thing once; again and again the database stalls until senders were turned away.
Nothing that was answered 200 is lost.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from urllib.parse import urlsplit

import asyncpg
import psutil

from connector.ingest.inbox import MAX_WAITING
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.installation import install
from tests.chaos.loading import Load
from tests.chaos.processes import Running, running
from tests.chaos.tables import number

WOO_SENDERS, WOO_PAUSE = 4, 0.05
WARM_UP = 0.4
"""Of the time, after which memory must not grow any more."""
GROWTH_MAX_MB = 30
TURNED_AWAY = 20
STALL_SECONDS_MAX = 4
KEPT = "SELECT count(*) FROM (SELECT DISTINCT connection_number, object_id FROM delivery) kept"


async def run(trial: Trial) -> Findings:
    findings = Findings()
    seconds, senders = trial.size["seconds"], trial.size["senders"]
    with trial.prepared() as url:
        made = await install(url, trial.folder / "home")
        async with running(made.environment) as service:
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
            findings.expect("exit code", await asyncio.to_thread(service.stop), 0)
        kept = number(url, KEPT)
        findings.must(kept >= len(shopify.kept) + len(woocommerce.kept), f"of those answered 200 only {kept} are kept")
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
        "queue at most": MAX_WAITING,
        "RSS MB": sizes,
        "kept per second": round(len(shopify.kept) / seconds),
    }
    return findings


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
