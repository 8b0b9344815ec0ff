"""``memory``: what a process holds. A worker over many orders, and a web process that has just begun and waits.

flat: a process of its own invents orders, keeps them in the inbox as deliveries and works on them, batch after batch;
it says ten times what it holds. Nothing may grow with the number of orders, so the last tenth is compared with the
first. idle, start: ``belong serve`` over an empty database, on PostgreSQL with the role web alone.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import httpx
import psutil

from bench.cpu import load_average, tree_seconds
from bench.databases import Databases
from bench.ledger_rows import totals
from bench.measure import Figure, WrongResult, expect, progress
from bench.orders import each_order
from bench.process import check, drain
from bench.sizes import Sizes
from bench.watch import run_loop
from bench.world import MASTER, keep, look, opened, prepare
from connector.storage.inbox import MAX_INSERT
from connector.storage.migrate import migrate

SEED = 20261126
TENTHS = 10
MUST_GROWTH_MB = 10.0
"""Beyond noise: what allocators and caches of bounded size still take after the first tenth."""
MUST_IDLE_MB, IDLE_MB = 70.0, 55.0
MUST_START_SECONDS, START_SECONDS = 1.0, 0.6
WAIT_SECONDS = 120
QUIET_SECONDS = 3


def run(kinds: Sequence[Databases], sizes: Sizes) -> list[Figure]:
    """On every database."""
    found: list[Figure] = []
    for where in kinds:
        where.template("memory", lambda url: prepare(url, 1, []))
        where.template("idle", migrate)
        with where.copy("memory") as url:
            found.append(_flat(where, url, sizes.memory_orders))
        with where.copy("idle") as url:
            found += _idle(where, url)
    return found


def _flat(where: Databases, url: str, count: int) -> Figure:
    progress(f"memory on {where.kind}: {count} orders")
    command = [sys.executable, "-m", "bench.memory", url, str(count)]
    held = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    run_loop(_checked(url, count))
    extra = {"orders": float(count), "first_tenth": held[0], "last_tenth": held[-1], "most": max(held)}
    name = f"growth over {count} orders {where.kind}"
    return Figure("memory", name, max(0.0, held[-1] - held[0]), "MB", MUST_GROWTH_MB, None, load_average(), extra)


async def _checked(url: str, count: int) -> None:
    async with opened(url) as database:
        await check(database, count)
        await totals(database.reading())


async def work(url: str, count: int) -> list[float]:
    """Work on ``count`` invented orders; megabytes held after each tenth."""
    this, held = psutil.Process(), []
    async with opened(url) as database:
        world = await look(database)
        waiting = each_order(count, max(1, count // 5), SEED)
        for _ in range(TENTHS):
            tenth = islice(waiting, count // TENTHS)
            while some := [world.delivery(order) for order in islice(tenth, MAX_INSERT)]:
                await keep(database, some)
                await drain(database)
            held.append(this.memory_info().rss / 1e6)
    return held


def _idle(where: Databases, url: str) -> list[Figure]:
    roles = [] if where.kind == "sqlite" else ["--role", "web"]
    with _belong(url, roles) as (process, seconds):
        time.sleep(QUIET_SECONDS)
        megabytes = psutil.Process(process.pid).memory_info().rss / 1e6
        cpu = tree_seconds(process.pid)
    load = load_average()
    return [
        Figure("memory", f"idle {where.kind}", megabytes, "MB", MUST_IDLE_MB, IDLE_MB, load, {}),
        Figure("memory", f"start {where.kind}", seconds, "s", MUST_START_SECONDS, START_SECONDS, load, {"cpu_s": cpu}),
    ]


@contextmanager
def _belong(url: str, roles: Sequence[str]) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """``belong serve``, and after how many seconds it first answered."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="belong-bench-home-") as home:
        key = Path(home) / "master.key"
        key.touch(mode=0o600)
        key.write_text(base64.urlsafe_b64encode(MASTER).decode() + "\n")
        environment = {**os.environ, "BELONG_HOME": home, "DATABASE_URL": url, "BELONG_PORT": str(port)}
        command = [sys.executable, "-m", "connector.cli", "serve", *roles]
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield process, _answers(process, port) - began
        finally:
            process.terminate()
            process.wait(WAIT_SECONDS)


def _answers(process: subprocess.Popen[bytes], port: int) -> float:
    """When it first answered that it lives."""
    until = time.perf_counter() + WAIT_SECONDS
    with httpx.Client(trust_env=False) as http:
        while time.perf_counter() < until and process.poll() is None:
            try:
                expect("alive", http.get(f"http://127.0.0.1:{port}/livez").status_code, 200)
            except httpx.TransportError:
                time.sleep(0.005)
                continue
            return time.perf_counter()
    raise WrongResult("belong serve did not answer")


if __name__ == "__main__":
    print(json.dumps(run_loop(work(sys.argv[1], int(sys.argv[2])))))
