"""Every page of the console bears looking at, on a desk and on the narrowest phone, by day and by night."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from connector.routes.console_door import DOORS
from connector.sandbox.demo import lived
from tests.browser.chromium import Chromium, Page
from tests.browser.console_walk import Unknown, name_of, one_of, walked
from tests.browser.door_walk import doors
from tests.browser.looking import overflow, shifted, unreached, violations, weight

SHOPPERS = 20
NARROW = 320
BYTES_MAX = 100_000
"""Of a page with all that it needs, compressed."""
SEED = 7
TABS = 2
"""Are looked at side by side: a browser gives each a process of its own."""
LED_TO = {
    "console-activity-letter",
    "console-privacy",
    "console-segments-bulk",
    "console-settings-webhooks-id",
    "console-settings-me-password",
    "console-settings-me-second",
}
"""Where somebody has to do something first."""


async def wrong_with(page: Page, address: str) -> dict[str, Any]:
    """What is wrong with a page, by what it breaks."""
    await page.tab.emulate_media(color_scheme="light")
    await page.go(address)
    wrong: dict[str, Any] = {"moves": await shifted(page), "rules": await violations(page, "body")}
    wrong["keyboard"] = await unreached(page, "body")
    wrong["bytes"] = max(0, weight(page, "Document", "Stylesheet", "Script") - BYTES_MAX)
    await page.tab.emulate_media(color_scheme="dark")
    wrong["rules at night"] = await violations(page, "body")
    await page.size(NARROW)
    wrong["too wide"] = await overflow(page, "body")
    await page.size(1280)
    wrong["complaints"] = page.complaints + page.foreign
    return {why: what for why, what in wrong.items() if what}


async def test_every_page_of_the_console_bears_looking_at(browser: Chromium, tmp_path: Path) -> None:
    async with lived(tmp_path / "home", SEED, SHOPPERS) as stage, walked(browser, stage, tabs=TABS) as places:
        broken: dict[str, Any] = {}

        async def look(page: Page) -> None:
            for place in places:
                if place.page is page and (wrong := await wrong_with(page, stage.url + place.path)):
                    broken[place.name] = wrong

        await asyncio.gather(*(look(page) for page in {id(place.page): place.page for place in places}.values()))
        assert LED_TO <= {place.name for place in places}
        assert broken == {}, json.dumps(broken, indent=1, ensure_ascii=False)


async def test_every_page_of_the_door_bears_looking_at(browser: Chromium, tmp_path: Path) -> None:
    broken, seen = {}, set()
    async for shown in doors(browser, tmp_path / "home"):
        seen.add(shown.declared)
        if wrong := await wrong_with(shown.page, shown.page.tab.url):
            broken[shown.name] = wrong
    assert seen == {each.path for each in DOORS if each.method == "GET"}
    assert broken == {}, json.dumps(broken, indent=1, ensure_ascii=False)


def test_a_page_has_one_name_and_a_new_one_must_be_known() -> None:
    assert name_of("/console/members/{id}/orders") == "console-members-id-orders"
    with pytest.raises(Unknown, match="which /console/teapots/{id} is looked at"):
        one_of("/console/teapots/{id}")
