"""Set-based SQL, written once for both databases.

Statements use ``$1``, ``$2``...; tables named here are ours alone, values always travel as parameters. A Session lives
inside one transaction (storage.atomic) or over a connection for reading.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Literal, TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError, OperationalError

Dialect = Literal["sqlite", "postgresql"]
Row = dict[str, Any]
T = TypeVar("T")

COLUMN_TYPES = {
    # One name has one meaning and one type everywhere.
    "smallint": "shard fact_shard state attempts source tries takes is_open is_dry quiet is_worked",
    "int": (
        "n source_n lot_n debit_n last_n programme_number connection_number programme_version last_source_n place "
        "places times percent_bp late http_status score asked_in read_orders known_orders run_n new_orders "
        "differing_orders left_orders endpoint_number queue_depth"
    ),
    "bigint": (
        "id delivery_id points size remaining deficit lifetime mark wanted accepted received_at_us read_at_us "
        "next_at_us updated_at_us recorded_at_us matures_at_us expires_at_us enrolled_at_us created_at_us "
        "decided_at_us paid_at_us next_change_at_us gone_at_us status_at_us nominal_at_us booked expired "
        "activity_at_us next_review_at_us row_seal at_us value threshold value_minor cap_minor minimum_order_minor "
        "dated_at_us lapses_at_us told_at_us birthday_set_at_us undone_at_us used_at_us erased_at_us registered_at_us "
        "wished_at_us quiet_at_us owed forgiven proven_at_us started_at_us ended_at_us settled_at_us "
        "since_us visible_since_us oldest_us newest_us worked_us moved_at_us ends_at_us "
        "called_at_us failing_since_us clock_lowest_us clock_since_us clock_before_us queue_oldest_us seen_at_us"
    ),
    "text": (
        "topic object_kind object_id dedupe_key reason source_ref kind customer_ref member_id address_hash book_date "
        "body_text reasons token status merged_into tier values_text counter counter_key day cap_id window_key cause "
        "metric keep_until actor past_state badge award_key level badge_state numbers_text redemption_id reward_id "
        "redemption_state currency "
        "product_id order_ref code scope_key idempotency_key request_hash notice_key told_by birthday_key survivor_id "
        "merge_id pairing_id connection_public_id shop_public service_public shop_text call_id "
        "request_id second_actor second_person second_through person through act audit_id bulk_id "
        "friend_id referral_state referrer_id sign_hash linked_member_id shown_text proof subject held_state "
        "kept_ref seen_ref given_ref taken_ref run_id run_scope difference object_name ours_text theirs_text "
        "done problem run_state cursor_text holder report_text message_id "
        "versions_text summary_version summary_digest offered_text "
        "person_name console_role language origin console_page"
    ),
    "bytea": "body fact digest entry_hash last_hash salt seal sealed key_check",
}
NUMBERS = frozenset({"balance", "lot", "reason"})
"""Tables of which a member's numbers are made (``members.load_numbers``). Whoever writes them by a statement of their
own adds the member to ``Session.changed``.
"""
_TYPE_OF = {name: kind for kind, names in COLUMN_TYPES.items() for name in names.split()}


class Session:
    """Runs statements on one connection."""

    def __init__(self, client: BaseDBAsyncClient, dialect: Dialect) -> None:
        self.client = client
        self.dialect: Dialect = dialect
        self.changed: set[str] = set()
        """Members whose numbers this transaction has written, or ``kept.EVERYONE``."""

    async def rows(self, sql: str, *values: Any) -> list[Row]:
        """Rows of a query, or of a statement with RETURNING, as dicts."""
        return await self.client.execute_query_dict(self._text(sql), list(values))

    async def one(self, sql: str, *values: Any) -> Row | None:
        """The first row or None."""
        rows = await self.rows(sql, *values)
        return rows[0] if rows else None

    async def number(self, sql: str, *values: Any) -> int:
        """The one integer that a query returns."""
        rows = await self.rows(sql, *values)
        return int(next(iter(rows[0].values())) or 0)

    async def run(self, sql: str, *values: Any) -> None:
        """A statement whose result nobody needs."""
        await self.client.execute_query(self._text(sql), list(values))

    async def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """One statement for each row."""
        if rows:
            await self.client.execute_many(self._text(sql), rows)  # type: ignore[arg-type]  # copying them gains nothing

    async def in_driver(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """SQLite only: run ``work`` in the driver's thread: one hand-over for many statements."""
        driver: Any = self.client._connection
        try:
            result: T = await driver._execute(work, driver._conn)
        except sqlite3.IntegrityError as error:
            raise IntegrityError(error) from error
        except sqlite3.Error as error:
            raise OperationalError(error) from error
        return result

    async def insert_returning(
        self, table: str, columns: str, rows: Sequence[Sequence[Any]], on_conflict: str, returning: str
    ) -> list[Row]:
        """PostgreSQL only: insert many rows; of those that really were inserted, these columns."""
        sql = _insert_from_unnest(table, columns, f"{on_conflict} RETURNING {returning}")
        return await self.rows(sql, *_columns_of(rows))

    async def insert(self, table: str, columns: str, rows: Sequence[Sequence[Any]], on_conflict: str = "") -> None:
        """Insert many rows. ``columns``: names separated by spaces. ``on_conflict``: a whole ON CONFLICT clause."""
        if not rows:
            return
        names = columns.split()
        self._note(table, names, rows)
        if self.dialect == "postgresql" and not on_conflict:
            await self.client._connection.copy_records_to_table(table, records=rows, columns=names)
        elif self.dialect == "postgresql":
            await self.run(_insert_from_unnest(table, columns, on_conflict), *_columns_of(rows))
        else:
            await self.many(_insert_values(table, columns, on_conflict), rows)

    async def update(self, table: str, keys: str, sets: str, rows: Sequence[Sequence[Any]]) -> None:
        """Update many rows by key. Each row: key values, then set values, in the order of ``keys`` and ``sets``."""
        if not rows:
            return
        self._note(table, keys.split(), rows)
        if self.dialect == "postgresql":
            await self.run(_update_from_unnest(table, keys, sets), *_columns_of(rows))
        else:
            await self.many(_update_each(table, keys, sets), rows)

    async def delete(self, table: str, keys: str, rows: Sequence[Sequence[Any]]) -> None:
        """Delete many rows by key."""
        if not rows:
            return
        self._note(table, keys.split(), rows)
        if self.dialect == "postgresql":
            await self.run(_delete_from_unnest(table, keys), *_columns_of(rows))
        else:
            await self.many(_delete_each(table, keys), rows)

    def keyset(self, columns: str, rows: Iterable[Sequence[Any]], after: int = 0) -> tuple[str, list[Any]]:
        """A table expression ``(...) AS k`` over many keys and its parameters, which come first ($1...) in the
        statement, or behind ``after`` others.

        Join it as ``FROM {keyset} CROSS JOIN table t WHERE t.a = k.a``: CROSS JOIN keeps SQLite from reading the table
        first.
        """
        names = columns.split()
        if self.dialect == "postgresql":
            casts = ", ".join(f"${i}::{_TYPE_OF[name]}[]" for i, name in enumerate(names, after + 1))
            return f"unnest({casts}) AS k({', '.join(names)})", _columns_of(list(rows)) or [[] for _ in names]
        picks = ", ".join(f"json_extract(value, '$[{i}]') AS {name}" for i, name in enumerate(names))
        return f"(SELECT {picks} FROM json_each(${after + 1})) AS k", [json.dumps([list(row) for row in rows])]

    def by_index(self, name: str) -> str:
        """Behind a table and its alias: SQLite reads it by this index, or refuses the statement. It keeps no figures of
        what is in a table, and without them takes the start of a primary key for as good as a whole other key.
        """
        return f" INDEXED BY {name}" if self.dialect == "sqlite" else ""

    def locked(self, alias: str) -> str:
        """Suffix that locks the rows of ``alias`` for update. SQLite has one writer and needs none."""
        return f" FOR NO KEY UPDATE OF {alias}" if self.dialect == "postgresql" else ""

    def skip_locked(self, alias: str) -> str:
        """Suffix that claims rows which no other worker holds."""
        return f" FOR UPDATE OF {alias} SKIP LOCKED" if self.dialect == "postgresql" else ""

    def _note(self, table: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if table in NUMBERS:
            at = names.index("member_id")
            self.changed.update([row[at] for row in rows])

    def _text(self, sql: str) -> str:
        return _for_sqlite(sql) if self.dialect == "sqlite" else sql


def _columns_of(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


@lru_cache(maxsize=1000)
def _for_sqlite(sql: str) -> str:
    return re.sub(r"\$(\d+)", r"?\1", sql)


@lru_cache(maxsize=1000)
def _insert_values(table: str, columns: str, on_conflict: str) -> str:
    names = columns.split()
    marks = ", ".join(f"${i}" for i in range(1, len(names) + 1))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}) {on_conflict}"


