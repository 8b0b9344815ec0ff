"""A page of the shop that acts: through the simulated Shopify's app proxy, on our running service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector import clock
from connector.delivering.outbox import push_due
from connector.delivering.vouchers import Placing, settle_vouchers
from connector.running.scheduler import tell_programmes
from connector.verify import verify
from tests.browser.chromium import Asked, Headers, Page
from tests.builders import KEYS
from tests.databases import Databases
from tests.shopify.app.installed import PUBLIC, World, world
from tests.shopify.app.signed import bearer
from tests.shopify.theme.rendering import Shown, render
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


async def press(page: Page, what: str) -> None:
    """By keyboard."""
    await page.run(f"document.querySelector('{what}').focus()")
    await page.press("Enter")


@dataclass
class Counter:
    """A page of the shop with blocks on it. lost: paths whose next answer never comes, after the service has acted.

    now: when the books are looked at in the end.
    """

    world: World
    app: Path
    tools: Path
    customer: int
    cookies: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    html: str = ""
    now: Callable[[], datetime] = clock.utc_now

    def show(self, *names: str, **settings: str) -> None:
        """Rendered from what was pushed to the shop by now."""
        shop = self.world.shop
        told = shop.snapshot_of(shop.truth.customers[self.customer])
        assert told is not None and shop.programme is not None
        pages = [Shown(name, told, shop.programme, customer=self.customer, settings=settings) for name in names]
        self.html = page_of(dict(zip(names, render(self.tools, self.app, pages), strict=True)))

    async def answer(self, asked: Asked) -> httpx.Response | None:
        """Whoever the page asks: the shop, its assets, its proxy, or our service."""
        address = asked.url.partition("?")[0]
        if asked.url.startswith(f"{PUBLIC}/"):
            if asked.method == "GET" and address.endswith(REDEMPTIONS):
                await self.settle()
            found = await self._ours(asked)
        elif asked.url.startswith(f"{SHOP}/apps/") or asked.url.startswith(f"{SHOP}/a/"):
            found = await self._proxied(asked)
        else:
            return served(self.html, self.app, asked)
        self.asked.append(f"{asked.method} {address}")
        for path in self.lost:
            if address.endswith(path) and asked.method == "POST":
                self.lost.remove(path)
                return None
        return found

    async def _proxied(self, asked: Asked) -> httpx.Response:
        transport = httpx.ASGITransport(self.world.shop.app)
        async with httpx.AsyncClient(transport=transport, cookies=self.cookies) as http:
            said = {"Content-Type": asked.headers["content-type"]} if asked.body else None
            return await http.request(asked.method, asked.url, content=asked.body, headers=said)

    async def _ours(self, asked: Asked) -> httpx.Response:
        """As a browser calls another's address: it asks first whether it may."""
        headers = asked.headers | {"Origin": SHOP}
        if asked.method != "OPTIONS":
            names = ", ".join(
                sorted({name.lower() for name in asked.headers} & {"authorization", "content-type", "idempotency-key"})
            )
            first = {
                "Origin": SHOP,
                "Access-Control-Request-Method": asked.method,
                "Access-Control-Request-Headers": names,
            }
            allowed = await self.world.browser.request("OPTIONS", asked.url, headers=first)
            assert allowed.headers["Access-Control-Allow-Origin"] in {SHOP, "*"}, allowed.headers
            assert set(names.split(", ")) <= set(allowed.headers["Access-Control-Allow-Headers"].split(", "))
        return await self.world.browser.request(asked.method, asked.url, content=asked.body, headers=headers)

    async def settle(self) -> None:
        """What jobs of the service do between two moments: codes come to be in the shop, numbers are pushed."""
        service = self.world.service.service
        await settle_vouchers(Placing(service.pipeline, service.outbox))
        await push_due(service.outbox)

    async def spend(self, points: int) -> None:
        """Somewhere else, in the name of the same shopper."""
        given = (await self._proxied(Asked("GET", f"{SHOP}/apps/belong/token?n=elsewhere", Headers(), b""))).json()
        headers = {**bearer(given["token"]), "Idempotency-Key": "elsewhere-0001"}
        body = {"reward": "slide", "points": points}
        answer = await self.world.browser.post(REDEMPTIONS, headers=headers, json=body)
        assert answer.status_code == 201, answer.text

    async def first(self, sql: str) -> Any:
        """`told` of the first row."""
        return (await self.world.service.rows(sql))[0]["told"]

    async def taken(self) -> int:
        return await self.world.number(TAKEN)


@asynccontextmanager
async def counting(
    url: str, home: Path, tools: Path, app: Path, more: Mapping[str, Any] = GIVING
) -> AsyncIterator[Counter]:
    """A member with points after an order, of whom the shop was told; in the end the books are right.

    url: of a prepared database. home: a folder that is not there yet. more: of the programme's document.
    """
    home.mkdir()
    async with world(url, home, more=more) as w:
        await w.joined()
        customer = w.customer()
        w.order(customer)
        await w.work()
        await tell_programmes(w.service.service)
        await push_due(w.service.service.outbox)
        counter = Counter(w, app, tools, customer, w.shop.proxy.sign_in(customer))
        yield counter
        assert (await verify(w.service.service.database, KEYS, now=counter.now)).differences == []


@pytest.fixture(name="counter")
async def counter_of_a_test(
    databases: Databases, tmp_path: Path, shopify_tools: Path, theme_app: Path
) -> AsyncIterator[Counter]:
    with databases.prepared("sqlite") as url:
        async with counting(url, tmp_path / "home", shopify_tools, theme_app) as counter:
            yield counter
