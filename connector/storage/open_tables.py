"""Every table, and what becomes of it when a programme is written as open files: one list, which a test of the schema
holds against the real database, so that no table can be forgotten.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

from connector.storage import endpoint_models, models
from connector.storage.session import COLUMN_TYPES, Row, Session

PAGE = 1_000
"""Rows in memory at a time."""


@dataclass(frozen=True, slots=True)
class Sharded:
    """A table that grows. key: its primary key. is_of_member: its rows name only the member, not the programme.

    is_personal: written only when people are asked for.
    """

    name: str
    key: str
    is_of_member: bool = False
    is_personal: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """A table with few rows. of: the column that leads to the programme. is_personal: people or secrets."""

    model: type[Model]
    of: str = "programme_number"
    is_personal: bool = False

    @property
    def name(self) -> str:
        return str(self.model._meta.db_table)


REFERENCES = (
    Reference(models.Programme, of="number"),
    Reference(models.ProgrammeVersion),
    Reference(models.ProgrammeCorrection),
    Reference(models.CorrectionRun),
    Reference(models.ProgrammePause),
    Reference(models.ProgrammeStop),
    Reference(models.RewardStock),
    Reference(models.BookClosing),
    Reference(models.BulkAdjust),
    Reference(models.StoreConnection),
    Reference(models.ConnectionSecret, of="connection_number", is_personal=True),
    Reference(models.ApiKey, is_personal=True),
    Reference(endpoint_models.WebhookEndpoint),
    Reference(endpoint_models.WebhookSecret, of="endpoint_number", is_personal=True),
)
SHARDED = (
    Sharded("member", "shard member_id"),
    Sharded("balance", "shard member_id"),
    Sharded("member_seal", "shard member_id", is_of_member=True),
    Sharded("identity", "shard connection_number customer_ref"),
    Sharded("source_fact", "shard source_ref"),
    Sharded("proven_address", "shard programme_number address_hash"),
    Sharded("past_address", "shard programme_number address_hash member_id"),
    Sharded("entry", "shard member_id n"),
    Sharded("explanation", "shard member_id n", is_of_member=True),
    Sharded("lot", "shard member_id n", is_of_member=True),
    Sharded("consumption", "shard member_id debit_n lot_n", is_of_member=True),
    Sharded("context", "shard member_id source_ref", is_of_member=True),
    Sharded("reason", "shard member_id source_ref", is_of_member=True),
    Sharded("counter", "shard member_id source_ref counter counter_key"),
    Sharded("cap_grant", "shard member_id cap_id window_key source_ref"),
    Sharded("tier_change", "shard member_id n"),
    Sharded("badge_change", "shard member_id n"),
    Sharded("level_change", "shard member_id n"),
    Sharded("held_award", "shard member_id subject award_key level"),
    Sharded("redemption", "shard member_id redemption_id"),
    Sharded("bulk_member", "shard member_id bulk_id"),
    Sharded("booking", "shard member_id redemption_id lot_n", is_of_member=True),
    Sharded("voucher", "shard connection_number code"),
    Sharded("store_credit", "shard connection_number redemption_id"),
    Sharded("code_use", "shard member_id redemption_id order_ref"),
    Sharded("stock_claim", "shard member_id redemption_id"),
    Sharded("idempotency", "shard programme_number scope_key idempotency_key"),
    Sharded("notice", "shard member_id kind notice_key"),
    Sharded("merge", "shard member_id n"),
    Sharded("parcel", "shard member_id merge_id"),
    Sharded("adjust_request", "shard member_id request_id"),
    Sharded("audit", "shard member_id audit_id"),
    Sharded("programme_deed", "shard programme_number audit_id"),
    Sharded("audit_note", "shard member_id audit_id", is_of_member=True),
    Sharded("erasure", "shard member_id"),
    Sharded("referral_code", "shard programme_number code"),
    Sharded("referral", "shard member_id friend_id"),
    Sharded("referred_by", "shard member_id"),
    Sharded("product", "shard connection_number product_id"),
    Sharded("product_wish", "shard connection_number product_id"),
    Sharded("push", "shard member_id connection_number customer_ref"),
    Sharded("removal", "shard connection_number customer_ref"),
    Sharded("work", "shard member_id source_ref"),
    Sharded("customer_union", "shard connection_number customer_ref"),
    Sharded("read_wish", "shard connection_number object_id"),
    Sharded("backfill_run", "shard connection_number run_n"),
    Sharded("reconcile_run", "shard connection_number run_id"),
    Sharded("reconcile_finding", "shard connection_number run_id object_kind object_id"),
    Sharded("person", "shard member_id", is_personal=True),
    Sharded("member_sign", "shard member_id kind sign_hash", is_personal=True),
    Sharded("referral_ip", "shard programme_number sign_hash member_id", is_personal=True),
    Sharded("link_request", "shard digest", is_personal=True),
)
LEFT_OUT: Mapping[str, str] = {
    "arrival": "of the installation: when webhooks came lately",
    "books_check": "of the installation: what the last check of the books found; checking again finds it again",
    "console_browser": "of the installation: in which browsers somebody signed in before, as hashes",
    "console_hand_over": "of the installation: who may enter the console within a minute",
    "console_person": "of the installation: who signs in to the console themselves; they are invited anew elsewhere",
    "console_policy": "of the installation: whether people must sign in with a code",
    "console_recovery": "of the installation: codes for a lost phone, as hashes",
    "console_session": "of the installation: who is signed in to the console, for hours",
    "console_ticket": "of the installation: addresses with which somebody joins, for days",
    "database_move": "of the installation: into which database it was moved",
    "delivery": "messages of shops; what they said is in source_fact",
    "delivery_body": "messages of shops; what they said is in source_fact",
    "erasure_journal": "of the installation: the files that say who was erased, and how long they were",
    "id_sequence": "numbers of deliveries",
    "instance": "of the installation; its epoch is in the manifest",
    "move_part": "of the installation: how far a move is",
    "job_run": "of the installation: which jobs ran when",
    "operator_deed": "of the installation: what operators did with commands",
    "pairing": "of the installation: codes of a quarter of an hour",
    "pace": "of the installation: how fast something was done lately",
    "programme_figures": "of the installation: what was counted last; counted again",
    "programme_draft": "drafts, which change nothing; who wants to keep one publishes it",
    "programme_preview": "what edits would do; worked out again",
    "programme_emptying": "of the installation: whose histories are being deleted for a shop that has left for good",
    "saved_segment": "names that people of the console gave to filters; the filters are in the addresses of its pages",
    "shop_privacy": "of the installation: what shops asked for people's data, and that it was done",
    "shopify_app": "of the installation: apps with their secrets",
    "shopify_installation": "of the installation: which shop has which app",
    "shopify_staff": "of the installation: who of a shop opens the console, for hours",
    "shop_token": "of the installation: access tokens of a few hours, asked for again",
    "shard_slot": "of the installation: who works on which shard",
    "store_call": "of the installation: ids of signed calls of the last minutes",
    "store_plugin": "of the installation: what shops' plugins said last, and since when they do not answer",
    "webhook_message": "what endpoints are told of entries and changes that are here; it goes after a month",
    "told_board": "leaderboards as stores are told them, for an hour: worked out again",
    "test_shop": "made up from beginning to end: whoever wants another test begins one",
    "tortoise_migrations": "of the installation: its schema",
}
"""Tables that no export holds, and why."""

AS_TEXT = frozenset({"fact"})
"""Bytes that are JSON in UTF-8: written as that text; all other bytes as base64."""
_KIND_OF = {name: kind for kind, names in COLUMN_TYPES.items() for name in names.split()}


class WrongRow(ValueError):
    """A row that does not fit its table; the message says how."""


async def columns_of(session: Session, table: Sharded) -> list[str]:
    """Names of a table's columns, as the database has them."""
    if session.dialect == "sqlite":
        return [str(row["name"]) for row in await session.rows(f"PRAGMA table_info({table.name})")]
    rows = await session.rows(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position",
        table.name,
    )
    return [str(row["column_name"]) for row in rows]


