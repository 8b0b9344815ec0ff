"""What stands in a database before anything is measured: a programme, a connected shop, members, perhaps deliveries."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.orders import Order, customer_id
from connector.crypto import Keys
from connector.platforms import Connection
from connector.storage.atomic import atomic, drain
from connector.storage.connections import add_secret, create_connection, load_connections
from connector.storage.database import Database, close_database, open_database
from connector.storage.facts import Customer, enrol
from connector.storage.inbox import MAX_INSERT, Delivery, insert_deliveries
from connector.storage.instance import ensure_instance
from connector.storage.migrate import migrate
from connector.storage.programmes import create_programme
from connector.storage.session import Session

MASTER = hashlib.sha256(b"the master key of the benchmarks").digest()
KEYS = Keys(MASTER)
SECRET = b"the webhook secret of the benchmarks"
SHOP = "bench.myshopify.com"
API_URL = "http://127.0.0.1:9"
"""Nobody listens there: no benchmark talks to anything outside this machine."""
OPENED = datetime(2026, 8, 1, tzinfo=UTC)
RECEIVED = datetime(2026, 11, 21, 12, tzinfo=UTC)
TOPIC = "orders/paid"
DOCUMENT = {
    "schema": 2,
    "programme": {"name": "Bench", "timezone": "Europe/Berlin", "currency": "EUR"},
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 14}},
}
ENROL_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Store:
    """The one shop that is connected. secrets: by kind."""

    platform: str = "shopify"
    shop: str = SHOP
    api_url: str = API_URL
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=lambda: {"webhook": SECRET.decode()})


@dataclass(frozen=True, slots=True)
class World:
    """A prepared database as the benchmarks need to know it."""

    connection: Connection
    programme_number: int

    def delivery(self, order: Order) -> Delivery:
        """The order as the webhook route hands it to the inbox."""
        return Delivery(
            programme_number=self.programme_number,
            connection_number=self.connection.number,
            topic=TOPIC,
            object_kind="order",
            object_id=str(order.order_id),
            dedupe_key=f"event:{TOPIC}:{uuid.UUID(int=order.order_id)}:order/{order.order_id}:",
            read_at=RECEIVED,
            received_at=RECEIVED,
            body=order.raw,
        )


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """An open database; at the end no transaction is cut off."""
    database = await open_database(url)
    try:
        yield database
    finally:
        await drain()
        await close_database(database)


async def prepare(
    url: str,
    members: int,
    waiting: Sequence[Order],
    store: Store | None = None,
    document: Mapping[str, Any] = DOCUMENT,
) -> World:
    """Fill an empty database: schema, programme, one shop, members, and deliveries that wait."""
    await migrate(url)
    async with opened(url) as database:
        await atomic(database, lambda session: _found(session, store or Store(), document))
        world = await look(database)
        for start in range(0, members, ENROL_BATCH):
            await _enrol(database, world, range(start, min(start + ENROL_BATCH, members)))
        for start in range(0, len(waiting), MAX_INSERT):
            await keep(database, [world.delivery(order) for order in waiting[start : start + MAX_INSERT]])
        return world


async def look(database: Database) -> World:
    """The world that ``prepare`` made in this database."""
    connection = next(iter((await load_connections(database.reading())).values()))
    return World(connection, connection.programme_number)


async def keep(database: Database, deliveries: Sequence[Delivery]) -> None:
    """Put deliveries into the inbox in one commit."""

    async def body(session: Session) -> list[bool]:
        return await insert_deliveries(session, deliveries, KEYS)

    await atomic(database, body)


async def _found(session: Session, store: Store, document: Mapping[str, Any]) -> None:
    await ensure_instance(session, KEYS, OPENED)
    programme = await create_programme(session, document, OPENED, OPENED)
    connection = await create_connection(
        session, programme, store.platform, store.shop, store.api_url, dict(store.settings), OPENED
    )
    for kind, secret in store.secrets.items():
        await add_secret(session, KEYS, connection, kind, secret, OPENED)


async def _enrol(database: Database, world: World, numbers: range) -> None:
    new = [
        (
            Customer(world.programme_number, world.connection.number, str(customer_id(number))),
            uuid.UUID(bytes=hashlib.md5(str(number).encode(), usedforsecurity=False).digest()).hex,
            OPENED,
        )
        for number in numbers
    ]

    async def body(session: Session) -> None:
        await enrol(session, new, OPENED)

    await atomic(database, body)


class Ticking:
    """A clock for the pipeline: each time it is asked, a second later, so that batches can be told apart."""

    def __init__(self) -> None:
        self._moment = RECEIVED

    def __call__(self) -> datetime:
        self._moment += timedelta(seconds=1)
        return self._moment
