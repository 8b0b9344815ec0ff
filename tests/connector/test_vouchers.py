"""Stores are told of codes: at once, again after failures, and never so that points and code could both be spent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from connector.delivering.outbox import MAX_ATTEMPTS
from connector.errors import ConfigProblem, Permanent, Transient
from connector.ingest.pipeline import drain
from connector.people.actors import SHOPPER
from connector.platforms import VoucherAnswer, VoucherState
from connector.redeeming import redemptions
from connector.storage.vouchers import LEASE
from connector.verify.run import verify
from tests.builders import KEYS
from tests.connector.rewarding import RewardShop, reward_shop


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    async with reward_shop(prepared_database_url) as made:
        yield made


async def cancel(shop: RewardShop, redemption: str) -> str:
    pipeline, programme = shop.front.pipeline, shop.front.programme
    shown = await redemptions.cancel(pipeline, programme, shop.member, redemption, "changed-mind", SHOPPER)
    state: str = shown["state"]
    return state


def answering(state: VoucherState, reason: str = "no") -> Callable[[str, str], VoucherAnswer]:
    return lambda what, code: VoucherAnswer(state, reason)


async def flags(shop: RewardShop, redemption: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(code, order) of what was flagged about a redemption."""
    ref = f"redemption:{redemption['redemption']}"
    rows = await shop.front.rows("SELECT kind, body_text FROM reason WHERE source_ref = $1", ref)
    return [(row["kind"], json.loads(row["body_text"])["order_ref"]) for row in rows]


async def test_the_store_gets_the_voucher_of_the_redemption(shop: RewardShop) -> None:
    made = await shop.redeem()
    assert await shop.settle() == 1
    voucher = shop.store.vouchers[made["code"]]
    assert (voucher.customer_ref, voucher.value_minor, voucher.currency) == ("7", 500, "EUR")
    assert (voucher.mark, voucher.expires_at) == (made["redemption"], shop.front.clock() + timedelta(days=60))
    assert (await shop.shown(made))["state"] == "issued"
    assert await shop.settle() == 0
    assert shop.store.voucher_calls == [("issue", made["code"])]


@pytest.mark.parametrize("state", [VoucherState.REFUSED, VoucherState.GONE])
async def test_what_a_store_refuses_gives_its_points_back_once(shop: RewardShop, state: VoucherState) -> None:
    made = await shop.redeem("mug")
    shop.store.voucher_answer = answering(state)
    for _ in range(3):
        await shop.settle()
        shop.front.clock.forward(hours=7)
    ended = await shop.shown(made)
    assert (ended["state"], ended["reason"], ended["code"]) == ("cancelled", "store-refused: no", None)
    assert await shop.spent() == [("redeem", -100), ("reinstate", 100)]
    assert await shop.balance() == 1_000
    assert len(shop.store.voucher_calls) == 1
    await redemptions.return_stock(shop.front.pipeline)
    assert await shop.taken("mug") == 0


async def test_a_store_that_is_away_is_asked_again_and_the_points_stay_taken(shop: RewardShop) -> None:
    made = await shop.redeem()

    def away(what: str, code: str) -> VoucherAnswer:
        raise Transient("The shop does not answer.")

    shop.store.voucher_answer = away
    for _ in range(30):
        await shop.settle()
        shop.front.clock.forward(hours=7)
    assert (await shop.shown(made))["state"] == "requested"
    assert await shop.spent() == [("redeem", -500)]
    shop.store.voucher_answer = None
    await shop.settle()
    assert (await shop.shown(made))["state"] == "issued"


async def test_a_store_that_puts_us_off_for_a_day_is_given_up_and_asked_to_forget(shop: RewardShop) -> None:
    made = await shop.redeem()
    shop.store.voucher_answer = lambda what, code: VoucherAnswer(
        VoucherState.RETRY if what == "issue" else VoucherState.WITHDRAWN, "busy"
    )
    for _ in range(MAX_ATTEMPTS + 5):
        await shop.settle()
        shop.front.clock.forward(hours=7)
    assert [what for what, _ in shop.store.voucher_calls] == ["issue"] * MAX_ATTEMPTS + ["withdraw"]
    assert (await shop.shown(made))["state"] == "cancelled"
    assert await shop.spent() == [("redeem", -500), ("reinstate", 500)]


async def test_what_the_merchant_must_cure_stops_the_store_and_counts_no_attempt(shop: RewardShop) -> None:
    made = await shop.redeem("once", "k1")
    await shop.redeem("short", "k2")

    def locked(what: str, code: str) -> VoucherAnswer:
        raise ConfigProblem("The key may only read.")

    shop.store.voucher_answer = locked
    await shop.settle()
    assert len(shop.store.voucher_calls) == 1
    rows = await shop.front.rows("SELECT attempts, reason FROM voucher")
    assert {(row["attempts"], row["reason"]) for row in rows} == {(0, "The key may only read.")}
    shop.store.voucher_answer = None
    shop.front.clock.forward(minutes=15)
    assert await shop.settle() == 2
    assert (await shop.shown(made))["state"] == "issued"


