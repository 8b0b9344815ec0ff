"""Counts what the console shows of a programme: who takes part, who comes back, what is owed, what became of rewards,
badges and referrals.

Every order that is known is read, page by page and in no transaction that anybody waits for; so a big shop is counted
once a day, a small one every hour.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from connector import clock
from connector.ingest.merge import ORDER_DECODER
from connector.programmes.books import liability
from connector.programmes.shop_facts import Purchases
from connector.storage.atomic import atomic, consistent_read
from connector.storage.books import load_book_states
from connector.storage.database import Database
from connector.storage.figures import (
    STAGES,
    AgeSum,
    Bought,
    Buyers,
    Counted,
    Figures,
    ReferralSums,
    joining_moments,
    load_figures,
    order_pages,
    save_figures,
)
from connector.storage.programmes import load_programmes
from connector.storage.session import Row
from connector.storage.tallies import badge_sums, count_codes, referral_pages, reward_sums
from loyalty_engine.days import local_day
from loyalty_engine.programme.model import Programme

Who = str | tuple[int, str]
SHARE = 200
"""Counting may take one part in so many of all time: what takes 20 s is counted about once an hour."""
LONGEST_PAUSE = timedelta(days=1)


async def count_due(database: Database, now: datetime) -> int:
    """Count each programme whose figures have become too old. Returns how many were counted."""
    counted = 0
    for state in await load_book_states(database.reading()):
        last = await load_figures(database.reading(), state.number)
        is_whole = last is not None and last.figures.bought is not None
        if last is not None and is_whole and now - last.at < min(last.took * SHARE, LONGEST_PAUSE):
            continue
        await count_figures(database, state.number, state.timezone, now)
        counted += 1
    return counted


async def count_figures(database: Database, number: int, zone: str, now: datetime) -> Counted:
    """Count one programme, and keep it."""
    began = clock.monotonic_seconds()
    joined: Counter[str] = Counter()
    async for moments in joining_moments(database.reading(), number):
        joined.update(local_day(moment, zone).isoformat() for moment in moments)
    owed = await consistent_read(database, lambda session: liability(session, number, now))
    programme = (await load_programmes(database.reading()))[number].rulebook.in_force(now)
    buying, others, bought = await _buyers(database, number, programme, now)
    month, quarter = now - timedelta(days=30), now - timedelta(days=90)
    figures = Figures(
        members=joined.total(),
        joined=dict(sorted(joined.items())),
        buying=buying,
        others=others,
        points=owed.points,
        value_minor=owed.value_minor,
        currency=owed.currency,
        owed=owed.owed,
        ended=owed.ended,
        ages=[AgeSum(a.youngest_days, a.oldest_days, a.pending, a.available, a.held) for a in owed.ages],
        bought=bought,
        rewards=await reward_sums(database.reading(), number, month, quarter),
        badges=await badge_sums(database.reading(), number, month),
        referrals=await _referrals(database, number, zone),
    )
    counted = Counted(now, timedelta(seconds=clock.monotonic_seconds() - began), figures)
    await atomic(database, lambda session: save_figures(session, number, counted))
    return counted


async def _buyers(
    database: Database, number: int, programme: Programme, now: datetime
) -> tuple[Buyers, Buyers, Bought]:
    """Members, and everybody else; and what all of them bought."""
    orders: Counter[Who] = Counter()
    purchases = Purchases(programme.base_currency, now, programme)
    async for page in order_pages(database.reading(), number):
        await asyncio.to_thread(_add, page, purchases, orders)
    members = [count for key, count in orders.items() if isinstance(key, str)]
    others = [count for key, count in orders.items() if not isinstance(key, str)]
    return _group(members), _group(others), await asyncio.to_thread(purchases.bought)


def _add(page: Sequence[Row], purchases: Purchases, orders: Counter[Who]) -> None:
    for row in page:
        order = ORDER_DECODER.decode(bytes(row["fact"])).effective()
        if order is None or not purchases.counts(order):
            continue
        who = _buyer(row)
        purchases.add(who, order)
        if who is not None:
            orders[who] += 1


def _buyer(row: Row) -> Who | None:
    """Whose an order is: a member, or (connection, customer or address). None of nobody known: two such orders may be
    of one person or of two.
    """
    if row["member_id"] is not None:
        return str(row["member_id"])
    who = row["customer_ref"] or row["address_hash"]
    return None if who is None else (row["connection_number"], str(who))


async def _referrals(database: Database, number: int, zone: str) -> ReferralSums:
    sums = ReferralSums(codes=await count_codes(database.reading(), number))
    async for page in referral_pages(database.reading(), number):
        for one in page:
            state = one.state.value
            month = sums.months.setdefault(local_day(one.registered_at, zone).isoformat()[:7], dict.fromkeys(STAGES, 0))
            month["joined"] += 1
            month["qualified"] += one.order_ref is not None
            if state in month:
                month[state] += 1
            for code in {sign.code for sign in one.reasons}:
                states = sums.signs.setdefault(code, {})
                states[state] = states.get(state, 0) + 1
    return sums


def _group(counts: Iterable[int]) -> Buyers:
    counts = list(counts)
    return Buyers(len(counts), sum(count > 1 for count in counts))
