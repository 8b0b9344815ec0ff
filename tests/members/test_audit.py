"""What is done to members by hand leaves one row each: who, through what, when, what, why; erasing leaves no words."""

from __future__ import annotations

import asyncio
from typing import Any

from connector.commands import COMMANDS
from connector.reapplying import reapply_erasures
from tests.members.test_membership import DOCUMENT, Desk, desk

__all__ = ["desk"]
WHO = {"actor": "Kim", "reason": "asked on the phone"}


async def acts(desk: Desk, who: str = "anna") -> list[dict[str, Any]]:
    return list(reversed((await desk.get(f"/v1/members/{{{who}}}/audit"))["acts"]))


async def test_each_change_of_status_is_one_row_and_none_is_none(desk: Desk) -> None:
    for status in ("blocked", "blocked", "active", "left", "active"):
        answer = await desk.post("/v1/members/{anna}/status", {"status": status, **WHO}, by="lee")
        assert answer.status_code == 200
    found = await acts(desk)
    assert [one["act"] for one in found] == ["block", "unblock", "leave", "rejoin"]
    assert {(one["person"], one["actor"], one["reason"]) for one in found} == {("lee", "Kim", "asked on the phone")}
    assert {one["through"] for one in found} == {f"key:{desk.keys['lee'].partition('.')[0]}"}
    assert found[0]["details"] == {"before": "active", "after": "blocked"}
    assert await acts(desk, "ben") == []


async def test_what_is_refused_leaves_no_row(desk: Desk) -> None:
    wrong = await desk.post("/v1/members/{anna}/tier", {"tier": "platinum", **WHO})
    assert wrong.status_code == 409
    nameless = await desk.post("/v1/members/{anna}/status", {"status": "blocked"})
    assert nameless.status_code == 400
    assert await acts(desk) == []


async def test_tiers_badges_and_points_by_hand_are_among_it(desk: Desk) -> None:
    await desk.post("/v1/members/{anna}/tier", {"tier": "gold", **WHO})
    await desk.post("/v1/members/{anna}/tier", {"tier": None, **WHO})
    await desk.post("/v1/members/{anna}/badges/circle_of_year/award", WHO)
    for _ in range(2):
        await desk.post("/v1/members/{anna}/adjust", {"points": 7, **WHO})
    found = await acts(desk)
    assert [one["act"] for one in found] == ["tier-lock", "tier-unlock", "badge-award", "adjust"]
    assert (found[0]["details"], found[3]["details"]["points"]) == ({"tier": "gold"}, 7)


async def test_both_sides_of_a_merge_know_of_it_and_of_its_undoing(desk: Desk) -> None:
    body = {"survivor": desk.members["anna"], **WHO}
    for _ in range(2):
        assert (await desk.post("/v1/members/{ben}/merge", body, by="lee")).status_code == 200
    await desk.outside.work()
    assert (
        await desk.post("/v1/members/{ben}/unmerge", {"actor": "Max", "reason": "twins"}, by="max")
    ).status_code == 200
    for who in ("anna", "ben"):
        found = await acts(desk, who)
        told = [(one["act"], one["person"], one["actor"], one["reason"]) for one in found]
        assert told == [("merge", "lee", "Kim", "asked on the phone"), ("unmerge", "max", "Max", "twins")], who
        assert found[0]["details"]["cause"] == "merchant"
    assert await desk.is_sound()


async def test_joining_by_consent_is_a_row(desk: Desk) -> None:
    body = {"connection": desk.outside.connections["woocommerce"].public_id, "customer": "99", **WHO}
    headers = {"Authorization": f"Bearer {desk.keys['lee']}"}
    answers = [await desk.outside.http.post("/v1/members", json=body, headers=headers) for _ in range(2)]
    desk.members["new"] = answers[0].json()["id"]
    (only,) = await acts(desk, "new")
    assert (only["act"], only["person"], only["reason"]) == ("enrol", "lee", "asked on the phone")


