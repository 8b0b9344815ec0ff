"""The statements with which docs/operations.md distributes the tables take every table, each the right way."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import asyncpg
import pytest

from tests.databases import Databases
from tests.storage.test_schema import REFERENCE_TABLES, SHARDED_TABLES

pytestmark = pytest.mark.postgresql

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
STAND_INS = """
    CREATE SCHEMA stand_in;
    CREATE TABLE stand_in.done (name text, way text, beside text);
    CREATE FUNCTION create_distributed_table(
        name text, by text, shard_count int DEFAULT 0, colocate_with text DEFAULT ''
    ) RETURNS void LANGUAGE sql AS $$ INSERT INTO stand_in.done VALUES (name, by, colocate_with) $$;
    CREATE FUNCTION create_reference_table(name text) RETURNS void LANGUAGE sql AS
    $$ INSERT INTO stand_in.done VALUES (name, 'everywhere', '') $$;
"""
"""Citus is not here: these note what it would be asked for."""


def test_every_table_is_distributed_by_its_shard_or_is_on_every_node(databases: Databases) -> None:
    (statements,) = re.findall(r"```sql\n(SELECT create_distributed_table.*?)```", TEXT, re.DOTALL)

    async def distribute(url: str) -> list[tuple[str, str, str]]:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(STAND_INS)
            await connection.execute(statements)
            return [tuple(row) for row in await connection.fetch("SELECT name, way, beside FROM stand_in.done")]
        finally:
            await connection.close()

    with databases.prepared("postgresql") as url:
        done = asyncio.run(distribute(url))
    assert done[0] == ("shard_slot", "shard", "")
    by_shard = {name for name, way, _ in done if way == "shard"}
    assert by_shard == SHARDED_TABLES
    assert {beside for name, way, beside in done if way == "shard" and name != "shard_slot"} == {"shard_slot"}
    assert {name for name, way, _ in done if way == "everywhere"} == REFERENCE_TABLES
    assert len(done) == len(SHARDED_TABLES) + len(REFERENCE_TABLES)
