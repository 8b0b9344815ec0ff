"""What only mails tell is noted where it happens: joining, points that come in, a reward within reach, a friend."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from connector.ingest.pipeline import drain
from connector.people import referrals
from connector.people.actors import SYSTEM
from connector.people.adjusting import adjust_points
from connector.people.enrolling import enrol_member
from connector.people.signs import Shown
from connector.programmes.passing_time import pass_time
from connector.storage.atomic import atomic
from connector.storage.facts import Customer
from connector.storage.mail_settings import MailSettings, save_settings
from connector.storage.programmes import pause
from tests.builders import DOCUMENT, Shopfront
from tests.connector.rewarding import RewardShop, reward_shop

NEWS = {
    **DOCUMENT,
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 14}},
    "referral": {"referrer": 50, "friend": 30, "min_order": "30.00", "per_year": 2},
    "rewards": [
        {"id": "small", "kind": "perk", "points": 100, "name": "A tour"},
        {"id": "large", "kind": "perk", "points": 150, "name": "A long tour"},
        {"id": "rare", "kind": "perk", "points": 160, "stock": 1, "name": "A ride"},
        {"id": "far", "kind": "perk", "points": 5000, "name": "A voyage"},
    ],
}


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    """Customer 7 is a member and has bought for 10.00."""
    async with reward_shop(prepared_database_url, points=10, document=NEWS) as made:
        yield made


async def told(front: Shopfront, kind: str) -> list[dict[str, Any]]:
    rows = await front.rows("SELECT kind, body_text FROM notice ORDER BY at_us, notice_key")
    return [json.loads(row["body_text"]) for row in rows if row["kind"] == kind]


async def days(shop: RewardShop, count: int) -> None:
    shop.front.clock.forward(days=count)
    while await pass_time(shop.front.pipeline):
        pass


async def settings(shop: RewardShop, **switches: bool) -> None:
    named = {name.replace("_", "-"): is_on for name, is_on in switches.items()}
    await atomic(
        shop.front.database,
        lambda session: save_settings(session, shop.front.programme, MailSettings(switches=named)),
    )


async def test_whoever_joins_is_welcomed_once(shop: RewardShop) -> None:
    assert await told(shop.front, "welcome") == [{}]
    await shop.order(2)
    assert await told(shop.front, "welcome") == [{}]


async def test_nobody_is_welcomed_who_joined_long_ago_or_while_nothing_runs(shop: RewardShop) -> None:
    front = shop.front

    async def join(ref: str, **more: Any) -> None:
        customer = Customer(front.programme, front.connection.number, ref)
        await enrol_member(front.pipeline, customer, SYSTEM, **more)

    await join("50", consent_at=front.clock() - timedelta(days=8))
    await join("51", greets=False)
    assert len(await told(front, "welcome")) == 1
    await join("52", consent_at=front.clock() - timedelta(days=1))
    assert len(await told(front, "welcome")) == 2
    await settings(shop, welcome=False)
    await join("53")
    await settings(shop)
    await atomic(front.database, lambda session: pause(session, front.programme, front.clock(), "ada"))
    await join("54")
    assert len(await told(front, "welcome")) == 2


async def test_points_are_told_of_only_where_the_programme_mails_them(shop: RewardShop) -> None:
    await shop.order(2, 2_000)
    assert await told(shop.front, "points-earned") == []
    await settings(shop, points_earned=True)
    await shop.order(3, 3_000)
    (one,) = await told(shop.front, "points-earned")
    assert (one["points"], one["order"]) == (30, "1042")
    assert one["matures_at"] > shop.front.clock().isoformat()
    await shop.order(3, 3_000)
    assert len(await told(shop.front, "points-earned")) == 1


async def test_a_reward_is_told_of_when_its_points_can_be_spent(shop: RewardShop) -> None:
    await shop.order(2, 15_000)
    assert await told(shop.front, "reward-ready") == [], "they are pending"
    await days(shop, 15)
    assert await told(shop.front, "reward-ready") == [{"reward": "large"}], "the dearest alone, and none with a stock"
    await days(shop, 1)
    await shop.order(3, 1_000)
    await days(shop, 15)
    assert len(await told(shop.front, "reward-ready")) == 1


async def test_points_that_a_person_gave_are_no_news_of_a_reward(shop: RewardShop) -> None:
    await adjust_points(shop.front.pipeline, shop.front.programme, shop.member, 120, "a1", SYSTEM, "sorry")
    assert await told(shop.front, "reward-ready") == []


async def test_whoever_invited_hears_that_the_friend_ordered_and_both_that_they_are_paid(shop: RewardShop) -> None:
    front = shop.front
    await front.receive("customer.created", b'{"id": 9, "email": "c9@example.test"}')
    [row] = await front.rows("SELECT member_id FROM identity WHERE customer_ref = '9'")
    ada, bob = Shown(address="ada@example.test", device="1"), Shown(address="bob@example.test", device="2")
    code = await referrals.own_code(front.pipeline, front.programme, shop.member, ada)
    await referrals.register_friend(front.pipeline, front.programme, row["member_id"], code, bob)
    await shop.order(5, 4_000, customer=9)
    for _ in range(2):
        await referrals.settle_referrals(front.pipeline)
        assert await told(front, "referral-ordered") == [{}]
    await days(shop, 15)
    await referrals.settle_referrals(front.pipeline)
    await drain(front.pipeline)
    ((paid,), (friend,)) = await told(front, "referral-paid"), await told(front, "referral-friend")
    assert (paid["points"], friend["points"]) == (50, 30)
