"""When a shop's past has been read: which of its member's orders is each of those that waited to know it?

Base points never waited. What waited is the rules that ask for the place of an order among all; now they are decided,
and what they add is posted as any other difference. Where the shop showed only a part of its past, its own count of a
customer's orders says how many came before; where it has none, nobody can know, and these rules say so.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping
from datetime import timedelta

from connector.errors import ConnectorError
from connector.ingest.backfill import Backfiller
from connector.storage.atomic import atomic
from connector.storage.awaited_history import (
    Past,
    are_unworked,
    close_worked,
    half_shown,
    load_pasts,
    members_waiting,
    programmes_reading,
    write_nths,
)
from connector.storage.connections import load_connections
from connector.storage.ledger_load import MemberKey, load_balances
from connector.storage.session import Session
from connector.storage.shards import source_shard
from connector.storage.work import leave_work
from loyalty_engine.earning.conditions import AWAITED, NTH, UNKNOWN
from loyalty_engine.earning.contexts import with_nth
from loyalty_engine.member import Context

log = logging.getLogger(__name__)

MEMBERS_AT_ONCE = 50
ASK_AGAIN = timedelta(minutes=5)
"""Before a shop that did not say its customers' counts is asked again."""

Counts = Mapping[tuple[int, str], int]
"""Orders of a customer as the shop counts them, by (connection number, customer)."""


async def settle_awaited(backfiller: Backfiller) -> int:
    """Decide up to some members whose orders waited for history that has now been read. Returns how many."""
    reading = backfiller.database.reading()
    if await are_unworked(reading):
        await atomic(backfiller.database, close_worked)
    busy = await programmes_reading(reading)
    waiting = await members_waiting(reading, busy, MEMBERS_AT_ONCE)
    if not waiting or backfiller.now() < backfiller.ask_counts_at:
        return 0
    half = await half_shown(reading)
    try:
        counts = await _counts(backfiller, half, await load_pasts(reading, waiting))
    except ConnectorError as error:
        log.warning("a shop does not say how many orders its customers have", extra={"why": error.detail})
        backfiller.ask_counts_at = backfiller.now() + ASK_AGAIN
        return 0

    async def body(session: Session) -> None:
        await _settle(session, waiting, half, counts)

    await atomic(backfiller.database, body)
    return len(waiting)


async def _counts(backfiller: Backfiller, half: Collection[int], pasts: Mapping[str, Past]) -> Counts:
    """What shops that show a part of their past say of these members' customers."""
    connections = await load_connections(backfiller.database.reading())
    found: dict[tuple[int, str], int] = {}
    for number in sorted(half):
        refs = sorted({ref for past in pasts.values() for shop, ref in past.customers if shop == number})
        if refs:
            client = await backfiller.shops.client(connections[number])
            found |= {(number, ref): count for ref, count in (await client.order_counts(refs)).items()}
    return found


async def _settle(session: Session, waiting: Mapping[MemberKey, int], half: Collection[int], counts: Counts) -> None:
    await load_balances(session, sorted(waiting))
    pasts = await load_pasts(session, waiting)
    work: list[tuple[str, str, int, int]] = []
    for (shard, member_id), programme in sorted(waiting.items()):
        settled = settled_of(pasts[member_id], half, counts)
        await write_nths(session, shard, member_id, settled)
        work += [(member_id, one.source_ref, programme, source_shard(one.source_ref) or 0) for one in settled]
    await leave_work(session, work, {(member_id, ref) for member_id, ref, _, _ in work})


def settled_of(past: Past, half: Collection[int], counts: Counts) -> list[Context]:
    """The contexts of a member's orders that waited, each with its place among all orders. Pure."""
    paid = sorted((at, ref) for ref, at in past.paid.items())
    places = {ref: place for place, (_, ref) in enumerate(paid, 1)}
    missing = _missing(past, half, counts)
    waiting = [one for one in past.decided if json.loads(one.values).get(NTH) == AWAITED]
    return [with_nth(one, UNKNOWN if missing is None else places[one.source_ref] + missing) for one in waiting]


def _missing(past: Past, half: Collection[int], counts: Counts) -> int | None:
    """How many orders came before all that we know; None: nobody can know it."""
    missing = 0
    for number, ref in past.customers:
        if number in half:
            counted = counts.get((number, ref))
            if counted is None:
                return None
            known = sum(int(source.split(":", 2)[1]) == number for source in past.paid)
            missing += max(0, counted - known)
    return missing
