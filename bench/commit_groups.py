"""The floor of the inbox: 64 rows of 8.9 KB per durable commit, by the bare driver and one thread."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from uuid import UUID

import asyncpg

from bench.databases import file_of
from bench.measure import expect
from bench.world import RECEIVED, TOPIC
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


def insert_sqlite(url: str, payload: bytes, count: int) -> None:
    """Insert ``count`` rows, GROUP per commit."""
    with closing(sqlite3.connect(file_of(url), isolation_level=None)) as connection:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        for rows in _groups(payload, count):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT INTO inbox (shop, topic, delivery, received, payload) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
                rows,
            )
            connection.execute("COMMIT")
        expect("rows of commit-64", connection.execute("SELECT count(*) FROM inbox").fetchone()[0], count)


async def insert_postgres(url: str, payload: bytes, count: int) -> None:
    """The same on one connection, a group as one statement over arrays."""
    connection = await asyncpg.connect(url)
    try:
        for rows in _groups(payload, count):
            async with connection.transaction():
                await connection.execute(
                    "INSERT INTO inbox (shop, topic, delivery, received, payload) "
                    "SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::bigint[], $5::bytea[]) "
                    "ON CONFLICT DO NOTHING",
                    *map(list, zip(*rows, strict=True)),
                )
        expect("rows of commit-64", await connection.fetchval("SELECT count(*) FROM inbox"), count)
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


def _groups(payload: bytes, count: int) -> Iterator[list[Row]]:
    chance = random.Random(count)
    for start in range(0, count, GROUP):
        numbers = range(start, min(start + GROUP, count))
        # Ids of deliveries are random, and so is where they go in the index.
        yield [(1, TOPIC, str(UUID(int=chance.getrandbits(128))), RECEIVED_US + n, payload) for n in numbers]
