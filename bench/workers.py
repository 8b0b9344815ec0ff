"""``workers``: two worker processes against one on the same PostgreSQL inbox, with many members and with a single one.

Both drain all: deliveries to facts, work to ledger. A case ends when the last process has nothing left; then everything
is counted, and the server must have seen no deadlock.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from bench.cpu import server_seconds, tree_seconds
from bench.databases import Databases
from bench.ledger_rows import totals
from bench.measure import Case, Comparison, Row, Sample, expect, interleaved, progress, rows
from bench.orders import orders
from bench.process import check
from bench.sizes import Sizes
from bench.watch import run_loop
from bench.world import opened, prepare

SEED = 20261126
MUST = {"many": (1.3, 1.8), "hot": (1.2, 1.5)}
STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Load:
    """What waits in one template. name: ``many`` members, or one ``hot`` one."""

    where: Databases
    name: str
    orders: int


def run(kinds: Sequence[Databases], sizes: Sizes) -> list[Row]:
    """Measure on PostgreSQL; SQLite has one process."""
    found: list[Row] = []
    for where in kinds:
        if where.kind == "postgresql":
            asked = (("many", sizes.members, sizes.worker_orders), ("hot", 1, sizes.hot_orders))
            loads = [_prepared(where, name, members, count) for name, members, count in asked]
            cases = [Case(_name(load, count), partial(_drained, load, count)) for load in loads for count in (1, 2)]
            samples = interleaved(cases, sizes.rounds)
            pairs = [Comparison(_name(load, 2), _name(load, 1), *MUST[load.name]) for load in loads]
            found += rows("workers", "orders/s", pairs, samples)
    return found


def _name(load: Load, count: int) -> str:
    whose = "one hot member" if load.name == "hot" else "many members"
    return f"{'one worker' if count == 1 else 'two workers'}, {whose}"


def _prepared(where: Databases, name: str, members: int, count: int) -> Load:
    progress(f"preparing {where.kind}: {count} deliveries of {members} members")
    made = orders(count, members, SEED)
    where.template(f"workers_{name}", lambda url: prepare(url, members, made))
    return Load(where, name, len(made))


def _drained(load: Load, count: int) -> Sample:
    with load.where.copy(f"workers_{load.name}") as url:
        before = run_loop(_deadlocks(url))
        with _workers(url, count) as workers:
            theirs = server_seconds(load.where.postmaster)
            ours = sum(tree_seconds(worker.pid) for worker in workers)
            began = time.perf_counter()
            for worker in workers:
                print(file=worker.stdin, flush=True)
            worked = [_said(worker) for worker in workers]
            seconds = time.perf_counter() - began
            ours = sum(tree_seconds(worker.pid) for worker in workers) - ours
            theirs = server_seconds(load.where.postmaster) - theirs
        run_loop(_checked(url, load, before))
    shares = {"least_share": min(map(int, worked)) / sum(map(int, worked))} if count > 1 else {}
    extra = {"server_cpu_us": theirs / load.orders * 1e6, "deadlocks": 0, **shares}
    return Sample(load.orders, seconds, (ours + theirs) / load.orders * 1e6, extra)


@contextmanager
def _workers(url: str, count: int) -> Iterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "bench.worker", url]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(count)
    ]
    try:
        for worker in workers:
            expect("a worker's first word", _said(worker), "ready")
        yield workers
    finally:
        for worker in workers:
            if worker.poll() is None:
                worker.terminate()
            worker.communicate(timeout=STOP_SECONDS)


def _said(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None
    return worker.stdout.readline().strip()


async def _deadlocks(url: str) -> int:
    async with opened(url) as database:
        return await database.reading().number(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )


async def _checked(url: str, load: Load, deadlocks: int) -> None:
    expect("deadlocks", await _deadlocks(url), deadlocks)
    async with opened(url) as database:
        await check(database, load.orders)
        await totals(database.reading())
