"""What ends and when, on a page of the shop in Chromium: who has seen it was told of it, through the simulated
Shopify's app proxy on our running service. Nobody here takes mails: the points end of who has looked, and of nobody
else.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.clock import utc_now
from connector.ingest.pipeline import Pipeline
from connector.programmes.passing_time import pass_time
from tests.browser.chromium import Asked, Chromium, Page
from tests.browser.looking import BUILD, shifted, violations
from tests.builders import KEYS
from tests.databases import Databases
from tests.shopify.app.installed import PUBLIC
from tests.shopify.theme.counter import Counter, counting, press
from tests.shopify.theme.rendering import LAUNCHER, Shown, render
from tests.shopify.theme.storefront_page import SHOP, page_of

ENDS, BLOCK = "/v1/me/ends", "belong-points"
SCRIPT = "belong-ends.js"
SOON = "after that day they end."
FAR = "<div style='height: 300vh'></div>"
SECONDS = 30
UNSEEN_SECONDS = 2
"""Longer than a sentence must be seen: by then a page would have told it."""
HIDDEN = "Object.defineProperty(document, 'hidden', {get: () => !window.isLookedAt})"
LOOK = "(() => { window.isLookedAt = true; document.dispatchEvent(new Event('visibilitychange')); })()"


def ending_soon() -> dict[str, Any]:
    """A programme of which a reminder is due at once."""
    end = utc_now() + timedelta(days=20)
    expiry = {"mode": "calendar", "on": [f"{end:%m-%d}"], "remind_days": [30, 7]}
    return {"points": {"earn": {"per_unit": 10, "pending_days": 0}, "expiry": expiry}}


@dataclass
class Looking:
    """A tab on the shop, and what it told of ends."""

    counter: Counter
    told: list[Any] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    async def answer(self, asked: Asked) -> httpx.Response | None:
        self.loaded.append(asked.url.rpartition("/")[2])
        found = await self.counter.answer(asked)
        if asked.method == "POST" and asked.url == f"{PUBLIC}{ENDS}":
            self.told.append(json.loads(asked.body)["shown"])
        return found

    def show(self, ends: list[dict[str, Any]] | None = None, more: tuple[str, ...] = (), *, far: bool = False) -> None:
        """ends: in place of those that were pushed. far: there is much above them."""
        shop = self.counter.world.shop
        text = shop.snapshot_of(shop.truth.customers[self.counter.customer])
        assert text is not None
        told = json.loads(text)
        told["ends"] = told["ends"] if ends is None else ends
        mine = self.counter.customer
        shown = [Shown(name, json.dumps(told), shop.programme, customer=mine) for name in (BLOCK, *more)]
        html = dict(zip((BLOCK, *more), render(self.counter.tools, self.counter.app, shown), strict=True))
        self.counter.html = page_of({"above": FAR, **html} if far else html)

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(SECONDS):
            while not is_so():
                await asyncio.sleep(0.05)


@asynccontextmanager
async def looking(browser: Chromium, counter: Counter, before: str = "") -> AsyncIterator[tuple[Looking, Page]]:
    """before: a script that runs before those of the page."""
    look = Looking(counter)
    async with browser.page(look.answer, 390) as page:
        if before:
            await page.tab.add_init_script(before)
        yield look, page
        assert (page.complaints, len(page.foreign)) == ([], 0)


async def scroll(page: Page, to: str) -> None:
    await page.run(f"document.querySelector('{to}').scrollIntoView({{block: 'center'}})")


async def kinds_after(counter: Counter, days: int) -> list[str]:
    """Kinds of all entries once so many days have gone by, and with them the job that writes off what has ended."""
    then = utc_now() + timedelta(days=days)
    counter.now = lambda: then
    pipeline = Pipeline(counter.world.service.service.database, KEYS, {}, counter.now)
    while await pass_time(pipeline):
        pass
    return [str(row["kind"]) for row in await counter.world.service.rows("SELECT kind FROM entry ORDER BY n")]


@pytest.mark.parametrize("looks", [True, False])
async def test_points_end_only_of_a_member_who_saw_that_they_do(
    browser: Chromium, prepared_database_url: str, tmp_path: Path, shopify_tools: Path, theme_app: Path, looks: bool
) -> None:
    home = tmp_path / "home"
    async with counting(prepared_database_url, home, shopify_tools, theme_app, ending_soon()) as counter:
        async with looking(browser, counter) as (look, page):
            look.show(far=True)
            await page.go(f"{SHOP}/")
            await page.until_said(SOON, "main")
            await look.until(lambda: SCRIPT in look.loaded)
            await asyncio.sleep(UNSEEN_SECONDS)
            assert look.told == [], "it is below what is seen"
            if looks:
                await scroll(page, "belong-end")
                await look.until(lambda: len(look.told) == 1)
                # The shop hears of it, and its next page tells nothing more.
                await counter.settle()
                look.show()
                look.loaded.clear()
                await page.go(f"{SHOP}/")
                await page.until_said(SOON, "main")
                assert SCRIPT not in look.loaded and "data-ends-at" not in counter.html
        assert await kinds_after(counter, 40) == (["earn", "expire"] if looks else ["earn"])


@pytest.fixture(name="ending")
async def counter_of_ends(
    databases: Databases, tmp_path: Path, shopify_tools: Path, theme_app: Path
) -> AsyncIterator[Counter]:
    with databases.prepared("sqlite") as url:
        async with counting(url, tmp_path / "home", shopify_tools, theme_app, ending_soon()) as counter:
            yield counter


def end(points: int, day: int, *, warned: bool = False) -> dict[str, Any]:
    return {"points": points, "ends_at": f"2099-06-{day:02}T22:00:00Z", "warned": warned}


def as_told(one: dict[str, Any]) -> dict[str, Any]:
    return {"points": one["points"], "ends_at": one["ends_at"]}


async def test_each_sentence_is_told_once_and_only_when_it_is_seen(browser: Chromium, ending: Counter) -> None:
    first, known, last = end(20, 1), end(30, 2, warned=True), end(40, 3)
    async with looking(browser, ending, HIDDEN) as (look, page):
        look.show([first, known, last], (LAUNCHER,))
        # Much between the first and the last, which are on the page once more in the closed launcher.
        ending.html = ending.html.replace("<main>", "<main><style>main .belong-note { margin-bottom: 300vh }</style>")
        await page.go(f"{SHOP}/")
        await look.until(lambda: SCRIPT in look.loaded)
        await asyncio.sleep(UNSEEN_SECONDS)
        assert look.told == [], "nobody looks at this tab"
        await page.run(LOOK)
        await look.until(lambda: len(look.told) == 1)
        await scroll(page, "main .belong-note:nth-of-type(4)")
        await look.until(lambda: len(look.told) == 2)
        assert look.told == [[as_told(first)], [as_told(last)]]
        await scroll(page, "main h1")
        await press(page, ".belong-launcher > summary")
        await page.until_said(SOON, ".belong-launcher__panel")
        await asyncio.sleep(UNSEEN_SECONDS)
        assert len(look.told) == 2


async def test_the_launcher_tells_what_it_shows_once_it_is_open(browser: Chromium, ending: Counter) -> None:
    async with looking(browser, ending) as (look, page):
        look.show([end(20, 1)], (LAUNCHER,), far=True)
        await page.go(f"{SHOP}/")
        await press(page, ".belong-launcher > summary")
        await look.until(lambda: look.told == [[as_told(end(20, 1))]])


async def test_nothing_moves_and_nobody_notices_where_it_is_lost(browser: Chromium, ending: Counter) -> None:
    written = "document.querySelector('main').innerText"
    async with looking(browser, ending) as (look, page):
        look.show()
        ending.lost += [ENDS] * 2
        await page.go(f"{SHOP}/")
        before = await page.run(written)
        assert SOON in before
        await look.until(lambda: len(look.told) == 2)
        assert (await page.run(written), await shifted(page)) == (before, [])
        assert await violations(page, "main") == []
        await page.shoot(BUILD / "theme-ends.png")
        page.foreign.clear()
        # The next page says it again.
        await page.go(f"{SHOP}/")
        await look.until(lambda: len(look.told) == 3)


AWAY = "(() => { window.isLookedAt = false; document.dispatchEvent(new Event('visibilitychange')); })()"
SEEN_AT = """
(() => {
  const { fetch } = globalThis;
  globalThis.toldAt = {};
  globalThis.fetch = (address, options) => {
    if (String(address).endsWith('/v1/me/ends')) {
      for (const end of JSON.parse(options.body).shown) globalThis.toldAt[end.points] = performance.now();
    }
    return fetch(address, options);
  };
})()
"""
"""When a page told of each end, by its own clock."""


async def test_an_end_that_comes_late_into_view_waits_for_its_own_second(browser: Chromium, ending: Counter) -> None:
    first, last = end(20, 1), end(40, 3)
    async with looking(browser, ending, SEEN_AT) as (look, page):
        look.show([first, last])
        ending.html = ending.html.replace("<main>", "<main><style>main .belong-note { margin-bottom: 120vh }</style>")
        await page.go(f"{SHOP}/")
        await look.until(lambda: SCRIPT in look.loaded)
        await page.run(
            "new Promise((done) => setTimeout(() => { globalThis.scrolledAt = performance.now(); "
            "document.querySelectorAll('belong-end')[1].scrollIntoView({block: 'center', behavior: 'instant'}); "
            "done(); }, 700))"
        )
        await look.until(lambda: as_told(last) in [one for told in look.told for one in told])
        assert await page.run("toldAt[40] - scrolledAt") >= 1000


async def test_whoever_looks_elsewhere_within_the_second_begins_anew(browser: Chromium, ending: Counter) -> None:
    async with looking(browser, ending, f"{HIDDEN}; {SEEN_AT}") as (look, page):
        look.show([end(20, 1)])
        await page.go(f"{SHOP}/")
        await look.until(lambda: SCRIPT in look.loaded)
        await scroll(page, "belong-end")
        await page.run(
            f"new Promise((done) => {{ {LOOK}; setTimeout(() => {{ {AWAY}; "
            f"setTimeout(() => {{ globalThis.backAt = performance.now(); {LOOK}; done(); }}, 100); }}, 600); }})"
        )
        await look.until(lambda: len(look.told) == 1)
        assert await page.run("toldAt[20] - backAt") >= 1000


async def test_a_page_made_for_one_customer_tells_nothing_in_the_name_of_another(
    browser: Chromium, ending: Counter
) -> None:
    """As when somebody else signed in in another tab, and the page of the one before still stands there."""
    async with looking(browser, ending) as (look, page):
        look.show()
        signed_in = f'data-customer="{ending.customer}"'
        assert signed_in in ending.html
        ending.html = ending.html.replace(signed_in, 'data-customer="1"')
        await page.go(f"{SHOP}/")
        await look.until(lambda: any("/apps/belong/token" in one for one in ending.asked))
        await asyncio.sleep(UNSEEN_SECONDS)
        assert look.told == []
    assert await kinds_after(ending, 40) == ["earn"]


async def test_a_page_of_somebody_who_is_not_signed_in_any_more_tells_nothing(
    browser: Chromium, ending: Counter
) -> None:
    async with looking(browser, ending) as (look, page):
        look.show()
        ending.cookies.clear()
        await page.go(f"{SHOP}/")
        await look.until(lambda: any("/apps/belong/token" in one for one in ending.asked))
        await asyncio.sleep(UNSEEN_SECONDS)
        assert look.told == []
    assert await kinds_after(ending, 40) == ["earn"]
