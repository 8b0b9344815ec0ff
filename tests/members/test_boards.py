"""Leaderboards over the API: opt-in, pseudonymous, own rank, never of points, and cheap to look at again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector import clock
from connector.people import boards
from connector.people.boards import Boards, Wanted
from connector.storage import boards as stored
from connector.storage.atomic import atomic
from loyalty_engine.days import local_day
from loyalty_engine.leaderboard import this_month
from tests.builders import DOCUMENT
from tests.connector.community import Community, community

BOARD = "reviews_approved"
PATH, MINE, CHOICE = f"/v1/leaderboards/{BOARD}", f"/v1/me/leaderboards/{BOARD}", "/v1/me/leaderboard-choice"
RULES: dict[str, Any] = {**DOCUMENT, "rules": [{"id": "review", "on": "review", "points": 10}]}


@pytest.fixture
async def town(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Community]:
    """Customers 7, 8 and 9 wrote three, two and one review just now; nobody has asked to be on a board."""
    async with community(prepared_database_url, tmp_path, RULES) as made:
        await made.join(7, 8, 9, 10)
        for customer, reviews in ((7, 3), (8, 2), (9, 1)):
            for _ in range(reviews):
                await made.did("review.approved", customer, clock.utc_now())
        yield made


async def choose(town: Community, customer: int, takes_part: bool = True, name: str = "") -> Any:
    body = {"takes_part": takes_part, "name": name}
    return await town.ask("POST", CHOICE, await town.token(customer), json=body)


async def places(town: Community, **query: Any) -> list[tuple[int, str, int]]:
    answer = await town.ask("GET", PATH, params=query)
    assert answer.status_code == 200, answer.text
    return [(place["rank"], place["member"], place["value"]) for place in answer.json()["places"]]


async def mine(town: Community, customer: int, **query: Any) -> dict[str, Any]:
    answer = await town.ask("GET", MINE, await town.token(customer), params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_nobody_is_on_a_board_who_did_not_ask_for_it(town: Community) -> None:
    assert await places(town) == []
    found = await mine(town, 7)
    assert (found["places"], found["me"]["takes_part"], found["me"]["value"], found["me"]["rank"]) == (
        [],
        False,
        3,
        None,
    )
    chosen = await town.ask("GET", CHOICE, await town.token(7))
    assert chosen.json() == {"takes_part": False, "name": ""}


async def test_who_asked_is_on_it_under_a_name_that_says_nothing(town: Community) -> None:
    for customer in (7, 9, 10):
        assert (await choose(town, customer)).status_code == 200
    assert await places(town) == [(1, town.members[7], 3), (2, town.members[9], 1)]
    found = await mine(town, 9)
    assert [(place["rank"], place["value"], place["is_me"]) for place in found["places"]] == [
        (1, 3, False),
        (2, 1, True),
    ]
    names = [place["name"] for place in found["places"]]
    assert all(len(name) == 8 and name.isalnum() for name in names)
    assert (found["me"]["name"], found["me"]["rank"], found["taking_part"]) == (names[1], 2, 2)
    text = str(found)
    assert not any(secret in text for secret in (*town.members.values(), "example.test"))
    nothing = await mine(town, 10)
    assert (nothing["me"]["takes_part"], nothing["me"]["value"], nothing["me"]["rank"]) == (True, 0, None)


async def test_a_shopper_knows_the_own_rank_beyond_the_places_that_are_shown(town: Community) -> None:
    for customer in (7, 8, 9):
        await choose(town, customer)
    found = await mine(town, 9, limit=1)
    assert ([place["rank"] for place in found["places"]], found["me"]["rank"]) == ([1], 3)


async def test_a_chosen_name_is_shown_and_leaving_takes_it_away_at_once(town: Community) -> None:
    assert (await choose(town, 7, name="  Ada  of Soho ")).json() == {"takes_part": True, "name": "Ada of Soho"}
    await choose(town, 8)
    assert (await mine(town, 8))["places"][0]["name"] == "Ada of Soho"
    assert (await choose(town, 7, takes_part=False)).json() == {"takes_part": False, "name": ""}
    assert await places(town) == [(1, town.members[8], 2)]


async def test_in_another_process_too_who_left_is_gone_at_once(town: Community) -> None:
    """That process still has the board it worked out before."""
    await choose(town, 7, name="Ada")
    await choose(town, 8)
    elsewhere, pipeline = Boards(), town.outside.service.pipeline
    number = town.outside.connections["woocommerce"].programme_number
    wanted = Wanted(number, BOARD)
    session = town.outside.service.database.reading()
    assert len((await elsewhere.look(pipeline, session, wanted)).places) == 2
    await choose(town, 7, takes_part=False)
    assert [place.member_id for place in (await elsewhere.look(pipeline, session, wanted)).places] == [town.members[8]]


@pytest.mark.parametrize("name", ["ada@example.test", "https://x", "a" * 41, "\u202eada", "...", "a\nb\x00"])
async def test_a_name_that_cannot_be_shown_is_refused_and_changes_nothing(town: Community, name: str) -> None:
    await choose(town, 7, name="Ada")
    answer = await choose(town, 7, name=name)
    assert (answer.status_code, answer.json()["code"]) == (409, "public-name-not-usable")
    assert (await town.ask("GET", CHOICE, await town.token(7))).json() == {"takes_part": True, "name": "Ada"}


@pytest.mark.parametrize("measure", ["spend", "orders", "tier_points", "points_donated", "nonsense"])
async def test_there_is_no_board_of_points_or_money(town: Community, measure: str) -> None:
    for path, key in ((f"/v1/leaderboards/{measure}", None), (f"/v1/me/leaderboards/{measure}", await town.token(7))):
        answer = await town.ask("GET", path, key)
        assert (answer.status_code, answer.json()["code"]) == (409, "board-not-allowed")


async def test_a_period_that_is_none_is_refused(town: Community) -> None:
    answer = await town.ask("GET", PATH, params={"period": "2026-13"})
    assert (answer.status_code, answer.json()["code"]) == (409, "period-unknown")


async def test_a_period_is_one_of_the_programmes_own_days(town: Community) -> None:
    """The last moment of August in Berlin is still August there, and the next one is September."""
    await choose(town, 10)
    midnight = datetime(2026, 8, 31, 22, tzinfo=UTC)
    await town.did("review.approved", 10, midnight - timedelta(seconds=1))
    await town.did("review.approved", 10, midnight)
    await town.did("review.approved", 10, midnight)
    for period, value in (("2026-08", 1), ("2026-09", 2), ("2026-W36", 3), ("2026-07", 0)):
        expected = [(1, town.members[10], value)] if value else []
        assert await places(town, period=period) == expected
        assert (await mine(town, 10, period=period))["me"]["value"] == value
    default = (await town.ask("GET", PATH)).json()
    assert default["period"] == this_month(local_day(clock.utc_now(), "Europe/Berlin")).key


async def test_looking_again_costs_no_look_at_the_books(town: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    await choose(town, 7)
    pipeline, moment = town.outside.service.pipeline, clock.utc_now()
    monkeypatch.setattr(pipeline, "now", lambda: moment)
    counted: list[str] = []
    whole = stored.doings

    def counting(*about: Any) -> Any:
        counted.append("looked")
        return whole(*about)

    monkeypatch.setattr(boards, "doings", counting)
    for _ in range(3):
        assert await places(town) == [(1, town.members[7], 3)]
    assert len(counted) == 1
    moment += boards.BELIEVED
    await places(town)
    assert len(counted) == 2


async def test_who_is_blocked_is_on_no_board(town: Community) -> None:
    await choose(town, 7)
    database = town.outside.service.database
    await atomic(database, lambda s: s.run("UPDATE member SET status = 'blocked'"))
    assert await places(town) == []
    answer = await choose(town, 8)
    assert (answer.status_code, answer.json()["code"]) == (409, "member-not-active")
    assert (await choose(town, 7, takes_part=False)).status_code == 200


async def test_a_board_needs_a_key_or_a_token_of_its_own_kind(town: Community) -> None:
    assert (await town.ask("GET", PATH, await town.token(7))).status_code == 401
    assert (await town.ask("GET", MINE, town.keys["members:read"])).status_code == 401
    assert (await town.ask("GET", PATH, town.keys["events:write"])).status_code == 403


async def test_what_was_chosen_is_exported_and_erased_with_the_person(town: Community) -> None:
    await choose(town, 7, name="Ada")
    path = f"/v1/members/{town.id_of(7)}/person"
    exported = (await town.ask("GET", path + "?reason=asked", town.keys["people:export"])).json()
    assert "'public_name': 'Ada'" in str(exported)
    assert (await town.ask("DELETE", path + "?reason=asked", town.keys["members:write"])).status_code == 200
    town.outside.service.boards.forget(town.outside.connections["woocommerce"].programme_number)
    assert await places(town) == []
