"""The console in a real wp-admin: two sites that meet in a browser, which gives frames no cookies of strangers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Page as Tab

from connector.console.words import TABLES
from tests.browser import https_fronts, shop
from tests.browser.chromium import strict_tab
from tests.browser.framed import Framed, kept_apart
from tests.browser.https_fronts import Fronts
from tests.browser.looking import BUILD, overflow, violations
from tests.connector.home import Home
from tests.plugins import php, sites
from tests.plugins.sites import Site
from tests.plugins.test_end_to_end import Shop

BELONG, SHOP = "belong.example", "shop.example"
ADMIN = f"{shop.ADDRESS}/wp-admin/"
WORDS = TABLES["en"]
WHY = "The parcel came late"
FRAME = "iframe[title='Console of Belong']"
SPARE = """
(() => {
  const frame = document.querySelector('iframe').getBoundingClientRect();
  return [innerWidth - frame.right, innerHeight - frame.bottom].filter((spare) => spare > 32 || spare < 0);
})()
"""
NARROW = 782
"""Where wp-admin becomes the one of phones."""


def reaches(site: Site, fronts: Fronts) -> None:
    """The shop finds the service by https, as it would by its name."""
    port = fronts.ports[BELONG]
    (site.folder / "wp-content" / "mu-plugins" / "reaches.php").write_text(
        f"""<?php
define( 'WP_ACCESSIBLE_HOSTS', '{BELONG}' );
add_filter( 'http_request_args', static fn( $asked ) => array( 'sslcertificates' => '{fronts.authority}' ) + $asked );
add_action(
	'http_api_curl',
	static fn( $handle ) => curl_setopt( $handle, CURLOPT_CONNECT_TO, array( '{BELONG}:443:127.0.0.1:{port}' ) )
);
""",
        encoding="utf-8",
    )


def paired(site: Site, home: Home) -> None:
    """An order of 40.00 that became points of a member."""
    one = Shop(site)
    one.run("pair", home.pairing_code("--name", "Tea"))
    one.run("make", "1")
    one.until_lifetime(40)


@asynccontextmanager
async def administrator(site: Site, home: Home, folder: Path) -> AsyncIterator[Tab]:
    """Somebody who has typed name and password at WordPress's own door."""
    async with shop.opened(site, is_connected=False) as one:
        ports = {SHOP: one.http.base_url.port or 0, BELONG: int(home.environment["BELONG_PORT"])}
        async with https_fronts.standing(folder, ports) as fronts:
            reaches(site, fronts)
            await asyncio.to_thread(paired, site, home)
            async with strict_tab(fronts.flags) as tab:
                await tab.goto(f"{shop.ADDRESS}/wp-login.php")
                await tab.fill("#user_login", "admin")
                await tab.fill("#user_pass", "not a secret")
                await tab.click("#wp-submit")
                await tab.wait_for_url(f"{ADMIN}**")
                yield tab


async def test_an_administrator_works_in_the_console_inside_of_wp_admin(
    installed: Callable[[str], Site], tmp_path: Path
) -> None:
    home = Home.at_one_address(tmp_path / "home", BELONG_PUBLIC_URL=f"https://{BELONG}")
    with sites.copy(installed("newest"), php.SYSTEM) as site, home.serving():
        async with administrator(site, home, tmp_path) as tab:
            await tab.hover("#toplevel_page_woocommerce")
            await tab.click("a[href$='page=belong-console']")
            framed = await Framed.of(tab, FRAME)
            await framed.says(WORDS["home.title"].format(name="Tea"))
            await kept_apart(tab, framed, f"https://{SHOP}")
            await must_fit(tab, framed, "home")
            await deed_of_a_member(tab, framed)
            await a_draft(tab, framed)
            await tab.reload()
            framed = await Framed.of(tab, FRAME)
            await framed.says(WORDS["home.title"].format(name="Tea"))


async def must_fit(tab: Tab, framed: Framed, name: str) -> None:
    """On a desk and where wp-admin is that of a phone: one bar to scroll by, nothing cut off, axe's rules, pictures."""
    wrong: dict[str, Any] = {}
    for width in (1280, NARROW, 390):
        await tab.set_viewport_size({"width": width, "height": 900})
        wrong[f"{width}: the page around scrolls by"] = await tab.evaluate(
            "[document.documentElement.scrollHeight - innerHeight, document.documentElement.scrollWidth - innerWidth]"
            ".filter((more) => more > 0)"
        )
        wrong[f"{width}: empty beside or below the frame"] = await tab.evaluate(SPARE)
        wrong[f"{width}: too wide"] = await overflow(framed, "body")
        wrong[f"{width}: axe"] = await violations(framed, "body")
        BUILD.mkdir(parents=True, exist_ok=True)
        await tab.screenshot(path=BUILD / f"wp-admin-{name}-{width}.png")
    await tab.set_viewport_size({"width": 1280, "height": 900})
    broken = {why: what for why, what in wrong.items() if what}
    assert broken == {}, f"{name}: {broken}"


async def deed_of_a_member(tab: Tab, framed: Framed) -> None:
    """Found by the way a person goes, given points, which stand there and in the ledger."""
    await framed.press("nav a[href$='/console/members']")
    await framed.press("main a[href*='/console/members/']")
    await framed.says("40 points for order")
    await must_fit(tab, framed, "member")
    deed = framed.frame.locator("form[action$='/adjust']")
    await deed.locator("[name=points]").fill("50")
    await deed.locator("[name=reason]").fill(WHY)
    await deed.locator("button.main").click()
    await framed.says(WORDS["said.adjusted"])
    await framed.says(WHY)
    await framed.press("a[href$='part=person']")
    async with tab.context.expect_page() as opened:
        await framed.press("main a[target=_blank]")
    assert (await opened.value).url.startswith(ADMIN)
    await (await opened.value).close()


async def a_draft(tab: Tab, framed: Framed) -> None:
    """The editor, and a form of it."""
    await framed.press("nav a[href$='/console/programme']")
    form = framed.frame.locator("form[action$='/console/programme/drafts']")
    await form.locator("[name=name]").fill("Spring")
    await form.locator("button.main").click()
    await framed.says("Spring")
    await must_fit(tab, framed, "draft")
