"""A headless shop in a browser: the sandbox's page and server, and our running service, at addresses of their own.

Nothing stands between them but a network that may lose an answer, or be gone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from connector import storefront as shown
from connector.access.auth import MINT_TOKENS, create_api_key
from connector.delivering.vouchers import Placing, settle_vouchers
from connector.sandbox.headless import Backend, HeadlessShop
from connector.storage.atomic import atomic
from tests.browser.chromium import Asked, Page
from tests.builders import NOW
from tests.connector.outside import Outside, order_body, outside

SHOP, SERVICE = "https://shop.example", "https://belong.example"
HOSTILE = "<img src=x onerror=alert(1)>'\"&"
DOCUMENT: dict[str, Any] = {
    "schema": 2,
    "programme": {"name": f"Circle {HOSTILE}", "timezone": "Europe/Berlin", "currency": "EUR"},
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}, "start": {"welcome": 20}},
    "rewards": [
        {"id": "five", "kind": "amount", "points": 200, "value": "5.00", "name": {"en": f"5 off {HOSTILE}"}},
        {"id": "tour", "kind": "perk", "points": 100, "name": {"en": "A tour of the garden"}},
        {"id": "slide", "kind": "slider", "points": 10, "value": "0.10", "name": {"en": "As you like"}},
        {"id": "large", "kind": "amount", "points": 9000, "value": "90.00", "name": {"en": "90 off"}},
    ],
    "tiers": [
        {"id": "member", "name": {"en": "Member"}},
        {
            "id": "silver",
            "name": {"en": f"Silver {HOSTILE}"},
            "qualify": {"spend_12m": 250},
            "benefits": ["returns_days:30"],
        },
        {"id": "gold", "name": {"en": "Gold"}, "qualify": {"spend_12m": 900}, "benefits": ["free_shipping"]},
    ],
    "badges": [
        {"id": "first", "tier": "bronze", "rule": "orders >= 1", "name": {"en": f"First order {HOSTILE}"}},
        {"id": "patron", "tier": "gold", "rule": "spend >= 600", "name": {"en": "Patron"}},
    ],
    "referral": {"referrer": 100, "friend": 50},
}
NAMES: Mapping[str, str] = {"7": f"Mia {HOSTILE}", "8": "Ben", "9": "Nobody yet"}


@dataclass
class Front:
    """Customer 7 has bought for 300 euros and 42; customer 9 has never bought.

    lost: paths whose next answers never come, though the service has acted. is_offline: nobody answers. refuses: paths
    of the shop's own server that fail.
    """

    service: Outside
    shop: Starlette
    lost: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    is_offline: bool = False
    more: dict[str, str] = field(default_factory=dict)
    """Further pages of the shop, by path."""

    async def answer(self, asked: Asked) -> httpx.Response | None:
        """Whoever the page asks."""
        path = asked.url.partition("?")[0]
        self.asked.append(f"{asked.method} {path}")
        if self.is_offline:
            return None
        if asked.url.startswith(SHOP):
            return await self._of_the_shop(asked)
        if not asked.url.startswith(SERVICE):
            return None
        if asked.method == "POST" and "idempotency-key" in asked.headers:
            self.keys.append(asked.headers["idempotency-key"])
        if path.endswith("/v1/me/redemptions") and asked.method == "GET":
            await self.settle()
        found = await self._of_ours(asked)
        if asked.method == "POST" and path.removeprefix(SERVICE) in self.lost:
            self.lost.remove(path.removeprefix(SERVICE))
            return None
        return found

    async def _of_the_shop(self, asked: Asked) -> httpx.Response:
        path = asked.url.removeprefix(SHOP)
        if path in self.more:
            return httpx.Response(200, text=self.more[path], headers={"Content-Type": "text/html; charset=utf-8"})
        if path.startswith("/static/"):
            style = files("connector.sandbox").joinpath("static", path.removeprefix("/static/")).read_bytes()
            return httpx.Response(200, content=style, headers={"Content-Type": "text/css"})
        transport = httpx.ASGITransport(self.shop)
        async with httpx.AsyncClient(transport=transport, base_url=SHOP) as http:
            return await http.request(asked.method, path, content=asked.body)

    async def _of_ours(self, asked: Asked) -> httpx.Response:
        headers = asked.headers | {"Origin": SHOP, "Accept-Encoding": "identity"}
        return await self.service.http.request(
            asked.method, asked.url.removeprefix(SERVICE), content=asked.body, headers=headers
        )

    async def settle(self) -> None:
        """What a job does between two moments: codes come to be in the shop."""
        service = self.service.service
        await settle_vouchers(Placing(service.pipeline, service.outbox))

    async def taken(self) -> int:
        return await self.service.number("SELECT count(*) FROM redemption")


@asynccontextmanager
async def front(url: str, folder: Path, document: Mapping[str, Any] = DOCUMENT) -> AsyncIterator[Front]:
    """A running service and the shop."""
    shown.served()
    async with outside(url, folder, document, BELONG_PUBLIC_URL=SERVICE) as service:
        for number, minor, customer in ((1, 30_000, 7), (2, 4_200, 7), (3, 4_000, 8)):
            await service.deliver("woocommerce", order_body("woocommerce", number, minor, customer))
        await service.work()
        connection = service.connections["woocommerce"]
        key = await atomic(
            service.service.database,
            lambda session: create_api_key(session, connection.programme_number, "shop", NOW, frozenset({MINT_TOKENS})),
        )
        backend = Backend(SERVICE, key, connection.public_id)
        transport = httpx.ASGITransport(service.app)
        async with httpx.AsyncClient(transport=transport) as to_us:
            shop = HeadlessShop(lambda: to_us, lambda: NAMES, lambda: backend)
            yield Front(service, Starlette(routes=shop.routes()))


async def all_shown(page: Page) -> None:
    """Of a member's page: also what is asked for when it comes into view."""
    await page.run(
        "(async () => { for (const one of document.querySelectorAll('belong-shop *')) if (one.isLate) "
        "{ one.scrollIntoView(); await new Promise((resolve) => setTimeout(resolve, 60)); } scrollTo(0, 0); })()"
    )
    await page.until_said("Leave the programme", "belong-privacy")
    await page.until_said("Choose whether you get them", "belong-privacy")
    await page.until_said("Leaderboard", "belong-board")
    await page.until_said("Circle", "belong-rules")
    await page.until_said("What happened, and why", "belong-history")
