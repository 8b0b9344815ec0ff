"""Names on leaderboards: looked at whenever they are shown, taken off by hand, and never shown again then."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connector import clock
from connector.access.auth import READ_MEMBERS, WRITE_MEMBERS
from connector.storage.atomic import atomic
from connector.storage.people import Person, load_people, save_people
from tests.builders import KEYS
from tests.connector.community import Community, community
from tests.members.test_boards import CHOICE, RULES, TOWERS, UNSEEN, choose, mine, places, told_to_the_shop

WHY = {"actor": "Ida", "reason": "an insult"}


@pytest.fixture
async def town(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Community]:
    """Customers 7, 8 and 9 wrote three, two and one review, and are on boards under names of their own."""
    async with community(prepared_database_url, tmp_path, RULES) as made:
        await made.join(7, 8, 9)
        for customer, name in ((7, "Ada"), (8, "Ben"), (9, "Cleo")):
            for _ in range(10 - customer):
                await made.did("review.approved", customer, clock.utc_now())
            assert (await choose(made, customer, name=name)).status_code == 200
        yield made


async def kept(town: Community, customer: int, name: str) -> None:
    """As an older version would have kept it."""
    number = town.outside.connections["woocommerce"].programme_number
    person = {town.members[customer]: Person(public_name=name, on_leaderboards=True, boards_chosen=True)}
    await atomic(
        town.outside.service.database, lambda session: save_people(session, KEYS, number, person, clock.utc_now())
    )


async def take(town: Community, customer: int, key: str = WRITE_MEMBERS, **said: Any) -> Any:
    path = f"/v1/members/{town.members[customer]}/public-name/take"
    return await town.ask("POST", path, town.keys[key], json={**WHY, **said})


async def names(town: Community) -> list[str]:
    """As a shopper reads them."""
    return [place["name"] for place in (await mine(town, 8))["places"]]


def is_pseudonym(name: str) -> bool:
    return len(name) == 8 and name.isalnum() and name.isupper()


@pytest.mark.parametrize("name", ["ada@example.test", "A" * 41, "...", *UNSEEN[2:5], *TOWERS[:2]])
async def test_a_name_from_before_the_rules_of_now_is_shown_as_a_pseudonym(town: Community, name: str) -> None:
    """Defect seen: a name was looked at when it was chosen, and never again."""
    await kept(town, 7, name)
    shown = await names(town)
    assert is_pseudonym(shown[0]) and shown[1:] == ["Ben", "Cleo"]
    assert (await mine(town, 7))["me"]["name"] == shown[0]
    assert await places(town) == [(1, town.members[7], 3), (2, town.members[8], 2), (3, town.members[9], 1)]
    (board, _) = await told_to_the_shop(town)
    told = [place["name"] for place in board["places"]]
    assert is_pseudonym(told[0]) and told[1:] == ["Ben", "Cleo"], "stores are told no other name"
    assert (await choose(town, 7, name="Ada")).status_code == 200
    assert await names(town) == ["Ada", "Ben", "Cleo"]


async def test_a_name_is_taken_off_and_its_member_stays_until_another_is_chosen(town: Community) -> None:
    assert await names(town) == ["Ada", "Ben", "Cleo"]
    assert (await take(town, 7)).json()["state"] == "done"
    shown = await names(town)
    assert is_pseudonym(shown[0]) and shown[1:] == ["Ben", "Cleo"]
    assert (await town.ask("GET", CHOICE, await town.token(7))).json() == {"takes_part": True, "name": ""}
    for again in ("Ada", "ADA", " A-d.a ", "Àdá", "Ａｄａ"):
        answer = await choose(town, 7, name=again)
        assert (answer.status_code, answer.json()["code"]) == (409, "public-name-not-usable"), again
    assert await names(town) == shown, "and nothing has happened"
    assert (await choose(town, 8, name="Ada")).status_code == 200, "others may be called so"
    assert (await choose(town, 7, name="Adele")).json() == {"takes_part": True, "name": "Adele"}
    assert await names(town) == ["Adele", "Ada", "Cleo"]


async def test_it_is_noted_with_who_and_why_and_without_the_name(town: Community) -> None:
    await take(town, 7)
    (deed,) = await town.outside.rows("SELECT member_id, through, numbers_text FROM audit WHERE act = 'board-name'")
    assert (deed["member_id"], json.loads(deed["numbers_text"])) == (town.members[7], {})
    assert deed["through"].startswith("key:")
    (note,) = await town.outside.rows("SELECT reason FROM audit_note WHERE actor LIKE 'Ida%'")
    assert note["reason"] == WHY["reason"]


@pytest.mark.parametrize(
    ("key", "reason", "status"), [(WRITE_MEMBERS, " ", 409), (WRITE_MEMBERS, "", 400), (READ_MEMBERS, "rude", 403)]
)
async def test_what_is_refused_takes_nothing(town: Community, key: str, reason: str, status: int) -> None:
    assert (await take(town, 7, key, reason=reason)).status_code == status
    assert await names(town) == ["Ada", "Ben", "Cleo"]
    assert await town.outside.rows("SELECT 1 FROM audit WHERE act = 'board-name'") == []


async def test_where_there_is_no_name_nothing_is_taken(town: Community) -> None:
    await choose(town, 7)
    before = await names(town)
    answer = await take(town, 7)
    assert (answer.status_code, answer.json()["code"]) == (409, "public-name-none")
    assert await names(town) == before
    people = await load_people(town.outside.service.database.reading(), KEYS, [town.members[7]])
    assert people[town.members[7]].names_taken == ()
