"""Points for a whole segment as a support desk and an operator ask for them."""

from __future__ import annotations

from typing import Any

from connector.commands.run import COMMANDS
from connector.people.bulk_adjusting import run_bulks
from connector.running.worker import adjust_segments
from tests.members.test_membership import Desk, desk

__all__ = ["desk"]
AT = "/v1/bulk-adjustments"
SEGMENT = {"balance_from": 50}


async def asked(desk: Desk, points: int = 10, by: str = "kim", **more: Any) -> dict[str, Any]:
    body = {"segment": SEGMENT, "points": points}
    shown = await desk.post(f"{AT}/preview", body, by=by)
    assert shown.status_code == 200, shown.text
    body |= {"digest": shown.json()["digest"], "actor": "Kim", "reason": "sorry", **more}
    answer = await desk.post(AT, body, by=by)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def test_a_preview_changes_nothing_and_says_all_of_it(desk: Desk) -> None:
    body = {"segment": SEGMENT, "points": 60, "emails": ["nobody@example.test"]}
    assert (await desk.post(f"{AT}/preview", body)).json()["members"] == 0
    shown = (await desk.post(f"{AT}/preview", {"segment": SEGMENT, "points": 60})).json()
    assert (shown["members"], shown["points"], shown["needs_second_person"]) == (2, 120, True)
    assert {one["member"] for one in shown["sample"]} == set(desk.members.values())
    assert {(one["balance"], one["tier"]) for one in shown["sample"]} == {(50, "member")}
    assert (await desk.get(AT)) == {"bulks": []}
    assert await desk.available() == 50


async def test_it_is_done_by_the_worker_watched_and_taken_back(desk: Desk) -> None:
    made = await asked(desk)
    assert (made["state"], made["progress"]["waiting"]) == ("running", 2)
    assert (await asked(desk))["bulk"] == made["bulk"]
    while await adjust_segments(desk.outside.service):
        pass
    seen = await desk.get(f"{AT}/{made['bulk']}")
    assert (seen["state"], seen["progress"]["posted"], seen["person"]) == ("done", 2, "kim")
    assert (await desk.available(), await desk.available("ben")) == (60, 60)
    for _ in range(2):
        undone = await desk.post(f"{AT}/{made['bulk']}/undo", {"actor": "Lee", "reason": "wrong month"}, by="lee")
        assert undone.status_code == 200
        while await adjust_segments(desk.outside.service):
            pass
    (seen,) = (await desk.get(AT))["bulks"]
    assert (seen["state"], seen["progress"]["taken_back"], seen["undone_by"]) == ("undone", 2, "lee")
    assert (await desk.available(), await desk.available("ben")) == (50, 50)
    acts = (await desk.get("/v1/members/{anna}/audit"))["acts"]
    assert [(one["person"], one["details"]["points"]) for one in acts[:2]] == [("lee", -10), ("kim", 10)]
    assert await desk.is_sound()


async def test_a_second_person_is_proven_here_too(desk: Desk) -> None:
    made = await asked(desk, 60)
    assert made["state"] == "waiting"
    for by, status in (("kim", 409), ("kim too", 409), ("nobody", 409), ("lee", 200), ("max", 409)):
        answer = await desk.post(f"{AT}/{made['bulk']}/answer", {"actor": "Lee", "agrees": True}, by=by)
        assert answer.status_code == status, by
    await run_bulks(desk.outside.service.pipeline)
    assert await desk.available() == 110


async def test_what_is_wrong_is_named_and_nothing_is_written(desk: Desk) -> None:
    digest = "0" * 64
    whole = {"segment": SEGMENT, "points": 10, "digest": digest, "actor": "Kim", "reason": "sorry"}
    for body, status in (
        ({**whole, "segment": {"colour": "red"}}, 400),
        ({**whole, "segment": {"joined_from": "soon"}}, 400),
        ({**whole, "digest": "x"}, 400),
        ({**whole, "reason": ""}, 400),
        ({**whole, "points": 10**10}, 400),
        (whole, 409),
        ({**whole, "segment": {}}, 409),
    ):
        answer = await desk.post(AT, body)
        assert answer.status_code == status, (body, answer.text)
    assert (await desk.get(AT)) == {"bulks": []}
    missing = await desk.post(f"{AT}/{digest[:32]}/undo", {"actor": "Kim", "reason": "x"})
    assert missing.status_code == 404


async def test_an_operators_commands_do_the_same_step_by_step(desk: Desk) -> None:
    service, number = desk.outside.service, desk.outside.connections["woocommerce"].programme_number
    params = {"programme": number, "points": 10, "segment": '{"balance_from": 50}', "operator": "ops"}
    shown = await COMMANDS["bulk-preview"](service, params)
    assert (shown["members"], shown["points"]) == (2, 20)
    made = await COMMANDS["bulk-ask"](service, {**params, "reason": "sorry", "digest": shown["digest"], "key": "k"})
    of = {"programme": number, "bulk": made["bulk"], "operator": "ops"}
    while made["state"] == "running":
        made = await COMMANDS["bulk-step"](service, of)
    assert (made["progress"]["posted"], made["person"]) == (2, "ops")
    undone = await COMMANDS["bulk-undo"](service, {**of, "reason": "wrong month"})
    while undone["state"] == "undoing":
        undone = await COMMANDS["bulk-step"](service, of)
    assert undone["progress"]["taken_back"] == 2
    assert await desk.available() == 50
