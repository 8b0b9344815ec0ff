"""What only our own reads tell of an order: how it was paid, and the customer's tags."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from connector.ingest.merge import OrderKnowledge, merge_order
from loyalty_engine.facts import OrderState
from tests.engine.builders import PAID, an_order

READ = {"gift_card_minor": 3000, "store_credit_minor": 500, "customer_tags": ("vip",)}
TOLD: dict[str, Any] = {"tender_known": False}


def at(hour: int) -> datetime:
    return PAID + timedelta(hours=hour)


def merged(*facts: tuple[int, bool, dict[str, Any]]) -> OrderKnowledge:
    """Snapshots in order of arrival: (hour of the change, whether we fetched it, what it tells)."""
    known: OrderKnowledge | None = None
    for number, (hour, fetched, more) in enumerate(facts):
        known = merge_order(known, an_order(10_000, updated_at=at(hour), **more), at(20 + number), fetched)
    assert known is not None
    return known


def order_of(known: OrderKnowledge) -> OrderState:
    order = known.effective()
    assert order is not None
    return order


def test_an_order_paid_by_tender_of_unknown_size_has_to_be_read() -> None:
    assert merged((1, False, TOLD)).missing() == "tender-unknown"
    assert merged((1, False, {})).missing() is None
    assert merged((1, True, READ)).missing() is None


@pytest.mark.parametrize(
    "facts",
    [
        [(1, False, TOLD), (1, True, READ)],
        [(1, True, READ), (2, False, TOLD)],
        [(1, True, READ), (2, False, TOLD), (3, False, TOLD)],
        # Webhooks that are older than what we read.
        [(2, True, READ), (1, False, TOLD)],
        [(2, False, TOLD), (1, True, READ)],
    ],
)
def test_what_was_read_once_is_remembered(facts: list[tuple[int, bool, dict[str, Any]]]) -> None:
    known = merged(*facts)
    order = order_of(known)
    assert (order.gift_card_minor, order.store_credit_minor, order.customer_tags) == (3000, 500, ("vip",))
    assert known.missing() is None


def test_a_later_read_counts_whole() -> None:
    order = order_of(merged((1, True, READ), (2, True, {"gift_card_minor": 100})))
    assert (order.gift_card_minor, order.store_credit_minor, order.customer_tags) == (100, 0, ())


def test_tags_of_one_customer_are_not_those_of_the_next_owner() -> None:
    order = order_of(merged((1, True, READ), (2, False, {"customer_ref": "8"})))
    assert (order.customer_ref, order.customer_tags) == ("8", ())


@pytest.mark.parametrize("fetched", [False, True])
def test_an_order_that_the_shop_made_anonymous_stays_whose_it_was(fetched: bool) -> None:
    forgotten = {"customer_ref": None, "is_anonymous": True}
    assert order_of(merged((1, True, {}), (2, fetched, forgotten), (3, fetched, forgotten))).customer_ref == "7"
    assert order_of(merged((1, True, {}), (2, fetched, {"customer_ref": None}))).customer_ref is None
