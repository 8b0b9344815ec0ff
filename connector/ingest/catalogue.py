"""Reading products of shops: those that an order needs at once, and all that were ever needed once a day."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from connector.errors import ConfigProblem, ConnectorError, Permanent
from connector.ingest.awaited import WAIT
from connector.ingest.deciding import asks_for_prices
from connector.ingest.reconcile import Reconciler, next_reading
from connector.platforms import Connection
from connector.storage.atomic import atomic, is_outage
from connector.storage.catalogue import (
    ProductWish,
    claim_product_wishes,
    forget_product_wishes,
    products_read_before,
    save_products,
    shops_with_product_wishes,
)
from connector.storage.connections import connections_within_reach, load_connections
from connector.storage.instants import instant
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from connector.storage.work import release_work
from loyalty_engine.facts import Product

log = logging.getLogger(__name__)

WISHES_AT_ONCE = 100
REFRESHED_AT_ONCE = 100
FRESH = timedelta(hours=20)
"""Less than a day, so that a daily job finds what it read the day before."""


async def read_wished_products(reconciler: Reconciler, patience: float | None = None) -> int:
    """Read products that orders wait for. Returns how many were tried; a wish stays until the shop has answered.

    patience: how long to wait for slow shops, see Rounds.
    """
    session = reconciler.database.reading()
    due = await shops_with_product_wishes(session, reconciler.now())
    connections = await load_connections(session) if due else {}
    return await reconciler.products.go(due, lambda number: _read_batch(reconciler, connections[number]), patience)


async def _read_batch(reconciler: Reconciler, connection: Connection) -> int:
    now = reconciler.now()

    async def claim(session: Session) -> list[ProductWish]:
        return await claim_product_wishes(
            session,
            connection.number,
            now,
            WISHES_AT_ONCE,
            lambda wish: next_reading(wish.attempts, instant(wish.wished_at_us), now),
        )

    claimed = await atomic(reconciler.database, claim)
    if claimed:
        await _fulfil(reconciler, connection, claimed)
    return len(claimed)


async def _fulfil(reconciler: Reconciler, connection: Connection, wishes: Sequence[ProductWish]) -> None:
    try:
        found = await _read(reconciler, connection, [wish.product_id for wish in wishes])
    except Permanent as error:
        if len(wishes) > 1:
            # One product that the shop cannot tell must not keep the others unread.
            for wish in wishes:
                await _fulfil(reconciler, connection, [wish])
            return
        log.error("a product cannot be read", extra={"product": wishes[0].product_id, "why": error.detail})
        found = None
    if found is None:
        await _give_up_waiting(reconciler, wishes)
        return
    known = found

    async def keep(session: Session) -> None:
        await _save(session, connection, [wish.product_id for wish in wishes], known, reconciler.now())
        await forget_product_wishes(session, wishes)
        await release_work(session, {wish.programme_number for wish in wishes})

    await atomic(reconciler.database, keep)


async def _read(reconciler: Reconciler, connection: Connection, product_ids: Sequence[str]) -> list[Product] | None:
    """What the shop says; None if it cannot be asked now. Raises Permanent."""
    try:
        client = await reconciler.shops.client(connection)
        books = (await load_programmes(reconciler.database.reading()))[connection.programme_number]
        return await client.read_products(product_ids, with_prices=asks_for_prices(books))
    except Permanent:
        raise
    except ConnectorError as error:
        log.warning("products could not be read now", extra={"connection": connection.number, "why": error.detail})
        if isinstance(error, ConfigProblem):
            # Perhaps another process was given new secrets meanwhile: the next attempt loads them.
            reconciler.shops.forget(connection.number)
        return None
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("products could not be read for a reason that nobody foresaw")
        return None


async def _give_up_waiting(reconciler: Reconciler, wishes: Sequence[ProductWish]) -> None:
    """Orders that waited long enough are decided without; the wishes stay, for later orders."""
    over = [wish.programme_number for wish in wishes if instant(wish.wished_at_us) + WAIT <= reconciler.now()]
    if over:
        await atomic(reconciler.database, lambda session: release_work(session, over))


async def _save(
    session: Session, connection: Connection, asked: Sequence[str], found: Sequence[Product], now: datetime
) -> None:
    programme, wanted = connection.programme_number, set(asked)
    products = [(connection.number, programme, product) for product in found if product.product_id in wanted]
    gone = wanted - {product.product_id for product in found}
    await save_products(session, products, [(connection.number, programme, each) for each in gone], now)


async def refresh_products(reconciler: Reconciler) -> int:
    """Read known products again whose last reading is old. Returns how many; what a failing shop told before stays."""
    total = 0
    before = reconciler.now() - FRESH
    for connection in (await connections_within_reach(reconciler.database.reading())).values():
        total += await _refresh(reconciler, connection, before)
    return total


async def _refresh(reconciler: Reconciler, connection: Connection, before: datetime) -> int:
    total = 0
    while ids := await products_read_before(
        reconciler.database.reading(), connection.number, before, REFRESHED_AT_ONCE
    ):
        try:
            found = await _read(reconciler, connection, ids)
        except Permanent as error:
            log.error("products cannot be read", extra={"connection": connection.number, "why": error.detail})
            return total
        if found is None:
            return total
        await _keep_refreshed(reconciler, connection, ids, found)
        total += len(ids)
    return total


async def _keep_refreshed(
    reconciler: Reconciler, connection: Connection, ids: Sequence[str], found: Sequence[Product]
) -> None:
    async def keep(session: Session) -> None:
        await _save(session, connection, ids, found, reconciler.now())

    await atomic(reconciler.database, keep)
