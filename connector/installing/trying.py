"""What a programme would have given for a shop's own last orders, and its beginning. Trying writes nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connector.errors import Permanent
from connector.ingest import backfill_runs
from connector.ingest.sifting import orders_of
from connector.installing.joining import UNTIL_LIVE
from connector.people.actors import Actor
from connector.platforms import Connection, Fetched
from connector.programmes.files import template
from connector.running.service import Service
from connector.storage.atomic import atomic
from connector.storage.programmes import load_programmes, publish_version, resume
from connector.storage.session import Session
from connector.storage.shop_facts import shop_facts
from loyalty_engine.facts import OrderState
from loyalty_engine.ledger import EntryKind
from loyalty_engine.programme import Programme, Rulebook, parse_programme
from loyalty_engine.programme.resolve import resolve
from loyalty_engine.simulate import History, walk

log = logging.getLogger(__name__)

ORDERS_MAX = 10
READ_MAX = 250
BACK = timedelta(days=50)
"""Shopify shows an ordinary app sixty days."""


@dataclass(frozen=True, slots=True)
class TriedOrder:
    """One of the shop's orders. points: None for a guest's, who would have to be a member."""

    name: str
    paid_at: datetime
    total_minor: int
    currency: str
    points: int | None


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it. programme: its name."""

    programme: str
    orders: Sequence[TriedOrder]


async def document_named(service: Service, programme_number: int, named: str, now: datetime) -> Mapping[str, Any]:
    """A template, with what the shop gives filled in. Raises ConfigProblem for one that is not there."""
    found = template(named)
    facts = await shop_facts(service.database.reading(), programme_number, now)
    return resolve(found, facts).document


async def try_out(service: Service, connection: Connection, named: str, now: datetime) -> Tried:
    """Replay the newest orders, each by itself. named: a template; empty: the programme as it is. Raises Transient,
    ConfigProblem or Permanent.
    """
    number = connection.programme_number
    if named:
        programme = parse_programme(await document_named(service, number, named, now), 1, now - 2 * BACK)
    else:
        programme = (await load_programmes(service.database.reading()))[number].rulebook.versions[-1]
    client = await service.shops.client(connection)
    read: list[Fetched] = []
    async for page in client.orders_changed_since(now - BACK):
        read = [*read, *page][-READ_MAX:]
    platform = service.shops.platform(connection)
    told = await asyncio.to_thread(orders_of, service.keys, platform, connection, read)
    orders = sorted((one for one in told.values() if _counts(one)), key=_paid, reverse=True)[:ORDERS_MAX]
    return Tried(programme.name, await asyncio.to_thread(_tried, orders, programme, now))


def _counts(order: OrderState) -> bool:
    return order.paid_at is not None and not order.is_test


def _paid(order: OrderState) -> datetime:
    assert order.paid_at is not None
    return order.paid_at


def _tried(orders: Sequence[OrderState], programme: Programme, now: datetime) -> list[TriedOrder]:
    rulebook = Rulebook((programme,))
    tried = []
    for order in orders:
        points: int | None = None
        if order.customer_ref is not None:
            history = History(order.customer_ref, order.created_at - timedelta(days=1), [order])
            points = walk(history, rulebook, now).moved(EntryKind.EARN)
        name = order.order_name or order.order_id
        tried.append(TriedOrder(name, _paid(order), order.total_minor, order.currency, points))
    return tried


async def go_live(service: Service, connection: Connection, named: str, actor: Actor, now: datetime) -> None:
    """From now on points are given, under a template or under the programme as it is; and the shop's past is read, so
    that everybody is found. Raises Permanent where it is live already.
    """
    number = connection.programme_number
    document = await document_named(service, number, named, now) if named else None

    async def body(session: Session) -> None:
        if not (await load_programmes(session))[number].is_paused:
            raise Permanent("The programme is live already.")
        if document is not None:
            await publish_version(session, number, document, None, now, actor.name, UNTIL_LIVE)
        await resume(session, number, now, actor.name, UNTIL_LIVE)

    await atomic(service.database, body)
    try:
        await backfill_runs.start(service.database, connection, None, actor, now)
    except Permanent as reason:
        log.info("the past is not read anew", extra={"connection": connection.number, "why": str(reason)})
    service.wake.set()
