"""Points for a whole segment: those who were shown, once each, however it is stopped, and back again."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.ingest.pipeline import drain
from connector.people import bulk_adjusting
from connector.people.actors import Actor
from connector.people.bulk_adjusting import Asking, Preview, answer, ask, preview, run_bulks, undo
from connector.people.segments import Segment, Selection, read_list, select, with_emails
from connector.storage.adjust_requests import REQUEST_LIFE
from connector.storage.atomic import atomic
from connector.storage.bulks import Bulk, BulkState, Progress, RowState, find_bulk, progress_of
from connector.verify import verify
from loyalty_engine.errors import Refused
from tests.builders import KEYS, MIA, Shopfront, shopfront
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story

DOCUMENT: dict[str, Any] = {
    "schema": 2,
    "programme": {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"},
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0, "allow_negative": -20}},
    "adjust": {"max": 300, "bulk_max": 1000, "second_person_above": 200},
    "rewards": [{"id": "five", "kind": "amount", "points": 500, "value": "5.00"}],
    "tiers": [
        {"id": "member", "name": "Member", "qualify": "join"},
        {"id": "gold", "name": "Gold", "qualify": {"spend_12m": "30.00"}},
    ],
}
EVERYONE = Segment(everyone=True)
LEE = Actor("lee", "key:bk_lee", "Lee")


class Town:
    """Customers 1 to 5 with 10, 20, 30, 40 and 50 points, in this order; the last three are gold."""

    def __init__(self, front: Shopfront, members: list[str]) -> None:
        self.front, self.members = front, members

    async def see(self, segment: Segment = EVERYONE, points: int = 5) -> Preview:
        return await preview(self.front.pipeline, self.front.programme, segment, points, MIA)

    async def ask(self, segment: Segment = EVERYONE, points: int = 5, key: str = "k1", **more: Any) -> Bulk:
        digest = more.pop("digest", None) or (await self.see(segment, points)).digest
        bulk_id = uuid.uuid5(uuid.NAMESPACE_OID, key).hex
        asking = Asking(self.front.programme, bulk_id, segment, points, MIA, "sorry for the delay", digest)
        return await ask(self.front.pipeline, replace(asking, **more))

    async def run(self) -> None:
        while await run_bulks(self.front.pipeline):
            pass
        assert await run_bulks(self.front.pipeline) == 0

    async def adjusted(self) -> list[list[int]]:
        """Points by hand of each member, in order."""
        rows = await self.front.rows("SELECT member_id, points FROM entry WHERE kind = 'adjust' ORDER BY member_id, n")
        return [[row["points"] for row in rows if row["member_id"] == member] for member in self.members]

    async def balances(self) -> list[int]:
        rows = await self.front.rows("SELECT member_id, points FROM balance")
        found = {row["member_id"]: row["points"] for row in rows}
        return [found[member] for member in self.members]

    async def bulk(self, bulk: Bulk) -> Bulk:
        found = await find_bulk(self.front.database.reading(), self.front.programme, bulk.bulk_id)
        assert found is not None
        return found

    async def progress(self, bulk: Bulk) -> Progress:
        return await progress_of(self.front.database.reading(), bulk.bulk_id)

    async def is_sound(self) -> bool:
        report = await verify(self.front.database, KEYS)
        assert report.ok, report.as_text()
        return True


@pytest.fixture
async def town(prepared_database_url: str) -> AsyncIterator[Town]:
    async with shopfront(prepared_database_url, document=DOCUMENT) as front:
        members = []
        for customer in range(1, 6):
            body = woocommerce_bodies.webhook_order(
                Story((SoldLine(1, 1, customer * 1_000),), order_id=customer, customer=customer)
            )
            await front.receive("order.updated", json.dumps(body).encode())
            (row,) = await front.rows("SELECT member_id FROM identity WHERE customer_ref = $1", str(customer))
            members.append(row["member_id"])
        await drain(front.pipeline)
        yield Town(front, members)


async def test_what_is_shown_is_what_is_done_once_each(town: Town) -> None:
    seen = await town.see(Segment(tiers=["gold"]), 7)
    assert (seen.members, seen.points, seen.value_minor, seen.currency) == (3, 21, 21, "EUR")
    assert {one[0] for one in seen.sample} == set(town.members[2:])
    assert await town.adjusted() == [[]] * 5
    bulk = await town.ask(Segment(tiers=["gold"]), 7)
    assert bulk.state is BulkState.RUNNING
    assert await town.adjusted() == [[]] * 5
    await town.run()
    assert await town.adjusted() == [[], [], [7], [7], [7]]
    assert (await town.bulk(bulk)).state is BulkState.DONE
    assert (await town.ask(Segment(tiers=["gold"]), 7, digest=seen.digest)).bulk_id == bulk.bulk_id
    await town.run()
    assert await town.adjusted() == [[], [], [7], [7], [7]]
    rows = await town.front.rows("SELECT act, person, numbers_text FROM audit WHERE act <> 'enrol'")
    assert [(row["act"], row["person"]) for row in rows] == [("bulk-adjust", "mia")] * 3
    assert json.loads(rows[0]["numbers_text"]) == {"bulk": bulk.bulk_id, "points": 7}
    assert await town.is_sound()


@pytest.mark.parametrize(
    ("segment", "who"),
    [
        (Segment(balance_from=20, balance_to=40), [1, 2, 3]),
        (Segment(balance_from=21), [2, 3, 4]),
        (Segment(balance_to=19), [0]),
        (Segment(balance_from=0, tiers=["member"]), [0, 1]),
        (Segment(tiers=["member", "gold"], balance_from=30), [2, 3, 4]),
        (Segment(tiers=["platinum"]), []),
        (Segment(everyone=True, statuses=["blocked"]), []),
    ],
)
async def test_filters_mean_their_boundaries(town: Town, segment: Segment, who: list[int]) -> None:
    seen = await town.see(segment)
    assert {member for member, _, _ in seen.sample} == {town.members[n] for n in who}
    assert seen.members == len(who)


async def test_days_are_the_programmes_and_both_ends_count(town: Town) -> None:
    """By the day on which each came: where the programme takes everybody, all are enrolled from its first day."""
    (row,) = await town.front.rows("SELECT created_at_us FROM member WHERE member_id = $1", town.members[0])
    from connector.storage.instants import instant
    from loyalty_engine.days import local_day

    day, one = local_day(instant(row["created_at_us"]), "Europe/Berlin"), timedelta(days=1)
    for segment, count in (
        (Segment(joined_from=day, joined_to=day), 5),
        (Segment(joined_from=day + one), 0),
        (Segment(joined_to=day - one), 0),
    ):
        assert (await town.see(segment)).members == count
    rows = await town.front.rows("SELECT activity_at_us FROM balance WHERE activity_at_us IS NOT NULL")
    last = {local_day(instant(row["activity_at_us"]), "Europe/Berlin") for row in rows}
    assert (await town.see(Segment(active_from=min(last), active_to=max(last)))).members == len(rows) > 0
    assert (await town.see(Segment(active_to=min(last) - one))).members == 0


async def test_lists_take_ids_and_addresses_and_say_who_is_nobody(town: Town) -> None:
    body = {"id": 2, "email": "two@example.test", "role": "customer"}
    await town.front.receive("customer.created", json.dumps(body).encode())
    raw = f"Member;Email\n{uuid.UUID(town.members[0])};\n;TWO@example.test\n;nobody@example.test\n".encode()
    members, emails = read_list(raw)
    segment = with_emails(KEYS, town.front.programme, Segment(members=members), emails)
    seen = await town.see(segment)
    assert {member for member, _, _ in seen.sample} == set(town.members[:2])
    assert seen.unknown == 1
    await town.ask(segment)
    rows = await town.front.rows("SELECT segment FROM bulk_adjust")
    assert "example.test" not in rows[0]["segment"]


async def test_tags_of_a_stores_customer_are_found(town: Town) -> None:
    body = {"id": 3, "email": "three@example.test", "role": "wholesale"}
    await town.front.receive("customer.created", json.dumps(body).encode())
    seen = await town.see(Segment(tags=["Wholesale"]))
    assert [member for member, _, _ in seen.sample] == [town.members[2]]
    assert (await town.see(Segment(tags=["vip"]))).members == 0


@pytest.mark.parametrize(
    ("segment", "points", "code"),
    [
        (Segment(), 5, "segment-empty"),
        (Segment(statuses=["blocked"]), 5, "segment-empty"),
        (Segment(everyone=True, statuses=["erased"]), 5, "segment-status-unknown"),
        (Segment(members=["x"]), 5, "segment-member-unknown"),
        (EVERYONE, 0, "adjust-nothing"),
        (EVERYONE, 201, "adjust-above-maximum"),
        (Segment(tiers=["platinum"]), 5, "segment-nobody"),
        (EVERYONE, 5, "adjust-reason-missing"),
        (EVERYONE, 41, "owner-unknown"),
    ],
)
async def test_what_is_refused_writes_nothing(town: Town, segment: Segment, points: int, code: str) -> None:
    more: dict[str, Any] = {"reason": " "} if code == "adjust-reason-missing" else {}
    if code == "owner-unknown":
        more["actor"] = Actor("", "key:bk_x", "Mia")
    with pytest.raises(Refused) as refusal:
        await town.ask(segment, points, **more)
    assert refusal.value.code == code
    assert await town.front.number("SELECT count(*) FROM bulk_adjust") == 0
    assert await town.front.number("SELECT count(*) FROM bulk_member") == 0
    await town.run()
    assert await town.adjusted() == [[]] * 5


async def test_the_limit_is_for_all_together_and_exact(town: Town) -> None:
    assert not (await town.see(EVERYONE, 200)).above_maximum
    assert (await town.see(EVERYONE, 201)).above_maximum
    assert not (await town.see(EVERYONE, 40)).needs_second_person
    assert (await town.see(EVERYONE, 41)).needs_second_person
    assert (await town.see(EVERYONE, -41)).needs_second_person


async def test_if_it_means_others_by_now_it_says_so_and_does_nothing(town: Town) -> None:
    segment = Segment(balance_from=30)
    seen = await town.see(segment)
    body = woocommerce_bodies.webhook_order(Story((SoldLine(1, 1, 2_000),), order_id=9, customer=2))
    await town.front.receive("order.updated", json.dumps(body).encode())
    with pytest.raises(Refused) as refusal:
        await town.ask(segment, digest=seen.digest)
    assert (refusal.value.code, refusal.value.numbers["members"]) == ("segment-changed", 4)
    assert await town.front.number("SELECT count(*) FROM bulk_adjust") == 0
    await town.ask(segment, digest=refusal.value.numbers["digest"])


async def test_as_many_others_are_others(town: Town) -> None:
    """Who is meant is bound, not how many."""
    segment = Segment(balance_from=20, balance_to=20)
    seen = await town.see(segment)
    for customer in (1, 2):
        body = woocommerce_bodies.webhook_order(
            Story((SoldLine(1, 1, 1_000),), order_id=9 + customer, customer=customer)
        )
        await town.front.receive("order.updated", json.dumps(body).encode())
    await drain(town.front.pipeline)
    assert [one[0] for one in seen.sample] == [town.members[1]]
    assert [one[0] for one in (await town.see(segment)).sample] == [town.members[0]]
    with pytest.raises(Refused) as refusal:
        await town.ask(segment, digest=seen.digest)
    assert (refusal.value.code, refusal.value.numbers["members"]) == ("segment-changed", 1)


async def test_who_goes_while_it_is_written_down_is_noticed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between a last look and writing them down: those who were shown, or nobody."""
    seen = await town.see()

    async def overtaken(*told: Any) -> Selection:
        found = await select(*told)
        gone = "UPDATE member SET status = 'blocked' WHERE member_id = $1"
        await atomic(town.front.database, lambda session: session.run(gone, town.members[0]))
        return found

    monkeypatch.setattr(bulk_adjusting, "select", overtaken)
    made = await town.ask(digest=seen.digest)
    assert (made.state, made.dropped_for) == (BulkState.DROPPED, "segment-changed")
    assert await town.front.number("SELECT count(*) FROM bulk_member") == 0
    monkeypatch.undo()
    assert (await town.ask(digest=seen.digest)).state is BulkState.DROPPED
    await town.ask(key="k2")
    rows = await town.front.rows("SELECT member_id FROM bulk_member")
    assert sorted(row["member_id"] for row in rows) == sorted(town.members[1:])


