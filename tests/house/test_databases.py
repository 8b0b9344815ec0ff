"""The databases that other tests are given."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from tests.databases import Databases, PostgresServer


def file_of(url: str) -> Path | None:
    return Path(url.removeprefix("sqlite://")) if url.startswith("sqlite://") else None


async def migrate_to_one_table(url: str) -> None:
    if path := file_of(url):
        with closing(sqlite3.connect(path)) as connection:
            # A template in this mode may keep its tables beside its file.
            connection.execute("PRAGMA journal_mode=WAL")
    await change(url, "CREATE TABLE lots (size bigint)")


async def change(url: str, statement: str) -> None:
    if path := file_of(url):
        with closing(sqlite3.connect(path)) as lite:
            lite.execute(statement)
            lite.commit()
    else:
        postgres = await asyncpg.connect(url)
        await postgres.execute(statement)
        await postgres.close()


async def count_lots(url: str) -> int:
    query = "SELECT count(*) FROM lots"
    if path := file_of(url):
        with closing(sqlite3.connect(path)) as lite:
            return int(lite.execute(query).fetchone()[0])
    postgres = await asyncpg.connect(url)
    try:
        return int(await postgres.fetchval(query))
    finally:
        await postgres.close()


@pytest.fixture
def own_databases(tmp_path: Path, database_kind: str, request: pytest.FixtureRequest) -> Databases:
    def server() -> PostgresServer:
        started: PostgresServer = request.getfixturevalue("postgres_server_or_skip")
        return started

    return Databases(tmp_path, server, migrate_to_one_table)


async def test_a_prepared_database_starts_migrated_and_empty_every_time(
    own_databases: Databases, database_kind: str
) -> None:
    for _ in range(2):
        with own_databases.prepared(database_kind) as url:
            assert await count_lots(url) == 0
            await change(url, "INSERT INTO lots VALUES (5)")
            assert await count_lots(url) == 1
    own_databases.close()


async def test_two_databases_at_a_time_do_not_see_each_other(own_databases: Databases, database_kind: str) -> None:
    with own_databases.prepared(database_kind) as one, own_databases.prepared(database_kind) as other:
        await change(one, "INSERT INTO lots VALUES (5)")
        assert (await count_lots(one), await count_lots(other)) == (1, 0)
    own_databases.close()


async def test_an_empty_database_has_no_tables(database_url: str) -> None:
    with pytest.raises((sqlite3.OperationalError, asyncpg.UndefinedTableError)):
        await count_lots(database_url)


async def test_a_database_is_gone_after_its_use(databases: Databases, database_kind: str) -> None:
    with databases.empty(database_kind) as url:
        await migrate_to_one_table(url)
    if path := file_of(url):
        assert not path.exists()
    else:
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            await count_lots(url)
