"""The embedded console in a real browser: in a frame of the admin's, with a stub for App Bridge, and without a cookie.

What it proves: our pages and our script. App Bridge is a stub of the test's, and the admin around it one line of HTML.
"""

from __future__ import annotations

import html
import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from connector.console.embedding import APP_BRIDGE
from connector.sandbox.shopify import oauth as admin
from connector.shopify.client import STORE_CREDIT_SCOPES
from tests.browser.chromium import Answer, Asked, Chromium
from tests.browser.looking import BUILD, must_be_fit
from tests.databases import Databases
from tests.shopify.app.installed import PUBLIC, SHOP, World, world

ADMIN = "https://admin.shopify.com/store/demo/apps/belong"
TOKEN = "https://admin.shopify.com/belong-test/token"
STUB = """
(() => {
  const place = new URL(location.href);
  const next = () => fetch(%(token)s).then((answer) => answer.text());
  const request = async (scopes) => (await fetch(%(token)s + "?scopes=" + scopes)).ok && { result: "granted-all" };
  window.shopify = { idToken: next, scopes: { request } };
  const reload = place.searchParams.get("shopify-reload");
  if (reload) next().then((token) => location.replace(reload + "&id_token=" + token));
})();
"""


@pytest.fixture
async def w(databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    """Which database it is, no page shows."""
    with databases.prepared("sqlite") as url:
        async with world(url, tmp_path) as found:
            yield found


class Frames:
    """Answers the browser: the admin around, Shopify's script, and the service."""

    def __init__(self, w: World, shop: str = SHOP) -> None:
        self.w, self.shop = w, shop
        self.asked: list[Asked] = []

    async def answer(self, asked: Asked) -> httpx.Response | None:
        w = self.w
        if asked.url.startswith(f"{TOKEN}?scopes="):
            wished = set(asked.url.partition("=")[2].split(","))
            w.shop.lifecycle.change_scopes(w.shop.grants.scopes | wished)
            await w.work()
            return httpx.Response(200, headers={"Access-Control-Allow-Origin": "*"})
        if asked.url == TOKEN:
            return httpx.Response(200, text=admin.id_token(w.shop), headers={"Access-Control-Allow-Origin": "*"})
        if asked.url == APP_BRIDGE:
            script = STUB % {"token": json.dumps(TOKEN)}
            return httpx.Response(200, text=script, headers={"Content-Type": "text/javascript"})
        if asked.url.startswith("https://admin.shopify.com/") or asked.url.startswith("https://evil.example/"):
            source = html.escape(f"{PUBLIC}/shopify/app?{admin.opening(w.shop)}")
            frame = f'<iframe title="Belong" src="{source}" style="width:100%;height:860px;border:0"></iframe>'
            text = f'<!doctype html><html lang="en"><title>Admin</title><h1>Admin</h1>{frame}</html>'
            return httpx.Response(200, text=text, headers={"Content-Type": "text/html"})
        if not asked.url.startswith(PUBLIC + "/"):
            return None
        self.asked.append(asked)
        parts = urlsplit(asked.url)
        given = await w.browser.request(
            asked.method,
            f"{parts.path}?{parts.query}" if parts.query else parts.path,
            content=asked.body,
            headers={n: v for n, v in asked.headers.items() if n.lower() not in ("host", "content-length")},
        )
        if "script-src" in given.headers.get("content-security-policy", ""):
            policy = given.headers["content-security-policy"].replace(
                "connect-src 'self'", f"connect-src 'self' {TOKEN}"
            )
            given.headers["content-security-policy"] = policy
        return given


async def test_the_console_works_by_token_and_keyboard(browser: Chromium, w: World) -> None:
    w.order(w.customer())
    frames = Frames(w)
    answer: Answer = frames.answer
    async with browser.page(answer) as page:
        await page.go(f"{PUBLIC}/shopify/app?{admin.opening(w.shop)}")
        await page.until_said("Choose a programme")
        assert "id_token" not in await page.run("location.href")
        await must_be_fit(page, "shopify-start", "body")
        await page.run("document.querySelector('select').value = 'plain-3'")
        await page.run("document.querySelector('form button').click()")
        await page.until_said("your last orders would have earned")
        assert await page.run("document.activeElement === document.querySelector('main')")
        await must_be_fit(page, "shopify-tried", "main")
        await page.run("document.querySelector('button.main').click()")
        await page.until_said("is live")
        await must_be_fit(page, "shopify-live", "main")
        await page.run("document.querySelector('nav a[href$=\"/members\"]').click()")
        await page.until_said("Members", "h1")
        assert "shop=demo.myshopify.com" in await page.run("location.search")
        said = await page.run("new Promise(done => setTimeout(() => done(announced.textContent), 100))")
        assert said == await page.run("document.title")
        await page.run("history.back()")
        await page.until_said("is live")
        await page.run("document.querySelector('nav a[href$=\"/privacy\"]').click()")
        await page.until_said("Nobody has asked.")
        assert page.complaints == [] and page.foreign == []
        assert await page.run("document.cookie") == ""
    documents = [one for one in frames.asked if "Authorization" not in one.headers]
    assert all(one.method == "GET" for one in documents)
    assert all("cookie" not in {name.lower() for name in one.headers} for one in frames.asked)


async def test_it_stands_in_the_admins_frame_and_in_nobody_elses(browser: Chromium, w: World) -> None:
    frames = Frames(w)
    look = "document.querySelector('iframe').contentWindow.length"
    async with browser.page(frames.answer) as page:
        await page.go(ADMIN)
        await page.run("new Promise(done => setTimeout(done, 500))")
        assert await page.run(look) == 0
        await page.shoot(BUILD / "shopify-framed.png")
        own = [one for one in frames.asked if one.url.startswith(f"{PUBLIC}/console/start")]
        assert len(own) == 1
    async with browser.page(frames.answer) as page:
        await page.go("https://evil.example/")
        await page.run("new Promise(done => setTimeout(done, 500))")
        await page.shoot(BUILD / "shopify-framed-by-a-stranger.png")


async def test_an_old_token_is_renewed_by_app_bridge(browser: Chromium, w: World) -> None:
    await w.joined()
    async with browser.page(Frames(w).answer) as page:
        await page.go(f"{PUBLIC}/console/members?shop={SHOP}&host=aG9zdA&embedded=1")
        await page.until_said("Members", "h1")
        await page.go(f"{PUBLIC}/console/privacy?shop={SHOP}&host=aG9zdA&embedded=1")
        await page.until_said("Nobody has asked.")
        await must_be_fit(page, "shopify-privacy", "body")
        assert page.complaints == []


async def test_the_owner_allows_what_a_reward_needs_where_shopify_can_be_asked(
    browser: Chromium, databases: Databases, tmp_path: Path
) -> None:
    """Optional scopes are granted to an app only when it asks for them in the admin."""
    credit = {"rewards": [{"id": "credit", "kind": "store_credit", "points": 100, "value": "1.00"}]}
    with databases.prepared("sqlite") as url:
        async with world(url, tmp_path, more=credit) as w:
            w.shop.grants.scopes = w.shop.grants.scopes - set(STORE_CREDIT_SCOPES)
            frames = Frames(w)
            async with browser.page(frames.answer) as page:
                await page.go(f"{PUBLIC}/shopify/app?{admin.opening(w.shop)}")
                await page.until_said("Choose a programme")
                await page.run("document.querySelector('nav a[href$=\"/connection\"]').click()")
                await page.until_said("Allow store credit")
                await must_be_fit(page, "shopify-allow", "main")
                await page.run("document.querySelector('[data-scopes]').click()")
                await page.run(
                    "new Promise((done) => { const look = () => document.querySelector('[data-scopes]') ? "
                    "setTimeout(look, 20) : done(1); look(); })"
                )
                assert page.complaints == [] and page.foreign == []
            assert set(STORE_CREDIT_SCOPES) <= w.shop.grants.scopes
