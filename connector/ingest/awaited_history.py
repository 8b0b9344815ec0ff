"""When a shop's past has been read: which of its member's orders is each of those that waited to know it?

Base points never waited. What waited is the rules that ask for the place of an order among all; now they are decided,
and what they add is posted as any other difference. Where the shop showed only a part of its past, its own count of a
customer's orders, less those that it shows us or that we know, whatever became of each, says how many came before;
where it has none, nobody can know, and these rules say so.

That does not end with the reading: of whom the past is known, a later order is not the first, however new the member
is. So each order waits here for a round, and is told its place once nothing else of its member is to be decided.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connector.ingest.backfill import Backfiller
from connector.ingest.hidden_orders import Counts, counts_of
from connector.storage.atomic import atomic
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
    shop_of,
    write_nths,
)
from connector.storage.ledger_load import MemberKey, load_balances
from connector.storage.session import Session
from connector.storage.shards import member_shard, source_shard
from connector.storage.work import leave_work
from loyalty_engine.earning.conditions import AWAITED, UNKNOWN, nth_of
from loyalty_engine.earning.contexts import read_values, with_nth
from loyalty_engine.member import Context, MemberState

MEMBERS_AT_ONCE = 50
REST = timedelta(seconds=10)
"""After nobody was found: while many wait for a past that is still being read, to look at all of them takes time."""
FIRST: MemberKey = (-1, "")
LONG_AGO = datetime.min.replace(tzinfo=UTC)


async def settle_awaited(backfiller: Backfiller, *, rests: bool = False) -> int:
    """Decide up to some members whose orders waited for history that is known now. Returns how many; 0: there was
    nobody among all. rests: then, for a while, nobody is looked for again, unless a past was read meanwhile.

    Members of a shop that does not answer wait on; all others do not.
    """
    reading = backfiller.database.reading()
    if await are_worked(reading):
        await atomic(backfiller.database, close_worked)
        backfiller.nobody_at = None
    programmes = frozenset(await programmes_read(reading))
    if not programmes or (rests and _is_resting(backfiller, programmes)):
        return 0
    half = await half_shown(reading)
    is_from_the_beginning = backfiller.looked_to is None
    while True:
        after = backfiller.looked_to or FIRST
        now = backfiller.now()
        silent = {number for number, until in backfiller.ask_counts_at.items() if number in half and now < until}
        page = await members_waiting(reading, programmes, silent, after, MEMBERS_AT_ONCE)
        settled = await _settle_page(backfiller, page.members, half) if page.members else 0
        backfiller.looked_to = page.last
        if settled:
            return settled
        if page.last is None and is_from_the_beginning:
            backfiller.nobody_at = (programmes, now)
            return 0
        is_from_the_beginning |= page.last is None


def _is_resting(backfiller: Backfiller, programmes: frozenset[int]) -> bool:
    if backfiller.nobody_at is None:
        return False
    of_these, at = backfiller.nobody_at
    return of_these == programmes and at <= backfiller.now() < at + REST


async def _settle_page(backfiller: Backfiller, waiting: Mapping[MemberKey, int], half: Mapping[int, datetime]) -> int:
    pasts = await load_pasts(backfiller.database.reading(), waiting) if half else {}
    counts = await counts_of(backfiller, half, pasts) if half else {}
    return await atomic(backfiller.database, lambda session: _settle(session, waiting, half, counts))


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
        quiet |= {
            (member_id, one.source_ref) for one in settled if one.paid_at < begun.get(shop_of(one.source_ref), LONG_AGO)
        }
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
