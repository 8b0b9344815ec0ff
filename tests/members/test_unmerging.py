"""A merge undone: what came goes back with its customers, and nothing else does."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connector.ingest.pipeline import drain
from connector.people.merging import unmerge
from connector.verify import verify
from loyalty_engine.errors import Refused
from tests.builders import KEYS, MIA
from tests.connector.rewarding import RewardShop, reward_shop
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
