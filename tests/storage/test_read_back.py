"""What our books say that stores have is read shard by shard, whole, and without a look at all redemptions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from connector.storage import read_back
from connector.storage.atomic import atomic, drain
from connector.storage.database import Database, close_database, open_database
from connector.storage.instants import micros
from connector.storage.read_back import placed_codes, standing_redemptions, taken_snapshots
from connector.storage.session import Session
from connector.storage.shards import member_shard
from connector.storage.vouchers import VoucherKey
from tests.builders import opened
from tests.databases import Databases
from tests.storage.sharded_rows import ROWS, Values

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MEMBERS = [f"{number:032x}" for number in range(30)]


@pytest.fixture
async def database(prepared_database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(prepared_database_url, pool_size=8)
    yield opened
    await drain()
    await close_database(opened)


async def add(session: Session, table: str, shard: int, **values: object) -> None:
    row: Values = {"shard": shard, **ROWS[table], **values}
    await session.insert(table, " ".join(row), [tuple(row.values())])


async def redeemed(session: Session, member: str, state: str, code: str | None = None) -> None:
    """A redemption of a member, named like them, and a code of the first store that took it."""
    await add(
        session,
        "redemption",
        member_shard(member),
        member_id=member,
        redemption_id=member,
        redemption_state=state,
        updated_at_us=micros(NOW),
    )
    if code is not None:
        key = VoucherKey(1, code)
        await add(session, "voucher", key.shard, code=code, member_id=member, redemption_id=member, state=1)


async def test_every_code_that_waits_to_be_used_is_found_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also behind a whole page of codes that are used up."""
    monkeypatch.setattr(read_back, "PAGE", 1)

    async def body(session: Session) -> None:
        for number, member in enumerate(MEMBERS):
            await redeemed(session, member, "issued" if number % 3 == 0 else "used", f"c{number}")

    await atomic(database, body)
    session = database.reading()
    pages = [page async for page in placed_codes(session, 1, NOW + timedelta(seconds=1))]
    assert sorted(one.redemption_id for page in pages for one in page) == MEMBERS[::3]
    assert {one.key.code for page in pages for one in page} == {f"c{number}" for number in range(0, 30, 3)}
    for number, moment in ((1, NOW), (2, NOW + timedelta(seconds=1))):
        assert [page async for page in placed_codes(session, number, moment)] == []


async def test_snapshots_come_in_full_pages_whatever_shard_they_lie_in(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_back, "PAGE", 1)

    async def body(session: Session) -> None:
        for member in MEMBERS:
            for customer in ("7", "8"):
                place = {"member_id": member, "customer_ref": customer}
                await add(session, "push", member_shard(member), **place, accepted=4, state=1)
        await add(session, "push", 5, member_id="m", connection_number=2, accepted=4, state=1)

    await atomic(database, body)
    pages = [page async for page in taken_snapshots(database.reading(), 1, 25)]
    assert [len(page) for page in pages] == [25, 25, 10]
    assert sorted((one.member_id, one.customer_ref) for page in pages for one in page) == [
        (member, customer) for member in MEMBERS for customer in ("7", "8")
    ]


async def test_whether_a_redemption_waits_is_asked_by_an_index(
    database: Database, database_kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, tuple[object, ...]]] = []
    rows = Session.rows

    async def noted(session: Session, sql: str, *values: object) -> list[dict[str, object]]:
        asked.append((sql, values))
        return await rows(session, sql, *values)

    async def body(session: Session) -> set[str]:
        for number, state in enumerate(("held", "requested", "issued", "used", "expired")):
            await redeemed(session, MEMBERS[number], state)
        with monkeypatch.context() as patched:
            patched.setattr(Session, "rows", noted)
            found = await standing_redemptions(session, [*MEMBERS[:5], "unknown"])
        if database_kind == "postgresql":
            # Of a table of five rows the planner would read everything.
            await session.run("SET LOCAL enable_seqscan = off")
        ((sql, values),) = asked
        plan = await session.rows(
            f"{'EXPLAIN' if database_kind == 'postgresql' else 'EXPLAIN QUERY PLAN'} {sql}", *values
        )
        assert "redemption_waiting" in str(plan), plan
        return found

    assert await atomic(database, body) == set(MEMBERS[:3])


@pytest.mark.postgresql
async def test_what_one_store_took_is_found_by_an_index_of_its_own(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, tuple[object, ...]]] = []
    rows = Session.rows

    async def noted(session: Session, sql: str, *values: object) -> list[dict[str, object]]:
        asked.append((sql, values))
        return await rows(session, sql, *values)

    async def body(session: Session) -> None:
        row: Values = {"shard": 5, **ROWS["push"], "accepted": 4, "state": 1}
        many = [{**row, "member_id": f"m{store}", "connection_number": store} for store in range(1, 5001)]
        await session.insert("push", " ".join(row), [tuple(one.values()) for one in many])
        await session.run("ANALYZE push")
        with monkeypatch.context() as patched:
            patched.setattr(Session, "rows", noted)
            assert [len(page) async for page in taken_snapshots(session, 7, 25)] == [1]
        sql, values = asked[5]
        plan = await session.rows(f"EXPLAIN {sql}", *values)
        assert "push_taken" in str(plan), plan

    with databases.prepared("postgresql") as url:
        async with opened(url) as database:
            await atomic(database, body)
