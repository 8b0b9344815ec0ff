"""Every table of a database as it is: columns, key, and rows in the order of the key, the same from both databases.

Nothing here knows what a table is for; what the database itself says it has is what there is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from connector.errors import Permanent
from connector.storage.session import Session

PAGE_ROWS = 5_000
PAGE_BYTES = 16 * 1024 * 1024
"""A page ends at either; a single row may be larger."""

Values = tuple[Any, ...]

_PG_COLUMNS = """SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position"""
_PG_SEQUENCES = """SELECT * FROM (
        SELECT table_name, column_name, pg_get_serial_sequence(quote_ident(table_name), column_name) AS sequence
        FROM information_schema.columns WHERE table_schema = current_schema()
    ) AS every_column WHERE sequence IS NOT NULL"""


@dataclass(frozen=True, slots=True)
class Table:
    """columns: by name, with the type as the database calls it, in the database's order. key: what tells rows apart."""

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...] = ()


async def sqlite_tables(session: Session) -> dict[str, Table]:
    """Every table of a SQLite database by name, without SQLite's own."""
    names = await session.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    found: dict[str, Table] = {}
    for name in sorted(row["name"] for row in names):
        info = await session.rows(f'PRAGMA table_info("{name}")')
        key = [row["name"] for row in sorted(info, key=lambda row: int(row["pk"])) if row["pk"]]
        columns = {row["name"]: str(row["type"]).lower() for row in info}
        found[name] = Table(name, columns, tuple(key or await _unique_columns(session, name)))
    return found


async def _unique_columns(session: Session, name: str) -> list[str]:
    for index in await session.rows(f'PRAGMA index_list("{name}")'):
        if index["unique"] and not index["partial"]:
            return [row["name"] for row in await session.rows(f'PRAGMA index_info("{index["name"]}")')]
    raise Permanent(f"Table {name} has no key by which its rows could be told apart.")


async def postgres_tables(session: Session) -> dict[str, Table]:
    """Every table of a PostgreSQL database by name. Keys are left out: they are the same as SQLite's."""
    columns: dict[str, dict[str, str]] = {}
    for row in await session.rows(_PG_COLUMNS):
        columns.setdefault(row["table_name"], {})[row["column_name"]] = row["data_type"]
    return {name: Table(name, found) for name, found in columns.items()}


async def foreign_tables(session: Session) -> list[str]:
    """Tables of a PostgreSQL database outside of the schema that we use, and not PostgreSQL's own."""
    rows = await session.rows(
        "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables WHERE table_type = "
        "'BASE TABLE' AND table_schema NOT IN ('information_schema', 'pg_catalog', current_schema()) ORDER BY 1"
    )
    return [row["name"] for row in rows]


async def count_rows(session: Session, name: str) -> int:
    """How many rows a table has."""
    return await session.number(f'SELECT count(*) FROM "{name}"')


async def sqlite_page(session: Session, table: Table, after: Sequence[Any] | None) -> list[Values]:
    """The next rows of a SQLite table after a key, in the order of the key. Empty at the end."""
    key = _listed(table.key)
    beyond = f"WHERE ({key}) > ({', '.join('?' * len(table.key))})" if after is not None else ""
    sql = f'SELECT {_listed(table.columns)} FROM "{table.name}" {beyond} ORDER BY {key} LIMIT {PAGE_ROWS}'

    def read(driver: sqlite3.Connection) -> list[Values]:
        page: list[Values] = []
        held = 0
        cursor = driver.execute(sql, tuple(after or ()))
        for row in cursor:
            values = tuple(row)
            page.append(values)
            held += sum(len(value) for value in values if isinstance(value, (str, bytes)))
            if held >= PAGE_BYTES:
                break
        cursor.close()
        return page

    return await session.in_driver(read)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def key_of(table: Table, values: Values) -> list[Any]:
    """The key of a row."""
    names = list(table.columns)
    return [values[names.index(name)] for name in table.key]


class PostgresRows:
    """The rows of a PostgreSQL table, columns and order as SQLite has them. Inside one transaction."""

    def __init__(self, session: Session, table: Table, columns: Sequence[str], key: Sequence[str]) -> None:
        self._connection: Any = session.client._connection  # asyncpg's own
        text = ("text", "character varying")
        # The bytes decide on both sides, whatever language the server sorts by.
        order = [f'"{name}" COLLATE "C"' if table.columns[name] in text else f'"{name}"' for name in key]
        self._sql = f'SELECT {_listed(columns)} FROM "{table.name}" ORDER BY {", ".join(order)}'
        self._cursor: Any = None

    async def take(self, count: int) -> list[Values]:
        """The next ``count`` rows, fewer at the end."""
        if self._cursor is None:
            self._cursor = await self._connection.cursor(self._sql)
        return [tuple(row) for row in await self._cursor.fetch(count)]


def to_postgres(source: Table, target: Table) -> Callable[[Values], Values] | None:
    """What makes a row of SQLite one of PostgreSQL; None where rows are the same in both.

    Raises Permanent if the two tables do not have the same columns.
    """
    if set(source.columns) != set(target.columns):
        raise Permanent(f"Table {source.name} has other columns there than here: use the same version for both.")
    ways = [_WAYS.get(target.columns[name]) for name in source.columns]
    if not any(ways):
        return None

    def changed(values: Values) -> Values:
        return tuple(
            value if way is None or value is None else way(value) for way, value in zip(ways, values, strict=True)
        )

    return changed


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_WAYS: Mapping[str, Callable[[Any], Any]] = {
    "timestamp with time zone": _moment,
    "date": date.fromisoformat,
    "boolean": bool,
}


async def go_on_counting(source: Session, target: Session) -> None:
    """The numbers that PostgreSQL gives next are beyond every one that SQLite ever gave, also to rows that are gone."""
    ever = {}
    if await source.rows("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"):
        ever = {row["name"]: row["seq"] for row in await source.rows("SELECT name, seq FROM sqlite_sequence")}
    for row in await target.rows(_PG_SEQUENCES):
        table, column = row["table_name"], row["column_name"]
        there = await target.number(f'SELECT coalesce(max("{column}"), 0) FROM "{table}"')
        await _set(target, row["sequence"], max(there, int(ever.get(table, 0))))
    for row in await source.rows("SELECT name, last FROM id_sequence"):
        await _set(target, f"{row['name']}_id", int(row["last"]))


async def _set(target: Session, sequence: str, last: int) -> None:
    if last > 0:
        await target.rows("SELECT setval($1::text::regclass, $2)", sequence, last)
