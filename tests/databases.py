"""Fresh databases for tests, on SQLite and on PostgreSQL, empty or migrated."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

Migrate = Callable[[str], Coroutine[Any, Any, object]]


@dataclass(frozen=True)
class PostgresServer:
    """`url` names the maintenance database of somebody who may create databases."""

    url: str

    def database_url(self, name: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def create(self, name: str, template: str = "template0") -> str:
        # Copying files beats writing every page of the template to the log: nothing waits for a disk here.
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.database_url(name)

    def drop(self, name: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        async def execute() -> None:
            connection = await asyncpg.connect(self.url)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        _run(execute())


class Databases:
    """Hands out fresh databases of both kinds, empty or migrated, and drops them at the end."""

    def __init__(self, folder: Path, server: Callable[[], PostgresServer], migrate: Migrate) -> None:
        self._folder = folder
        self._server = server
        self._migrate = migrate
        self._prefix = f"belong_test_{secrets.token_hex(4)}"
        self._numbers = count(1)
        self._templates: dict[str, str] = {}

    @contextmanager
    def empty(self, kind: str) -> Iterator[str]:
        with self._fresh(kind, template=None) as url:
            yield url

    @contextmanager
    def prepared(self, kind: str) -> Iterator[str]:
        """A copy of a database that was migrated once."""
        if kind not in self._templates:
            self._templates[kind] = self._make_template(kind)
        with self._fresh(kind, template=self._templates[kind]) as url:
            yield url

    def close(self) -> None:
        if "postgresql" in self._templates:
            # A server of our own, started after us, has stopped before us, with everything in it.
            with suppress(OSError):
                self._server().drop(self._templates["postgresql"])

    def _make_template(self, kind: str) -> str:
        name = f"{self._prefix}_template"
        if kind == "postgresql":
            _run(self._migrate(self._server().create(name)))
            return name
        path = self._folder / f"{name}.sqlite3"
        _run(self._migrate(sqlite_url(path)))
        with closing(sqlite3.connect(path)) as connection:
            # What is still in the write-ahead log would be missing from a copy of the file.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return str(path)

    @contextmanager
    def _fresh(self, kind: str, template: str | None) -> Iterator[str]:
        name = f"{self._prefix}_{next(self._numbers)}"
        if kind == "postgresql":
            server = self._server()
            try:
                yield server.create(name, template or "template0")
            finally:
                server.drop(name)
        else:
            path = self._folder / f"{name}.sqlite3"
            if template is not None:
                shutil.copyfile(template, path)
            yield sqlite_url(path)
            for leftover in self._folder.glob(f"{path.name}*"):
                leftover.unlink()


def sqlite_url(path: Path) -> str:
    return f"sqlite://{path.resolve().as_posix()}"


def _run(work: Coroutine[Any, Any, object]) -> None:
    """In a thread and loop of its own, so that it also works from within a test that is running a loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()
