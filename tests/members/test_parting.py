"""Accounts that a shopper linked and takes apart again: what was spent together is not there once more."""

from __future__ import annotations

import pytest

from connector.ingest.pipeline import drain
from connector.people.actors import SHOPPER
from connector.people.linking import BY_ADDRESS
from connector.people.merging import merge, unmerge
from connector.verify import verify
from loyalty_engine.errors import Refused
from tests.builders import KEYS, MIA
from tests.connector.rewarding import ALL, RewardShop, reward_shop

MATURING = {**ALL, "points": {**ALL["points"], "earn": {**ALL["points"]["earn"], "pending_days": 14}}}


async def balances(shop: RewardShop) -> dict[str, tuple[int, int]]:
    rows = await shop.front.rows("SELECT member_id, points, deficit FROM balance")
    return {row["member_id"]: (row["points"], row["deficit"]) for row in rows}


async def linked(shop: RewardShop, minor: int) -> tuple[str, str]:
    """Customer 7's account goes to customer 8's, who has ordered for so much; returns both."""
    await shop.order(2, minor, customer=8)
    [row] = await shop.front.rows("SELECT member_id FROM identity WHERE customer_ref = '8'")
    seven, eight = shop.member, row["member_id"]
    await merge(shop.front.pipeline, shop.front.programme, seven, eight, BY_ADDRESS, SHOPPER)
    await drain(shop.front.pipeline)
    shop.member = eight
    return seven, eight


async def unlinked(shop: RewardShop, member: str) -> None:
    await unmerge(shop.front.pipeline, shop.front.programme, member, SHOPPER, may_owe=False)
    await drain(shop.front.pipeline)


async def assert_clean(shop: RewardShop) -> None:
    report = await verify(shop.front.database, KEYS, now=shop.front.clock)
    assert report.ok, report.as_text()


async def test_what_was_spent_together_cannot_be_spent_again(prepared_database_url: str) -> None:
    async with reward_shop(prepared_database_url) as shop:
        seven, eight = await linked(shop, 100)
        await shop.redeem("five", "k1")
        await shop.redeem("five", "k2")
        with pytest.raises(Refused) as refused:
            await unlinked(shop, seven)
        assert (refused.value.code, refused.value.numbers) == (
            "merged-points-spent",
            {"member": seven, "missing": 999},
        )
        assert await balances(shop) == {seven: (0, 0), eight: (1, 0)}, "nothing has happened"
        await assert_clean(shop)
        await unmerge(shop.front.pipeline, shop.front.programme, seven, MIA, "asked on the phone")
        await drain(shop.front.pipeline)
        assert await balances(shop) == {seven: (1_000, 0), eight: (-999, 999)}, "support may, and it is owed"
        await assert_clean(shop)


async def test_what_the_others_own_points_pay_for_stands_in_no_ones_way(prepared_database_url: str) -> None:
    async with reward_shop(prepared_database_url) as shop:
        seven, eight = await linked(shop, 60_000)
        await shop.redeem("five", "k1")
        await unlinked(shop, seven)
        assert await balances(shop) == {seven: (1_000, 0), eight: (100, 0)}
        await assert_clean(shop)


async def test_points_that_are_not_mature_pay_for_nothing_that_was_spent(prepared_database_url: str) -> None:
    async with reward_shop(prepared_database_url, document=MATURING) as shop:
        shop.front.clock.forward(days=15)
        seven, eight = await linked(shop, 100_000)
        await shop.redeem("five", "k1")
        with pytest.raises(Refused) as refused:
            await unlinked(shop, seven)
        assert (refused.value.code, refused.value.numbers["missing"]) == ("merged-points-spent", 500)
        assert await balances(shop) == {seven: (0, 0), eight: (1_500, 0)}
        await assert_clean(shop)
