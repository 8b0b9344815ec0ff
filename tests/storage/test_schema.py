"""The schema of a real database: every key contains the shard, and every guard exists and refuses."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sqlite3
from itertools import pairwise
from typing import Any

import asyncpg
import pytest
from tortoise import Tortoise
from tortoise.migrations.autodetector import MigrationAutodetector

from connector.storage import console_models as desk
from connector.storage import console_people_models as crew
from connector.storage import migrations
from connector.storage.database import APP, tortoise_config
from connector.storage.dialect_sql import DialectSQL
from connector.storage.endpoint_models import WebhookEndpoint, WebhookSecret
from connector.storage.migrate import migrate
from connector.storage.models import (
    ApiKey,
    Arrival,
    BookClosing,
    BulkAdjust,
    ConnectionSecret,
    CorrectionRun,
    ErasureJournal,
    Instance,
    JobRun,
    OperatorDeed,
    Programme,
    ProgrammeCorrection,
    ProgrammePause,
    ProgrammeStop,
    ProgrammeVersion,
    RewardStock,
    ShopToken,
    StoreConnection,
)
from connector.storage.move_models import DatabaseMove, MovePart
from connector.storage.session import COLUMN_TYPES
from connector.storage.shards import SHARDS
from connector.storage.shopify_models import (
    ProgrammeEmptying,
    ShopifyAppRow,
    ShopifyInstallation,
    ShopifyStaff,
    ShopPrivacy,
)
from tests.second_connection import run_apart
from tests.storage.catalogue import Catalogue, catalogue
from tests.storage.sharded_rows import ROWS, VIOLATIONS, Values

MODELS = (
    ApiKey,
    Arrival,
    BookClosing,
    BulkAdjust,
    ConnectionSecret,
    CorrectionRun,
    DatabaseMove,
    ErasureJournal,
    Instance,
    JobRun,
    MovePart,
    OperatorDeed,
    Programme,
    ProgrammeCorrection,
    ProgrammePause,
    ProgrammeStop,
    ProgrammeVersion,
    RewardStock,
    ShopToken,
    StoreConnection,
    WebhookEndpoint,
    WebhookSecret,
    *(crew.ConsoleBrowser, crew.ConsolePerson, crew.ConsolePolicy, crew.ConsoleRecovery, crew.ConsoleTicket),
    *(desk.BooksCheck, desk.MadeUpShop, desk.ProgrammeDraft, desk.ProgrammeFigures, desk.ProgrammePreview),
    *(desk.SavedSegment, desk.ToldBoard),
    *(ProgrammeEmptying, ShopifyAppRow, ShopifyInstallation, ShopifyStaff, ShopPrivacy),
)
REFERENCE_TABLES = {
    "api_key",
    "arrival",
    "book_closing",
    "books_check",
    "bulk_adjust",
    "connection",
    "connection_secret",
    "console_browser",
    "console_person",
    "console_policy",
    "console_recovery",
    "console_ticket",
    "correction_run",
    "database_move",
    "erasure_journal",
    "instance",
    "job_run",
    "move_part",
    "operator_deed",
    "programme",
    "programme_correction",
    "programme_draft",
    "programme_emptying",
    "programme_figures",
    "programme_pause",
    "programme_preview",
    "programme_stop",
    "programme_version",
    "reward_stock",
    "saved_segment",
    "shop_privacy",
    "shop_token",
    *("shopify_app", "shopify_installation", "shopify_staff"),
    "test_shop",
    "told_board",
    "webhook_endpoint",
    "webhook_secret",
}
"""Few rows, the same on every node. Everything else belongs to a programme and is sharded."""
MIGRATIONS = sorted(module.name for module in pkgutil.iter_modules(migrations.__path__))
BOOKKEEPING = {"tortoise_migrations", "id_sequence"}
SHARDED_TABLES = {
    "adjust_request",
    "audit",
    "audit_note",
    "backfill_run",
    "badge_change",
    "balance",
    "booking",
    "bulk_member",
    "cap_grant",
    "code_use",
    "console_hand_over",
    "console_session",
    "consumption",
    "context",
    "counter",
    "customer_union",
    "delivery",
    "delivery_body",
    "entry",
    "erasure",
    "explanation",
    "held_award",
    "idempotency",
    "identity",
    "level_change",
    "link_request",
    "lot",
    "member",
    "member_seal",
    "member_sign",
    "merge",
    "notice",
    "pace",
    "pairing",
    "parcel",
    "past_address",
    "person",
    "product",
    "product_wish",
    "programme_deed",
    "push",
    "read_wish",
    "reason",
    "reconcile_finding",
    "reconcile_run",
    "redemption",
    "referral",
    "removal",
    "proven_address",
    "referral_code",
    "referral_ip",
    "referred_by",
    "shard_slot",
    "source_fact",
    "stock_claim",
    "store_call",
    "store_credit",
    "store_plugin",
    "tier_change",
    "voucher",
    "webhook_message",
    "work",
}
HISTORIES = ("audit", "badge_change", "level_change", "programme_deed", "tier_change")
REFUSALS = (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError)


@pytest.fixture
def found(prepared_database_url: str) -> Catalogue:
    return catalogue(prepared_database_url)


@pytest.fixture(scope="module")
def statements() -> list[str]:
    """Every statement of SQL that the migrations run on either database."""
    steps = [step for name in MIGRATIONS for step in _migration(name).operations if isinstance(step, DialectSQL)]
    return [text for step in steps for group in (step.both, *step.only.values()) for text in group]


def _migration(name: str) -> Any:
    return importlib.import_module(f"connector.storage.migrations.{name}").Migration


def test_migrations_stand_in_one_line() -> None:
    for before, name in pairwise(MIGRATIONS):
        assert _migration(name).dependencies == [("belong", before)], name
    assert len({name.partition("_")[0] for name in MIGRATIONS}) == len(MIGRATIONS)


def named(statements: list[str], what: str) -> set[str]:
    return {name for text in statements for name in re.findall(rf"^CREATE {what} (\w+)", text)}


def test_every_table_is_either_a_reference_table_or_sharded(found: Catalogue) -> None:
    assert found.tables - BOOKKEEPING == REFERENCE_TABLES | SHARDED_TABLES


def test_the_reference_tables_are_the_models() -> None:
    assert {str(model._meta.db_table) for model in MODELS} == REFERENCE_TABLES


def test_every_key_of_a_sharded_table_begins_with_the_shard(found: Catalogue) -> None:
    for table in SHARDED_TABLES:
        assert found.unique[table], f"{table} has no key"
        for columns in found.unique[table]:
            assert columns[0] == "shard", f"{table}: {columns}"


def test_no_sharded_table_refers_to_another_by_foreign_key(prepared_database_url: str) -> None:
    if prepared_database_url.startswith("sqlite:"):
        rows = [
            row
            for table in SHARDED_TABLES
            for row in run_apart(prepared_database_url, f"PRAGMA foreign_key_list({table})")
        ]
    else:
        rows = run_apart(prepared_database_url, "SELECT conname FROM pg_constraint WHERE contype = 'f'")
    assert rows == []


def test_the_keys_that_models_promise_exist(found: Catalogue) -> None:
    """T4: Tortoise can drop such promises without a word."""
    for model in MODELS:
        meta = model._meta
        promised = {(meta.pk_attr,)} | {tuple(columns) for columns in meta.unique_together}
        promised |= {(name,) for name, each in meta.fields_map.items() if each.unique}
        assert promised <= found.unique[str(meta.db_table)], meta.db_table


def test_every_table_index_and_trigger_that_the_migration_names_exists(
    found: Catalogue, statements: list[str], database_kind: str
) -> None:
    assert named(statements, "TABLE") - BOOKKEEPING == SHARDED_TABLES
    not_here = {"sqlite": {"push_taken"}, "postgresql": set[str]()}
    indexes = {name for name, (table, _) in found.indexes.items() if table in SHARDED_TABLES}
    assert named(statements, "INDEX") - not_here[database_kind] == indexes
    for text in statements:
        for table, columns in re.findall(r"^CREATE UNIQUE INDEX \w+ ON (\w+) \(([\w, ]+)\)", text):
            assert tuple(columns.split(", ")) in found.unique[table], text
    triggers = {f"{table}_is_never_{done}" for table in ("entry", *HISTORIES) for done in ("changed", "deleted")}
    assert found.triggers == named(statements, "TRIGGER") == triggers


def test_every_check_that_the_migration_names_exists(found: Catalogue, statements: list[str]) -> None:
    written = {
        name: len(re.findall(r"\bCHECK\s*\(", text))
        for text in statements
        for name in re.findall(r"^CREATE TABLE (\w+)", text)
        if name not in BOOKKEEPING
    }
    assert written == {table: found.checks[table] for table in SHARDED_TABLES}
    assert sum(written.values()) == len({check for _, check, _ in VIOLATIONS})


def insertion(table: str, changes: Values) -> str:
    row: Values = {"shard": 1, **ROWS[table], **changes}
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(literal(value) for value in row.values())})"


def literal(value: Any) -> str:
    if isinstance(value, bytes):
        return f"CAST('{value.hex()}' AS {{blob}})"
    return f"'{value}'" if isinstance(value, str) else str(value)


def run(url: str, statement: str) -> list[tuple[Any, ...]]:
    return run_apart(url, statement.replace("{blob}", "BLOB" if url.startswith("sqlite:") else "BYTEA"))


def test_every_check_refuses_what_it_is_there_for(prepared_database_url: str) -> None:
    for table, check, changes in VIOLATIONS:
        before = run(prepared_database_url, f"SELECT count(*) FROM {table}")
        with pytest.raises(REFUSALS):
            run(prepared_database_url, insertion(table, changes))
            pytest.fail(f"accepted against {check}: {changes}")
        assert run(prepared_database_url, f"SELECT count(*) FROM {table}") == before


def test_rows_that_break_no_check_are_accepted(prepared_database_url: str) -> None:
    for table in ROWS:
        run(prepared_database_url, insertion(table, {}))
    for n, (kind, points) in enumerate([("adjust", -5), ("transfer", 5), ("redeem", -5), ("bonus", 5)], 2):
        run(prepared_database_url, insertion("entry", {"n": n, "source_n": n, "kind": kind, "points": points}))


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("delivery", {"id": 2}),
        ("delivery", {"dedupe_key": "another"}),
        ("source_fact", {"kind": "customer"}),
        ("entry", {"source_ref": "another"}),
        ("entry", {"n": 2}),
        ("lot", {"source_ref": "another"}),
        ("consumption", {"points": 2}),
        ("push", {"next_at_us": 9}),
        ("work", {"fact_shard": 9}),
        ("balance", {"last_n": 9}),
    ],
)
def test_a_second_row_under_the_same_key_is_refused(prepared_database_url: str, table: str, changes: Values) -> None:
    run(prepared_database_url, insertion(table, {}))
    with pytest.raises(REFUSALS):
        run(prepared_database_url, insertion(table, changes))
    run(prepared_database_url, insertion(table, {**changes, "shard": 2}))


@pytest.mark.parametrize("change", ["UPDATE entry SET points = 6", "DELETE FROM entry"])
def test_an_entry_can_be_neither_changed_nor_deleted(prepared_database_url: str, change: str) -> None:
    run(prepared_database_url, insertion("entry", {}))
    with pytest.raises((sqlite3.IntegrityError, asyncpg.RaiseError), match="entries are append-only"):
        run(prepared_database_url, change)
    assert run(prepared_database_url, "SELECT points FROM entry") == [(5,)]


@pytest.mark.parametrize("table", HISTORIES)
@pytest.mark.parametrize("change", ["UPDATE {} SET at_us = 1", "DELETE FROM {}"])
def test_a_history_can_be_neither_changed_nor_deleted(prepared_database_url: str, table: str, change: str) -> None:
    run(prepared_database_url, insertion(table, {}))
    with pytest.raises((sqlite3.IntegrityError, asyncpg.RaiseError), match=f"{table} is append-only"):
        run(prepared_database_url, change.format(table))
    assert run(prepared_database_url, f"SELECT at_us FROM {table}") == [(0,)]


def test_a_reward_has_one_place_for_each_time_a_member_redeems_it(prepared_database_url: str) -> None:
    run(prepared_database_url, insertion("redemption", {}))
    with pytest.raises(REFUSALS):
        run(prepared_database_url, insertion("redemption", {"redemption_id": "e"}))
    run(prepared_database_url, insertion("redemption", {"redemption_id": "e", "place": 2}))


def test_columns_have_the_types_that_sessions_send(found: Catalogue, database_kind: str) -> None:
    names = {"int": "integer"} if database_kind == "postgresql" else {"bytea": "blob"}
    expected = {column: names.get(kind, kind) for kind, text in COLUMN_TYPES.items() for column in text.split()}
    real = {key: kind for key, kind in found.columns.items() if key[0] in SHARDED_TABLES}
    assert real == {key: expected.get(key[1], "not in COLUMN_TYPES") for key in real}


def test_every_shard_has_a_slot_for_each_kind_of_worker(prepared_database_url: str) -> None:
    rows = run_apart(
        prepared_database_url, "SELECT kind, count(*), min(shard), max(shard) FROM shard_slot GROUP BY kind"
    )
    assert sorted(rows) == [("inbox", SHARDS, 0, SHARDS - 1), ("work", SHARDS, 0, SHARDS - 1)]


async def test_migrating_twice_changes_nothing(prepared_database_url: str) -> None:
    run(prepared_database_url, insertion("entry", {}))
    before = catalogue(prepared_database_url)
    applied = run_apart(prepared_database_url, "SELECT app, name FROM tortoise_migrations ORDER BY name")
    await migrate(prepared_database_url)
    assert catalogue(prepared_database_url) == before
    assert run_apart(prepared_database_url, "SELECT app, name FROM tortoise_migrations ORDER BY name") == applied
    assert run_apart(prepared_database_url, "SELECT points FROM entry") == [(5,)]


async def test_an_empty_database_becomes_the_same_as_a_prepared_one(
    database_url: str, prepared_database_url: str
) -> None:
    await migrate(database_url)
    assert catalogue(database_url) == catalogue(prepared_database_url)


async def test_the_models_hold_nothing_that_no_migration_makes(prepared_database_url: str) -> None:
    config = tortoise_config(prepared_database_url)
    context = await Tortoise.init(config=config, init_connections=False)
    try:
        assert context.apps is not None
        detector = MigrationAutodetector(context.apps, {APP: config["apps"][APP]})
        assert [writer.name for writer in await detector.changes()] == []
    finally:
        await context.close_connections()