async def count_rows(session: Session, table: Sharded, programme_number: int) -> int:
    """How many rows of a programme a table has."""
    return await session.number(f"SELECT count(*) FROM {table.name} t WHERE {_scope(table)}", programme_number)


async def next_page(session: Session, table: Sharded, programme_number: int, after: Row | None) -> list[Row]:
    """The next ``PAGE`` rows of a programme after the row ``after``, in the order of the key."""
    names = table.key.split()
    key = ", ".join(f"t.{name}" for name in names)
    beyond, values = "", []
    if after is not None:
        marks = ", ".join(f"${i}" for i in range(2, len(names) + 2))
        beyond, values = f" AND ({key}) > ({marks})", [after[name] for name in names]
    sql = f"SELECT t.* FROM {table.name} t WHERE {_scope(table)}{beyond} ORDER BY {key} LIMIT {PAGE:d}"
    return await session.rows(sql, programme_number, *values)


def _scope(table: Sharded) -> str:
    if not table.is_of_member:
        return "t.programme_number = $1"
    return (
        "EXISTS (SELECT 1 FROM member m WHERE m.shard = t.shard AND m.member_id = t.member_id "
        "AND m.programme_number = $1)"
    )


def open_row(row: Row) -> dict[str, Any]:
    """A row of a sharded table as plain JSON values."""
    return {name: _opened(name, value) for name, value in row.items()}


