"""Many small steps come no further than one large one: what people move alone is added up."""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.people.actors import Actor
from connector.people.adjusting import adjust_points, answer_request
from connector.people.bulk_adjusting import Asking, ask, preview, run_bulks
from connector.people.merging import merge
from connector.people.segments import Segment
from connector.storage.adjust_requests import RequestState
from connector.storage.bulks import BulkState, RowState, progress_of
from connector.verify import verify
from loyalty_engine.errors import Refused
from tests.builders import KEYS, Shopfront, shopfront
from tests.members.test_membership import Desk, adjustment, desk
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story

__all__ = ["desk"]
DOCUMENT: dict[str, Any] = {
    "schema": 2,
    "programme": {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"},
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}},
    "adjust": {"max": 300, "bulk_max": 1000, "second_person_above": 100, "second_person_total": 150},
}
KIM, LEE, MAX = (Actor(name, f"key:bk_{name}", name.title()) for name in ("kim", "lee", "max"))
DONE, WAITS = RequestState.AGREED, RequestState.WAITING
WINDOW = timedelta(days=30)


async def town(front: Shopfront, customers: int = 3) -> list[str]:
    for customer in range(1, customers + 1):
        story = Story((SoldLine(1, 1, 20_000),), order_id=customer, customer=customer)
        await front.receive("order.updated", json.dumps(woocommerce_bodies.webhook_order(story)).encode())
    rows = await front.rows("SELECT member_id FROM identity ORDER BY customer_ref")
    return [row["member_id"] for row in rows]


async def give(front: Shopfront, member: str, points: int, by: Actor = KIM) -> RequestState:
    return await adjust_points(front.pipeline, front.programme, member, points, uuid.uuid4().hex, by, "late")


async def by_hand(front: Shopfront, member: str) -> list[int]:
    rows = await front.rows("SELECT points FROM entry WHERE kind = 'adjust' AND member_id = $1 ORDER BY n", member)
    return [row["points"] for row in rows]


@pytest.mark.parametrize(("last", "becomes"), [(39, DONE), (40, DONE), (41, WAITS), (-40, DONE), (-41, WAITS)])
async def test_small_steps_for_one_member_add_up_either_way_whoever_takes_them(
    prepared_database_url: str, last: int, becomes: RequestState
) -> None:
    """Defect seen: each request was looked at alone, so a hundred of 100 points passed."""
    async with shopfront(prepared_database_url, document=DOCUMENT) as front:
        anna, ben, _ = await town(front)
        assert await give(front, anna, 40) is DONE
        assert await give(front, anna, -20, LEE) is DONE
        assert await give(front, anna, last, MAX) is becomes
        assert await by_hand(front, anna) == [40, -20, *([last] if becomes is DONE else [])]
        assert await give(front, ben, 50, MAX) is DONE


@pytest.mark.parametrize(("last", "becomes"), [(49, DONE), (50, DONE), (51, WAITS)])
async def test_one_person_comes_so_far_for_all_members_together(
    prepared_database_url: str, last: int, becomes: RequestState
) -> None:
    async with shopfront(prepared_database_url, document=DOCUMENT) as front:
        anna, ben, cara = await town(front)
        assert await give(front, anna, 60) is DONE
        assert await give(front, ben, -40, replace(KIM, person=" KIM ", through="command")) is DONE
        assert await give(front, cara, last) is becomes
        assert await by_hand(front, cara) == ([last] if becomes is DONE else [])
        assert await give(front, cara, 1, LEE) is DONE


@pytest.mark.parametrize("later", [WINDOW - timedelta(microseconds=1), WINDOW])
async def test_what_was_longer_ago_does_not_count(prepared_database_url: str, later: timedelta) -> None:
    async with shopfront(prepared_database_url, document=DOCUMENT) as front:
        anna, _, _ = await town(front)
        assert await give(front, anna, 100) is DONE
        front.clock.moment += later
        assert await give(front, anna, 1) is (DONE if later == WINDOW else WAITS)


async def test_what_two_agreed_to_counts_for_neither(prepared_database_url: str) -> None:
    async with shopfront(prepared_database_url, document=DOCUMENT) as front:
        anna, _, _ = await town(front)
        request = uuid.uuid4().hex
        for _ in range(2):
            state = await adjust_points(front.pipeline, front.programme, anna, 200, request, KIM, "late")
            assert state is WAITS
        assert await answer_request(front.pipeline, front.programme, anna, request, LEE, agrees=True) is DONE
        assert await adjust_points(front.pipeline, front.programme, anna, 200, request, KIM, "late") is DONE
        assert await give(front, anna, 100, LEE) is DONE
        assert await give(front, anna, 1) is WAITS
        assert await by_hand(front, anna) == [200, 100]
        assert (await verify(front.database, KEYS)).ok


async def test_what_waits_goes_on_waiting_when_there_is_room_again(prepared_database_url: str) -> None:
    async with shopfront(prepared_database_url, document=DOCUMENT) as front:
        anna, _, _ = await town(front)
        await give(front, anna, 100)
        front.clock.moment += WINDOW - timedelta(days=1)
        assert await adjust_points(front.pipeline, front.programme, anna, 5, "r1", KIM, "late") is WAITS
        front.clock.moment += timedelta(days=1)
        assert await adjust_points(front.pipeline, front.programme, anna, 5, "r1", KIM, "late") is WAITS
        assert await by_hand(front, anna) == [100]


