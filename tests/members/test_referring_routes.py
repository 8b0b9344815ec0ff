"""The routes of referrals: a code, a friend who came with it, the queue, and a person's answer."""

from __future__ import annotations

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


async def waiting(town: Community) -> list[dict[str, Any]]:
    """Bob, who shows Ada's flat and phone, has ordered."""
    await come(town, 8, await code(town, 7, **FLAT), **FLAT)
    at = (clock.utc_now() + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")
    dates = {name: at for name in ("date_created_gmt", "date_modified_gmt", "date_paid_gmt")}
    order = {**json.loads(order_body("woocommerce", 20, 3_000, 8)), **dates, "billing": {}, "shipping": {}}
    await town.outside.deliver("woocommerce", json.dumps(order).encode())
    await town.outside.work()
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
    assert (await town.ask("POST", "/v1/me/referral-code", town.keys["members:write"])).status_code == 401
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
