"""What shoppers see in a browser: everything of theirs, and nothing of theirs yet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.browser import shop
from tests.browser.chromium import Chromium, Page
from tests.browser.looking import must_be_fit
from tests.browser.shop import ADDRESS, Shop
from tests.plugins import php, sites
from tests.plugins.sites import Site

OURS = "main"
ACCOUNT = "/account/points-and-badges/"


@pytest.fixture
async def front(installed: Callable[[str], Site], tmp_path: Path) -> AsyncIterator[Shop]:
    with sites.copy(installed("newest"), php.SYSTEM) as site:
        async with shop.opened(site, is_connected=True) as one:
            yield one


LOOKS = [
    ("account-all", "kim", ACCOUNT, "Silver leaf"),
    ("account-empty", "new", ACCOUNT, "Nothing yet."),
    ("account-stranger", "stranger", ACCOUNT, "How you earn"),
    ("account-left", "gone", ACCOUNT, "Take part again"),
    ("board-guest", "guest", "/board/", "Approved reviews since 1 November 2026"),
    ("board-member", "kim", "/board/", "Your place: 17, with 3."),
    ("product", "guest", "/product/", "Earn 25 leaves"),
    ("cart-guest", "guest", "/cart/", "Members earn 50 leaves"),
    ("cart-member", "kim", "/cart/", "You earn 62 leaves"),
    ("checkout-member", "kim", "/checkout/", "Use your points"),
    ("block-cart-guest", "guest", "/block-cart/", "Members earn 50 leaves"),
    ("block-cart-member", "kim", "/block-cart/", "You earn 62 leaves"),
]


async def test_every_page_is_fit_for_everybody(browser: Chromium, front: Shop) -> None:
    for name, person, path, said in LOOKS:
        async with browser.page(front.for_person(person)) as page:
            await page.go(ADDRESS + path)
            await page.until_said(said, OURS)
            # All of a block cart comes from scripts, WooCommerce's part of it, too.
            await must_be_fit(page, name, OURS, is_still=not name.startswith("block-"))


async def test_a_reward_is_taken_with_and_without_a_script(browser: Chromium, front: Shop) -> None:
    """Nobody answers for the service here; test_shop_taking.py and tests/plugins/test_taking_rewards.py have one."""
    for has_scripts in (True, False):
        async with browser.page(front.for_person("kim"), has_scripts=has_scripts) as page:
            await page.go(ADDRESS + ACCOUNT)
            await page.until_said("Use 150 leaves", ".belong-rewards")
            await page.run("document.querySelector('.belong-rewards summary').focus()")
            await page.press("Enter")
            await page.until_said("The code is yours alone", ".belong-rewards")
            if has_scripts:
                await must_be_fit(page, "account-taking", OURS)
            await page.run("document.querySelector('[aria-label*=\"A coffee on us\"]').focus()")
            if has_scripts:
                await page.press("Enter")
                await page.until_said("it is not sure whether it worked", ".belong-rewards")
                assert len(_documents(page)) == 1
            else:
                # The form is sent and leads back; the double of WooCommerce shows no notice on the next page.
                async with page.tab.expect_navigation():
                    await page.press("Enter")
                assert len(_documents(page)) == 3
            await page.until_said("Use 150 leaves", ".belong-rewards")
            assert (page.complaints, page.foreign) == ([], [])


async def test_who_is_asked_first_presses_a_button_and_hears_what_came_of_it(browser: Chromium, front: Shop) -> None:
    """Nobody answers for the service here; tests/plugins/test_joining.py has one that does."""
    done = front.site.run(php.SYSTEM, str(shop.HERE / "asks-first.php"), str(front.site.wordpress))
    assert (done.code, done.said) == (0, "")
    front.cookies["stranger"] += "; belong_invited=ADATEA23"
    for has_scripts in (True, False):
        async with browser.page(front.for_person("stranger"), has_scripts=has_scripts) as page:
            await page.go(ADDRESS + ACCOUNT)
            await page.until_said("You can leave at any time.", OURS)
            # Who came by a friend's link sees its code before it counts.
            assert await page.tab.get_by_label("Your friend’s code").input_value() == "ADATEA23"
            if has_scripts:
                await must_be_fit(page, "account-joining", OURS)
            await page.run("document.querySelector('belong-choice button').focus()")
            if has_scripts:
                await page.press("Enter")
                await page.until_said("This does not work at the moment.", "belong-choice")
                assert len(_documents(page)) == 1
            else:
                # The form itself is sent and leads back; the double of WooCommerce shows no notice on the next page.
                async with page.tab.expect_navigation():
                    await page.press("Enter")
                await page.until_said("You can leave at any time.", OURS)
                assert len(_documents(page)) == 3
            assert (page.complaints, page.foreign) == ([], [])


def _documents(page: Page) -> list[bytes]:
    return [content for kind, content in page.sent if kind == "Document"]


async def test_a_guest_follows_the_link_to_log_in_and_comes_back(browser: Chromium, front: Shop) -> None:
    for path, back in (("/cart/", "/cart/"), ("/block-cart/", "/checkout/")):
        async with browser.page(front.for_person("guest")) as page:
            await page.go(ADDRESS + path)
            await page.until_said("Log in", OURS)
            await page.run("document.querySelector('.belong-points__hint a').click()")
            await page.until_said("Name", "form.login")
            assert await page.run("document.querySelector('form.login [name=redirect]').value") == ADDRESS + back


async def test_the_buttons_of_rewards_have_one_size_in_both_faces(browser: Chromium, front: Shop) -> None:
    for path in ("/checkout/", "/block-cart/"):
        async with browser.page(front.for_person("kim")) as page:
            await page.go(ADDRESS + path)
            await page.until_said("Use", ".belong-redeem button")
            sizes = await page.run(
                "[...document.querySelectorAll('.belong-redeem button')].map(one => getComputedStyle(one)).map(how =>"
                " [parseFloat(how.minHeight), how.paddingTop, how.paddingLeft].map(size =>"
                " Math.round(100 * parseFloat(size) / parseFloat(how.fontSize)) / 100))"
            )
            assert sizes and all(size == [2.75, 0.25, 1] for size in sizes), (path, sizes)


async def test_only_a_guest_sees_on_a_product_that_it_takes_an_account(browser: Chromium, front: Shop) -> None:
    for person, is_seen in (("guest", True), ("kim", False)):
        async with browser.page(front.for_person(person)) as page:
            await page.go(ADDRESS + "/product/")
            await page.until_said("Earn 25 leaves", OURS)
            assert await page.run("document.querySelector('.belong-earn__how').checkVisibility()") is is_seen


# The editor lays its canvas into a frame.
DRAWN = """
(() => {
    const frame = document.querySelector("iframe[name=editor-canvas]");
    const blocks = frame ? [...frame.contentDocument.querySelectorAll("[data-type^='belong/']")] : [];
    return blocks.map((block) => block.innerText).join("|");
})()
"""


async def test_the_editor_draws_blocks_and_names_those_that_have_nothing_to_show(
    browser: Chromium, front: Shop
) -> None:
    [blocks] = (await front.http.get("/wp-json/wp/v2/pages?slug=blocks")).json()
    async with browser.page(front.for_person("boss")) as page, asyncio.timeout(60):
        await page.go(f"{ADDRESS}/wp-admin/post.php?post={blocks['id']}&action=edit")
        drawn = ""
        while not all(
            said in drawn for said in ("How you earn", "Ways to earn", "Leaderboard", "others see", "product earns")
        ):
            await asyncio.sleep(0.2)
            drawn = await page.run(DRAWN)
        assert drawn.count("|") == 4
        assert page.complaints == []
