"""``read``: a shopper's page asks for its numbers (``GET /v1/me``), against ``hello`` on the same server.

cached: kept in memory. not-modified: the page shows the ETag of what it has. one-sql: nothing is kept, every answer is
read. The shoppers come in the same order everywhere and have proven who they are shortly before, as a page has that
asks again.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import msgspec

from bench.cpu import GENERATOR_CORE, pinned, server_seconds, tree_seconds
from bench.databases import Databases
from bench.gets import Asked, ask_all
from bench.measure import Case, Comparison, Row, Sample, expect, interleaved, progress, rows
from bench.orders import orders
from bench.process import drain
from bench.processes import server
from bench.sizes import Sizes
from bench.watch import run_loop
from bench.world import KEYS, opened, prepare
from connector import clock
from connector.access.shopper_tokens import LONGEST, READ, mint_token
from connector.routes.numbers import Member

SEED = 20261126
MUST_CACHED = (0.50, 0.90)
MUST_NOT_MODIFIED = (0.60, 1.0)
MUST_ONE_SQL = {"sqlite": (0.40, 0.55), "postgresql": (0.25, 0.55)}
ORDERS_EACH = 3


@dataclass(frozen=True, slots=True)
class Shopper:
    """Whom the page belongs to, and how many points they have."""

    programme_number: int
    connection_number: int
    member_id: str
    points: int

    def token(self, now: datetime) -> str:
        scopes = frozenset({READ})
        where = self.programme_number, self.connection_number, self.member_id
        return mint_token(KEYS, *where, scopes, now, LONGEST)[0]


@dataclass(frozen=True, slots=True)
class Task:
    where: Databases
    shoppers: Sequence[Shopper]
    asked: Sequence[int]
    """Who asks, request by request."""
    connections: int


def run(kinds: Sequence[Databases], sizes: Sizes) -> list[Row]:
    """Measure on every database."""
    tasks = [_prepared(where, sizes) for where in kinds]
    cases = [Case("hello", partial(_hello, tasks[0]))]
    pairs = []
    for task in tasks:
        kind = task.where.kind
        for name, most, shows, must in (
            ("cached", None, False, MUST_CACHED),
            ("not-modified", None, True, MUST_NOT_MODIFIED),
            ("one-sql", 0, False, MUST_ONE_SQL[kind]),
        ):
            cases.append(Case(f"{name} {kind}", partial(_read, task, most, shows)))
            pairs.append(Comparison(f"{name} {kind}", "hello", *must))
    return rows("read", "requests/s", pairs, interleaved(cases, sizes.rounds))


def _prepared(where: Databases, sizes: Sizes) -> Task:
    made = orders(sizes.read_members * ORDERS_EACH, sizes.read_members, SEED)
    progress(f"preparing {where.kind}: {sizes.read_members} members with {len(made)} orders")

    async def with_points(url: str) -> None:
        await prepare(url, sizes.read_members, made)
        async with opened(url) as database:
            await drain(database)

    where.template("read", with_points)
    with where.copy("read") as url:
        shoppers = run_loop(_shoppers(url))
    chance = random.Random(SEED)
    asked = [chance.randrange(len(shoppers)) for _ in range(sizes.read_requests)]
    return Task(where, shoppers, asked, min(32, sizes.connections))


async def _shoppers(url: str) -> list[Shopper]:
    async with opened(url) as database:
        found = await database.reading().rows(
            "SELECT i.programme_number, i.connection_number, i.member_id, b.points FROM identity i "
            "JOIN balance b ON b.member_id = i.member_id ORDER BY i.member_id"
        )
    return [Shopper(**row) for row in found]


def _hello(task: Task) -> Sample:
    with server("hello", "") as (process, port), pinned(GENERATOR_CORE):
        run_loop(ask_all(port, [Asked(b"/hello")] * 200, task.connections))
        before = tree_seconds(process.pid)
        answers = run_loop(ask_all(port, [Asked(b"/hello")] * len(task.asked), task.connections))
        spent = tree_seconds(process.pid) - before
    expect("what hello says", set(answers.bodies), {b"hello"})
    return Sample(len(task.asked), answers.seconds, spent / len(task.asked) * 1e6, {"p99_ms": answers.p99_ms()})


def _read(task: Task, most: int | None, shows: bool) -> Sample:
    """Everyone proves who they are and is answered once; then all ask as they were drawn."""
    with task.where.copy("read") as url, server("read", url, most=most) as (process, port), pinned(GENERATOR_CORE):
        now = clock.utc_now()
        first = [Asked(b"/v1/me", shopper.token(now).encode()) for shopper in task.shoppers]
        told = run_loop(ask_all(port, first, task.connections))
        again = [Asked(one.path, one.token, told.etags[number] if shows else b"") for number, one in enumerate(first)]
        before = tree_seconds(process.pid), server_seconds(task.where.postmaster)
        answers = run_loop(ask_all(port, [again[number] for number in task.asked], task.connections))
        ours = tree_seconds(process.pid) - before[0]
        theirs = server_seconds(task.where.postmaster) - before[1]
    _check(task, told.bodies, answers.bodies, shows)
    count = len(task.asked)
    extra = {"p99_ms": answers.p99_ms()} | ({"server_cpu_us": theirs / count * 1e6} if task.where.postmaster else {})
    return Sample(count, answers.seconds, (ours + theirs) / count * 1e6, extra)


def _check(task: Task, first: Sequence[bytes], then: Sequence[bytes], shows: bool) -> None:
    """Everyone was told their own points; who showed what they have was sent nothing."""
    points = [msgspec.json.decode(body, type=Member).balance for body in first]
    expect("points told", points, [shopper.points for shopper in task.shoppers])
    if shows:
        expect("bodies of 304", set(then), {b""})
        return
    found = {(number, body) for number, body in zip(task.asked, then, strict=True)}
    told = [(number, msgspec.json.decode(body, type=Member).balance) for number, body in sorted(found)]
    expect("points told again", told, [(number, task.shoppers[number].points) for number, _ in told])
