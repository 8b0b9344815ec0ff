"""Who waits for a past is looked for shard by shard: those whose past is still being read may be hundreds of thousands.

Defect seen: each look read all of them, a third of a second for 200,000, many times a second.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing

import asyncpg

from connector.storage.awaited_history import WaitingPage, members_waiting
from connector.storage.database import Database
from connector.storage.ledger_load import MemberKey
from connector.storage.session import Session
from tests.builders import opened
from tests.databases import Databases

READ, STILL_READ = 1, 2
"""Programmes."""
FIRST: MemberKey = (-1, "")


async def wait(database: Database, programme_number: int, members: Collection[str]) -> None:
    session = Session(database.writer, database.dialect)
    for member_id in members:
        shard = int(member_id[1:]) % 4
        await session.run(
            "INSERT INTO balance (shard, member_id, programme_number, last_hash) VALUES ($1, $2, $3, $4)",
            *(shard, member_id, programme_number, b"0"),
        )
        for order in (1, 2):
            await session.run(
                "INSERT INTO context (shard, member_id, source_ref, programme_version, enrolled_at_us, paid_at_us, "
                "matures_at_us, decided_at_us, place, values_text, seal) VALUES ($1, $2, $3, 1, 0, 0, 0, 0, 1, $4, $5)",
                *(shard, member_id, f"shopify:1:order:{member_id}-{order}", '{"nth":0}', b"0"),
            )


async def pages(database: Database, programmes: set[int], but_at: set[int], limit: int = 4) -> list[WaitingPage]:
    found, after = [], FIRST
    while True:
        page = await members_waiting(database.reading(), programmes, but_at, after, limit)
        found.append(page)
        if page.last is None:
            return found
        after = page.last


async def test_each_is_in_exactly_one_page_in_order(prepared_database_url: str) -> None:
    theirs, others = [f"m{n}" for n in range(10, 20)], [f"m{n}" for n in range(20, 40)]
    async with opened(prepared_database_url) as database:
        await wait(database, READ, theirs)
        await wait(database, STILL_READ, others)
        found = await pages(database, {READ}, set())
        keys = [key for page in found for key in page.members]
        assert keys == sorted((int(one[1:]) % 4, one) for one in theirs)
        assert [len(page.members) for page in found] == [4, 4, 2]
        assert {number for page in found for number in page.members.values()} == {READ}
        assert await pages(database, {3}, set()) == [WaitingPage({}, None)]
        everybody = await pages(database, {READ, STILL_READ}, set())
        assert sum(len(page.members) for page in everybody) == len(theirs) + len(others)


async def test_whose_shop_is_silent_and_who_has_work_is_left_out(prepared_database_url: str) -> None:
    async with opened(prepared_database_url) as database:
        await wait(database, READ, ["m1", "m2", "m3", "m4", "m5"])
        session = Session(database.writer, database.dialect)
        await session.run(
            "INSERT INTO identity (shard, connection_number, customer_ref, programme_number, member_id, created_at_us) "
            "VALUES (0, 7, 'c', 1, 'm4', 0)"
        )
        await session.run(
            "INSERT INTO work (shard, member_id, source_ref, programme_number, fact_shard) "
            "VALUES (1, 'm5', 'shopify:1:order:9', 1, 0)"
        )
        (page,) = await pages(database, {READ}, {7})
        assert list(page.members) == [(1, "m1"), (2, "m2"), (3, "m3")]


async def test_a_shard_is_read_from_the_index_of_those_who_wait(databases: Databases) -> None:
    asked: list[tuple[str, tuple[int, str]]] = []

    class Watched(Session):
        async def rows(self, sql: str, *values: object) -> list[dict[str, object]]:
            if "JOIN balance" in sql:
                asked.append((sql, FIRST))
            return await super().rows(sql, *values)

    for kind in ("sqlite", "postgresql"):
        with databases.prepared(kind) as url:
            async with opened(url) as database:
                await wait(database, READ, [f"m{n}" for n in range(50)])
                await members_waiting(Watched(database.writer, database.dialect), {READ}, set(), FIRST, 4)
            plan = await plan_of(kind, url, asked[-1][0])
        assert "context_awaits" in plan and "FOR ORDER BY" not in plan, (kind, plan)


async def plan_of(kind: str, url: str, sql: str) -> str:
    if kind == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as connection:
            spelt = sql.replace("$1", "?1").replace("$2", "?2")
            return str(connection.execute("EXPLAIN QUERY PLAN " + spelt, FIRST).fetchall())
    server = await asyncpg.connect(url)
    try:
        return str(await server.fetch("EXPLAIN " + sql, *FIRST))
    finally:
        await server.close()
