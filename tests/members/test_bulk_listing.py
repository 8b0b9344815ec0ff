"""Whom an adjustment of a segment means is written down by the job: those who were confirmed, or nobody."""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from connector.data.shop_emptying import empty_shop
from connector.people import bulk_listing
from connector.people.actors import Actor
from connector.people.adjusting import adjust_points
from connector.people.bulk_adjusting import Asking, answer, note_asked, run_bulks, undo
from connector.people.membership import set_status
from connector.people.segments import Segment, with_emails
from connector.storage.adjust_requests import REQUEST_LIFE
from connector.storage.atomic import atomic
from connector.storage.bulks import Bulk, BulkState, RowState, how_far, list_bulks
from connector.storage.segments import write_members
from loyalty_engine.errors import Refused
from loyalty_engine.member import MemberStatus
from tests.builders import KEYS, MIA
from tests.members.test_bulk_adjusting import EVERYONE, LEE, Town, town
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story

__all__ = ["town"]


class Killed(BaseException):
    """The process is gone."""


async def asking(town: Town, segment: Segment = EVERYONE, points: int = 5, key: str = "k1", **more: Any) -> Asking:
    digest = (await town.see(segment, points)).digest
    bulk_id = uuid.uuid5(uuid.NAMESPACE_OID, key).hex
    return replace(Asking(town.front.programme, bulk_id, segment, points, MIA, "sorry", digest), **more)


async def noted(town: Town, *told: Any, **more: Any) -> Bulk:
    return await note_asked(town.front.pipeline, await asking(town, *told, **more))


async def becomes(town: Town, member: str, status: MemberStatus = MemberStatus.BLOCKED) -> None:
    await set_status(town.front.pipeline, town.front.programme, member, status, MIA, "asked")


async def rows_of(town: Town) -> int:
    return await town.front.number("SELECT count(*) FROM bulk_member")


async def nobody_got_anything(town: Town, bulk: Bulk, why: str) -> None:
    await town.run()
    found = await town.bulk(bulk)
    assert (found.state, found.dropped_for, found.is_listed) == (BulkState.DROPPED, why, True)
    assert await rows_of(town) == 0
    assert await town.adjusted() == [[]] * 5
    assert await town.is_sound()


async def test_who_asks_writes_one_row_and_the_job_the_others(town: Town) -> None:
    bulk = await noted(town)
    assert (bulk.state, bulk.is_listed, await rows_of(town)) == (BulkState.RUNNING, False, 0)
    assert (await how_far(town.front.database.reading(), bulk)).states == {RowState.WAITING: 5}
    await run_bulks(town.front.pipeline)
    assert (await town.bulk(bulk)).is_listed and await rows_of(town) == 5
    assert await town.adjusted() == [[]] * 5
    await town.run()
    assert await town.adjusted() == [[5]] * 5
    assert (await town.bulk(bulk)).state is BulkState.DONE
    assert await town.is_sound()


@pytest.mark.parametrize("listed", [False, True])
async def test_stopped_between_any_two_pages_it_goes_on_and_nobody_has_it_twice(
    town: Town, monkeypatch: pytest.MonkeyPatch, listed: bool
) -> None:
    """Killed before and after the commit of each page, of the comparison and of clearing."""
    segment = Segment(members=town.members[:4]) if listed else Segment(balance_from=0, balance_to=40)
    bulk, fate, deaths = await noted(town, segment), Random(7), list[str]()
    monkeypatch.setattr(bulk_listing, "PAGE", 1)

    async def dies(*told: Any) -> Any:
        when = fate.choice(["before", "after", ""])
        deaths.append(when)
        if when == "before":
            raise Killed
        made = await atomic(*told)
        if when == "after":
            raise Killed
        return made

    seen = set[int]()
    monkeypatch.setattr(bulk_listing, "atomic", dies)
    for _ in range(60):
        try:
            await run_bulks(town.front.pipeline)
        except Killed:
            seen.add(await rows_of(town))
    assert min(deaths.count("before"), deaths.count("after")) > 4 and {1, 2, 3, 4} <= seen
    assert await town.adjusted() == [[5]] * 4 + [[]]
    assert (await town.bulk(bulk)).state is BulkState.DONE
    assert await town.is_sound()


