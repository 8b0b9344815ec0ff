"""Every page of the console's door bears looking at, on a desk and on the narrowest phone, by day and by night."""

from __future__ import annotations

import json
from pathlib import Path

from connector.routes.console_door import DOORS
from tests.browser.chromium import Chromium
from tests.browser.door_walk import doors
from tests.browser.looking import wrong_with


async def test_every_page_of_the_door_bears_looking_at(browser: Chromium, tmp_path: Path) -> None:
    broken, seen = {}, set()
    async for shown in doors(browser, tmp_path / "home"):
        seen.add(shown.declared)
        if wrong := await wrong_with(shown.page, shown.page.tab.url):
            broken[shown.name] = wrong
    assert seen == {each.path for each in DOORS if each.method == "GET"}
    assert broken == {}, json.dumps(broken, indent=1, ensure_ascii=False)
