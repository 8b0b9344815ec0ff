"""Above the programme's limit two people must agree, and it is proven that they are two."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest

from connector.people.actors import Actor
from connector.people.adjusting import adjust_points, answer_request
from connector.storage.adjust_requests import REQUEST_LIFE, RequestState
from loyalty_engine.errors import Refused
from tests.builders import Shopfront, shopfront
from tests.members.test_membership import DOCUMENT, Desk, adjustment, desk
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story
from tests.second_connection import run_apart

__all__ = ["desk"]
KIM, LEE, MAX = (Actor(name, f"key:bk_{name}", name.title()) for name in ("kim", "lee", "max"))


async def asked(desk: Desk, points: int = 101, by: str = "kim") -> str:
    answer = (await desk.post("/v1/members/{anna}/adjust", adjustment(points), by=by)).json()
    assert answer["state"] == "waiting"
    assert await desk.available() == 50
    return f"/v1/members/{{anna}}/adjust/{answer['request']}"


async def answered(desk: Desk, path: str, by: str, *, agrees: bool = True, name: str = "Lee") -> httpx.Response:
    return await desk.post(path, {"actor": name, "agrees": agrees, "reason": "looked at it"}, by=by)


async def test_another_person_agrees_once(desk: Desk) -> None:
    path = await asked(desk)
    (waiting,) = (await desk.get("/v1/adjustments/waiting"))["requests"]
    assert (waiting["points"], waiting["actor"], waiting["person"]) == (101, "Kim", "kim")
    agreed = await answered(desk, path, "lee")
    assert (agreed.status_code, agreed.json()["state"]) == (200, "done"), agreed.text
    assert await desk.available() == 151
    again = await answered(desk, path, "max")
    assert (again.status_code, again.json()["code"]) == (409, "request-answered")
    assert (await desk.get("/v1/adjustments/waiting"))["requests"] == []
    assert await desk.available() == 151
    entry = (await desk.get("/v1/members/{anna}/entries"))["entries"][0]
    assert (entry["calculation"]["actor"], entry["calculation"]["second_actor"]) == ("Kim", "Lee")
    acts = (await desk.get("/v1/members/{anna}/audit"))["acts"]
    assert [(one["act"], one["person"], one["actor"], one["reason"]) for one in acts[:-1]] == [
        ("adjust-agreed", "lee", "Lee", "looked at it"),
        ("adjust-asked", "kim", "Kim", "parcel came late"),
    ]
    assert acts[0]["through"] == f"key:{desk.keys['lee'].partition('.')[0]}"
    assert await desk.is_sound()


@pytest.mark.parametrize("name", ["Kim", "Lee"])
@pytest.mark.parametrize(
    ("by", "code"),
    [("kim", "adjust-needs-second-person"), ("kim too", "adjust-needs-second-person"), ("nobody", "owner-unknown")],
)
async def test_a_name_that_is_typed_makes_nobody_a_second_person(desk: Desk, by: str, name: str, code: str) -> None:
    """Defect seen: whoever asked wrote another name, and agreed with themselves."""
    path = await asked(desk)
    answer = await answered(desk, path, by, name=name)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert await desk.available() == 50
    assert len((await desk.get("/v1/adjustments/waiting"))["requests"]) == 1
    assert (await answered(desk, path, "lee")).json()["state"] == "done"
    assert await desk.available() == 151


async def test_nobody_known_cannot_ask_for_what_two_must_agree_to(desk: Desk) -> None:
    answer = await desk.post("/v1/members/{anna}/adjust", adjustment(101), by="nobody")
    assert (answer.status_code, answer.json()["code"]) == (409, "owner-unknown")
    assert (await desk.get("/v1/adjustments/waiting"))["requests"] == []
    small = await desk.post("/v1/members/{anna}/adjust", adjustment(100), "desk-000002", by="nobody")
    assert small.json()["state"] == "done"


async def test_a_request_from_before_owners_were_known_is_asked_for_anew(desk: Desk) -> None:
    path = await asked(desk)
    run_apart(desk.outside.service.database.url, "UPDATE adjust_request SET person = ''")
    answer = await answered(desk, path, "lee")
    assert (answer.status_code, answer.json()["code"]) == (409, "owner-unknown")
    assert await desk.available() == 50


async def test_what_is_refused_or_taken_back_moves_nothing(desk: Desk) -> None:
    path = await asked(desk)
    assert (await answered(desk, path, "lee", agrees=False)).json()["state"] == "refused"
    late = await answered(desk, path, "max")
    assert (late.json()["code"], late.json()["numbers"]["state"]) == ("request-answered", "refused")
    again = await desk.post("/v1/members/{anna}/adjust", adjustment(101))
    assert again.json()["code"] == "request-answered"
    own = (await desk.post("/v1/members/{anna}/adjust", adjustment(120), "desk-000002")).json()["request"]
    assert (await answered(desk, f"/v1/members/{{anna}}/adjust/{own}", "kim", agrees=False)).json()[
        "state"
    ] == "refused"
    assert await desk.available() == 50
    other = await answered(desk, path.replace("{anna}", "{ben}"), "lee")
    assert (other.status_code, other.json()["code"]) == (409, "request-unknown")


async def test_the_body_names_somebody_else_than_who_asked(desk: Desk) -> None:
    """Both ways to be the same person count: proven, and as written into the books."""
    answer = await answered(desk, await asked(desk), "lee", name="Kim")
    assert (answer.status_code, answer.json()["code"]) == (409, "adjust-needs-second-person")
    assert await desk.available() == 50


async def member_of(front: Shopfront) -> str:
    body = woocommerce_bodies.webhook_order(Story((SoldLine(1, 1, 5_000),), order_id=1, customer=7))
    await front.receive("order.updated", json.dumps(body).encode())
    (row,) = await front.rows("SELECT member_id FROM member")
    return str(row["member_id"])


async def points_by_hand(front: Shopfront) -> list[int]:
    rows = await front.rows("SELECT points FROM entry WHERE kind = 'adjust'")
    return [row["points"] for row in rows]


async def test_of_two_who_agree_at_once_one_moves_the_points(prepared_database_url: str) -> None:
    async with shopfront(prepared_database_url, document=DOCUMENT) as front:
        member, request = await member_of(front), uuid.uuid4().hex
        state = await adjust_points(front.pipeline, front.programme, member, 200, request, KIM, "late")
        assert state is RequestState.WAITING

        async def agree(actor: Actor) -> Any:
            return await answer_request(front.pipeline, front.programme, member, request, actor, agrees=True)

        answers = await asyncio.gather(*(agree(one) for one in (LEE, MAX, LEE, MAX)), return_exceptions=True)
        assert [one for one in answers if not isinstance(one, Exception)] == [RequestState.AGREED]
        assert {one.code for one in answers if isinstance(one, Refused)} == {"request-answered"}
        assert await points_by_hand(front) == [200]


@pytest.mark.parametrize("late", [timedelta(microseconds=-1), timedelta()])
async def test_after_its_time_nobody_can_agree(prepared_database_url: str, late: timedelta) -> None:
    async with shopfront(prepared_database_url, document=DOCUMENT) as front:
        member, request = await member_of(front), uuid.uuid4().hex
        await adjust_points(front.pipeline, front.programme, member, 200, request, KIM, "late")
        front.clock.moment += REQUEST_LIFE + late
        if late:
            assert await answer_request(front.pipeline, front.programme, member, request, LEE, agrees=True)
            assert await points_by_hand(front) == [200]
            return
        with pytest.raises(Refused) as refusal:
            await answer_request(front.pipeline, front.programme, member, request, LEE, agrees=True)
        assert refusal.value.numbers["state"] == "over"
        with pytest.raises(Refused):
            await adjust_points(front.pipeline, front.programme, member, 200, request, KIM, "late")
        assert await points_by_hand(front) == []
