"""Pages of a headless shop and of WooCommerce as shoppers have set their screens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.browser import shop
from tests.browser.chromium import Chromium
from tests.browser.headless import SHOP, all_shown, front
from tests.browser.own_settings import MOVING, must_suit_settings
from tests.browser.shop import ADDRESS, Shop
from tests.databases import Databases
from tests.plugins import php, sites
from tests.plugins.sites import Site

ACCOUNT = "/account/points-and-badges/"
PAGES = [
    ("account", "kim", ACCOUNT, "Silver leaf", "main"),
    ("board", "kim", "/board/", "Your place: 17, with 3.", "main"),
    ("product", "guest", "/product/", "Earn 25 leaves", "main"),
    ("cart", "kim", "/cart/", "You earn 62 leaves", "main"),
    ("checkout", "kim", "/checkout/", "Use your points", "main"),
    ("block-cart", "kim", "/block-cart/", "You earn 62 leaves", "main"),
]


@pytest.fixture
async def woocommerce(installed: Callable[[str], Site]) -> AsyncIterator[Shop]:
    with sites.copy(installed("newest"), php.SYSTEM) as site:
        async with shop.opened(site, is_connected=True) as one:
            yield one


async def test_pages_of_woocommerce_suit_every_setting(browser: Chromium, woocommerce: Shop) -> None:
    for name, person, path, said, within in PAGES:
        async with browser.page(woocommerce.for_person(person)) as page:
            await page.go(ADDRESS + path)
            await page.until_said(said, within)
            if name == "account":
                # What is looked at is there: what may move without the setting, bars, medals of two levels.
                assert await page.run(MOVING) != []
                for what, count in (("progress", 2), ("svg.belong-silver", 1), ("svg.belong-gold", 1)):
                    assert await page.tab.locator(f"{within} {what}:visible").count() == count
            await must_suit_settings(page, f"settings-{name}", within)


async def test_a_headless_page_suits_every_setting(browser: Chromium, databases: Databases, tmp_path: Path) -> None:
    with databases.prepared("sqlite") as url:
        (tmp_path / "home").mkdir()
        async with front(url, tmp_path / "home") as headless, browser.page(headless.answer) as page:
            await page.go(f"{SHOP}/headless?shopper=7")
            await page.until_said("ready to use", "belong-balance")
            await page.until_said("Use 200 points", "belong-rewards")
            await all_shown(page)
            await must_suit_settings(page, "settings-headless", "body")
