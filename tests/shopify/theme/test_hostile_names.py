"""G17 on a Shopify shop's pages: whatever rewards, badges, tiers and rules are called, it is text in every block."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.browser.chromium import Chromium
from tests.browser.hostile_names import COUNT, hostile_names, must_run_nowhere, written_over
from tests.shopify.theme.rendering import BLOCKS, LAUNCHER, Shown, render
from tests.shopify.theme.storefront_page import SHOP, page_of, still

KEYS = frozenset({"name", "text", "title", "why", "why_not", "code", "link", "state_text"})
MANY = {"rewards": 160, "badges": 120, "vouchers": 80}


async def test_hostile_names_run_nowhere(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any], browser: Chromium
) -> None:
    """G17, the theme's blocks: all names on one page, with its script, whether `t` escapes or not."""
    names = hostile_names()
    told = json.loads(heard["summary_after"])
    told |= {kind: [{**told[kind][0], "id": f"{kind}-{n}"} for n in range(many)] for kind, many in MANY.items()}
    told, used = written_over(told, names, KEYS)
    programme, _ = written_over(json.loads(heard["programme"]), names, KEYS, used)
    sentences = [{"key": f"r{n}", "title": name, "sentences": [name]} for n, name in enumerate(names)]
    programme["rules"] = {language: sentences for language in programme["rules"]}
    place = {"rank": 1, "value": 1, "badges": 1}
    programme["board"]["places"] = [{**place, "name": name} for name in names]
    programme["ways"] = {language: names for language in programme["ways"]}
    for escapes in (True, False):
        every = (*BLOCKS, LAUNCHER)
        pages = [Shown(block, json.dumps(told), json.dumps(programme), escapes=escapes) for block in every]
        html = page_of(dict(zip(every, render(shopify_tools, theme_app, pages), strict=True)))
        async with browser.page(still(html, theme_app)) as page:
            assert await must_run_nowhere(page, f"{SHOP}/") == set(range(COUNT))
            # All is opened, so what others see is asked for, at the shop itself, which here knows nobody.
            assert all(one.startswith(f"{SHOP}/apps/belong/token?") for one in page.foreign), page.foreign
