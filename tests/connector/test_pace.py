"""How fast something may be done, exactly, over all processes, and without counting what was done before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from connector.redeeming.pace import OF_CALLER, OF_MEMBER
from connector.storage.atomic import atomic
from connector.storage.database import Database, close_database, open_database
from connector.storage.pace import KEPT_FOR, Pace, count_one, prune_paces
from loyalty_engine.errors import Refused
from tests.builders import NOW
from tests.connector.rewarding import ALL, RewardShop, reward_shop
from tests.second_connection import run_apart

PACE = Pace(3, timedelta(seconds=10))


@pytest.fixture
async def database(prepared_database_url: str) -> AsyncIterator[Database]:
    opened = await open_database(prepared_database_url)
    yield opened
    await close_database(opened)


async def count(database: Database, seconds: float = 0, scope: str = "a", pace: Pace = PACE) -> int:
    at = NOW + timedelta(seconds=seconds)
    return await atomic(database, lambda session: count_one(session, scope, pace, at))


async def test_so_many_at_once_and_then_one_at_a_time(database: Database) -> None:
    assert [await count(database) for _ in range(5)] == [0, 0, 0, 10, 10]
    assert await count(database, 9.999999) == 1
    assert [await count(database, 10) for _ in range(2)] == [0, 10]
    assert await count(database, scope="b") == 0
    assert [await count(database, 1_000) for _ in range(4)] == [0, 0, 0, 10]


async def test_of_many_at_once_no_more_get_through(database: Database) -> None:
    answers = await asyncio.gather(*(count(database) for _ in range(20)))
    assert sorted(answers) == [0, 0, 0, *[10] * 17]


async def test_rows_that_hold_nobody_up_are_forgotten(database: Database) -> None:
    await count(database)
    await count(database, scope="b", seconds=KEPT_FOR.total_seconds())
    later = NOW + KEPT_FOR + PACE.every
    assert await atomic(database, lambda session: prune_paces(session, later)) == 0
    later += timedelta(microseconds=1)
    assert await atomic(database, lambda session: prune_paces(session, later)) == 1


CHEAP = {**ALL, "rewards": [{"id": "five", "kind": "amount", "points": 10, "value": "0.10"}]}


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    async with reward_shop(prepared_database_url, document=CHEAP) as made:
        yield made


async def too_fast(shop: RewardShop, key: str, **more: Any) -> int:
    with pytest.raises(Refused) as refusal:
        await shop.redeem(key=key, **more)
    assert refusal.value.code == "too-fast"
    return int(refusal.value.numbers["retry_after_seconds"])


async def test_a_member_who_redeems_too_fast_is_refused_and_nothing_is_taken(shop: RewardShop) -> None:
    made = [await shop.redeem(key=f"k{n}") for n in range(OF_MEMBER.at_once)]
    before = await shop.balance()
    assert before == 1_000 - 10 * OF_MEMBER.at_once
    assert await too_fast(shop, "late") == 3
    assert await shop.balance() == before
    assert await shop.front.number("SELECT count(*) FROM redemption") == OF_MEMBER.at_once
    assert await shop.front.number("SELECT count(*) FROM idempotency WHERE idempotency_key = 'late'") == 0
    # What was answered is answered again, however fast.
    for _ in range(3):
        assert [await shop.redeem(key=f"k{n}") for n in (0, 5)] == [made[0], made[5]]
    shop.front.clock.forward(seconds=3)
    await shop.redeem(key="late")
    assert await shop.balance() == before - 10


async def test_an_answer_that_was_lost_is_given_again_without_counting(shop: RewardShop) -> None:
    """Its process died after the points were taken, and before the answer was kept."""
    for n in range(OF_MEMBER.at_once):
        await shop.redeem(key=f"k{n}")
    run_apart(shop.front.database.url, "DELETE FROM idempotency WHERE idempotency_key = 'k7'")
    again = await shop.redeem(key="k7")
    assert again["redemption"] == shop.wish(key="k7").redemption_id
    assert await shop.balance() == 1_000 - 10 * OF_MEMBER.at_once


async def test_of_a_storm_no_more_than_the_limit_get_through(shop: RewardShop) -> None:
    wishes = [shop.redeem(key=f"k{n}") for n in range(OF_MEMBER.at_once + 10)]
    answers = await asyncio.gather(*wishes, return_exceptions=True)
    refused = [one for one in answers if isinstance(one, Refused)]
    assert {one.code for one in refused} == {"too-fast"}
    assert len(refused) == 10
    assert await shop.balance() == 1_000 - 10 * OF_MEMBER.at_once


async def test_an_api_key_has_a_pace_over_all_its_members(shop: RewardShop) -> None:
    now = shop.front.clock()
    scope = f"{shop.front.programme}:redeem-by:bk_12345678"
    for _ in range(OF_CALLER.at_once):
        await atomic(shop.front.database, lambda session: count_one(session, scope, OF_CALLER, now))
    assert await too_fast(shop, "k1", caller="bk_12345678") == 1
    assert await shop.balance() == 1_000
    await shop.redeem(key="k1", caller="bk_87654321")
    assert await shop.balance() == 990
