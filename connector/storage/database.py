"""Opening and closing the database: SQLite in one file, or PostgreSQL.

URLs: ``sqlite:////absolute/path/belong.sqlite3`` or ``postgresql://user:password@host:5432/name``.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import TortoiseContext, get_current_context
from tortoise.exceptions import OperationalError

from connector.errors import ConfigProblem
from connector.storage.kept import Kept
from connector.storage.session import Dialect, Row, Session
from connector.storage.turns import Turns

APP = "belong"
SAFE_SQLITE = (3, 51, 3)
"""Older versions can corrupt the write-ahead log when two connections write or checkpoint; we write with one only."""

_COMMON_PRAGMAS = {"busy_timeout": 5000, "cache_size": -65536, "temp_store": "MEMORY", "foreign_keys": "ON"}
_WRITER_PRAGMAS = {
    **_COMMON_PRAGMAS,
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "journal_size_limit": 64 * 1024 * 1024,
}
_PASSING = {**_WRITER_PRAGMAS, "synchronous": "OFF", "cache_size": -8192}


@dataclass(slots=True)
class Database:
    """An open database. ``writer`` takes transactions; ``reader`` never writes (on SQLite its own connection)."""

    url: str
    dialect: Dialect
    writer: BaseDBAsyncClient
    reader: BaseDBAsyncClient
    context: TortoiseContext
    kept: Kept = field(default_factory=Kept)
    here: sqlite3.Connection | None = None
    """SQLite only: reads in the caller's thread, for ``glance``."""
    turns: Turns = field(default_factory=Turns)

    def reading(self) -> Session:
        """A session for queries outside any transaction."""
        return Session(self.reader, self.dialect)

    async def glance(self, sql: str, *values: Any) -> Row | None:
        """The first row of a statement that finds it by its key. On SQLite it runs at once, on the event loop: handing
        it to the driver's thread would take several times as long as the statement.
        """
        if self.here is None:
            return await self.reading().one(sql, *values)
        try:
            cursor = self.here.execute(sql, {str(number): value for number, value in enumerate(values, 1)})
            row = cursor.fetchone()
        except sqlite3.Error as error:
            raise OperationalError(error) from error
        return None if row is None else {name: value for (name, *_), value in zip(cursor.description, row, strict=True)}


def dialect_of(url: str) -> Dialect:
    """Which database a URL names. Raises ConfigProblem for any other scheme."""
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        return "sqlite"
    if scheme in ("postgres", "postgresql"):
        return "postgresql"
    raise ConfigProblem(f"DATABASE_URL must begin with sqlite:/// or postgresql://, not {scheme or 'nothing'!r}.")


def sqlite_path(url: str) -> Path:
    """The file that a SQLite URL names."""
    return Path(unquote(urlsplit(url).path))


def tortoise_config(url: str, *, read_only: bool = False, pool_size: int = 8, passing: bool = False) -> dict[str, Any]:
    """Tortoise's configuration for a URL; also what its migration commands read."""
    # Tortoise caches SQL by connection name for the whole process, so each database gets a name of its own.
    name = f"main_{hashlib.sha256(url.encode()).hexdigest()[:12]}"
    if dialect_of(url) == "sqlite":
        connections = _sqlite_connections(name, url, read_only, _PASSING if passing else _WRITER_PRAGMAS)
    else:
        engine = "connector.storage.engines.postgresql"
        connections = {name: {"engine": engine, "credentials": _postgres_credentials(url, pool_size)}}
    app = {
        "models": [
            "connector.storage.models",
            "connector.storage.endpoint_models",
            "connector.storage.move_models",
            "connector.storage.shopify_models",
            "connector.storage.console_models",
            "connector.storage.console_people_models",
        ],
        "default_connection": name,
        "migrations": "connector.storage.migrations",
    }
    return {"connections": connections, "apps": {APP: app}, "use_tz": True, "timezone": "UTC"}


