"""Rules that ask for more of a product than an order says: read from the shop, waited for, but not for long."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector import clock
from connector.awaited_products import REASON, WAIT
from connector.catalogue import FRESH, refresh_products
from connector.sandbox.shop import Basket
from tests.journeys.oracle import order_points
from tests.journeys.world import CIRCLE, World, simulated, world

COFFEE = {**CIRCLE, "rules": [{"id": "coffee", "per_item": 10, "when": {"category": ["coffee", "Coffee"]}}]}
PLATFORMS = ["shopify", "woocommerce"]
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
async def made(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated(), document=COFFEE) as running:
        yield running


def buy(made: World, platform: str, *pieces: tuple[int, int]) -> tuple[int, int]:
    """(customer, order) of somebody new who buys (place on the shelf, pieces)."""
    shop = made.shop(platform)
    customer = shop.register_customer(f"p{len(shop.truth.customers)}@example.test", "Ada", "Lovelace").id
    shelf = list(shop.truth.products)
    return customer, shop.place_order(customer, Basket([(shelf[at], units) for at, units in pieces])).id


def worth(made: World, platform: str, order_id: int) -> int:
    """What the base rate gives for an order."""
    return order_points(made.shop(platform).truth.orders[order_id])


async def rows(made: World, sql: str, *values: Any) -> list[dict[str, Any]]:
    return await made.service.database.reading().rows(sql, *values)


async def work_of(made: World) -> list[tuple[int, str | None]]:
    return [(row["state"], row["reason"]) for row in await rows(made, "SELECT state, reason FROM work")]


async def values_of(made: World, order_id: int) -> dict[str, Any]:
    """What the context of an order fixed of member and catalogue."""
    found = await rows(made, "SELECT values_text FROM context WHERE source_ref LIKE $1", f"%:order:{order_id}")
    values: dict[str, Any] = json.loads(found[0]["values_text"])
    return values


def stop_time(made: World, at: datetime) -> None:
    """Work and reading live at this moment."""
    made.service.pipeline.now = made.service.reconciler.now = lambda: at


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_rule_on_a_category_pays_only_its_lines(made: World, platform: str) -> None:
    customer, order_id = buy(made, platform, (0, 2), (2, 3))
    await made.deliver()
    base = worth(made, platform, order_id)
    assert (await made.ledger(platform))[customer] == base + 2 * 10
    values = await values_of(made, order_id)
    beans, grinder = list(made.shop(platform).truth.products)[0:3:2]
    assert set(values["products"]) == {str(beans), str(grinder)}
    assert "unread" not in values
    made.shop(platform).refund_all(order_id)
    await made.deliver()
    assert (await made.ledger(platform))[customer] == 0
    assert await work_of(made) == []


async def test_programmes_that_ask_for_nothing_read_nothing(prepared_database_url: str, tmp_path: Path) -> None:
    async with world(prepared_database_url, tmp_path, simulated()) as made:
        customer, order_id = buy(made, "woocommerce", (0, 2))
        await made.deliver()
        assert (await made.ledger("woocommerce"))[customer] == worth(made, "woocommerce", order_id)
        assert await rows(made, "SELECT product_id FROM product") == []
        assert await rows(made, "SELECT product_id FROM product_wish") == []
        assert await values_of(made, order_id) == {}


async def test_products_that_cannot_be_read_delay_only_their_own_orders_and_not_for_long(made: World) -> None:
    began = clock.utc_now()
    stop_time(made, began)
    woo = made.shops.woocommerce
    lost = dict(woo.keys)
    woo.keys.clear()
    waiting, held_id = buy(made, "woocommerce", (0, 1), (3, 1))
    other, other_id = buy(made, "shopify", (0, 1))
    await made.deliver()
    assert (await made.ledger("shopify"))[other] == worth(made, "shopify", other_id) + 10
    assert (await made.ledger("woocommerce"))[waiting] == 0
    assert await work_of(made) == [(1, REASON)]

    stop_time(made, began + WAIT - MICROSECOND)
    await made.settle()
    assert (await made.ledger("woocommerce"))[waiting] == 0
    assert await work_of(made) == [(1, REASON)]

    stop_time(made, began + WAIT)
    await made.settle()
    assert (await made.ledger("woocommerce"))[waiting] == worth(made, "woocommerce", held_id)
    assert await work_of(made) == []
    beans, mug = list(woo.truth.products)[0:4:3]
    assert await values_of(made, held_id) == {"unread": sorted([str(beans), str(mug)])}

    # Once the shop can be asked again, later orders are worth what they should be.
    woo.keys.update(lost)
    stop_time(made, began + WAIT + timedelta(hours=7))
    await made.settle()
    assert await rows(made, "SELECT product_id FROM product_wish") == []
    later, later_id = buy(made, "woocommerce", (0, 1))
    await made.deliver()
    assert (await made.ledger("woocommerce"))[later] == worth(made, "woocommerce", later_id) + 10


async def test_a_product_that_the_shop_no_longer_has_holds_nothing_up(made: World) -> None:
    woo = made.shops.woocommerce
    customer, order_id = buy(made, "woocommerce", (0, 1))
    beans = woo.truth.products.pop(next(iter(woo.truth.products)))
    await made.deliver()
    assert (await made.ledger("woocommerce"))[customer] == worth(made, "woocommerce", order_id)
    [known] = await rows(made, "SELECT product_id, body_text FROM product")
    assert (known["product_id"], json.loads(known["body_text"])["categories"]) == (str(beans.id), [])


async def test_known_products_are_read_again_after_a_day_and_old_orders_keep_what_they_had(made: World) -> None:
    began = clock.utc_now()
    stop_time(made, began)
    woo = made.shops.woocommerce
    customer, order_id = buy(made, "woocommerce", (0, 1))
    await made.deliver()
    before = worth(made, "woocommerce", order_id) + 10
    assert (await made.ledger("woocommerce"))[customer] == before
    beans = woo.truth.products[next(iter(woo.truth.products))]
    beans.category = "food"

    stop_time(made, began + FRESH)
    assert await refresh_products(made.service.reconciler) == 0
    stop_time(made, began + FRESH + MICROSECOND)
    assert await refresh_products(made.service.reconciler) == 1
    assert await refresh_products(made.service.reconciler) == 0

    later, later_id = buy(made, "woocommerce", (0, 1))
    await made.deliver()
    assert (await made.ledger("woocommerce"))[later] == worth(made, "woocommerce", later_id)
    woo.refund_all(order_id)
    await made.deliver()
    assert (await made.ledger("woocommerce"))[customer] == 0

    # Gone from the shop, it stays what it was.
    del woo.truth.products[beans.id]
    stop_time(made, began + 3 * FRESH)
    assert await refresh_products(made.service.reconciler) == 1
    [known] = await rows(made, "SELECT body_text FROM product")
    assert json.loads(known["body_text"])["categories"] == ["food"]