@lru_cache(maxsize=1000)
def _insert_from_unnest(table: str, columns: str, on_conflict: str) -> str:
    names = columns.split()
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT * FROM {_unnest(names)} {on_conflict}"


@lru_cache(maxsize=1000)
def _update_each(table: str, keys: str, sets: str) -> str:
    key_names, set_names = keys.split(), sets.split()
    pairs = ", ".join(f"{name} = ${i}" for i, name in enumerate(set_names, len(key_names) + 1))
    where = " AND ".join(f"{name} = ${i}" for i, name in enumerate(key_names, 1))
    return f"UPDATE {table} SET {pairs} WHERE {where}"


@lru_cache(maxsize=1000)
def _update_from_unnest(table: str, keys: str, sets: str) -> str:
    pairs = ", ".join(f"{name} = u.{name}" for name in sets.split())
    return f"UPDATE {table} t SET {pairs} FROM {_unnest((keys + ' ' + sets).split())} WHERE {_matching(keys)}"


@lru_cache(maxsize=1000)
def _delete_each(table: str, keys: str) -> str:
    where = " AND ".join(f"{name} = ${i}" for i, name in enumerate(keys.split(), 1))
    return f"DELETE FROM {table} WHERE {where}"


@lru_cache(maxsize=1000)
def _delete_from_unnest(table: str, keys: str) -> str:
    return f"DELETE FROM {table} t USING {_unnest(keys.split())} WHERE {_matching(keys)}"


def _matching(keys: str) -> str:
    return " AND ".join(f"t.{name} = u.{name}" for name in keys.split())


def _unnest(names: Sequence[str]) -> str:
    casts = ", ".join(f"${i}::{_TYPE_OF[name]}[]" for i, name in enumerate(names, 1))
    return f"unnest({casts}) AS u({', '.join(names)})"
