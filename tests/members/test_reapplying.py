"""An older copy of the database brings nobody back: the journal of erasures beside it knows who was erased."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from connector.crypto import Keys
from connector.data.erasure import erase
from connector.data.erasure_journal import ErasureJournal
from connector.data.exporting import Export, export, key_check
from connector.data.reapplying import reapply_erasures
from connector.data.restoring import Restoring, restore
from connector.errors import ConfigProblem
from connector.ingest.pipeline import Pipeline
from connector.storage.atomic import atomic
from connector.storage.database import Database
from connector.storage.instance import ensure_instance
from connector.verify import verify
from tests.builders import KEYS, MIA, OTHER_KEYS, opened
from tests.connector.rewarding import RewardShop, reward_shop
from tests.databases import Databases

MAIL = "ada@example.test"
SUMS = "SELECT COALESCE(sum(points), 0) FROM entry"


@asynccontextmanager
async def a_shop(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[RewardShop]:
    """Customers 7 and 8 have points, and what the store told of 7 is known. Erasures are written to a journal."""
    async with reward_shop(prepared_database_url) as made:
        made.front.pipeline.journal = journal(tmp_path)
        await tell(made)
        await made.order(2, 30_000, customer=8)
        yield made


@pytest.fixture
async def shop(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[RewardShop]:
    async with a_shop(prepared_database_url, tmp_path) as made:
        yield made


async def tell(shop: RewardShop) -> None:
    body = {"id": 7, "email": MAIL, "first_name": "Ada"}
    await shop.front.receive("customer.created", json.dumps(body).encode())


def journal(folder: Path, keys: Keys = KEYS) -> ErasureJournal:
    return ErasureJournal(folder / "erasures.journal", key_check(keys))


async def backed_up(shop: RewardShop, folder: Path) -> Path:
    await export(shop.front.database, KEYS, Export(shop.front.programme, folder / "backup", True), shop.front.clock())
    return folder / "backup"


@asynccontextmanager
async def restored(
    shop: RewardShop, backup: Path, databases: Databases, kind: str
) -> AsyncIterator[tuple[Database, Pipeline]]:
    """The backup in an empty database, beside the same journal, before the first start."""
    with databases.prepared(kind) as url:
        async with opened(url) as database:
            await atomic(database, lambda session: ensure_instance(session, KEYS, shop.front.clock()))
            await restore(database, Restoring.of(backup, KEYS, shop.front.clock()), apply=True)
            old = shop.front.pipeline
            yield database, Pipeline(database, KEYS, old.platforms, old.now, journal=old.journal)


async def erased(shop: RewardShop) -> None:
    await erase(shop.front.pipeline, shop.front.programme, shop.member, MIA)


async def test_a_restored_old_backup_is_erased_again_by_the_start(
    prepared_database_url: str, tmp_path: Path, databases: Databases, database_kind: str
) -> None:
    async with a_shop(prepared_database_url, tmp_path) as shop:
        backup = await backed_up(shop, tmp_path)
        await erased(shop)
    async with restored(shop, backup, databases, database_kind) as (database, pipeline):
        reading = database.reading()
        assert await reading.number("SELECT count(*) FROM identity WHERE customer_ref = '7'") == 1
        before = await reading.number(SUMS)
        assert await reapply_erasures(pipeline) == 1
        assert await reading.number("SELECT count(*) FROM identity WHERE customer_ref = '7'") == 0
        assert await reading.number("SELECT count(*) FROM source_fact WHERE kind = 'customer'") == 0
        rows = await reading.rows("SELECT status FROM member WHERE member_id = $1", shop.member)
        assert rows[0]["status"] == "erased"
        assert await reading.number("SELECT count(*) FROM removal WHERE customer_ref = '7'") == 1
        assert await reading.number(SUMS) == before == 1_300
        report = await verify(database, KEYS)
        assert report.ok, report.as_text()
        assert await reapply_erasures(pipeline) == 0
        assert await reading.number("SELECT count(*) FROM member WHERE status = 'active'") == 1


async def test_somebody_the_backup_had_never_met_does_not_come_back_by_news_of_the_store(
    prepared_database_url: str, tmp_path: Path, databases: Databases, database_kind: str
) -> None:
    async with reward_shop(prepared_database_url) as shop:
        shop.front.pipeline.journal = journal(tmp_path)
        backup = await backed_up(shop, tmp_path)
        await shop.order(2, 30_000, customer=8)
        (eight,) = await shop.front.rows("SELECT member_id FROM identity WHERE customer_ref = '8'")
        await erase(shop.front.pipeline, shop.front.programme, eight["member_id"], MIA)
    async with restored(shop, backup, databases, database_kind) as (database, pipeline):
        before = await database.reading().number(SUMS)
        assert await reapply_erasures(pipeline) == 1
        assert await reapply_erasures(pipeline) == 0
        shop.front.database, shop.front.pipeline = database, pipeline
        await shop.order(2, 30_000, customer=8)
        reading = database.reading()
        assert await reading.number("SELECT count(*) FROM identity WHERE customer_ref = '8'") == 0
        assert await reading.number("SELECT count(*) FROM push WHERE customer_ref LIKE 'erased:%'") == 0
        assert await reading.number(SUMS) == before
        report = await verify(database, KEYS)
        assert report.ok, report.as_text()


async def test_somebody_whom_a_store_brought_back_under_another_id_is_erased(
    prepared_database_url: str, tmp_path: Path, databases: Databases, database_kind: str
) -> None:
    async with reward_shop(prepared_database_url) as shop:
        shop.front.pipeline.journal = journal(tmp_path)
        backup = await backed_up(shop, tmp_path)
        await shop.order(2, 30_000, customer=8)
        (eight,) = await shop.front.rows("SELECT member_id FROM identity WHERE customer_ref = '8'")
        await erase(shop.front.pipeline, shop.front.programme, eight["member_id"], MIA)
    async with restored(shop, backup, databases, database_kind) as (database, pipeline):
        shop.front.database, shop.front.pipeline = database, pipeline
        await shop.order(2, 30_000, customer=8)
        reading = database.reading()
        assert await reading.number("SELECT count(*) FROM identity WHERE customer_ref = '8'") == 1
        assert await reapply_erasures(pipeline) == 1
        assert await reading.number("SELECT count(*) FROM identity WHERE customer_ref = '8'") == 0
        assert await reapply_erasures(pipeline) == 0
        report = await verify(database, KEYS)
        assert report.ok, report.as_text()


async def test_a_journal_names_nobody(shop: RewardShop, tmp_path: Path) -> None:
    await erased(shop)
    text = journal(tmp_path).path.read_text()
    assert shop.member not in text
    assert MAIL not in text
    assert len(text.split()) == 4 * 3
    assert journal(tmp_path).path.stat().st_mode & 0o077 == 0


async def test_a_missing_and_an_older_journal_stop_the_start(shop: RewardShop, tmp_path: Path) -> None:
    path = journal(tmp_path).path
    await reapply_erasures(shop.front.pipeline)
    assert not path.exists()
    await erased(shop)
    whole = path.read_text()
    path.unlink()
    with pytest.raises(ConfigProblem, match="missing"):
        await reapply_erasures(shop.front.pipeline)
    assert not path.exists()
    path.write_text("".join(whole.splitlines(keepends=True)[:-1]))
    with pytest.raises(ConfigProblem, match="older than the database"):
        await reapply_erasures(shop.front.pipeline)
    path.write_text(whole)
    assert await reapply_erasures(shop.front.pipeline) == 0


async def test_an_empty_file_begins_a_journal_with_what_the_database_knows(shop: RewardShop, tmp_path: Path) -> None:
    await erased(shop)
    before = journal(tmp_path).read()
    assert before is not None
    journal(tmp_path).path.write_text("")
    assert await reapply_erasures(shop.front.pipeline) == 0
    after = journal(tmp_path).read()
    assert after is not None
    assert (after.lines, after.journal_id == before.journal_id) == (before.lines, False)


async def test_what_cannot_be_read_and_another_key_are_refused(shop: RewardShop, tmp_path: Path) -> None:
    await erased(shop)
    path = journal(tmp_path).path
    whole = path.read_text()
    for damaged in ("something else\n", whole + "1 x y z\n", whole + "torn line\n"):
        path.write_text(damaged)
        with pytest.raises(ConfigProblem):
            await reapply_erasures(shop.front.pipeline)
    path.write_text(whole)
    with pytest.raises(ConfigProblem, match="another master key"):
        journal(tmp_path, OTHER_KEYS).read()


async def test_a_line_that_a_stop_cut_off_goes_and_hides_nothing_that_follows(shop: RewardShop, tmp_path: Path) -> None:
    await erased(shop)
    path = journal(tmp_path).path
    whole = journal(tmp_path).read()
    assert whole is not None
    with path.open("a") as file:
        file.write("1 0 half-a-li")
    assert journal(tmp_path).read() == whole
    (eight,) = await shop.front.rows("SELECT member_id FROM identity WHERE customer_ref = '8'")
    await erase(shop.front.pipeline, shop.front.programme, eight["member_id"], MIA)
    after = journal(tmp_path).read()
    assert after is not None
    assert after.lines[: len(whole.lines)] == whole.lines
    assert len(after.lines) == 2 * len(whole.lines)
    assert await reapply_erasures(shop.front.pipeline) == 0


async def test_nothing_is_erased_that_the_journal_cannot_keep(shop: RewardShop, tmp_path: Path) -> None:
    shop.front.pipeline.journal = ErasureJournal(Path(os.devnull) / "erasures.journal", key_check(KEYS))
    with pytest.raises(ConfigProblem):
        await erased(shop)
    assert await shop.front.number("SELECT count(*) FROM erasure") == 0
    assert await shop.front.number("SELECT count(*) FROM identity WHERE customer_ref = '7'") == 1
