"""What a shop knows of itself, from its own orders: what an order comes to, what its customers spend in a year.

This is the one way to it. The books are counted now and then (``figures``); a file is counted when it is replayed.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import AsyncIterator, Hashable, Iterable, Sequence
from datetime import datetime, timedelta

from connector.storage.figures import Bought, load_figures
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from loyalty_engine.earning.basis import in_base
from loyalty_engine.facts import OrderState, OrderStatus
from loyalty_engine.goods import goods_kept
from loyalty_engine.programme.model import Programme
from loyalty_engine.programme.resolve import ShopFacts
from loyalty_engine.simulate import History

YEAR = timedelta(days=365)
SHARES = range(1, 100)
ENOUGH = 30
"""Of fewer orders no average is taken, and of fewer people no percentile: it would say more about one of them."""
SAMPLE_PEOPLE = 400
SAMPLE_ORDERS = 2_500
"""Of all people of the sample together: a replay of so many takes two or three seconds."""


class Purchases:
    """Orders that were paid in the year before ``until``, growing one by one, all in ``currency``. programme: whose
    base currency that is; orders in others count at its own rates, as they do for tiers. None: nobody knows a rate.
    """

    def __init__(self, currency: str, until: datetime, programme: Programme | None = None) -> None:
        self._currency = currency
        self._until = until
        self._programme = programme
        self._values = array("q")
        self._people: dict[Hashable, tuple[int, int]] = {}
        self._elsewhere = 0
        self._first: datetime | None = None
        self._sample = _Sample()

    def counts(self, order: OrderState) -> bool:
        """Whether it was paid, for good, in that year."""
        is_paid = order.status is OrderStatus.PAID and not order.is_test and order.paid_at is not None
        return is_paid and order.paid_at is not None and self._until - YEAR < order.paid_at <= self._until

    def add(self, who: Hashable | None, order: OrderState) -> None:
        """One that counts. who: None where nobody knows whose it is."""
        assert order.paid_at is not None
        minor = self._worth(goods_kept(order).minor, order.currency)
        if minor is None:
            self._elsewhere += 1
            return
        if minor <= 0:
            return
        self._values.append(minor)
        self._first = min(self._first or order.paid_at, order.paid_at)
        if who is not None:
            orders, spent = self._people.get(who, (0, 0))
            self._people[who] = (orders + 1, spent + minor)
            self._sample.add(who, (self._until - order.paid_at) // timedelta(days=1), minor)

    def _worth(self, minor: int, currency: str) -> int | None:
        if currency == self._currency:
            return minor
        return None if self._programme is None else in_base(self._programme, minor, currency)

    def bought(self) -> Bought:
        """What all of it comes to."""
        people = self._people.values()
        are_enough = len(people) >= ENOUGH
        return Bought(
            currency=self._currency,
            orders=len(self._values),
            people=len(people),
            minor=sum(self._values),
            known_minor=sum(spent for _, spent in people),
            elsewhere=self._elsewhere,
            days=(self._until - self._first) // timedelta(days=1) + 1 if self._first else 0,
            order_minor=_percentiles(self._values) if len(self._values) >= ENOUGH else [],
            spent_minor=_percentiles(spent for _, spent in people) if are_enough else [],
            times=_percentiles(orders for orders, _ in people) if are_enough else [],
            sample=self._sample.people(),
        )


class _Sample:
    """Some people with all their orders. Who is among them is a matter of a checksum, and so of chance: whoever was let
    go of at some time lies above the mark for good, so nobody is kept with a part of their orders.
    """

    def __init__(self) -> None:
        self._mark = 1 << 32
        self._found: dict[int, list[tuple[int, int]]] = {}
        self._orders = 0

    def add(self, who: Hashable, days_ago: int, minor: int) -> None:
        place = zlib.crc32(repr(who).encode())
        if place >= self._mark:
            return
        self._found.setdefault(place, []).append((days_ago, minor))
        self._orders += 1
        while len(self._found) > SAMPLE_PEOPLE or (self._orders > SAMPLE_ORDERS and len(self._found) > 1):
            self._mark = max(self._found)
            self._orders -= len(self._found.pop(self._mark))

    def people(self) -> list[list[tuple[int, int]]]:
        return [sorted(self._found[place], reverse=True) for place in sorted(self._found)]


def _percentiles(values: Iterable[int]) -> list[int]:
    rising = sorted(values)
    return [percentile(rising, share) for share in SHARES]


def percentile(ascending: Sequence[int], percent: int) -> int:
    """The smallest value that at least ``percent`` percent of all values do not exceed (nearest rank)."""
    rank = -(-percent * len(ascending) // 100)
    return ascending[max(0, rank - 1)]


async def shop_facts(session: Session, number: int) -> ShopFacts:
    """Zone and currency of a programme, and what its shop's customers bought in a year, as it was counted last.
    KeyError: there is no such programme.
    """
    books = (await load_programmes(session))[number]
    currency = books.rulebook.versions[-1].base_currency
    counted = await load_figures(session, number)
    return facts_of(counted.figures.bought if counted else None, books.timezone, currency)


def facts_of(bought: Bought | None, timezone: str, currency: str) -> ShopFacts:
    """The same of what was counted. None: nothing was."""
    if bought is None or bought.currency != currency:
        return ShopFacts(timezone, currency)
    average = bought.minor // bought.orders if bought.orders >= ENOUGH else None
    return ShopFacts(timezone, currency, average, dict(zip(SHARES, bought.spent_minor, strict=False)))


async def facts_of_histories(
    chunks: AsyncIterator[Iterable[History]], timezone: str, currency: str, until: datetime
) -> ShopFacts:
    """The same of histories that are read for a replay."""
    purchases = Purchases(currency, until)
    async for chunk in chunks:
        for history in chunk:
            for order in history.orders:
                if purchases.counts(order):
                    purchases.add(history.member_id, order)
    return facts_of(purchases.bought(), timezone, currency)
