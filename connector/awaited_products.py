"""Orders whose rules ask for products that nobody has read yet wait for them, but not for long.

What a rule reads of the catalogue is fixed when an order is decided for the first time, so that is what must wait. A
shop that cannot be asked delays points by ``WAIT`` at most: then the order is decided without, and its context says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connector.deciding import Ready, asking_for_products, asks_for_prices, products_of
from connector.storage.catalogue import ProductKey, wish_for_products, wished_since
from connector.storage.programmes import ProgrammeBooks
from connector.storage.session import Session
from connector.storage.work import Work, hold_work
from loyalty_engine.earning.contexts import is_price_current, why_not_order
from loyalty_engine.member import SourceState

WAIT = timedelta(minutes=10)
REASON = "It waits until its products have been read."


async def hold_unread(
    session: Session,
    claimed: Sequence[Work],
    ready: Ready,
    programmes: Mapping[int, ProgrammeBooks],
    now: datetime,
) -> tuple[Ready, Sequence[Work]]:
    """What can be decided now: the same without the work that must wait, whose products are wished to be read."""
    asking = asking_for_products(programmes)
    priced = {number for number in asking if asks_for_prices(programmes[number])}
    unread = {
        work: keys
        for work in claimed
        if work.programme_number in asking and (keys := _unread(work, ready, work.programme_number in priced))
    }
    if not unread:
        return ready, claimed
    since = await wished_since(session, [key for keys in unread.values() for key in keys])
    held = [work for work, keys in unread.items() if any(since.get(key, now) + WAIT > now for key in keys)]
    await wish_for_products(session, [(key, work.programme_number) for work in held for key in unread[work]], now)
    await hold_work(session, held, REASON)
    return _without(ready, held), [work for work in claimed if work not in set(held)]


def _unread(work: Work, ready: Ready, with_prices: bool) -> list[ProductKey]:
    """Products that the first decision of a source needs and nobody has read; where their prices count, since then."""
    if work.source_ref in ready.members[work.member_id].contexts:
        return []
    source = next(each for each in ready.sources[work.member_id] if each.source_ref == work.source_ref)
    if not source.belongs or source.order is None or why_not_order(source.order) is not None:
        return []
    order = source.order
    return [
        key
        for key in products_of(source)
        if key not in ready.products or (with_prices and not is_price_current(ready.products[key], order))
    ]


def _without(ready: Ready, held: Sequence[Work]) -> Ready:
    waiting = {(work.member_id, work.source_ref) for work in held}
    sources: dict[str, Sequence[SourceState]] = {
        member_id: [each for each in found if (member_id, each.source_ref) not in waiting]
        for member_id, found in ready.sources.items()
    }
    works = {member_id: work for member_id, work in ready.works.items() if sources[member_id]}
    return replace(ready, sources=sources, works=works)
