"""However many codes a shopper has, points never pay more than their share of one order: over the shops' protocols."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from connector.redeeming import redemptions
from connector.redeeming.redemptions import Wish
from connector.sandbox.coupons import CouponRefused
from connector.sandbox.records import Order
from connector.sandbox.shop import Basket
from tests.journeys.test_vouchers import PLATFORMS, shopper
from tests.journeys.world import CIRCLE, World, simulated, world

REWARDS = [
    {"id": "ten", "kind": "amount", "points": 100, "value": "10.00", "stacks": True},
    {"id": "ship", "kind": "free_shipping", "points": 100, "stacks": True},
]


def giving(share: str) -> dict[str, Any]:
    points = {"earn": {"rates": {"EUR": "10"}, "pending_days": 0}, "redeem": {"max_share": share}}
    return {**CIRCLE, "points": points, "rewards": REWARDS}


async def codes(made: World, platform: str, member: str, rewards: Sequence[str]) -> list[str]:
    connection = made.connections[platform]
    found = [
        await redemptions.redeem(
            made.service.pipeline,
            Wish(connection.programme_number, member, reward, connection.number, f"k{place}"),
        )
        for place, reward in enumerate(rewards)
    ]
    await made.settle()
    return [one["code"] for one in found]


def buy(made: World, platform: str, customer: int, *vouchers: str) -> Order:
    """The first product, 24.90."""
    shop = made.shop(platform)
    first, *more = vouchers
    basket = Basket([(next(iter(shop.truth.products)), 1)], shipping_minor=490, voucher=first, more_vouchers=more)
    return shop.place_order(customer, basket)


async def states(made: World) -> list[str]:
    rows = await made.service.database.reading().rows("SELECT redemption_state FROM redemption ORDER BY 1")
    return [row["redemption_state"] for row in rows]


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_two_codes_never_pay_more_than_the_share(
    prepared_database_url: str, tmp_path: Path, platform: str
) -> None:
    """Each alone pays 10.00 of 24.90, within the half; together they would pay 20.00."""
    async with world(prepared_database_url, tmp_path, simulated(), document=giving("0.5")) as made:
        customer, member = await shopper(made, platform)
        first, second = await codes(made, platform, member, ["ten", "ten"])
        with pytest.raises(CouponRefused, match="does not combine"):
            buy(made, platform, customer, first, second)
        assert made.shop(platform).coupons.by_id and await states(made) == ["issued", "issued"]
        order = buy(made, platform, customer, first)
        assert sum(line.discount_minor for line in order.lines) == 1_000
        buy(made, platform, customer, second)
        await made.deliver()
        assert await states(made) == ["used", "used"]


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_where_points_may_pay_everything_stacking_codes_go_together(
    prepared_database_url: str, tmp_path: Path, platform: str
) -> None:
    async with world(prepared_database_url, tmp_path, simulated(), document=giving("1")) as made:
        customer, member = await shopper(made, platform)
        order = buy(made, platform, customer, *await codes(made, platform, member, ["ten", "ten"]))
        assert sum(line.discount_minor for line in order.lines) == 2_000
        await made.deliver()
        assert await states(made) == ["used", "used"]


@pytest.mark.parametrize(("platform", "goes_together"), [("shopify", True), ("woocommerce", False)])
async def test_free_shipping_stands_beside_money_off_where_the_shop_can_tell_them_apart(
    prepared_database_url: str, tmp_path: Path, platform: str, goes_together: bool
) -> None:
    async with world(prepared_database_url, tmp_path, simulated(), document=giving("0.5")) as made:
        customer, member = await shopper(made, platform)
        found = await codes(made, platform, member, ["ten", "ship"])
        if goes_together:
            order = buy(made, platform, customer, *found)
            assert (order.shipping_net_minor, sum(line.discount_minor for line in order.lines)) == (0, 1_000)
        else:
            with pytest.raises(CouponRefused, match="does not combine"):
                buy(made, platform, customer, *found)
