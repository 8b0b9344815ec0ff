"""A merchant's own workflows begin with what happens to members, if switched on, by every endpoint's outbox."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connector.delivering.endpoints import Registered, Which, register, try_out
from connector.delivering.flows import BADGE_AWARDED, POINTS_CHANGED, TIER_CHANGED, TRIGGERS
from connector.delivering.sending import PAUSES, send_due
from connector.errors import Permanent
from connector.people.actors import SYSTEM
from connector.sandbox.shopify import SimulatedShopify
from connector.storage.atomic import atomic
from connector.storage.messages import MessageState
from connector.storage.programmes import create_programme
from tests.builders import Clock
from tests.journeys.oracle import order_points
from tests.journeys.test_complaints import buy, when
from tests.journeys.world import CIRCLE, World, simulated, some_days_ago, world

HANDLES = {POINTS_CHANGED, TIER_CHANGED, BADGE_AWARDED}


@pytest.fixture
async def told(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated()) as made:
        yield made


def shopify(told: World) -> SimulatedShopify:
    shop = told.shop("shopify")
    assert isinstance(shop, SimulatedShopify)
    return shop


async def switch_on(told: World, *events: str, platform: str = "shopify") -> Registered:
    connection = told.connections[platform]
    url = f"shopify-flow:{connection.number}"
    return await register(told.service.sender, connection.programme_number, url, events, "", SYSTEM)


async def send(told: World) -> None:
    sender = told.service.sender
    while await send_due(sender) or sender._under_way:
        pass


async def messages(told: World) -> list[dict[str, Any]]:
    rows = await told.service.database.reading().rows(
        "SELECT topic, state, attempts, reason FROM webhook_message ORDER BY topic, message_id"
    )
    return [dict(row) for row in rows]


async def test_points_tiers_and_badges_begin_workflows_of_the_customer(told: World) -> None:
    shop = shopify(told)
    shop.flows.handles |= HANDLES
    await switch_on(told)
    ada, order = buy(shop)
    await told.deliver()
    await send(told)
    begun = dict(shop.flows.started)
    assert {payload["customer_id"] for _, payload in shop.flows.started} == {ada.id}
    earned = order_points(order)
    event = begun[POINTS_CHANGED].pop("event")
    assert begun[POINTS_CHANGED] == {"customer_id": ada.id, "kind": "earn", "points": earned, "balance": earned}
    assert event.startswith("msg_")
    assert {handle for handle, _ in shop.flows.started} <= HANDLES
    with shop.at(when(30)):
        shop.refund_all(order.id)
    await told.deliver()
    await send(told)
    assert shop.flows.started[-1][1]["points"] == -earned or shop.flows.started[-1][0] != POINTS_CHANGED
    assert {row["state"] for row in await messages(told)} == {MessageState.TAKEN}


async def test_nothing_begins_unless_the_merchant_switched_it_on(told: World) -> None:
    shop = shopify(told)
    shop.flows.handles |= HANDLES
    buy(shop)
    await told.deliver()
    await send(told)
    assert (shop.flows.started, await messages(told)) == ([], [])


async def test_a_trigger_that_was_not_deployed_is_tried_again_and_says_what_to_do(told: World) -> None:
    shop = shopify(told)
    made = await switch_on(told, "points.earned")
    buy(shop)
    await told.deliver()
    await send(told)
    [row] = await messages(told)
    assert (row["state"], row["attempts"]) == (MessageState.DUE, 1)
    assert "deploy the app with the extension belong-flow" in row["reason"]
    shop.flows.handles |= HANDLES
    sender = told.service.sender
    sender.now = Clock(sender.now() + PAUSES[-1])
    await send(told)
    assert [row["state"] for row in await messages(told)] == [MessageState.TAKEN]
    assert [handle for handle, _ in shop.flows.started] == [POINTS_CHANGED]
    which = Which(made.endpoint.public_id, None, SYSTEM)
    assert (await try_out(sender, which)).is_taken


async def test_members_of_another_shop_of_the_programme_begin_nothing_here(told: World) -> None:
    shopify(told).flows.handles |= HANDLES
    await switch_on(told)
    buy(told.shop("woocommerce"))
    await told.deliver()
    await send(told)
    assert shopify(told).flows.started == []
    assert {row["state"] for row in await messages(told)} == {MessageState.TAKEN}


async def test_only_a_shopify_shop_of_the_programme_has_workflows_and_only_with_these_events(told: World) -> None:
    with pytest.raises(Permanent, match="Only a shop on Shopify"):
        await switch_on(told, platform="woocommerce")
    with pytest.raises(Permanent, match=r"No workflow begins with member\.left"):
        await switch_on(told, "member.left")
    other = await atomic(
        told.service.database, lambda session: create_programme(session, CIRCLE, some_days_ago(), some_days_ago())
    )
    with pytest.raises(Permanent, match="Only a shop on Shopify"):
        await register(told.service.sender, other, "shopify-flow:1", (), "", SYSTEM)
    assert await told.number("SELECT count(*) FROM webhook_endpoint") == 0


def test_every_trigger_is_in_the_extension_with_what_it_is_given() -> None:
    file = Path(__file__).parents[2] / "plugins" / "shopify" / "extensions" / "belong-flow" / "shopify.extension.toml"
    made = {one["handle"]: one for one in tomllib.loads(file.read_text("utf-8"))["extensions"]}
    assert {one["type"] for one in made.values()} == {"flow_trigger"}
    given = {handle: {field.get("key") for field in one["settings"]["fields"]} - {None} for handle, one in made.items()}
    assert given == {handle: {*names, "event"} for handle, names in TRIGGERS.values()}
    for one in made.values():
        assert one["settings"]["fields"][0] == {"type": "customer_reference"}
