"""Birthdays: once a year, on the programme's own day, whenever a process happens to run."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connector.ingest.pipeline import drain
from connector.people.birthdays import birthdays_on, find_birthdays
from connector.storage.atomic import atomic
from connector.storage.people import set_birthday
from connector.storage.session import Session
from connector.verify import verify
from tests.builders import DOCUMENT, KEYS, Shopfront, shopfront

RULES: dict[str, Any] = {
    **DOCUMENT,
    "points": {
        "earn": {"rates": {"EUR": "1"}},
        "actions": {"birthday": {"points": 20, "per": "year", "set_days_before": 30}},
    },
}
LONG_AGO = datetime(2026, 6, 2, tzinfo=UTC)


@pytest.fixture
async def front(prepared_database_url: str) -> AsyncIterator[Shopfront]:
    async with shopfront(prepared_database_url, document=RULES) as made:
        made.clock.moment = LONG_AGO
        yield made


async def born(front: Shopfront, customer: int, birthday: str) -> str:
    """A member who tells a birthday now."""
    await front.receive("customer.created", json.dumps({"id": customer}).encode())
    rows = await front.rows("SELECT member_id FROM identity WHERE customer_ref = $1", str(customer))
    member_id: str = rows[0]["member_id"]

    async def body(session: Session) -> bool:
        return await set_birthday(session, KEYS, front.programme, member_id, birthday, front.clock())

    await atomic(front.database, body)
    return member_id


async def look(front: Shopfront, moment: str) -> int:
    """Look for birthdays at a moment, and decide. Returns how many were found."""
    front.clock.moment = datetime.fromisoformat(moment).astimezone(UTC)
    found = await find_birthdays(front.pipeline)
    await drain(front.pipeline)
    return found


async def test_a_birthday_is_paid_on_its_local_day_and_not_a_second_before(front: Shopfront) -> None:
    member = await born(front, 1, "11-21")
    assert await look(front, "2026-11-20T23:59:59+01:00") == 0
    assert await look(front, "2026-11-21T00:00:00+01:00") == 1
    assert await front.entries() == [("bonus", 20, f"belong:birthday:{member}:2026")]
    assert await look(front, "2026-11-21T18:00:00+01:00") == 0
    assert await look(front, "2026-11-22T18:00:00+01:00") == 0
    assert await front.points_of("1") == 20
    report = await verify(front.database, KEYS, now=front.clock)
    assert report.differences == []


async def test_the_next_year_pays_again(front: Shopfront) -> None:
    await born(front, 1, "11-21")
    await look(front, "2026-11-21T12:00:00+01:00")
    await look(front, "2027-11-20T12:00:00+01:00")
    assert await front.points_of("1") == 20
    await look(front, "2027-11-21T12:00:00+01:00")
    assert await front.points_of("1") == 40


async def test_days_without_a_process_are_made_up_for_up_to_a_limit(front: Shopfront) -> None:
    await born(front, 1, "11-21")
    await born(front, 2, "09-21")
    await look(front, "2026-09-01T12:00:00+02:00")
    assert await look(front, "2026-12-01T12:00:00+01:00") == 1
    assert await front.points() == {"1": 20, "2": 0}


@pytest.mark.parametrize(("told", "points"), [("2026-10-21T22:00:00+00:00", 20), ("2026-10-21T22:00:01+00:00", 0)])
async def test_a_birthday_that_is_told_too_late_pays_next_year(front: Shopfront, told: str, points: int) -> None:
    """C25: the day begins on 20 November at 23:00 in UTC; thirty days before is 21 October, 23:00."""
    front.clock.moment = datetime.fromisoformat(told).replace(hour=23)
    await born(front, 1, "11-21")
    await look(front, "2026-11-21T12:00:00+01:00")
    assert await front.points_of("1") == points
    await look(front, "2027-11-21T12:00:00+01:00")
    assert await front.points_of("1") == points + 20


@pytest.mark.parametrize(("changed", "points"), [("2026-10-23T01:00:00+02:00", 20), ("2026-10-23T01:00:01+02:00", 0)])
async def test_a_birthday_that_its_shop_changes_counts_after_the_guard(
    front: Shopfront, changed: str, points: int
) -> None:
    """Defect seen: it was ignored for good. What another shop tells, or the same once more, changes nothing."""
    member = await born(front, 1, "12-21")

    async def tell(birthday: str, by: int, corrects: bool = False) -> bool:
        told = (KEYS, front.programme, member, birthday, front.clock())
        return await atomic(front.database, lambda s: set_birthday(s, *told, told_by=by, corrects=corrects))

    front.clock.moment = datetime.fromisoformat("2026-10-01T00:00:00+02:00")
    assert [await tell("12-21", 1), await tell("11-20", 2), await tell("11-20", 2)] == [False] * 3
    front.clock.moment = datetime.fromisoformat(changed)
    assert [await tell("11-22", 1), await tell("11-22", 1), await tell("11-20", 2)] == [True, False, False]
    await look(front, "2026-11-22T12:00:00+01:00")
    assert await front.points_of("1") == points
    await look(front, "2026-12-21T12:00:00+01:00")
    assert await front.points_of("1") == points


async def test_a_birthday_is_told_once(front: Shopfront) -> None:
    member = await born(front, 1, "11-21")

    async def body(session: Session) -> bool:
        return await set_birthday(session, KEYS, front.programme, member, "11-22", front.clock())

    assert await atomic(front.database, body) is False
    await look(front, "2026-11-21T12:00:00+01:00")
    await look(front, "2026-11-22T12:00:00+01:00")
    assert await front.points_of("1") == 20


@pytest.mark.parametrize(
    ("day", "birthdays"),
    [
        (date(2027, 2, 28), ("02-28", "02-29")),
        (date(2027, 3, 1), ("03-01",)),
        (date(2028, 2, 28), ("02-28",)),
        (date(2028, 2, 29), ("02-29",)),
        (date(2100, 2, 28), ("02-28", "02-29")),
    ],
)
def test_who_was_born_on_a_leap_day_has_a_birthday_every_year(day: date, birthdays: tuple[str, ...]) -> None:
    assert birthdays_on(day) == birthdays


async def test_somebody_blocked_or_erased_has_none(front: Shopfront) -> None:
    await born(front, 1, "11-21")

    async def body(session: Session) -> None:
        await session.run("UPDATE member SET status = 'blocked', status_at_us = 0")

    await atomic(front.database, body)
    assert await look(front, "2026-11-21T12:00:00+01:00") == 0
    assert await front.entries() == []