async def test_exports_are_noted_and_erasing_leaves_rows_without_words(desk: Desk) -> None:
    await desk.post("/v1/members/{anna}/status", {"status": "blocked", "actor": "Kim", "reason": "Ada Lovelace asked"})
    exported = await desk.get("/v1/members/{anna}/person?reason=Ada+wrote&actor=Kim")
    (membership,) = exported["memberships"]
    assert {one["act"] for one in membership["done_by_hand"]} == {"block", "export"}
    assert {one["reason"] for one in membership["said_by_hand"]} == {"Ada Lovelace asked", "Ada wrote"}
    headers = {"Authorization": f"Bearer {desk.keys['lee']}"}
    path = "/v1/members/{anna}/person?reason=Ada+wrote".format(**desk.members)
    for _ in range(2):
        assert (await desk.outside.http.delete(path, headers=headers)).status_code == 200
    found = await acts(desk)
    assert [(one["act"], one["person"]) for one in found] == [("block", "kim"), ("export", "kim"), ("erase", "lee")]
    assert {(one["actor"], one["reason"]) for one in found} == {("", "")}
    assert await desk.outside.rows("SELECT * FROM audit_note") == []
    await reapply_erasures(desk.outside.service.pipeline)
    assert len(await acts(desk)) == 3
    assert await desk.is_sound()


async def test_pages_of_it_miss_nothing(desk: Desk) -> None:
    for number in range(5):
        await desk.post("/v1/members/{anna}/adjust", {"points": 1 + number, **WHO}, f"desk-00000{number}")
    seen, before = [], ""
    while True:
        page = await desk.get(f"/v1/members/{{anna}}/audit?limit=2{before}")
        seen += [one["details"]["points"] for one in page["acts"]]
        if page["next_before"] is None:
            break
        before = "&before=" + page["next_before"].replace("+", "%2B")
    assert seen == [5, 4, 3, 2, 1]


async def test_a_command_acts_as_the_user_of_the_system(desk: Desk) -> None:
    service = desk.outside.service
    number = desk.outside.connections["woocommerce"].programme_number
    params = {"programme": number, "member": desk.members["anna"], "operator": "ops"}
    await COMMANDS["member-status"](service, {**params, "status": "blocked", "reason": "fraud"})
    asked = await COMMANDS["adjust-member"](service, {**params, "points": 101, "reason": "late", "key": "k"})
    assert asked["state"] == "waiting"
    request = {**params, "request": asked["request"], "agrees": True}
    refused = await asyncio.gather(COMMANDS["answer-adjust"](service, request), return_exceptions=True)
    assert "adjust-needs-second-person" in str(refused[0])
    done = await COMMANDS["answer-adjust"](service, {**request, "operator": "lee"})
    assert done == {"state": "agreed"}
    told = (await COMMANDS["member-audit"](service, params))["acts"]
    assert [(one["act"], one["person"], one["through"]) for one in reversed(told)] == [
        ("block", "ops", "command"),
        ("adjust-asked", "ops", "command"),
        ("adjust-agreed", "lee", "command"),
    ]
    assert await desk.available() == 151


async def test_an_owner_of_a_key_is_the_same_person_as_the_user_of_that_name(desk: Desk) -> None:
    made = (await desk.post("/v1/members/{anna}/adjust", {"points": 101, **WHO})).json()
    number = desk.outside.connections["woocommerce"].programme_number
    params = {"programme": number, "member": desk.members["anna"], "request": made["request"], "agrees": True}
    own = await asyncio.gather(
        COMMANDS["answer-adjust"](desk.outside.service, {**params, "operator": "kim"}), return_exceptions=True
    )
    assert "adjust-needs-second-person" in str(own[0])
    assert await desk.available() == 50


async def test_strangers_read_nothing_of_it(desk: Desk) -> None:
    await desk.post("/v1/members/{anna}/status", {"status": "blocked", **WHO})
    path = "/v1/members/{anna}/audit".format(**desk.members)
    assert (await desk.outside.http.get(path)).status_code == 401


async def test_a_programme_remembers_who_published_paused_and_resumed(desk: Desk) -> None:
    service = desk.outside.service
    rows = await desk.outside.rows("SELECT programme_number FROM member")
    params = {"programme": rows[0]["programme_number"], "operator": "mia"}
    await COMMANDS["publish"](service, {**params, "document": DOCUMENT})
    await COMMANDS["pause"](service, {**params, "reason": "The shop moves"})
    await COMMANDS["resume"](service, {**params, "operator": "lee", "reason": "It has moved"})
    made = await desk.outside.rows("SELECT actor FROM programme_version ORDER BY version DESC LIMIT 1")
    assert made == [{"actor": "mia"}]
    paused = await desk.outside.rows("SELECT actor, resumed_by FROM programme_pause")
    assert paused == [{"actor": "mia", "resumed_by": "lee"}]
