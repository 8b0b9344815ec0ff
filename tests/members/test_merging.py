"""Two members become one: nothing is lost or doubled, whatever happens on the way, and it can be undone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from connector.ingest.pipeline import apply_deliveries, drain
from connector.people import bulk_adjusting, merging
from connector.people.merging import finish_merges, merge, unmerge
from connector.people.outlooks import preview
from connector.people.segments import Segment
from connector.redeeming.used_codes import use_codes
from connector.storage.atomic import atomic
from connector.storage.instants import micros
from connector.storage.merges import Merge, MergeState
from connector.storage.push import LEASE, Outcome, PushRow, claim_wishes, settle_wishes
from connector.verify import verify
from loyalty_engine.errors import Refused
from tests.builders import KEYS, MIA
from tests.connector.rewarding import ALL, RewardShop, reward_shop
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story

WELCOMING = {
    **ALL,
    "points": {**ALL["points"], "start": {"welcome": 20, "confirm_email": False}},
    "adjust": {"max": 5_000, "second_person_above": 2_000},
}


@pytest.fixture
async def two(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    """Customer 7 has 1,020 points, customer 8 has 320; 20 each for having joined."""
    async with reward_shop(prepared_database_url, document=WELCOMING) as made:
        await made.order(2, 30_000, customer=8)
        yield made


@pytest.fixture
async def shop(two: RewardShop) -> AsyncIterator[RewardShop]:
    """The same, and every book and seal is whole in the end."""
    yield two
    await drain(two.front.pipeline)
    await assert_clean(two)


async def assert_clean(shop: RewardShop) -> None:
    report = await verify(shop.front.database, KEYS, now=shop.front.clock)
    assert report.ok, report.as_text()


async def member_of(shop: RewardShop, customer: str) -> str:
    rows = await shop.front.rows("SELECT member_id FROM identity WHERE customer_ref = $1", customer)
    return str(rows[0]["member_id"])


async def balances(shop: RewardShop) -> dict[str, int]:
    rows = await shop.front.rows("SELECT member_id, points FROM balance")
    return {row["member_id"]: row["points"] for row in rows}


async def merged(shop: RewardShop, going: str, staying: str) -> Merge:
    done = await merge(shop.front.pipeline, shop.front.programme, going, staying, "merchant", MIA)
    await drain(shop.front.pipeline)
    return done


async def left(shop: RewardShop) -> list[tuple[Any, ...]]:
    """Every member's lots with something left, without the numbers that a move gives anew."""
    rows = await shop.front.rows("SELECT * FROM lot WHERE remaining > 0 OR expired > 0")
    kept = ("member_id", "source_ref", "remaining", "booked", "expired", "matures_at_us", "nominal_at_us")
    return sorted(tuple(row[name] or 0 for name in kept) for row in rows)


async def test_what_is_shown_before_is_what_comes_and_one_time_awards_count_once(shop: RewardShop) -> None:
    """C16: the sum is kept but for the second welcome."""
    seven, eight = shop.member, await member_of(shop, "8")
    outlook = await preview(shop.front.pipeline, shop.front.programme, eight, seven)
    assert (outlook.going["points"], outlook.staying["points"]) == (320, 1_020)
    assert outlook.once == (f"belong:joined:{eight}",)
    assert await balances(shop) == {seven: 1_020, eight: 320}, "looking changes nothing"
    done = await merged(shop, eight, seven)
    assert done.state is MergeState.DONE
    assert await balances(shop) == {seven: 1_320, eight: 0}
    row = (await shop.front.rows("SELECT points, deficit, lifetime FROM balance WHERE member_id = $1", seven))[0]
    assert {"points": row["points"], "deficit": row["deficit"], "lifetime": row["lifetime"]} == {
        name: outlook.merged[name] for name in ("points", "deficit", "lifetime")
    }
    assert outlook.merged["available"] == 1_320
    clawed = await shop.front.rows("SELECT member_id, points, source_ref FROM entry WHERE kind = 'clawback'")
    assert [tuple(row.values()) for row in clawed] == [(seven, -20, f"belong:joined:{eight}")]


async def test_the_same_merge_again_is_the_same_merge(shop: RewardShop) -> None:
    eight = await member_of(shop, "8")
    first = await merged(shop, eight, shop.member)
    again = await merged(shop, eight, shop.member)
    assert (again.merge_id, again.state) == (first.merge_id, MergeState.DONE)
    assert await balances(shop) == {shop.member: 1_320, eight: 0}


