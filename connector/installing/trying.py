"""What a programme would have given for a shop's own last orders, and its beginning. Trying writes nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connector.delivering.programme_push import push_programmes
from connector.errors import Permanent, Transient
from connector.ingest import backfill_runs
from connector.ingest.sifting import orders_of
from connector.installing.joining import UNTIL_LIVE
from connector.people.actors import Actor
from connector.platforms import Connection, Fetched, ShopClient
from connector.programmes.files import fitted, template
from connector.programmes.shop_facts import shop_facts
from connector.running.service import Service
from connector.storage.atomic import atomic
from connector.storage.programmes import load_programmes, publish_version, resume
from connector.storage.session import Session
from loyalty_engine.facts import OrderState
from loyalty_engine.programme import Programme, Rulebook, parse_programme
from loyalty_engine.simulate import Earned, History, earned_by_source

log = logging.getLogger(__name__)

ORDERS_MAX = 10
READ_MAX = 150
"""Newest orders that are read to reckon with: a customer's earlier ones may lift the tier. Three pages of Shopify, for
which it makes nobody wait: they cost less than what it allows at once.
"""
READ_SECONDS = 20
"""Longer nobody waits for the page, and what stands in between often cuts it at a minute."""
BACK = timedelta(days=50)
"""Shopify shows an ordinary app sixty days."""


@dataclass(frozen=True, slots=True)
class TriedOrder:
    """One of the shop's orders. points: None for a guest's, who would have to be a member. tier: under which it would
    have earned, by language; empty where the programme has but one, or none.
    """

    name: str
    paid_at: datetime
    total_minor: int
    currency: str
    points: int | None
    tier: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it. programme: its name; has_tiers: whether there is anything to rise to."""

    programme: str
    orders: Sequence[TriedOrder]
    has_tiers: bool


async def document_named(service: Service, programme_number: int, named: str, now: datetime) -> Mapping[str, Any]:
    """A template, with what the shop gives filled in. Raises ConfigProblem for one that is not there."""
    found = template(named)
    facts = await shop_facts(service.database.reading(), programme_number)
    return fitted(found, facts).document


async def try_out(service: Service, connection: Connection, named: str, now: datetime) -> Tried:
    """Replay the newest of what the shop shows of its orders, and tell of the last. named: a template; empty: the
    programme as it is. Raises Transient, ConfigProblem or Permanent.
    """
    number = connection.programme_number
    if named:
        programme = parse_programme(await document_named(service, number, named, now), 1, now - 2 * BACK)
    else:
        programme = (await load_programmes(service.database.reading()))[number].rulebook.versions[-1]
    return await try_programme(service, connection, programme, now)


async def try_programme(service: Service, connection: Connection, programme: Programme, now: datetime) -> Tried:
    """The same under a programme that need not be kept anywhere. It must be in force for all that time."""
    read = await _newest(await service.shops.client(connection), now - BACK)
    platform = service.shops.platform(connection)
    told = await asyncio.to_thread(orders_of, service.keys, platform, connection, read)
    orders = sorted((one for one in told.values() if _counts(one)), key=_paid)
    return await asyncio.to_thread(_tried, orders, programme, now)


async def _newest(client: ShopClient, since: datetime) -> list[Fetched]:
    """As many of the newest orders as there is time for. Raises Transient if there was none for a single one."""
    read: list[Fetched] = []
    try:
        async with asyncio.timeout(READ_SECONDS), aclosing(client.newest_orders(since)) as orders:
            async for order in orders:
                read.append(order)
                if len(read) >= READ_MAX:
                    break
    except TimeoutError as error:
        if not read:
            words = "The shop answers too slowly just now. Try again in a few minutes."
            raise Transient(words, detail=f"no order in {READ_SECONDS} s") from error
    return read


def _counts(order: OrderState) -> bool:
    return order.paid_at is not None and not order.is_test


def _paid(order: OrderState) -> datetime:
    assert order.paid_at is not None
    return order.paid_at


def _tried(orders: Sequence[OrderState], programme: Programme, now: datetime) -> Tried:
    shown = orders[: -ORDERS_MAX - 1 : -1]
    buyers = {one.customer_ref for one in shown if one.customer_ref is not None}
    theirs: dict[str, list[OrderState]] = {}
    for order in orders:
        if order.customer_ref is not None and order.customer_ref in buyers:
            theirs.setdefault(order.customer_ref, []).append(order)
    earned: dict[str, Earned] = {}
    for customer, own in theirs.items():
        joined = min(order.created_at for order in own) - timedelta(days=1)
        earned |= earned_by_source(History(customer, joined, own), Rulebook((programme,)), now)
    names = {tier.tier_id: tier.name for tier in programme.tiers} if len(programme.tiers) > 1 else {}
    nothing = Earned(0, "")
    tried = []
    for order in shown:
        found = earned.get(order.source_ref, nothing)
        points = None if order.customer_ref is None else found.points
        name = order.order_name or order.order_id
        tier = names.get(found.tier, {})
        tried.append(TriedOrder(name, _paid(order), order.total_minor, order.currency, points, tier))
    return Tried(programme.name, tried, bool(names))


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
            await publish_version(
                session,
                number,
                document,
                None,
                now,
                actor.signed,
                UNTIL_LIVE,
                person=actor.person,
                through=actor.through,
            )
        await resume(session, number, now, actor.signed, UNTIL_LIVE, person=actor.person, through=actor.through)

    await atomic(service.database, body)
    try:
        await backfill_runs.start(service.database, connection, None, actor, now)
    except Permanent as reason:
        log.info("the past is not read anew", extra={"connection": connection.number, "why": str(reason)})
    # The job that tells stores comes by every ten minutes; whoever goes live looks at their shop now.
    await push_programmes(service.outbox, now, only=connection.number)
    service.wake.set()
