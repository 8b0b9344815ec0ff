"""Redeeming: points become a voucher once, or nothing happens at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from connector.people.actors import SHOPPER
from connector.redeeming import redemptions
from connector.redeeming.examining import examine_member
from connector.storage.atomic import atomic
from connector.storage.idempotency import use_key
from connector.storage.session import Session
from connector.storage.stock import RESERVED_FOR, Unit, reserve_unit
from connector.storage.turns import Turns
from connector.verify.run import verify
from loyalty_engine.cart import Cart
from loyalty_engine.errors import Refused
from loyalty_engine.facts import Line
from tests.builders import KEYS
from tests.connector.rewarding import ALL, RewardShop, a_cart, reward_shop


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    async with reward_shop(prepared_database_url) as made:
        yield made


async def refusal(awaited: Any) -> tuple[str, dict[str, Any]]:
    with pytest.raises(Refused) as refused:
        await awaited
    return refused.value.code, refused.value.numbers


async def nothing_happened(shop: RewardShop, balance: int = 1_000) -> bool:
    counts = [
        await shop.front.number(f"SELECT count(*) FROM {table}")
        for table in ("redemption", "booking", "voucher", "stock_claim", "idempotency")
    ]
    return counts == [0] * 5 and await shop.spent() == [] and await shop.balance() == balance


async def test_redeeming_takes_the_points_and_gives_a_code(shop: RewardShop) -> None:
    made = await shop.redeem()
    assert (made["state"], made["points"], made["value_minor"], made["currency"]) == ("requested", 500, 500, "EUR")
    assert len(made["code"].replace("-", "")) == 16
    assert await shop.balance() == 500
    assert await shop.spent() == [("redeem", -500)]


async def test_fifty_parallel_redemptions_spend_the_balance_once(shop: RewardShop) -> None:
    """C07: 1,000 points are ten times 100; different keys never exceed them, one key is one redemption."""
    answers = await asyncio.gather(
        *[shop.redeem("big", f"key-{number}", cart=a_cart()) for number in range(50)], return_exceptions=True
    )
    made = [answer for answer in answers if isinstance(answer, dict)]
    refused = [answer for answer in answers if not isinstance(answer, dict)]
    assert len(made) == 10
    assert {type(answer) for answer in refused} == {Refused}
    assert {answer.code for answer in refused if isinstance(answer, Refused)} == {"not-enough-points", "too-fast"}
    assert await shop.balance() == 0
    assert await shop.spent() == [("redeem", -100)] * 10
    assert len({answer["code"] for answer in made}) == 10


async def test_what_serves_them_in_turn_is_not_what_keeps_the_balance(
    shop: RewardShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C07, as if each came to a process of its own, where nobody waits for a turn: the lock alone must do it."""

    async def at_once(turns: Turns, name: str) -> Callable[[], None]:
        return lambda: None

    monkeypatch.setattr(Turns, "take", at_once)
    await test_fifty_parallel_redemptions_spend_the_balance_once(shop)


async def test_fifty_requests_with_one_key_are_one_redemption(shop: RewardShop) -> None:
    """C07"""
    answers = await asyncio.gather(*[shop.redeem() for _ in range(50)], return_exceptions=True)
    made = [answer for answer in answers if isinstance(answer, dict)]
    assert made and all(answer == made[0] for answer in made)
    others = {answer.code for answer in answers if isinstance(answer, Refused)}
    assert len(made) + sum(isinstance(answer, Refused) for answer in answers) == 50
    assert others <= {"request-under-way"}
    assert await shop.redeem() == made[0]
    assert await shop.spent() == [("redeem", -500)]


async def test_one_key_for_another_wish_is_refused(shop: RewardShop) -> None:
    made = await shop.redeem()
    code, _ = await refusal(shop.redeem("once"))
    assert code == "key-used-for-something-else"
    assert await shop.redeem() == made
    assert await shop.spent() == [("redeem", -500)]


async def test_a_request_whose_answer_was_lost_redeems_once(shop: RewardShop) -> None:
    """The process died after the points were taken and before the answer was kept."""
    wish = shop.wish()
    made = await redemptions.redeem(shop.front.pipeline, wish)
    await atomic(shop.front.database, lambda session: session.run("UPDATE idempotency SET http_status = 0"))
    assert (await refusal(shop.redeem()))[0] == "request-under-way"
    shop.front.clock.forward(minutes=3)
    assert await shop.redeem() == made
    assert await shop.spent() == [("redeem", -500)]


