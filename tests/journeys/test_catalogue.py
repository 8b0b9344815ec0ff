"""Rules that ask for more of a product than an order says: read from the shop, waited for, but not for long."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector import clock
from connector.ingest.awaited import REASON, WAIT
from connector.ingest.catalogue import FRESH, refresh_products
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


# --- goods on sale ----------------------------------------------------------------------------------------------------

MUG, BOTTLE = 3, 7
"""Places on the shelf of what is on sale; the bottle comes in sizes."""
FULL_PRICE = {**CIRCLE, "points": {"earn": {**CIRCLE["points"]["earn"], "exclude": ["sale_items", "gift_cards"]}}}


@pytest.fixture
async def fair(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated(), document=FULL_PRICE) as running:
        yield running


def net_of(made: World, platform: str, order_id: int, *places: int) -> int:
    """Net minor units of the lines with these goods."""
    shop = made.shop(platform)
    wanted = {list(shop.truth.products)[at] for at in places}
    return sum(line.net_minor for line in shop.truth.orders[order_id].lines if line.product.id in wanted)


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_goods_on_sale_earn_nothing_where_they_are_excluded(fair: World, platform: str) -> None:
    customer, order_id = buy(fair, platform, (0, 2), (MUG, 3), (BOTTLE, 1))
    await fair.deliver()
    assert (await fair.ledger(platform))[customer] == net_of(fair, platform, order_id, 0) // 100
    values = await values_of(fair, order_id)
    assert sorted(values["prices"].values()) == [[1995, 1495], [3990, 3450]]
    assert "unpriced" not in values
    fair.shop(platform).refund_all(order_id)
    await fair.deliver()
    assert (await fair.ledger(platform))[customer] == 0
    assert await work_of(fair) == []


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_coupon_on_regular_goods_is_no_sale(fair: World, platform: str) -> None:
    shop = fair.shop(platform)
    customer = shop.register_customer("c@example.test", "Cleo", "Example").id
    basket = Basket([(list(shop.truth.products)[0], 2)], coupon="TENTH", coupon_percent=40)
    order_id = shop.place_order(customer, basket).id
    await fair.deliver()
    assert (await fair.ledger(platform))[customer] == net_of(fair, platform, order_id, 0) // 100 > 0


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_prices_are_those_of_the_order_and_stay_what_they_were(fair: World, platform: str) -> None:
    began = clock.utc_now()
    stop_time(fair, began)
    shop = fair.shop(platform)
    mug = list(shop.truth.products)[MUG]
    customer, first = buy(fair, platform, (0, 1), (MUG, 1))
    await fair.deliver()
    earned = net_of(fair, platform, first, 0) // 100
    assert (await fair.ledger(platform))[customer] == earned

    # The sale ends. What was bought before keeps its price on record, what is bought now earns in full.
    shop.end_sale(mug)
    later = began + timedelta(minutes=6)
    stop_time(fair, later)
    with shop.at(later):
        other, second = buy(fair, platform, (MUG, 1))
        shop.refund_amount(first, 100)
    await fair.deliver()
    assert (await fair.ledger(platform))[other] == net_of(fair, platform, second, MUG) // 100 > 0
    assert 0 < (await fair.ledger(platform))[customer] <= earned


async def test_a_shop_that_cannot_be_asked_for_prices_delays_points_and_the_entry_says_so(fair: World) -> None:
    began = clock.utc_now()
    stop_time(fair, began)
    woo = fair.shops.woocommerce
    woo.keys.clear()
    customer, order_id = buy(fair, "woocommerce", (MUG, 2))
    await fair.deliver()
    assert (await fair.ledger("woocommerce"))[customer] == 0
    assert await work_of(fair) == [(1, REASON)]
    stop_time(fair, began + WAIT)
    await fair.settle()
    assert (await fair.ledger("woocommerce"))[customer] == net_of(fair, "woocommerce", order_id, MUG) // 100 > 0
    mug = list(woo.truth.products)[MUG]
    assert (await values_of(fair, order_id))["unpriced"] == [str(mug)]
    [entry] = await rows(fair, "SELECT body_text FROM explanation")
    assert "sale-unknown" in json.loads(entry["body_text"])["notes"]
