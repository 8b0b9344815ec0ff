"""Every table and column of the schema: a row edited, taken away or added is seen, or docs/verify.md says why not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tortoise.exceptions import BaseORMException

import connector
from connector.data.erasure import erase
from connector.ingest.pipeline import drain
from connector.people import referrals
from connector.people.actors import Actor
from connector.people.adjusting import adjust_points, answer_request
from connector.people.membership import give_badge, hold_tier
from connector.people.merging import merge
from connector.people.signs import Shown
from connector.programmes.books import close_books
from connector.redeeming.redemptions import Wish, redeem
from connector.redeeming.store_credits import settle_credits
from connector.storage.atomic import atomic
from connector.storage.seals import seal_everything
from connector.storage.session import Row, Session
from tests.builders import Shopfront
from tests.connector.memory_shop import MemoryCredits
from tests.connector.rewarding import ALL, RewardShop, a_cart, reward_shop
from tests.databases import Databases
from tests.storage.catalogue import catalogue
from tests.storage.verify_world import change, checked, drop_guards

PAGE = Path(connector.__file__).parents[1] / "docs" / "verify.md"
LIVELY = {
    **ALL,
    "tiers": [
        {"id": "member", "qualify": "join"},
        {"id": "silver", "qualify": {"spend": "120.00"}, "multiplier": "1.25"},
    ],
    "badges": [
        {"id": "first", "tier": "bronze", "rule": "orders >= 1"},
        {"id": "host", "tier": "gold", "rule": "manual"},
    ],
    "levels": [{"id": "member"}, {"id": "regular", "require": {"orders": 1}}],
    "caps": [{"id": "year", "per": "year", "points": 50000, "on": ["order"]}],
    "referral": {"referrer": 50, "friend": 30, "min_order": "30.00", "per_year": 2},
    "adjust": {"max": 10_000, "second_person_above": 100},
}
IDA, MIA = Actor("ida", "key:a", "Ida"), Actor("mia", "key:b", "Mia")
SAMPLE = 2
"""Rows of a table in which each column is edited."""


def unseen() -> dict[str, set[str]]:
    """What docs/verify.md lists: columns by table; ``all``, or ``rows`` where a deleted row is not missed."""
    found: dict[str, set[str]] = {}
    section = PAGE.read_text(encoding="utf-8").split("## What it cannot see", 1)[1]
    for tables, columns in re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", section, re.MULTILINE):
        for table in re.findall(r"`(\w+)`", tables):
            names = set(re.findall(r"`(\w+)`", columns)) or {"all"}
            found.setdefault(table, set()).update(names | ({"rows"} if "rows" in columns.split() else set()))
    return found


@asynccontextmanager
async def lively(databases: Databases) -> AsyncIterator[tuple[str, Shopfront]]:
    """A shop in which people merged, brought friends, were erased and honoured; without append-only guards."""
    with databases.prepared("sqlite") as url:
        async with reward_shop(url, document=LIVELY) as shop:
            await _live(shop)
            await drop_guards(shop.front)
            yield url, shop.front


async def _live(shop: RewardShop) -> None:
    front, pipeline, programme = shop.front, shop.front.pipeline, shop.front.programme
    for number, customer in enumerate((8, 9, 10, 11), 2):
        await shop.order(number, 20_000, customer=customer)
    people = {
        row["customer_ref"]: row["member_id"]
        for row in await front.rows("SELECT customer_ref, member_id FROM identity")
    }
    await shop.order(2, 20_000, customer=8, status="cancelled")
    used = await shop.redeem("five")
    await shop.settle()
    await shop.order(20, 10_000, code=(await shop.shown(used))["code"])
    await shop.redeem("mug", "k2")
    await redeem(
        pipeline, Wish(programme, people["9"], "once", front.connection.number, "k3", cart=a_cart(), holds=True)
    )
    platform = front.platforms["woocommerce"]
    platform.voucher_kinds |= {"store_credit"}
    shop.store.credits = MemoryCredits()
    await shop.redeem("credit", "k4")
    await settle_credits(shop.placing)
    code = await referrals.own_code(pipeline, programme, shop.member, Shown(address="ada@example.test"))
    body = b'{"id": 12, "email": "c12@example.test"}'
    await front.receive("customer.created", body)
    [friend] = await front.rows("SELECT member_id FROM identity WHERE customer_ref = '12'")
    await referrals.register_friend(pipeline, programme, friend["member_id"], code, Shown(address="bob@example.test"))
    await adjust_points(pipeline, programme, shop.member, 500, "gift", IDA, "a broken cup")
    await answer_request(pipeline, programme, shop.member, "gift", MIA, agrees=True)
    await adjust_points(pipeline, programme, people["9"], -20, "slip", IDA, "one too many")
    await hold_tier(pipeline, programme, people["9"], "silver", IDA, "a friend of the house")
    await give_badge(pipeline, programme, people["9"], "host", IDA, "she hosted")
    await merge(pipeline, programme, people["10"], shop.member, "merchant", MIA)
    await drain(pipeline)
    await erase(pipeline, programme, people["11"], IDA)
    await drain(pipeline)
    front.clock.forward(days=2)
    await close_books(front.database, front.clock())


async def rows_of(front: Shopfront, table: str) -> list[Row]:
    return await front.rows(f"SELECT * FROM {table}")


async def exchange(front: Shopfront, table: str, old: Row | None, new: Row | None) -> bool:
    """Put one row in the place of another; False if the database refuses it."""

    async def body(session: Session) -> None:
        if old is not None:
            marks = [f"{name} IS ${i}" for i, name in enumerate(old, 1)]
            await session.run(f"DELETE FROM {table} WHERE {' AND '.join(marks)}", *old.values())
        if new is not None:
            marks = [f"${i}" for i in range(1, len(new) + 1)]
            await session.run(f"INSERT INTO {table} ({', '.join(new)}) VALUES ({', '.join(marks)})", *new.values())

    try:
        await atomic(front.database, body)
    except BaseORMException:
        return False
    return True


async def is_seen(front: Shopfront, table: str, old: Row | None, new: Row | None) -> bool | None:
    """Whether verify reports it; None if the database refuses it. Taken back afterwards."""
    if not await exchange(front, table, old, new):
        return None
    seen = not (await checked(front)).ok
    assert await exchange(front, table, new, old)
    return seen


def others(value: Any) -> Iterator[Any]:
    """What somebody might write instead, until the database takes one."""
    if isinstance(value, int):
        yield from (value + 1, value - 1, value + 86_400_000_000)
    elif value == "Europe/Berlin":
        yield "Pacific/Kiritimati"
    elif isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
        yield "2025" + value[4:]
    elif isinstance(value, str):
        yield from (value + "x", value[:-1], *STATES)
    elif isinstance(value, bytes):
        yield from (bytes([value[0] ^ 1]) + value[1:] if value else b"x", b"")
    else:
        yield from (1_800_000_000_000_000, "x")


STATES = (
    *("active", "left", "earn", "bonus", "adjust", "redeem", "clawback", "held", "used", "released", "review", "void"),
    *("revoked", "awarded", "customer", "activity", "order"),
)
"""Values of columns that take only some."""


async def test_an_edit_of_any_column_of_any_table_is_seen_or_listed(databases: Databases) -> None:
    listed = unseen()
    async with lively(databases) as (url, front):
        assert (await checked(front)).differences == []
        columns = catalogue(url).columns
        assert {table for table in listed} <= {table for table, _ in columns}, (
            "docs/verify.md lists a table that is gone"
        )
        missed = []
        for table, column in sorted(columns):
            if listed.get(table, set()) & {"all", column}:
                continue
            rows = await rows_of(front, table)
            assert rows, f"nothing happened that writes {table}: neither seen nor unseen"
            outcomes = await _outcomes(front, table, rows, column)
            # A column that no edit could reach counts as unseen, too.
            missed += [] if outcomes == {True} else [(table, column)]
        assert missed == [], missed
        assert (await checked(front)).differences == []


async def _outcomes(front: Shopfront, table: str, rows: list[Row], column: str) -> set[bool]:
    """Whether edits were seen, of the first rows in which the database takes one."""
    found: list[bool] = []
    for row in rows:
        seen = await _edited(front, table, row, column)
        if seen is not None:
            found.append(seen)
        if len(found) == SAMPLE:
            break
    return set(found)


async def _edited(front: Shopfront, table: str, row: Row, column: str) -> bool | None:
    for value in others(row[column]):
        seen = None if value == row[column] else await is_seen(front, table, row, {**row, column: value})
        if seen is not None:
            return seen
    return None


async def test_a_deleted_row_of_any_table_is_missed_or_listed(databases: Databases) -> None:
    listed = unseen()
    async with lively(databases) as (url, front):
        missed = []
        for table in sorted({table for table, _ in catalogue(url).columns}):
            if listed.get(table, set()) & {"all", "rows"}:
                continue
            rows = await rows_of(front, table)
            seen = [await is_seen(front, table, row, None) for row in rows[-4:]]
            missed += [] if set(seen) == {True} else [(table, seen)]
        assert missed == [], missed


async def test_a_row_added_beside_another_is_seen(databases: Databases) -> None:
    """A copy under another key, of every table whose rows a seal holds."""
    keys: dict[str, dict[str, Any]] = {
        "tier_change": {"n": 9},
        "badge_change": {"n": 9, "award_key": "again"},
        "level_change": {"n": 9},
        "redemption": {"redemption_id": "f" * 32, "place": 9, "redemption_state": "released"},
        "merge": {"n": 9},
        "parcel": {"merge_id": "f" * 32},
        "adjust_request": {"request_id": "another"},
        "referral": {"friend_id": "f" * 32},
        "referred_by": {"member_id": "f" * 32},
        "audit": {"audit_id": "f" * 32},
        "erasure": {"member_id": "f" * 32},
        "member_seal": {"member_id": "f" * 32, "row_seal": 1},
    }
    async with lively(databases) as (_, front):
        for table, key in keys.items():
            row = (await rows_of(front, table))[-1]
            assert await is_seen(front, table, None, {**row, **key}) is True, table


async def test_an_older_database_gets_the_seals_that_it_would_have_had(databases: Databases) -> None:
    async with lively(databases) as (_, front):
        had = [row for row in await rows_of(front, "member_seal") if row["row_seal"]]
        await change(front, "DELETE FROM member_seal")
        assert set((await checked(front)).difference_counts) == {"seal"}
        await atomic(front.database, seal_everything)
        assert sorted(map(str, await rows_of(front, "member_seal"))) == sorted(map(str, had))
        assert (await checked(front)).differences == []
