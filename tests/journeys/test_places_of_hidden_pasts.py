"""Where Shopify hides old orders, what it hides is what it counts and does not show, whatever became of the rest.

Defect seen: what was taken for hidden was all that it counts less the paid orders that we know, so that whoever had
cancelled an order, or placed a second one before the first was decided, never got what a first order pays.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector import clock
from connector.errors import Permanent
from connector.ingest import awaited_history
from connector.ingest.awaited_history import settle_awaited
from connector.platforms import OrderCount
from connector.sandbox.shop import Basket
from connector.shopify.client import SCOPES, ShopifyClient
from connector.storage.awaited_history import members_waiting
from tests.journeys.awaiting import BONUS, FIRST, begin, buys, extra_of, joins, nth_of, read, read_pages, settle
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


async def test_a_customer_whom_the_shop_fails_over_keeps_nobody_else_waiting(
    made: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_at_last(made)
    many = [joins(made, "shopify", f"nils{number}") for number in range(7)]
    orders = [buys(made, "shopify", customer) for customer in many]
    await made.deliver()
    asked: list[Sequence[str]] = []
    counted = ShopifyClient.order_counts

    async def fails_over_one(client: ShopifyClient, refs: Sequence[str], since: datetime) -> dict[str, OrderCount]:
        asked.append(refs)
        if str(many[3]) in refs:
            raise Permanent("The shop cannot answer that.", detail="500")
        return await counted(client, refs, since)

    monkeypatch.setattr(ShopifyClient, "order_counts", fails_over_one)
    await settle(made)
    others = [BONUS] * 3 + [0] + [BONUS] * 3
    assert [await extra_of(made, "shopify", one) for one in orders] == others
    asked.clear()
    await settle(made)
    assert asked == []
    monkeypatch.setattr(ShopifyClient, "order_counts", counted)
    made.service.backfiller.now = lambda: clock.utc_now() + timedelta(minutes=6)
    await settle(made)
    assert [await extra_of(made, "shopify", one) for one in orders] == [BONUS] * 7


async def test_an_error_about_everybody_is_soon_known_to_be_the_shops(
    made: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_at_last(made)
    for number in range(20):
        buys(made, "shopify", joins(made, "shopify", f"nils{number}"))
    await made.deliver()
    asked: list[Sequence[str]] = []

    async def fails(client: ShopifyClient, refs: Sequence[str], since: datetime) -> dict[str, OrderCount]:
        asked.append(refs)
        raise Permanent("The shop cannot answer that.", detail="500")

    monkeypatch.setattr(ShopifyClient, "order_counts", fails)
    for _ in range(3):
        await settle(made)
    assert 0 < len(asked) < 10


async def test_while_nobody_can_be_told_a_place_few_looks_are_taken(
    made: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_at_last(made)
    backfiller, looks = made.service.backfiller, 0
    backfiller.nobody_at = None

    async def looked(*how: Any) -> Any:
        nonlocal looks
        looks += 1
        return await members_waiting(*how)

    monkeypatch.setattr(awaited_history, "members_waiting", looked)
    for _ in range(5):
        assert await settle_awaited(backfiller, rests=True) == 0
    assert looks == 1
    first = buys(made, "shopify", joins(made, "shopify", "nils"))
    await made.deliver()
    assert await settle_awaited(backfiller, rests=True) == 0
    backfiller.now = lambda: clock.utc_now() + timedelta(seconds=11)
    assert await settle_awaited(backfiller, rests=True) == 1
    await made.settle()
    assert await extra_of(made, "shopify", first) == BONUS
    assert await settle_awaited(backfiller, rests=True) == 0
    await begin(made, "shopify")
    await read_pages(made)
    second = buys(made, "shopify", joins(made, "shopify", "nora"))
    await made.deliver()
    assert await settle_awaited(backfiller, rests=True) == 1
    await made.settle()
    assert await extra_of(made, "shopify", second) == BONUS
