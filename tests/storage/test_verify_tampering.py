"""Whoever edits, deletes or adds a row behind the program's back is found by `belong verify`, every time."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from tortoise.exceptions import BaseORMException

from connector.storage.atomic import atomic
from connector.storage.session import Row, Session
from connector.storage.shards import member_shard
from connector.verify.chain import entry_fingerprint
from connector.verify.contexts import context_seal
from tests.builders import Shopfront
from tests.storage.verify_world import change, checked, drop_guards, member_of, world

KEYS_OF = {
    "entry": "shard member_id n",
    "lot": "shard member_id n",
    "consumption": "shard member_id debit_n lot_n",
    "context": "shard member_id source_ref",
    "balance": "shard member_id",
    "counter": "shard member_id source_ref counter counter_key",
    "cap_grant": "shard member_id cap_id window_key source_ref",
    "redemption": "shard member_id redemption_id",
    "booking": "shard member_id redemption_id lot_n",
    "tier_change": "shard member_id n",
    "badge_change": "shard member_id n",
    "book_closing": "id",
}
HARMLESS = {
    # Listed in docs/verify.md with the reason.
    "lot": {"matures_at_us"},
    "balance": {"activity_at_us", "next_review_at_us"},
    "book_closing": {"id", "programme_number"},
}
"""Columns of which some edit is not seen."""
KINDS = ("earn", "bonus", "redeem", "clawback", "adjust")
STATES = {"redemption_state": ("held", "used", "released", "expired"), "badge_state": ("awarded", "revoked")}
IS_LONG = os.environ.get("BELONG_HYPOTHESIS") == "long"
RANDOM_EDITS = 500 if IS_LONG else 40
SEEDS = range(20 if IS_LONG else 1)


@asynccontextmanager
async def unguarded(url: str) -> AsyncIterator[Shopfront]:
    """The world without the guards that make entries append-only."""
    async with world(url) as (_, front):
        await drop_guards(front)
        yield front


async def columns_of(front: Shopfront, table: str) -> list[str]:
    """The columns that the real table has."""
    if front.database.dialect == "sqlite":
        return [row["name"] for row in await front.rows(f"PRAGMA table_info({table})")]
    sql = "SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND table_schema = 'public'"
    return [row["column_name"] for row in await front.rows(sql, table)]


async def rows_of(front: Shopfront, table: str) -> list[Row]:
    """Every row, in the order of its key."""
    return await front.rows(f"SELECT * FROM {table} ORDER BY {', '.join(KEYS_OF[table].split())}")


async def exchange(front: Shopfront, table: str, old: Row | None, new: Row | None) -> None:
    """Put one row in the place of another. Raises what the database says to a row that it refuses."""
    keys = KEYS_OF[table].split()

    async def body(session: Session) -> None:
        if old is not None:
            where = " AND ".join(f"{key} = ${i}" for i, key in enumerate(keys, 1))
            await session.run(f"DELETE FROM {table} WHERE {where}", *(old[key] for key in keys))
        if new is not None:
            marks = ", ".join(f"${i}" for i in range(1, len(new) + 1))
            await session.run(f"INSERT INTO {table} ({', '.join(new)}) VALUES ({marks})", *new.values())

    await atomic(front.database, body)


async def is_seen(front: Shopfront, table: str, old: Row | None, new: Row | None) -> bool | None:
    """Whether verify reports a change, which is then taken back; None if the database refuses it."""
    try:
        await exchange(front, table, old, new)
    except BaseORMException:
        return None
    seen = not (await checked(front)).ok
    await exchange(front, table, new, old)
    return seen


def other_values(column: str, value: Any) -> Iterator[Any]:
    """Values that somebody might write instead, until the database takes one."""
    if column == "kind":
        yield from (kind for kind in KINDS if kind != value)
    elif column in STATES:
        yield from (state for state in STATES[column] if state != value)
    elif isinstance(value, date):
        # A moment is a date, too.
        yield from (value + timedelta(days=1), value + timedelta(days=4000))
    elif column == "closed_at":
        yield value.replace("2026", "2025")
    elif column == "book_date":
        yield from ("2026-11-20", "2026-11-22", "2025-01-01")
    elif isinstance(value, int):
        yield from (value + 1, value - 1)
    elif isinstance(value, str):
        yield from (value + "x", value[:-1])
    elif isinstance(value, bytes):
        yield from (bytes([value[0] ^ 1]) + value[1:], b"")
    else:
        yield from (1_800_000_000_000_000, "x")


async def test_an_edit_of_any_column_is_seen(prepared_database_url: str) -> None:
    async with unguarded(prepared_database_url) as front:
        unseen = []
        for table in KEYS_OF:
            rows = await rows_of(front, table)
            for column in await columns_of(front, table):
                outcomes = [await _edit(front, table, row, column) for row in rows[:: max(1, len(rows) // 6)]]
                # A column that no edit could reach counts as unseen too.
                unseen += [] if set(outcomes) - {None} == {True} else [(table, column)]
        unseen = [(table, column) for table, column in unseen if column not in HARMLESS.get(table, ())]
        assert unseen == []
        assert (await checked(front)).ok


async def _edit(front: Shopfront, table: str, row: Row, column: str) -> bool | None:
    for value in other_values(column, row[column]):
        seen = await is_seen(front, table, row, {**row, column: value})
        if seen is not None:
            return seen
    return None


async def test_every_deleted_row_is_missed(prepared_database_url: str) -> None:
    async with unguarded(prepared_database_url) as front:
        for table in KEYS_OF:
            rows = (await rows_of(front, table))[-60:]
            assert rows
            assert [row for row in rows if not await is_seen(front, table, row, None)] == []
        assert (await checked(front)).ok


async def test_every_added_row_is_seen(prepared_database_url: str) -> None:
    async with unguarded(prepared_database_url) as front:
        added = await plausible_rows(front)
        assert {table for table, _ in added} == KEYS_OF.keys() - {"book_closing"}
        assert [(table, row) for table, row in added if await is_seen(front, table, None, row) is not True] == []
        assert (await checked(front)).ok


async def plausible_rows(front: Shopfront) -> list[tuple[str, Row]]:
    """Rows that fit as well as one row alone can: right shard, right fingerprint, next number."""
    member_id, newcomer = await member_of(front, "23"), "0" * 32
    entries = [row for row in await rows_of(front, "entry") if row["member_id"] == member_id]
    lots = [row for row in await rows_of(front, "lot") if row["member_id"] == member_id]
    context = next(row for row in await rows_of(front, "context") if row["member_id"] == member_id)
    balance = next(row for row in await rows_of(front, "balance") if row["member_id"] == member_id)
    counter, grant, redemption, booking, tier, badge = [
        (await rows_of(front, table))[-1]
        for table in ("counter", "cap_grant", "redemption", "booking", "tier_change", "badge_change")
    ]
    last = entries[-1]
    key = {"shard": last["shard"], "member_id": member_id}
    elsewhere = {"shard": 99, "member_id": member_id}
    nobody = {"shard": member_shard(newcomer), "member_id": newcomer}
    unknown = {**context, "source_ref": "woocommerce:2:order:777"}
    first = {**last, **nobody, "n": 1, "source_n": 1}
    return [
        ("entry", _chained({**last, "n": last["n"] + 1, "source_n": last["source_n"] + 1, "points": 5}, last)),
        ("entry", {**first, "entry_hash": entry_fingerprint(bytes(32), newcomer, first)}),
        ("entry", {**last, **elsewhere}),
        ("lot", {**lots[0], "n": 2}),
        ("lot", {**lots[0], **nobody}),
        ("consumption", {**key, "debit_n": 2, "lot_n": 3, "points": 5}),
        ("consumption", {**nobody, "debit_n": 2, "lot_n": 1, "points": 5}),
        ("context", {**context, "source_ref": "woocommerce:2:order:401"}),
        ("context", {**unknown, "seal": context_seal(member_id, unknown)}),
        ("context", {**context, **elsewhere}),
        ("balance", {**balance, **nobody, "points": 0, "lifetime": 0, "last_n": 0, "last_hash": bytes(32)}),
        ("balance", {**balance, **elsewhere}),
        ("counter", {**counter, "source_ref": "woocommerce:2:order:777"}),
        ("counter", {**counter, **nobody}),
        ("cap_grant", {**grant, "source_ref": "woocommerce:2:order:777"}),
        ("cap_grant", {**grant, **nobody}),
        ("redemption", {**redemption, "redemption_id": "f" * 32, "place": 7}),
        ("booking", {**booking, "redemption_id": "f" * 32}),
        ("tier_change", {**tier, "n": tier["n"] + 1, "tier": "silver"}),
        ("badge_change", {**badge, "n": badge["n"] + 1, "award_key": "again"}),
    ]


def _chained(row: Row, last: Row) -> Row:
    return {**row, "entry_hash": entry_fingerprint(bytes(last["entry_hash"]), row["member_id"], row)}


@pytest.mark.parametrize("seed", SEEDS)
async def test_random_edits_are_seen(prepared_database_url: str, seed: int) -> None:
    dice = random.Random(seed)
    async with unguarded(prepared_database_url) as front:
        tables = {table: await rows_of(front, table) for table in KEYS_OF}
        done = 0
        while done < RANDOM_EDITS:
            table = dice.choice(sorted(KEYS_OF))
            row = dice.choice(tables[table])
            column = dice.choice(list(row))
            edited = {**row, column: _random_value(dice, row[column], [other[column] for other in tables[table]])}
            if edited == row or column in HARMLESS.get(table, ()):
                continue
            seen = await is_seen(front, table, row, edited)
            assert seen is not False, (table, column, row[column], edited[column])
            done += seen is not None
        assert (await checked(front)).ok


def _random_value(dice: random.Random, value: Any, others: Sequence[Any]) -> Any:
    """Another row's value, or one of the same type that looks like nothing here."""
    if dice.random() < 0.5 or value is None:
        return dice.choice(others)
    if isinstance(value, int):
        return value + dice.choice((-1, 1)) * dice.randint(1, 2 ** dice.randint(1, 14))
    if isinstance(value, str):
        return value[: dice.randint(0, len(value))] + dice.choice("abcxyz019:-")
    return hashlib.sha256(bytes(value) + dice.randbytes(4)).digest()


