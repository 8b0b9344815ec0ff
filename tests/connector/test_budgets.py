"""Caps over all members: reached, they stop earning until their window ends, and nothing that was earned goes away."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connector.programmes.budgets import first_day, watch_budgets
from connector.verify import verify
from loyalty_engine.programme.model import Window
from tests.builders import DOCUMENT, KEYS, Shopfront, shopfront
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import PaidBack, SoldLine, Story

ON_ORDERS: dict[str, Any] = {
    **DOCUMENT,
    "caps": [{"id": "launch", "per": "month", "points": 100, "on": ["order"], "over": "programme"}],
}
START = datetime(2026, 11, 10, 12, tzinfo=UTC)


@pytest.fixture
async def front(prepared_database_url: str) -> AsyncIterator[Shopfront]:
    async with shopfront(prepared_database_url, document=ON_ORDERS) as made:
        made.clock.moment = START
        yield made


async def order(front: Shopfront, number: int, euros: int, *, paid_at: datetime | None = None, back: int = 0) -> None:
    """Order ``number`` of customer ``number``; back: euros given back since."""
    refunds = (PaidBack(number, back * 100),) if back else ()
    story = Story((SoldLine(1, 1, euros * 100),), order_id=number, customer=number, refunds=refunds)
    body = woocommerce_bodies.webhook_order(story)
    now, paid = (at.strftime("%Y-%m-%dT%H:%M:%S") for at in (front.clock(), paid_at or front.clock()))
    dates = {"date_paid_gmt": paid, "date_created_gmt": paid, "date_modified_gmt": now}
    await front.receive("order.updated", json.dumps({**body, **dates}).encode())
    front.clock.forward(minutes=1)


async def reasons(front: Shopfront) -> list[str]:
    return [row["kind"] for row in await front.rows("SELECT kind FROM reason ORDER BY source_ref")]


async def test_below_the_cap_nothing_stops_and_at_it_everything_does(front: Shopfront) -> None:
    await order(front, 1, 60)
    await order(front, 2, 39)
    assert await watch_budgets(front.pipeline) == 0
    await order(front, 3, 1)
    assert await watch_budgets(front.pipeline) == 1
    await order(front, 4, 50)
    assert await front.points() == {"1": 60, "2": 39, "3": 1, "4": 0}
    assert await reasons(front) == ["programme-cap-reached"]
    assert await watch_budgets(front.pipeline) == 0
    assert (await verify(front.database, KEYS, now=front.clock)).ok


async def test_what_was_earned_between_two_looks_stays(front: Shopfront) -> None:
    await order(front, 1, 90)
    await order(front, 2, 90)
    await watch_budgets(front.pipeline)
    assert await front.points() == {"1": 90, "2": 90}


async def test_an_order_that_was_paid_before_the_stop_earns_also_when_it_is_heard_of_later(front: Shopfront) -> None:
    await order(front, 1, 100)
    paid = front.clock() - timedelta(minutes=10)
    await watch_budgets(front.pipeline)
    await order(front, 2, 20, paid_at=paid)
    await order(front, 3, 20)
    assert await front.points() == {"1": 100, "2": 20, "3": 0}


async def test_the_next_window_earns_again(front: Shopfront) -> None:
    await order(front, 1, 100)
    await watch_budgets(front.pipeline)
    front.clock.moment = datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC)
    await order(front, 2, 10)
    front.clock.moment = datetime(2026, 11, 30, 23, tzinfo=UTC)
    await order(front, 3, 10)
    assert await front.points() == {"1": 100, "2": 0, "3": 10}
    assert await watch_budgets(front.pipeline) == 0


async def test_a_stopped_order_counts_as_an_order_and_a_refund_opens_nothing_again(front: Shopfront) -> None:
    await order(front, 1, 100)
    await watch_budgets(front.pipeline)
    await order(front, 2, 30)
    rows = await front.rows("SELECT source_ref, counter FROM counter WHERE counter = 'orders'")
    assert len(rows) == 2
    await order(front, 1, 100, back=50)
    await order(front, 2, 30)
    await order(front, 3, 30)
    assert await front.points() == {"1": 50, "2": 0, "3": 0}
    assert (await verify(front.database, KEYS, now=front.clock)).ok


async def test_a_cap_on_what_is_no_order_leaves_orders_alone(prepared_database_url: str) -> None:
    document = {
        **DOCUMENT,
        "points": {**DOCUMENT["points"], "start": {"welcome": 20}},
        "caps": [{"id": "gifts", "per": "year", "times": 2, "over": "programme"}],
    }
    async with shopfront(prepared_database_url, document=document) as front:
        front.clock.moment = START
        for number in (1, 2):
            await front.receive("customer.created", json.dumps({"id": number}).encode())
            assert await watch_budgets(front.pipeline) == (number == 2)
        front.clock.forward(minutes=1)
        await front.receive("customer.created", b'{"id": 3}')
        await order(front, 3, 10)
        assert await front.points() == {"1": 20, "2": 20, "3": 10}
        assert (await verify(front.database, KEYS, now=front.clock)).ok


@pytest.mark.parametrize(
    ("window", "first"),
    [
        (Window.DAY, date(2026, 11, 21)),
        (Window.WEEK, date(2026, 11, 16)),
        (Window.MONTH, date(2026, 11, 1)),
        (Window.QUARTER, date(2026, 10, 1)),
        (Window.YEAR, date(2026, 1, 1)),
        (Window.LIFETIME, None),
    ],
)
def test_a_window_begins_on_a_local_day(window: Window, first: date | None) -> None:
    assert first_day(window, date(2026, 11, 21)) == first
