"""The shop made one customer of two: their members become one, by the same merge that a merchant would ask for.

What the shop says is noted with the delivery and worked off here, each in steps that can be taken again. It may come
before or after the news that one of the two was deleted.
"""

from __future__ import annotations

import logging

from connector.ingest.pipeline import Pipeline
from connector.people.actors import SHOP
from connector.people.merging import merge
from connector.storage.atomic import atomic, is_outage
from connector.storage.erasures import tombstone_of
from connector.storage.facts import forget_customers, load_identities
from connector.storage.known_customers import know_as
from connector.storage.session import Session
from connector.storage.unions import Union, finish_union, set_aside_union, waiting_unions
from connector.storage.waiting import attach_waiting
from loyalty_engine.errors import Refused

log = logging.getLogger(__name__)

BY_SHOP = "shop"
WHY = "the shop made one customer of two"


async def unite_customers(pipeline: Pipeline) -> int:
    """Make members one whose customers are. Returns how many pairs were looked at; what is refused is set aside."""
    waiting = await waiting_unions(pipeline.database.reading())
    for union in waiting:
        try:
            await _unite(pipeline, union)
        except Refused as refused:
            await _set_aside(pipeline, union, refused.code)
        except Exception as error:
            if is_outage(error):
                raise
            log.exception("two customers could not become one", extra={"connection": union.gone.connection_number})
            await _set_aside(pipeline, union, f"{type(error).__name__}: {error}")
    return len(waiting)


async def _unite(pipeline: Pipeline, union: Union) -> None:
    going, staying = await _members(pipeline.database.reading(), pipeline, union)
    if going and staying and going != staying:
        await merge(pipeline, union.gone.programme_number, going, staying, BY_SHOP, SHOP, WHY)
    await atomic(pipeline.database, _Settle(pipeline, union))


async def _members(session: Session, pipeline: Pipeline, union: Union) -> tuple[str | None, str | None]:
    """Who the two are; None for who is nobody yet, or was erased: nobody comes back by a merge."""
    stones = [tombstone_of(pipeline.keys, customer) for customer in (union.gone, union.kept)]
    found = await load_identities(session, [union.gone, union.kept, *stones])
    if any((stone.connection_number, stone.customer_ref) in found for stone in stones):
        return None, None
    number = union.gone.connection_number
    return found.get((number, union.gone.customer_ref)), found.get((number, union.kept.customer_ref))


class _Settle:
    """Whoever of the two nobody knew is the other's member from now on; the one who is gone is told nothing more."""

    def __init__(self, pipeline: Pipeline, union: Union) -> None:
        self.pipeline, self.union = pipeline, union

    async def __call__(self, session: Session) -> None:
        now, gone, kept = self.pipeline.now(), self.union.gone, self.union.kept
        going, staying = await _members(session, self.pipeline, self.union)
        if going and not staying:
            await attach_waiting(session, await know_as(session, {kept: going}, now), [kept])
        elif staying and not going:
            await attach_waiting(session, await know_as(session, {gone: staying}, now), [gone])
        if going or staying:
            await forget_customers(session, [gone], now)
        await finish_union(session, self.union)


async def _set_aside(pipeline: Pipeline, union: Union, why: str) -> None:
    await atomic(pipeline.database, lambda session: set_aside_union(session, union, why))
