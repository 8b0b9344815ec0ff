"""Where Shopify hides old orders, what it hides is what it counts and does not show, whatever became of the rest.

Defect seen: what was taken for hidden was all that it counts less the paid orders that we know, so that whoever had
cancelled an order, or placed a second one before the first was decided, never got what a first order pays.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector import clock
from connector.sandbox.shop import Basket
from connector.shopify.client import SCOPES
from tests.journeys.awaiting import BONUS, FIRST, begin, buys, extra_of, joins, nth_of, read, settle
from tests.journeys.world import World, simulated, some_days_ago, world


@pytest.fixture
async def made(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A Shopify shop of which sixty days are shown, and were read."""
    async with world(prepared_database_url, tmp_path, simulated(scopes=SCOPES), hooked=False, document=FIRST) as told:
        yield told


def cancels(made: World, customer_id: int, days_ago: int = 0) -> None:
    """An order that was never paid."""
    shop = made.shop("shopify")
    with shop.at(some_days_ago(days_ago) if days_ago else clock.utc_now()):
        basket = Basket([(next(iter(shop.truth.products)), 2)], paid=False)
        shop.cancel(shop.place_order(customer_id, basket).id)


async def read_at_last(made: World) -> None:
    await made.ensure_webhooks("shopify")
    await begin(made, "shopify")
    await read(made)


async def test_an_order_that_is_still_on_its_way_takes_nobodys_place(made: World) -> None:
    await read_at_last(made)
    new = joins(made, "shopify", "nils")
    first = buys(made, "shopify", new)
    await made.deliver()
    second = buys(made, "shopify", new)
    await settle(made)
    await made.deliver()
    await settle(made)
    assert [await nth_of(made, "shopify", one) for one in (first, second)] == [1, 2]
    assert [await extra_of(made, "shopify", one) for one in (first, second)] == [BONUS, 0]


async def test_an_order_that_was_never_paid_is_nobodys_first(made: World) -> None:
    await read_at_last(made)
    new = joins(made, "shopify", "nils")
    cancels(made, new)
    await made.deliver()
    await settle(made)
    first = buys(made, "shopify", new)
    await made.deliver()
    await settle(made)
    assert await nth_of(made, "shopify", first) == 1
    assert await extra_of(made, "shopify", first) == BONUS


async def test_who_bought_before_what_is_shown_gets_nothing_for_a_first_order(made: World) -> None:
    old = joins(made, "shopify", "olga")
    buys(made, "shopify", old, days_ago=300)
    cancels(made, old, days_ago=30)
    await read_at_last(made)
    cancels(made, old)
    buys(made, "shopify", old)
    orders = [buys(made, "shopify", old), buys(made, "shopify", old)]
    await made.deliver()
    await settle(made)
    assert await extra_of(made, "shopify", orders[0]) == 0
    assert await nth_of(made, "shopify", orders[1]) == 4


async def test_what_was_shown_when_it_was_read_and_is_not_any_more_is_known_all_the_same(
    made: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = joins(made, "shopify", "nils")
    cancels(made, new, days_ago=59)
    await read_at_last(made)
    later = some_days_ago(-5)
    monkeypatch.setattr(made.shop("shopify"), "clock", lambda: later)
    first = buys(made, "shopify", new)
    await made.deliver()
    await settle(made)
    assert await nth_of(made, "shopify", first) == 1


async def test_what_was_made_before_what_a_person_asked_for_came_before_although_it_is_shown(
    prepared_database_url: str, tmp_path: Path
) -> None:
    async with world(prepared_database_url, tmp_path, simulated(), hooked=False, document=FIRST) as made:
        old = joins(made, "shopify", "olga")
        buys(made, "shopify", old, days_ago=300)
        await made.ensure_webhooks("shopify")
        await begin(made, "shopify", since_days=100)
        await read(made)
        order = buys(made, "shopify", old)
        await made.deliver()
        await settle(made)
        assert await nth_of(made, "shopify", order) == 2
        assert await extra_of(made, "shopify", order) == 0
