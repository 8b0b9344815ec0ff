"""The console in a frame of Shopify's admin: two sites that meet in a browser, which gives frames no cookies of
strangers. What stands in for App Bridge gives a token as Shopify documents it, and the service's policy is as it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Page as Tab

from connector.console.words import TABLES
from connector.running.serve import bind, server_for
from connector.sandbox.demo import serving
from connector.sandbox.shopify.admin_frame import HOST, SCRIPTS_HOST, AdminFrame
from tests.browser import https_fronts
from tests.browser.chromium import strict_tab
from tests.browser.framed import Framed
from tests.browser.https_fronts import LOOPBACK
from tests.browser.looking import BUILD, overflow, violations
from tests.databases import Databases
from tests.shopify.app.installed import PUBLIC, World, world

FRAME = "iframe[title=Belong]"
WHY = "The parcel came late"
EN, DE = TABLES["en"], TABLES["de"]


@dataclass(frozen=True)
class Admin:
    """Somebody in the admin, and what they see of the app."""

    w: World
    around: AdminFrame
    tab: Tab
    complaints: list[str]

    async def framed(self) -> Framed:
        return await Framed.of(self.tab, FRAME)


@asynccontextmanager
async def signed_in(databases: Databases, folder: Path) -> AsyncIterator[Admin]:
    """The admin, Shopify's scripts and the service, each at its own name."""
    async with AsyncExitStack() as stack:
        url = stack.enter_context(databases.prepared("sqlite"))
        w = await stack.enter_async_context(world(url, folder))
        around, ports = AdminFrame(w.shop, f"{PUBLIC}/shopify/app"), []
        for app in (w.service.app, around.app):
            listener = bind(LOOPBACK, 0)
            ports.append(listener.getsockname()[1])
            await stack.enter_async_context(serving(server_for(app, drain_seconds=1), listener))
        behind = {urlsplit(PUBLIC).netloc: ports[0], HOST: ports[1], SCRIPTS_HOST: ports[1]}
        fronts = await stack.enter_async_context(https_fronts.standing(folder, behind))
        tab = await stack.enter_async_context(strict_tab(fronts.flags))
        found = Admin(w, around, tab, [])
        tab.on("pageerror", lambda error: found.complaints.append(str(error)))
        tab.on("console", lambda one: found.complaints.append(one.text) if one.type == "error" else None)
        await tab.goto(f"https://{HOST}/")
        await tab.click("button")
        yield found


async def must_fit(admin: Admin, framed: Framed, name: str) -> None:
    for width in (1280, 390):
        await admin.tab.set_viewport_size({"width": width, "height": 900})
        assert await violations(framed, "body") == [], (name, width)
        assert await overflow(framed, "body") == [], (name, width)
        assert await admin.tab.evaluate("document.documentElement.scrollHeight <= innerHeight"), (name, width)
        BUILD.mkdir(parents=True, exist_ok=True)
        await admin.tab.screenshot(path=BUILD / f"shopify-admin-{name}-{width}.png")
    await admin.tab.set_viewport_size({"width": 1280, "height": 900})


async def gives_points(framed: Framed) -> None:
    """Found by the way a person goes."""
    await framed.press("nav a[href$='/console/members']")
    await framed.press("main a[href*='/console/members/']")
    form = framed.frame.locator("form[action$='/adjust']")
    await form.locator("[name=points]").fill("50")
    await form.locator("[name=reason]").fill(WHY)
    await form.locator("button.main").click()
    await framed.says(EN["said.adjusted"])
    await framed.says(WHY)


async def test_the_owner_works_in_the_console_inside_of_shopifys_admin(databases: Databases, tmp_path: Path) -> None:
    async with signed_in(databases, tmp_path) as admin:
        w, tab, framed = admin.w, admin.tab, await admin.framed()
        await framed.says("Choose a programme")
        await must_fit(admin, framed, "begin")
        await framed.frame.locator("select").select_option("plain-3")
        await framed.press("form button")
        await framed.says("your last orders would have earned")
        # What came by a form has no address of its own to be reloaded at.
        await tab.reload()
        framed = await admin.framed()
        await framed.says("Choose a programme")
        await framed.press("form button")
        await framed.says("your last orders would have earned")
        await framed.press("button.main")
        await framed.says("is live")
        w.order(w.customer())
        await w.work()
        # Opened again, it is at home; each page is asked for with a token that is new.
        await tab.goto(f"https://{HOST}{admin.around.own}")
        framed = await admin.framed()
        await framed.says(EN["home.works"])
        await must_fit(admin, framed, "home")
        before = admin.around.given
        await gives_points(framed)
        assert admin.around.given >= before + 3
        await must_fit(admin, framed, "member")
        # The admin's address says where: reloaded, somebody is there still, and in the frame alone, too.
        assert "/console/members/" in urlsplit(tab.url).path
        await tab.reload()
        framed = await admin.framed()
        await framed.says(WHY)
        await framed.run("location.reload()")
        await framed.says(WHY)
        # The admin's language is the console's, wherever one goes.
        admin.around.locale = "de"
        await tab.reload()
        framed = await admin.framed()
        await framed.says(DE["member.entries"])
        await framed.press("nav a[href$='/console/programme']")
        await framed.says(DE["editor.drafts"])
        assert await framed.run("document.documentElement.lang") == "de"
        assert admin.complaints == []
        assert await tab.context.cookies(PUBLIC) == []
