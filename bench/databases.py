"""Fresh databases: each case gets a copy of a prepared one, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import psutil

from bench.measure import progress
from connector.storage.database import sqlite_path
from tests.databases import PostgresServer, sqlite_url
from tests.postgres_server import FAST_NOT_DURABLE, PostgresUnavailable, running

SETTING = "BELONG_TEST_POSTGRES"
DURABLE = {
    **FAST_NOT_DURABLE,
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
}
"""A 2xx means durable, so the server that is measured must really write. autovacuum stays off: it would hit one round.
"""

Prepare = Callable[[str], Coroutine[Any, Any, object]]


class Databases(Protocol):
    """One kind of database."""

    kind: str
    postmaster: int | None
    """Process id of a PostgreSQL server on this machine, to count its CPU time."""

    def template(self, name: str, prepare: Prepare) -> None:
        """Make a database once under a name, to be copied."""

    def copy(self, template: str) -> Any:
        """Context: the URL of a fresh copy, written to disk and gone afterwards."""


class SqliteDatabases:
    """Files in one temporary folder."""

    kind = "sqlite"
    postmaster: int | None = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)

    def template(self, name: str, prepare: Prepare) -> None:
        path = self._path(name)
        asyncio.run(prepare(sqlite_url(path)))
        with closing(sqlite3.connect(path)) as connection:
            # What is still in the write-ahead log would be missing from a copy of the file.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def copy(self, template: str) -> Iterator[str]:
        path = self._path(f"case-{next(self._numbers)}")
        shutil.copyfile(self._path(template), path)
        settle(path)
        try:
            yield sqlite_url(path)
        finally:
            for leftover in self.folder.glob(f"{path.name}*"):
                leftover.unlink()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"


class PostgresDatabases:
    """Databases of one server, copied as files."""

    kind = "postgresql"

    def __init__(self, url: str) -> None:
        self._server = PostgresServer(url)
        self._prefix = f"belong_bench_{os.getpid()}"
        self._numbers = count(1)
        self._templates: list[str] = []
        self.postmaster = asyncio.run(_postmaster(url))

    def template(self, name: str, prepare: Prepare) -> None:
        full = f"{self._prefix}_{name}"
        self._templates.append(full)
        url = self._server.create(full)
        asyncio.run(prepare(url))
        asyncio.run(_execute(url, "VACUUM ANALYZE"))

    @contextmanager
    def copy(self, template: str) -> Iterator[str]:
        name = f"{self._prefix}_case_{next(self._numbers)}"
        try:
            url = self._server.create(name, f"{self._prefix}_{template}")
            asyncio.run(_execute(url, "CHECKPOINT"))
            yield url
        finally:
            self._server.drop(name)

    def close(self) -> None:
        for name in self._templates:
            self._server.drop(name)


@contextmanager
def databases(kinds: Sequence[str]) -> Iterator[list[Databases]]:
    """The databases asked for; without a PostgreSQL server its cases are left out, and that is said."""
    with ExitStack() as stack:
        found: list[Databases] = []
        if "sqlite" in kinds:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="belong-bench-"))
            found.append(SqliteDatabases(Path(folder)))
        if "postgresql" in kinds:
            with suppress_unavailable():
                url = os.environ.get(SETTING) or stack.enter_context(running(DURABLE))
                postgres = PostgresDatabases(url)
                stack.callback(postgres.close)
                found.append(postgres)
        yield found


@contextmanager
def suppress_unavailable() -> Iterator[None]:
    try:
        yield
    except PostgresUnavailable as why:
        progress(f"PostgreSQL is left out: it does not run here ({why}). With a server of yours, set {SETTING}.")


def settle(path: Path) -> None:
    """Have a file on disk, so that the case that uses it does not pay for the copy."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def file_of(url: str) -> Path:
    """The file of a SQLite database."""
    return sqlite_path(url)


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _postmaster(url: str) -> int | None:
    connection = await asyncpg.connect(url)
    try:
        backend = await connection.fetchval("SELECT pg_backend_pid()")
        with suppress(psutil.Error):
            parent = psutil.Process(backend).parent()
            if parent is not None and "postgres" in parent.name():
                return parent.pid
        return None
    finally:
        await connection.close()
