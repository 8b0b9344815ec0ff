"""A dry run: what a shop's past would come to if it were read into the books, of which nothing is.

The orders are put together by customer, for what an order earns may hang on those before it, and replayed under the
programme as it is (``loyalty_engine.simulate``). Where there are very many, only some of the customers are kept, chosen
by a hash of their id, and what they come to is multiplied.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from connector.platforms import Connection
from connector.storage.facts import Customer, enrolments_of
from connector.storage.programmes import ProgrammeBooks
from connector.storage.session import Session
from loyalty_engine.facts import OrderState
from loyalty_engine.money import decimal_from_minor
from loyalty_engine.programme.model import Rulebook
from loyalty_engine.simulate import Habit, History, Totals, walk

KEPT_MAX = 100_000
"""Orders held in memory, some 60 MB."""
CUSTOMERS_AT_ONCE = 200
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(OrderState)


@dataclass(slots=True)
class Look:
    """What was read so far. every: of so many customers one is kept. kept: orders by customer, each with whether the
    books lack it; orders: how many. guests: new orders of nobody's account.

    is_read: there is no more; earned, customers: of those that were replayed already.
    """

    every: int = 1
    kept: dict[str, list[tuple[bytes, bool]]] = field(default_factory=dict)
    orders: int = 0
    guests: int = 0
    is_read: bool = False
    earned: int = 0
    customers: int = 0

    def add(self, told: Mapping[str, OrderState], new_ids: Collection[str], most: int = KEPT_MAX) -> None:
        """Take in one page."""
        for order_id, order in told.items():
            is_new = order_id in new_ids
            if order.customer_ref is None:
                self.guests += is_new
            elif self._keeps(order.customer_ref):
                self.kept.setdefault(order.customer_ref, []).append((_ENCODER.encode(order), is_new))
                self.orders += 1
        while self.orders > most and len(self.kept) > 1:
            self.every *= 2
            self.kept = {customer: found for customer, found in self.kept.items() if self._keeps(customer)}
            self.orders = sum(map(len, self.kept.values()))

    def _keeps(self, customer_ref: str) -> bool:
        return int.from_bytes(hashlib.sha256(customer_ref.encode()).digest()[:8]) % self.every == 0

    def take(self, at_most: int = CUSTOMERS_AT_ONCE) -> dict[str, list[tuple[OrderState, bool]]]:
        """The next customers to be replayed, who are not kept any longer."""
        names = list(self.kept)[:at_most]
        found = {name: self.kept.pop(name) for name in names}
        return {name: [(_DECODER.decode(raw), is_new) for raw, is_new in orders] for name, orders in found.items()}

    def report(self, currency: str, value_of_points_minor: int) -> str:
        """As JSON: customers with orders that the books lack, what these would earn, and what that is worth."""
        told: dict[str, Any] = {
            "customers": self.customers * self.every,
            "guest_orders": self.guests,
            "points": self.earned * self.every,
            "worth": decimal_from_minor(value_of_points_minor, currency),
            "currency": currency,
            "one_customer_in": self.every,
        }
        return json.dumps(told)


async def enrolled_of(
    session: Session, connection: Connection, books: ProgrammeBooks, customer_refs: Sequence[str]
) -> dict[str, datetime]:
    """Since when these customers are members, or would be if they were found now."""
    customers = [Customer(connection.programme_number, connection.number, ref) for ref in customer_refs]
    known = await enrolments_of(session, customers)
    first = max(books.starts_at, connection.connected_at or books.starts_at)
    return {ref: known.get(ref, first) for ref in customer_refs}


def replay(
    look: Look,
    taken: Mapping[str, Sequence[tuple[OrderState, bool]]],
    enrolled: Mapping[str, datetime],
    rulebook: Rulebook,
    until: datetime,
) -> None:
    """Add what these customers' new orders would earn: all their orders less those that the books know. Pure."""
    after, before = Totals.of(rulebook.versions[-1]), Totals.of(rulebook.versions[-1])
    for name, orders in taken.items():
        known = [order for order, is_new in orders if not is_new]
        if len(known) == len(orders):
            continue
        look.customers += 1
        after.add(walk(History(name, enrolled[name], [order for order, _ in orders]), rulebook, until, Habit.NEVER))
        if known:
            before.add(walk(History(name, enrolled[name], known), rulebook, until, Habit.NEVER))
    look.earned += after.earned - before.earned


def worth_minor(look: Look, rulebook: Rulebook) -> int:
    """What the points would be worth at the face value of the smallest reward, in base minor units."""
    totals = Totals.of(rulebook.versions[-1])
    return int(totals.value * look.earned * look.every)