async def test_a_refused_request_leaves_its_key_free(shop: RewardShop) -> None:
    cart = a_cart(2_999)
    code, numbers = await refusal(shop.redeem("big", cart=cart))
    assert (code, numbers["missing"]) == ("order-too-small", 1)
    assert await nothing_happened(shop)
    assert (await shop.redeem("big", cart=a_cart(3_000)))["points"] == 100


@pytest.mark.parametrize(
    ("reward", "changes", "code"),
    [
        ("nothing", {}, "reward-unknown"),
        ("five", {"cart": a_cart(499)}, "more-than-share"),
        ("five", {"holds": True}, "needs-cart"),
        ("credit", {}, "not-in-this-store"),
        ("mug", {"cart": a_cart(100)}, None),
    ],
)
async def test_reward_that_cannot_apply_takes_no_points(
    shop: RewardShop, reward: str, changes: dict[str, Any], code: str | None
) -> None:
    """C21"""
    if code is None:
        assert (await shop.redeem(reward, **changes))["points"] == 100
        return
    assert (await refusal(shop.redeem(reward, **changes)))[0] == code
    assert await nothing_happened(shop)


CAPPED = {"id": "tenth", "kind": "percent", "percent": "10", "at_most": "5.00", "points": 100}


async def examined(shop: RewardShop, number: int | None) -> dict[str, Any]:
    """What customer 7 is offered, for one store or for any."""
    pipeline, programme = shop.front.pipeline, shop.front.programme
    return await examine_member(pipeline, programme, shop.member, connection_number=number, reported=frozenset())


async def test_a_capped_percentage_needs_a_cart_and_becomes_its_amount(prepared_database_url: str) -> None:
    """No store can cap a percentage: what is issued is money, worked out of the cart that the page passes."""
    async with reward_shop(prepared_database_url, document={**ALL, "rewards": [CAPPED]}) as shop:
        front = shop.front
        for number in (None, front.connection.number):
            told = await examined(shop, number)
            assert [one["code"] for one in told["rewards"][0]["obstacles"]] == ["needs-cart"]
        assert (await refusal(shop.redeem("tenth", "none")))[0] == "needs-cart"
        assert await nothing_happened(shop)
        for key, minor, off in (("small", 4_990, 499), ("large", 5_010, 500)):
            made = await shop.redeem("tenth", key, cart=a_cart(minor))
            await shop.settle()
            voucher = shop.store.vouchers[made["code"]]
            assert (voucher.value_minor, voucher.percent_bp, voucher.minimum_minor) == (off, 0, minor)
        assert await shop.spent() == [("redeem", -100)] * 2
        report = await verify(front.database, KEYS, now=front.clock)
        assert report.ok, report.as_text()
        await atomic(front.database, lambda session: session.run("UPDATE redemption SET value_minor = value_minor + 1"))
        found = (await verify(front.database, KEYS, now=front.clock)).differences
        assert [one.code for one in found].count("reward") == 2


SHARED: dict[str, Any] = {
    **ALL,
    "programme": {**ALL["programme"], "base_rates": {"USD": "0.8"}},
    "points": {
        "earn": {**ALL["points"]["earn"], "rates": {"EUR": "1", "USD": "1"}},
        "redeem": {"max_share": "0.3"},
    },
    "rewards": [
        {"id": "five", "kind": "amount", "points": 100, "value": {"EUR": "5.00", "USD": "6.00"}, "min_order": "10.00"},
        {**CAPPED, "min_order": "10.00"},
    ],
}


async def test_verify_knows_the_smallest_order_of_a_share_and_of_other_currencies(prepared_database_url: str) -> None:
    """Defect seen: what may pay a share of an order at most, or is had in another currency, was said to differ."""
    async with reward_shop(prepared_database_url, document=SHARED) as shop:
        made = [await shop.redeem("five", "euro")]
        for reward in ("five", "tenth"):
            made.append(await shop.redeem(reward, f"dollar-{reward}", cart=Cart("USD", (Line("1", 1, 9_999),))))
        assert [one["minimum_order_minor"] for one in made] == [1_667, 2_000, 9_999]
        assert made[2]["value_minor"] == 625, "5.00 EUR are 6.25 USD, and ten percent would be more"
        report = await verify(shop.front.database, KEYS, now=shop.front.clock)
        assert report.ok, report.as_text()


