"""A community over the API: privileges for other systems, levels given by hand, awards that rest on mutual votes."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from connector import clock
from connector.cli.main import cli
from connector.config import load_settings
from connector.running.firings import Schedule
from connector.running.run_job import run_job
from connector.running.scheduler import review_members
from connector.storage.atomic import atomic
from tests.builders import DOCUMENT, KEYS
from tests.connector.community import Community, community, hours_ago
from tests.connector.outside import order_body

TOWN: dict[str, Any] = {
    **DOCUMENT,
    "badges": [
        {"id": "voice", "name": {"en": "Voice"}, "rule": "helpful_received >= 6"},
        {"id": "regular", "name": {"en": "Regular"}, "rule": "orders_12m >= 1"},
    ],
    "levels": [
        {"id": "guest", "name": {"en": "Guest"}, "unlock": ["read"]},
        {"id": "helper", "name": {"en": "Helper"}, "require": {"helpful_received": 6}, "unlock": ["photos"]},
        {
            "id": "guide",
            "name": {"en": "Guide"},
            "require": {"appointed": True, "level": "guest"},
            "unlock": ["review_queue"],
        },
    ],
}
BY = {"actor": "Maria", "reason": "I know them all."}


async def mutual(town: Community, votes: int = 6) -> None:
    """Customers 20 to 25 find what 7 wrote helpful, and 7 finds theirs helpful: 7 received ``votes``."""
    for friend in range(20, 20 + votes):
        await town.did("vote.helpful", 7, hours_ago(3), of=friend)
        await town.did("vote.helpful", friend, hours_ago(2), of=7)


@pytest.fixture
async def town(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Community]:
    async with community(prepared_database_url, tmp_path, TOWN) as made:
        await made.join(7, *range(20, 26))
        yield made


async def standing(town: Community, customer: int = 7) -> dict[str, Any]:
    answer = await town.ask("GET", f"/v1/members/{town.id_of(customer)}/standing")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def holds(town: Community) -> tuple[str, list[str]]:
    """Level and badges of customer 7."""
    found = await standing(town)
    return found["level"]["id"], [badge["id"] for badge in found["badges"]]


async def queue(town: Community) -> list[tuple[str, str, str]]:
    awards = (await town.ask("GET", "/v1/held-awards")).json()["awards"]
    return sorted((each["subject"], each["level"], each["member"]) for each in awards)


async def decide(town: Community, subject: str, accepts: bool, level: str = "", **changes: Any) -> Any:
    body = {"subject": subject, "level": level, "accepts": accepts, **BY, **changes}
    return await town.act(f"/v1/members/{town.id_of(7)}/held-awards/decide", body)


async def level(town: Community, name: str | None, **changes: Any) -> Any:
    return await town.act(f"/v1/members/{town.id_of(7)}/level", {"level": name, **BY, **changes})


# --- mutual votes -----------------------------------------------------------------------------------------------------


async def test_what_rests_on_mutual_votes_waits_and_is_given_when_a_person_accepts_it(town: Community) -> None:
    await mutual(town)
    me = town.id_of(7)
    assert await holds(town) == ("guest", [])
    assert await queue(town) == [("helper", "", me), ("voice", "bronze", me)]
    [award, _] = (await town.ask("GET", "/v1/held-awards")).json()["awards"]
    assert (award["code"], award["numbers"], award["state"]) == (
        "votes-mutual",
        {"mutual": 6, "received": 6},
        "waiting",
    )

    accepted = await decide(town, "voice", True, "bronze")
    assert (accepted.status_code, accepted.json()["state"], accepted.json()["actor"]) == (200, "accepted", "Maria")
    assert await holds(town) == ("guest", ["voice"])
    assert await queue(town) == [("helper", "", me)]
    assert (await decide(town, "helper", True)).status_code == 200
    assert await holds(town) == ("helper", ["voice"])
    assert await queue(town) == []
    again = await decide(town, "voice", True, "bronze", actor="Ben")
    assert (again.json()["actor"], await holds(town)) == ("Maria", ("helper", ["voice"]))
    refused = await decide(town, "voice", False, "bronze")
    assert (refused.status_code, refused.json()["code"]) == (409, "award-accepted-already")


async def test_what_a_person_refused_is_not_given_and_asked_no_more_until_they_change_their_mind(
    town: Community,
) -> None:
    await mutual(town)
    assert (await decide(town, "voice", False, "bronze")).json()["state"] == "refused"
    await town.did("vote.helpful", 24, hours_ago(1), of=7)
    await town.did("vote.helpful", 7, hours_ago(1), of=24)
    assert await holds(town) == ("guest", [])
    assert [subject for subject, *_ in await queue(town)] == ["helper"]
    assert (await decide(town, "voice", True, "bronze")).json()["state"] == "accepted"
    assert await holds(town) == ("guest", ["voice"])
    [row] = await town.outside.rows("SELECT actor, reason FROM held_award WHERE subject = 'voice'")
    assert (row["actor"], row["reason"]) == ("Maria", "I know them all.")


async def test_an_accepted_award_is_still_lost_with_what_it_rests_on(town: Community) -> None:
    await mutual(town)
    await decide(town, "voice", True, "bronze")
    await town.did("vote.withdrawn", 20, hours_ago(1), of=7, object={"kind": "vote", "id": "o2"})
    assert await holds(town) == ("guest", [])
    rows = await town.outside.rows("SELECT badge_state, reason FROM badge_change ORDER BY n")
    assert [(row["badge_state"], row["reason"]) for row in rows] == [
        ("awarded", "reached"),
        ("revoked", "criteria-lost"),
    ]
    assert await queue(town) == []


@pytest.mark.parametrize(
    ("subject", "badge_level", "changes", "status", "code"),
    [
        ("voice", "gold", {}, 409, "award-not-held"),
        ("nothing", "", {}, 409, "award-not-held"),
        ("voice", "bronze", {"reason": " "}, 409, "reason-missing"),
        ("voice", "bronze", {"actor": ""}, 400, None),
    ],
)
async def test_a_verdict_that_makes_no_sense_changes_nothing(
    town: Community, subject: str, badge_level: str, changes: Any, status: int, code: str | None
) -> None:
    await mutual(town)
    answer = await decide(town, subject, True, badge_level, **changes)
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert (await holds(town), len(await queue(town))) == (("guest", []), 2)


async def test_only_a_key_that_may_write_decides_and_only_in_its_own_programme(town: Community) -> None:
    await mutual(town)
    path = f"/v1/members/{town.id_of(7)}/held-awards/decide"
    body = {"subject": "voice", "level": "bronze", "accepts": True, **BY}
    assert (await town.act(path, body, "members:read")).status_code == 403
    assert (await town.act(path.replace(town.id_of(7), town.outside.connections["shopify"].public_id), body)).json()[
        "code"
    ] == "member-unknown"
    assert await holds(town) == ("guest", [])


# --- levels by hand ---------------------------------------------------------------------------------------------------


async def test_who_is_appointed_has_the_privileges_of_all_levels_until_they_are_dismissed(town: Community) -> None:
    assert (await standing(town))["privileges"] == ["read"]
    made = await level(town, "guide")
    assert (made.status_code, made.json()["level"], made.json()["actor"]) == (200, "guide", "Maria")
    assert (await standing(town))["privileges"] == ["photos", "read", "review_queue"]
    assert (await level(town, "guide")).json()["code"] == "level-held-already"
    assert (await level(town, None)).json()["level"] == "guest"
    assert (await standing(town))["privileges"] == ["read"]
    assert (await level(town, None)).json()["code"] == "level-not-appointed"
    rows = await town.outside.rows(
        "SELECT level, actor FROM level_change WHERE member_id = $1 ORDER BY n", town.members[7]
    )
    deeds = await town.outside.rows(
        "SELECT act FROM audit WHERE member_id = $1 AND act <> 'enrol' ORDER BY at_us", town.members[7]
    )
    assert [row["act"] for row in deeds] == ["level-appoint", "level-dismiss"]
    assert [(row["level"], row["actor"]) for row in rows] == [
        ("guest", "system"),
        ("guide", "Maria"),
        ("guest", "Maria"),
    ]


@pytest.mark.parametrize(
    ("name", "changes", "status"),
    [("helper", {}, 409), ("nothing", {}, 409), ("guide", {"reason": " "}, 409), ("guide", {"reason": ""}, 400)],
)
async def test_what_cannot_be_appointed_changes_nothing(town: Community, name: str, changes: Any, status: int) -> None:
    assert (await level(town, name, **changes)).status_code == status
    assert (await holds(town))[0] == "guest"


async def test_who_is_blocked_keeps_the_level_and_loses_its_privileges(town: Community) -> None:
    await level(town, "guide")
    await atomic(town.outside.service.database, lambda s: s.run("UPDATE member SET status = 'blocked'"))
    found = await standing(town)
    assert (found["level"]["id"], found["privileges"], found["status"]) == ("guide", [], "blocked")
    assert (await level(town, None)).json()["code"] == "member-not-active"


async def test_the_standing_of_a_member_of_another_programme_is_not_told(town: Community) -> None:
    answer = await town.ask("GET", f"/v1/members/{town.outside.connections['shopify'].public_id}/standing")
    assert answer.status_code == 404


# --- looking again ----------------------------------------------------------------------------------------------------


async def test_a_badge_that_no_longer_holds_is_revoked_by_the_schedule_as_a_row(
    town: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order leaves the twelve months: nobody does anything, and the job finds it on that day."""
    await town.outside.deliver("woocommerce", order_body("woocommerce", 1, 1_000, 7))
    await town.outside.work()
    assert (await holds(town))[1] == ["regular"]
    service: Any = town.outside.service
    later = clock.utc_now() + timedelta(days=364 - 120)
    for days, badges in ((0, ["regular"]), (370, [])):
        moment = later + timedelta(days=days)
        monkeypatch.setattr(service.pipeline, "now", lambda moment=moment: moment)
        assert await run_job(service, Schedule(review_members, timedelta(minutes=10)), moment)
        assert (await holds(town))[1] == badges
    rows = await town.outside.rows("SELECT badge_state, reason FROM badge_change WHERE badge = 'regular' ORDER BY n")
    assert [(row["badge_state"], row["reason"]) for row in rows] == [
        ("awarded", "reached"),
        ("revoked", "criteria-lost"),
    ]


