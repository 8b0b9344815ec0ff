"""What a page of the shop shows, looked at in Chromium: rules of WCAG, keyboard, phones, large text, right to left,
dark themes, no script, nothing that moves. Pictures are in build/browser, for people. The page around is ours.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import Chromium, Page
from tests.browser.looking import BUILD, must_be_fit, overflow, shifted, violations
from tests.shopify.theme.rendering import LAUNCHER, blocks_of
from tests.shopify.theme.storefront_page import DARK, LIGHT, SHOP, page_of, still

NARROW = 320
OPENED = ".belong-launcher > summary"
NIGHT = {"background": "#22272c", "text": "#f2f2f2", "accent": "#8fd3b6", "on_accent": "#10201a"}
IS_OPEN = "document.querySelector('.belong-launcher').open"
SAID = {
    "member": (
        "points ready to use",
        "Silver",
        "3 EUR off",
        "First order",
        "Invite friends",
        "How Circle works",
        "What others see of you",
    ),
    "guest": ("Log in or create an account", "Ways to earn", "How Circle works", "Leaderboard"),
}
BUTTONS = """
[...document.querySelectorAll('button')].filter(one => one.checkVisibility({visibilityProperty: true})).length
"""


async def defined(page: Page, element: str) -> None:
    await page.run(f"customElements.whenDefined('{element}').then(() => 1)")


async def opened(page: Page) -> None:
    """The launcher, by keyboard."""
    await page.run(f"document.querySelector('{OPENED}').focus()")
    await page.press("Enter")
    assert await page.run(IS_OPEN) is True
    await defined(page, "belong-redeem")


@pytest.mark.parametrize("person", ["member", "guest"])
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_block_is_fit_for_everybody(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any], browser: Chromium, person: str, theme: str
) -> None:
    look = {} if theme == "light" else NIGHT
    html = page_of(
        blocks_of(shopify_tools, theme_app, heard, person, **look), colours=LIGHT if theme == "light" else DARK
    )
    async with browser.page(still(html, theme_app)) as page:
        await page.go(f"{SHOP}/")
        for said in SAID[person]:
            await page.until_said(said, "main")
        await must_be_fit(page, f"theme-{person}-{theme}", "body")
        await page.size(NARROW)
        assert await overflow(page, "body") == []
        await page.shoot(BUILD / f"theme-{person}-{theme}-narrow.png")


@pytest.mark.parametrize("person", ["member", "guest"])
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_launcher_is_fit_closed_and_opened(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any], browser: Chromium, person: str, theme: str
) -> None:
    look = {} if theme == "light" else NIGHT
    blocks = blocks_of(shopify_tools, theme_app, heard, person, **look)
    html = page_of({LAUNCHER: blocks[LAUNCHER]}, colours=LIGHT if theme == "light" else DARK)
    async with browser.page(still(html, theme_app)) as page:
        await page.go(f"{SHOP}/")
        await page.tab.emulate_media(reduced_motion="reduce")
        await must_be_fit(page, f"theme-launcher-closed-{person}-{theme}", "body")
        await opened(page)
        assert await page.run("document.getAnimations().length") == 0
        await must_be_fit(page, f"theme-launcher-{person}-{theme}", ".belong-launcher")
        await page.size(NARROW, 568)
        assert await overflow(page, "body") == []
        assert await violations(page, ".belong-launcher") == []
        inside = await page.run(
            "(() => { const box = document.querySelector('.belong-launcher__panel').getBoundingClientRect();"
            " return box.top >= 0 && box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight; })()"
        )
        assert inside is True
        await page.press("Escape")
        await page.run(f"document.querySelector('{OPENED}').focus()")
        await page.press("Escape")
        assert await page.run(IS_OPEN) is False
        assert await page.run(f"document.activeElement === document.querySelector('{OPENED}')") is True


@pytest.mark.parametrize("person", ["member", "guest"])
async def test_without_a_script_everything_can_be_read_and_the_launcher_opens(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any], browser: Chromium, person: str
) -> None:
    html = page_of(blocks_of(shopify_tools, theme_app, heard, person))
    async with browser.page(still(html, theme_app), has_scripts=False) as page:
        await page.go(f"{SHOP}/")
        for said in SAID[person]:
            await page.until_said(said, "main")
        assert await page.run(BUTTONS) == 0
        if person == "member":
            await page.until_said("You have enough", "main")
        await page.run(f"document.querySelector('{OPENED}').focus()")
        await page.press("Enter")
        assert await page.run(IS_OPEN) is True
        await page.until_said(SAID[person][0], ".belong-launcher__panel")
        await page.size(390)
        await page.shoot(BUILD / f"theme-{person}-no-script.png")


async def test_a_launcher_alone_has_no_button_that_does_nothing(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any], browser: Chromium
) -> None:
    """Without a script the style of the blocks does not come."""
    blocks = blocks_of(shopify_tools, theme_app, heard, "member")
    async with browser.page(still(page_of({LAUNCHER: blocks[LAUNCHER]}), theme_app), 390, has_scripts=False) as page:
        await page.go(f"{SHOP}/")
        await page.run(f"document.querySelector('{OPENED}').focus()")
        await page.press("Enter")
        await page.until_said("You have enough", ".belong-launcher__panel")
        assert await page.run(BUTTONS) == 0
        await page.shoot(BUILD / "theme-launcher-no-script.png")


async def test_nothing_moves_while_scripts_arrive(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any], browser: Chromium
) -> None:
    """Cumulative layout shift of the rendered page of these tests, which is no shop's: zero."""
    html = page_of(blocks_of(shopify_tools, theme_app, heard, "member"))
    for width in (1280, NARROW):
        async with browser.page(still(html, theme_app), width) as page:
            await page.go(f"{SHOP}/")
            await defined(page, "belong-copy")
            await page.run("new Promise((done) => setTimeout(done, 300))")
            assert await shifted(page) == []
            # What is measured is seen.
            await page.run(
                "document.querySelector('main h1').insertAdjacentHTML('afterend', '<p style=\"height:8rem\">moved</p>')"
            )
            assert len(await shifted(page)) == 1
