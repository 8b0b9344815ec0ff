"""Examining a member: what is shown can be had, what is missing is counted, and nothing is changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connector.redeeming.examining import examine_member
from connector.storage.atomic import atomic
from connector.storage.models import ProgrammePause
from connector.storage.session import Session
from loyalty_engine.errors import Refused
from tests.connector.rewarding import ALL, RewardShop, a_cart, reward_shop


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    async with reward_shop(prepared_database_url) as made:
        yield made


async def examined(shop: RewardShop, **changes: Any) -> dict[str, Any]:
    connection = shop.front.connection.number
    pipeline, programme = shop.front.pipeline, shop.front.programme
    asked: dict[str, Any] = {"connection_number": connection, "reported": frozenset({"review"})} | changes
    return await examine_member(pipeline, programme, shop.member, **asked)


def obstacles(found: dict[str, Any]) -> dict[str, list[str]]:
    return {reward["reward"]: [one["code"] for one in reward["obstacles"]] for reward in found["rewards"]}


async def test_each_reward_is_there_or_says_why_not(shop: RewardShop) -> None:
    found = await examined(shop, cart=a_cart(2_999))
    assert (found["available"], found["held"], found["owed"]) == (1_000, 0, 0)
    assert obstacles(found) == {
        "five": [],
        "mug": [],
        "once": [],
        "big": ["order-too-small"],
        "credit": ["not-in-this-store"],
        "tour": [],
        "short": [],
    }
    assert [(one["about"], one["points"]) for one in found["earn"]] == [("cart", 29)]


async def test_what_was_redeemed_counts_and_what_is_missing_is_named(shop: RewardShop) -> None:
    await shop.redeem("five", "k1")
    await shop.redeem("once", "k2")
    await shop.redeem("tour", "k3")
    found = await examined(shop)
    assert found["available"] == 300
    assert obstacles(found)["once"] == ["reward-limit-reached"]
    assert found["next_reward"] == {"reward": "five", "missing_points": 200}


async def test_an_empty_shelf_is_seen(shop: RewardShop) -> None:
    for number in range(3):
        await shop.redeem("mug", f"k{number}")
    assert obstacles(await examined(shop))["mug"] == ["out-of-stock"]


async def test_a_held_cart_shows_its_points_as_held(shop: RewardShop) -> None:
    await shop.redeem(holds=True, cart=a_cart())
    found = await examined(shop)
    assert (found["available"], found["held"]) == (500, 500)


async def test_a_pause_stops_redeeming_and_is_shown(shop: RewardShop) -> None:
    async def pause(session: Session) -> None:
        await ProgrammePause.create(
            using_db=session.client, programme_number=shop.front.programme, begins_at=shop.front.clock(), actor="Ada"
        )

    await atomic(shop.front.database, pause)
    found = await examined(shop)
    assert found["paused"] and obstacles(found)["five"] == ["redeeming-paused"]
    with pytest.raises(Refused, match="redeeming-paused"):
        await shop.redeem()


async def test_examining_changes_nothing(shop: RewardShop) -> None:
    first = await examined(shop, cart=a_cart())
    assert await examined(shop, cart=a_cart()) == first
    assert await shop.spent() == []
    for table in ("redemption", "booking", "voucher", "reward_stock", "cap_grant"):
        assert await shop.front.number(f"SELECT count(*) FROM {table}") == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"connection_number": 99}, "store-unknown"), ({"member_id": "f" * 32}, "member-unknown")],
)
async def test_strangers_are_refused(shop: RewardShop, changes: dict[str, Any], code: str) -> None:
    asked = {"member_id": shop.member, "reported": frozenset(), **changes}
    with pytest.raises(Refused, match=code):
        await examine_member(shop.front.pipeline, shop.front.programme, **asked)


async def test_what_nothing_reports_is_not_offered(prepared_database_url: str) -> None:
    points = {**ALL["points"], "actions": {"review": {"points": 50}, "survey": {"points": 20}}}
    async with reward_shop(prepared_database_url, document={**ALL, "points": points}) as made:
        found = await examined(made)
        assert [(one["about"], one["points"]) for one in found["earn"]] == [("review", 50)]
        assert (await examined(made, reported=frozenset()))["earn"] == []
