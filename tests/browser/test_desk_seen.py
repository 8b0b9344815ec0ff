"""Points on the screens of an order and of a user in wp-admin, filled by our script from a real service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.browser import shop
from tests.browser.chromium import Chromium, Page
from tests.browser.looking import must_be_fit
from tests.browser.shop import ADDRESS
from tests.connector.home import Home
from tests.plugins import php, shop_processes, sites
from tests.plugins.sites import Site
from tests.plugins.test_end_to_end import Shop

ORDER = ADDRESS + "/wp-admin/admin.php?page=wc-orders&id="
USER = ADDRESS + "/wp-admin/profile.php"
# A table for who manages the shop, filled after the rest of wp-admin: it is not held to stand still.
PLACE, FORM, OUTCOME = ".belong-desk", ".belong-desk-adjust", ".belong-desk-outcome"


def paired(site: Site, home: Home) -> str:
    """An order of 40.00 that became points; its number. The service runs."""
    code = home.pairing_code("--name", "Tea")
    one = Shop(site)
    one.run("pair", code)
    [order] = one.run("make", "1")
    one.until_lifetime(40)
    return str(order)


async def filled_in(page: Page, points: str, reason: str) -> None:
    for field, text in (("points", points), ("reason", reason)):
        await page.run(f"document.getElementById('belong-desk-{field}').select()")
        await page.type(text)
    await page.press("Enter")


async def test_who_manages_the_shop_sees_points_and_gives_some(
    browser: Chromium, installed: Callable[[str], Site], tmp_path: Path
) -> None:
    home = Home.at_one_address(tmp_path / "home")
    with sites.copy(installed("newest"), php.SYSTEM) as site, home.serving() as serving:
        order = await asyncio.to_thread(paired, site, home)
        async with shop.opened(site, is_connected=False) as one, browser.page(one.for_person("boss")) as page:
            await page.go(ORDER + order)
            await page.until_said("40 points for order", PLACE)
            assert "40 points" in await page.run(f"document.querySelector('{PLACE} .belong-desk-state').textContent")
            await must_be_fit(page, "desk-order", PLACE, is_still=False)
            await page.go(USER)
            await page.until_said("40 points for order", PLACE)
            await must_be_fit(page, "desk-user", ".belong-desk-user", is_still=False)
            await gives_points(page)
            shown = await asyncio.to_thread(Shop(site).until_lifetime, 90)
            assert shown["entries"][0]["points"] == 50
            # Nobody is there: said in words, and the way to try again works once somebody is.
            assert (await asyncio.to_thread(serving.stop)).code == 0
            await page.go(USER)
            await page.until_said("Try again", PLACE)
            assert await page.run(f"document.querySelector('{FORM}').hidden")
            await must_be_fit(page, "desk-down", ".belong-desk-user", is_still=False)
            with home.serving():
                await asyncio.to_thread(shop_processes.run, site, "send-now")
                await page.run(f"document.querySelector('{PLACE} button').click()")
                await page.until_said("parcel came late", PLACE)


async def gives_points(page: Page) -> None:
    """Refused until it says what and why; asked once; done once, however often Enter is pressed."""
    await filled_in(page, "many", "a parcel came late")
    await page.until_said("whole number", OUTCOME)
    assert await page.run("document.activeElement.id") == "belong-desk-points"
    await filled_in(page, "50", "")
    await page.until_said("Say why", OUTCOME)
    assert page.dialogs == []
    await page.run("document.querySelector('#belong-desk-points').value = ''")
    await filled_in(page, "50", "a parcel came late")
    await page.press("Enter")
    await page.until_said("parcel came late", PLACE)
    assert len(page.dialogs) == 1 and "+50" in page.dialogs[0] and "a parcel came late" in page.dialogs[0]
    assert await page.run("location.pathname") == "/wp-admin/profile.php"
    assert await page.run("document.querySelector('#belong-desk-points').value") == ""
