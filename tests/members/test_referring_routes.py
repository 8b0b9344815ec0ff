"""The routes of referrals: a code, a friend who came with it, the queue, and a person's answer."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector import clock
from connector.people import referrals
from connector.storage.atomic import atomic
from tests.builders import DOCUMENT
from tests.connector.community import Community, community
from tests.connector.outside import order_body

REFERRING: dict[str, Any] = {**DOCUMENT, "referral": {"referrer": 50, "friend": 30, "min_order": "10.00"}}
MINE = "/v1/me/referred-by"
FLAT = {"household": "Main St. 1, Berlin", "phone": "+49 170 1234"}


@pytest.fixture
async def town(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Community]:
    """Customers 7, 8 and 9 are members."""
    async with community(prepared_database_url, tmp_path, REFERRING) as made:
        await made.join(7, 8, 9)
        yield made


async def code(town: Community, customer: int = 7, **signs: str) -> str:
    answer = await town.act(f"/v1/members/{town.id_of(customer)}/referral-code", {"signs": signs})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["code"])


async def come(town: Community, customer: int, given: str, **signs: str) -> Any:
    return await town.act(f"/v1/members/{town.id_of(customer)}/referred-by", {"code": given, "signs": signs})


async def enter(town: Community, customer: int, typed: str) -> Any:
    """On the shopper's own page."""
    return await town.ask("POST", MINE, await town.token(customer), json={"code": typed})


async def takes_code(town: Community, customer: int) -> bool:
    answer = await town.ask("GET", "/v1/me/snapshot", await town.token(customer))
    return bool(answer.json()["document"]["referral"]["takes_code"])