OTHER_EDITS = [
    ("explanation", "UPDATE explanation SET body_text = body_text || ' '", "explanation-changed"),
    ("explanation", "UPDATE explanation SET salt = $1", "explanation-changed"),
    ("explanation", "UPDATE explanation SET n = n + 100 WHERE n = 1", "explanation-without-entry"),
    ("source_fact", "DELETE FROM source_fact WHERE source_ref LIKE '%:order:301'", "fact-missing"),
    ("source_fact", "UPDATE source_fact SET member_id = NULL WHERE source_ref LIKE '%:order:301'", "due"),
    ("source_fact", "UPDATE source_fact SET shard = (shard + 1) % 64", "fact-differs"),
    ("source_fact", "UPDATE source_fact SET customer_ref = '21'", "fact-differs"),
    ("source_fact", "UPDATE source_fact SET fact = $1 WHERE source_ref LIKE '%:order:301'", "fact-unreadable"),
    ("context", "DELETE FROM context WHERE source_ref LIKE '%:order:304'", "not-decided"),
    ("member", "DELETE FROM member", "identity-without-member"),
    ("member", "UPDATE member SET programme_number = 2", "programme-wrong"),
    ("member", "UPDATE member SET enrolled_at_us = enrolled_at_us + 1", "context-wrong"),
    ("identity", "UPDATE identity SET shard = (shard + 1) % 64", "shard-wrong"),
    ("programme_version", "UPDATE programme_version SET version = 7", "version-missing"),
    ("programme_version", "UPDATE programme_version SET document = replace(document, '\"1\"', '\"2\"')", "due"),
    ("programme_version", "UPDATE programme_version SET document = replace(document, '60', '61')", "context-wrong"),
    ("programme", "DELETE FROM programme", "programme-missing"),
    ("programme", "UPDATE programme SET timezone = 'Pacific/Kiritimati'", "book-date"),
]


