"""Rewards as Shopify gives them, from points to the order and into the books: free shipping, a free product, and codes
that were used twice, by somebody else, or while we believed that nobody had.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connector.people.actors import SHOPPER
from connector.redeeming import redemptions
from connector.redeeming.redemptions import Wish
from connector.sandbox.coupons import Coupon
from connector.sandbox.shop import Basket
from connector.sandbox.shopify import SimulatedShopify
from connector.verify import verify
from tests.journeys.test_vouchers import GIVING, shopper
from tests.journeys.world import World, simulated, world


@pytest.fixture
async def made(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    shops = simulated()
    product = str(list(shops.shopify.truth.products)[1])
    rewards = [
        *GIVING["rewards"],
        {"id": "post", "kind": "free_shipping", "points": 300},
        {"id": "gift", "kind": "product", "points": 400, "product": product},
    ]
    async with world(prepared_database_url, tmp_path, shops, document={**GIVING, "rewards": rewards}) as running:
        yield running
        report = await verify(running.service.database, running.service.keys)
        assert report.ok, report.as_text()


def shopify(made: World) -> SimulatedShopify:
    shop = made.shop("shopify")
    assert isinstance(shop, SimulatedShopify)
    return shop


async def redeem(made: World, member: str, reward: str) -> dict[str, Any]:
    connection = made.connections["shopify"]
    wished = Wish(connection.programme_number, member, reward, connection.number, f"key of {reward}")
    redeemed = await redemptions.redeem(made.service.pipeline, wished)
    await made.settle()
    return redeemed


def coupon(made: World, redeemed: dict[str, Any]) -> Coupon:
    found = shopify(made).coupons.find(redeemed["code"])
    assert found is not None
    return found


async def state(made: World, member: str, redeemed: dict[str, Any]) -> str:
    number = made.connections["shopify"].programme_number
    return str((await redemptions.show(made.service.pipeline, number, member, redeemed["redemption"]))["state"])


async def flags(made: World) -> list[str]:
    rows = await made.service.database.reading().rows(
        "SELECT kind FROM reason WHERE kind LIKE 'voucher%' ORDER BY kind"
    )
    return [row["kind"] for row in rows]


async def spent(made: World) -> list[tuple[str, int]]:
    rows = await made.service.database.reading().rows(
        "SELECT kind, points FROM entry WHERE kind IN ('redeem', 'reinstate') ORDER BY member_id, n"
    )
    return [(row["kind"], row["points"]) for row in rows]


@pytest.mark.parametrize(("reward", "points"), [("post", 300), ("gift", 400)])
async def test_shipping_and_a_product_for_points_are_free_in_the_order_and_used(
    made: World, reward: str, points: int
) -> None:
    customer, member = await shopper(made, "shopify")
    redeemed = await redeem(made, member, reward)
    shop = shopify(made)
    paid_for, given = list(shop.truth.products)[:2]
    basket = Basket([(paid_for, 1), (given, 1)], shipping_minor=490, voucher=redeemed["code"])
    order = shop.place_order(customer, basket)
    assert (order.shipping_net_minor == 0) is (reward == "post")
    assert (order.lines[1].net_minor == 0) is (reward == "gift")
    await made.deliver()
    assert await state(made, member, redeemed) == "used"
    assert await spent(made) == [("redeem", -points)]
    shop.refund_all(order.id)
    await made.deliver()
    assert await spent(made) == [("redeem", -points), ("reinstate", points)]


async def test_a_code_used_twice_costs_twice_and_one_used_by_a_stranger_is_flagged(made: World) -> None:
    """What the shop's limits let through at the same moment."""
    shop = shopify(made)
    customer, member = await shopper(made, "shopify")
    stranger = shop.register_customer("eve@example.test", "Eve", "Moneypenny").id
    redeemed = await redeem(made, member, "five")
    found, product = coupon(made, redeemed), next(iter(shop.truth.products))
    found.usage_limit, found.customers = None, frozenset()
    shop.place_order(customer, Basket([(product, 1)], voucher=redeemed["code"]))
    await made.deliver()
    assert (await spent(made), await flags(made)) == ([("redeem", -500)], [])
    shop.place_order(customer, Basket([(product, 1)], voucher=redeemed["code"]))
    await made.deliver()
    assert (await spent(made), await flags(made)) == ([("redeem", -500)] * 2, ["voucher-used-again"])
    shop.place_order(stranger, Basket([(product, 1)], voucher=redeemed["code"]))
    await made.deliver()
    assert (await spent(made), await flags(made)) == ([("redeem", -500)] * 2, ["voucher-used-by-another"])


async def test_a_code_that_is_called_off_while_its_use_is_not_counted_yet_takes_its_points_again(made: World) -> None:
    """``asyncUsageCount`` lags: it says nobody used the code, and the order comes afterwards."""
    shop = shopify(made)
    shop.discounts.lags = True
    customer, member = await shopper(made, "shopify")
    redeemed = await redeem(made, member, "five")
    before = (await made.ledger("shopify"))[customer]
    product = next(iter(shop.truth.products))
    order = shop.place_order(customer, Basket([(product, 1)], voucher=redeemed["code"]))
    number = made.connections["shopify"].programme_number
    await redemptions.cancel(made.service.pipeline, number, member, redeemed["redemption"], "rejected", SHOPPER)
    await made.settle()
    assert (await made.ledger("shopify"))[customer] == before + 500, "nobody knows of the order yet"
    await made.deliver()
    assert await spent(made) == [("redeem", -500), ("reinstate", 500), ("redeem", -500)]
    assert coupon(made, redeemed).used_by == [order.id]
    await made.reconcile()
    assert len(await spent(made)) == 3
