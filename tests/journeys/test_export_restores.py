"""An export brought into an empty installation, on the same database or the other one, is the same programme."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.data.exporting import Export, export
from connector.data.restoring import Restoring, restore
from connector.ingest.pipeline import drain
from connector.storage.atomic import atomic
from connector.storage.database import Database
from connector.storage.instance import ensure_instance, load_epoch
from connector.storage.open_tables import REFERENCES, SHARDED, columns_of, reference_rows
from connector.storage.shards import source_shard
from connector.storage.work import leave_work
from connector.verify import verify
from tests.builders import KEYS, NOW, Shopfront, opened
from tests.connector.rewarding import reward_shop
from tests.databases import Databases

CHANGED_BY_RESTORING = {"push", "connection"}


async def everything(database: Database) -> dict[str, list[Any]]:
    """Rows of every table of an export, each table sorted."""
    session = database.reading()
    found: dict[str, list[Any]] = {}
    for table in SHARDED:
        rows = await session.rows(f"SELECT {', '.join(await columns_of(session, table))} FROM {table.name}")
        found[table.name] = sorted(repr(sorted(row.items())) for row in rows)
    for reference in REFERENCES:
        found[reference.name] = await reference_rows(session, reference, [1])
    return {name: rows for name, rows in found.items() if name not in CHANGED_BY_RESTORING}


async def decide_all_again(front: Shopfront) -> int:
    """Leave work for every source that somebody owns; returns how many there are."""
    rows = await front.rows(
        "SELECT member_id, source_ref, programme_number, shard FROM source_fact WHERE member_id <> ''"
    )
    work = [(row["member_id"], row["source_ref"], row["programme_number"], row["shard"]) for row in rows]
    assert all(source_shard(ref) == shard for _, ref, _, shard in work)
    await atomic(front.database, lambda session: leave_work(session, work))
    await drain(front.pipeline)
    return len(work)


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
async def test_full_export_restores_and_a_replay_posts_nothing(
    prepared_database_url: str, databases: Databases, tmp_path: Path, target: str
) -> None:
    """C19, N15"""
    async with reward_shop(prepared_database_url) as shop:
        front = shop.front
        await shop.order(2, 3_050, customer=8)
        made = await shop.redeem()
        await shop.settle()
        await shop.order(3, 9_000, code=made["code"])
        await shop.redeem("mug", "k2")
        await shop.order(1, 50_000)
        before = await everything(front.database)
        assert len(before["entry"]) >= 4 and before["lot"] and before["redemption"] and before["reward_stock"]
        was = await verify(front.database, KEYS, now=front.clock)
        folder = tmp_path / "out"
        epoch = await load_epoch(front.database.reading())
        manifest = await export(front.database, KEYS, Export(1, folder, with_people=True), NOW)
        assert manifest["files"]["entry.jsonl"]["rows"] == len(before["entry"])

    with databases.prepared(target) as url:
        async with opened(url) as database:
            await atomic(database, lambda session: ensure_instance(session, KEYS, NOW))
            assert await restore(database, Restoring.of(folder, KEYS, NOW), apply=False)
            assert not any((await everything(database)).values())

            await restore(database, Restoring.of(folder, KEYS, NOW), apply=True)
            assert await everything(database) == before
            assert await load_epoch(database.reading()) == max(
                epoch + 1, (NOW - datetime(2020, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
            )
            again = Shopfront(database, 1, front.connection, front.platforms, front.clock)
            assert (await verify(database, KEYS, now=front.clock)).as_json() == was.as_json()
            entries = await again.entries()
            assert await decide_all_again(again) == 3
            assert await again.entries() == entries
            after = await everything(database)
            assert after["balance"] == before["balance"] and after["lot"] == before["lot"]
