"""A paused programme stands still: nothing ends, and afterwards everything ends later by the time that was lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.people.act import Acting, act
from connector.programmes.books import liability
from connector.redeeming import redemptions
from connector.redeeming.used_codes import use_codes
from connector.snapshot.views import balances, load_views
from connector.storage.atomic import atomic
from connector.storage.instants import instant
from connector.storage.programmes import load_programmes, pause, resume, stop_others
from connector.storage.session import Session
from connector.storage.shards import member_shard
from connector.verify.run import verify
from loyalty_engine import commands
from loyalty_engine.decision import Decision
from tests.builders import DOCUMENT, KEYS
from tests.connector.ending import END, Shop, shop_of
from tests.connector.rewarding import RewardShop, a_cart, reward_shop

DAY = timedelta(days=1)


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[Shop]:
    async with shop_of(prepared_database_url) as made:
        yield made


async def pause_now(shop: Shop | RewardShop) -> None:
    front = shop.front

    async def body(session: Session) -> None:
        await stop_others(session, front.programme)
        await pause(session, front.programme, front.clock(), "operator")

    await atomic(front.database, body)


async def resume_now(shop: Shop | RewardShop) -> None:
    front = shop.front

    async def body(session: Session) -> None:
        await stop_others(session, front.programme)
        await resume(session, front.programme, front.clock(), "operator")

    await atomic(front.database, body)


async def differences(shop: Shop | RewardShop) -> list[Any]:
    return list((await verify(shop.front.database, KEYS, now=shop.front.clock)).differences)


async def available(shop: Shop) -> int:
    views = await load_views(shop.front.database.reading(), [(member_shard(shop.member), shop.member)])
    return int(balances(views[shop.member], shop.front.clock())["available"])


async def test_points_end_later_by_the_length_of_a_pause_and_their_member_is_told_again(shop: Shop) -> None:
    await shop.days(75)
    assert (len(shop.server.kept), await shop.ends_at()) == (1, END)
    await pause_now(shop)
    await shop.days(60)
    assert (len(shop.server.kept), await shop.front.points_of("7")) == (1, 100)
    assert (await available(shop), await shop.look()) == (100, [])
    session = shop.front.database.reading()
    owed = await liability(session, shop.front.programme, shop.front.clock())
    assert (owed.ended, sum(one.available for one in owed.ages)) == (0, 100)
    assert await differences(shop) == []
    await resume_now(shop)
    assert await available(shop) == 100
    await shop.days(1)
    # Sixty days and the hour by which clocks went forward: on the wall the last day had begun.
    later = datetime.fromisoformat("2027-05-02T00:00:00+02:00").astimezone(UTC)
    assert await shop.ends_at() == later
    assert await differences(shop) == []
    assert len(shop.server.kept) == 2, "they are told of the new end"
    await shop.days(20)
    assert len(shop.server.kept) == 3
    shop.front.clock.moment = later - timedelta(seconds=1)
    await shop.run_jobs()
    assert await shop.front.points_of("7") == 100
    shop.front.clock.moment = later
    await shop.run_jobs()
    assert await shop.front.points_of("7") == 0
    assert await differences(shop) == []


async def test_two_pauses_add_up_whoever_looks_in_between(shop: Shop) -> None:
    await shop.days(10)
    for length in (5, 7):
        await pause_now(shop)
        await shop.days(length)
        await resume_now(shop)
        await shop.days(3)
    (lot,) = await shop.front.rows("SELECT nominal_at_us FROM lot")
    assert instant(lot["nominal_at_us"]) == END + 12 * DAY
    await shop.buys(1, 5_000)
    await shop.buys(1, 12_000)
    assert await shop.front.points_of("7") == 120
    assert await differences(shop) == []
    rows = await shop.front.rows("SELECT nominal_at_us FROM lot ORDER BY n")
    assert [instant(row["nominal_at_us"]) for row in rows] == [END + 12 * DAY] * 2


async def test_what_is_given_by_hand_in_a_pause_and_what_is_let_go_is_right_afterwards(shop: Shop) -> None:
    await pause_now(shop)
    shop.front.clock.forward(days=4)

    async def command(acting: Acting) -> Decision:
        return commands.adjust(acting.member, 25, "g1", "merchant", "sorry", acting.rulebook, acting.moment)

    await act(shop.front.pipeline, shop.front.programme, shop.member, command, ["adjust:g1"])
    assert await differences(shop) == []
    await shop.days(6)
    await resume_now(shop)
    await shop.days(1)
    rows = await shop.front.rows("SELECT nominal_at_us FROM lot ORDER BY n")
    assert [instant(row["nominal_at_us"]) for row in rows] == [END + 10 * DAY, END + 4 * DAY + 6 * DAY]
    assert await differences(shop) == []


async def test_a_member_who_was_being_looked_at_when_the_pause_began_is_left_alone(shop: Shop) -> None:
    await shop.days(99)
    await pause_now(shop)
    shop.front.clock.forward(days=9)
    before = await shop.front.rows("SELECT * FROM balance")
    await shop.run_jobs()
    assert await shop.front.rows("SELECT * FROM balance") == before


@pytest.mark.parametrize(
    ("tamper", "codes"),
    [
        (
            "UPDATE lot SET nominal_at_us = nominal_at_us - 86400000000, expires_at_us = expires_at_us - 86400000000",
            {"lot-differs"},
        ),
        # Now it is over, and nobody will look by then.
        (
            "UPDATE lot SET expires_at_us = expires_at_us - 60 * CAST(86400000000 AS BIGINT)",
            {"lot-differs", "balance"},
        ),
        ("UPDATE lot SET dated_at_us = 0", {"lot-differs"}),
        ("UPDATE programme_pause SET ends_at = begins_at", {"lot-differs"}),
    ],
)
async def test_verify_finds_a_pause_that_was_not_counted(shop: Shop, tamper: str, codes: set[str]) -> None:
    await shop.days(75)
    await pause_now(shop)
    await shop.days(60)
    await resume_now(shop)
    await shop.days(1)
    assert await differences(shop) == []
    await atomic(shop.front.database, lambda session: session.run(tamper))
    assert {one.code for one in await differences(shop)} == codes


async def test_verify_finds_what_expired_in_a_pause(shop: Shop) -> None:
    await shop.days(102)
    assert await shop.front.points_of("7") == 0
    assert await differences(shop) == []
    front = shop.front

    async def as_if_paused(session: Session) -> None:
        await pause(session, front.programme, front.clock() - 9 * DAY, "operator")
        await resume(session, front.programme, front.clock(), "operator")

    await atomic(front.database, as_if_paused)
    found = [one for one in await differences(shop) if one.n == 2]
    assert [one.code for one in found] == ["lot-differs"]
    assert "ended" in found[0].sentence


PERK: dict[str, Any] = {
    **DOCUMENT,
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}},
    "rewards": [
        {"id": "tour", "kind": "perk", "points": 100, "voucher_days": 10},
        {"id": "five", "kind": "amount", "points": 100, "value": "5.00", "voucher_days": 10},
    ],
}


async def test_reservations_and_perks_last_longer_and_codes_end_as_their_store_says(
    prepared_database_url: str,
) -> None:
    async with reward_shop(prepared_database_url, document=PERK) as shop:
        held = await shop.redeem("five", "k1", holds=True, cart=a_cart())
        perk = await shop.redeem("tour", "k2")
        code = await shop.redeem("five", "k3")
        await shop.settle()
        shop.front.clock.forward(minutes=5)
        await pause_now(shop)
        shop.front.clock.forward(days=3, hours=2)
        assert await redemptions.lapse_holds(shop.front.pipeline) == 0
        await resume_now(shop)

        async def end(known: dict[str, Any], name: str) -> datetime:
            return datetime.fromisoformat((await shop.shown(known))[name])

        assert await end(held, "lapses_at") == datetime.fromisoformat(held["lapses_at"]) + timedelta(days=3, hours=2)
        assert (await end(perk, "expires_at")) - datetime.fromisoformat(perk["expires_at"]) == 4 * DAY
        assert (await shop.shown(code))["expires_at"] == code["expires_at"]
        assert await redemptions.lapse_holds(shop.front.pipeline) == 0
        shop.front.clock.forward(days=8)
        await redemptions.lapse_holds(shop.front.pipeline)
        await redemptions.expire_vouchers(shop.front.pipeline)
        states = [(await shop.shown(one))["state"] for one in (held, perk, code)]
        assert states == ["lapsed", "requested", "expired"]
        assert await differences(shop) == []


async def test_the_rulebook_knows_every_pause(shop: Shop) -> None:
    await pause_now(shop)
    begun = shop.front.clock()
    rulebook = (await load_programmes(shop.front.database.reading()))[shop.front.programme].rulebook
    assert rulebook.paused_at == begun
    await shop.days(2)
    await resume_now(shop)
    later = (await load_programmes(shop.front.database.reading()))[shop.front.programme].rulebook
    assert later.paused_at is None
    assert later.pauses == (replace(rulebook.pauses[0], ends_at=begun + 2 * DAY),)


async def test_a_code_on_an_order_waits_for_the_end_of_a_pause(prepared_database_url: str) -> None:
    async with reward_shop(prepared_database_url, document=PERK) as shop:
        held = await shop.redeem("five", "k1", holds=True, cart=a_cart())
        before = (await shop.spent(), await shop.balance())
        shop.front.clock.forward(minutes=5)
        await pause_now(shop)
        shop.front.clock.forward(minutes=5)
        await shop.order(77, 5000, code=held["code"])
        assert (await shop.shown(held))["state"] == "held"
        assert (await shop.spent(), await shop.balance()) == before
        await resume_now(shop)
        assert await use_codes(shop.front.pipeline) == 1
        assert (await shop.shown(held))["state"] == "used"
        assert await differences(shop) == []
