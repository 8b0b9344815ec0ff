"""The floor of processing: the rows that ours writes, known beforehand, by the bare driver. No read, parse or mark."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing

import asyncpg

from bench.databases import Databases, file_of
from bench.ledger_rows import BALANCE, INSERTED, Totals, Written, totals
from bench.measure import Sample, expect
from bench.watch import Watch, run_loop, watched
from bench.world import opened

PRAGMAS = ("busy_timeout = 5000", "journal_mode = WAL", "synchronous = FULL", "cache_size = -65536")
PUSH = (
    "next_at_us = {earlier}(next_at_us, 1795262547000000), wanted = wanted + 1, state = 0, attempts = 0, reason = NULL"
)
_TYPES = {
    "points": "bigint",
    "lifetime": "bigint",
    "last_n": "int",
    "last_hash": "bytea",
    "next_change_at_us": "bigint",
}


def write_only(where: Databases, template: str, batches: Sequence[Written], wanted: Totals, count: int) -> Sample:
    """Write the rows of ``count`` orders into a copy of the template, and see that they came out right."""
    with where.copy(template) as url:
        if where.kind == "sqlite":
            watch = Watch(where)
            write_sqlite(url, batches)
            sample = watch.sample(count)
        else:
            sample = run_loop(watched(where, write_postgres(url, batches), count))
        run_loop(_expect_totals(url, wanted))
    return sample


async def _expect_totals(url: str, wanted: Totals) -> None:
    async with opened(url) as database:
        expect("totals of write-only", await totals(database.reading()), wanted)


def write_sqlite(url: str, batches: Sequence[Written]) -> None:
    """One transaction per batch."""
    inserts = {
        table: f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        for table, columns in INSERTED.items()
    }
    balance = f"UPDATE balance SET {', '.join(f'{name} = ?' for name in BALANCE)} WHERE shard = ? AND member_id = ?"
    push = f"UPDATE push SET {PUSH.format(earlier='min')} WHERE shard = ? AND member_id = ?"
    with closing(sqlite3.connect(file_of(url), isolation_level=None)) as connection:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        for batch in batches:
            connection.execute("BEGIN IMMEDIATE")
            for table, rows in batch.inserted.items():
                connection.executemany(inserts[table], rows)
            connection.executemany(balance, batch.balances)
            connection.executemany(push, batch.pushes)
            connection.execute("COMMIT")


async def write_postgres(url: str, batches: Sequence[Written]) -> None:
    """One transaction per batch: COPY what is new, one UPDATE ... FROM unnest for what changes."""
    casts = [f"${number}::{_TYPES[name]}[]" for number, name in enumerate(BALANCE, 1)]
    keys = [f"${len(BALANCE) + 1}::smallint[]", f"${len(BALANCE) + 2}::text[]"]
    balance = (
        f"UPDATE balance b SET {', '.join(f'{name} = u.{name}' for name in BALANCE)} "
        f"FROM unnest({', '.join(casts + keys)}) AS u({', '.join(BALANCE)}, shard, member_id) "
        "WHERE b.shard = u.shard AND b.member_id = u.member_id"
    )
    push = (
        f"UPDATE push p SET {PUSH.format(earlier='least')} "
        "FROM unnest($1::smallint[], $2::text[]) AS u(shard, member_id) "
        "WHERE p.shard = u.shard AND p.member_id = u.member_id"
    )
    connection = await asyncpg.connect(url)
    try:
        for batch in batches:
            async with connection.transaction():
                for table, rows in batch.inserted.items():
                    await connection.copy_records_to_table(table, records=rows, columns=INSERTED[table])
                await connection.execute(balance, *map(list, zip(*batch.balances, strict=True)))
                await connection.execute(push, *map(list, zip(*batch.pushes, strict=True)))
    finally:
        await connection.close()
