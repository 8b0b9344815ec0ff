"""Blocks of the theme, and the launcher, as shoppers have set their screens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import Chromium
from tests.browser.own_settings import must_suit_settings
from tests.shopify.theme.rendering import LAUNCHER, blocks_of
from tests.shopify.theme.storefront_page import SHOP, page_of, still


@pytest.mark.parametrize("person", ["member", "guest"])
async def test_every_block_suits_every_setting(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any], browser: Chromium, person: str
) -> None:
    blocks = blocks_of(shopify_tools, theme_app, heard, person)
    async with browser.page(still(page_of(blocks), theme_app)) as page:
        await page.go(f"{SHOP}/")
        await must_suit_settings(page, f"settings-theme-{person}", "body")


@pytest.mark.parametrize("person", ["member", "guest"])
async def test_the_opened_launcher_suits_every_setting(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any], browser: Chromium, person: str
) -> None:
    blocks = blocks_of(shopify_tools, theme_app, heard, person)
    async with browser.page(still(page_of({LAUNCHER: blocks[LAUNCHER]}), theme_app)) as page:
        await page.go(f"{SHOP}/")
        await page.run("document.querySelector('.belong-launcher > summary').click()")
        await page.run("customElements.whenDefined('belong-redeem').then(() => 1)")
        await must_suit_settings(page, f"settings-launcher-{person}", ".belong-launcher")