async def test_what_no_store_of_the_programme_gives_is_said_beforehand(shop: RewardShop) -> None:
    """C21: WooCommerce has no store credit; asking without a store says so too, and no points are taken."""
    front = shop.front
    for number in (None, front.connection.number):
        told = await examined(shop, number)
        codes = {one["reward"]: [each["code"] for each in one["obstacles"]] for one in told["rewards"]}
        assert (codes["credit"], codes["tour"], codes["once"]) == (["not-in-this-store"], [], [])
    assert (await refusal(shop.redeem("credit")))[0] == "not-in-this-store"
    assert await nothing_happened(shop)


async def test_a_store_where_the_member_has_no_account_is_refused(shop: RewardShop) -> None:
    wish = redemptions.Wish(shop.front.programme, shop.member, "five", 99, "k1")
    assert (await refusal(redemptions.redeem(shop.front.pipeline, wish)))[0] == "store-unknown"
    assert await nothing_happened(shop)


async def test_points_that_are_missing_are_counted(shop: RewardShop) -> None:
    await shop.redeem("five", "k1")
    await shop.redeem("once", "k2")
    code, numbers = await refusal(shop.redeem("five", "k3"))
    assert (code, numbers) == ("not-enough-points", {"reward": "five", "needs": 500, "found": 400, "missing": 100})
    assert await shop.spent() == [("redeem", -500), ("redeem", -100)]


class TestLimits:
    async def test_twenty_at_once_get_one_each_member(self, shop: RewardShop) -> None:
        answers = await asyncio.gather(
            *[shop.redeem("once", f"key-{number}") for number in range(20)], return_exceptions=True
        )
        assert sum(isinstance(answer, dict) for answer in answers) == 1
        codes = {answer.code for answer in answers if isinstance(answer, Refused)}
        assert codes == {"reward-limit-reached"}
        assert await shop.spent() == [("redeem", -100)]

    async def test_stock_ends_and_the_refused_pay_nothing(self, shop: RewardShop) -> None:
        answers = await asyncio.gather(
            *[shop.redeem("mug", f"key-{number}") for number in range(9)], return_exceptions=True
        )
        assert sum(isinstance(answer, dict) for answer in answers) == 3
        assert {answer.code for answer in answers if isinstance(answer, Refused)} == {"out-of-stock"}
        assert await shop.taken("mug") == 3
        assert await shop.spent() == [("redeem", -100)] * 3

    async def test_a_refused_redemption_gives_its_unit_back(self, shop: RewardShop) -> None:
        await shop.redeem("five", "k1")
        await shop.redeem("five", "k2")
        assert (await refusal(shop.redeem("mug", "k3")))[0] == "not-enough-points"
        assert await shop.taken("mug") == 0
        assert await shop.front.number("SELECT count(*) FROM stock_claim") == 0

    async def test_a_unit_whose_request_died_goes_back_by_itself(self, shop: RewardShop) -> None:
        now = shop.front.clock()
        wish = shop.wish("mug")
        unit = Unit(wish.programme_number, "mug", shop.member, wish.redemption_id)
        await atomic(shop.front.database, lambda session: use_key(session, wish.key_use, now))
        await atomic(shop.front.database, lambda session: reserve_unit(session, unit, 3, now))
        assert await redemptions.return_stock(shop.front.pipeline) == 0
        shop.front.clock.moment += RESERVED_FOR
        assert await redemptions.return_stock(shop.front.pipeline) == 1
        assert await shop.taken("mug") == 0
        assert (await shop.redeem("mug"))["points"] == 100
        assert await shop.taken("mug") == 1