async def test_who_comes_later_gets_nothing_of_what_was_asked_before(town: Town) -> None:
    await town.ask(Segment(balance_to=20), 5)
    body = woocommerce_bodies.webhook_order(Story((SoldLine(1, 1, 100),), order_id=9, customer=9))
    await town.front.receive("order.updated", json.dumps(body).encode())
    await town.run()
    assert await town.adjusted() == [[5], [5], [], [], []]
    assert await town.front.number("SELECT count(*) FROM entry WHERE kind = 'adjust'") == 2


async def test_two_must_agree_to_the_whole_sum(town: Town) -> None:
    bulk = await town.ask(EVERYONE, 41)
    assert bulk.state is BulkState.WAITING
    await town.run()
    assert await town.adjusted() == [[]] * 5
    pipeline, number = town.front.pipeline, town.front.programme
    for actor, code in ((MIA, "adjust-needs-second-person"), (Actor("", "key:x", "Lee"), "owner-unknown")):
        with pytest.raises(Refused) as refusal:
            await answer(pipeline, number, bulk.bulk_id, actor, agrees=True)
        assert refusal.value.code == code
    answers = await asyncio.gather(
        *(answer(pipeline, number, bulk.bulk_id, LEE, agrees=True) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(one, Bulk) for one in answers) == 1
    await town.run()
    assert await town.adjusted() == [[41]] * 5
    entry = await town.front.rows("SELECT body_text FROM explanation WHERE body_text LIKE '%second_actor%'")
    assert {json.loads(row["body_text"])["second_actor"] for row in entry} == {"Lee"}
    assert await town.is_sound()


async def test_refused_or_too_late_nothing_moves(town: Town) -> None:
    pipeline, number = town.front.pipeline, town.front.programme
    refused = await town.ask(EVERYONE, 41)
    assert (await answer(pipeline, number, refused.bulk_id, MIA, agrees=False)).state is BulkState.REFUSED
    late = await town.ask(EVERYONE, 42, key="k2")
    town.front.clock.moment += REQUEST_LIFE
    for bulk in (refused, late):
        with pytest.raises(Refused) as refusal:
            await answer(pipeline, number, bulk.bulk_id, LEE, agrees=True)
        assert refusal.value.code == "request-answered"
        with pytest.raises(Refused):
            await undo(pipeline, number, bulk.bulk_id, LEE, "never was")
    await town.run()
    assert await town.adjusted() == [[]] * 5


async def test_who_has_too_little_is_passed_over_and_counted(town: Town) -> None:
    seen = await town.see(EVERYONE, -25)
    assert (seen.points, seen.value_minor, seen.too_few) == (-125, -125, 2)
    bulk = await town.ask(EVERYONE, -25)
    await town.run()
    assert await town.adjusted() == [[], [], [-25], [-25], [-25]]
    progress = await town.progress(bulk)
    assert progress.states == {RowState.POSTED: 3, RowState.PASSED_OVER: 2}
    assert progress.reasons == {"not-enough-points": 2}
    await undo(town.front.pipeline, town.front.programme, bulk.bulk_id, LEE, "a mistake")
    await town.run()
    assert await town.balances() == [10, 20, 30, 40, 50]
    assert await town.is_sound()


async def test_one_key_stands_for_one_bulk_and_programmes_do_not_see_each_other(town: Town) -> None:
    bulk = await town.ask(EVERYONE, 5)
    with pytest.raises(Refused) as refusal:
        await town.ask(EVERYONE, 6)
    assert refusal.value.code == "key-used-for-something-else"
    for work in (
        answer(town.front.pipeline, town.front.programme + 1, bulk.bulk_id, LEE, agrees=True),
        undo(town.front.pipeline, town.front.programme + 1, bulk.bulk_id, LEE, "x"),
    ):
        with pytest.raises(Refused) as refusal:
            await work
        assert refusal.value.code == "bulk-unknown"
