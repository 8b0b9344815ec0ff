"""Time has changed something of a member, and before the job comes that looks, something else is decided for them: the
job still finds it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from importlib import import_module
from typing import NoReturn

import pytest

from connector.people.act import Acting, act
from connector.programmes import passing_time
from connector.storage.instants import micros
from connector.verify import verify
from loyalty_engine.commands import adjust
from loyalty_engine.decision import Decision
from tests.builders import KEYS
from tests.connector.ending import BY_STORE, END, ENDING, Shop, shop_of
from tests.connector.test_pausing import pause_now, resume_now
from tests.second_connection import run_apart

ENDS = END.astimezone(UTC)


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[Shop]:
    async with shop_of(prepared_database_url, BY_STORE) as made:
        yield made


async def balance(shop: Shop) -> int:
    return await shop.front.points_of("7")


async def next_look(shop: Shop) -> int | None:
    (row,) = await shop.front.rows("SELECT next_change_at_us FROM balance")
    at: int | None = row["next_change_at_us"]
    return at


def set_next_look(shop: Shop, later: timedelta | None) -> None:
    at = "NULL" if later is None else micros(shop.front.clock() + later)
    run_apart(shop.front.database.url, f"UPDATE balance SET next_change_at_us = {at}")


async def a_failing_turn(shop: Shop) -> None:
    """The job comes, fails, and puts the member off for an hour."""

    def fails(*_: object) -> NoReturn:
        raise ValueError("once")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passing_time, "expire_lots", fails)
        await shop.run_jobs()
    assert await next_look(shop) == micros(shop.front.clock() + timedelta(hours=1))


async def is_right(shop: Shop) -> bool:
    return (await verify(shop.front.database, KEYS, now=shop.front.clock)).ok


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
    assert await is_right(shop)


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
    assert (await next_look(shop) or 0) > micros(shop.front.clock())


async def test_what_was_put_off_is_written_off_though_something_was_decided_meanwhile(shop: Shop) -> None:
    """Defect seen: a moment that was put off had not passed, and the next decision wrote over it."""
    await seen_and_over(shop)
    await a_failing_turn(shop)
    assert await is_right(shop)
    await shop.buys(2, 5_000)
    assert await is_right(shop)
    await shop.run_jobs()
    assert (await shop.front.entries())[-1][:2] == ("expire", -100)
    assert await balance(shop) == 50
    assert await is_right(shop)


async def test_a_reminder_that_was_put_off_is_given_though_something_was_decided_meanwhile(
    prepared_database_url: str,
) -> None:
    async with shop_of(prepared_database_url, ENDING) as shop:
        shop.front.clock.moment = ENDS - timedelta(days=30) + timedelta(seconds=30)
        await a_failing_turn(shop)
        await shop.buys(2, 5_000)
        await shop.run_jobs()
        assert await shop.notices() == []
        shop.front.clock.forward(hours=1)
        await shop.run_jobs()
        assert [state for state, _ in await shop.notices()] == [1]


LOST = [None, timedelta(days=40)]
"""No moment, or one long after the end: as a decision left it before what has ended stayed due."""


@pytest.mark.parametrize("later", LOST)
async def test_an_end_that_was_lost_sight_of_is_found_with_the_next_decision(
    shop: Shop, later: timedelta | None
) -> None:
    await seen_and_over(shop)
    set_next_look(shop, later)
    await shop.buys(2, 5_000)
    await shop.run_jobs()
    assert await balance(shop) == 50
    assert await is_right(shop)


@pytest.mark.parametrize("later", LOST)
async def test_an_end_that_was_lost_sight_of_is_found_by_an_upgrade(shop: Shop, later: timedelta | None) -> None:
    await seen_and_over(shop)
    set_next_look(shop, later)
    await shop.run_jobs()
    assert await balance(shop) == 100
    await upgrade_again(shop)
    assert await next_look(shop) == micros(ENDS)
    await shop.run_jobs()
    assert await balance(shop) == 0
    assert await is_right(shop)


async def test_an_upgrade_leaves_whoever_is_looked_at_in_time(shop: Shop) -> None:
    shop.front.clock.moment = ENDS - timedelta(days=8)
    await shop.look()
    before = await next_look(shop)
    await upgrade_again(shop)
    assert await next_look(shop) == before


async def upgrade_again(shop: Shop) -> None:
    for statement in import_module("connector.storage.migrations.0045_forgotten_ends").FORGOTTEN:
        run_apart(shop.front.database.url, statement)


async def test_a_pause_puts_off_what_ends_and_what_is_decided_in_it_takes_no_turn(shop: Shop) -> None:
    shop.front.clock.moment = ENDS - timedelta(days=8)
    await shop.look()
    shop.front.clock.moment = ENDS - timedelta(minutes=1)
    await pause_now(shop)
    shop.front.clock.moment = ENDS + timedelta(days=1)

    async def give(acting: Acting) -> Decision:
        return adjust(acting.member, 25, "g1", "merchant", "sorry", acting.rulebook, acting.moment)

    await act(shop.front.pipeline, shop.front.programme, shop.member, give, ["adjust:g1"])
    await shop.run_jobs()
    assert (await balance(shop), await is_right(shop)) == (125, True)
    await resume_now(shop)
    await shop.run_jobs()
    assert (await balance(shop), await is_right(shop)) == (125, True)
    shop.front.clock.forward(days=3)
    await shop.run_jobs()
    assert (await balance(shop), await is_right(shop)) == (25, True)


@pytest.mark.parametrize("later", [None, timedelta(hours=1, seconds=1), timedelta(days=40)])
async def test_verify_sees_an_end_that_nobody_will_look_at(shop: Shop, later: timedelta | None) -> None:
    await seen_and_over(shop)
    set_next_look(shop, later)
    report = await verify(shop.front.database, KEYS, now=shop.front.clock)
    assert "next_change_at" in report.as_text() and len(report.differences) == 1
    set_next_look(shop, timedelta(hours=1))
    assert await is_right(shop)
