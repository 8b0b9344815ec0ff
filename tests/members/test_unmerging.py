"""A merge undone: what came goes back with its customers, and nothing else does."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connector.ingest.pipeline import drain
from connector.people.merging import merge, unmerge
from connector.verify import verify
from loyalty_engine.errors import Refused
from tests.builders import KEYS, MIA
from tests.connector.rewarding import ALL, RewardShop, reward_shop
from tests.members.test_merging import WELCOMING, balances, member_of, merged


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    """Customer 7 has 1,020 points, customer 8 has 320; every book and seal is whole in the end."""
    async with reward_shop(prepared_database_url, document=WELCOMING) as made:
        await made.order(2, 30_000, customer=8)
        yield made
        await drain(made.front.pipeline)
        report = await verify(made.front.database, KEYS, now=made.front.clock)
        assert report.ok, report.as_text()


async def test_orders_since_the_merge_go_back_with_their_customer_and_redemptions_stay(shop: RewardShop) -> None:
    seven, eight = shop.member, await member_of(shop, "8")
    await merged(shop, eight, seven)
    await shop.order(3, 5_000, customer=8)
    await shop.redeem("five", "after")
    assert await balances(shop) == {seven: 870, eight: 0}
    await unmerge(shop.front.pipeline, shop.front.programme, eight, MIA)
    await drain(shop.front.pipeline)
    assert await balances(shop) == {seven: 520, eight: 370}
    with pytest.raises(Refused) as refused:
        await unmerge(shop.front.pipeline, shop.front.programme, eight, MIA)
    assert refused.value.code == "not-merged"


async def test_what_was_the_survivors_before_the_merge_stays_when_it_is_undone(shop: RewardShop) -> None:
    """An order that its shop had given from the one customer to the other went through the books of both."""
    seven, eight = shop.member, await member_of(shop, "8")
    shop.front.clock.forward(minutes=1)
    await shop.order(2, 30_000, customer=7)
    before = await balances(shop)
    assert before == {seven: 1_320, eight: 20}
    await merged(shop, eight, seven)
    await unmerge(shop.front.pipeline, shop.front.programme, eight, MIA)
    await drain(shop.front.pipeline)
    assert await balances(shop) == before
    owners = await shop.front.rows("SELECT DISTINCT member_id FROM source_fact WHERE kind = 'order'")
    assert owners == [{"member_id": seven}]


async def assert_clean(shop: RewardShop) -> None:
    await drain(shop.front.pipeline)
    report = await verify(shop.front.database, KEYS, now=shop.front.clock)
    assert report.ok, report.as_text()


@pytest.mark.parametrize("second", [8_000, 300])
async def test_room_that_goes_back_is_free_for_what_the_survivor_did_meanwhile(
    prepared_database_url: str, second: int
) -> None:
    caps = [{"id": "monthly", "per": "month", "points": 100, "on": ["order"]}]
    async with reward_shop(prepared_database_url, points=80, document={**ALL, "caps": caps}) as shop:
        pipeline, programme = shop.front.pipeline, shop.front.programme
        await shop.order(2, 100, customer=8)
        seven, eight = await member_of(shop, "7"), await member_of(shop, "8")
        await merge(pipeline, programme, seven, eight, "merchant", MIA)
        await drain(pipeline)
        await shop.order(3, second, customer=8)
        await drain(pipeline)
        assert (await balances(shop))[eight] == min(100, 81 + second // 100)
        await unmerge(pipeline, programme, seven, MIA)
        await assert_clean(shop)
        found = await balances(shop)
        assert (found[seven], found[eight]) == (80, 1 + second // 100)


async def test_an_emptied_room_is_not_carried_on(prepared_database_url: str) -> None:
    async with reward_shop(prepared_database_url, points=100, document=WELCOMING) as shop:
        pipeline, programme = shop.front.pipeline, shop.front.programme
        for number, customer in ((2, 8), (3, 9)):
            await shop.order(number, 10_000, customer=customer)
        seven, eight, nine = [await member_of(shop, customer) for customer in ("7", "8", "9")]
        before = await balances(shop)
        for going, staying in ((seven, nine), (nine, eight)):
            await merge(pipeline, programme, going, staying, "merchant", MIA)
            await assert_clean(shop)
            await unmerge(pipeline, programme, going, MIA)
            await assert_clean(shop)
        assert await balances(shop) == before


@pytest.mark.parametrize("minor", [40, 5_000])
async def test_terms_of_an_order_that_left_no_entry_stay_those_of_who_placed_it(
    prepared_database_url: str, minor: int
) -> None:
    tiers = [
        {"id": "member", "name": "Member", "qualify": "join"},
        {"id": "silver", "name": "Silver", "qualify": {"spend_12m": "50.00"}},
    ]
    async with reward_shop(prepared_database_url, points=100, document={**ALL, "tiers": tiers}) as shop:
        shop.front.clock.forward(days=1)
        await shop.order(2, 300, customer=8)
        await shop.order(3, minor)
        shop.front.clock.forward(hours=1)
        seven, eight = await member_of(shop, "7"), await member_of(shop, "8")
        await merge(shop.front.pipeline, shop.front.programme, seven, eight, "merchant", MIA)
        await assert_clean(shop)
