"""What SQLite must be told so that an acknowledged write is durable, and how its one writer meets others."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing

import pytest
from tortoise.exceptions import OperationalError

from connector.errors import ConfigProblem
from connector.storage.atomic import MAX_ATTEMPTS, atomic
from connector.storage.database import Database, close_database, open_database, sqlite_path
from connector.storage.session import Session
from tests.builders import opened
from tests.databases import Databases

INSERT = "INSERT INTO shard_slot (shard, kind) VALUES (100, 'work')"


@pytest.fixture
async def url(databases: Databases) -> AsyncIterator[str]:
    with databases.prepared("sqlite") as prepared:
        yield prepared


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with opened(url) as made:
        yield made


async def pragma(session: Session, name: str) -> object:
    return next(iter((await session.rows(f"PRAGMA {name}"))[0].values()))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("busy_timeout", 5000),
        ("journal_size_limit", 64 * 1024 * 1024),
        ("query_only", 0),
    ],
)
async def test_the_writer_is_set_up_for_durability(database: Database, name: str, value: object) -> None:
    assert await pragma(Session(database.writer, "sqlite"), name) == value


async def test_the_reader_can_only_read(database: Database) -> None:
    assert await pragma(database.reading(), "query_only") == 1
    with pytest.raises(OperationalError, match="readonly"):
        await database.reading().run(INSERT)


async def test_a_transaction_holds_the_write_lock_from_its_beginning(database: Database, url: str) -> None:
    """F3, T2: a transaction that begins with a read could not write any more when another one wrote meanwhile."""

    async def body(session: Session) -> None:
        await session.number("SELECT count(*) FROM shard_slot")
        with closing(sqlite3.connect(sqlite_path(url), timeout=0, isolation_level=None)) as other:
            with pytest.raises(sqlite3.OperationalError, match="database is locked"):
                other.execute(INSERT)
        await session.run(INSERT)

    await atomic(database, body)
    assert await database.reading().number("SELECT count(*) FROM shard_slot") == 129


async def test_readers_are_served_while_somebody_writes(database: Database) -> None:
    async def body(session: Session) -> int:
        await session.run(INSERT)
        return await database.reading().number("SELECT count(*) FROM shard_slot")

    assert await atomic(database, body) == 128


READ_THEN_WRITE = """
import asyncio, sys
from connector.storage.atomic import atomic
from connector.storage.database import close_database, open_database

async def main():
    database = await open_database(sys.argv[1])
    async def body(session):
        count = await session.number("SELECT last FROM id_sequence WHERE name = 'delivery'")
        await session.run("UPDATE id_sequence SET last = $1 WHERE name = 'delivery'", count + 1)
    for _ in range(int(sys.argv[2])):
        await atomic(database, body)
    await close_database(database)

asyncio.run(main())
"""


async def test_three_processes_that_read_and_then_write_lose_no_update(url: str) -> None:
    each = 40
    command = [sys.executable, "-c", READ_THEN_WRITE, url, str(each)]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    said = [process.communicate(timeout=60)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    async with opened(url) as database:
        assert await database.reading().number("SELECT last FROM id_sequence WHERE name = 'delivery'") == 3 * each


async def test_a_database_locked_for_good_is_reported_after_a_bounded_number_of_attempts(
    database: Database, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    await Session(database.writer, "sqlite").run("PRAGMA busy_timeout = 1")
    caplog.set_level("INFO", "connector.storage.atomic")

    async def body(session: Session) -> None:
        await session.run(INSERT)

    with closing(sqlite3.connect(sqlite_path(url), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="database is locked"):
            await atomic(database, body)
        assert caplog.text.count("trying again") == MAX_ATTEMPTS - 1
        other.execute("ROLLBACK")
    await atomic(database, body)
    assert await database.reading().number("SELECT count(*) FROM shard_slot") == 129


async def test_a_commit_that_fails_leaves_a_usable_connection(database: Database) -> None:
    """A deferred foreign key fails at COMMIT, as a full disk does: the transaction must not stay open."""

    async def prepare(session: Session) -> None:
        await session.run("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        await session.run("CREATE TABLE child (p INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)")

    async def orphan(session: Session) -> None:
        await session.run("INSERT INTO child VALUES (404)")

    async def harmless(session: Session) -> int:
        await session.run("INSERT INTO parent VALUES (1)")
        return await session.number("SELECT count(*) FROM child")

    await atomic(database, prepare)
    for _ in range(3):
        with pytest.raises(sqlite3.IntegrityError):
            await atomic(database, orphan)
    assert await atomic(database, harmless) == 0


async def test_a_full_disk_is_an_error_that_passes_when_there_is_room_again(database: Database) -> None:
    """G9."""
    session = Session(database.writer, "sqlite")
    pages = await pragma(session, "page_count")
    await session.rows(f"PRAGMA max_page_count = {pages}")

    async def fill(session: Session) -> None:
        for number in range(3):
            await session.run("INSERT INTO delivery_body (shard, id, body) VALUES (1, $1, zeroblob(100000))", number)

    with pytest.raises(OperationalError, match="full"):
        await atomic(database, fill)
    await session.rows("PRAGMA max_page_count = 1000000")
    await atomic(database, fill)
    assert await database.reading().number("SELECT count(*) FROM delivery_body") == 3
    assert await pragma(database.reading(), "integrity_check") == "ok"


async def test_reading_a_database_that_is_not_there_makes_none(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("none") / "belong.sqlite3"
    with pytest.raises(ConfigProblem, match="There is no database at"):
        await open_database(f"sqlite://{path}", read_only=True)
    assert not path.exists()


async def test_a_reading_command_opens_beside_a_running_writer_and_cannot_write(database: Database, url: str) -> None:
    reading = await open_database(url, read_only=True)
    try:
        assert await reading.reading().number("SELECT count(*) FROM shard_slot") == 128
        with pytest.raises(OperationalError, match="readonly"):
            await reading.reading().run(INSERT)
    finally:
        await close_database(reading)
