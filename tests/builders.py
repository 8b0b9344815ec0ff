"""What most tests of storage and pipeline need: a programme with one connection, deliveries, and what came of them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.crypto import Keys
from connector.ingest.pipeline import Pipeline, drain
from connector.people.actors import Actor
from connector.platforms import FETCHED_GONE, FETCHED_ORDER, Connection, Headers, Platform
from connector.registry import PLATFORMS
from connector.storage.atomic import atomic
from connector.storage.atomic import drain as drain_transactions
from connector.storage.connections import add_secret, create_connection
from connector.storage.database import Database, close_database, open_database
from connector.storage.inbox import Delivery, insert_deliveries
from connector.storage.instance import ensure_instance
from connector.storage.programmes import create_programme
from connector.storage.session import Row, Session

KEYS = Keys(hashlib.sha256(b"a master key for tests").digest())
OTHER_KEYS = Keys(hashlib.sha256(b"another master key").digest())
MIA = Actor("mia", "command", "mia")
"""Who does by hand what tests do by hand."""
OPENED = datetime(2026, 6, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET = "a-webhook-secret-for-tests"

DOCUMENT: Mapping[str, Any] = {
    "schema": 2,
    "programme": {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"},
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 14}},
}


@dataclass
class Clock:
    """A moment that only the test moves."""

    moment: datetime = NOW

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **by: int) -> None:
        self.moment += timedelta(**by)


@dataclass
class Shopfront:
    """One migrated database with a programme and a connection, and everything that runs on it."""

    database: Database
    programme: int
    connection: Connection
    platforms: dict[str, Platform]
    clock: Clock = field(default_factory=Clock)
    pipeline: Pipeline = field(init=False)

    def __post_init__(self) -> None:
        self.pipeline = Pipeline(self.database, KEYS, self.platforms, self.clock)

    def delivery(self, topic: str, raw: bytes, read_at: datetime | None = None, key: str | None = None) -> Delivery:
        """A payload as the inbox takes it, received (or read) at the clock's moment unless said otherwise."""
        platform = PLATFORMS[self.connection.platform]
        about = platform.object_key(topic, raw)
        if topic in (FETCHED_ORDER, FETCHED_GONE):
            raise ValueError("name the object of what was fetched: use fetched()")
        return Delivery(
            self.programme,
            self.connection.number,
            topic,
            about.kind if about else "unknown",
            about.object_id if about else "0",
            key or platform.delivery_key(Headers(()), raw, topic),
            read_at or self.clock(),
            self.clock(),
            raw,
        )

    def fetched(self, order_id: str, raw: bytes, read_at: datetime | None = None) -> Delivery:
        """An order that we read ourselves."""
        at = read_at or self.clock()
        key = f"fetched:{order_id}:{at.isoformat()}"
        return Delivery(
            self.programme, self.connection.number, FETCHED_ORDER, "order", order_id, key, at, self.clock(), raw
        )

    async def keep(self, *deliveries: Delivery) -> list[bool]:
        """Put deliveries into the inbox in one commit."""
        return await atomic(self.database, lambda session: insert_deliveries(session, deliveries, KEYS))

    async def receive(self, topic: str, raw: bytes, read_at: datetime | None = None) -> None:
        """Keep one delivery and work until nothing waits."""
        await self.keep(self.delivery(topic, raw, read_at))
        await drain(self.pipeline)

    async def rows(self, sql: str, *values: Any) -> list[Row]:
        """What a query finds outside any transaction."""
        return await self.database.reading().rows(sql, *values)

    async def number(self, sql: str, *values: Any) -> int:
        """The one integer that a query finds."""
        return await self.database.reading().number(sql, *values)

    async def entries(self) -> list[tuple[str, int, str]]:
        """(kind, points, source_ref) of every entry, member by member in their order."""
        rows = await self.rows("SELECT kind, points, source_ref FROM entry ORDER BY member_id, n")
        return [(row["kind"], row["points"], row["source_ref"]) for row in rows]

    async def points_of(self, customer_ref: str) -> int:
        """The balance of one customer; KeyError if nobody knows them."""
        return (await self.points())[customer_ref]

    async def points(self) -> dict[str, int]:
        """Balances by the shop's customer id."""
        rows = await self.rows(
            "SELECT i.customer_ref, b.points FROM identity i JOIN balance b ON b.member_id = i.member_id "
            "WHERE i.connection_number = $1",
            self.connection.number,
        )
        return {row["customer_ref"]: row["points"] for row in rows}


@asynccontextmanager
async def opened(url: str, pool_size: int = 8) -> AsyncIterator[Database]:
    """An open database, closed after its last transaction."""
    database = await open_database(url, pool_size=pool_size)
    try:
        yield database
    finally:
        await drain_transactions()
        await close_database(database)


@asynccontextmanager
async def shopfront(
    url: str,
    *,
    platform: str = "woocommerce",
    document: Mapping[str, Any] = DOCUMENT,
    platforms: Mapping[str, Platform] = PLATFORMS,
    pool_size: int = 8,
) -> AsyncIterator[Shopfront]:
    """A programme with one connection on a prepared database."""
    async with opened(url, pool_size) as database:

        async def found(session: Session) -> tuple[int, Connection]:
            return await found_programme(session, platform, document)

        programme, connection = await atomic(database, found)
        yield Shopfront(database, programme, connection, dict(platforms))


async def found_programme(
    session: Session, platform: str, document: Mapping[str, Any] = DOCUMENT, shop: str = "shop.example"
) -> tuple[int, Connection]:
    """A programme since OPENED and a connection of it with one webhook secret."""
    await ensure_instance(session, KEYS, OPENED)
    programme = await create_programme(session, document, OPENED, OPENED)
    connection = await create_connection(session, programme, platform, shop, f"https://{shop}", {}, OPENED)
    await add_secret(session, KEYS, connection, "webhook", SECRET, OPENED)
    return programme, connection