async def test_nobody_goes_to_themselves_or_in_a_ring_or_twice(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await shop.order(3, 1_000, customer=9)
    nine = await member_of(shop, "9")
    for going, staying, code in ((seven, seven, "merge-with-oneself"), (seven, "f" * 32, "member-unknown")):
        with pytest.raises(Refused) as refused:
            await merged(shop, going, staying)
        assert refused.value.code == code
    await merged(shop, eight, seven)
    for going, staying in ((seven, eight), (eight, nine)):
        with pytest.raises(Refused) as refused:
            await merged(shop, going, staying)
        assert refused.value.code == "member-not-active"
    assert await balances(shop) == {seven: 1_320, eight: 0, nine: 30}


async def test_new_orders_and_refunds_of_both_customers_reach_the_survivor(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await merged(shop, eight, seven)
    shop.front.clock.forward(minutes=1)
    await shop.order(3, 5_000, customer=8)
    await shop.order(4, 7_000, customer=7)
    await shop.order(2, 30_000, customer=8, status="cancelled")
    assert await balances(shop) == {seven: 1_320 + 50 + 70 - 300, eight: 0}
    owners = await shop.front.rows("SELECT DISTINCT member_id FROM source_fact WHERE kind = 'order'")
    assert [row["member_id"] for row in owners] == [seven]
    counted = await shop.front.rows("SELECT DISTINCT member_id FROM counter WHERE counter = 'orders'")
    assert [row["member_id"] for row in counted] == [seven]


async def test_an_order_that_was_under_way_during_a_merge_reaches_the_survivor(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    front = shop.front

    async def receive(topic: str, raw: bytes, read_at: Any = None) -> None:
        await front.keep(front.delivery(topic, raw, read_at))
        await apply_deliveries(front.pipeline)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(front), "receive", staticmethod(receive))
        patch.setattr("tests.connector.rewarding.use_codes", nothing)
        await shop.order(3, 5_000, customer=8)
    assert await front.number("SELECT count(*) FROM work") == 1
    await merged(shop, eight, seven)
    assert await balances(shop) == {seven: 1_370, eight: 0}
    assert await front.number("SELECT count(*) FROM work") == 0


async def nothing(_: Any) -> int:
    return 0


async def test_both_customers_are_told_about_the_survivor_above_every_older_version(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    before = {row["customer_ref"]: row["wanted"] for row in await shop.front.rows("SELECT * FROM push")}
    await merged(shop, eight, seven)
    rows = await shop.front.rows("SELECT customer_ref, member_id, wanted, state FROM push ORDER BY customer_ref")
    assert [(row["customer_ref"], row["member_id"], row["state"]) for row in rows] == [("7", seven, 0), ("8", seven, 0)]
    assert all(row["wanted"] > before[row["customer_ref"]] for row in rows)
    await shop.order(3, 5_000, customer=7)
    wanted = {row["customer_ref"]: row["wanted"] for row in await shop.front.rows("SELECT * FROM push")}
    await unmerge(shop.front.pipeline, shop.front.programme, eight, MIA)
    await drain(shop.front.pipeline)
    rows = await shop.front.rows("SELECT customer_ref, member_id, wanted FROM push ORDER BY customer_ref")
    assert [(row["customer_ref"], row["member_id"]) for row in rows] == [("7", seven), ("8", eight)]
    assert all(row["wanted"] > wanted[row["customer_ref"]] for row in rows)


async def test_a_store_that_was_told_during_a_merge_is_told_of_the_survivor_at_once(shop: RewardShop) -> None:
    """The wish that goes along is still claimed by that push: nobody waits for as long as for a worker that died."""
    seven, eight = shop.member, await member_of(shop, "8")
    database, number, now = shop.front.database, shop.front.connection.number, shop.front.clock()
    claimed = await atomic(database, lambda session: claim_wishes(session, number, 9, now, now + LEASE))
    assert {wish.member_id for wish in claimed} == {seven, eight}
    await merged(shop, eight, seven)
    later = "SELECT count(*) AS n FROM push WHERE state = 0 AND next_at_us > $1"
    assert (await shop.front.rows(later, micros(now)))[0]["n"] == 2
    done = [Outcome(wish, PushRow.DONE, 0, now, None, None) for wish in claimed]
    await atomic(database, lambda session: settle_wishes(session, done))
    assert (await shop.front.rows(later, micros(now)))[0]["n"] == 0
    due = await atomic(database, lambda session: claim_wishes(session, number, 9, now, now + LEASE))
    assert {(wish.customer_ref, wish.member_id) for wish in due} == {("7", seven), ("8", seven)}


async def test_a_merge_undone_restores_both(shop: RewardShop) -> None:
    """C16: every lot with its dates, also of what both had once."""
    seven, eight = shop.member, await member_of(shop, "8")
    lots, held = await left(shop), await balances(shop)
    await merged(shop, eight, seven)
    done = await unmerge(shop.front.pipeline, shop.front.programme, eight, MIA)
    await drain(shop.front.pipeline)
    assert done.state is MergeState.UNDONE
    assert await balances(shop) == held == {seven: 1_020, eight: 320}
    assert await left(shop) == lots
    assert (await shop.front.rows("SELECT status, merged_into FROM member WHERE member_id = $1", eight))[0] == {
        "status": "active",
        "merged_into": None,
    }
    shop.front.clock.forward(minutes=1)
    await shop.order(2, 30_000, customer=8, status="cancelled")
    assert await balances(shop) == {seven: 1_020, eight: 20}
    await merged(shop, eight, seven)
    assert await balances(shop) == {seven: 1_020, eight: 0}, "what both had once counts once again"


async def test_codes_go_along_and_come_back(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    shop.member = eight
    await shop.redeem("once", "k8")
    await merged(shop, eight, seven)
    assert await shop.front.rows("SELECT member_id FROM voucher") == [{"member_id": seven}]
    assert await balances(shop) == {seven: 1_220, eight: 0}
    await unmerge(shop.front.pipeline, shop.front.programme, eight, MIA)
    await drain(shop.front.pipeline)
    assert await shop.front.rows("SELECT member_id FROM voucher") == [{"member_id": eight}]
    assert await balances(shop) == {seven: 1_020, eight: 220}


async def test_a_code_of_the_merged_member_is_used_on_an_order_of_the_survivor(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    shop.member = eight
    made = await shop.redeem("once", "k8")
    await merged(shop, eight, seven)
    await shop.settle()
    await shop.order(3, 5_000, code=made["code"], customer=7)
    rows = await shop.front.rows("SELECT member_id, redemption_state FROM redemption ORDER BY redemption_state")
    assert [tuple(row.values()) for row in rows] == [(eight, "moved"), (seven, "used")]
    assert await balances(shop) == {seven: 1_320 - 100 + 50, eight: 0}


class Killed(BaseException):
    """The process ends here."""


STEPS = ("_open", "_rename", "_note", "move_pushes", "leave_work")
MERGING = [(step, False) for step in (*STEPS, "take_standing")]
UNDOING = [(step, True) for step in (*STEPS, "give_standing_back", "give_tier_back")]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("step", "is_undoing"), [*MERGING, *UNDOING])
async def test_whoever_dies_at_a_step_leaves_nothing_lost_or_doubled(
    shop: RewardShop, step: str, after: bool, is_undoing: bool
) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    if is_undoing:
        await merged(shop, eight, seven)
    real: Callable[..., Any] = getattr(merging, step)

    async def dies(*given: Any, **named: Any) -> Any:
        if after:
            await real(*given, **named)
        raise Killed

    async def go() -> Merge:
        if is_undoing:
            return await unmerge(shop.front.pipeline, shop.front.programme, eight, MIA)
        return await merge(shop.front.pipeline, shop.front.programme, eight, seven, "merchant", MIA)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, step, dies)
        with pytest.raises(Killed):
            await go()
    # Life goes on before anybody finishes it.
    await shop.order(3, 5_000, customer=8)
    finished_by_job = await finish_merges(shop.front.pipeline)
    await drain(shop.front.pipeline)
    assert finished_by_job == (0 if (step, after) == ("_note", True) else 1)
    assert await finish_merges(shop.front.pipeline) == 0
    if not is_undoing:
        assert await balances(shop) == {seven: 1_370, eight: 0}
        await go()
        assert await balances(shop) == {seven: 1_370, eight: 0}
    else:
        assert await balances(shop) == {seven: 1_020, eight: 370}
    rows = await shop.front.rows("SELECT customer_ref, member_id FROM push ORDER BY customer_ref")
    assert [row["member_id"] for row in rows] == [seven, eight if is_undoing else seven]


async def test_a_survivor_who_goes_on_before_the_parcel_arrives_takes_it_along(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await shop.order(3, 1_000, customer=9)
    nine = await member_of(shop, "9")

    async def dies(*_: Any) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "_open", dies)
        with pytest.raises(Killed):
            await merge(shop.front.pipeline, shop.front.programme, eight, nine, "merchant", MIA)
    await merged(shop, nine, seven)
    assert await finish_merges(shop.front.pipeline) == 1
    await drain(shop.front.pipeline)
    assert await balances(shop) == {seven: 1_020 + 300 + 10, eight: 0, nine: 0}
    done = await unmerge(shop.front.pipeline, shop.front.programme, eight, MIA)
    await drain(shop.front.pipeline)
    assert (done.survivor_id, await balances(shop)) == (seven, {seven: 1_030, eight: 320, nine: 0})


async def test_what_the_survivor_passed_on_is_undone_from_the_end(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await shop.order(3, 1_000, customer=9)
    nine = await member_of(shop, "9")
    await merged(shop, eight, nine)
    await assert_clean(shop)
    await merged(shop, nine, seven)
    await assert_clean(shop)
    with pytest.raises(Refused) as refused:
        await unmerge(shop.front.pipeline, shop.front.programme, eight, MIA)
    assert (refused.value.code, refused.value.numbers) == ("merged-on", {"member": nine, "merge": 1, "survivor": seven})
    assert await balances(shop) == {seven: 1_330, eight: 0, nine: 0}, "nothing has happened"
    for member in (nine, eight):
        await unmerge(shop.front.pipeline, shop.front.programme, member, MIA)
        await drain(shop.front.pipeline)
        await assert_clean(shop)
    assert await balances(shop) == {seven: 1_020, eight: 320, nine: 30}


CAPPED = {**ALL, "caps": [{"id": "month", "per": "month", "points": 1_200, "on": ["order"]}]}


async def test_a_cap_that_both_used_up_and_sources_with_nothing_left_are_no_error(prepared_database_url: str) -> None:
    async with reward_shop(prepared_database_url, document=CAPPED) as shop:
        await shop.order(2, 90_000, customer=8)
        seven, eight = shop.member, await member_of(shop, "8")
        await shop.order(2, 90_000, customer=8, status="cancelled")
        await shop.order(3, 20_000, customer=8)
        assert await balances(shop) == {seven: 1_000, eight: 200}
        await merged(shop, eight, seven)
        await assert_clean(shop)
        await unmerge(shop.front.pipeline, shop.front.programme, eight, MIA)
        await drain(shop.front.pipeline)
        assert await balances(shop) == {seven: 1_000, eight: 200}
        await assert_clean(shop)


async def test_an_undone_bulk_is_charged_to_whoever_had_it(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    pipeline, programme = shop.front.pipeline, shop.front.programme
    segment = Segment(members=[eight])
    shown = await bulk_adjusting.preview(pipeline, programme, segment, 50, MIA)
    asking = bulk_adjusting.Asking(programme, "b1", segment, 50, MIA, "a present", shown.digest)
    await bulk_adjusting.ask(pipeline, asking)
    while await bulk_adjusting.run_bulks(pipeline):
        pass
    assert await balances(shop) == {seven: 1_020, eight: 370}
    await merged(shop, eight, seven)
    await bulk_adjusting.undo(pipeline, programme, "b1", MIA, "a mistake")
    while await bulk_adjusting.run_bulks(pipeline):
        pass
    assert await balances(shop) == {seven: 1_320, eight: 0}
    await unmerge(pipeline, programme, eight, MIA)
    await drain(pipeline)
    assert await balances(shop) == {seven: 1_020, eight: 320}


async def test_codes_that_the_survivor_used_stay_theirs_to_settle(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await merged(shop, eight, seven)
    made = await shop.redeem("five", "k7")
    await shop.settle()
    body = woocommerce_bodies.webhook_order(Story((SoldLine(1, 1, 5_000),), order_id=55, customer=7))
    coupons = [{"id": 1, "code": made["code"], "discount": "5.00", "discount_tax": "0.00"}]
    await shop.front.receive("order.updated", json.dumps({**body, "coupon_lines": coupons}).encode())
    assert await shop.front.rows("SELECT member_id FROM code_use") == [{"member_id": seven}]
    await unmerge(shop.front.pipeline, shop.front.programme, eight, MIA)
    assert await shop.front.rows("SELECT member_id FROM code_use") == [{"member_id": seven}]
    while await use_codes(shop.front.pipeline):
        await drain(shop.front.pipeline)
    assert (await shop.shown(made))["state"] == "used"
