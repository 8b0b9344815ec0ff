"""Leaderboards over the API: opt-in, pseudonymous, own rank, never of points, and cheap to look at again."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector import clock
from connector.delivering.outbox import BOARDS_BELIEVED, Outbox
from connector.delivering.summaries import summary_of
from connector.people import boards
from connector.people.boards import Boards, Wanted
from connector.storage import boards as stored
from connector.storage.atomic import atomic
from connector.storage.programmes import load_programmes
from loyalty_engine.days import local_day
from loyalty_engine.leaderboard import this_month
from tests.builders import DOCUMENT
from tests.connector.community import Community, community

BOARD = "reviews_approved"
PATH, MINE, CHOICE = f"/v1/leaderboards/{BOARD}", f"/v1/me/leaderboards/{BOARD}", "/v1/me/leaderboard-choice"
RULES: dict[str, Any] = {
    **DOCUMENT,
    "rules": [{"id": "review", "on": "review", "points": 10}],
    "badges": [
        {"id": "seen", "rule": "reviews_approved >= 1", "public": "yes"},
        {"id": "asked", "rule": "reviews_approved >= 1"},
        {"id": "kept", "rule": "reviews_approved >= 1", "public": "no"},
        {"id": "secret", "rule": "reviews_approved >= 1", "public": "yes", "hidden": True},
        {"id": "three", "rule": "reviews_approved >= 3", "public": "yes"},
    ],
}


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
    assert len((await elsewhere.look(pipeline.keys, pipeline.now(), session, wanted)).places) == 2
    await choose(town, 7, takes_part=False)
    assert [
        place.member_id for place in (await elsewhere.look(pipeline.keys, pipeline.now(), session, wanted)).places
    ] == [town.members[8]]


NOT_SHOWN = ("ada@example.test", "https://x", "a" * 41, "\u202eada", "...", "a\nb\x00")
UNSEEN = ("\u3164", "\u115f\u1160", "\uffa0", "A\u3164B", "A\u034fB", "A\ufe0f", "A\U000e0100")
TOWERS = ("B" + "\u0301" * 3, "A" + "\u0300" * 39, "\u0e01" + "\u0e34" * 5)


@pytest.mark.parametrize("name", [*NOT_SHOWN, *UNSEEN, *TOWERS])
async def test_a_name_that_cannot_be_shown_is_refused_and_changes_nothing(town: Community, name: str) -> None:
    await choose(town, 7, name="Ada")
    answer = await choose(town, 7, name=name)
    assert (answer.status_code, answer.json()["code"]) == (409, "public-name-not-usable")
    assert (await town.ask("GET", CHOICE, await town.token(7))).json() == {"takes_part": True, "name": "Ada"}


@pytest.mark.parametrize("name", ["Nguyễn Thị", "ज़िंदगी", "မြို့", "ปู่น้ำ", "שִׁיר", "한글", "José-María O'Neil"])
async def test_names_of_the_world_are_shown(town: Community, name: str) -> None:
    answer = await choose(town, 7, name=name)
    assert answer.json() == {"takes_part": True, "name": unicodedata.normalize("NFC", name)}


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


async def test_badges_that_others_may_see_are_counted_beside_a_name_and_no_others(town: Community) -> None:
    for customer in (7, 8):
        await choose(town, customer)
    found = await mine(town, 8)
    assert [(place["value"], place["badges"]) for place in found["places"]] == [(3, 2), (2, 1)]


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Approved reviews since 1 "), ("de-AT", " seit 1. "), ("zh-TW", "（自2")]
)
async def test_a_board_says_what_it_counts_in_the_language_of_the_page(
    town: Community, language: str, title: str
) -> None:
    assert title in (await mine(town, 7, language=language))["title"]


async def told_to_the_shop(town: Community, **settings: str) -> Any:
    """Board of the summary that is pushed, as of now."""
    service = town.outside.service
    connection = replace(town.outside.connections["woocommerce"], settings=settings)
    session = service.database.reading()
    books = (await load_programmes(session))[connection.programme_number]
    found = await summary_of(service.outbox, session, books, connection, 1, clock.utc_now())
    return json.loads(found.text())["board"], found.version


async def test_a_shop_is_told_its_board_and_again_when_who_wants_to_be_named_changes(town: Community) -> None:
    for customer, name in ((7, "Ada"), (8, "")):
        await choose(town, customer, name=name)
    (board, few) = await told_to_the_shop(town)
    assert (board["measure"], board["places"]) == (BOARD, []), "two would be nearly alone"
    await choose(town, 9)
    (board, full) = await told_to_the_shop(town)
    first, second, third = board["places"]
    assert first == {"rank": 1, "name": "Ada", "value": 3, "badges": 2}
    assert (second["value"], third["value"]) == (2, 1)
    assert board["titles"]["es"].endswith(f"de {clock.utc_now():%Y}")
    assert full != few and (await told_to_the_shop(town))[1] == full, "told once"
    assert not any(member in json.dumps(board) for member in town.members.values())
    # The board itself is believed for an hour: names are asked for each time.
    await boards.choose(town.outside.service.pipeline, 1, town.members[7], True, "Bea")
    assert (await told_to_the_shop(town))[0]["places"][0]["name"] == "Bea"
    await boards.choose(town.outside.service.pipeline, 1, town.members[7], False, "")
    (board, left) = await told_to_the_shop(town)
    assert board["places"] == [] and left != full


async def test_every_process_tells_a_shop_the_same_board_until_it_is_worked_out_anew(town: Community) -> None:
    """Two processes have a service each: what happened between their looks must not send the shop back and forth."""
    service, connection = town.outside.service, town.outside.connections["woocommerce"]
    session, moment = service.database.reading(), clock.utc_now()
    books = (await load_programmes(session))[connection.programme_number]
    processes = [Outbox(service.database, service.outbox.shops) for _ in range(2)]

    async def told(process: Outbox) -> tuple[list[int], str]:
        found = await summary_of(process, session, books, connection, 1, moment)
        return [place["value"] for place in json.loads(found.text())["board"]["places"]], found.version

    for customer in (7, 8, 9):
        await choose(town, customer)
    first = await told(processes[0])
    assert first[0] == [3, 2, 1]
    await town.did("review.approved", 9, clock.utc_now())
    moment += timedelta(minutes=1)
    assert [await told(process) for process in (processes[1], processes[0])] == [first, first]
    moment += BOARDS_BELIEVED
    later = [await told(process) for process in (*processes, processes[0])]
    assert later[0][0] == [3, 2, 2] and later == [later[0]] * 3 and later[0] != first
    # Who comes to the board is told by all of them at once.
    await choose(town, 10)
    await town.did("review.approved", 10, clock.utc_now())
    await choose(town, 10, name="Ten")
    assert [(await told(process))[0] for process in processes] == [[3, 2, 2, 1]] * 2


async def test_however_many_tie_a_board_has_an_end(town: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "MOST_PLACES", 2)
    for customer in (7, 8, 9):
        await choose(town, customer)
        await town.did("visit", customer, clock.utc_now())
    answer = await town.ask("GET", "/v1/me/leaderboards/visit_days", await town.token(9))
    found = answer.json()
    assert [place["rank"] for place in found["places"]] == [1, 1]
    assert (found["me"]["rank"], found["taking_part"]) == (1, 3)


async def test_who_leaves_the_programme_is_named_no_more_at_the_next_look(town: Community) -> None:
    for customer in (7, 8, 9, 10):
        await choose(town, customer)
    await town.did("review.approved", 10, clock.utc_now())
    assert len((await told_to_the_shop(town))[0]["places"]) == 4
    answer = await town.ask("POST", "/v1/me/membership", await town.token(7), json={"takes_part": False})
    assert answer.status_code == 200
    assert [place["value"] for place in (await told_to_the_shop(town))[0]["places"]] == [2, 1, 1]


async def test_a_shop_chooses_what_its_board_counts_or_wants_none(town: Community) -> None:
    assert (await told_to_the_shop(town, board="none"))[0] is None
    board, _ = await told_to_the_shop(town, board="visit_days")
    assert (board["measure"], board["titles"]["en"][:15]) == ("visit_days", "Days of visits ")


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
    await town.outside.service.boards.forget(town.outside.connections["woocommerce"].programme_number)
    assert await places(town) == []
