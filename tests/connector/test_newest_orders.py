"""The newest orders of a simulated shop of either platform: newest first, and no page more than is looked at."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta

import pytest

from connector.api_client import Answer, ApiClient, Call
from tests.connector.shopify import test_with_sandbox as shopify
from tests.connector.woocommerce import test_with_sandbox as woocommerce

WORLDS: dict[str, Callable[[], shopify.World | woocommerce.World]] = {
    "shopify": shopify.make_world,
    "woocommerce": woocommerce.make_world,
}


@pytest.mark.parametrize("platform", sorted(WORLDS))
async def test_the_newest_orders_come_first_and_old_ones_not_at_all(platform: str) -> None:
    world = WORLDS[platform]()
    ids = []
    for _ in range(150):
        world.time.at += 1
        ids.append(world.place())
    since = world.time.now() - timedelta(seconds=129)
    found = [int(one.key.object_id) async for one in world.client.newest_orders(since)]
    assert found == ids[:19:-1]


@pytest.mark.parametrize("platform", sorted(WORLDS))
async def test_whoever_stops_early_asks_for_no_further_page(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = WORLDS[platform]()
    ids = []
    for _ in range(150):
        world.time.at += 1
        ids.append(world.place())
    await world.client.check()
    calls: list[Call] = []
    request = ApiClient.request

    async def counted(api: ApiClient, call: Call) -> Answer:
        calls.append(call)
        return await request(api, call)

    monkeypatch.setattr(ApiClient, "request", counted)
    found: list[int] = []
    async with aclosing(world.client.newest_orders(world.time.now() - timedelta(days=1))) as orders:
        async for one in orders:
            found.append(int(one.key.object_id))
            if len(found) == 51:
                break
    assert found == ids[:-52:-1]
    assert len(calls) == {"shopify": 2, "woocommerce": 1}[platform]
