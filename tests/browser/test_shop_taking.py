"""A reward is taken in My Account of a WooCommerce shop, in Chromium: shown at once, and counted once."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.chromium import Asked, Chromium, Page
from tests.browser.looking import BUILD, must_be_fit, overflow, shifted, violations
from tests.browser.shop import ADDRESS, HERE, Shop, opened
from tests.plugins import php, sites
from tests.plugins.sites import Site

ACCOUNT = ADDRESS + "/account/points-and-badges/"
ROUTE = "/belong/v1/me/rewards"
NUMBER = ".belong-balance__number"
VOUCHERS = ".belong-vouchers"
COFFEE = "belong-take:has([value=coffee])"
SLIDER = "belong-take:has([value=slide])"
BUSY = "Your points are being used for: A coffee on us"
USED = "Your points are used"
LOST = httpx.Response(502, text="<html>somebody in between</html>")


@dataclass
class Taking:
    """A shop whose service answers, and what becomes of the answers on their way to Kim's browser.

    ways: for each answer to come, what the browser gets in its place. gate: closed, no answer arrives.
    """

    shop: Shop
    ways: list[httpx.Response] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asks_the_shop: bool = True

    @property
    def content(self) -> Path:
        return self.shop.site.folder / "wp-content"

    @property
    def made(self) -> dict[str, Any]:
        """What the service has given, by key."""
        file = self.content / "made.json"
        return dict(json.loads(file.read_text("utf-8"))) if file.exists() else {}

    async def answer(self, asked: Asked) -> httpx.Response | None:
        if ROUTE not in asked.url.replace("%2F", "/"):
            return await self.shop.for_person("kim")(asked)
        [_, key] = asked.body.decode().split('name="belong_take_key"\r\n\r\n')
        self.keys.append(key.partition("\r\n")[0])
        said = await self.shop.for_person("kim")(asked) if self.asks_the_shop else None
        await self.gate.wait()
        return self.ways.pop(0) if self.ways else said


@pytest.fixture
async def taking(installed: Callable[[str], Site]) -> AsyncIterator[Taking]:
    with sites.copy(installed("newest"), php.SYSTEM) as site:
        async with opened(site, is_connected=True) as shop:
            shutil.copy(HERE / "redeems.php", site.folder / "wp-content" / "mu-plugins")
            one = Taking(shop)
            one.gate.set()
            yield one


@asynccontextmanager
async def looking(browser: Chromium, taking: Taking, width: int = 1280) -> AsyncIterator[Page]:
    async with browser.page(taking.answer, width) as page:
        await page.go(ACCOUNT)
        await page.until_said("Use 150 leaves", COFFEE)
        assert await said(page, NUMBER) == "1,240"
        yield page
        assert (page.complaints, page.foreign) == ([], [])


async def said(page: Page, within: str) -> str:
    return (await page.tab.locator(within).first.inner_text()).strip()


async def press(page: Page, within: str) -> None:
    await page.run(f"document.querySelector('{within} button').focus()")
    await page.press("Enter")


def documents(page: Page) -> int:
    return [kind for kind, _ in page.sent].count("Document")


async def test_a_press_shows_at_once_what_will_be_and_counts_once(browser: Chromium, taking: Taking) -> None:
    taking.gate.clear()
    async with looking(browser, taking) as page:
        await press(page, COFFEE)
        await page.until_said(BUSY, f"{COFFEE} [role=status]")
        assert await said(page, NUMBER) == "1,090"
        await page.until_said("A coffee on us asked for", f"{VOUCHERS} li")
        for _ in range(3):
            await page.press("Enter")
        await asyncio.sleep(0.5)
        taking.gate.set()
        await page.until_said(USED, f"{COFFEE} [role=status]")
        assert await said(page, NUMBER) == "1,090"
        assert (await page.tab.locator(f"{COFFEE} button").count(), documents(page)) == (0, 1)
        assert await page.tab.locator(f"{VOUCHERS} li", has_text="asked for").count() == 1
        assert await shifted(page) == []
        await must_be_fit(page, "account-taken", "main")
    assert (len(taking.keys), list(taking.made)) == (1, taking.keys)


async def test_a_lost_reply_is_asked_for_again_under_the_same_key(browser: Chromium, taking: Taking) -> None:
    taking.ways = [LOST]
    async with looking(browser, taking) as page:
        await press(page, COFFEE)
        await page.until_said(USED, f"{COFFEE} [role=status]")
        assert await said(page, NUMBER) == "1,090"
    assert len(taking.keys) == 2 and {*taking.keys} == {*taking.made}


async def test_without_any_reply_the_page_goes_back_and_the_next_press_is_the_same(
    browser: Chromium, taking: Taking
) -> None:
    taking.ways = [LOST, LOST]
    async with looking(browser, taking) as page:
        await press(page, COFFEE)
        await page.until_said("it is not sure whether it worked", f"{COFFEE} [role=status]")
        assert await said(page, NUMBER) == "1,240"
        assert await page.tab.locator(f"{VOUCHERS} li", has_text="asked for").count() == 0
        await press(page, COFFEE)
        await page.until_said(USED, f"{COFFEE} [role=status]")
    assert len(taking.keys) == 3 and {*taking.keys} == {*taking.made}


async def test_a_refusal_takes_it_back_and_says_why(browser: Chromium, taking: Taking) -> None:
    (taking.content / "refuses").touch()
    async with looking(browser, taking) as page:
        await press(page, COFFEE)
        await page.until_said("You do not have enough points for this reward any more.", f"{COFFEE} [role=status]")
        assert await said(page, NUMBER) == "1,240"
        assert await page.tab.locator(f"{VOUCHERS} li", has_text="asked for").count() == 0
        (taking.content / "refuses").unlink()
        await press(page, COFFEE)
        await page.until_said(USED, f"{COFFEE} [role=status]")
    [first, second] = taking.keys
    assert first != second and [*taking.made] == [second]


async def test_where_scripts_are_not_let_through_the_form_itself_is_sent(browser: Chromium, taking: Taking) -> None:
    taking.asks_the_shop = False
    taking.ways = [httpx.Response(403, json={"code": "rest_forbidden", "message": "No."})]
    async with looking(browser, taking) as page:
        async with page.tab.expect_navigation():
            await press(page, COFFEE)
        await page.until_said("A coffee on us asked for", f"{VOUCHERS} li")
        # What its answer says, WooCommerce draws on the next page, and its double does not.
        assert documents(page) == 3
    assert taking.keys == [*taking.made]


async def test_a_code_stands_among_the_vouchers_and_a_slider_takes_what_was_chosen(
    browser: Chromium, taking: Taking
) -> None:
    async with looking(browser, taking, 320) as page:
        await page.run("document.querySelectorAll('.belong-rewards details').forEach((one) => { one.open = true; })")
        await page.run(f"document.querySelector('{SLIDER} [type=number]').focus()")
        await page.press("ControlOrMeta+a")
        await page.type("300")
        await page.press("Enter")
        await page.until_said("7k3m-9q2r-5t8v-1x4z", f"{SLIDER} [role=status]")
        await page.until_said("7k3m-9q2r-5t8v-1x4z", f"{VOUCHERS} li code")
        assert await said(page, NUMBER) == "940"
        assert await page.tab.locator(f"{VOUCHERS} li:first-child belong-copy button").is_visible()
        assert await violations(page, ".belong-rewards") == []
        assert await overflow(page, ".belong-rewards") == []
        BUILD.mkdir(parents=True, exist_ok=True)
        await page.tab.locator(".belong-rewards").screenshot(path=str(BUILD / "shop-taken.png"))
    [made] = taking.made.values()
    assert (made["reward"], made["points"]) == ("slide", 300)


async def test_a_first_voucher_gets_its_heading_and_loses_it_with_a_refusal(browser: Chromium, taking: Taking) -> None:
    site = taking.shop.site
    done = site.run(php.SYSTEM, str(HERE / "no-vouchers.php"), str(site.wordpress), "kim")
    assert (done.code, done.said) == (0, "")
    (taking.content / "refuses").touch()
    taking.gate.clear()
    async with looking(browser, taking) as page:
        heading = page.tab.get_by_role("heading", name="Your vouchers")
        assert not await heading.is_visible()
        await press(page, COFFEE)
        await page.until_said("A coffee on us asked for", VOUCHERS)
        assert await heading.is_visible()
        taking.gate.set()
        await page.until_said("You do not have enough points", f"{COFFEE} [role=status]")
        assert not await heading.is_visible() and not await page.tab.locator(VOUCHERS).is_visible()
