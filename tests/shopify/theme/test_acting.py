"""A shopper acts on a page of the shop, in Chromium: the page's own script, the shop's app proxy (the simulated Shopify's)
and our running service, nothing in between but a network that may lose an answer.

Complaint C21, as far as this shop's pages go: what cannot be had takes no points, and a press takes them once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.delivering.outbox import push_due
from connector.delivering.vouchers import Placing, settle_vouchers
from connector.running.scheduler import tell_programmes
from connector.verify import verify
from tests.browser.chromium import Asked, Chromium, Page
from tests.browser.looking import BUILD, violations
from tests.builders import KEYS
from tests.databases import Databases
from tests.shopify.app.installed import PUBLIC, World, world
from tests.shopify.theme.rendering import LAUNCHER, Shown, render
from tests.shopify.theme.storefront_page import SHOP, page_of, served

GIVING: dict[str, Any] = {
    "points": {"earn": {"per_unit": 10, "pending_days": 0}},
    "rewards": [
        {"id": "five", "kind": "amount", "points": 300, "value": "5.00", "name": {"en": "5 EUR off"}},
        {"id": "slide", "kind": "slider", "points": 10, "value": "0.10", "name": {"en": "As you like"}},
        {"id": "large", "kind": "amount", "points": 90000, "value": "900.00", "name": {"en": "900 EUR off"}},
    ],
    "referral": {"referrer": 100, "friend": 50},
}
REDEMPTIONS = "/v1/me/redemptions"
TAKEN = "SELECT count(*) FROM redemption"


@dataclass
class Counter:
    """A page of the shop with blocks on it. lost: paths whose next answer never comes, after the service has acted."""

    world: World
    app: Path
    tools: Path
    customer: int
    cookies: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    html: str = ""

    def show(self, *names: str, **settings: str) -> None:
        """Rendered from what was pushed to the shop by now."""
        shop = self.world.shop
        told = shop.snapshot_of(shop.truth.customers[self.customer])
        assert told is not None and shop.programme is not None
        pages = [Shown(name, told, shop.programme, settings=settings) for name in names]
        self.html = page_of(dict(zip(names, render(self.tools, self.app, pages), strict=True)))

    async def answer(self, asked: Asked) -> httpx.Response | None:
        """Whoever the page asks: the shop, its assets, its proxy, or our service."""
        address = asked.url.partition("?")[0]
        if asked.url.startswith(f"{PUBLIC}/"):
            found = await self._ours(asked)
        elif asked.url.startswith(f"{SHOP}/apps/") or asked.url.startswith(f"{SHOP}/a/"):
            found = await self._proxied(asked)
        else:
            return served(self.html, self.app, asked)
        self.asked.append(f"{asked.method} {address}")
        if any(address.endswith(path) for path in self.lost) and asked.method == "POST":
            self.lost.clear()
            return None
        return found

    async def _proxied(self, asked: Asked) -> httpx.Response:
        transport = httpx.ASGITransport(self.world.shop.app)
        async with httpx.AsyncClient(transport=transport, cookies=self.cookies) as http:
            return await http.request(asked.method, asked.url, content=asked.body)

    async def _ours(self, asked: Asked) -> httpx.Response:
        """As a browser calls another's address: it asks first whether it may."""
        headers = {**asked.headers, "Origin": SHOP}
        if asked.method != "OPTIONS":
            names = ", ".join(sorted({name.lower() for name in asked.headers} & {"authorization", "content-type", "idempotency-key"}))
            first = {"Origin": SHOP, "Access-Control-Request-Method": asked.method, "Access-Control-Request-Headers": names}
            allowed = await self.world.browser.request("OPTIONS", asked.url, headers=first)
            assert allowed.headers["Access-Control-Allow-Origin"] in {SHOP, "*"}, allowed.headers
            assert set(names.split(", ")) <= set(allowed.headers["Access-Control-Allow-Headers"].split(", "))
        return await self.world.browser.request(asked.method, asked.url, content=asked.body, headers=headers)

    async def settle(self) -> None:
        """What jobs of the service do between two moments: codes come to be in the shop, numbers are pushed."""
        service = self.world.service.service
        await settle_vouchers(Placing(service.pipeline, service.outbox))
        await push_due(service.outbox)

    async def taken(self) -> int:
        return await self.world.number(TAKEN)


@pytest.fixture
async def counter(databases: Databases, tmp_path: Path, shopify_tools: Path, theme_app: Path) -> AsyncIterator[Counter]:
    with databases.prepared("sqlite") as url:
        (tmp_path / "home").mkdir()
        async with world(url, tmp_path / "home", more=GIVING) as w:
            await w.joined()
            customer = w.customer()
            w.order(customer)
            await w.work()
            await tell_programmes(w.service.service)
            await push_due(w.service.service.outbox)
            yield Counter(w, theme_app, shopify_tools, customer, w.shop.proxy.sign_in(customer))


def button(name: str) -> str:
    return f"belong-redeem[data-reward={name}] button"


async def press(page: Page, what: str) -> None:
    """By keyboard."""
    await page.run(f"document.querySelector('{what}').focus()")
    await page.press("Enter", 13, "\r")


async def opened(page: Page) -> None:
    await page.go(f"{SHOP}/")
    await page.run("Promise.all(['belong-redeem', 'belong-copy'].map(one => customElements.whenDefined(one))).then(() => 1)")


async def test_a_press_gives_a_code_once_however_often_it_is_pressed(browser: Chromium, counter: Counter) -> None:
    counter.show("belong-rewards")
    async with browser.page(counter.answer, 390) as page:
        await opened(page)
        await page.run(f"document.querySelector('{button('five')}').click(); document.querySelector('{button('five')}').click()")
        await page.until_said("This is your code", "main")
