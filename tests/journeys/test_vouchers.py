"""From points to a code in the shop, to an order that used it, and back: over the shops' real protocols."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connector.people.actors import SHOPPER
from connector.redeeming import redemptions
from connector.redeeming.redemptions import Wish
from connector.sandbox.coupons import CouponRefused
from connector.sandbox.records import Order
from connector.sandbox.shop import Basket
from loyalty_engine.errors import Refused
from tests.connector.rewarding import a_cart
from tests.journeys.world import CIRCLE, World, simulated, world

GIVING = {
    **CIRCLE,
    "points": {"earn": {"rates": {"EUR": "10"}, "pending_days": 0}},
    "rewards": [{"id": "five", "kind": "amount", "points": 500, "value": "5.00", "min_order": "20.00"}],
}
PLATFORMS = ["shopify", "woocommerce"]


@pytest.fixture
async def made(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated(), document=GIVING) as running:
        yield running


async def shopper(made: World, platform: str) -> tuple[int, str]:
    """(customer, member) of somebody who has bought for 99.60."""
    shop = made.shop(platform)
    customer = shop.register_customer("ada@example.test", "Ada", "Lovelace").id
    shop.place_order(customer, Basket([(next(iter(shop.truth.products)), 4)]))
    await made.deliver()
    [row] = await made.service.database.reading().rows(
        "SELECT member_id FROM identity WHERE connection_number = $1 AND customer_ref = $2",
        made.connections[platform].number,
        str(customer),
    )
    return customer, row["member_id"]


def wish(made: World, platform: str, member: str, **changes: Any) -> Wish:
    connection = made.connections[platform]
    return Wish(connection.programme_number, member, "five", connection.number, "k1", **changes)


def buy(made: World, platform: str, customer: int, code: str, product: int = 0) -> Order:
    shop = made.shop(platform)
    return shop.place_order(customer, Basket([(list(shop.truth.products)[product], 1)], voucher=code))


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_refund_of_a_points_paid_order_never_debits_again(made: World, platform: str) -> None:
    """C05: redeem, pay, refund everything: the totals are those before the order."""
    customer, member = await shopper(made, platform)
    before = (await made.ledger(platform))[customer]
    pipeline = made.service.pipeline
    redeemed = await redemptions.redeem(pipeline, wish(made, platform, member))
    await made.settle()
    assert (await made.ledger(platform))[customer] == before - 500
    order = buy(made, platform, customer, redeemed["code"])
    await made.deliver()
    number = made.connections[platform].programme_number
    used = await redemptions.show(pipeline, number, member, redeemed["redemption"])
    assert (used["state"], used["order_ref"].rpartition(":")[2], used["late"]) == ("used", str(order.id), False)
    made.shop(platform).refund_all(order.id)
    await made.deliver()
    assert (await made.ledger(platform))[customer] == before
    await made.reconcile()
    assert (await made.ledger(platform))[customer] == before


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_code_that_the_checkout_rejects_stays_worth_its_points(made: World, platform: str) -> None:
    """C21: an order that is too small takes no points; the code is for another one, or is called off."""
    customer, member = await shopper(made, platform)
    before = (await made.ledger(platform))[customer]
    pipeline, number = made.service.pipeline, made.connections[platform].programme_number
    with pytest.raises(Refused, match="order-too-small"):
        await redemptions.redeem(pipeline, wish(made, platform, member, cart=a_cart(1_250)))
    assert (await made.ledger(platform))[customer] == before
    redeemed = await redemptions.redeem(pipeline, wish(made, platform, member))
    await made.settle()
    with pytest.raises(CouponRefused, match="needs an order"):
        buy(made, platform, customer, redeemed["code"], product=1)
    await redemptions.cancel(pipeline, number, member, redeemed["redemption"], "rejected", SHOPPER)
    await made.settle()
    assert (await made.ledger(platform))[customer] == before
    with pytest.raises(CouponRefused):
        buy(made, platform, customer, redeemed["code"])


async def test_points_of_one_shop_buy_in_the_other(made: World) -> None:
    """The voucher is for the store that it was asked for, and for no other."""
    customer, member = await shopper(made, "woocommerce")
    with pytest.raises(Refused, match="no-account-in-store"):
        await redemptions.redeem(made.service.pipeline, wish(made, "shopify", member))
    redeemed = await redemptions.redeem(made.service.pipeline, wish(made, "woocommerce", member))
    await made.settle()
    assert made.shop("woocommerce").coupons.find(redeemed["code"]) is not None
    assert made.shop("shopify").coupons.find(redeemed["code"]) is None
