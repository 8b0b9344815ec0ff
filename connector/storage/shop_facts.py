"""What a programme's own rows say about its shoppers: average order, percentiles of spending, what is reported."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from loyalty_engine.programme.resolve import ShopFacts

YEAR = timedelta(days=365)
ENOUGH_BUYERS = 50
"""Of fewer buyers no percentile is taken: one of them would move it."""


async def shop_facts(session: Session, number: int, now: datetime) -> ShopFacts:
    """Zone and currency of the programme, and what its members bought in the last 365 days. KeyError: no such one."""
    books = (await load_programmes(session))[number]
    since = (now - YEAR).astimezone(ZoneInfo(books.timezone)).date().isoformat()
    rows = await session.rows(
        "SELECT member_id, sum(CASE WHEN counter = 'spend' THEN value ELSE 0 END) AS spend, "
        "sum(CASE WHEN counter = 'orders' THEN value ELSE 0 END) AS orders FROM counter "
        "WHERE programme_number = $1 AND counter IN ('spend', 'orders') AND day > $2 GROUP BY member_id",
        number,
        since,
    )
    spent = sorted(int(row["spend"]) for row in rows if row["orders"])
    orders = sum(int(row["orders"]) for row in rows)
    return ShopFacts(
        timezone=books.timezone,
        currency=books.rulebook.versions[-1].base_currency,
        aov_minor=sum(spent) // orders if orders >= ENOUGH_BUYERS else None,
        spend_percentiles={share: percentile(spent, share) for share in range(1, 100)} if _enough(spent) else {},
    )


def _enough(spent: Sequence[int]) -> bool:
    return len(spent) >= ENOUGH_BUYERS


def percentile(rising: Sequence[int], share: int) -> int:
    """The smallest value that at least ``share`` percent of all do not exceed (nearest rank)."""
    rank = -(-len(rising) * share // 100)
    return rising[max(rank, 1) - 1]


async def reported_kinds(session: Session, number: int) -> frozenset[str]:
    """Kinds of activity that were ever reported to this programme."""
    rows = await session.rows("SELECT DISTINCT counter FROM counter WHERE programme_number = $1", number)
    return frozenset(row["counter"] for row in rows)
