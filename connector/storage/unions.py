"""Customers whom a shop made one: what is still to become of their members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.platforms import Connection
from connector.storage.facts import Customer
from connector.storage.instants import micros
from connector.storage.session import Session
from connector.storage.shards import object_shard


@dataclass(frozen=True, slots=True)
class Union:
    """``gone`` is ``kept`` in the shop by now."""

    gone: Customer
    kept: Customer


async def wish_unions(session: Session, told: Sequence[tuple[Connection, str, str]], now: datetime) -> None:
    """Note (connection, gone, kept), in the transaction that takes the news; told again, it is tried again."""
    rows = {
        (object_shard(c.number, "customer", gone), c.number, gone): (kept, c.programme_number) for c, gone, kept in told
    }
    await session.insert(
        "customer_union",
        "shard connection_number customer_ref kept_ref programme_number created_at_us",
        [(*key, *rows[key], micros(now)) for key in sorted(rows)],
        "ON CONFLICT (shard, connection_number, customer_ref) DO UPDATE SET kept_ref = excluded.kept_ref, "
        "state = 0, reason = NULL",
    )


async def waiting_unions(session: Session, limit: int = 100) -> list[Union]:
    """Those that nobody has worked on yet."""
    rows = await session.rows(
        "SELECT programme_number, connection_number, customer_ref, kept_ref FROM customer_union WHERE state = 0 "
        f"ORDER BY shard, connection_number, customer_ref LIMIT {limit:d}"
    )
    return [
        Union(
            Customer(row["programme_number"], row["connection_number"], row["customer_ref"]),
            Customer(row["programme_number"], row["connection_number"], row["kept_ref"]),
        )
        for row in rows
    ]


async def finish_union(session: Session, union: Union) -> None:
    """It is done."""
    await session.run(
        "DELETE FROM customer_union WHERE shard = $1 AND connection_number = $2 AND customer_ref = $3 "
        "AND kept_ref = $4",
        union.gone.shard,
        union.gone.connection_number,
        union.gone.customer_ref,
        union.kept.customer_ref,
    )


async def set_aside_union(session: Session, union: Union, why: str) -> None:
    """It cannot be done: a person must look, and ``belong replay`` tries again."""
    await session.run(
        "UPDATE customer_union SET state = 2, reason = $4 "
        "WHERE shard = $1 AND connection_number = $2 AND customer_ref = $3",
        union.gone.shard,
        union.gone.connection_number,
        union.gone.customer_ref,
        why[:500],
    )