class TestHolds:
    async def test_a_hold_books_and_takes_nothing(self, shop: RewardShop) -> None:
        held = await shop.redeem(holds=True, cart=a_cart())
        assert held["state"] == "held" and held["code"]
        assert await shop.spent() == []
        assert await shop.front.number("SELECT sum(points) FROM booking") == 500
        await shop.redeem("five", "k2", holds=True, cart=a_cart())
        code, numbers = await refusal(shop.redeem("once", "k3"))
        assert (code, numbers["found"]) == ("not-enough-points", 0)

    async def test_failed_payment_releases_a_hold_exactly_once(self, shop: RewardShop) -> None:
        """C04: three parallel failures and the lapse job give one release and the old balance."""
        held = await shop.redeem("mug", holds=True, cart=a_cart())
        shop.front.clock.forward(hours=2)
        pipeline, programme = shop.front.pipeline, shop.front.programme
        ended = [
            redemptions.release(pipeline, programme, shop.member, held["redemption"], "payment-failed")
            for _ in range(3)
        ]
        await asyncio.gather(*ended, redemptions.lapse_holds(pipeline))
        assert (await shop.shown(held))["state"] in ("released", "lapsed")
        assert (await shop.balance(), await shop.spent()) == (1_000, [])
        assert await shop.front.number("SELECT count(*) FROM booking") == 0
        assert await shop.taken("mug") == 0
        assert (await shop.redeem("five", "k2"))["points"] == 500
        assert (await shop.redeem("five", "k3"))["points"] == 500

    async def test_a_hold_lapses_at_its_moment(self, shop: RewardShop) -> None:
        held = await shop.redeem(holds=True, cart=a_cart())
        shop.front.clock.forward(minutes=59)
        assert await redemptions.lapse_holds(shop.front.pipeline) == 0
        shop.front.clock.forward(minutes=1)
        assert await redemptions.lapse_holds(shop.front.pipeline) == 1
        assert (await shop.shown(held))["state"] == "lapsed"
        assert await redemptions.lapse_holds(shop.front.pipeline) == 0

    async def test_the_paid_order_captures_the_hold(self, shop: RewardShop) -> None:
        held = await shop.redeem(holds=True, cart=a_cart())
        source_ref = await shop.order(2, 10_000, code=held["code"].lower())
        captured = await shop.shown(held)
        assert (captured["state"], captured["order_ref"], captured["late"]) == ("used", source_ref, False)
        assert await shop.spent() == [("redeem", -500)]

    async def test_a_paid_order_captures_what_has_lapsed_and_it_is_flagged(self, shop: RewardShop) -> None:
        held = await shop.redeem(holds=True, cart=a_cart())
        shop.front.clock.forward(hours=2)
        await redemptions.lapse_holds(shop.front.pipeline)
        await shop.order(2, 10_000, code=held["code"])
        captured = await shop.shown(held)
        assert (captured["state"], captured["late"]) == ("used", True)
        assert await shop.spent() == [("redeem", -500)]

    async def test_a_released_hold_uses_up_no_limit(self, shop: RewardShop) -> None:
        held = await shop.redeem("once", holds=True, cart=a_cart())
        assert (await refusal(shop.redeem("once", "k2")))[0] == "reward-limit-reached"
        await redemptions.release(shop.front.pipeline, shop.front.programme, shop.member, held["redemption"])
        assert (await shop.redeem("once", "k2"))["points"] == 100


class TestEnding:
    async def test_an_unused_voucher_returns_its_points_and_its_unit(self, shop: RewardShop) -> None:
        made = await shop.redeem("short")
        await shop.settle()
        shop.front.clock.moment += timedelta(days=7) - timedelta(microseconds=1)
        assert await redemptions.expire_vouchers(shop.front.pipeline) == 0
        shop.front.clock.moment += timedelta(microseconds=1)
        assert await redemptions.expire_vouchers(shop.front.pipeline) == 1
        assert (await shop.shown(made))["state"] == "expired"
        assert await shop.spent() == [("redeem", -100), ("reinstate", 100)]
        assert await shop.balance() == 1_000
        await shop.settle()
        assert shop.store.vouchers == {}
        assert await shop.spent() == [("redeem", -100), ("reinstate", 100)]

    async def test_a_perk_that_nobody_gave_can_be_called_off_at_once(self, shop: RewardShop) -> None:
        made = await shop.redeem("tour")
        pipeline, programme = shop.front.pipeline, shop.front.programme
        called_off = await redemptions.cancel(pipeline, programme, shop.member, made["redemption"], "changed", SHOPPER)
        assert called_off["state"] == "cancelled"
        assert await shop.balance() == 1_000


async def test_a_lost_answer_is_given_again_though_the_last_unit_is_gone(prepared_database_url: str) -> None:
    async with reward_shop(prepared_database_url) as shop:
        made = [await shop.redeem("mug", key=key) for key in ("first", "second", "third")]
        before = await shop.balance()

        async def forget(session: Session) -> None:
            await session.run("DELETE FROM idempotency")

        await atomic(shop.front.database, forget)
        assert await shop.redeem("mug", key="third") == made[2]
        assert (await shop.balance(), await shop.taken("mug")) == (before, 3)
