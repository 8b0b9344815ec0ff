"""Everything that lies sealed in the database, and sealing it anew when the master key has changed.

First the database is told which key seals; nothing is sealed with another one after that. Then come batches, each one
transaction. What is done is known by how a seal begins, so a stop in the middle loses nothing, and going on does the
rest. Rows keep their places: each seal is bound to its row and field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from connector.crypto import Keys
from connector.storage import (
    connections,
    endpoints,
    inbox,
    instance,
    pairings,
    people,
    second_steps,
    shop_tokens,
    shopify_apps,
)
from connector.storage.atomic import atomic
from connector.storage.database import Database
from connector.storage.session import Row, Session

BATCH = 500


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One column. keys: its primary key; also: further columns that ``place`` needs."""

    table: str
    keys: str
    column: str
    place: Callable[[Row], str]
    also: str = ""


SEALED_COLUMNS: Sequence[SealedColumn] = (
    SealedColumn("instance", "id", "key_check", lambda row: instance.KEY_CHECK_PLACE),
    SealedColumn(
        "connection_secret",
        "id",
        "sealed",
        lambda row: connections.secret_place(row["connection_number"], row["kind"]),
        "connection_number kind",
    ),
    SealedColumn(
        "shop_token", "connection_number", "sealed", lambda row: shop_tokens.token_place(row["connection_number"])
    ),
    SealedColumn(
        "webhook_secret",
        "id",
        "sealed",
        lambda row: endpoints.signing_secret_place(row["endpoint_number"]),
        "endpoint_number",
    ),
    SealedColumn("pairing", "shard pairing_id", "sealed", lambda row: pairings.pairing_place(row["pairing_id"])),
    SealedColumn("shopify_app", "client_id", "sealed", lambda row: shopify_apps.app_place(row["client_id"])),
    SealedColumn("person", "shard member_id", "sealed", lambda row: people.person_place(row["member_id"])),
    SealedColumn(
        "console_person", "number", "sealed", lambda row: second_steps.second_place(row["public_id"]), "public_id"
    ),
    SealedColumn("delivery_body", "shard id", "body", lambda row: inbox.body_place(row["shard"], row["id"])),
)
"""A seal that is made anywhere else is found by ``tests/house/test_seals_are_known.py``."""


async def count_old_seals(session: Session, keys: Keys) -> int:
    """How many seals are not of the present key."""
    return sum([await session.number(_select(one, "count(*)"), keys.seal_head) for one in SEALED_COLUMNS])


async def reseal(database: Database, keys: Keys) -> int:
    """Make the first of these keys the present one and seal everything with it. Returns how many seals were made anew.

    keys: nobody else's, so that nobody else turns them meanwhile.
    """
    is_new = await atomic(database, lambda session: instance.make_key_present(session, keys))
    return is_new + sum([await _reseal_column(database, keys, one) for one in SEALED_COLUMNS])


async def _reseal_column(database: Database, keys: Keys, one: SealedColumn) -> int:
    count = 0
    after: tuple[Any, ...] | None = None
    while True:
        rows = await atomic(database, partial(_reseal_batch, keys, one, after))
        if not rows:
            return count
        count += len(rows)
        after = tuple(rows[-1][name] for name in one.keys.split())


async def _reseal_batch(
    keys: Keys, one: SealedColumn, after: tuple[Any, ...] | None, session: Session
) -> Sequence[Row]:
    names = one.keys.split()
    columns = ", ".join([*names, *one.also.split(), one.column])
    order = ", ".join(names)
    beyond = ""
    if after is not None:
        marks = ", ".join(f"${number}" for number in range(2, 2 + len(names)))
        beyond = f" AND ({order}) > ({marks})"
    sql = f"{_select(one, columns)}{beyond} ORDER BY {order} LIMIT {BATCH:d}{session.locked('t')}"
    rows = await session.rows(sql, keys.seal_head, *(after or ()))
    anew = [(*(row[name] for name in names), _again(keys, one, row)) for row in rows]
    if anew:
        await session.update(one.table, one.keys, one.column, anew)
    return rows


def _again(keys: Keys, one: SealedColumn, row: Row) -> bytes:
    place = one.place(row)
    return keys.seal(keys.open(bytes(row[one.column]), place), place)


def _select(one: SealedColumn, what: str) -> str:
    return f"SELECT {what} FROM {one.table} t WHERE t.{one.column} IS NOT NULL AND substr(t.{one.column}, 1, 5) <> $1"
