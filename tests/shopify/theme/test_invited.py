"""A friend comes to a Shopify shop by the link that a member shared: in Chromium, through the app proxy, on our running
service.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connector.delivering.outbox import push_due
from connector.running.scheduler import tell_programmes
from tests.browser.chromium import Asked, Chromium, Headers, Page
from tests.browser.looking import BUILD, overflow, unreached, violations
from tests.databases import Databases
from tests.shopify.app.installed import PUBLIC, World, world
from tests.shopify.app.signed import bearer
from tests.shopify.theme.counter import GIVING, Counter, press
from tests.shopify.theme.rendering import LAUNCHER, Shown, render
from tests.shopify.theme.storefront_page import SHOP, page_of

BLOCK, ENTERED = "belong-referral", "/v1/me/referred-by"
FIELD, BUTTON = "belong-invited input", "belong-invited button"
KEPT = "localStorage.getItem('belong:invited')"
ASKS: dict[str, Any] = {
    **GIVING,
    "programme": {"name": "Circle", "timezone": "shop", "currency": "shop", "enrolment": "consent"},
}


@dataclass
class Invited:
    """Ben's browser, who has an account and has never ordered; and Mia's code, as she got it in the shop."""

    counter: Counter
    code: str

    async def told(self) -> None:
        """What jobs do: the page of the next visit is made from what was pushed to the shop."""
        await tell_programmes(self.counter.world.service.service)
        await push_due(self.counter.world.service.service.outbox)

    async def referrals(self) -> list[tuple[str, str]]:
        rows = await self.counter.world.service.rows("SELECT code, referral_state FROM referral")
        return [(row["code"], row["referral_state"]) for row in rows]

    async def open(self, page: Page, query: str = "") -> None:
        await page.go(f"{SHOP}/{query}")
        await page.run("customElements.whenDefined('belong-invited').then(() => 1)")


async def _code_of(counter: Counter, way: str) -> str:
    """way: of the app proxy, token or join."""
    body = b'{"agrees":true}' if way == "join" else b""
    method, headers = ("POST", Headers({"content-type": "application/json"})) if body else ("GET", Headers())
    given = (await counter._proxied(Asked(method, f"{SHOP}/apps/belong/{way}?n=of-mia", headers, body))).json()
    answer = await counter.world.browser.post("/v1/me/referral-code", headers=bearer(given["token"]))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["code"])


@asynccontextmanager
async def inviting(
    url: str, home: Path, tools: Path, app: Path, more: Mapping[str, Any] = GIVING, way: str = "token"
) -> AsyncIterator[Invited]:
    """Over a prepared database."""
    home.mkdir()
    async with world(url, home, more=more) as w:
        await w.joined()
        mia, ben = w.customer(), _ben(w)
        await w.work()
        counter = Counter(w, app, tools, ben, w.shop.proxy.sign_in(mia))
        code = await _code_of(counter, way)
        counter.cookies = w.shop.proxy.sign_in(ben)
        found = Invited(counter, code)
        await found.told()
        yield found


def _ben(w: World) -> int:
    return w.shop.register_customer("ben@example.test", "Ben", "Bach").id


@pytest.fixture
async def invited(databases: Databases, tmp_path: Path, shopify_tools: Path, theme_app: Path) -> AsyncIterator[Invited]:
    with databases.prepared("sqlite") as url:
        async with inviting(url, tmp_path / "home", shopify_tools, theme_app) as found:
            yield found


async def test_a_link_is_remembered_on_any_page_and_entered_by_keyboard_once(
    browser: Chromium, invited: Invited
) -> None:
    counter = invited.counter
    counter.show(LAUNCHER)
    async with browser.page(counter.answer, 320) as page:
        await page.go(f"{SHOP}/?belong={invited.code}")
        await page.tab.wait_for_function(f"{KEPT} !== null")
        counter.show(BLOCK)
        await invited.open(page)
        assert await page.tab.locator(FIELD).input_value() == invited.code
        assert await violations(page, "main") == []
        assert await overflow(page, "body") == []
        assert await unreached(page, "main") == []
        await page.shoot(BUILD / "theme-invited.png")
        assert counter.asked == [], "nothing is said before somebody says it"
        counter.lost += [ENTERED] * 2
        await page.run(f"document.querySelector('{FIELD}').focus()")
        await page.press("Enter")
        await page.until_said("it is not sure whether it worked", "belong-invited")
        await press(page, BUTTON)
        await page.until_said("You get 50 points once your first order counts.", "belong-invited")
        await page.shoot(BUILD / "theme-invited-taken.png")
        assert await page.run(KEPT) is None
        # The page of the next visit asks no more.
        await invited.told()
        counter.show(BLOCK)
        await page.go(f"{SHOP}/")
        await page.until_said("Get my code", "main")
        assert await page.tab.locator("belong-invited").count() == 0
        assert page.foreign == [f"{PUBLIC}{ENTERED}"] * 2, "but for what was lost"
    assert await invited.referrals() == [(invited.code, "registered")]


async def test_what_is_wrong_is_said_in_words(browser: Chromium, invited: Invited) -> None:
    counter = invited.counter
    counter.show(BLOCK)
    async with browser.page(counter.answer, 390) as page:
        await invited.open(page, "?belong=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
        assert await page.tab.locator(FIELD).input_value() == ""
        await press(page, BUTTON)
        assert counter.asked == [], "an empty field asks nobody"
        for text in ("<b>", "NOBODYS1", "NOBODYS2", "NOBODYS3", "NOBODYS4"):
            await page.run(f"document.querySelector('{FIELD}').select()")
            await page.type(text)
            await page.press("Enter")
            await page.until_said("Nobody has this code.", "belong-invited")
            await page.run("document.querySelector('belong-invited [role=status]').textContent = ''")
        await press(page, BUTTON)
        await page.until_said("Too many codes were tried. Please try again after ", "belong-invited")
        said = str(await page.run("document.querySelector('belong-invited [role=status]').textContent"))
        assert any(letter.isdigit() for letter in said) and "[" not in said
        assert page.dialogs == []
    assert await invited.referrals() == []


async def test_who_joins_with_a_link_has_come_by_it(
    browser: Chromium, databases: Databases, tmp_path: Path, shopify_tools: Path, theme_app: Path
) -> None:
    with databases.prepared("sqlite") as url:
        async with inviting(url, tmp_path / "home", shopify_tools, theme_app, ASKS, "join") as invited:
            counter = invited.counter
            assert counter.world.shop.programme is not None
            block = Shown("belong-points", None, counter.world.shop.programme)
            counter.html = page_of({"belong-points": render(shopify_tools, theme_app, [block])[0]})
            async with browser.page(counter.answer, 390) as page:
                await page.go(f"{SHOP}/?belong={invited.code.lower()}")
                await page.until_said("You can leave at any time.", "main")
                await press(page, "belong-join button")
                await page.until_said("Welcome!", "main")
                assert await page.run(KEPT) is None
                assert (page.complaints, page.foreign) == ([], [])
            assert await invited.referrals() == [(invited.code, "registered")]
