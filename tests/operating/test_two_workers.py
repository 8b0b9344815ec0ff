"""Two worker processes on one PostgreSQL: both work, nothing is done twice, and a hot member holds up nobody else."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from connector.storage.atomic import atomic
from connector.storage.inbox import insert_deliveries
from tests.builders import opened
from tests.chaos.installation import Installation, delivery, install, order_body
from tests.chaos.tables import number
from tests.connector.home import Home, Serving
from tests.databases import Databases
from tests.second_connection import run_apart

pytestmark = pytest.mark.postgresql

HOT, OTHERS = 60, 40
HOT_CUSTOMER = 7
SECONDS = 40


async def deliver(made: Installation, first_order: int, customers: list[int]) -> None:
    """One paid order of each customer comes in."""
    bodies = [order_body("woocommerce", n, customer, 1_000) for n, customer in enumerate(customers, first_order)]
    batch = [delivery(made, "woocommerce", body) for body in bodies]
    async with opened(made.url) as database:
        await atomic(database, partial(insert_deliveries, deliveries=batch, keys=made.keys))


def applied(worker: Serving) -> int:
    """Deliveries that this process turned into facts."""
    found = re.search(r"^loyalty_inbox_applied_total (\S+)$", worker.get("/metrics").text, re.MULTILINE)
    return int(float(found[1])) if found else 0


def until(url: str, statement: str, wanted: int) -> None:
    ends = time.monotonic() + SECONDS
    while (found := number(url, statement)) != wanted:
        assert time.monotonic() < ends, f"{found} instead of {wanted}: {statement}"
        time.sleep(0.1)


@contextmanager
def row_kept(url: str, statement: str) -> Iterator[None]:
    """Somebody else has a row locked for as long as the block runs."""
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(url))
        runner.run(connection.execute("BEGIN"))
        runner.run(connection.execute(statement))
        try:
            yield
        finally:
            runner.run(connection.execute("ROLLBACK"))
            runner.run(connection.close())


def test_two_processes_share_the_work_and_a_hot_member_holds_up_nobody(databases: Databases, tmp_path: Path) -> None:
    with databases.prepared("postgresql") as url, ExitStack() as stack:
        made = asyncio.run(install(url, tmp_path / "home"))
        home = Home(made.home, {**made.environment, "BELONG_SHARDS_PER_CLAIM": "1"})
        workers = [stack.enter_context(home.serving("--role", "worker")) for _ in range(2)]
        asyncio.run(deliver(made, 1, [HOT_CUSTOMER]))
        until(url, "SELECT count(*) FROM entry", 1)
        ((hot, shard),) = run_apart(url, "SELECT member_id, shard FROM balance")
        with row_kept(url, f"SELECT 1 FROM balance WHERE member_id = '{hot}' FOR UPDATE"):
            asyncio.run(deliver(made, 2, [HOT_CUSTOMER] * HOT + [1_000 + n for n in range(OTHERS)]))
            until(url, "SELECT count(*) FROM member", 1 + OTHERS)
            elsewhere = number(url, f"SELECT count(*) FROM member WHERE shard <> {shard}")
            assert elsewhere > OTHERS // 2
            until(url, f"SELECT count(*) FROM entry WHERE shard <> {shard}", elsewhere)
            assert number(url, f"SELECT count(*) FROM entry WHERE member_id = '{hot}'") == 1, "it was held all the time"
        until(url, "SELECT count(*) FROM entry", 1 + HOT + OTHERS)
        shares = [applied(worker) for worker in workers]
        assert sum(shares) == 1 + HOT + OTHERS, "each delivery by one of them"
        assert min(shares) > 0, f"one of them had nothing to do: {shares}"
        assert number(url, "SELECT sum(points) FROM balance") == number(url, "SELECT sum(points) FROM entry")
