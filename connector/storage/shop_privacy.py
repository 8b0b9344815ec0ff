"""What shops asked for people's data, and for their own: kept before it is answered, and that it was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.storage.instants import instant, instant_or_none, micros
from connector.storage.session import Row, Session
from connector.storage.unowned import Named

DUE = timedelta(days=30)
"""Shopify allows so long."""
KEPT = timedelta(days=365)
"""So long it can be shown that a request was answered."""


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """One of them. named: the person as the shop names them; nobody where they are erased.

    done: how it ended, None while it is open.
    """

    request_id: str
    topic: str
    shop: str
    connection_number: int | None
    programme_number: int | None
    named: Named
    asked_at: datetime
    ended_at: datetime | None = None
    done: str | None = None

    @property
    def due_at(self) -> datetime:
        """Until when it must be answered."""
        return self.asked_at + DUE


async def keep_request(session: Session, request: PrivacyRequest) -> bool:
    """Keep one; False if it is there already."""
    found = await session.rows(
        "INSERT INTO shop_privacy (request_id, topic, shop_text, connection_number, programme_number, customer_ref, "
        "orders_text, address_hash, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
        "ON CONFLICT (request_id) DO NOTHING RETURNING request_id",
        request.request_id,
        request.topic,
        request.shop,
        request.connection_number,
        request.programme_number,
        request.named.customer_ref,
        ",".join(request.named.orders) or None,
        request.named.address_hash,
        micros(request.asked_at),
    )
    return bool(found)


async def open_requests(session: Session, limit: int = 100) -> list[PrivacyRequest]:
    """Those that wait, oldest first."""
    rows = await session.rows(
        f"SELECT * FROM shop_privacy WHERE ended_at_us IS NULL ORDER BY at_us, request_id LIMIT {limit:d}"
    )
    return [_request(row) for row in rows]


async def requests_of(session: Session, programme_number: int, topic: str, limit: int = 100) -> list[PrivacyRequest]:
    """A programme's requests of one kind, newest first."""
    rows = await session.rows(
        "SELECT * FROM shop_privacy WHERE programme_number = $1 AND topic = $2 "
        f"ORDER BY at_us DESC, request_id LIMIT {limit:d}",
        programme_number,
        topic,
    )
    return [_request(row) for row in rows]


async def end_request(session: Session, request_id: str, done: str, now: datetime) -> None:
    """It is answered."""
    await session.run(
        "UPDATE shop_privacy SET ended_at_us = $2, done = $3 WHERE request_id = $1", request_id, micros(now), done
    )


_NAMELESS = "UPDATE shop_privacy SET customer_ref = NULL, address_hash = NULL, orders_text = NULL"


async def forget_named(session: Session, connection_number: int, named: Named) -> None:
    """Requests name somebody no more who is erased, by whatever they were named."""
    rows = await session.rows(
        "SELECT request_id, customer_ref, address_hash, orders_text FROM shop_privacy WHERE connection_number = $1",
        connection_number,
    )
    orders = set(named.orders)
    for row in rows:
        is_same = named.customer_ref is not None and row["customer_ref"] == named.customer_ref
        is_same |= named.address_hash is not None and row["address_hash"] == named.address_hash
        if is_same or orders & set(_orders(row)):
            await session.run(f"{_NAMELESS} WHERE request_id = $1", row["request_id"])


async def forget_customers(session: Session, connection_number: int) -> None:
    """Requests of a shop name nobody."""
    await session.run(f"{_NAMELESS} WHERE connection_number = $1", connection_number)


async def prune_requests(session: Session, now: datetime) -> None:
    """Forget what was answered long ago."""
    await session.run("DELETE FROM shop_privacy WHERE ended_at_us <= $1", micros(now - KEPT))


def _request(row: Row) -> PrivacyRequest:
    return PrivacyRequest(
        row["request_id"],
        row["topic"],
        row["shop_text"],
        row["connection_number"],
        row["programme_number"],
        Named(row["customer_ref"], row["address_hash"], _orders(row)),
        instant(row["at_us"]),
        instant_or_none(row["ended_at_us"]),
        row["done"],
    )


def _orders(row: Row) -> tuple[str, ...]:
    return tuple((row["orders_text"] or "").split(",")) if row["orders_text"] else ()