async def test_two_presses_and_four_jobs_at_once_give_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_listing, "PAGE", 2)
    pipeline, wanted = town.front.pipeline, await asking(town)
    made = await asyncio.gather(*(note_asked(pipeline, wanted) for _ in range(3)))
    assert {one.bulk_id for one in made} == {wanted.bulk_id}
    await asyncio.gather(*(run_bulks(pipeline) for _ in range(4)))
    await town.run()
    assert await town.front.number("SELECT count(*) FROM bulk_adjust") == 1
    assert await town.adjusted() == [[5]] * 5
    assert await town.is_sound()


async def test_whoever_left_since_the_preview_ends_it_for_all(town: Town) -> None:
    wanted = await asking(town)
    await becomes(town, town.members[2])
    bulk = await note_asked(town.front.pipeline, wanted)
    await nobody_got_anything(town, bulk, "segment-changed")
    assert (await note_asked(town.front.pipeline, wanted)).state is BulkState.DROPPED
    again = await noted(town, key="k2")
    await town.run()
    assert await town.adjusted() == [[5], [5], [], [5], [5]]
    assert (await town.bulk(again)).members == 4


async def test_as_many_others_end_it_too(town: Town) -> None:
    """Who is meant is confirmed, and not how many."""
    bulk = await noted(town, Segment(balance_from=20, balance_to=20))
    for customer in (1, 2):
        story = Story((SoldLine(1, 1, 1_000),), order_id=9 + customer, customer=customer)
        await town.front.receive("order.updated", json.dumps(woocommerce_bodies.webhook_order(story)).encode())
    assert (await town.see(Segment(balance_from=20, balance_to=20))).members == 1
    await nobody_got_anything(town, bulk, "segment-changed")


@pytest.mark.parametrize("comes", [False, True])
async def test_who_comes_between_two_pages_ends_it_and_who_goes_behind_one_does_not(
    town: Town, monkeypatch: pytest.MonkeyPatch, comes: bool
) -> None:
    """Those who were shown, as they were when their page was written: that nobody who comes later is among them."""
    rows = await town.front.rows("SELECT member_id FROM member ORDER BY shard, member_id")
    first, last = rows[0]["member_id"], rows[-1]["member_id"]
    await becomes(town, last)
    bulk, real, pages = await noted(town), bulk_listing._written, 0

    async def page(*told: Any) -> Any:
        nonlocal pages
        pages += 1
        if pages == 2:
            await (becomes(town, last, MemberStatus.ACTIVE) if comes else becomes(town, first))
        return await real(*told)

    monkeypatch.setattr(bulk_listing, "PAGE", 2)
    monkeypatch.setattr(bulk_listing, "_written", page)
    if comes:
        return await nobody_got_anything(town, bulk, "segment-changed")
    await town.run()
    assert (await town.bulk(bulk)).state is BulkState.DONE
    assert await town.adjusted() == [[] if member == last else [5] for member in town.members]
    assert await town.is_sound()


async def test_a_digest_that_tells_of_fewer_gives_nobody_anything(town: Town) -> None:
    """Its number is believed for the limits only until everybody is counted."""
    honest = await asking(town, EVERYONE, 60)
    bulk = await note_asked(town.front.pipeline, replace(honest, digest=f"{1:08x}{honest.digest[8:]}"))
    assert (bulk.state, bulk.members) == (BulkState.RUNNING, 1)
    await nobody_got_anything(town, bulk, "segment-changed")
    with pytest.raises(Refused) as refusal:
        await note_asked(town.front.pipeline, await asking(town, EVERYONE, 201, key="k2"))
    assert refusal.value.code == "adjust-above-maximum"
    # What was dropped is not among what Mia moved alone lately.
    assert (await noted(town, EVERYONE, 40, key="k3")).state is BulkState.RUNNING


