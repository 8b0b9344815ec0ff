"""Months in the life of two shops, told badly: what both show in the end is the truth."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.clock import utc_now
from connector.sandbox.courier import CourierSettings
from connector.sandbox.world import Plan, Player, schedule
from connector.verify import verify
from tests.journeys.world import World, simulated, world
from tests.second_connection import run_apart

BAD_POST = CourierSettings(duplicate_percent=20, reorder_percent=30, loss_percent=15, delay_seconds=(0, 600))
SHOPPERS = 8


async def live_through(told: World, seed: int, burst: int = 20) -> int:
    """Everything on both shops' schedules, with deliveries in between; returns how many deeds were done."""
    done = 0
    for platform in told.connections:
        shop = told.shop(platform)
        player = Player(shop)
        plan = schedule(seed, Plan(platform, SHOPPERS, 5), utc_now())
        for start in range(0, len(plan), burst):
            done += sum(player.do(action) for action in plan[start : start + burst])
            await told.deliver()
    return done


@pytest.mark.parametrize("seed", [1])
async def test_after_months_of_bad_post_and_one_reconcile_both_shops_show_the_truth(
    prepared_database_url: str, tmp_path: Path, seed: int
) -> None:
    """G1, G31."""
    async with world(prepared_database_url, tmp_path, simulated(seed, BAD_POST)) as told:
        assert await live_through(told, seed) > 90
        await told.reconcile()
        await told.assert_true()
        assert (await verify(told.service.database, told.service.keys)).ok

        entries = await told.number("SELECT count(*) FROM entry")
        wanted = await told.number("SELECT CAST(sum(wanted) AS BIGINT) FROM push")
        assert entries > 40
        await told.reconcile()
        run_apart(prepared_database_url, "UPDATE delivery SET state = 0")
        await told.settle()
        assert await told.number("SELECT count(*) FROM entry") == entries
        assert await told.number("SELECT CAST(sum(wanted) AS BIGINT) FROM push") == wanted
        await told.assert_true()


async def test_with_good_post_nothing_needs_to_be_reconciled_but_what_shops_never_tell(
    prepared_database_url: str, tmp_path: Path
) -> None:
    async with world(prepared_database_url, tmp_path, simulated(3)) as told:
        silent = {"delete", "delete_refund"}
        for platform in told.connections:
            player = Player(told.shop(platform))
            for action in schedule(3, Plan(platform, SHOPPERS, 5), utc_now()):
                if action.kind not in silent:
                    player.do(action)
                    await told.shop(platform).courier.drain()
            await told.settle()
        await told.assert_true()
        assert await told.number("SELECT count(*) FROM delivery WHERE state = 2") == 0
