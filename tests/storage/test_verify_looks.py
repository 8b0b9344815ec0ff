"""`belong verify` and members whom a version that has begun moves: nothing is asked of them before their review."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connector.people.actors import Actor
from connector.people.membership import set_status
from connector.programmes.passing_time import mark_members, review_due
from loyalty_engine.member import MemberStatus
from tests.builders import NOW, Shopfront, shopfront
from tests.connector.test_programme_commands import earning, order, publish
from tests.connector.test_withdrawing import climbing
from tests.storage.verify_world import change, checked, drop_guards, member_of

IDA = Actor("", "console", "Ida")
HOUR = timedelta(hours=1)
BEGINS = NOW + 24 * HOUR
BEFORE = {"first tiers": earning("1"), "a lower threshold": climbing(500)}


async def buy(front: Shopfront, *customers: int) -> None:
    """Each for 70 euros."""
    for customer in customers:
        await front.receive("order.updated", order(customer, customer, 7000, NOW - HOUR))


async def paths(front: Shopfront) -> list[tuple[str, Any, Any]]:
    """(member, expected, found) of every difference in a path."""
    found = (await checked(front)).differences
    assert {one.code for one in found} <= {"path", "seal"}
    return [(str(one.member_id), one.expected, one.found) for one in found if one.code == "path"]


async def take_from_path(front: Shopfront, customer: str) -> str:
    """Delete the tier that a customer reached, past every guard. Returns the member."""
    member_id = await member_of(front, customer)
    await drop_guards(front)
    await change(front, "DELETE FROM tier_change WHERE member_id = $1 AND cause = 'reached'", member_id)
    return member_id


@pytest.mark.parametrize("is_marked", [True, False])
@pytest.mark.parametrize("before", BEFORE)
async def test_nobody_is_accused_until_their_review_has_run(
    prepared_database_url: str, before: str, is_marked: bool
) -> None:
    """Defect seen: once a version had begun, everybody whom it moves up was reported until they were reviewed."""
    async with shopfront(prepared_database_url, document=BEFORE[before]) as front:
        await buy(front, 7)
        await publish(front, climbing(50), BEGINS)
        if is_marked:
            await mark_members(front.database)
        front.clock.moment = BEGINS + HOUR
        assert (await checked(front)).differences == []
        assert await review_due(front.pipeline) == 1
        rows = await front.rows("SELECT tier, cause FROM tier_change ORDER BY n")
        assert [(row["tier"], row["cause"]) for row in rows] == [("member", "joined"), ("gold", "reached")]
        assert (await checked(front)).differences == []
        member_id = await take_from_path(front, "7")
        assert await paths(front) == [(member_id, "gold", "member")]


async def test_of_members_who_are_marked_a_few_at_a_time_those_behind_are_spared(prepared_database_url: str) -> None:
    """And whoever was marked and reviewed is held to the rules, though the marks of others are still under way."""
    async with shopfront(prepared_database_url, document=climbing(500)) as front:
        await buy(front, 7, 8, 9)
        await publish(front, climbing(50), BEGINS)
        first, second, _ = await front.rows("SELECT shard, member_id FROM balance ORDER BY shard, member_id")
        here = f"{second['shard']}:{second['member_id']}"
        reviewed = "shard < $1 OR (shard = $1 AND member_id <= $2)"
        due = int(BEGINS.timestamp()) * 1_000_000
        await change(front, f"UPDATE balance SET next_review_at_us = $3 WHERE {reviewed}", *second.values(), due)
        await change(front, "UPDATE programme_version SET marks_after = $1 WHERE version = 2", here)
        front.clock.moment = BEGINS + HOUR
        assert (await checked(front)).differences == []
        # As it is once the first two were reviewed, but their tiers were written by nobody.
        later = due + 48 * 3_600_000_000
        await change(front, f"UPDATE balance SET next_review_at_us = $3 WHERE {reviewed}", *second.values(), later)
        expected = [(each["member_id"], "gold", "member") for each in (first, second)]
        assert sorted(await paths(front)) == sorted(expected)


async def test_whoever_is_blocked_stays_where_they_are_and_is_not_accused(prepared_database_url: str) -> None:
    """Defect seen: a review leaves them alone, so they were reported for as long as they were blocked."""
    async with shopfront(prepared_database_url, document=climbing(500)) as front:
        await buy(front, 7)
        member_id = await member_of(front, "7")
        await set_status(front.pipeline, front.programme, member_id, MemberStatus.BLOCKED, IDA, "abuse")
        await publish(front, climbing(50), BEGINS)
        front.clock.moment = BEGINS + HOUR
        await review_due(front.pipeline)
        assert await front.number("SELECT count(*) FROM tier_change WHERE cause = 'reached'") == 0
        assert (await checked(front)).differences == []
        await set_status(front.pipeline, front.programme, member_id, MemberStatus.ACTIVE, IDA, "was none")
        assert (await checked(front)).differences == []