async def test_two_must_agree_where_one_of_them_had_much_lately(town: Town) -> None:
    """Known once they are written down; by then it waits, and one whom nobody knows cannot have it wait."""
    await adjust_points(town.front.pipeline, town.front.programme, town.members[0], 190, "x", LEE, "a present")
    pair = Segment(members=town.members[:2])
    bulk = await noted(town, pair, 11)
    unknown = await noted(town, pair, 12, key="k2", actor=Actor("", "key:bk_x", "Somebody"))
    assert [bulk.state, unknown.state] == [BulkState.RUNNING] * 2
    await town.run()
    assert (await town.bulk(bulk)).state is BulkState.WAITING
    found = await town.bulk(unknown)
    assert (found.state, found.dropped_for) == (BulkState.DROPPED, "owner-unknown")
    assert await town.adjusted() == [[190], [], [], [], []]
    await answer(town.front.pipeline, town.front.programme, bulk.bulk_id, LEE, agrees=True)
    await town.run()
    assert await town.adjusted() == [[190, 11], [11], [], [], []]
    assert await town.is_sound()


@pytest.mark.parametrize("ends", ["agreed", "refused", "over", "undone"])
async def test_what_is_said_before_they_are_written_down_holds(town: Town, ends: str) -> None:
    pipeline, number = town.front.pipeline, town.front.programme
    bulk = await noted(town, EVERYONE, 5 if ends == "undone" else 41)
    if ends == "over":
        town.front.clock.moment += REQUEST_LIFE
    elif ends == "undone":
        await undo(pipeline, number, bulk.bulk_id, LEE, "a mistake")
    else:
        await answer(pipeline, number, bulk.bulk_id, LEE, agrees=ends == "agreed")
    await town.run()
    found = await town.bulk(bulk)
    wanted = {
        "agreed": BulkState.DONE,
        "refused": BulkState.REFUSED,
        "over": BulkState.OVER,
        "undone": BulkState.UNDONE,
    }
    assert (found.state_at(town.front.clock()), found.is_listed) == (wanted[ends], True)
    assert await town.adjusted() == [[41] if ends == "agreed" else []] * 5
    assert await rows_of(town) == (5 if ends == "agreed" else 0)


@pytest.mark.parametrize("drops", [False, True])
async def test_addresses_are_kept_until_they_are_written_down(town: Town, drops: bool) -> None:
    body = {"id": 2, "email": "two@example.test", "role": "customer"}
    await town.front.receive("customer.created", json.dumps(body).encode())
    segment = with_emails(KEYS, town.front.programme, Segment(members=town.members[:1]), ["two@example.test"])
    bulk = await noted(town, segment)
    assert segment.address_hashes[0] in bulk.segment
    if drops:
        await becomes(town, town.members[1])
    await town.run()
    kept = (await town.bulk(bulk)).segment
    assert segment.address_hashes[0] not in kept and (town.members[0] in kept) is not drops
    assert await town.adjusted() == ([[]] * 5 if drops else [[5], [5], [], [], []])


async def test_a_list_that_fails_ends_where_everybody_sees_it_and_holds_up_nobody(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*told: Any) -> None:
        raise RuntimeError("nobody foresaw this")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk_listing, "write_members", fails)
        bulk = await noted(town)
        await nobody_got_anything(town, bulk, "failed: RuntimeError")
    await noted(town, key="k2")
    await town.run()
    assert await town.adjusted() == [[5]] * 5


async def test_a_shop_that_leaves_meanwhile_ends_it(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    bulk = await noted(town)
    monkeypatch.setattr(bulk_listing, "PAGE", 2)
    pages = 0

    async def page(*told: Any) -> Any:
        nonlocal pages
        pages += 1
        if pages == 2:
            raise Killed
        return await write_members(*told)

    monkeypatch.setattr(bulk_listing, "write_members", page)
    with pytest.raises(Killed):
        await run_bulks(town.front.pipeline)
    assert await rows_of(town) == 2
    await empty_shop(town.front.pipeline, town.front.connection)
    await bulk_listing.settle_list(town.front.pipeline, bulk)
    await town.run()
    assert await list_bulks(town.front.database.reading(), town.front.programme) == []
    assert await rows_of(town) == 0
