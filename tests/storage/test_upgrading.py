"""Databases of released schemas, with rows in them, become what this program makes: nothing changes but the schema."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from connector.errors import ConfigProblem
from connector.storage.migrate import migrate
from connector.verify import verify
from tests.builders import KEYS, opened
from tests.second_connection import run_apart
from tests.storage.catalogue import catalogue
from tests.storage.schema_snapshots import Snapshot, bring_back, snapshots, sums

KINDS = {"sqlite": (), "postgresql": (pytest.mark.postgresql,)}
EVERY = [
    pytest.param(kind, snapshot, id=f"{kind}-{snapshot.schema}", marks=marks)
    for kind, marks in KINDS.items()
    for snapshot in snapshots(kind)
]


def test_each_released_schema_is_there_for_both_databases() -> None:
    named = {kind: [one.schema for one in snapshots(kind)] for kind in KINDS}
    assert named["sqlite"] == named["postgresql"]
    assert len(named["sqlite"]) >= 2


@pytest.mark.parametrize(("database_kind", "snapshot"), EVERY)
async def test_an_upgrade_changes_the_schema_and_no_sum(
    snapshot: Snapshot, database_url: str, prepared_database_url: str
) -> None:
    await asyncio.to_thread(bring_back, snapshot, database_url)
    assert sums(database_url) == snapshot.sums
    assert min(snapshot.sums.values()) > 0, "a world without it would show nothing"
    assert catalogue(database_url) != catalogue(prepared_database_url)
    await migrate(database_url)
    assert catalogue(database_url) == catalogue(prepared_database_url)
    assert sums(database_url) == snapshot.sums
    async with opened(database_url) as database:
        report = await verify(database, KEYS, now=lambda: datetime.fromisoformat(snapshot.now))
    assert report.ok, report.as_text()


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(prepared_database_url: str) -> None:
    run_apart(
        prepared_database_url,
        "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('belong', '9999_of_tomorrow', "
        "'2027-01-01 00:00:00+00:00')",
    )
    for table in ("move_part", "database_move"):
        run_apart(prepared_database_url, f"DROP TABLE {table}")
    run_apart(prepared_database_url, "DELETE FROM tortoise_migrations WHERE name LIKE '%_moves'")
    before = catalogue(prepared_database_url)
    with pytest.raises(ConfigProblem, match="newer Belong .schema 9999_of_tomorrow"):
        await migrate(prepared_database_url)
    assert catalogue(prepared_database_url) == before