async def order(town: Community, customer: int, number: int) -> None:
    """Paid from a second after now on."""
    at = (clock.utc_now() + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")
    dates = {name: at for name in ("date_created_gmt", "date_modified_gmt", "date_paid_gmt")}
    body = {**json.loads(order_body("woocommerce", number, 3_000, customer)), **dates, "billing": {}, "shipping": {}}
    await town.outside.deliver("woocommerce", json.dumps(body).encode())
    await town.outside.work()


async def waiting(town: Community) -> list[dict[str, Any]]:
    """Bob, who shows Ada's flat and phone, has ordered."""
    await come(town, 8, await code(town, 7, **FLAT), **FLAT)
    await order(town, 8, 20)
    await referrals.settle_referrals(town.outside.service.pipeline)
    found: list[dict[str, Any]] = (await town.ask("GET", "/v1/referrals/review")).json()["referrals"]
    return found


async def test_a_code_is_the_same_for_the_desk_and_for_the_shopper_however_often_asked(town: Community) -> None:
    first = await code(town)
    mine = await town.ask("POST", "/v1/me/referral-code", await town.token(7))
    assert (mine.status_code, mine.json()["code"], await code(town)) == (200, first, first)
    assert await code(town, 8) != first
    assert await town.outside.number("SELECT count(*) FROM referral_code") == 2


async def test_a_friend_who_comes_twice_came_once(town: Community) -> None:
    given = await code(town)
    one, other = await come(town, 8, given.lower()), await come(town, 8, given)
    assert (one.status_code, one.json()) == (200, other.json())
    assert (one.json()["referrer"], one.json()["friend"]) == (town.members[7], town.members[8])
    assert (one.json()["state"], one.json()["actor"]) == ("registered", "system")
    assert await town.outside.number("SELECT count(*) FROM referral") == 1


@pytest.mark.parametrize(("given", "status", "problem"), [("NOBODYS0", 409, "code-unknown"), ("", 400, None)])
async def test_a_code_that_is_none_is_refused_and_leaves_nothing(
    town: Community, given: str, status: int, problem: str | None
) -> None:
    answer = await come(town, 8, given)
    assert (answer.status_code, answer.json().get("code")) == (status, problem)
    assert await town.outside.number("SELECT count(*) FROM referred_by") == 0


async def test_the_first_who_brought_a_friend_stays(town: Community) -> None:
    await come(town, 8, await code(town, 7))
    answer = await come(town, 8, await code(town, 9))
    assert (answer.status_code, answer.json()["code"]) == (409, "already-referred")
    assert await town.outside.number("SELECT count(*) FROM referral") == 1


async def test_ones_own_code_is_refused_with_the_reason(town: Community) -> None:
    answer = await come(town, 7, await code(town))
    assert (answer.json()["state"], answer.json()["reasons"][0]["code"]) == ("refused", "self-referral")


@pytest.mark.parametrize(("passes", "state"), [(True, "ordered"), (False, "refused")])
async def test_a_person_decides_what_waits_with_all_reasons_once(town: Community, passes: bool, state: str) -> None:
    [found] = await waiting(town)
    assert sorted(reason["code"] for reason in found["reasons"]) == ["same-household", "same-phone"]
    assert (found["state"], found["score"]) == ("review", 90)
    path = f"/v1/referrals/{town.id_of(8)}/decide"
    body = {"actor": "Maria", "passes": passes, "reason": "I asked them."}
    answer = await town.act(path, body)
    assert (answer.status_code, answer.json()["state"], answer.json()["actor"]) == (200, state, "Maria")
    assert (await town.ask("GET", "/v1/referrals/review")).json() == {"referrals": []}
    again = await town.act(path, body)
    assert (again.status_code, again.json()["code"]) == (409, "referral-not-in-review")
    await referrals.settle_referrals(town.outside.service.pipeline)
    [row] = await town.outside.rows("SELECT referral_state FROM referral")
    assert row["referral_state"] == state


async def test_what_does_not_wait_cannot_be_decided(town: Community) -> None:
    body = {"actor": "Maria", "passes": True}
    answer = await town.act(f"/v1/referrals/{town.id_of(8)}/decide", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "referral-unknown")
    assert (await town.act("/v1/referrals/nobody/decide", body)).status_code == 404


async def test_each_route_asks_for_its_own_proof(town: Community) -> None:
    me, shopper = town.id_of(7), await town.token(7)
    writes: dict[str, dict[str, Any]] = {
        f"/v1/members/{me}/referral-code": {},
        f"/v1/members/{me}/referred-by": {"code": "ABCDEFGH"},
        f"/v1/referrals/{me}/decide": {"actor": "Maria", "passes": True},
    }
    for path, body in writes.items():
        assert (await town.act(path, body, "members:read")).status_code == 403
        assert (await town.ask("POST", path, shopper, json=body)).status_code == 401
    assert (await town.ask("GET", "/v1/referrals/review", town.keys["members:write"])).status_code == 403
    for path in ("/v1/me/referral-code", MINE):
        assert (await town.ask("POST", path, town.keys["members:write"], json={"code": "A"})).status_code == 401
    assert await town.outside.number("SELECT count(*) FROM referral_code") == 0


async def test_somebody_of_another_programme_has_no_code_here(town: Community) -> None:
    stranger = uuid.uuid4()
    answer = await town.act(f"/v1/members/{stranger}/referral-code", {})
    assert (answer.status_code, answer.json()["code"]) == (404, "member-unknown")
    assert await town.outside.number("SELECT count(*) FROM referral_code") == 0
    answer = await town.act(f"/v1/members/{stranger}/referred-by", {"code": await code(town)})
    assert (answer.status_code, answer.json()["code"]) == (404, "member-unknown")
    assert await town.outside.number("SELECT count(*) FROM referred_by") == 0
    assert await town.outside.number("SELECT count(*) FROM member_sign WHERE member_id = $1", stranger.hex) == 0


async def test_who_is_blocked_gets_no_code_and_brings_nobody(town: Community) -> None:
    given = await code(town, 9)
    await atomic(town.outside.service.database, lambda s: s.run("UPDATE member SET status = 'blocked'"))
    answer = await town.act(f"/v1/members/{town.id_of(7)}/referral-code", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "member-not-active")
    assert (await come(town, 8, given)).json()["code"] == "member-not-active"
    assert await town.outside.number("SELECT count(*) FROM referral") == 0


# --- said by the shopper themselves -----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["{}", " {} ", "lower", "spaced", "wide"])
async def test_a_shopper_enters_a_code_however_they_write_it(town: Community, way: str) -> None:
    given = await code(town)
    typed = {
        "lower": given.lower().replace("0", "o").replace("1", "l"),
        "spaced": f"{given[:4]} - {given[4:]}",
        "wide": "".join(chr(ord(letter) + 0xFEE0) for letter in given),
    }.get(way, way.format(given))
    assert await takes_code(town, 8)
    one, other = await enter(town, 8, typed), await enter(town, 8, given)
    assert (one.status_code, one.json(), other.json()) == (200, {"outcome": "taken"}, {"outcome": "taken"})
    [row] = await town.outside.rows("SELECT member_id, friend_id, code, referral_state FROM referral")
    assert dict(row) == {
        "member_id": town.members[7],
        "friend_id": town.members[8],
        "code": given,
        "referral_state": "registered",
    }
    assert not await takes_code(town, 8)
    assert (await come(town, 8, given)).json()["state"] == "registered"


async def test_pages_of_both_are_made_anew_once_a_friend_came(town: Community) -> None:
    given = await code(town)
    wanted = "SELECT member_id, wanted FROM push ORDER BY member_id"
    before = {row["member_id"]: row["wanted"] for row in await town.outside.rows(wanted)}
    await enter(town, 8, given)
    after = {row["member_id"]: row["wanted"] for row in await town.outside.rows(wanted)}
    assert {member for member in after if after[member] > before[member]} == {town.members[7], town.members[8]}


async def test_a_double_click_brings_a_friend_once(town: Community) -> None:
    given, token = await code(town), await town.token(8)
    both = await asyncio.gather(*(town.ask("POST", MINE, token, json={"code": given}) for _ in range(2)))
    assert [one.json() for one in both] == [{"outcome": "taken"}] * 2
    assert await town.outside.number("SELECT count(*) FROM referral") == 1


async def test_the_answer_says_nothing_of_who_gave_the_code(town: Community) -> None:
    answer = await enter(town, 8, await code(town))
    assert set(answer.json()) == {"outcome"}
    refused = await enter(town, 8, await code(town, 9))
    assert (refused.status_code, refused.json()["code"], refused.json()["numbers"]) == (409, "already-referred", {})


async def test_who_was_brought_cannot_try_which_codes_there_are(town: Community) -> None:
    await enter(town, 8, await code(town))
    answers = [await enter(town, 8, typed) for typed in ["NOBODYS0"] * 8 + [await code(town, 9)]]
    assert {(one.status_code, one.json()["code"]) for one in answers} == {(409, "already-referred")}


async def test_ones_own_code_is_told_and_kept_as_by_the_desk(town: Community) -> None:
    answer = await enter(town, 7, await code(town))
    assert (answer.status_code, answer.json()) == (200, {"outcome": "own-code"})
    [row] = await town.outside.rows("SELECT referral_state, reasons FROM referral")
    assert (row["referral_state"], json.loads(row["reasons"])[0]["code"]) == ("refused", "self-referral")
    assert await takes_code(town, 7), "another one's code still counts"
    document = (await town.ask("GET", "/v1/me/snapshot", await town.token(7))).json()["document"]
    assert document["referral"]["friends"] == 0


async def test_a_ring_comes_to_nothing(town: Community) -> None:
    await enter(town, 8, await code(town, 7))
    answer = await enter(town, 7, await code(town, 8))
    assert (answer.status_code, answer.json()) == (200, {"outcome": "not-counted"})


async def test_wrong_codes_are_few_and_the_answer_says_when_there_is_another(town: Community) -> None:
    given = await code(town)
    wrong = [await enter(town, 8, f"NOBODYS{n}") for n in range(5)]
    assert {(one.status_code, one.json()["code"]) for one in wrong} == {(409, "code-unknown")}
    for typed in ("NOBODYS9", given):
        over = await enter(town, 8, typed)
        seconds = over.json()["numbers"]["retry_after_seconds"]
        assert (over.status_code, over.json()["code"]) == (429, "too-many-codes")
        assert (over.headers["Retry-After"], 3_500 < seconds <= 3_600) == (str(seconds), True)
    assert (await enter(town, 9, given)).status_code == 200, "others have theirs"
    moved = "UPDATE pace SET at_us = at_us - 3600000000 WHERE scope_key LIKE '%:referred-by:%'"
    await atomic(town.outside.service.database, lambda s: s.run(moved))
    assert (await enter(town, 8, given)).json() == {"outcome": "taken"}
    again = [await enter(town, 8, given) for _ in range(7)]
    assert {one.status_code for one in again} == {200}, "what was taken is no guess"


async def test_guesses_at_once_are_no_more_than_guesses_in_a_row(town: Community) -> None:
    token = await town.token(8)
    many = [town.ask("POST", MINE, token, json={"code": f"NOBODYS{n}"}) for n in range(9)]
    answers = sorted(one.status_code for one in await asyncio.gather(*many))
    assert answers == [409] * 5 + [429] * 4


@pytest.mark.parametrize("hostile", ["' OR 1=1 --", "<script>alert(1)</script>", "🎁", "a" * 100, "--", "\u202eABC"])
async def test_hostile_text_is_nobodys_code(town: Community, hostile: str) -> None:
    await code(town)
    answer = await enter(town, 8, hostile)
    assert (answer.status_code, answer.json()["code"]) == (409, "code-unknown")
    assert hostile not in answer.text or hostile == "--"


@pytest.mark.parametrize(
    "body", [{}, {"code": ""}, {"code": "a" * 101}, {"code": 7}, {"code": "A\n"}, {"code": "A", "signs": {}}]
)
async def test_what_is_no_code_at_all_is_told_as_such(town: Community, body: dict[str, Any]) -> None:
    answer = await town.ask("POST", MINE, await town.token(8), json=body)
    assert answer.status_code == 400
    assert await town.outside.number("SELECT count(*) FROM pace WHERE scope_key LIKE '%referred-by%'") == 0


async def test_who_has_ordered_is_not_asked_and_a_person_decides_if_they_say_it(town: Community) -> None:
    given = await code(town)
    await order(town, 8, 20)
    await asyncio.sleep(1.1)
    assert not await takes_code(town, 8)
    assert (await enter(town, 8, given)).json() == {"outcome": "taken"}
    await order(town, 8, 21)
    await referrals.settle_referrals(town.outside.service.pipeline)
    [found] = (await town.ask("GET", "/v1/referrals/review")).json()["referrals"]
    assert [reason["code"] for reason in found["reasons"]] == ["friend-not-new"]


@pytest.mark.parametrize("by_shopper", [True, False])
async def test_a_second_account_of_the_same_address_waits_for_a_person_whoever_says_it(
    town: Community, by_shopper: bool
) -> None:
    """The shop tells of both with one address; nothing but that is known of them."""
    for customer in (7, 8):
        body = f'{{"id": {customer}, "email": "ada@example.test", "date_modified_gmt": "2030-01-01T00:00:00"}}'
        path = town.outside.path("woocommerce", "customer.updated")
        await town.outside.deliver("woocommerce", body.encode(), path=path)
    await town.outside.work()
    given = await code(town)
    answer = await (enter(town, 8, given) if by_shopper else come(town, 8, given))
    assert answer.status_code == 200, answer.text
    await order(town, 8, 20)
    await referrals.settle_referrals(town.outside.service.pipeline)
    [found] = (await town.ask("GET", "/v1/referrals/review")).json()["referrals"]
    assert (found["state"], found["score"]) == ("review", 100)
    assert [reason["code"] for reason in found["reasons"]] == ["same-address"]


async def test_who_is_blocked_enters_no_code_and_is_asked_for_none(town: Community) -> None:
    given, token = await code(town), await town.token(8)
    blocked = "UPDATE member SET status = 'blocked' WHERE member_id = $1"
    await atomic(town.outside.service.database, lambda s: s.run(blocked, town.members[8]))
    answer = await town.ask("POST", MINE, token, json={"code": given})
    assert (answer.status_code, answer.json()["code"]) == (409, "member-not-active")
    assert not await takes_code(town, 8)
    assert await town.outside.number("SELECT count(*) FROM referral") == 0


async def test_a_token_that_may_only_read_enters_no_code(town: Community) -> None:
    connection = town.outside.connections["woocommerce"].public_id
    body = {"connection": connection, "customer": "8", "scopes": ["read", "redeem"]}
    token = (await town.ask("POST", "/v1/shopper-tokens", town.keys["tokens:mint"], json=body)).json()["token"]
    answer = await town.ask("POST", MINE, token, json={"code": await code(town)})
    assert answer.status_code == 403


async def test_a_programme_without_referrals_asks_for_no_code(prepared_database_url: str, tmp_path: Path) -> None:
    async with community(prepared_database_url, tmp_path, DOCUMENT) as made:
        await made.join(8)
        answer = await enter(made, 8, "ABCDEFGH")
        assert (answer.status_code, answer.json()["code"]) == (409, "no-referrals")
