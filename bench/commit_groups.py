"""The floor of the inbox: 64 rows of 8.9 KB per durable commit, by the bare driver and one thread."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from uuid import UUID

import asyncpg

from bench.databases import file_of
from bench.measure import expect
from bench.world import RECEIVED, TOPIC, opened
from bench.write_only import PRAGMAS
from connector.storage.instants import micros

GROUP = 64
RECEIVED_US = micros(RECEIVED)
SQLITE_TABLE = (
    "CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, shop INT NOT NULL, topic TEXT NOT NULL, "
    "delivery TEXT NOT NULL, received INT NOT NULL, status INT NOT NULL DEFAULT 0, attempts INT NOT NULL DEFAULT 0, "
    "payload BLOB NOT NULL, UNIQUE (shop, delivery))"
)
POSTGRES_TABLE = (
    "CREATE TABLE inbox (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, shop INT NOT NULL, topic TEXT NOT NULL, "
    "delivery TEXT NOT NULL, received BIGINT NOT NULL, status SMALLINT NOT NULL DEFAULT 0, "
    "attempts SMALLINT NOT NULL DEFAULT 0, payload BYTEA STORAGE EXTERNAL NOT NULL, UNIQUE (shop, delivery))"
)
INDEX = "CREATE INDEX inbox_waiting ON inbox (id) WHERE status = 0"

Row = tuple[int, str, str, int, bytes]


def insert_sqlite(url: str, groups: Sequence[Sequence[Row]]) -> None:
    """One durable commit per group."""
    with closing(sqlite3.connect(file_of(url), isolation_level=None)) as connection:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        for rows in groups:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT INTO inbox (shop, topic, delivery, received, payload) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                rows,
            )
            connection.execute("COMMIT")


async def insert_postgres(url: str, groups: Sequence[Sequence[Row]]) -> None:
    """The same on one connection, a group as one statement over arrays."""
    connection = await asyncpg.connect(url)
    try:
        for rows in groups:
            async with connection.transaction():
                await connection.execute(
                    "INSERT INTO inbox (shop, topic, delivery, received, payload) "
                    "SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::bigint[], $5::bytea[]) "
                    "ON CONFLICT DO NOTHING",
                    *map(list, zip(*rows, strict=True)),
                )
    finally:
        await connection.close()


async def prepare(url: str) -> None:
    """The table, in an empty database."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(file_of(url))) as connection:
            connection.executescript(f"PRAGMA journal_mode = WAL; {SQLITE_TABLE}; {INDEX};")
        return
    server = await asyncpg.connect(url)
    try:
        await server.execute(f"{POSTGRES_TABLE}; {INDEX}")
    finally:
        await server.close()


async def check(url: str, count: int) -> None:
    """Raise WrongResult unless all rows are there."""
    async with opened(url) as database:
        expect("rows of commit-64", await database.reading().number("SELECT count(*) FROM inbox"), count)


def groups(payload: bytes, count: int) -> list[list[Row]]:
    """Rows to insert, made before anything is measured."""
    chance = random.Random(count)
    # Ids of deliveries are random, and so is where they go in the index.
    rows = [(1, TOPIC, str(UUID(int=chance.getrandbits(128))), RECEIVED_US + n, payload) for n in range(count)]
    return [rows[start : start + GROUP] for start in range(0, count, GROUP)]
