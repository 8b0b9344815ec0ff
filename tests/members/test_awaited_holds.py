"""An order that waits for its money keeps the points of its code: they cannot pay for another order meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from connector.redeeming import capturing, redemptions
from connector.verify.run import verify
from loyalty_engine.commands.holding import WAITS_FOR
from loyalty_engine.errors import Refused
from tests.builders import KEYS
from tests.connector.rewarding import ALL, RewardShop, a_cart, reward_shop

# What programmes have that say nothing of debts.
NO_DEBTS = {**ALL, "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}}}
UNPAID = {"date_paid_gmt": None}


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    async with reward_shop(prepared_database_url, points=500, document=NO_DEBTS) as made:
        yield made
        report = await verify(made.front.database, KEYS, now=made.front.clock)
        assert report.ok, report.as_text()


async def held(shop: RewardShop, key: str = "k1") -> dict[str, Any]:
    return await shop.redeem("five", key, holds=True, cart=a_cart())


async def told(shop: RewardShop, number: int, code: str, status: str, **changes: Any) -> str:
    """The shop tells an order's state a minute after the last one."""
    shop.front.clock.forward(minutes=1)
    changes = changes if status in ("processing", "completed") else {**UNPAID, **changes}
    return await shop.order(number, 10_000, code=code, status=status, **changes)


async def passed(shop: RewardShop, time: timedelta) -> None:
    shop.front.clock.moment += time
    await redemptions.lapse_holds(shop.front.pipeline)


async def state(shop: RewardShop, redemption: Mapping[str, Any]) -> str:
    return str((await shop.shown(redemption))["state"])


async def refused(shop: RewardShop, key: str) -> str:
    with pytest.raises(Refused) as refusal:
        await held(shop, key)
    return refusal.value.code


async def test_points_of_an_order_that_waits_for_a_transfer_pay_for_no_other(shop: RewardShop) -> None:
    """C04: before, the same 500 points took money off as many orders as somebody placed and paid late."""
    first = await held(shop)
    source_ref = await told(shop, 2, first["code"].lower(), "on-hold")
    await passed(shop, timedelta(days=3))
    assert (await state(shop, first), await refused(shop, "k2")) == ("held", "not-enough-points")
    await told(shop, 2, first["code"], "processing")
    captured = await shop.shown(first)
    assert (captured["state"], captured["order_ref"], captured["late"]) == ("used", source_ref, False)
    assert await shop.spent() == [("redeem", -500)]


@pytest.mark.parametrize("ending", ["cancelled", "failed", "trash", "deleted", "pending"])
async def test_an_order_that_came_to_nothing_lets_go_when_the_cart_would_have(shop: RewardShop, ending: str) -> None:
    first = await held(shop)
    await told(shop, 2, first["code"], "on-hold")
    for time in (timedelta(minutes=10), timedelta(hours=1)):
        if ending == "deleted":
            await shop.front.receive("order.deleted", b'{"id": 2}')
            await shop.order(3, 100)
        else:
            await told(shop, 2, first["code"], ending)
        await passed(shop, time)
    assert (await state(shop, first), await shop.spent()) == ("lapsed", [])
    assert (await held(shop, "k2"))["state"] == "held"


async def test_what_an_order_gave_back_in_time_is_good_for_the_next_one(shop: RewardShop) -> None:
    first = await held(shop)
    await told(shop, 2, first["code"], "on-hold")
    await told(shop, 2, first["code"], "cancelled")
    second = await told(shop, 3, first["code"], "on-hold")
    # Told once more, and late: it waits for another one now.
    await told(shop, 2, first["code"], "cancelled", total="1.00")
    await passed(shop, timedelta(days=3))
    shown = await shop.shown(first)
    assert (shown["state"], shown["order_ref"]) == ("held", second)


async def test_an_order_that_never_gets_its_money_ends_too(shop: RewardShop) -> None:
    first = await held(shop)
    await told(shop, 2, first["code"], "on-hold")
    await passed(shop, WAITS_FOR)
    assert await state(shop, first) == "lapsed"
    shown = await shop.shown(first)
    assert (shown["order_ref"], await shop.front.number("SELECT count(*) FROM booking")) == (None, 0)


async def test_a_member_cannot_take_back_what_an_order_waits_with(shop: RewardShop) -> None:
    first = await held(shop)
    await told(shop, 2, first["code"], "on-hold")
    with pytest.raises(Refused, match="redemption-used"):
        await redemptions.release(shop.front.pipeline, shop.front.programme, shop.member, first["redemption"])
    assert await state(shop, first) == "held"


@pytest.mark.parametrize("status", ["pending", "checkout-draft"])
async def test_an_order_at_its_checkout_keeps_nothing_for_longer(shop: RewardShop, status: str) -> None:
    first = await held(shop)
    await told(shop, 2, first["code"], status)
    await passed(shop, timedelta(hours=1))
    assert await state(shop, first) == "lapsed"


async def test_a_strangers_order_keeps_nothing(shop: RewardShop) -> None:
    first = await held(shop)
    await told(shop, 2, first["code"], "on-hold", customer=8)
    await passed(shop, timedelta(hours=1))
    assert await state(shop, first) == "lapsed"


async def test_a_partial_refund_gives_its_share_back_to_the_lots_that_paid(shop: RewardShop) -> None:
    first = await held(shop)
    await told(shop, 2, first["code"], "on-hold")
    await told(shop, 2, first["code"], "processing")
    lots = "SELECT n, remaining FROM lot ORDER BY n"
    paid = (await shop.front.rows(lots))[0]
    refund = {"id": 21, "reason": "", "total": "-50.00"}
    await told(shop, 2, first["code"], "processing", refunds=[refund])
    assert await shop.spent() == [("redeem", -500), ("reinstate", 250)]
    again = (await shop.front.rows(lots))[0]
    assert (again["n"], again["remaining"] - paid["remaining"]) == (paid["n"], 250)


@pytest.mark.parametrize("holds", [True, False])
async def test_what_was_paid_back_before_anybody_told_us_of_the_order_is_given_back_at_once(
    shop: RewardShop, holds: bool
) -> None:
    first = await held(shop) if holds else await shop.redeem("five", "k1")
    await told(shop, 2, first["code"], "processing", refunds=[{"id": 21, "reason": "", "total": "-50.00"}])
    assert await shop.spent() == [("redeem", -500), ("reinstate", 250)]


async def test_a_hold_that_a_server_captures_takes_what_was_not_paid_back(shop: RewardShop) -> None:
    source_ref = await shop.order(2, 10_000, refunds=[{"id": 21, "reason": "", "total": "-50.00"}])
    first = await held(shop)
    front = shop.front
    await capturing.capture(front.pipeline, front.programme, shop.member, first["redemption"], source_ref)
    assert await shop.spent() == [("redeem", -500), ("reinstate", 250)]
