"""What gift cards and store credit pay earns nothing, in both shops, and refunds reckon with it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector import clock
from connector.ingest.awaited import TENDER_REASON, WAIT
from connector.sandbox.shop import Basket
from connector.sandbox.shopify import SimulatedShopify
from connector.storage.instants import instant
from connector.verify import verify
from tests.builders import KEYS
from tests.journeys.world import CIRCLE, World, simulated, world

SHELF_MINOR = 7900
"""A hand grinder, with tax: 66.39 net."""


@pytest.fixture
async def made(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated()) as running:
        yield running


def refuse_reading(shop: SimulatedShopify) -> None:
    """The shop lets nobody in to its API until its ``grants.client_id`` is what it was; webhooks still come."""
    shop.grants.tokens.clear()
    shop.grants.client_id = "another app"


def stop_time(made: World, at: datetime) -> None:
    """Work and reading live at this moment."""
    made.service.pipeline.now = made.service.reconciler.now = lambda: at


async def rows(made: World, sql: str, *values: Any) -> list[dict[str, Any]]:
    return await made.service.database.reading().rows(sql, *values)


async def work_of(made: World) -> list[tuple[int, str | None]]:
    return [(row["state"], row["reason"]) for row in await rows(made, "SELECT state, reason FROM work")]


async def notes_of(made: World, order_id: int) -> list[list[str]]:
    """What the entries of an order remark, in their order."""
    found = await rows(
        made,
        "SELECT x.body_text FROM explanation x JOIN entry e ON e.shard = x.shard AND e.member_id = x.member_id "
        "AND e.n = x.n WHERE e.source_ref LIKE $1 ORDER BY e.n",
        f"%:order:{order_id}",
    )
    return [json.loads(row["body_text"])["notes"] for row in found]


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

    # The same once more, read instead of told; and nothing was ever given that was taken back.
    await made.reconcile()
    assert await made.order_entries(platform, order.id) == [("earn", earned)]

    shop.refund_all(order.id)
    await made.deliver()
    assert (await made.ledger(platform))[customer] == 0


async def test_an_order_whose_gift_card_cannot_be_read_waits_and_not_for_long(made: World) -> None:
    """Shopify's webhook does not say how much such tender paid: points that are taken back a minute later confuse."""
    began = clock.utc_now()
    stop_time(made, began)
    shop = made.shops.shopify
    customer = shop.register_customer("ada@example.test", "Ada", "Example").id
    other = shop.register_customer("bob@example.test", "Bob", "Example").id
    grinder = list(shop.truth.products)[2]
    refuse_reading(shop)
    order = shop.place_order(customer, Basket([(grinder, 1)], tender=(("gift_card", 3000),)))
    paid = shop.place_order(other, Basket([(grinder, 1)]))
    full = order.lines[0].net_minor // 100
    await made.deliver()
    assert await made.ledger("shopify") == {customer: 0, other: full}
    assert await work_of(made) == [(1, TENDER_REASON)]

    # It is wished since Shopify told of the tender, by the clock of whoever received that.
    began = max(instant(row["wished_at_us"]) for row in await rows(made, "SELECT wished_at_us FROM read_wish"))
    stop_time(made, began + WAIT - timedelta(microseconds=1))
    await made.settle()
    assert await made.order_entries("shopify", order.id) == []
    assert await work_of(made) == [(1, TENDER_REASON)]

    stop_time(made, began + WAIT)
    await made.settle()
    assert await made.order_entries("shopify", order.id) == [("earn", full)]
    assert await work_of(made) == []
    assert await notes_of(made, order.id) == [["tender-unknown"]]
    assert await notes_of(made, paid.id) == [[]]

    # Once the shop can be asked again, the order is put right.
    shop.grants.client_id = shop.client_id
    stop_time(made, began + WAIT + timedelta(hours=7))
    await made.settle()
    assert [kind for kind, _ in await made.order_entries("shopify", order.id)] == ["earn", "clawback"]
    assert (await made.ledger("shopify"))[customer] == 41
    report = await verify(made.service.database, KEYS)
    assert report.differences == []


async def test_where_gift_cards_earn_nothing_waits_for_them(prepared_database_url: str, tmp_path: Path) -> None:
    earn = {**CIRCLE["points"]["earn"], "exclude": []}
    document = {**CIRCLE, "points": {**CIRCLE["points"], "earn": earn}}
    async with world(prepared_database_url, tmp_path, simulated(), document=document) as made:
        shop = made.shops.shopify
        customer = shop.register_customer("ada@example.test", "Ada", "Example").id
        refuse_reading(shop)
        order = shop.place_order(customer, Basket([(list(shop.truth.products)[2], 1)], tender=(("gift_card", 3000),)))
        await made.deliver()
        assert (await made.ledger("shopify"))[customer] == order.lines[0].net_minor // 100
        assert await notes_of(made, order.id) == [[]]


async def test_an_order_that_store_credit_paid_as_a_whole_earns_nothing(made: World) -> None:
    shop = made.shop("woocommerce")
    customer = shop.register_customer("ada@example.test", "Ada", "Example").id
    order = shop.place_order(customer, Basket([(list(shop.truth.products)[2], 1)], gateway="wallet"))
    await made.deliver()
    assert (await made.ledger("woocommerce")) == {customer: 0}
    assert await made.order_entries("woocommerce", order.id) == []
