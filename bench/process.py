"""``process``: orders per second from a full inbox to the ledger, against writing alone and against the naive way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from tortoise import Tortoise

from bench.databases import Databases
from bench.ledger_rows import BATCH, Totals, Written, totals, written
from bench.measure import Case, Comparison, Row, Sample, expect, interleaved, progress, rows
from bench.naive import check_naive, open_naive, run_naive
from bench.orders import Order, orders
from bench.profile import profiled
from bench.sizes import Sizes
from bench.watch import Watch, run_loop, watched
from bench.world import KEYS, Ticking, opened, prepare
from bench.write_only import write_only
from connector.ingest.pipeline import Pipeline, apply_deliveries, decide_work
from connector.registry import PLATFORMS
from connector.storage.database import Database

TEMPLATE = "process"
EMPTY = "nothing"
MUST = {"sqlite": (0.30, 0.60), "postgresql": (0.25, 0.50)}
MUST_NAIVE = (12.0, 30.0)
SEED = 20261121


@dataclass(frozen=True, slots=True)
class Task:
    """What is processed on one database: the floor's rows and what must come out come from a first, unmeasured run."""

    where: Databases
    orders: Sequence[Order]
    naive_orders: Sequence[Order]
    batches: Sequence[Written]
    wanted: Totals


def run(kinds: Sequence[Databases], sizes: Sizes) -> list[Row]:
    """Measure on every database; the rows of the pipeline say where its time went, from one more run."""
    made = orders(sizes.process_orders, sizes.members, SEED)
    tasks = [_prepared(where, made, sizes) for where in kinds]
    samples = interleaved([case for task in tasks for case in _cases(task)], sizes.rounds)
    found = []
    for task in tasks:
        against_floor, against_naive = rows("process", "orders/s", _comparisons(task.where.kind), samples)
        found += [replace(against_floor, steps=_steps(task)), against_naive]
    return found


def _steps(task: Task) -> dict[str, float]:
    """Microseconds per order by step."""
    progress(f"profile of {task.where.kind}")
    with profiled() as profile:
        _ours(task)
    return profile.per_unit(len(task.orders))


def _prepared(where: Databases, made: Sequence[Order], sizes: Sizes) -> Task:
    progress(f"preparing {where.kind}: {sizes.members} members, {len(made)} deliveries")
    where.template(TEMPLATE, lambda url: prepare(url, sizes.members, made))
    where.template(EMPTY, _nothing)
    with where.copy(TEMPLATE) as url:
        batches, wanted = run_loop(_first_run(url, made))
    return Task(where, made, made[: sizes.naive_orders], batches, wanted)


async def _nothing(url: str) -> None:
    """An empty database needs nothing."""


async def _first_run(url: str, made: Sequence[Order]) -> tuple[list[Written], Totals]:
    async with opened(url) as database:
        await drain(database)
        await check(database, len(made))
        session = database.reading()
        return await written(session), await totals(session)


def _cases(task: Task) -> list[Case]:
    kind = task.where.kind
    return [
        Case(
            f"write-only {kind}",
            partial(write_only, task.where, TEMPLATE, task.batches, task.wanted, len(task.orders)),
        ),
        Case(f"pipeline {kind}", partial(_ours, task)),
        Case(f"naive {kind}", partial(_naive, task)),
    ]


def _comparisons(kind: str) -> list[Comparison]:
    return [
        Comparison(f"pipeline {kind}", f"write-only {kind}", *MUST[kind]),
        Comparison(f"pipeline {kind}", f"naive {kind}", *MUST_NAIVE),
    ]


def _ours(task: Task) -> Sample:
    with task.where.copy(TEMPLATE) as url:
        sample: Sample = run_loop(_process(url, task))
        return sample


async def _process(url: str, task: Task) -> Sample:
    async with opened(url) as database:
        watch = Watch(task.where)
        await drain(database)
        sample = watch.sample(len(task.orders))
        await check(database, len(task.orders))
        expect("totals of the pipeline", await totals(database.reading()), task.wanted)
    return sample


async def drain(database: Database) -> None:
    """Both steps, batch by batch, until nothing waits."""
    pipeline = Pipeline(database, KEYS, PLATFORMS, Ticking())
    while await apply_deliveries(pipeline, BATCH) + await decide_work(pipeline, BATCH):
        pass


async def check(database: Database, count: int) -> None:
    """Raise WrongResult unless each of ``count`` paid orders became one entry, and nothing waits or was set aside."""
    session = database.reading()
    found = {
        "deliveries done": await session.number("SELECT count(*) FROM delivery WHERE state = 1"),
        "facts": await session.number("SELECT count(*) FROM source_fact WHERE member_id IS NOT NULL"),
        "entries": await session.number("SELECT count(*) FROM entry"),
        "lots": await session.number("SELECT count(*) FROM lot"),
        "work left": await session.number("SELECT count(*) FROM work"),
    }
    expect("after processing", found, dict.fromkeys(found, count) | {"work left": 0})


def _naive(task: Task) -> Sample:
    with task.where.copy(EMPTY) as url:
        sample: Sample = run_loop(_run_naive(url, task))
        return sample


async def _run_naive(url: str, task: Task) -> Sample:
    client = await open_naive(url, task.naive_orders)
    try:
        count = len(task.naive_orders)
        sample = await watched(task.where, run_naive(client, count), count)
        await check_naive(client, count)
        return sample
    finally:
        await Tortoise.close_connections()
