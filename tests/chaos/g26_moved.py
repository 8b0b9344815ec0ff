"""G26: an installation moves from SQLite to PostgreSQL, killed on the way, and every byte of it is there.

The rows are those of real orders, from the inbox to what stores are to be told. ``belong move`` runs as its operator
runs it and is killed with SIGKILL again and again; the last run ends. Ledger and every table are then read from both
sides by other code than the one that moved them.
"""

from __future__ import annotations

import asyncio
import hashlib
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from sqlite3 import Connection, connect
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from connector.ingest.pipeline import Pipeline, drain
from connector.registry import PLATFORMS
from connector.storage.atomic import atomic
from connector.storage.inbox import MAX_INSERT, insert_deliveries
from connector.storage.ledger_root import LedgerRoot, ledger_root
from connector.verify import verify
from tests.builders import opened
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.installation import Installation, delivery, install, order_body
from tests.chaos.tables import number
from tests.second_connection import run_apart

ROOT = Path(__file__).resolve().parents[2]
OF_EACH_DATABASE = ("database_move", "id_sequence", "move_part", "tortoise_migrations")
ORDERS_OF_ONE = 5
MOVE_SECONDS_MAX = 1800


async def run(trial: Trial) -> Findings:
    findings = Findings()
    with trial.databases.prepared("sqlite") as old, trial.databases.empty("postgresql") as new:
        made = await install(old, trial.folder / "home")
        await _filled(trial, made)
        before, root, total = await _verified(made, old), await _root(old), _rows_of(old)
        trial.progress(f"{total} rows, {root.entries} entries; moving")
        kills = trial.size["kills"]
        stops: list[int] = []
        for turn in range(kills):
            # Beyond where the last one died: on a fast machine it had come further than was asked.
            stops.append(await _killed(made, new, max([total * turn // kills, *stops]), findings))
        findings.must(all(0 < one < total for one in stops), f"killed at {stops} of {total} rows: not half-way")
        findings.expect("rows at which it was killed, in their order", stops, sorted(set(stops)))
        began = time.monotonic()
        code, said = await asyncio.to_thread(_move, made, new)
        seconds = time.monotonic() - began
        findings.expect(f"belong move said {said}", code, 0)
        trial.progress("comparing")
        findings.expect("ledger", await _root(new), root)
        rows = await _compared(old, new, findings)
        findings.expect("rows that were compared", rows, total)
        findings.expect("what verify says", await _verified(made, new), before)
        findings.must(before["ok"], "verify finds differences before the move")
    findings.figure |= {"rows": rows, "entries": root.entries, "ledger root": root.root[:16]}
    findings.figure |= {"killed at rows": stops, "seconds of the last run": round(seconds, 1)}
    return findings


async def _filled(trial: Trial, made: Installation) -> None:
    orders = trial.size["orders"]
    async with opened(made.url) as database:
        pipeline = Pipeline(database, made.keys, PLATFORMS)
        for first in range(1, orders + 1, MAX_INSERT):
            batch = [
                delivery(made, "woocommerce", order_body("woocommerce", n, 1 + n // ORDERS_OF_ONE, 1_000 + n % 900))
                for n in range(first, min(first + MAX_INSERT, orders + 1))
            ]
            await atomic(database, partial(insert_deliveries, deliveries=batch, keys=made.keys))
            if (first // MAX_INSERT) % 20 == 0:
                await drain(pipeline)
                trial.progress(f"{first} orders")
        await drain(pipeline)


async def _verified(made: Installation, url: str) -> dict[str, Any]:
    async with opened(url) as database:
        report = await verify(database, made.keys)
    return {"ok": report.ok, "text": report.as_text()}


async def _root(url: str) -> LedgerRoot:
    async with opened(url) as database:
        return await ledger_root(database.reading())


def _started(made: Installation, new: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "connector.cli", "move"],
        env={**made.environment, "BELONG_MOVE_TO": new, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _move(made: Installation, new: str) -> tuple[int, str]:
    process = _started(made, new)
    out, err = process.communicate(timeout=MOVE_SECONDS_MAX)
    return process.returncode, out + err[-500:]


def _rows_of(old: str) -> int:
    """How many rows there are to be moved, by the old database alone."""
    with closing(connect(urlsplit(old).path)) as sqlite:
        return sum(sqlite.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in _tables(sqlite))


def _tables(sqlite: Connection) -> list[str]:
    names = sqlite.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    return [name for (name,) in names.fetchall() if name not in OF_EACH_DATABASE]


async def _killed(made: Installation, new: str, wanted: int, findings: Findings) -> int:
    """Kill a move as soon as more than so many rows have come. Returns how many had."""
    process = _started(made, new)
    while process.poll() is None and await asyncio.to_thread(_come, new) <= wanted:
        await asyncio.sleep(0.01)
    process.kill()
    out, err = await asyncio.to_thread(process.communicate)
    findings.expect(f"end of a move that was to be killed: {out + err[-500:]}", process.returncode, -signal.SIGKILL)
    return _come(new)


def _come(new: str) -> int:
    if not run_apart(new, "SELECT 1 FROM pg_tables WHERE tablename = 'move_part'"):
        return 0
    return number(new, "SELECT coalesce(sum(rows), 0) FROM move_part")


async def _compared(old: str, new: str, findings: Findings) -> int:
    """Digests of every table, each row as a text that both databases can say. Returns how many rows there are."""
    rows = 0
    postgres = await asyncpg.connect(new)
    try:
        with closing(connect(urlsplit(old).path)) as sqlite:
            for name in _tables(sqlite):
                columns = ", ".join(f'"{row[1]}"' for row in sqlite.execute(f"PRAGMA table_info({name})"))
                here = _Sum()
                for row in sqlite.execute(f"SELECT {columns} FROM {name}"):
                    here.add(row)
                there = _Sum()
                async with postgres.transaction():
                    async for record in postgres.cursor(f"SELECT {columns} FROM {name}", prefetch=5_000):
                        there.add(tuple(record))
                findings.expect(f"rows of {name}", there.said(), here.said())
                rows += here.count
    finally:
        await postgres.close()
    return rows


class _Sum:
    """Of rows in whatever order: their number, and the sum of their digests."""

    def __init__(self) -> None:
        self.count, self.total = 0, 0

    def add(self, row: tuple[Any, ...]) -> None:
        text = "|".join(map(_spoken, row))
        self.total = (self.total + int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")) % 2**256
        self.count += 1

    def said(self) -> tuple[int, str]:
        return self.count, f"{self.total:x}"


def _spoken(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(int(value) if isinstance(value, bool) else value)


GOAL = Goal(
    "G26",
    "SQLite -> PostgreSQL, 1 M rows: byte-equal ledger hash",
    run,
    small={"orders": 1500, "kills": 2},
    full={"orders": 100_000, "kills": 5},
    # Where it ends; it begins on SQLite.
    kinds=("postgresql",),
)
