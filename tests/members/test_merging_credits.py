"""Store credit of two members who become one: whoever has the redemption has its credit, also while it is asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from connector.credit_desk import CreditAnswer, StoreCredit
from connector.errors import Transient
from connector.ingest.pipeline import drain
from connector.people.actors import SHOPPER
from connector.people.merging import merge, unmerge
from connector.redeeming import redemptions
from connector.redeeming.store_credits import settle_credits
from connector.verify import verify
from tests.builders import KEYS, MIA
from tests.connector.memory_shop import MemoryCredits, MemoryPlatform
from tests.connector.rewarding import RewardShop, reward_shop


class LosesAnswers(MemoryCredits):
    """It acts, and nobody hears of it, once."""

    loses = True

    async def give(self, credit: StoreCredit) -> CreditAnswer:
        answer = await super().give(credit)
        if self.loses:
            self.loses = False
            raise Transient("The answer was lost.")
        return answer


@pytest.fixture
async def shop(prepared_database_url: str) -> AsyncIterator[RewardShop]:
    """Customers 7 and 8 with points, in a store that has credit accounts."""
    async with reward_shop(prepared_database_url) as made:
        platform = made.front.platforms["woocommerce"]
        assert isinstance(platform, MemoryPlatform)
        platform.voucher_kinds |= {"store_credit"}
        made.store.credits = LosesAnswers()
        await made.order(2, 30_000, customer=8)
        yield made
        await drain(made.front.pipeline)
        report = await verify(made.front.database, KEYS, now=made.front.clock)
        assert report.ok, report.as_text()


async def test_credit_that_is_being_asked_for_goes_along_and_is_given_once(shop: RewardShop) -> None:
    front, seven = shop.front, shop.member
    [row] = await front.rows("SELECT member_id FROM identity WHERE customer_ref = '8'")
    shop.member = eight = row["member_id"]
    made = await shop.redeem("credit")
    await settle_credits(shop.placing)
    await merge(front.pipeline, front.programme, eight, seven, "merchant", MIA)
    await drain(front.pipeline)
    assert await front.rows("SELECT member_id, state FROM store_credit") == [{"member_id": seven, "state": 1}]
    front.clock.forward(minutes=2)
    await settle_credits(shop.placing)
    shop.member = seven
    assert (await shop.shown(made))["state"] == "issued"
    assert isinstance(shop.store.credits, MemoryCredits)
    assert shop.store.credits.transactions == [("8", 100)], "the account of whoever asked for it"
    await unmerge(front.pipeline, front.programme, eight, MIA)
    await drain(front.pipeline)
    assert await front.rows("SELECT member_id, state FROM store_credit") == [{"member_id": eight, "state": 2}]
    await redemptions.cancel(front.pipeline, front.programme, eight, made["redemption"], "changed-mind", SHOPPER)
    await settle_credits(shop.placing)
    shop.member = eight
    assert (await shop.shown(made))["state"] == "cancelled"
    assert shop.store.credits.transactions == [("8", 100), ("8", -100)]
