"""A birthday set in a shop: points on the day in the programme's zone, once, and none for a day that was moved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from connector.commands.run import change_setting
from connector.errors import ConfigProblem
from connector.people.birthdays import find_birthdays
from tests.journeys.world import CIRCLE, World, simulated, world

FIELD = {"shopify": ("birthday_metafield", "facts.birth_date"), "woocommerce": ("birthday_meta", "birth_date")}
PLATFORMS = list(FIELD)
GREETING = {**CIRCLE, "points": {**CIRCLE["points"], "actions": {"birthday": {"points": 20, "per": "year"}}}}
"""In Berlin; the guard is 30 days."""


@pytest.fixture
async def made(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, simulated(), document=GREETING) as running:
        for platform, (name, value) in FIELD.items():
            params = {"connection": running.connections[platform].public_id, "name": name, "value": value}
            assert (await change_setting(running.service, params))["problem"] is None
        yield running


def stop_time(made: World, moment: str) -> None:
    made.service.pipeline.now = lambda: datetime.fromisoformat(moment)


async def look(made: World, platform: str, customer: int, moment: str) -> int:
    """Points once the birthdays of that moment were looked for."""
    stop_time(made, moment)
    await find_birthdays(made.service.pipeline)
    await made.settle()
    return (await made.ledger(platform))[customer]


async def told(made: World, platform: str, text: str, moment: str) -> int:
    """A new customer who fills in a birthday at a moment."""
    stop_time(made, moment)
    customer = made.shop(platform).register_customer("ada@example.test", "Ada", "Example").id
    made.shop(platform).tell_birth_date(customer, text)
    await made.deliver()
    return customer


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_the_day_begins_in_the_programmes_zone(made: World, platform: str) -> None:
    customer = await told(made, platform, "1990-05-04", "2027-01-02T12:00:00+00:00")
    assert await look(made, platform, customer, "2027-05-03T21:59:59+00:00") == 0
    assert await look(made, platform, customer, "2027-05-03T22:00:00+00:00") == 20
    assert await look(made, platform, customer, "2027-05-04T20:00:00+00:00") == 20
    assert await made.number("SELECT count(*) FROM person WHERE birthday_key = '05-04'") == 1


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_leap_day_is_kept_every_year(made: World, platform: str) -> None:
    customer = await told(made, platform, "1992-02-29", "2027-01-02T12:00:00+00:00")
    assert await look(made, platform, customer, "2027-02-27T12:00:00+00:00") == 0
    assert await look(made, platform, customer, "2027-02-28T12:00:00+00:00") == 20
    assert await look(made, platform, customer, "2028-02-28T12:00:00+00:00") == 20
    assert await look(made, platform, customer, "2028-02-29T12:00:00+00:00") == 40


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_birthday_that_was_changed_does_not_pay_again(made: World, platform: str) -> None:
    """In the year that has paid nothing more comes, whatever it is changed to; from the next on the new one counts."""
    customer = await told(made, platform, "1990-05-04", "2027-01-02T12:00:00+00:00")
    assert await look(made, platform, customer, "2027-05-04T12:00:00+00:00") == 20
    made.shop(platform).tell_birth_date(customer, "1990-12-10")
    await made.deliver()
    assert await look(made, platform, customer, "2027-12-10T12:00:00+00:00") == 20
    assert await look(made, platform, customer, "2028-05-04T12:00:00+00:00") == 20
    assert await look(made, platform, customer, "2028-12-10T12:00:00+00:00") == 40


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(("moment", "points"), [("2027-04-03T22:00:00+00:00", 20), ("2027-04-03T22:00:01+00:00", 0)])
async def test_whoever_tells_it_less_than_thirty_days_before_waits_a_year(
    made: World, platform: str, moment: str, points: int
) -> None:
    customer = await told(made, platform, "1990-05-04", moment)
    assert await look(made, platform, customer, "2027-05-04T12:00:00+00:00") == points
    assert await look(made, platform, customer, "2028-05-04T12:00:00+00:00") == points + 20


async def test_what_is_no_date_is_said_and_stops_nothing(made: World) -> None:
    customer = await told(made, "woocommerce", "31.02.1990", "2027-01-02T12:00:00+00:00")
    rows = await made.service.database.reading().rows(
        "SELECT reason FROM delivery WHERE reason IS NOT NULL AND state = 1"
    )
    assert rows and all("birthday" in row["reason"] and "31" not in row["reason"] for row in rows)
    assert (await made.ledger("woocommerce"))[customer] == 0
    made.shop("woocommerce").tell_birth_date(customer, "1990-05-04")
    await made.deliver()
    assert await look(made, "woocommerce", customer, "2027-05-04T12:00:00+00:00") == 20


async def test_a_shop_whose_field_nobody_named_tells_nothing(made: World) -> None:
    name, _ = FIELD["shopify"]
    public_id = made.connections["shopify"].public_id
    await change_setting(made.service, {"connection": public_id, "name": name, "value": ""})
    customer = await told(made, "shopify", "1990-05-04", "2027-01-02T12:00:00+00:00")
    assert await look(made, "shopify", customer, "2027-05-04T12:00:00+00:00") == 0
    with pytest.raises(ConfigProblem, match=r"has no birthday_meta; it has birthday_metafield, .*\bcurrency, language"):
        await change_setting(made.service, {"connection": public_id, "name": "birthday_meta", "value": "x"})
