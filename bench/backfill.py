"""``backfill``: orders per second from the pages of a shop to the ledger, against writing alone.

A WooCommerce shop in a process of its own gives pages of 100 orders, put into words beforehand; the shop's own work is
not what is measured. We read them with the real client, keep them in the real inbox and decide them, until the run is
over and nothing waits. Pages are read until a full batch waits, as it comes about in a service whose shop answers at
once; then both steps of the pipeline run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from bench.databases import Databases
from bench.ledger_rows import BATCH, Totals, Written, totals, written
from bench.measure import Case, Comparison, Row, Sample, expect, interleaved, progress, rows
from bench.past_shop import HOST, past_shop
from bench.process import check
from bench.profile import profiled
from bench.sizes import Sizes
from bench.watch import Watch, run_loop
from bench.world import KEYS, RECEIVED, Store, Ticking, World, look, opened, prepare
from bench.write_only import write_only
from connector.api_client import ApiClient, open_http
from connector.ingest import backfill, backfill_runs
from connector.ingest.pipeline import Pipeline, apply_deliveries, decide_work
from connector.people.actors import SYSTEM
from connector.registry import PLATFORMS
from connector.shops import Shops
from connector.storage.backfills import RunState, last_run
from connector.storage.database import Database
from connector.woocommerce.orders import PAGE_ORDERS

TEMPLATE = "backfill"
MUST, MOONSHOT = 0.35, 0.70


@dataclass(frozen=True, slots=True)
class Task:
    """A past to be read into one database. batches, wanted: the floor's rows and what must come out, both from a first,
    unmeasured run.
    """

    where: Databases
    port: int
    orders: int
    batches: Sequence[Written] = ()
    wanted: Totals | None = None


def run(kinds: Sequence[Databases], sizes: Sizes) -> list[Row]:
    """Measure on every database; the rows say where the time went, from one more run."""
    with past_shop(sizes.past_orders, sizes.members) as port:
        tasks = [_prepared(where, port, sizes) for where in kinds]
        samples = interleaved([case for task in tasks for case in _cases(task)], sizes.rounds)
        found = []
        for task in tasks:
            names = f"backfill {task.where.kind}", f"write-only {task.where.kind}"
            [row] = rows("backfill", "orders/s", [Comparison(*names, MUST, MOONSHOT)], samples)
            found.append(replace(row, steps=_steps(task)))
        return found


def _steps(task: Task) -> dict[str, float]:
    """Microseconds per order by step."""
    progress(f"profile of {task.where.kind}")
    with profiled(reading=True) as profile:
        _ours(task)
    return profile.per_unit(task.orders)


def _prepared(where: Databases, port: int, sizes: Sizes) -> Task:
    progress(f"preparing {where.kind}: {sizes.members} members, a past of {sizes.past_orders} orders")
    where.template(TEMPLATE, lambda url: prepare(url, sizes.members, [], _store(port)))
    task = Task(where, port, sizes.past_orders)
    with where.copy(TEMPLATE) as url:
        batches, wanted = run_loop(_first_run(url, task))
    return replace(task, batches=batches, wanted=wanted)


def _store(port: int) -> Store:
    return Store(
        "woocommerce",
        "https://shop.example",
        f"http://{HOST}:{port}",
        {"auth": "basic"},
        {"webhook": "unused", "consumer_key": "ck_bench", "consumer_secret": "cs_bench"},
    )


def _cases(task: Task) -> list[Case]:
    kind = task.where.kind
    assert task.wanted is not None
    floor = partial(write_only, task.where, TEMPLATE, task.batches, task.wanted, task.orders)
    return [Case(f"write-only {kind}", floor), Case(f"backfill {kind}", partial(_ours, task))]


def _ours(task: Task) -> Sample:
    with task.where.copy(TEMPLATE) as url:
        sample: Sample = run_loop(_measured(url, task))
        return sample


async def _first_run(url: str, task: Task) -> tuple[list[Written], Totals]:
    async with opened(url) as database:
        await read_past(database, task.port)
        await check_read(database, task.orders)
        session = database.reading()
        return await written(session), await totals(session)


async def _measured(url: str, task: Task) -> Sample:
    async with opened(url) as database:
        watch = Watch(task.where)
        await read_past(database, task.port)
        sample = watch.sample(task.orders)
        await check_read(database, task.orders)
        expect("totals of the backfill", await totals(database.reading()), task.wanted)
    return sample


async def read_past(database: Database, port: int) -> None:
    """The whole past of the shop, from its first page until nothing waits."""
    world, now = await look(database), Ticking()
    here = frozenset({f"{HOST}:{port}"})
    async with open_http(here) as http:
        shops = Shops(database, KEYS, PLATFORMS, ApiClient(http, here, now=now))
        backfiller = backfill.Backfiller(database, KEYS, shops, now)
        pipeline = Pipeline(database, KEYS, PLATFORMS, now)
        await backfill_runs.start(database, world.connection, None, SYSTEM, RECEIVED)
        while await _pages(backfiller):
            while await apply_deliveries(pipeline, BATCH) + await decide_work(pipeline, BATCH):
                pass
        await backfiller.close()


async def _pages(backfiller: backfill.Backfiller) -> int:
    """As many pages as fill a batch. Returns how many there were; 0: the run is over."""
    return sum([await backfill.read_history(backfiller) for _ in range(BATCH // PAGE_ORDERS)])


async def check_read(database: Database, count: int) -> None:
    """Raise WrongResult unless the run is over and each of its orders, all of them new, became one entry."""
    await check(database, count)
    world: World = await look(database)
    run = await last_run(database.reading(), world.connection.number)
    assert run is not None
    expect("the run", (run.state, run.read, run.new, run.left), (RunState.DONE, count, count, 0))