# --- by command -------------------------------------------------------------------------------------------------------


def test_the_operator_lists_decides_appoints_and_dismisses(databases: Any, tmp_path: Path) -> None:
    async def fill(url: str) -> str:
        async with community(url, tmp_path, TOWN) as made:
            await made.join(7, *range(20, 26))
            await mutual(made)
            return made.members[7]

    key_file = load_settings({"BELONG_HOME": str(tmp_path)}).key_file
    key_file.touch(mode=0o600)
    key_file.write_text(base64.urlsafe_b64encode(KEYS.master).decode())
    with databases.prepared("sqlite") as url:
        member = asyncio.run(fill(url))
        home = {"BELONG_HOME": str(tmp_path), "DATABASE_URL": url}

        def belong(*arguments: str) -> str:
            done = CliRunner().invoke(cli, ["community", *arguments], env=home)
            return done.output if done.exit_code == 0 else f"failed: {done.output}{done.exception}"

        by = ("--reason", "known")
        assert re.search(rf"^{member}  voice bronze  since \S+: 6 of 6 votes are mutual$", belong("held"), re.M)
        said = belong("decide", member, "voice", "--level", "bronze", "--accept", *by)
        assert f"voice of {member} is accepted." in said
        assert f"helper of {member} is refused." in belong("decide", member, "helper", "--refuse", *by)
        assert belong("held") == "Nothing waits.\n"
        assert f"{member} has the level guide." in belong("appoint", member, "guide", *by)
        assert "level-held-already" in belong("appoint", member, "guide", *by)
        assert f"{member} has the level guest." in belong("dismiss", member, *by)
        assert "is no member's id" in belong("dismiss", "nobody", *by)