def _opened(name: str, value: Any) -> Any:
    if not isinstance(value, (bytes, bytearray, memoryview)):
        return value
    return bytes(value).decode() if name in AS_TEXT else base64.b64encode(bytes(value)).decode()


def closed_row(columns: Sequence[str], given: Any) -> tuple[Any, ...]:
    """Undo ``open_row``: values in the order of the table's columns. Raises WrongRow."""
    if not isinstance(given, dict) or set(given) != set(columns):
        raise WrongRow(f"a row has exactly these columns: {', '.join(columns)}")
    return tuple(_closed(name, given[name]) for name in columns)


def _closed(name: str, value: Any) -> Any:
    if value is None:
        return None
    kind = _KIND_OF[name]
    if kind in ("smallint", "int", "bigint"):
        if type(value) is not int:
            raise WrongRow(f"{name} is a whole number")
        return value
    if not isinstance(value, str):
        raise WrongRow(f"{name} is a text")
    if kind == "text":
        return value
    return value.encode() if name in AS_TEXT else _bytes(name, value)


def _bytes(name: str, value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise WrongRow(f"{name} is base64") from error


async def reference_rows(session: Session, table: Reference, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Rows of a reference table as plain JSON values, oldest first; ids that nothing refers to are left out."""
    query = table.model.filter(**{f"{table.of}__in": list(numbers)}).using_db(session.client)
    rows = await query.order_by(str(table.model._meta.pk_attr)).values(*reference_columns(table))
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def reference_columns(table: Reference) -> list[str]:
    """Names of what is written of a reference table."""
    return [name for name in table.model._meta.db_fields if name != "id"]


def _plain(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    return value.isoformat() if isinstance(value, date) else value


def reference_values(table: Reference, given: Any) -> dict[str, Any]:
    """Undo ``reference_rows`` for one row. Raises WrongRow."""
    columns = reference_columns(table)
    if not isinstance(given, dict) or set(given) != set(columns):
        raise WrongRow(f"a row has exactly these columns: {', '.join(columns)}")
    return {name: _value(name, table.model._meta.fields_map[name], given[name]) for name in columns}


def _value(name: str, field: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(field, fields.BinaryField):
        return _bytes(name, str(value))
    try:
        if isinstance(field, fields.DatetimeField):
            return datetime.fromisoformat(value)
        if isinstance(field, fields.DateField):
            return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise WrongRow(f"{name} is a date or time in ISO form") from error
    if isinstance(field, fields.IntField) and type(value) is not int:
        raise WrongRow(f"{name} is a whole number")
    return value


async def insert_reference(session: Session, table: Reference, values: Mapping[str, Any]) -> None:
    """Add one row of a reference table."""
    await table.model.create(using_db=session.client, **values)


async def go_on_counting(session: Session) -> None:
    """After rows with given numbers: the database gives the next ones. SQLite sees to it itself."""
    if session.dialect == "postgresql":
        for table in ("programme", "connection", "webhook_endpoint"):
            await session.run(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'number'), "
                f"(SELECT greatest(max(number), 1) FROM {table}))"
            )
