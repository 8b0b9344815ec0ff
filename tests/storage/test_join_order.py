"""How PostgreSQL joins before it has figures of what is in a table: as the statement is written, keys first.

Defect seen: it joined all entries of a member to all that was ever taken of lots before it looked which were asked for,
so that the twelve-hundredth open redemption of one member took seconds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.storage.database import close_database, open_database
from tests.databases import Databases
from tests.second_connection import run_apart
from tests.storage.test_sqlite_plans import a_day_with_redemptions, statements_of

_MANY_ENTRIES = (
    "INSERT INTO entry SELECT e.shard, e.member_id, g, e.programme_number, e.kind, e.points, e.source_ref || g, 1, "
    "e.programme_version, e.book_date, e.recorded_at_us, e.digest, e.entry_hash "
    "FROM (SELECT * FROM entry WHERE kind = 'redeem' LIMIT 1) e, generate_series(1000, 4000) g"
)
_MANY_TAKINGS = "INSERT INTO consumption SELECT shard, member_id, n, 1, 5 FROM entry WHERE n >= 1000"
_KEYS = "SELECT shard, member_id, source_ref FROM entry WHERE n BETWEEN 1000 AND 2200"
_LATER = re.compile(r"CROSS JOIN \w+ (\w+)")


def _joins(plan: dict[str, Any]) -> Iterator[set[str]]:
    """The aliases that each join brings together, those below it first."""
    for part in plan.get("Plans", ()):
        yield from _joins(part)
    if "Join Type" in plan:
        yield _aliases(plan)


def _aliases(plan: dict[str, Any]) -> set[str]:
    found = set().union(*(_aliases(part) for part in plan.get("Plans", ())))
    # In the second part of a union an alias has a number behind it.
    return found | ({plan["Alias"].partition("_")[0]} if "Alias" in plan else set())


async def test_what_is_asked_by_keys_is_joined_to_the_keys_first(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = statements_of(monkeypatch)
    with databases.prepared("postgresql") as url:
        await a_day_with_redemptions(url, tmp_path)
        run_apart(url, _MANY_ENTRIES)
        run_apart(url, _MANY_TAKINGS)
        many = [list(each) for each in zip(*run_apart(url, _KEYS), strict=True)]
        asked = {sql: values for sql, values in seen.items() if "unnest(" in sql and len(_LATER.findall(sql)) > 1}
        taken = [sql for sql in asked if "CROSS JOIN consumption" in sql and "k.source_ref" in sql]
        assert taken, "what entries of redemptions took of lots was asked"
        asked |= dict.fromkeys(taken, tuple(many))
        database = await open_database(url)
        try:
            for sql, values in asked.items():
                [row] = await database.reading().rows("EXPLAIN (FORMAT JSON) " + sql, *values)
                joins = list(_joins(json.loads(row["QUERY PLAN"])[0]["Plan"]))
                assert joins and all("k" in aliases for aliases in joins), (sql, joins)
        finally:
            await close_database(database)