def _sqlite_connections(name: str, url: str, read_only: bool, writing: Mapping[str, Any]) -> dict[str, Any]:
    engine = "connector.storage.engines.sqlite"
    path = str(sqlite_path(url))
    reader_pragmas = {**_COMMON_PRAGMAS, "query_only": "ON"}
    reader = {"engine": engine, "credentials": {"file_path": path, **reader_pragmas}}
    if read_only:
        return {name: reader}
    writer = {"engine": engine, "credentials": {"file_path": path, **writing}}
    return {name: writer, f"{name}_reader": reader}


def _postgres_credentials(url: str, pool_size: int) -> dict[str, Any]:
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return {
        "host": options.pop("host", None) or parts.hostname or "127.0.0.1",
        "port": parts.port or int(options.pop("port", "5432")),
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.lstrip("/")),
        "minsize": 1,
        "maxsize": pool_size,
        "statement_cache_size": int(options.pop("statement_cache_size", "100")),
        # Joins go in the order in which they are written, as on SQLite: keys first, whether or not there are figures of
        # what is in a table yet. Without any, all entries of a member look as cheap as one.
        "server_settings": {"application_name": "belong", "synchronous_commit": "on", "join_collapse_limit": "1"},
    }


async def open_database(url: str, *, read_only: bool = False, pool_size: int = 8, passing: bool = False) -> Database:
    """Connect and assert what durability rests on. Raises ConfigProblem with a sentence when it cannot.

    read_only: for commands that look at a database which a running service may be writing (SQLite only). passing: a
    copy that is kept elsewhere and may be lost, so that no disk is waited for (SQLite only).
    """
    dialect = dialect_of(url)
    if dialect == "sqlite" and read_only and not sqlite_path(url).exists():
        raise ConfigProblem(f"There is no database at {sqlite_path(url)}.")
    config = tortoise_config(url, read_only=read_only, pool_size=pool_size, passing=passing)
    # Found by every task through the global fallback, and left in no task's own variables: what one loop opened and
    # closed must not be found again from another.
    is_first = get_current_context() is None
    context = TortoiseContext()
    with context:
        await context.init(config=config, _enable_global_fallback=is_first)
    names = list(config["connections"])
    connections = context.connections
    # On SQLite this process is the only one that writes; on PostgreSQL somebody must listen first (running.hearing).
    kept = Kept(is_trusted=lambda: dialect == "sqlite")
    database = Database(url, dialect, connections.get(names[0]), connections.get(names[-1]), context, kept)
    try:
        if dialect == "sqlite":
            await _assert_sqlite(database, read_only or passing)
            database.here = _opened_here(sqlite_path(url))
    except BaseException:
        await close_database(database)
        raise
    return database


def old_sqlite() -> str | None:
    """What an operator must know about this machine's SQLite; None if it is new enough."""
    if sqlite3.sqlite_version_info >= SAFE_SQLITE:
        return None
    return (
        f"SQLite {sqlite3.sqlite_version} can corrupt its log when other programs write to the file too: "
        "keep backup tools away from it while Belong runs, or use SQLite 3.51.3 or newer."
    )


async def close_database(database: Database) -> None:
    """Close every connection. Call ``atomic.drain`` first."""
    if database.here is not None:
        database.here.close()
    await database.context.close_connections()


def _opened_here(path: Path) -> sqlite3.Connection:
    """Never writes. Readers of the write-ahead log wait for nobody."""
    connection = sqlite3.connect(path, timeout=0.1, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only = ON")
    return connection


async def _assert_sqlite(database: Database, lasts_not: bool) -> None:
    if lasts_not:
        return
    session = Session(database.writer, "sqlite")
    found = {
        name: next(iter((await session.rows(f"PRAGMA {name}"))[0].values()))
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    if found != {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}:
        raise ConfigProblem(
            f"SQLite refuses the settings that durability rests on: {found}. Is the file on a network disk?"
        )
