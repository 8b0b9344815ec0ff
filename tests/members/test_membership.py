"""What people do to members by hand: limited, with a name and a reason, by two where the programme asks for it."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.access.auth import EXPORT_PEOPLE, READ_MEMBERS, WRITE_MEMBERS, create_api_key
from connector.people.actors import SHOPPER
from connector.people.merging import merge
from connector.storage.atomic import atomic
from connector.storage.session import Session
from connector.verify import verify
from loyalty_engine.errors import Refused
from tests.builders import KEYS, NOW
from tests.connector.outside import Outside, order_body, outside

DOCUMENT: dict[str, Any] = {
    "schema": 2,
    "programme": {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"},
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}},
    "adjust": {"max": 300, "second_person_above": 100},
    "tiers": [
        {"id": "member", "name": "Member", "qualify": "join"},
        {"id": "gold", "name": "Gold", "qualify": {"spend_12m": "1000.00"}, "multiplier": "2"},
    ],
    "badges": [{"id": "circle_of_year", "tier": "gold", "rule": "manual", "per": "year", "limit": 1}],
}


@dataclass
class Desk:
    """Customers 7 and 8 have 50 points each. keys: by who it is; kim has two, and of one nobody knows whose it is."""

    outside: Outside
    keys: dict[str, str]
    members: dict[str, str]

    @property
    def key(self) -> str:
        return self.keys["kim"]

    async def post(self, path: str, body: dict[str, Any], key: str = "desk-000001", by: str = "kim") -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.keys[by]}", "Idempotency-Key": key}
        return await self.outside.http.post(path.format(**self.members), json=body, headers=headers)

    async def get(self, path: str) -> dict[str, Any]:
        answer = await self.outside.http.get(
            path.format(**self.members), headers={"Authorization": f"Bearer {self.key}"}
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def available(self, who: str = "anna") -> int:
        return int((await self.get(f"/v1/members/{{{who}}}"))["available"])

    async def order(self, number: int, net: int, customer: int = 7) -> None:
        await self.outside.deliver("woocommerce", order_body("woocommerce", number, net, customer))
        await self.outside.work()

    async def is_sound(self) -> bool:
        report = await verify(self.outside.service.database, KEYS)
        assert report.ok, report.as_text()
        return True


@pytest.fixture
async def desk(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with outside(prepared_database_url, tmp_path, DOCUMENT) as service:
        await service.deliver("woocommerce", order_body("woocommerce", 1, 5000, 7))
        await service.deliver("woocommerce", order_body("woocommerce", 2, 5000, 8))
        await service.work()
        number = service.connections["woocommerce"].programme_number
        scopes = frozenset({READ_MEMBERS, WRITE_MEMBERS, EXPORT_PEOPLE})
        keys = {}
        for name, owner in (("kim", "kim"), ("kim too", " Kim "), ("lee", "lee"), ("max", "max"), ("nobody", "")):

            async def make(session: Session, name: str = name, owner: str = owner) -> str:
                return await create_api_key(session, number, f"desk of {name}", NOW, scopes, owner)

            keys[name] = await atomic(service.service.database, make)
        rows = await service.rows("SELECT customer_ref, member_id FROM identity ORDER BY customer_ref")
        names = dict(zip(("anna", "ben"), (str(uuid.UUID(row["member_id"])) for row in rows), strict=True))
        yield Desk(service, keys, names)


def adjustment(points: int, reason: str = "parcel came late", actor: str = "Kim") -> dict[str, Any]:
    return {"points": points, "actor": actor, "reason": reason}


def status(wanted: str) -> dict[str, str]:
    return {"status": wanted, "actor": "Kim", "reason": "their wish"}


async def test_points_are_given_once_with_name_and_reason(desk: Desk) -> None:
    for _ in range(3):
        answer = await desk.post("/v1/members/{anna}/adjust", adjustment(30))
        assert (answer.status_code, answer.json()["state"]) == (200, "done"), answer.text
    assert await desk.available() == 80
    entry = (await desk.get("/v1/members/{anna}/entries"))["entries"][0]
    assert (entry["kind"], entry["points"]) == ("adjust", 30)
    assert (entry["calculation"]["actor"], entry["calculation"]["reason"]) == ("Kim", "parcel came late")
    assert await desk.is_sound()


@pytest.mark.parametrize(
    ("points", "reason", "code"),
    [
        (301, "r", "adjust-above-maximum"),
        (-301, "r", "adjust-above-maximum"),
        (0, "r", "adjust-nothing"),
        (10, " ", "adjust-reason-missing"),
        (-51, "r", "not-enough-points"),
    ],
)
async def test_what_is_not_allowed_moves_nothing(desk: Desk, points: int, reason: str, code: str) -> None:
    answer = await desk.post("/v1/members/{anna}/adjust", adjustment(points, reason))
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert await desk.available() == 50


async def test_blocked_members_earn_nothing_until_they_are_unblocked(desk: Desk) -> None:
    assert (await desk.post("/v1/members/{anna}/status", status("blocked"))).status_code == 200
    await desk.order(3, 1000)
    assert await desk.available() == 50
    (reason,) = (await desk.get("/v1/members/{anna}"))["earns_nothing"]
    assert reason["reason"] == "member-blocked"
    assert (await desk.post("/v1/members/{anna}/status", status("active"))).status_code == 200
    await desk.order(4, 1000)
    assert await desk.available() == 60
    assert (await desk.post("/v1/members/{anna}/status", status("erased"))).status_code == 400


async def test_a_locked_tier_multiplies_and_an_unlocked_one_does_not(desk: Desk) -> None:
    body = {"tier": "gold", "actor": "Kim", "reason": "a friend of the house"}
    assert (await desk.post("/v1/members/{anna}/tier", body)).status_code == 200
    rows = await desk.outside.rows("SELECT tier, cause, actor, reason FROM tier_change ORDER BY member_id, n")
    assert {"tier": "gold", "cause": "locked", "actor": "Kim", "reason": "a friend of the house"} in rows
    unknown = await desk.post("/v1/members/{anna}/tier", {**body, "tier": "platinum"})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "tier-unknown")
    assert (await desk.post("/v1/members/{anna}/tier", {**body, "tier": None})).status_code == 200
    assert await desk.is_sound()


async def test_a_badge_is_given_by_hand_within_its_limit_and_taken_as_a_row(desk: Desk) -> None:
    body = {"actor": "Kim", "reason": "most helpful of the year"}
    path = "/v1/members/{anna}/badges/circle_of_year/"
    assert (await desk.post(f"{path}award", body)).status_code == 200
    again = await desk.post(f"{path}award", body)
    assert (again.status_code, again.json()["code"]) == (409, "badge-held-already")
    other = await desk.post("/v1/members/{ben}/badges/circle_of_year/award", body)
    assert (other.status_code, other.json()["code"]) == (409, "badge-limit-reached")
    (row,) = await desk.outside.rows("SELECT award_key FROM badge_change")
    taken = await desk.post(f"{path}revoke", {**body, "award_key": row["award_key"]})
    assert taken.status_code == 200, taken.text
    states = [row["badge_state"] for row in await desk.outside.rows("SELECT badge_state FROM badge_change ORDER BY n")]
    assert states == ["awarded", "revoked"]
    assert await desk.is_sound()


async def test_a_merge_is_shown_done_and_undone(desk: Desk) -> None:
    body = {"survivor": desk.members["anna"], "actor": "Kim", "reason": "the same person"}
    shown = (await desk.post("/v1/members/{ben}/merge/preview", body)).json()
    assert (shown["going"]["points"], shown["staying"]["points"], shown["merged"]["points"]) == (50, 50, 100)
    assert await desk.available() == 50
    for silent in ({**body, "reason": ""}, {name: value for name, value in body.items() if name != "reason"}):
        assert (await desk.post("/v1/members/{ben}/merge", silent)).status_code == 400
    assert await desk.available() == 50
    assert (await desk.post("/v1/members/{ben}/merge", body)).status_code == 200
    await desk.outside.work()
    assert (await desk.available(), await desk.available("ben")) == (100, 0)
    assert (await desk.post("/v1/members/{ben}/unmerge", {"actor": "Kim", "reason": "twins"})).status_code == 200
    await desk.outside.work()
    assert (await desk.available(), await desk.available("ben")) == (50, 50)
    assert await desk.is_sound()


async def test_members_of_other_programmes_are_not_there(desk: Desk) -> None:
    stranger = uuid.uuid4()
    for path, body in (
        (f"/v1/members/{stranger}/adjust", adjustment(10)),
        (f"/v1/members/{stranger}/status", status("blocked")),
        (f"/v1/members/{stranger}/merge", {"survivor": desk.members["anna"], "actor": "Kim", "reason": "r"}),
    ):
        assert (await desk.post(path, body)).status_code == 404


async def test_one_key_stands_for_one_adjustment(desk: Desk) -> None:
    assert (await desk.post("/v1/members/{anna}/adjust", adjustment(10))).status_code == 200
    other = await desk.post("/v1/members/{anna}/adjust", adjustment(20))
    assert (other.status_code, other.json()["code"]) == (422, "key-used-for-something-else")
    assert await desk.available() == 60


async def test_a_block_is_not_shaken_off_by_joining_another_account(desk: Desk) -> None:
    """Defect seen: a blocked member linked to another one, and the points were free again."""
    await desk.post("/v1/members/{ben}/status", status("blocked"))
    pipeline = desk.outside.service.pipeline
    ben, anna = (uuid.UUID(desk.members[name]).hex for name in ("ben", "anna"))
    number = desk.outside.connections["woocommerce"].programme_number
    for going, staying in ((ben, anna), (anna, ben)):
        with pytest.raises(Refused) as refusal:
            await merge(pipeline, number, going, staying, "address", SHOPPER)
        assert refusal.value.code == "member-not-active"
    assert await desk.available() == 50


async def test_a_birthday_is_told_once(desk: Desk) -> None:
    told = [await desk.post("/v1/members/{anna}/birthday", {"birthday": day}) for day in ("02-29", "03-01")]
    assert [answer.json() for answer in told] == [{"is_new": True}, {"is_new": False}]
    (row,) = await desk.outside.rows("SELECT birthday_key FROM person WHERE birthday_key IS NOT NULL")
    assert row["birthday_key"] == "02-29"
    answer = await desk.post("/v1/members/{anna}/birthday", {"birthday": "03-01", "corrects": True, "reason": " "})
    assert (answer.status_code, answer.json()["code"]) == (409, "reason-missing")
    corrected = {"birthday": "03-01", "corrects": True, "actor": "Kim", "reason": "a typing error"}
    told = [await desk.post("/v1/members/{anna}/birthday", corrected) for _ in range(2)]
    assert [answer.json() for answer in told] == [{"is_new": True}, {"is_new": False}]
    (row,) = await desk.outside.rows("SELECT birthday_key FROM person WHERE birthday_key IS NOT NULL")
    assert row["birthday_key"] == "03-01"
    acts = (await desk.get("/v1/members/{anna}/audit"))["acts"][:-1]
    assert [(one["act"], one["reason"], one["details"]) for one in acts] == [
        ("birthday", "a typing error", {"corrects": True}),
        ("birthday", "", {"corrects": False}),
    ]
    for wrong in ("02-30", "13-01", "2-9", "2026-02-01"):
        assert (await desk.post("/v1/members/{anna}/birthday", {"birthday": wrong})).status_code == 400


async def test_a_programme_without_referrals_says_so(desk: Desk) -> None:
    answer = await desk.post("/v1/members/{anna}/referral-code", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "no-referrals")
    assert (await desk.get("/v1/referrals/review")) == {"referrals": []}
