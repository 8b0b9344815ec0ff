"""What a shopper's page gets to show, in its own language, and what shoppers decide: leaving and coming back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector.people.actors import Actor
from connector.people.membership import set_status
from connector.programmes.publishing import pause_now, resume_now
from connector.snapshot.document import SCHEMA
from loyalty_engine.member import MemberStatus
from tests.members.storefront import Shop, storefront

DESK = Actor("kim", "command", "kim")


@pytest.fixture
async def shop(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    async with storefront(prepared_database_url, tmp_path) as made:
        yield made


async def test_a_page_gets_the_whole_document_of_its_own_shopper_as_of_now(shop: Shop) -> None:
    token = await shop.token("7")
    before = (await shop.ask("GET", "/v1/me/snapshot", token)).json()["document"]
    assert (before["schema"], before["available"], before["status"]) == (SCHEMA, 300, "active")
    assert "version" not in before
    assert (await shop.redeem(token, {"reward": "five"}, "press-0001")).status_code == 201
    answer = await shop.ask("GET", "/v1/me/snapshot", token)
    assert answer.headers["cache-control"] == "private, no-store"
    after = answer.json()["document"]
    assert (after["available"], [one["reward"] for one in after["vouchers"]]) == (200, ["five"])
    theirs = (await shop.ask("GET", "/v1/me/snapshot", await shop.token("8"))).json()["document"]
    assert (theirs["available"], theirs["vouchers"]) == (40, [])


@pytest.mark.parametrize(
    ("asked", "language", "words"),
    [("de-AT", "de", "Punkt"), ("zh-TW", "zh-Hant", "點數"), ("es", "es", "punto"), ("xx", "en", "point")],
)
async def test_sentences_are_in_the_language_of_the_page(shop: Shop, asked: str, language: str, words: str) -> None:
    token = await shop.token()
    told = (await shop.ask("GET", f"/v1/me/snapshot?language={asked}", token)).json()["document"]
    assert told["language"] == language and words in told["texts"]["available"]
    (entry,) = (await shop.ask("GET", f"/v1/me/entries?language={asked}", token)).json()["entries"]
    assert words in entry["why"]
    programme = (await shop.ask("GET", f"/v1/me/programme?language={asked}", token)).json()
    assert programme["enrolment"] == "automatic"
    assert len(programme["ways"]) == 1 and words in programme["ways"][0]


async def test_a_page_reads_no_way_to_earn_while_nothing_is_earned(shop: Shop) -> None:
    async def ways() -> list[str]:
        token = await shop.token()
        told: list[str] = (await shop.ask("GET", "/v1/me/programme", token)).json()["ways"]
        return told

    database = shop.outside.service.database
    assert len(await ways()) == 1
    await pause_now(database, 1, DESK, "a try")
    assert await ways() == []
    await resume_now(database, 1, DESK, "it is over")
    assert len(await ways()) == 1


async def test_a_shopper_leaves_uses_nothing_and_comes_back_with_what_was_there(shop: Shop) -> None:
    token = await shop.token()

    async def takes_part(wanted: bool) -> int:
        return (await shop.ask("POST", "/v1/me/membership", token, json={"takes_part": wanted})).status_code

    assert [await takes_part(False), await takes_part(False)] == [200, 200]
    told = (await shop.ask("GET", "/v1/me/snapshot", token)).json()["document"]
    assert (told["status"], told["available"]) == ("left", 300)
    refused = await shop.redeem(token, {"reward": "five"}, "press-0002")
    assert (refused.status_code, refused.json()["code"]) == (409, "member-left")
    assert await takes_part(True) == 200
    acts = await shop.outside.rows("SELECT act, through FROM audit ORDER BY at_us")
    assert [(row["act"], row["through"]) for row in acts if row["act"] in {"leave", "rejoin"}] == [
        ("leave", "shopper"),
        ("rejoin", "shopper"),
    ]


async def test_nobody_lifts_a_block_by_leaving_or_coming_back(shop: Shop) -> None:
    token = await shop.token()
    connection = shop.outside.connections["woocommerce"]
    member = (await shop.ask("GET", "/v1/me", token)).json()["id"].replace("-", "")
    who = shop.outside.service.pipeline, connection.programme_number, member
    await set_status(*who, MemberStatus.BLOCKED, DESK, "fraud")
    for wanted in (True, False):
        answer = await shop.ask("POST", "/v1/me/membership", token, json={"takes_part": wanted})
        assert (answer.status_code, answer.json()["code"]) == (409, "member-blocked")
    told = (await shop.ask("GET", "/v1/me/snapshot", token)).json()["document"]
    assert told["status"] == "blocked"


async def test_a_token_that_may_only_read_changes_nothing(shop: Shop) -> None:
    token = await shop.token(scopes=["read"])
    answer = await shop.ask("POST", "/v1/me/membership", token, json={"takes_part": False})
    assert answer.status_code == 403
