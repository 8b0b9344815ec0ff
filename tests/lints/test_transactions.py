"""Only connector/storage/atomic.py opens a transaction."""

from __future__ import annotations

import pytest

from scripts.lints import transactions
from tests.lints.snippets import lines_found

OPENS = [
    "async with in_transaction(): ...",
    "async with database._in_transaction(): ...",
    "from tortoise.transactions import atomic",
]
BEGINS_OR_ENDS = [
    "connection.execute('BEGIN')",
    "connection.execute('begin immediate;')",
    "connection.execute('COMMIT')",
    "connection.execute(' ROLLBACK TO before ')",
    "connection.execute('START TRANSACTION')",
    "connection.execute('SAVEPOINT before')",
    "async with connection.transaction(): ...",
    "connection.commit()",
]
HARMLESS = [
    "await atomic(database, body)",
    "connection.execute('SELECT begin_at FROM windows')",
    "says = 'begin with a programme, then connect a shop'",
    '"""COMMIT"""',
]


@pytest.mark.parametrize("text", OPENS + BEGINS_OR_ENDS)
@pytest.mark.parametrize("path", ["connector/ingest/pipeline.py", "connector/storage/ledger.py"])
def test_a_transaction_beside_the_door_is_found(path: str, text: str) -> None:
    assert lines_found(transactions.check, path, text) == [1]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_opens_none_passes(text: str) -> None:
    assert lines_found(transactions.check, "connector/ingest/pipeline.py", text) == []


@pytest.mark.parametrize("text", OPENS + BEGINS_OR_ENDS)
def test_the_door_may_open(text: str) -> None:
    assert lines_found(transactions.check, "connector/storage/atomic.py", text) == []


def test_an_engine_begins_and_ends_but_opens_nothing_by_itself() -> None:
    path = "connector/storage/engines/sqlite.py"
    assert [lines_found(transactions.check, path, text) for text in BEGINS_OR_ENDS] == [[]] * len(BEGINS_OR_ENDS)
    assert [lines_found(transactions.check, path, text) for text in OPENS] == [[1]] * len(OPENS)
