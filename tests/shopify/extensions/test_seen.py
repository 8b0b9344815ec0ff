"""What extensions draw, looked at in Chromium with plain elements in place of Shopify's (stand_ins): rules of WCAG,
keyboard, a phone, large text, right to left. Pictures are in build/browser, for people.
"""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.browser.chromium import Asked, Chromium
from tests.browser.looking import BUILD, must_be_fit
from tests.databases import Databases
from tests.shopify.extensions.spoken import spoken, written
from tests.shopify.extensions.stand_ins import page_of
from tests.shopify.extensions.test_extensions import failures, run_suite

ADDRESS = "https://extension.example.test/"
SEEN = {
    "account.test.tsx": (
        "account-profile", "account-profile-paused", "account-profile-de", "account-profile-es",
        "account-profile-zh-CN", "account-profile-zh-TW", "account-page", "account-page-redeemed", "account-page-empty",
    ),
    "invited.test.tsx": (
        "account-page-invited", "account-page-invited-taken", "account-page-invited-unknown",
        "account-page-invited-unknown-de", "account-page-invited-unknown-es", "account-page-invited-unknown-zh-CN",
        "account-page-invited-unknown-zh-TW",
    ),
    "ordering.test.tsx": (
        "checkout-member", "checkout-guest", "checkout-redeemed", "thank-you", "thank-you-guest-de", "order-status",
        "order-status-sign-in",
    ),
    "staff.test.tsx": (
        "admin-customer", "admin-customer-done", "admin-order", "admin-order-why", "pos-tile", "pos-modal",
        "pos-customer",
    ),
}  # fmt: skip


@pytest.mark.parametrize("suite", SEEN)
async def test_everything_that_is_drawn_can_be_used(
    shopify_tools: Path, app_folder: Path, browser: Chromium, databases: Databases, tmp_path: Path, suite: str
) -> None:
    with databases.prepared("sqlite") as url:
        (tmp_path / "home").mkdir()
        heard = written(await spoken(url, tmp_path / "home"), tmp_path / "spoken.json")
    told = run_suite(shopify_tools, app_folder, heard, suite, str(tmp_path / "drawn"))
    assert told["success"], "\n".join(failures(told))
    for name in SEEN[suite]:
        drawn = (tmp_path / "drawn" / f"{name}.html").read_text("utf-8")
        language = next((tag for tag in ("de", "es", "zh-CN", "zh-TW") if name.endswith(f"-{tag}")), "en")
        await _look(browser, f"extension-{name}", page_of(drawn, name, language))


async def _look(browser: Chromium, name: str, text: str) -> None:
    async def answer(asked: Asked) -> httpx.Response | None:
        return httpx.Response(200, text=text, headers={"Content-Type": "text/html"}) if asked.url == ADDRESS else None

    async with browser.page(answer) as page:
        await page.go(ADDRESS)
        await must_be_fit(page, name, "#belong")
        await page.tab.emulate_media(color_scheme="dark")
        await page.shoot(BUILD / f"{name}-dark.png")
