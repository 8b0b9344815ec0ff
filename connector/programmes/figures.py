"""Counts what the console's first page shows of a programme: who takes part, who comes back, what is owed.

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
from connector.storage.atomic import atomic, consistent_read
from connector.storage.books import load_book_states
from connector.storage.database import Database
from connector.storage.figures import (
    AgeSum,
    Buyers,
    Counted,
    Figures,
    joining_moments,
    load_figures,
    order_pages,
    save_figures,
)
from connector.storage.session import Row
from loyalty_engine.days import local_day
from loyalty_engine.facts import OrderStatus

YEAR = timedelta(days=365)
SHARE = 200
"""Counting may take one part in so many of all time: what takes 20 s is counted about once an hour."""
LONGEST_PAUSE = timedelta(days=1)


async def count_due(database: Database, now: datetime) -> int:
    """Count each programme whose figures have become too old. Returns how many were counted."""
    counted = 0
    for state in await load_book_states(database.reading()):
        last = await load_figures(database.reading(), state.number)
        if last is not None and now - last.at < min(last.took * SHARE, LONGEST_PAUSE):
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
    buying, others = await _buyers(database, number, now)
    owed = await consistent_read(database, lambda session: liability(session, number, now))
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
    )
    counted = Counted(now, timedelta(seconds=clock.monotonic_seconds() - began), figures)
    await atomic(database, lambda session: save_figures(session, number, counted))
    return counted


async def _buyers(database: Database, number: int, now: datetime) -> tuple[Buyers, Buyers]:
    """Members, and everybody else."""
    orders: Counter[str | tuple[int, str]] = Counter()
    async for page in order_pages(database.reading(), number):
        orders.update(await asyncio.to_thread(_paid, page, now - YEAR, now))
    members = [count for key, count in orders.items() if isinstance(key, str)]
    others = [count for key, count in orders.items() if not isinstance(key, str)]
    return _group(members), _group(others)


def _paid(page: Sequence[Row], since: datetime, now: datetime) -> list[str | tuple[int, str]]:
    """Whose the paid orders of a page are: a member, or (connection, customer or address). An order of nobody known
    counts for nobody: two of them may be one person or two.
    """
    found: list[str | tuple[int, str]] = []
    for row in page:
        order = ORDER_DECODER.decode(bytes(row["fact"])).effective()
        if order is None or order.is_test or order.status is not OrderStatus.PAID or order.paid_at is None:
            continue
        if not since < order.paid_at <= now:
            continue
        if row["member_id"] is not None:
            found.append(row["member_id"])
        elif (who := row["customer_ref"] or row["address_hash"]) is not None:
            found.append((row["connection_number"], who))
    return found


def _group(counts: Iterable[int]) -> Buyers:
    counts = list(counts)
    return Buyers(len(counts), sum(count > 1 for count in counts))