async def test_edits_beside_the_ledger_are_named(prepared_database_url: str) -> None:
    async with unguarded(prepared_database_url) as front:
        found = []
        for table, sql, _ in OTHER_EDITS:
            before = await front.rows(f"SELECT * FROM {table}")
            await change(front, sql, *([b"pepper"] if "$1" in sql else []))
            found.append((await checked(front)).difference_counts)
            await _restore(front, table, before)
            assert (await checked(front)).ok, sql
        missed = [sql for (_, sql, code), codes in zip(OTHER_EDITS, found, strict=True) if code not in codes]
        assert missed == []


async def _restore(front: Shopfront, table: str, rows: Sequence[Row]) -> None:
    names = list(rows[0])
    marks = ", ".join(f"${i}" for i in range(1, len(names) + 1))

    async def body(session: Session) -> None:
        await session.run(f"DELETE FROM {table}")
        await session.many(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", [[*r.values()] for r in rows])

    await atomic(front.database, body)


async def test_a_next_change_that_is_forgotten_is_seen(prepared_database_url: str) -> None:
    async with unguarded(prepared_database_url) as front:
        await change(front, "UPDATE balance SET next_change_at_us = NULL")
        report = await checked(front)
        assert set(report.difference_counts) == {"balance"}
        assert "next_change_at" in report.differences[0].sentence


async def test_another_amount_in_a_stored_order_is_seen_in_what_is_due(prepared_database_url: str) -> None:
    async with unguarded(prepared_database_url) as front:
        [row] = await front.rows("SELECT fact FROM source_fact WHERE source_ref = 'woocommerce:2:order:307'")
        edited = bytes(row["fact"]).replace(b'"net_minor":10000', b'"net_minor":90000')
        await change(front, "UPDATE source_fact SET fact = $1 WHERE source_ref = 'woocommerce:2:order:307'", edited)
        [difference] = [found for found in (await checked(front)).differences if found.code == "due"]
        assert (difference.code, difference.expected, difference.found) == ("due", 900, 100)


@pytest.mark.parametrize("shard", [-969, 64, 900])
async def test_a_row_in_a_shard_that_there_is_none_of_is_seen(prepared_database_url: str, shard: int) -> None:
    """Defect seen: a walk from shard to shard never came to rows below the first one."""
    async with world(prepared_database_url) as (_, front):
        await change(front, f"UPDATE source_fact SET shard = {shard} WHERE source_ref = 'woocommerce:2:order:301'")
        report = await checked(front)
        assert {one.code for one in report.differences} >= {"shard-wrong"}
