"""Time has changed something of a member, and before the job comes that looks, something else is decided for them: the
job still finds it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, timedelta

import pytest

from connector.verify import verify
from tests.builders import KEYS
from tests.connector.ending import BY_STORE, END, ENDING, Shop, shop_of
from tests.second_connection import run_apart

ENDS = END.astimezone(UTC)


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[Shop]:
    async with shop_of(prepared_database_url, BY_STORE) as made:
        yield made


async def balance(shop: Shop) -> int:
    return await shop.front.points_of("7")


async def seen_and_over(shop: Shop) -> None:
    """The end was shown in time, and has come half a minute ago."""
    shop.front.clock.moment = ENDS - timedelta(days=8)
    assert [points for points, _ in await shop.look()] == [100]
    shop.front.clock.moment = ENDS + timedelta(seconds=30)


async def test_what_has_ended_is_written_off_though_something_was_decided_meanwhile(shop: Shop) -> None:
    """Defect seen (G4): with an order within the minute before the job, they stayed in the balance for ever."""
    await seen_and_over(shop)
    await shop.buys(2, 5_000)
    await shop.run_jobs()
    assert (await shop.front.entries())[-1][:2] == ("expire", -100)
    assert await balance(shop) == 50
    assert (await verify(shop.front.database, KEYS, now=shop.front.clock)).ok


async def test_a_reminder_that_is_due_is_given_though_something_was_decided_meanwhile(
    prepared_database_url: str,
) -> None:
    async with shop_of(prepared_database_url, ENDING) as shop:
        shop.front.clock.moment = ENDS - timedelta(days=30) + timedelta(seconds=30)
        await shop.buys(2, 5_000)
        await shop.run_jobs()
        assert [state for state, _ in await shop.notices()] == [1]


async def test_the_job_leaves_the_moment_that_is_next(shop: Shop) -> None:
    await seen_and_over(shop)
    await shop.buys(2, 5_000)
    await shop.run_jobs()
    (row,) = await shop.front.rows("SELECT next_change_at_us FROM balance")
    assert row["next_change_at_us"] > int(shop.front.clock().timestamp() * 1_000_000)


async def test_verify_sees_an_end_that_nobody_will_look_at(shop: Shop) -> None:
    await seen_and_over(shop)
    run_apart(shop.front.database.url, "UPDATE balance SET next_change_at_us = NULL")
    report = await verify(shop.front.database, KEYS, now=shop.front.clock)
    assert "next_change_at" in report.as_text() and len(report.differences) == 1
