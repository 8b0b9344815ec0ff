"""What is shown of an order's place is what is known now: before it is paid, and long after it waited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector import clock
from connector.access.auth import READ_MEMBERS, create_api_key
from connector.redeeming.examining import examine_member
from connector.shopify.client import SCOPES
from connector.storage.atomic import atomic
from connector.storage.session import Session
from tests.connector.rewarding import a_cart
from tests.journeys.awaiting import BONUS, FIRST, begin, buys, extra_of, joins, read, ref_of, settle
from tests.journeys.world import World, simulated, world

PLATFORMS = ["shopify", "woocommerce"]


@pytest.fixture
async def told(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated(), hooked=False, document=FIRST) as made:
        yield made


async def member_of(made: World, platform: str, customer_id: int) -> str:
    rows = await made.service.database.reading().rows(
        "SELECT member_id FROM identity WHERE connection_number = $1 AND customer_ref = $2",
        made.connections[platform].number,
        str(customer_id),
    )
    member_id: str = rows[0]["member_id"]
    return member_id


async def quoted(made: World, platform: str, customer_id: int) -> tuple[int, list[str]]:
    """What a cart of 10.00 would earn, and why rules would not fire."""
    programme = made.connections[platform].programme_number
    member_id = await member_of(made, platform, customer_id)
    found = await examine_member(made.service.pipeline, programme, member_id, cart=a_cart(1_000), reported=frozenset())
    (earn,) = found["earn"]
    return earn["points"], [missed["code"] for missed in earn["rules"]]


async def explained(made: World, platform: str, order_id: int, language: str = "en") -> list[str]:
    """Why rules did not fire on an order, as its first entry is explained now."""
    number = made.connections[platform].programme_number
    now = clock.utc_now()

    async def key(session: Session) -> str:
        return await create_api_key(session, number, "desk", now, frozenset({READ_MEMBERS}), "kim@shop.example")

    token = await atomic(made.service.database, key)
    rows = await made.service.database.reading().rows(
        "SELECT member_id, n FROM entry WHERE source_ref = $1 ORDER BY n", ref_of(made, platform, order_id)
    )
    http = made.shop(platform).courier.http
    assert isinstance(http, httpx.AsyncClient)
    answer = await http.get(
        f"https://belong.example.com/v1/entries/{rows[0]['member_id']}.{rows[0]['n']}/explain?language={language}",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    steps = [step["text"] for step in shown["calculation"] if step["kind"] == "not-fired"]
    assert all(any(why in step for step in steps) for why in shown["not_fired"])
    return list(shown["not_fired"])


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_cart_of_who_bought_before_is_promised_no_first_order(told: World, platform: str) -> None:
    old = joins(told, platform, "olga")
    buys(told, platform, old, days_ago=300)
    await told.ensure_webhooks(platform)
    await begin(told, platform)
    with told.shop(platform).at(clock.utc_now()):
        newest = told.shop(platform).register_customer("uwe@example.test", "Uwe", "X").id
    await told.deliver()
    assert await quoted(told, platform, newest) == (10, ["awaiting-history"])
    await read(told)
    assert await quoted(told, platform, newest) == (10 + BONUS, [])
    assert await quoted(told, platform, old) == (10, ["condition-first_order"])
    order_id = buys(told, platform, newest)
    await told.deliver()
    await settle(told)
    assert await extra_of(told, platform, order_id) == BONUS
    assert await quoted(told, platform, newest) == (10, ["condition-first_order"])


async def test_a_cart_is_promised_nothing_that_a_hidden_past_may_take_away(
    prepared_database_url: str, tmp_path: Path
) -> None:
    async with world(prepared_database_url, tmp_path, simulated(scopes=SCOPES), hooked=False, document=FIRST) as made:
        await made.ensure_webhooks("shopify")
        await begin(made, "shopify")
        await read(made)
        with made.shops.shopify.at(clock.utc_now()):
            newest = made.shops.shopify.register_customer("uwe@example.test", "Uwe", "X").id
        await made.deliver()
        assert await quoted(made, "shopify", newest) == (10, ["awaiting-history"])


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_an_entry_does_not_say_for_ever_that_its_order_waits(told: World, platform: str) -> None:
    old = joins(told, platform, "olga")
    buys(told, platform, old, days_ago=300)
    await told.ensure_webhooks(platform)
    await begin(told, platform)
    order_id = buys(told, platform, old)
    await told.deliver()
    assert await explained(told, platform, order_id) == ["It waits until the shop's earlier orders have been read."]
    await read(told)
    assert await explained(told, platform, order_id) == [
        "It waited for the shop's earlier orders. This is order number 2."
    ]
    told_in = {language: await explained(told, platform, order_id, language) for language in ("de", "es", "zh-Hans")}
    assert all("2" in sentence for (sentence,) in told_in.values())


async def test_an_entry_says_that_nobody_can_know_where_nobody_can(told: World) -> None:
    old = joins(told, "woocommerce", "olga")
    await told.ensure_webhooks("woocommerce")
    await begin(told, "woocommerce", since_days=100)
    order_id = buys(told, "woocommerce", old)
    await told.deliver()
    await read(told)
    assert await explained(told, "woocommerce", order_id) == ["Nobody can know how many orders came before this one."]
