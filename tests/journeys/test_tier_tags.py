"""A tier as a tag in the shop: from an order to Shopify's customer, and away again when its member goes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector.commands.run import COMMANDS
from connector.data.erasure import erase
from connector.delivering.outbox import push_due
from connector.delivering.removing import remove_due
from connector.errors import ConfigProblem
from connector.ingest.pipeline import drain
from connector.people.actors import SYSTEM
from connector.people.membership import set_status
from connector.sandbox.shop import Basket
from loyalty_engine.member import MemberStatus
from tests.journeys.crediting import GIVING, CreditShop, credit_shop

TIERED = {
    **GIVING,
    "tiers": [{"id": "tea", "name": "Tea"}, {"id": "oolong", "name": "Oolong", "qualify": {"spend": 150}}],
}


@pytest.fixture
async def shop(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[CreditShop]:
    async with credit_shop(prepared_database_url, tmp_path, document=TIERED) as made:
        made.made.shops.shopify.truth.customers[made.customer].tags.append("VIP")
        await pushed(made)
        yield made


async def pushed(shop: CreditShop) -> list[str]:
    """The customer's tags after everything was told."""
    await drain(shop.made.service.pipeline)
    while await push_due(shop.made.service.outbox):
        pass
    return list(shop.made.shops.shopify.truth.customers[shop.customer].tags)


async def tagged(shop: CreditShop, value: str) -> list[str]:
    connection = shop.made.connections["shopify"].public_id
    await COMMANDS["change-setting"](shop.made.service, {"connection": connection, "name": "tier_tags", "value": value})
    return await pushed(shop)


async def test_without_the_setting_nobody_is_tagged(shop: CreditShop) -> None:
    assert await pushed(shop) == ["VIP"]


async def test_the_tag_follows_the_tier_and_goes_with_whoever_leaves(shop: CreditShop) -> None:
    assert await tagged(shop, "loyalty:") == ["VIP", "loyalty:tea"]
    shopify = shop.made.shops.shopify
    product = next(iter(shopify.truth.products))
    shopify.place_order(shop.customer, Basket([(product, 20)]))
    await shop.made.deliver()
    assert await pushed(shop) == ["VIP", "loyalty:oolong"]
    about = (shop.made.service.pipeline, shop.programme, shop.member)
    await set_status(*about, MemberStatus.LEFT, SYSTEM, "")
    assert await pushed(shop) == ["VIP"]
    await set_status(*about, MemberStatus.ACTIVE, SYSTEM, "")
    assert await pushed(shop) == ["VIP", "loyalty:oolong"]


async def test_an_erased_customers_tag_goes(shop: CreditShop) -> None:
    assert await tagged(shop, "loyalty:") == ["VIP", "loyalty:tea"]
    await erase(shop.made.service.pipeline, shop.programme, shop.member, SYSTEM)
    assert await remove_due(shop.made.service.outbox) == 1
    assert await pushed(shop) == ["VIP"]


async def test_with_a_minus_before_it_the_tags_are_taken_back(shop: CreditShop) -> None:
    assert await tagged(shop, "loyalty:") == ["VIP", "loyalty:tea"]
    assert await tagged(shop, "-loyalty:") == ["VIP"]
    assert await tagged(shop, "") == ["VIP"]


@pytest.mark.parametrize("value", ["x", "-ab", "a,b:", "l" * 101])
async def test_a_prefix_that_no_tag_can_have_or_that_is_no_prefix_is_refused(shop: CreditShop, value: str) -> None:
    with pytest.raises(ConfigProblem, match="A prefix of tags"):
        await tagged(shop, value)
    assert await pushed(shop) == ["VIP"]
