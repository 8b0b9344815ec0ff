"""Tiers and badges follow what a decision changed in the same transaction, and what time changes when it is due."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from connector.ingest.pipeline import apply_deliveries, decide_work
from connector.programmes.passing_time import pass_time, review_due, review_unwatched
from connector.storage.atomic import atomic
from connector.storage.instants import instant_or_none
from connector.storage.programmes import pause, publish_version, resume
from connector.storage.session import Session
from tests.builders import DOCUMENT, Shopfront, shopfront
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import PaidBack, SoldLine, Story

CLIMBING: dict[str, Any] = {
    **DOCUMENT,
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}},
    "tiers_policy": {"window": "rolling", "window_months": 12, "keep_months": 12, "grace_days": 30},
    "tiers": [
        {"id": "member", "name": {"en": "Member"}},
        {"id": "gold", "name": {"en": "Gold"}, "qualify": {"spend": 100}, "multiplier": 2},
    ],
    "badges": [{"id": "regular", "name": {"en": "Regular"}, "rule": "orders >= 2"}],
}
START = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
async def front(prepared_database_url: str) -> AsyncIterator[Shopfront]:
    async with shopfront(prepared_database_url, document=CLIMBING) as made:
        made.clock.moment = START
        yield made


async def order(front: Shopfront, number: int, euros: int, back: int = 0) -> None:
    """Order ``number`` of customer 7, paid when it was first told; back: euros given back since."""
    refunds = (PaidBack(number, back * 100),) if back else ()
    story = Story((SoldLine(1, 1, euros * 100),), order_id=number, customer=7, refunds=refunds)
    paid = (START + timedelta(hours=number)).strftime("%Y-%m-%dT%H:%M:%S")
    changed = front.clock().strftime("%Y-%m-%dT%H:%M:%S")
    dates = {"date_paid_gmt": paid, "date_created_gmt": paid, "date_modified_gmt": changed}
    body = {**woocommerce_bodies.webhook_order(story), **dates}
    await front.receive("order.updated", json.dumps(body).encode())


async def path(front: Shopfront) -> list[tuple[str, str]]:
    rows = await front.rows("SELECT tier, cause FROM tier_change ORDER BY n")
    return [(row["tier"], row["cause"]) for row in rows]


async def badges(front: Shopfront) -> list[tuple[str, str]]:
    rows = await front.rows("SELECT badge, badge_state FROM badge_change ORDER BY n")
    return [(row["badge"], row["badge_state"]) for row in rows]


async def review_all(front: Shopfront) -> int:
    total = 0
    while count := await review_due(front.pipeline):
        total += count
    return total


async def test_a_tier_is_reached_with_the_order_that_reaches_it_and_multiplies_the_next_one(front: Shopfront) -> None:
    await order(front, 1, 99)
    assert ("gold", "reached") not in await path(front)
    front.clock.moment = START + timedelta(hours=1, minutes=30)
    await order(front, 1, 100)
    assert (await path(front))[-1] == ("gold", "reached")
    front.clock.forward(hours=3)
    await order(front, 4, 10)
    assert await front.points_of("7") == 100 + 20


async def test_a_badge_comes_with_the_order_that_earns_it_and_goes_with_its_refund(front: Shopfront) -> None:
    await order(front, 1, 10)
    assert await badges(front) == []
    await order(front, 2, 10)
    assert await badges(front) == [("regular", "awarded")]
    front.clock.forward(hours=5)
    await order(front, 2, 10, back=10)
    assert await badges(front) == [("regular", "awarded"), ("regular", "revoked")]
    assert await front.points_of("7") == 10


async def test_what_a_review_changes_is_told_to_the_store_and_noted(front: Shopfront) -> None:
    await order(front, 1, 100)
    kinds = {row["kind"] for row in await front.rows("SELECT kind FROM notice")}
    assert "tier-reached" in kinds
    assert await front.number("SELECT count(*) FROM push WHERE state = 0") == 1


async def test_a_refund_that_moves_no_point_takes_the_tier_and_is_told(prepared_database_url: str) -> None:
    flat = {
        **CLIMBING,
        "points": {"earn": {"pending_days": 0}},
        "rules": [{"id": "thanks", "on": "order", "per_unit": 1, "per_order": 10}],
    }
    async with shopfront(prepared_database_url, document=flat) as front:
        front.clock.moment = START + timedelta(hours=2)
        await order(front, 1, 300)
        assert await path(front) == [("member", "joined"), ("gold", "reached")]
        told = await front.number("SELECT wanted FROM push")
        front.clock.forward(hours=1)
        await order(front, 1, 300, back=250)
        assert await front.points_of("7") == 10
        assert [tier for tier, _ in await path(front)] == ["member", "gold", "member"]
        assert await front.number("SELECT wanted FROM push") > told


async def test_the_same_fact_again_reviews_nothing_anew(front: Shopfront) -> None:
    await order(front, 1, 100)
    before = (await path(front), await front.rows("SELECT * FROM notice"))
    for _ in range(3):
        await order(front, 1, 100)
    assert (await path(front), await front.rows("SELECT * FROM notice")) == before


async def next_look(front: Shopfront) -> datetime | None:
    (row,) = await front.rows("SELECT next_review_at_us FROM balance")
    return instant_or_none(row["next_review_at_us"])


async def test_time_alone_takes_a_tier_after_its_years_and_its_grace(front: Shopfront) -> None:
    """The year of the order, twelve months that the tier is kept, thirty days of grace."""
    await order(front, 1, 100)
    for days in (1, 364, 365 + 364, 365 + 365 + 28):
        front.clock.moment = START + timedelta(days=days)
        assert await review_all(front) == 1
        assert (await path(front))[-1] == ("gold", "reached")
    looks = 0
    while (due := await next_look(front)) is not None and (await path(front))[-1][0] == "gold":
        front.clock.moment = due - timedelta(seconds=1)
        assert await review_all(front) == 0
        before = await path(front)
        front.clock.moment = due
        assert await review_all(front) == 1
        looks += 1
        assert looks < 10
        if front.clock() < START + timedelta(days=365 + 365 + 29):
            assert await path(front) == before
    assert (await path(front))[-1] == ("member", "lost")
    assert front.clock() < START + timedelta(days=365 + 366 + 33)
    assert "tier-lost" in {row["kind"] for row in await front.rows("SELECT kind FROM notice")}


async def test_rules_that_change_later_are_looked_at_when_they_do(front: Shopfront) -> None:
    await order(front, 1, 100)
    later = START + timedelta(days=10)
    member, gold = CLIMBING["tiers"]
    top = {"id": "top", "name": {"en": "Top"}, "qualify": {"spend": 100}}
    easier = {**CLIMBING, "tiers": [member, {**gold, "qualify": {"spend": 50}}, top]}

    async def publish(session: Any) -> None:
        await publish_version(session, front.programme, easier, later, front.clock(), "operator")

    await atomic(front.database, publish)
    front.clock.moment = later - timedelta(seconds=1)
    assert (await review_all(front), await review_all(front)) == (1, 0), "the look of the day"
    assert ((await path(front))[-1], await next_look(front)) == (("gold", "reached"), later)
    front.clock.moment = later
    assert await review_all(front) == 1
    assert (await path(front))[-1] == ("top", "reached")


async def test_in_a_paused_programme_facts_wait_and_nothing_is_reviewed(front: Shopfront) -> None:
    number = front.programme
    await atomic(front.database, lambda session: pause(session, number, front.clock(), "operator"))
    await order(front, 1, 100)
    assert (await front.entries(), await path(front)) == ([], [])
    assert (await apply_deliveries(front.pipeline), await decide_work(front.pipeline)) == (0, 0)
    assert await front.number("SELECT count(*) FROM work WHERE state = 0") == 1
    assert (await review_due(front.pipeline), await pass_time(front.pipeline)) == (0, 0)
    await atomic(front.database, lambda session: resume(session, number, front.clock(), "operator"))
    assert await decide_work(front.pipeline) == 1
    assert (await front.points_of("7"), (await path(front))[-1][0]) == (100, "gold")


@pytest.mark.parametrize(("scales", "orders_needed"), [(False, 10), (True, 3)])
async def test_levels_ask_less_while_a_community_is_small(
    prepared_database_url: str, scales: bool, orders_needed: int
) -> None:
    document = {
        **DOCUMENT,
        "levels": [
            {"id": "guest", "name": {"en": "Guest"}},
            {"id": "regular", "name": {"en": "Regular"}, "require": {"orders": 10}},
        ],
        "levels_policy": {"scale_with_members": scales},
    }
    async with shopfront(prepared_database_url, document=document) as front:
        front.clock.moment = START
        for number in range(1, orders_needed + 1):
            assert await front.number("SELECT count(*) FROM level_change WHERE level = 'regular'") == 0
            await order(front, number, 10)
        assert await front.number("SELECT count(*) FROM level_change WHERE level = 'regular'") == 1


async def past_belong(front: Shopfront, sql: str) -> None:
    """Write what no decision wrote, so that nobody knows that there is something to look at."""

    async def body(session: Session) -> None:
        await session.run(sql)

    await atomic(front.database, body)


async def unwatched(front: Shopfront) -> int:
    total = 0
    while count := await review_unwatched(front.pipeline):
        total += count
    return total


def tomorrow(front: Shopfront) -> datetime:
    """When the last one was looked at in the night that follows."""
    return datetime.combine(front.clock().date() + timedelta(days=1), time(6), UTC)


async def test_what_nobody_marked_is_found_the_next_day_and_looked_at_once(front: Shopfront) -> None:
    """A counter changed by no decision: the badge goes in the night, by a row with its number, and once."""
    await order(front, 1, 10)
    await order(front, 2, 10)
    assert await badges(front) == [("regular", "awarded")]
    await past_belong(front, "DELETE FROM counter WHERE source_ref LIKE '%:order:2'")
    assert await review_all(front) == 0, "today everybody was looked at"
    front.clock.moment = tomorrow(front)
    assert await review_all(front) == 1
    assert await badges(front) == [("regular", "awarded"), ("regular", "revoked")]
    [row] = await front.rows("SELECT reason, numbers_text FROM badge_change WHERE badge_state = 'revoked'")
    assert tuple(row.values()) == ("criteria-lost", '{"orders":1}')
    before = (await path(front), await front.rows("SELECT * FROM badge_change"), await front.rows("SELECT * FROM push"))
    assert await review_all(front) == 0
    front.clock.moment = tomorrow(front)
    assert await review_all(front) == 1
    again = (await path(front), await front.rows("SELECT * FROM badge_change"), await front.rows("SELECT * FROM push"))
    assert again == before


async def test_whoever_was_lost_sight_of_or_never_seen_is_looked_at_each_day(front: Shopfront) -> None:
    await order(front, 1, 10)
    person = {"id": 8, "email": "eve@example.test", "date_created_gmt": "2026-11-20T10:00:00"}
    await front.receive("customer.created", json.dumps(person).encode())
    await past_belong(front, "UPDATE balance SET next_review_at_us = 9000000000000000")
    assert await review_all(front) == 0
    assert await unwatched(front) == 2
    assert await unwatched(front) == 0
    assert await front.number("SELECT count(*) FROM tier_change WHERE cause = 'joined'") == 2
    front.clock.moment = tomorrow(front)
    assert (await review_all(front), await unwatched(front)) == (2, 0)


async def test_whoever_left_is_not_looked_at_again(front: Shopfront) -> None:
    await order(front, 1, 10)
    await past_belong(front, "UPDATE member SET status = 'left'")
    front.clock.moment = tomorrow(front)
    assert await review_all(front) == 1
    assert await next_look(front) is None
    assert await unwatched(front) == 0


async def test_a_night_that_stops_half_way_goes_on_where_it_stopped(front: Shopfront) -> None:
    for number in (1, 2, 3):
        story = Story((SoldLine(1, 1, 1_000),), order_id=number, customer=number)
        await front.receive("order.updated", woocommerce_bodies.webhook(story))
    front.clock.moment = tomorrow(front)
    assert await review_due(front.pipeline, limit=2) == 2
    assert await review_due(front.pipeline, limit=2) == 1
    assert await review_due(front.pipeline, limit=2) == 0


async def test_a_paused_programme_has_no_nights(front: Shopfront) -> None:
    await order(front, 1, 10)
    number = front.programme
    await atomic(front.database, lambda session: pause(session, number, front.clock(), "operator"))
    await past_belong(front, "UPDATE balance SET next_review_at_us = NULL")
    front.clock.moment = tomorrow(front)
    assert (await review_all(front), await unwatched(front)) == (0, 0)
    await atomic(front.database, lambda session: resume(session, number, front.clock(), "operator"))
    assert await review_all(front) + await unwatched(front) == 1
