"""How SQLite finds rows: it keeps no figures of what is in a table, and some keys look better to it than they are.

Defect seen: for each source of a member it read all entries of the member, so that the thousandth redemption of one
member took a hundred times as long as the tenth.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connector.redeeming import redemptions
from connector.redeeming.redemptions import Wish
from connector.sandbox.world import Plan, live, schedule
from connector.storage.dead_letters import KINDS, Range, count_dead_letters, list_dead_letters
from connector.storage.findings import open_withdrawals
from connector.storage.referrals import referrals_of
from connector.storage.reported import reported_kinds
from connector.storage.session import Session
from tests.builders import opened
from tests.databases import Databases
from tests.journeys.test_vouchers import GIVING
from tests.journeys.world import simulated, some_days_ago, world
from tests.storage.plans import plan_of

SEED = 20261127
_BY_SOURCE = re.compile(r"\b(\w+)\.source_ref = k\.source_ref")
_PLACE = re.compile(r"\$(\d+)")


def statements_of(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[Any, ...]]:
    """Filled with every statement that is sent from now on, each once, with the values it was first sent with."""
    seen: dict[str, tuple[Any, ...]] = {}
    rows = Session.rows

    async def watched(session: Session, sql: str, *values: Any) -> Any:
        seen.setdefault(sql, values)
        return await rows(session, sql, *values)

    monkeypatch.setattr(Session, "rows", watched)
    return seen


async def a_day_with_redemptions(url: str, home: Path) -> None:
    async with world(url, home, simulated(), document=GIVING) as told:
        for platform in told.connections:
            await live(told.shop(platform), schedule(SEED, Plan(platform, 3, 4), some_days_ago(1)), burst=20)
        await told.deliver()
        members = await told.service.database.reading().rows(
            "SELECT b.member_id, i.connection_number FROM balance b JOIN identity i ON i.member_id = b.member_id "
            "WHERE b.points > 500"
        )
        programme = told.connections["shopify"].programme_number
        for row in members[:2]:
            wish = Wish(programme, row["member_id"], "five", row["connection_number"], "plans")
            await redemptions.redeem(told.service.pipeline, wish)
        await told.settle()


async def test_what_is_asked_by_source_is_found_by_source(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = statements_of(monkeypatch)
    with databases.prepared("sqlite") as url:
        await a_day_with_redemptions(url, tmp_path)
        asked = {sql: aliases for sql in seen if (aliases := set(_BY_SOURCE.findall(sql)))}
        with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as connection:
            for sql, aliases in asked.items():
                plan = connection.execute("EXPLAIN QUERY PLAN " + _PLACE.sub(r"?\1", sql), seen[sql]).fetchall()
                for alias in aliases:
                    ways = [detail for *_, detail in plan if detail.startswith((f"SEARCH {alias} ", f"SCAN {alias}"))]
                    assert ways and all("source_ref=?" in way for way in ways), (sql, plan)
    assert sum("CROSS JOIN entry e" in sql for sql in asked) == 2, "what was posted, and what it took of lots"
    assert len(asked) >= 5


async def test_no_redemption_of_a_member_makes_all_of_them_be_read(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Defect seen (G5): after thousands of redemptions each next one read them all."""
    seen = statements_of(monkeypatch)
    with databases.prepared("sqlite") as url:
        await a_day_with_redemptions(url, tmp_path)
        asked = {sql: values for sql, values in seen.items() if re.search(r"\bredemption\b", sql)}
        with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as connection:
            for sql, values in asked.items():
                plan = connection.execute("EXPLAIN QUERY PLAN " + _PLACE.sub(r"?\1", sql), values).fetchall()
                ways = [detail for *_, detail in plan if re.match(r"(SEARCH|SCAN) (r|u|redemption)\b", detail)]
                assert not [way for way in ways if way.endswith("(shard=? AND member_id=?)")], (sql, plan)
    assert sum("UNION ALL" in sql for sql in asked) >= 2, "what a decision looks at, and what a member is told of"


async def test_codes_that_are_to_be_withdrawn_are_found_without_a_look_at_all_that_was_ever_found(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = statements_of(monkeypatch)
    with databases.prepared("sqlite") as url:
        async with opened(url) as database:
            seen.clear()
            assert await open_withdrawals(database.reading(), 1, 500) == []
        ((sql, values),) = seen.items()
        with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as connection:
            plan = connection.execute("EXPLAIN QUERY PLAN " + _PLACE.sub(r"?\1", sql), values).fetchall()
    assert "USING INDEX reconcile_open (shard=? AND connection_number=?)" in plan[0][-1], plan


async def test_pages_read_what_they_show_and_not_what_a_whole_programme_has(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Defects seen: a member's page read all referrals of the programme, and a draft's page every member's counters."""
    seen = statements_of(monkeypatch)
    with databases.prepared("sqlite") as url:
        async with opened(url) as database:
            seen.clear()
            await referrals_of(database.reading(), 1, "0" * 32)
            await reported_kinds(database.reading(), 1)
        plans = {sql: await plan_of(url, sql, values) for sql, values in seen.items()}
    (referrals,) = (plan for sql, plan in plans.items() if sql.startswith("SELECT * FROM referral "))
    (kinds,) = (plan for sql, plan in plans.items() if sql.startswith("WITH RECURSIVE found "))
    assert "SEARCH referral USING PRIMARY KEY (shard=? AND member_id=?)" in referrals
    assert kinds.count("SEARCH c USING COVERING INDEX counter_board (shard=? AND programme_number=?") == 2
    assert "SCAN c" not in kinds and "SCAN referral" not in referrals


async def test_what_waits_for_a_person_is_not_sought_among_everything(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Defect seen: the console's first page read a month of messages to endpoints to count those that were given up,
    half a second for 200,000.
    """
    seen = statements_of(monkeypatch)
    with databases.prepared("sqlite") as url:
        async with opened(url) as database:
            seen.clear()
            await count_dead_letters(database.reading(), 1)
            for kind in KINDS:
                await list_dead_letters(database.reading(), Range(kind, 1))
        plans = {sql: await plan_of(url, sql, values) for sql, values in seen.items()}
    assert len(plans) == 2 * len(KINDS)
    # Of erased and of joined customers there are few.
    large = {kind.table for kind in KINDS.values()} - {"removal", "customer_union"}
    read_whole = re.compile(rf"SCAN ({'|'.join(sorted(large))})$", re.MULTILINE)
    assert [found for plan in plans.values() for found in read_whole.findall(plan)] == []
