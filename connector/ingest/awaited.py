"""Orders of which something that decides their points must still be read from the shop wait for it, but not for long.

That is products whose rules ask for more than an order says, and how much a gift card paid where a webhook tells only
that one was used. What a rule reads of the catalogue is fixed when an order is decided for the first time; and a
shopper must not see points taken back a minute later. So the first decision waits. A shop that cannot be asked delays
points by ``WAIT`` at most: then the order is decided without, and its context or its entry says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connector.ingest.deciding import Ready, asking_for_products, asks_for_prices, products_of
from connector.storage.catalogue import ProductKey, wish_for_products, wished_since
from connector.storage.programmes import ProgrammeBooks
from connector.storage.session import Session
from connector.storage.work import OrderKey, Work, hold_work, reading_wished_since
from loyalty_engine.earning.basis import TENDER
from loyalty_engine.earning.contexts import is_price_current, why_not_order
from loyalty_engine.facts import OrderState
from loyalty_engine.member import SourceState

WAIT = timedelta(minutes=10)
REASON = "It waits until its products have been read."
TENDER_REASON = "It waits until it has been read how much a gift card or store credit paid."


async def hold_unread(
    session: Session,
    claimed: Sequence[Work],
    ready: Ready,
    programmes: Mapping[int, ProgrammeBooks],
    now: datetime,
) -> tuple[Ready, Sequence[Work]]:
    """What can be decided now: the same without the work that must wait, and what it waits for is wished to be read."""
    first = {work: order for work in claimed if (order := _undecided(work, ready)) is not None}
    if not first:
        return ready, claimed
    held = await _hold_for_tender(session, first, programmes, now)
    held |= await _hold_for_products(session, first, ready, programmes, now)
    return _without(ready, held), [work for work in claimed if work not in held]


def _undecided(work: Work, ready: Ready) -> OrderState | None:
    """An order that is decided for the first time now; None: no order, decided before, or worth nothing anyway."""
    if work.source_ref in ready.members[work.member_id].contexts:
        return None
    source = next(each for each in ready.sources[work.member_id] if each.source_ref == work.source_ref)
    if not source.belongs or source.order is None or why_not_order(source.order) is not None:
        return None
    return source.order


async def _hold_for_tender(
    session: Session, first: Mapping[Work, OrderState], programmes: Mapping[int, ProgrammeBooks], now: datetime
) -> set[Work]:
    untold: dict[Work, OrderKey] = {
        work: (work.fact_shard, int(work.source_ref.split(":", 2)[1]), order.order_id)
        for work, order in first.items()
        if not order.tender_known and _excludes_tender(programmes[work.programme_number])
    }
    if not untold:
        return set()
    # Where nobody wishes to read the order (any more), there is nothing to wait for.
    since = await reading_wished_since(session, untold.values())
    held = {work for work, key in untold.items() if key in since and since[key] + WAIT > now}
    await hold_work(session, sorted(held, key=_key), TENDER_REASON)
    return held


def _excludes_tender(books: ProgrammeBooks) -> bool:
    return any(TENDER & version.earn.excludes for version in books.rulebook.versions)


async def _hold_for_products(
    session: Session,
    first: Mapping[Work, OrderState],
    ready: Ready,
    programmes: Mapping[int, ProgrammeBooks],
    now: datetime,
) -> set[Work]:
    asking = asking_for_products(programmes)
    priced = {number for number in asking if asks_for_prices(programmes[number])}
    unread = {
        work: keys
        for work, order in first.items()
        if work.programme_number in asking and (keys := _unread(work, order, ready, work.programme_number in priced))
    }
    if not unread:
        return set()
    since = await wished_since(session, [key for keys in unread.values() for key in keys])
    held = {work for work, keys in unread.items() if any(since.get(key, now) + WAIT > now for key in keys)}
    await wish_for_products(session, [(key, work.programme_number) for work in held for key in unread[work]], now)
    await hold_work(session, sorted(held, key=_key), REASON)
    return held


def _key(work: Work) -> tuple[int, str, str]:
    return (work.shard, work.member_id, work.source_ref)


def _unread(work: Work, order: OrderState, ready: Ready, with_prices: bool) -> list[ProductKey]:
    """Products that the first decision of an order needs and nobody has read; where their prices count, since then."""
    return [
        key
        for key in products_of(work.source_ref, order)
        if key not in ready.products or (with_prices and not is_price_current(ready.products[key], order))
    ]


def _without(ready: Ready, held: Collection[Work]) -> Ready:
    if not held:
        return ready
    waiting = {(work.member_id, work.source_ref) for work in held}
    sources: dict[str, Sequence[SourceState]] = {
        member_id: [each for each in found if (member_id, each.source_ref) not in waiting]
        for member_id, found in ready.sources.items()
    }
    works = {member_id: work for member_id, work in ready.works.items() if sources[member_id]}
    return replace(ready, sources=sources, works=works)
