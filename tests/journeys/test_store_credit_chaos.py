"""Whatever is lost between us and the shop, its credit is that of the redemptions given: nothing lost, or twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector.delivering.rounds import Rounds
from loyalty_engine.errors import Refused
from tests.journeys.crediting import CreditShop, Killed, credit_shop

LOST = ["lost-before", "lost-after", "killed-before", "killed-after", "error"]


@pytest.fixture
async def shop(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[CreditShop]:
    async with credit_shop(prepared_database_url, tmp_path) as made:
        yield made


async def one_round(shop: CreditShop) -> None:
    """What a worker does until it dies."""
    try:
        await shop.settle()
    except Killed:
        return


@pytest.mark.parametrize("fate", LOST)
async def test_a_lost_answer_gives_the_credit_once(shop: CreditShop, fate: str) -> None:
    before = await shop.points()
    made = await shop.redeem()
    shop.fickle.fates["GiveCredit"] = [fate]
    await one_round(shop)
    assert await shop.states() == [1], "that it was asked outlives everything"
    there = shop.credit
    assert there == (0 if fate.endswith("before") else 500)
    assert await shop.settle() == 0, "within a lease nobody asks again, and nobody looks"
    with pytest.raises(Refused, match="credit-under-way"):
        await shop.cancel(made)
    assert (shop.credit, await shop.points()) == (there, before - 100)
    await shop.patiently()
    assert shop.credit == 500
    await shop.assert_even()
    shown = await shop.shown(made)
    [account] = shop.accounts.accounts.values()
    [transaction] = account.transactions
    assert (shown["state"], shown["order_ref"]) == ("issued", f"belong:credit:{transaction.id}")
    assert await shop.points() == before - 100
    assert shop.fickle.asked["GiveCredit"] == 1


@pytest.mark.parametrize("fate", LOST)
async def test_a_lost_answer_takes_the_credit_back_once(shop: CreditShop, fate: str) -> None:
    before = await shop.points()
    made = await shop.redeem()
    await shop.settle()
    shop.accounts.adjust(shop.customer, "EUR", 500)
    await shop.cancel(made)
    shop.fickle.fates["TakeCredit"] = [fate]
    await one_round(shop)
    assert await shop.states() == [5]
    assert await shop.points() == before - 100, "its points come back when the shop has it no more"
    await shop.patiently()
    assert shop.credit == 500, "what the merchant gave is left"
    shown = await shop.shown(made)
    assert (shown["state"], shown["reason"]) == ("cancelled", "changed-mind")
    assert await shop.points() == before
    assert (await shop.cancel(made))["state"] == "cancelled"
    await shop.patiently(2)
    assert (shop.credit, await shop.points()) == (500, before)


async def test_many_redemptions_whose_answers_get_lost_at_random(shop: CreditShop) -> None:
    shop.fickle.fates["GiveCredit"] = ["lost-after", "fine", "lost-before", "error", "killed-after", "throttled"]
    shop.fickle.fates["CreditAccounts"] = ["fine", "lost-after", "throttled", "lost-before"]
    for number in range(5):
        await shop.redeem(f"k{number}")
    for _ in range(30):
        await one_round(shop)
        shop.clock.forward(minutes=2)
    assert await shop.states() == [2] * 5
    assert shop.credit == 2_500
    await shop.assert_even()
    refs = {row["given_ref"] for row in await shop.rows("SELECT given_ref FROM store_credit")}
    assert len(refs) == 5, "no transaction is two redemptions'"


async def test_several_that_may_be_it_are_for_a_person(shop: CreditShop) -> None:
    """The merchant gave the same amount meanwhile: nobody guesses which of them is ours."""
    made = await shop.redeem()
    shop.fickle.fates["GiveCredit"] = ["lost-after"]
    await shop.settle()
    shop.accounts.adjust(shop.customer, "EUR", 500)
    await shop.patiently()
    assert await shop.states() == [7]
    assert shop.credit == 1_000
    assert (await shop.shown(made))["state"] == "requested"
    with pytest.raises(Refused, match="credit-under-way"):
        await shop.cancel(made)
    [row] = await shop.rows("SELECT reason FROM store_credit")
    assert row["reason"].startswith("each of these may be it: ")
    other = await shop.redeem("k2")
    await shop.patiently()
    assert (await shop.shown(other))["state"] == "issued", "what is unclear keeps nothing else waiting"
    assert shop.credit == 1_500


async def test_what_was_there_before_is_not_taken_for_an_answer(shop: CreditShop) -> None:
    shop.accounts.adjust(shop.customer, "EUR", 500)
    await shop.redeem()
    shop.fickle.fates["GiveCredit"] = ["lost-before"]
    await shop.patiently()
    assert shop.credit == 1_000
    assert await shop.states() == [2]


async def test_what_is_another_redemptions_is_not_taken_for_an_answer(shop: CreditShop) -> None:
    await shop.redeem("k1")
    await shop.redeem("k2")
    shop.fickle.fates["GiveCredit"] = ["lost-after", "lost-before"]
    await shop.patiently(10)
    assert shop.credit == 1_000
    await shop.assert_even()


async def test_one_account_is_asked_about_one_thing_at_a_time(shop: CreditShop) -> None:
    await shop.redeem("k1")
    await shop.redeem("k2")
    shop.fickle.fates["GiveCredit"] = ["lost-after"]
    await shop.settle()
    assert await shop.states() == [0, 1]
    shop.clock.forward(seconds=10)
    await shop.settle()
    assert await shop.states() == [0, 1], "the second waits for the first's lease"
    await shop.patiently()
    assert shop.credit == 1_000


async def test_four_workers_give_once(shop: CreditShop) -> None:
    for number in range(3):
        await shop.redeem(f"k{number}")
    for _ in range(6):
        await asyncio.gather(*[shop.settle() for _ in range(4)])
        shop.clock.forward(seconds=10)
    assert shop.credit == 1_500
    await shop.assert_even()


async def test_a_worker_that_comes_back_after_its_lease_changes_nothing(shop: CreditShop) -> None:
    """Its answer arrives when another worker has read the account, and adopted the same transaction."""
    made = await shop.redeem()

    async def another_goes_on() -> None:
        shop.fickle.meanwhile = None
        shop.clock.forward(minutes=2)
        # Of another process, which knows nothing of what this one has under way.
        shop.made.service.outbox.crediting = Rounds()
        await shop.settle()

    shop.fickle.meanwhile = another_goes_on
    await shop.settle()
    assert (await shop.shown(made))["state"] == "issued"
    assert shop.fickle.asked["GiveCredit"] == 1
    await shop.patiently(2)
    assert shop.credit == 500
    await shop.assert_even()


async def test_redeeming_twice_with_one_key_gives_once(shop: CreditShop) -> None:
    before = await shop.points()
    answers = await asyncio.gather(*[shop.redeem("same") for _ in range(5)], return_exceptions=True)
    assert {one["redemption"] for one in answers if isinstance(one, dict)}
    assert {one.code for one in answers if isinstance(one, Refused)} <= {"request-under-way"}
    await shop.redeem("same")
    await shop.patiently()
    assert (shop.credit, await shop.points()) == (500, before - 100)


async def test_a_throttled_shop_gives_later(shop: CreditShop) -> None:
    await shop.redeem()
    shop.fickle.fates["CreditAccounts"] = ["throttled"] * 3
    shop.fickle.fates["GiveCredit"] = ["throttled"] * 3
    await shop.patiently(10)
    assert shop.credit == 500
    await shop.assert_even()


async def test_a_shop_that_is_away_for_days_is_asked_again(shop: CreditShop) -> None:
    made = await shop.redeem()
    shop.fickle.fates["CreditAccounts"] = ["lost-before"] * 30
    for _ in range(31):
        await shop.settle()
        shop.clock.forward(hours=7)
    await shop.patiently(2)
    assert (await shop.shown(made))["state"] == "issued"
    assert shop.credit == 500


async def test_a_customer_who_goes_before_the_account_was_read_is_for_a_person(shop: CreditShop) -> None:
    """Their account may be another customer's by now: neither points nor credit are given once more."""
    before = await shop.points()
    made = await shop.redeem()
    shop.fickle.fates["GiveCredit"] = ["lost-after"]
    await shop.settle()
    shop.made.shops.shopify.truth.customers[shop.customer].deleted = True
    await shop.patiently()
    assert await shop.states() == [7]
    assert ((await shop.shown(made))["state"], await shop.points()) == ("requested", before - 100)
    assert shop.credit == 500
