"""When a shop's past has been read: which of its member's orders is each of those that waited to know it?

Base points never waited. What waited is the rules that ask for the place of an order among all; now they are decided,
and what they add is posted as any other difference. Where the shop showed only a part of its past, its own count of a
customer's orders, less those that it shows us or that we know, whatever became of each, says how many came before;
where it has none, nobody can know, and these rules say so.

That does not end with the reading: of whom the past is known, a later order is not the first, however new the member
is. So each order waits here for a round, and is told its place once nothing else of its member is to be decided.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from connector.errors import ConfigProblem, ConnectorError
from connector.ingest.backfill import Backfiller
from connector.platforms import Connection
from connector.storage.atomic import atomic, is_outage
from connector.storage.awaited_history import (
    Past,
    are_worked,
    close_worked,
    half_shown,
    last_begun,
    load_pasts,
    members_waiting,
    programmes_awaiting,
    programmes_read,
    write_nths,
)
from connector.storage.connections import load_connections
from connector.storage.ledger_load import MemberKey, load_balances
from connector.storage.session import Session
from connector.storage.shards import member_shard, source_shard
from connector.storage.work import leave_work
from loyalty_engine.earning.conditions import AWAITED, UNKNOWN, nth_of
from loyalty_engine.earning.contexts import read_values, with_nth
from loyalty_engine.member import Context, MemberState

log = logging.getLogger(__name__)

MEMBERS_AT_ONCE = 50
ASK_AGAIN = timedelta(minutes=5)
"""Before a shop that did not say its customers' counts is asked again."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a shop counts of a customer's orders. sources: of those of them that are not hidden: which it showed us with
    its count, or which we knew before we asked. An order that came since is in neither.
    """

    count: int
    sources: frozenset[str]


Counts = Mapping[tuple[int, str], Counted | None]
"""Orders of the customers that shops were asked about, by (connection number, customer); None: it does not say."""


async def settle_awaited(backfiller: Backfiller) -> int:
    """Decide up to some members whose orders waited for history that is known now. Returns how many.

    Members of a shop that does not answer wait on; all others do not.
    """
    reading = backfiller.database.reading()
    if await are_worked(reading):
        await atomic(backfiller.database, close_worked)
    programmes = await programmes_read(reading)
    if not programmes:
        return 0
    half, now = await half_shown(reading), backfiller.now()
    silent = {number for number, until in backfiller.ask_counts_at.items() if number in half and now < until}
    waiting = await members_waiting(reading, programmes, silent, MEMBERS_AT_ONCE)
    if not waiting:
        return 0
    counts = await _counts(backfiller, half, await load_pasts(reading, waiting)) if half else {}
    return await atomic(backfiller.database, lambda session: _settle(session, waiting, half, counts))


async def _counts(backfiller: Backfiller, half: Mapping[int, datetime], pasts: Mapping[str, Past]) -> Counts:
    """What shops that show a part of their past say of these members' customers. Of a shop that does not answer there
    is nothing, and it is not asked again for a while.
    """
    connections = await load_connections(backfiller.database.reading())
    found: dict[tuple[int, str], Counted | None] = {}
    known = {customer: past.known | past.worthless for past in pasts.values() for customer in past.customers}
    for number, since in sorted(half.items()):
        refs = sorted({ref for past in pasts.values() for shop, ref in past.customers if shop == number})
        if not refs:
            continue
        try:
            told = await _ask(backfiller, connections.get(number), refs, since)
        except Exception as error:
            if is_outage(error):
                raise
            _note_silence(backfiller, number, error)
        else:
            for ref in refs:
                one, ours = told.get(ref), {source for source in known[number, ref] if _shop_of_ref(source) == number}
                found[number, ref] = Counted(one.count, one.sources | ours) if one else None
    return found


async def _ask(
    backfiller: Backfiller, connection: Connection | None, refs: list[str], since: datetime
) -> dict[str, Counted]:
    if connection is None:
        return {}
    told = await (await backfiller.shops.client(connection)).order_counts(refs, since)
    prefix = f"{connection.platform}:{connection.number}:order:"
    return {ref: Counted(one.count, frozenset(prefix + order for order in one.shown)) for ref, one in told.items()}


def _note_silence(backfiller: Backfiller, number: int, error: Exception) -> None:
    why = error.detail if isinstance(error, ConnectorError) else repr(error)
    log.warning(
        "a shop does not say how many orders its customers have",
        extra={"connection": number, "why": why},
        exc_info=None if isinstance(error, ConnectorError) else error,
    )
    if isinstance(error, ConfigProblem):
        # Perhaps another process was given new secrets meanwhile.
        backfiller.shops.forget(number)
    backfiller.ask_counts_at[number] = backfiller.now() + ASK_AGAIN


async def _settle(session: Session, waiting: Mapping[MemberKey, int], half: Collection[int], counts: Counts) -> int:
    await load_balances(session, sorted(waiting))
    pasts = await load_pasts(session, waiting)
    begun = await last_begun(session)
    work: list[tuple[str, str, int, int]] = []
    quiet: set[tuple[str, str]] = set()
    for (shard, member_id), programme in sorted(waiting.items()):
        past = pasts[member_id]
        if any(customer[0] in half and customer not in counts for customer in past.customers):
            # Its shop did not answer, or it is this member's since we asked.
            continue
        settled = settled_of(past, half, counts)
        await write_nths(session, shard, member_id, settled)
        work += [(member_id, one.source_ref, programme, source_shard(one.source_ref) or 0) for one in settled]
        # What was paid before the reading began is no news; what came since is.
        quiet |= {(member_id, one.source_ref) for one in settled if one.paid_at < begun.get(_shop_of(one), LONG_AGO)}
    await leave_work(session, work, quiet)
    return len({member_id for member_id, *_ in work})


async def as_awaited(session: Session, member: MemberState) -> MemberState:
    """A member as an order that they might pay now would find them: their place is counted among all orders that we
    know, or nobody can say yet.
    """
    number, key = member.programme_number, (member_shard(member.member_id), member.member_id)
    if number not in await programmes_awaiting(session):
        return member
    past, half = (await load_pasts(session, {key: number}))[member.member_id], await half_shown(session)
    if number not in await programmes_read(session) or any(shop in half for shop, _ in past.customers):
        return replace(member, awaits_history=True)
    told = (nth_of(one, read_values(one)) for one in past.decided)
    return replace(member, places=max(member.places, len(past.known), *told))


def settled_of(past: Past, half: Collection[int], counts: Counts) -> list[Context]:
    """The contexts of a member's orders that waited, oldest first, each with its place among all orders. Pure.

    A place that was told stays taken: an order that is older than one of which the place is known, and that we hear of
    later, comes after it. So no place is paid twice.
    """
    waits = {one.source_ref for one in past.decided if nth_of(one, read_values(one)) == AWAITED}
    told = [one for one in past.decided if one.source_ref not in waits]
    waiting = sorted((one for one in past.decided if one.source_ref in waits), key=_moment)
    missing = _missing(past, half, counts)
    if missing is None:
        return [with_nth(one, UNKNOWN) for one in waiting]
    known = {one.source_ref for one in past.decided}
    refused = sorted((at, ref) for ref, at in past.refused.items() if ref not in known)
    taken = {nth_of(one, read_values(one)) for one in told}
    settled = []
    for number, one in enumerate(waiting, 1):
        place = missing + len(told) + number + sum(earlier < _moment(one) for earlier in refused)
        while place in taken:
            place += 1
        taken.add(place)
        settled.append(with_nth(one, place))
    return settled


def _moment(context: Context) -> tuple[datetime, str]:
    return (context.paid_at, context.source_ref)


def _missing(past: Past, half: Collection[int], counts: Counts) -> int | None:
    """How many orders came before all that we know or may still hear of; None: nobody can know it. A shop's accounts of
    one member are one customer to us, and what we know does not say of which of them it is.

    What a shop hides is the same at any time, and so is this: orders that were never paid, or whose webhook is still on
    its way, are in the count and among those that are not hidden.
    """
    missing = 0
    for number in sorted({shop for shop, _ in past.customers} & set(half)):
        total, there = 0, set[str]()
        for customer in past.customers:
            if customer[0] != number:
                continue
            counted = counts.get(customer)
            if counted is None:
                return None
            total += counted.count
            there |= counted.sources
        missing += max(0, total - len(there))
    return missing


def _shop_of(context: Context) -> int:
    return _shop_of_ref(context.source_ref)


def _shop_of_ref(source_ref: str) -> int:
    return int(source_ref.split(":", 2)[1])
