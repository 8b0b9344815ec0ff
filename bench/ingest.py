"""``ingest``: durable webhooks per second over HTTP against ``echo``, and grouped inserts against ``commit-64``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bench import commit_groups
from bench.cpu import GENERATOR_CORE, pinned, server_seconds, tree_seconds
from bench.databases import Databases
from bench.load import Requests, send_all
from bench.measure import Case, Comparison, Row, Sample, expect, interleaved, progress, rows
from bench.orders import Order, fixed_order
from bench.processes import server
from bench.sizes import Sizes
from bench.watch import run_loop, watched
from bench.world import KEYS, TOPIC, World, look, opened, prepare
from connector.ingest.inbox import Inbox
from connector.storage.database import Database
from connector.storage.inbox import body_place

TEMPLATE = "ingest"
FLOOR_TEMPLATE = "commit_64"
SEED = 20261121
WARM_UP = 0.05
MUST_HTTP = (0.50, 0.75)
MUST_GROUP = (0.80, 0.95)


@dataclass(frozen=True, slots=True)
class Task:
    """What is sent to one database."""

    where: Databases
    world: World
    order: Order
    requests: Requests
    sizes: Sizes


def run(kinds: Sequence[Databases], sizes: Sizes) -> list[Row]:
    """Measure on every database."""
    order = fixed_order(SEED)
    tasks = [_prepared(where, order, sizes) for where in kinds]
    http = [Case("echo", partial(_echo, tasks[0]))]
    http += [
        Case(f"{name} {task.where.kind}", partial(_hooks, task, kind))
        for task in tasks
        for name, kind in (("webhooks", "hooks"), ("webhooks with-worker", "service"))
    ]
    samples = interleaved(http, sizes.rounds)
    found = rows("ingest", "webhooks/s", [_against_echo(case.name) for case in http[1:]], samples)
    groups = [case for task in tasks for case in _group_cases(task)]
    samples = interleaved(groups, sizes.rounds)
    pairs = [
        Comparison(f"inbox group insert {task.where.kind}", f"commit-64 {task.where.kind}", *MUST_GROUP)
        for task in tasks
    ]
    return found + rows("ingest", "rows/s", pairs, samples)


def _against_echo(case: str) -> Comparison:
    # Nothing was asked of the case whose worker shares the core.
    return Comparison(case, "echo") if "with-worker" in case else Comparison(case, "echo", *MUST_HTTP)


def _prepared(where: Databases, order: Order, sizes: Sizes) -> Task:
    progress(f"preparing {where.kind}")
    where.template(TEMPLATE, lambda url: prepare(url, 1, []))
    where.template(FLOOR_TEMPLATE, commit_groups.prepare)
    with where.copy(TEMPLATE) as url:
        world: World = run_loop(_look(url))
    path = f"/hooks/shopify/{world.connection.public_id}/{TOPIC}"
    return Task(where, world, order, Requests.of(order, path, sizes.requests, sizes.members), sizes)


async def _look(url: str) -> World:
    async with opened(url) as database:
        return await look(database)


# --- over HTTP --------------------------------------------------------------------------------------------------------


def _echo(task: Task) -> Sample:
    return _measured(task, "echo", "")


def _hooks(task: Task, kind: str) -> Sample:
    with task.where.copy(TEMPLATE) as url:
        sample = _measured(task, kind, url)
        extra = run_loop(_checked(url, task, kind))
        return Sample(sample.units, sample.seconds, sample.cpu_us, {**sample.extra, **extra})


def _measured(task: Task, kind: str, url: str) -> Sample:
    """Warm up, then send; CPU time is that of the server process and of the database server."""
    count, connections = task.sizes.requests, task.sizes.connections
    warm = int(count * WARM_UP)
    database = task.where.postmaster if url else None
    with server(kind, url) as (process, port), pinned(GENERATOR_CORE):
        run_loop(send_all(port, task.requests, range(warm), connections))
        before = tree_seconds(process.pid), server_seconds(database)
        answers = run_loop(send_all(port, task.requests, range(warm, count), connections))
        ours, theirs = tree_seconds(process.pid) - before[0], server_seconds(database) - before[1]
    units = count - warm
    extra = {"p99_ms": answers.p99_ms()} | ({"server_cpu_us": theirs / units * 1e6} if database else {})
    return Sample(units, answers.seconds, (ours + theirs) / units * 1e6, extra)


async def _checked(url: str, task: Task, kind: str) -> dict[str, float]:
    async with opened(url) as database:
        await check_kept(database, task.requests, task.sizes.requests)
        if kind == "hooks":
            return {}
        done = await database.reading().number("SELECT count(*) FROM delivery WHERE state = 1")
        return {"processed_meanwhile": done / task.sizes.requests}


async def check_kept(database: Database, requests: Requests, count: int) -> None:
    """Raise WrongResult unless each of ``count`` deliveries is kept, once, whole, and none was set aside."""
    session = database.reading()
    found = {
        "deliveries": await session.number("SELECT count(*) FROM delivery WHERE state IN (0, 1)"),
        "objects": await session.number("SELECT count(DISTINCT object_id) FROM delivery"),
        "bodies": await session.number("SELECT count(*) FROM delivery_body"),
    }
    expect("kept", found, dict.fromkeys(found, count))
    for number in (0, count - 1):
        row = await session.one(
            "SELECT b.shard, b.id, b.body FROM delivery d JOIN delivery_body b ON b.shard = d.shard AND b.id = d.id "
            "WHERE d.object_id = $1",
            str(requests.first_id + number),
        )
        assert row is not None
        body = KEYS.open(row["body"], body_place(row["shard"], row["id"]))
        expect("a kept body", body, requests.body(number))


# --- groups, without HTTP ---------------------------------------------------------------------------------------------


def _group_cases(task: Task) -> list[Case]:
    kind = task.where.kind
    return [
        Case(f"commit-64 {kind}", partial(_commit_64, task)),
        Case(f"inbox group insert {kind}", partial(_group_insert, task)),
    ]


def _commit_64(task: Task) -> Sample:
    count, payload = task.sizes.group_rows, task.order.raw
    with task.where.copy(FLOOR_TEMPLATE) as url:

        async def work() -> None:
            if task.where.kind == "sqlite":
                commit_groups.insert_sqlite(url, groups)
            else:
                await commit_groups.insert_postgres(url, groups)

        groups = commit_groups.groups(payload, count)
        sample: Sample = run_loop(watched(task.where, work(), count))
        run_loop(commit_groups.check(url, count))
        return sample


def _group_insert(task: Task) -> Sample:
    with task.where.copy(TEMPLATE) as url:
        sample: Sample = run_loop(_submitted(url, task))
        return sample


async def _submitted(url: str, task: Task) -> Sample:
    """As many submitters as the HTTP cases have connections, each waits for its row to be durable."""
    count = task.sizes.group_rows
    async with opened(url) as database:
        inbox = Inbox(database, KEYS, lambda: None)
        left = iter(range(count))

        async def submit() -> None:
            for number in left:
                order = Order(task.order.order_id + number, task.order.customer_id, task.order.raw)
                expect("a new delivery is new", await inbox.keep(task.world.delivery(order)), True)

        async def work() -> None:
            await asyncio.gather(*(submit() for _ in range(task.sizes.connections)))

        sample = await watched(task.where, work(), count)
        await inbox.close()
        for table in ("delivery", "delivery_body"):
            expect(f"rows of {table}", await database.reading().number(f"SELECT count(*) FROM {table}"), count)
        return sample