async def test_a_defect_of_one_answer_keeps_no_other_code_waiting(shop: RewardShop) -> None:
    first = await shop.redeem("once", "k1")
    shop.front.clock.forward(minutes=1)
    second = await shop.redeem("short", "k2")

    def odd(what: str, code: str) -> VoucherAnswer:
        if code == first["code"]:
            raise Permanent("An answer in an unknown shape.")
        return VoucherAnswer(VoucherState.PLACED, token="t")

    shop.store.voucher_answer = odd
    assert await shop.settle() == 2
    assert (await shop.shown(first))["state"] == "requested"
    assert (await shop.shown(second))["state"] == "issued"


class TestCancelling:
    async def test_points_come_back_when_the_store_has_forgotten_the_code(self, shop: RewardShop) -> None:
        made = await shop.redeem()
        await shop.settle()
        assert await cancel(shop, made["redemption"]) == "issued"
        assert await shop.balance() == 500, "until then somebody could use it"
        await shop.settle()
        assert (await shop.shown(made))["state"] == "cancelled"
        assert shop.store.vouchers == {}
        assert await shop.spent() == [("redeem", -500), ("reinstate", 500)]
        assert await cancel(shop, made["redemption"]) == "cancelled"
        rows = await shop.front.rows("SELECT person, numbers_text FROM audit WHERE act = 'redemption-cancel'")
        assert [row["person"] for row in rows] == ["shopper"]
        assert json.loads(rows[0]["numbers_text"]) == {"redemption": made["redemption"]}
        assert await shop.settle() == 0
        assert await shop.balance() == 1_000

    async def test_a_code_that_an_order_used_first_is_not_given_back(self, shop: RewardShop) -> None:
        made = await shop.redeem()
        await shop.settle()
        await cancel(shop, made["redemption"])
        shop.store.voucher_answer = answering(VoucherState.USED)
        await shop.settle()
        assert await shop.spent() == [("redeem", -500)]
        await shop.order(2, 10_000, code=made["code"])
        assert (await shop.shown(made))["state"] == "used"
        assert await shop.spent() == [("redeem", -500)]

    async def test_a_code_that_is_just_being_issued_is_withdrawn_afterwards(self, shop: RewardShop) -> None:
        made = await shop.redeem()

        async def changes_mind() -> None:
            if shop.store.voucher_calls[-1][0] == "issue":
                await cancel(shop, made["redemption"])

        shop.store.meanwhile = changes_mind
        await shop.settle()
        assert made["code"] in shop.store.vouchers
        assert await shop.settle() == 0, "whoever issues it may not have finished"
        shop.front.clock.moment += LEASE
        await shop.settle()
        assert shop.store.vouchers == {}
        assert (await shop.shown(made))["state"] == "cancelled"
        assert await shop.spent() == [("redeem", -500), ("reinstate", 500)]

    async def test_four_at_once_give_points_back_once(self, shop: RewardShop) -> None:
        made = await shop.redeem()
        await shop.settle()
        await asyncio.gather(*[cancel(shop, made["redemption"]) for _ in range(4)])
        await asyncio.gather(*[shop.settle() for _ in range(4)])
        await asyncio.gather(*[cancel(shop, made["redemption"]) for _ in range(4)])
        assert await shop.spent() == [("redeem", -500), ("reinstate", 500)]


