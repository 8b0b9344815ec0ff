"""Test mode in a browser: a clock that is on its way is seen to go, and its page ends by itself."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.browser.chromium import Chromium
from tests.browser.looking import must_be_fit
from tests.browser.test_console_seen import asking
from tests.connector.outside import outside
from tests.connector.plugin_calls import plugin_of
from tests.console.test_console_test import RULES, Desk
from tests.console.test_test_parts import FRIENDS
from tests.console.visiting import PUBLIC, signed_in
from tests.databases import Databases


@pytest.fixture
async def desk(databases: Databases, tmp_path: Path) -> AsyncIterator[Desk]:
    """Which database it is, no page shows."""
    with databases.prepared("sqlite") as url:
        async with outside(url, tmp_path, RULES, BELONG_PUBLIC_URL=PUBLIC) as service:
            plugin = await plugin_of(service)
            yield Desk(service, plugin, await signed_in(service, plugin, role="manager"))


async def test_the_page_of_a_moving_clock_goes_on_by_itself_until_it_stands(browser: Chromium, desk: Desk) -> None:
    shops = desk.service.service.test_shops
    await desk.begin()
    shops.piece_seconds = 0.0
    await desk.send("clock", by="year")
    async with browser.page(asking(desk.browser)) as page:
        await page.go(f"{PUBLIC}/console/test")
        await must_be_fit(page, "test-clock-moving", "main", is_still=False)
        first = int(await page.run("document.querySelector('progress').value"))
        assert 0 <= first < 365
        shops.piece_seconds = 1.0
        await page.until_said("The clock stands.", "main")
        assert await page.run("document.querySelector('[data-live]') === null")
        assert await page.run("document.querySelector('progress') === null")
        assert re.search("Points ended", await page.run("document.querySelector('main').textContent"))
        await must_be_fit(page, "test-clock-stands", "main", is_still=False)


async def test_a_test_with_friends_credit_and_books_is_fit_for_everybody(browser: Chromium, desk: Desk) -> None:
    await desk.send("begin", origin=f"draft:{await desk.draft(**FRIENDS)}")
    for ref, name in (("5", "Eve"), ("6", "Annegret-Wilhelmine Schmidt-Rottluff von der Oberlausitz")):
        await desk.do("refer", shopper="4", name=name, alike="yes")
        await desk.do("order", shopper=ref, amount="150", paid="yes")
    await desk.move("month")
    assert (await desk.do("redeem", shopper="5", reward="credit")).status_code == 303
    async with browser.page(asking(desk.browser)) as page:
        for name, path in (("test-parts", ""), ("test-referrer", "/shoppers/4"), ("test-friend", "/shoppers/5")):
            await page.go(f"{PUBLIC}/console/test{path}")
            await must_be_fit(page, name, "main")
