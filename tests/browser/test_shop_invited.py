"""Who came to a WooCommerce shop by a friend's link, in Chromium: the form in My Account, with a script and without."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qs

import httpx
import pytest

from tests.browser.chromium import Asked, Chromium
from tests.browser.looking import BUILD, overflow, unreached, violations
from tests.browser.shop import ADDRESS, HERE, opened
from tests.plugins import php, sites
from tests.plugins.sites import Site

ACCOUNT = "/account/points-and-badges/"
FORM = "belong-choice:has([name=belong_code])"
FIELD = "[name=belong_code]"


@pytest.mark.parametrize("has_script", [True, False])
async def test_the_code_of_the_link_stands_in_the_form_and_is_sent_by_keyboard(
    browser: Chromium, installed: Callable[[str], Site], has_script: bool
) -> None:
    """Nobody answers this shop: what it says then is what it says without a service."""
    sent: list[str] = []
    with sites.copy(installed("newest"), php.SYSTEM) as site:
        async with opened(site, is_connected=True) as shop:
            done = site.run(php.SYSTEM, str(HERE / "takes-code.php"), str(site.wordpress), "kim")
            assert (done.code, done.said) == (0, "")
            shop.cookies["kim"] += "; belong_invited=ADATEA23"
            by_kim = shop.for_person("kim")

            async def answer(asked: Asked) -> httpx.Response | None:
                if not has_script and asked.url.partition("?")[0].endswith("/belong.js"):
                    return httpx.Response(404)
                if asked.method == "POST":
                    sent.append(asked.body.decode())
                return await by_kim(asked)

            async with browser.page(answer, 320) as page:
                await page.go(ADDRESS + ACCOUNT)
                await page.until_said("Were you invited?", ".belong-referral")
                assert await page.tab.locator(FIELD).input_value() == "ADATEA23"
                assert await violations(page, ".belong-referral") == []
                assert await overflow(page, ".belong-referral") == []
                assert await unreached(page, ".belong-referral") == []
                await page.tab.locator(".belong-referral").screenshot(path=str(BUILD / "shop-invited.png"))
                await page.run(f"document.querySelector('{FIELD}').focus()")
                if has_script:
                    await page.press("Enter")
                    await page.until_said("Please try again later.", FORM)
                else:
                    # Sent, and led back: what came of it is a notice, which the double of WooCommerce does not draw.
                    async with page.tab.expect_navigation():
                        await page.press("Enter")
                    await page.until_said("Were you invited?", ".belong-referral")
                assert await page.tab.locator(FIELD).input_value() == "ADATEA23"
    [body] = sent
    told = json.loads(body) if has_script else {name: one[0] for name, one in parse_qs(body).items()}
    names = ("choice", "code") if has_script else ("belong_choice", "belong_code")
    assert [told[name] for name in names] == ["invited", "ADATEA23"]