class TestOrders:
    async def test_a_paid_order_marks_its_voucher_as_used(self, shop: RewardShop) -> None:
        made = await shop.redeem()
        await shop.settle()
        source_ref = await shop.order(2, 10_000, code=made["code"].lower())
        used = await shop.shown(made)
        assert (used["state"], used["order_ref"], used["late"]) == ("used", source_ref, False)
        assert await shop.spent() == [("redeem", -500)]

    async def test_an_unpaid_order_leaves_it_open(self, shop: RewardShop) -> None:
        made = await shop.redeem()
        await shop.settle()
        await shop.order(2, 10_000, code=made["code"], status="pending", date_paid_gmt=None)
        assert (await shop.shown(made))["state"] == "issued"
        await shop.order(2, 10_000, code=made["code"])
        assert (await shop.shown(made))["state"] == "used"

    async def test_a_voucher_that_somebody_else_used_is_used_and_flagged(self, shop: RewardShop) -> None:
        made = await shop.redeem()
        await shop.settle()
        source_ref = await shop.order(2, 10_000, code=made["code"], customer=8)
        used = await shop.shown(made)
        assert (used["state"], used["order_ref"]) == ("used", source_ref)
        assert await flags(shop, made) == [("voucher-used-by-another", source_ref)]
        assert await shop.spent() == [("redeem", -500)]

    async def test_a_code_on_two_orders_costs_its_points_twice_and_is_flagged(self, shop: RewardShop) -> None:
        """C04: the store's own limit is no lock."""
        made = await shop.redeem()
        await shop.settle()
        first = await shop.order(2, 10_000, code=made["code"])
        for _ in range(2):
            second = await shop.order(3, 10_000, code=made["code"])
            shop.front.clock.forward(minutes=1)
        assert (await shop.shown(made))["order_ref"] == first
        assert await flags(shop, made) == [("voucher-used-again", second)]
        assert await shop.spent() == [("redeem", -500), ("redeem", -500)]
        rows = await shop.front.rows("SELECT order_ref, late FROM redemption WHERE redemption_state = 'used'")
        assert sorted((row["order_ref"], row["late"]) for row in rows) == [(first, 0), (second, 1)]

    async def test_what_a_second_use_cannot_take_is_owed_and_comes_back_with_its_order(self, shop: RewardShop) -> None:
        made = await shop.redeem("five", "k1")
        await shop.redeem("five", "k2")
        await shop.settle()
        await shop.order(2, 100, code=made["code"])
        await shop.order(3, 100, code=made["code"])
        assert await shop.balance() == -498
        shop.front.clock.forward(minutes=1)
        await shop.order(3, 100, code=made["code"], status="cancelled")
        assert await shop.balance() == 1

    async def test_a_strangers_order_with_a_used_code_is_only_flagged(self, shop: RewardShop) -> None:
        made = await shop.redeem()
        await shop.settle()
        first = await shop.order(2, 10_000, code=made["code"])
        other = await shop.order(3, 10_000, code=made["code"], customer=8)
        assert (await shop.shown(made))["order_ref"] == first
        assert await flags(shop, made) == [("voucher-used-by-another", other)]
        assert await shop.spent() == [("redeem", -500)]

    async def test_a_strangers_refund_gives_the_points_back_to_whose_they_were(self, shop: RewardShop) -> None:
        made = await shop.redeem()
        await shop.settle()
        await shop.order(2, 10_000, code=made["code"], customer=8)
        shop.front.clock.forward(minutes=1)
        await shop.order(2, 10_000, code=made["code"], customer=8, status="cancelled")
        assert await shop.spent() == [("redeem", -500), ("reinstate", 500)]
        assert await shop.balance() == 1_000

    @pytest.mark.parametrize("customer", [7, 8, 0], ids=["own", "strangers", "guests"])
    @pytest.mark.parametrize("detour", [False, True], ids=["at-once", "after-another-change"])
    async def test_an_order_that_ends_without_its_code_gives_the_points_back(
        self, shop: RewardShop, customer: int, detour: bool
    ) -> None:
        """A store takes the code off an order before it calls the order off, or in the same go."""
        made = await shop.redeem()
        await shop.settle()
        await shop.order(2, 10_000, code=made["code"], customer=customer)
        assert (await shop.shown(made))["state"] == "used"
        if detour:
            shop.front.clock.forward(minutes=1)
            await shop.order(2, 10_500, customer=customer)
            assert await shop.spent() == [("redeem", -500)], "it was used, and is"
        shop.front.clock.forward(minutes=1)
        await shop.order(2, 10_500 if detour else 10_000, customer=customer, status="cancelled")
        await drain(shop.front.pipeline)
        assert await shop.spent() == [("redeem", -500), ("reinstate", 500)]
        assert await shop.balance() == 1_000
        report = await verify(shop.front.database, KEYS, now=shop.front.clock)
        assert report.ok, report.as_text()

    @pytest.mark.parametrize("customer", [8, 0], ids=["strangers", "guests"])
    async def test_an_order_that_is_deleted_gives_the_points_back(self, shop: RewardShop, customer: int) -> None:
        made = await shop.redeem()
        await shop.settle()
        await shop.order(2, 10_000, code=made["code"], customer=customer)
        await shop.front.receive("order.deleted", b'{"id": 2}')
        await drain(shop.front.pipeline)
        assert await shop.spent() == [("redeem", -500), ("reinstate", 500)]
        report = await verify(shop.front.database, KEYS, now=shop.front.clock)
        assert report.ok, report.as_text()

    async def test_a_code_that_is_not_ours_is_nobodys_business(self, shop: RewardShop) -> None:
        await shop.order(2, 10_000, code="WELCOME10")
        assert await shop.front.number("SELECT count(*) FROM code_use") == 0
        assert await shop.spent() == []

    async def test_a_full_refund_gives_the_points_back_and_paying_again_takes_them(self, shop: RewardShop) -> None:
        made = await shop.redeem()
        await shop.settle()
        await shop.order(2, 10_000, code=made["code"])
        shop.front.clock.forward(minutes=1)
        await shop.order(2, 10_000, code=made["code"], status="cancelled")
        assert await shop.spent() == [("redeem", -500), ("reinstate", 500)]
        shop.front.clock.forward(minutes=1)
        await shop.order(2, 10_000, code=made["code"])
        assert await shop.spent() == [("redeem", -500), ("reinstate", 500), ("redeem", -500)]

    async def test_a_code_used_after_it_expired_takes_its_points_again(self, shop: RewardShop) -> None:
        """The order was placed in the last minute and told late."""
        made = await shop.redeem("short")
        await shop.settle()
        shop.front.clock.forward(days=7)
        await redemptions.expire_vouchers(shop.front.pipeline)
        await shop.order(2, 10_000, code=made["code"])
        used = await shop.shown(made)
        assert (used["state"], used["late"]) == ("used", True)
        assert await shop.spent() == [("redeem", -100), ("reinstate", 100), ("redeem", -100)]
