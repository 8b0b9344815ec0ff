"""What gift cards and store credit pay earns nothing, in both shops, and refunds reckon with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector.sandbox.shop import Basket
from tests.journeys.world import World, simulated, world

SHELF_MINOR = 7900
"""A hand grinder, with tax: 66.39 net."""


@pytest.fixture
async def made(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated()) as running:
        yield running


@pytest.mark.parametrize(
    ("platform", "tender"),
    [
        ("shopify", "gift_card"),
        ("shopify", "shopify_store_credit"),
        ("woocommerce", "gift_cards"),
        ("woocommerce", "yith"),
        ("woocommerce", "wallet"),
        ("woocommerce", "funds"),
        ("woocommerce", "unheard_of"),
    ],
)
async def test_only_what_money_paid_earns(made: World, platform: str, tender: str) -> None:
    shop = made.shop(platform)
    customer = shop.register_customer("ada@example.test", "Ada", "Example").id
    grinder = list(shop.truth.products)[2]
    order = shop.place_order(customer, Basket([(grinder, 1)], tender=((tender, 3000),)))
    await made.deliver()
    net = order.lines[0].net_minor
    assert net in (6639, 6638)
    earned = net * (SHELF_MINOR - 3000) // SHELF_MINOR // 100
    assert (await made.ledger(platform))[customer] == earned == 41
    assert made.shown(platform)[customer] == earned

    # The same once more, read instead of told. Shopify's webhook does not say how much such tender paid: what it gave
    # before the order was read was taken back.
    await made.reconcile()
    entries = await made.order_entries(platform, order.id)
    assert sum(points for _, points in entries) == earned
    assert platform == "shopify" or entries == [("earn", earned)]

    shop.refund_all(order.id)
    await made.deliver()
    assert (await made.ledger(platform))[customer] == 0


async def test_an_order_that_store_credit_paid_as_a_whole_earns_nothing(made: World) -> None:
    shop = made.shop("woocommerce")
    customer = shop.register_customer("ada@example.test", "Ada", "Example").id
    order = shop.place_order(customer, Basket([(list(shop.truth.products)[2], 1)], gateway="wallet"))
    await made.deliver()
    assert (await made.ledger("woocommerce")) == {customer: 0}
    assert await made.order_entries("woocommerce", order.id) == []
