"""A friend comes to a headless shop by the link that a member shared: in Chromium, on our running service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import Chromium, Page
from tests.browser.headless import DOCUMENT, SHOP, Front, front
from tests.browser.looking import BUILD, overflow, unreached, violations
from tests.databases import Databases

ENTERED = "/v1/me/referred-by"
FORM, FIELD, BUTTON = "belong-invited form", "belong-invited input", "belong-invited button"
KEPT = "localStorage.getItem('belong:invited')"


@pytest.fixture
async def shop(databases: Databases, tmp_path: Path) -> AsyncIterator[Front]:
    """Customer 9 has an account and has never ordered."""
    with databases.prepared("sqlite") as url:
        (tmp_path / "home").mkdir()
        async with front(url, tmp_path / "home", DOCUMENT) as one:
            body = b'{"id": 9, "email": "c9x@example.test"}'
            path = one.service.path("woocommerce", "customer.created")
            await one.service.deliver("woocommerce", body, path=path)
            await one.service.work()
            yield one


async def code_of(page: Page, shopper: int = 7) -> str:
    """As a member gets it on their own page."""
    await page.go(f"{SHOP}/headless?shopper={shopper}")
    await page.tab.locator("belong-invite button").click()
    await page.until_said("Your code:", "belong-referral")
    return str(await page.run("document.querySelector('belong-invite code').textContent"))


async def opened(page: Page, query: str = "") -> None:
    await page.go(f"{SHOP}/headless?shopper=9{query}")
    await page.until_said("Were you invited?", "belong-referral")


async def enter(page: Page, text: str) -> None:
    """By keyboard."""
    await page.run(f"document.querySelector('{FIELD}').focus()")
    await page.run(f"document.querySelector('{FIELD}').select()")
    await page.type(text)
    await page.press("Enter")


async def referrals(shop: Front) -> list[dict[str, Any]]:
    return [dict(row) for row in await shop.service.rows("SELECT code, referral_state FROM referral")]


async def test_who_came_by_a_link_finds_its_code_and_enters_it_once(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer, 320) as page:
        code = await code_of(page)
        # First as a guest, on any page; the code is in no address any more when they have signed in.
        await page.go(f"{SHOP}/headless?belong={code}")
        await page.run("customElements.whenDefined('belong-invited').then(() => 1)")
        assert await page.tab.locator(FORM).count() == 0
        await opened(page)
        assert await page.tab.locator(FIELD).input_value() == code
        assert await violations(page, "main") == []
        assert await overflow(page, "body") == []
        assert await unreached(page, "belong-invited") == []
        await page.shoot(BUILD / "headless-invited.png")
        assert await referrals(shop) == [], "nothing is said before somebody says it"
        await page.run(f"[1, 2].forEach(() => document.querySelector('{BUTTON}').click())")
        await page.until_said("You get 50 points once your first order counts.", "belong-invited")
        await page.shoot(BUILD / "headless-invited-taken.png")
        assert not await page.tab.locator(FIELD).is_visible()
        assert await page.run(KEPT) is None
        await page.go(f"{SHOP}/headless?shopper=9")
        await page.until_said("Get my code", "belong-referral")
        assert await page.tab.locator(FORM).count() == 0
        assert page.complaints == []
    assert await referrals(shop) == [{"code": code, "referral_state": "registered"}]
    assert shop.asked.count(f"POST https://belong.example{ENTERED}") == 1


async def test_a_lost_answer_is_asked_for_again(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer) as page:
        code = await code_of(page)
        await opened(page)
        shop.lost += [ENTERED] * 2
        await enter(page, f" {code.lower()[:4]} {code.lower()[4:]} ")
        await page.until_said("it is not sure whether it worked", "belong-invited")
        await page.press("Enter")
        await page.until_said("Thank you!", "belong-invited")
    assert await referrals(shop) == [{"code": code, "referral_state": "registered"}]


async def test_the_first_link_is_remembered_and_none_once_a_code_was_taken(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer) as page:
        code = await code_of(page)
        await opened(page, "&belong=FIRST234")
        await opened(page, "&belong=SECOND23")
        assert await page.tab.locator(FIELD).input_value() == "FIRST234", "nobody puts another code in its place unseen"
        await enter(page, code)
        await page.until_said("Thank you!", "belong-invited")
        assert await page.run(KEPT) is None, "the next person of this browser is another friend"
    assert await referrals(shop) == [{"code": code, "referral_state": "registered"}]


async def test_a_remembered_code_typed_in_small_letters_is_the_same(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer) as page:
        await opened(page, "&belong=NOBODYS1")
        await enter(page, "nobodys1")
        await page.until_said("Nobody has this code.", "belong-invited")
        assert await page.run(KEPT) is None


async def test_what_is_wrong_is_said_in_words_and_when_it_can_be_tried_again(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer, 390) as page:
        await opened(page)
        await page.press("Tab")
        await page.run(f"document.querySelector('{BUTTON}').click()")
        assert f"POST https://belong.example{ENTERED}" not in shop.asked, "an empty field asks nobody"
        for text in ("<img src=x onerror=alert(1)>", "NOBODYS1", "NOBODYS2", "NOBODYS3", "NOBODYS4"):
            await enter(page, text)
            await page.until_said("Nobody has this code.", "belong-invited")
            await page.run("document.querySelector('belong-invited [role=status]').textContent = ''")
        await enter(page, "NOBODYS5")
        await page.until_said("Too many codes were tried. Please try again after ", "belong-invited")
        said = str(await page.run("document.querySelector('belong-invited [role=status]').textContent"))
        assert any(letter.isdigit() for letter in said) and "[" not in said
        await page.shoot(BUILD / "headless-invited-often.png")
        assert page.dialogs == []


async def test_ones_own_link_does_not_fill_the_field_and_ones_own_code_is_told(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer) as page:
        code = await code_of(page, 9)
        await opened(page, f"&belong={code}")
        assert await page.tab.locator(FIELD).input_value() == ""
        await enter(page, code)
        await page.until_said("This is your own code.", "belong-invited")
        assert await page.tab.locator(FIELD).is_visible(), "another one still counts"


async def test_who_joins_again_with_a_link_has_come_by_it(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer) as page:
        code = await code_of(page)
        await opened(page, f"&belong={code}")
        await page.run("document.querySelector('belong-privacy').scrollIntoView()")
        await page.until_said("Leave the programme", "belong-privacy")
        await page.run("document.querySelector('belong-leave').closest('details').open = true")
        await page.tab.locator("belong-leave button").click()
        await page.until_said("Take part again", "belong-balance")
        await page.tab.locator("belong-join button").click()
        await page.until_said("ready to use", "belong-balance")
        await page.until_said("Get my code", "belong-referral")
        assert await page.tab.locator(FORM).count() == 0
    assert await referrals(shop) == [{"code": code, "referral_state": "registered"}]


@pytest.mark.parametrize(
    "hostile", ["%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", "%00%0A", "A" * 5000, "%F0%9F%8E%81", "ab"]
)
async def test_an_address_with_something_else_is_remembered_by_nobody(
    browser: Chromium, shop: Front, hostile: str
) -> None:
    async with browser.page(shop.answer) as page:
        await opened(page, f"&belong={hostile}")
        assert (await page.run(KEPT), await page.tab.locator(FIELD).input_value()) == (None, "")
        assert page.dialogs == [] and page.complaints == []


async def test_a_code_of_more_than_a_month_ago_is_forgotten(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer) as page:
        await opened(page)
        old = "JSON.stringify({ code: 'ABCD2345', at: Date.now() - 31 * 24 * 3600 * 1000 })"
        await page.run(f"localStorage.setItem('belong:invited', {old})")
        await opened(page)
        assert (await page.run(KEPT), await page.tab.locator(FIELD).input_value()) == (None, "")


async def test_who_has_ordered_already_is_not_asked(browser: Chromium, shop: Front) -> None:
    async with browser.page(shop.answer) as page:
        await page.go(f"{SHOP}/headless?shopper=8&belong=ABCD2345")
        await page.until_said("Get my code", "belong-referral")
        assert await page.tab.locator(FORM).count() == 0