async def test_a_merge_makes_no_room(prepared_database_url: str) -> None:
    async with shopfront(prepared_database_url, document=DOCUMENT) as front:
        anna, ben, _ = await town(front)
        await give(front, anna, 90)
        await merge(front.pipeline, front.programme, anna, ben, "merchant", LEE)
        assert await give(front, ben, 11, LEE) is WAITS
        assert await give(front, ben, 10, LEE) is DONE


async def test_small_steps_at_once_do_not_slip_past_together(prepared_database_url: str) -> None:
    async with shopfront(prepared_database_url, document=DOCUMENT) as front:
        members = await town(front, 6)
        for_one = await asyncio.gather(*(give(front, members[0], 30, one) for one in (KIM, LEE, MAX, LEE, MAX)))
        assert sorted(for_one) == sorted([DONE] * 3 + [WAITS] * 2)
        assert await by_hand(front, members[0]) == [30] * 3
        zoe = Actor("zoe", "key:bk_zoe", "Zoe")
        by_one = await asyncio.gather(*(give(front, member, 60, zoe) for member in members[1:]))
        assert sorted(by_one) == sorted([DONE] * 2 + [WAITS] * 3)
        assert sum([len(await by_hand(front, member)) for member in members[1:]]) == 2


def asking(front: Shopfront, members: list[str], points: int, digest: str, by: Actor = KIM) -> Asking:
    segment = Segment(members=members)
    return Asking(front.programme, uuid.uuid4().hex, segment, points, by, "late", digest)


async def bulk(front: Shopfront, members: list[str], points: int, by: Actor = KIM) -> BulkState:
    seen = await preview(front.pipeline, front.programme, Segment(members=members), points, by)
    made = await ask(front.pipeline, asking(front, members, points, seen.digest, by))
    assert seen.needs_second_person is (made.state is BulkState.WAITING)
    return made.state


async def test_a_segment_counts_for_its_members_and_for_whoever_asked(prepared_database_url: str) -> None:
    async with shopfront(prepared_database_url, document=DOCUMENT) as front:
        anna, ben, cara = await town(front)
        assert await give(front, anna, 61) is DONE
        assert await bulk(front, [anna, ben], 40, LEE) is BulkState.WAITING
        assert await bulk(front, [anna, ben], 39, LEE) is BulkState.RUNNING
        # Nothing of it is posted yet, and it counts.
        assert await give(front, anna, 1, MAX) is WAITS
        assert await give(front, cara, 73, LEE) is WAITS
        assert await give(front, cara, 72, LEE) is DONE
        while await run_bulks(front.pipeline):
            pass
        assert await by_hand(front, anna) == [61, 39]
        assert await give(front, ben, 62, MAX) is WAITS
        assert await give(front, ben, 61, MAX) is DONE
        assert await bulk(front, [cara], 5, LEE) is BulkState.WAITING


async def test_a_segments_adjustment_passes_over_whoever_had_more_meanwhile(prepared_database_url: str) -> None:
    """Two that are asked for at the same moment, each within the limit, give one member no more than it."""
    async with shopfront(prepared_database_url, document=DOCUMENT) as front:
        anna, _, _ = await town(front)
        digest = (await preview(front.pipeline, front.programme, Segment(members=[anna]), 60, KIM)).digest
        made = await asyncio.gather(
            *(ask(front.pipeline, asking(front, [anna], 60, digest, one)) for one in (KIM, LEE, MAX))
        )
        while await run_bulks(front.pipeline):
            pass
        assert await by_hand(front, anna) == [60]
        running = [one for one in made if one.state is BulkState.RUNNING]
        progress = [await progress_of(front.database.reading(), one.bulk_id) for one in running]
        assert sum(one.states.get(RowState.POSTED, 0) for one in progress) == 1
        assert {reason for one in progress for reason in one.reasons} <= {"adjust-needs-second-person"}


async def test_a_key_belongs_to_the_person_who_used_it_first(desk: Desk) -> None:
    """Defect seen: another person's request with the same key was answered with done, and nothing had moved."""
    assert (await desk.post("/v1/members/{anna}/adjust", adjustment(7), by="kim")).json()["state"] == "done"
    answer = await desk.post("/v1/members/{anna}/adjust", adjustment(7), by="lee")
    assert (answer.status_code, answer.json()["code"]) == (409, "key-of-somebody-else")
    assert (await desk.post("/v1/members/{anna}/adjust", adjustment(7), by="kim too")).json()["state"] == "done"
    waiting = await desk.post("/v1/members/{anna}/adjust", adjustment(101), "desk-000002", by="lee")
    assert waiting.json()["state"] == "waiting"
    answer = await desk.post("/v1/members/{anna}/adjust", adjustment(101), "desk-000002", by="max")
    assert (answer.status_code, answer.json()["code"]) == (409, "key-of-somebody-else")
    assert await desk.available() == 57
    assert len((await desk.get("/v1/adjustments/waiting"))["requests"]) == 1


async def test_a_key_of_a_segments_adjustment_does_too(prepared_database_url: str) -> None:
    async with shopfront(prepared_database_url, document=DOCUMENT) as front:
        anna, _, _ = await town(front)
        digest = (await preview(front.pipeline, front.programme, Segment(members=[anna]), 5, KIM)).digest
        first = asking(front, [anna], 5, digest)
        await ask(front.pipeline, first)
        assert (await ask(front.pipeline, first)).bulk_id == first.bulk_id
        with pytest.raises(Refused) as refusal:
            await ask(front.pipeline, replace(first, actor=LEE))
        assert refusal.value.code == "key-of-somebody-else"
        while await run_bulks(front.pipeline):
            pass
        assert await by_hand(front, anna) == [5]
