"""What a shop knows of itself, from its own orders: the average order, and what its customers spend in a year."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta

from loyalty_engine.facts import OrderStatus
from loyalty_engine.goods import goods_kept
from loyalty_engine.programme.resolve import ShopFacts
from loyalty_engine.simulate import History

YEAR = timedelta(days=365)
PERCENTILES = tuple(range(1, 100))
FEWEST_CUSTOMERS = 20
"""With fewer, a percentile says more about one person than about the shop."""


async def shop_facts(
    chunks: AsyncIterator[Iterable[History]], timezone: str, currency: str, until: datetime
) -> ShopFacts:
    """Of the orders in ``currency`` paid in the 12 months before ``until``."""
    spends: list[int] = []
    orders = total = 0
    async for chunk in chunks:
        for history in chunk:
            amounts = _amounts(history, currency, until)
            orders += len(amounts)
            total += sum(amounts)
            if amounts:
                spends.append(sum(amounts))
    spends.sort()
    return ShopFacts(
        timezone,
        currency,
        total // orders if orders else None,
        {p: percentile(spends, p) for p in PERCENTILES} if len(spends) >= FEWEST_CUSTOMERS else {},
    )


def _amounts(history: History, currency: str, until: datetime) -> list[int]:
    return [
        goods_kept(order).minor
        for order in history.orders
        if order.status is OrderStatus.PAID
        and not order.is_test
        and order.currency == currency
        and order.paid_at is not None
        and until - YEAR < order.paid_at <= until
    ]


def percentile(ascending: Sequence[int], percent: int) -> int:
    """The smallest value that at least ``percent`` percent of all values do not exceed (nearest rank)."""
    rank = -(-percent * len(ascending) // 100)
    return ascending[max(0, rank - 1)]
