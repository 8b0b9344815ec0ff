"""What a database says of itself: keys, indexes, checks, triggers and columns as they really are."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.second_connection import run_apart

_PG_KEYS = """
SELECT t.relname, i.relname, (SELECT string_agg(a.attname, ' ' ORDER BY k.place)
    FROM unnest(x.indkey) WITH ORDINALITY AS k(number, place)
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = 'public' AND x.indisunique = {}
"""
_PG_CHECKS = """
SELECT t.relname, pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = 'public' AND c.contype = 'c'
"""


@dataclass
class Catalogue:
    """tables: all of them. unique: columns of each unique or primary key, by table. indexes: the other ones, by name.

    checks: how many, by table. triggers: by name. columns: declared type, by (table, column).
    """

    tables: set[str] = field(default_factory=set)
    unique: dict[str, set[tuple[str, ...]]] = field(default_factory=dict)
    indexes: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    checks: dict[str, int] = field(default_factory=dict)
    triggers: set[str] = field(default_factory=set)
    columns: dict[tuple[str, str], str] = field(default_factory=dict)


def catalogue(url: str) -> Catalogue:
    return _of_sqlite(url) if url.startswith("sqlite:") else _of_postgres(url)


def _of_sqlite(url: str) -> Catalogue:
    found = Catalogue()
    for name, text in run_apart(url, "SELECT name, sql FROM sqlite_master WHERE type = 'table'"):
        if name.startswith("sqlite_"):
            continue
        found.tables.add(name)
        found.unique[name] = set()
        found.checks[name] = len(re.findall(r"\bCHECK\s*\(", text))
        own = {column: kind for _, column, kind, *_ in run_apart(url, f"PRAGMA table_info({name})")}
        found.columns |= {(name, column): kind.lower() for column, kind in own.items()}
        keyed = [row for row in run_apart(url, f"PRAGMA table_info({name})") if row[5]]
        if keyed:
            found.unique[name].add(tuple(row[1] for row in sorted(keyed, key=lambda row: int(row[5]))))
        for _, index, is_unique, *_ in run_apart(url, f"PRAGMA index_list({name})"):
            columns = tuple(row[2] for row in run_apart(url, f"PRAGMA index_info({index})"))
            if is_unique:
                found.unique[name].add(columns)
            else:
                found.indexes[index] = (name, columns)
    found.triggers = {name for (name,) in run_apart(url, "SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    return found


def _of_postgres(url: str) -> Catalogue:
    found = Catalogue()
    found.tables = {
        name for (name,) in run_apart(url, "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
    }
    found.unique = {table: set() for table in found.tables}
    found.checks = dict.fromkeys(found.tables, 0)
    for table, _, columns in run_apart(url, _PG_KEYS.format("true")):
        found.unique[table].add(tuple(columns.split()))
    for table, index, columns in run_apart(url, _PG_KEYS.format("false")):
        found.indexes[index] = (table, tuple(columns.split()))
    for table, _ in run_apart(url, _PG_CHECKS):
        found.checks[table] += 1
    found.triggers = {name for (name,) in run_apart(url, "SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal")}
    for table, column, kind in run_apart(
        url,
        "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns "
        "WHERE table_schema = 'public'",
    ):
        found.columns[table, column] = kind
    return found
