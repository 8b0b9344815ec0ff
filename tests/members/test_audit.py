"""What is done to members by hand leaves one row each: who, through what, when, what, why; erasing leaves no words."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.commands.run import COMMANDS
from connector.data.reapplying import reapply_erasures
from connector.people.actors import Actor
from connector.storage.atomic import atomic
from connector.storage.audit import Act, Deed, note_deeds
from tests.builders import NOW
from tests.members.test_membership import DOCUMENT, Desk, desk

__all__ = ["desk"]
KIM = Actor("kim", "key:bk_kim", "Kim")
WHO = {"actor": "Kim", "reason": "asked on the phone"}


async def acts(desk: Desk, who: str = "anna") -> list[dict[str, Any]]:
    """Without the first: that the programme took them in."""
    shown: list[dict[str, Any]] = (await desk.get(f"/v1/members/{{{who}}}/audit"))["acts"]
    first, found = shown[-1], shown[-2::-1]
    assert (first["act"], first["person"], first["through"]) == ("enrol", "system", "job")
    return found


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
    (only,) = (await desk.get("/v1/members/{new}/audit"))["acts"]
    assert (only["act"], only["person"], only["reason"]) == ("enrol", "lee", "asked on the phone")


async def test_exports_are_noted_and_erasing_leaves_rows_without_words(desk: Desk) -> None:
    await desk.post("/v1/members/{anna}/status", {"status": "blocked", "actor": "Kim", "reason": "Ada Lovelace asked"})
    exported = await desk.get("/v1/members/{anna}/person?reason=Ada+wrote&actor=Kim")
    (membership,) = exported["memberships"]
    assert {one["act"] for one in membership["done_by_hand"]} == {"enrol", "block", "export"}
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


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
async def test_pages_of_it_miss_nothing_and_show_nothing_twice(desk: Desk, limit: int) -> None:
    """Defect seen: of several acts at one moment those beyond the page were lost."""
    number = desk.outside.connections["woocommerce"].programme_number
    member = uuid.UUID(desk.members["anna"]).hex
    moments = [NOW, *[NOW + timedelta(seconds=1)] * 4, NOW + timedelta(seconds=2)]
    deeds = [Deed(member, number, Act.LINK, KIM, "", at, {"number": place}) for place, at in enumerate(moments)]
    await atomic(desk.outside.service.database, lambda session: note_deeds(session, deeds))
    whole = (await desk.get("/v1/members/{anna}/audit"))["acts"]
    seen: list[dict[str, Any]] = []
    after = ""
    while True:
        page = await desk.get(f"/v1/members/{{anna}}/audit?limit={limit}{after}")
        seen += page["acts"]
        if page["next_before"] is None:
            break
        after = f"&before={page['next_before'].replace('+', '%2B')}&before_id={page['next_before_id']}"
    assert seen == whole
    places = [one["details"]["number"] for one in whole if one["act"] == "link"]
    assert (places[0], places[-1], sorted(places)) == (5, 0, [0, 1, 2, 3, 4, 5])
    headers = {"Authorization": f"Bearer {desk.key}"}
    path = f"/v1/members/{desk.members['anna']}/audit?before_id={'0' * 32}"
    assert (await desk.outside.http.get(path, headers=headers)).status_code == 400


async def test_unmerging_and_exporting_say_why(desk: Desk) -> None:
    body = {"survivor": desk.members["anna"], **WHO}
    await desk.post("/v1/members/{ben}/merge", body)
    for reason, status in (({}, 400), ({"reason": ""}, 400), ({"reason": "  "}, 409)):
        answer = await desk.post("/v1/members/{ben}/unmerge", {"actor": "Kim", **reason})
        assert answer.status_code == status, answer.text
    assert [one["act"] for one in await acts(desk, "ben")] == ["merge"]


async def test_imported_balances_and_their_undoing_are_rows(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "balances.csv"
    file.write_text("customer_id,points\n7,30\n8,0\n")
    service = desk.outside.service
    number = desk.outside.connections["woocommerce"].programme_number
    store = desk.outside.connections["woocommerce"].public_id
    params = {"programme": number, "file": str(file), "format": "plain", "connection": store, "operator": "ops"}
    assert (await COMMANDS["import-balances"](service, params))["posted"] is None
    assert await acts(desk) == []
    for _ in range(2):
        made = await COMMANDS["import-balances"](service, {**params, "apply": True})
    for _ in range(2):
        await COMMANDS["undo-import"](service, {**params, "import": made["import"], "apply": True})
    found = await acts(desk)
    assert [(one["act"], one["person"], one["through"], one["details"]) for one in found] == [
        ("import-balance", "ops", "command", {"import": made["import"], "points": 30}),
        ("import-undo", "ops", "command", {"import": made["import"], "points": -30}),
    ]
    assert await acts(desk, "ben") == []
    # Neither waits for a second person, and neither takes room from what people do by hand.
    assert (await desk.post("/v1/members/{anna}/adjust", {"points": 100, **WHO})).json()["state"] == "done"
    assert await desk.is_sound()


async def test_a_customer_of_a_new_store_is_a_row_without_their_number(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "identities.csv"
    stores = [desk.outside.connections[name].public_id for name in ("woocommerce", "shopify")]
    file.write_text(f"old_connection,old_customer_id,new_connection,new_customer_id\n{stores[0]},7,{stores[1]},7007\n")
    for apply in (False, True, True):
        await COMMANDS["import-identities"](
            desk.outside.service, {"file": str(file), "apply": apply, "operator": "ops"}
        )
    (only,) = await acts(desk)
    number = desk.outside.connections["shopify"].number
    assert (only["act"], only["person"], only["details"]) == ("map-identity", "ops", {"connection": number, "line": 2})
    assert "7007" not in str(only)


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
    assert [(one["act"], one["person"], one["through"]) for one in told[-2::-1]] == [
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
