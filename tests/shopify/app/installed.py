"""A service, a simulated Shopify shop and its app, that reach each other; and somebody in the shop's admin."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from connector import clock
from connector.access.signatures import sign
from connector.api_client import ApiClient
from connector.commands.programme import resume_programme
from connector.commands.shopify_app import add_app
from connector.installing import compliance, leaving
from connector.platforms import Connection
from connector.sandbox.shop import Basket
from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.shopify import oauth as admin
from connector.storage.connections import find_connection
from connector.storage.models import StoreConnection
from connector.storage.programmes import load_programmes
from loyalty_engine.programme import canonical_json
from tests.builders import DOCUMENT
from tests.connector.outside import Outside, outside

PUBLIC = "https://belong.example"
SHOP = "demo.myshopify.com"
NOTHING: Mapping[str, Any] = {}
CLIENT, SECRET = "sandbox-client-id", "sandbox-client-secret-0123456789abcdef"


@dataclass
class World:
    """What a test needs of both sides."""

    service: Outside
    shop: SimulatedShopify
    browser: httpx.AsyncClient
    asked: list[dict[str, Any]] = field(default_factory=list)
    """Bodies of requests for tokens that the shop has seen."""

    async def open(self, token: str | None = None, *, embedded: bool = True) -> httpx.Response:
        """Somebody opens the app in the shop's admin."""
        return await self.browser.get(f"/shopify/app?{admin.opening(self.shop, token, embedded=embedded)}")

    async def connection(self) -> Connection | None:
        return await find_connection(self.service.service.database.reading(), "shopify", self.shop.shop)

    async def joined(self) -> Connection:
        """The shop has opened the app, and is live."""
        answer = await self.open()
        assert answer.status_code == 303, answer.text
        found = await self.connection()
        assert found is not None
        number = found.programme_number
        if (await load_programmes(self.service.service.database.reading()))[number].is_paused:
            await resume_programme(self.service.service, {"programme": number, "reason": "live"})
        return found

    async def days_pass(self) -> None:
        """Since the shop has left."""
        gone = StoreConnection.filter(disconnected_at__not_isnull=True)
        for row in await gone.using_db(self.service.service.database.writer):
            assert row.disconnected_at is not None
            row.disconnected_at -= timedelta(days=2)
            await row.save(using_db=self.service.service.database.writer, update_fields=["disconnected_at"])

    def order(self, customer: int) -> int:
        return self.shop.place_order(customer, self.basket(), "mia@example.test").id

    def basket(self) -> Basket:
        return Basket([(next(iter(self.shop.truth.products)), 2)], shipping_minor=490)

    def customer(self) -> int:
        return self.shop.register_customer("mia@example.test", "Mia", "Moor").id

    async def work(self) -> None:
        """Everything the shop sent, up to the ledger, and what a job does of it."""
        await self.shop.courier.drain()
        await self.service.work()
        await leaving.heed_words(self.service.service)

    async def ask(self, topic: str, body: bytes, secret: str = SECRET) -> int:
        """Shopify asks for data; the status of the answer."""
        headers = {"X-Shopify-Hmac-Sha256": sign(body, secret.encode()).decode(), "X-Shopify-Topic": topic}
        headers |= {"Content-Type": "application/json"}
        return (await self.browser.post("/shopify/compliance", content=body, headers=headers)).status_code

    async def answered(self) -> int:
        return await compliance.answer_all(self.service.service)

    async def number(self, sql: str, *values: Any) -> int:
        return await self.service.number(sql, *values)


@asynccontextmanager
async def world(
    url: str, home: Path, *, programme: int | None = None, more: Mapping[str, Any] = NOTHING
) -> AsyncIterator[World]:
    """The app is known here; the shop has not opened it yet. more: of its programme's document."""
    async with outside(url, home, BELONG_PUBLIC_URL=PUBLIC) as service:
        shop = SimulatedShopify(7, shop=SHOP, client_id=CLIENT, client_secret=SECRET, now=clock.utc_now)
        shop.grants.must_expire = True
        shop.proxy.url = f"{PUBLIC}/shopify/proxy"
        found = World(service, shop, browser_of(service))

        async def seen(request: httpx.Request) -> None:
            if request.url.path.endswith("/access_token"):
                found.asked.append(httpx.Response(200, content=await request.aread()).json())

        async with (
            httpx.AsyncClient(transport=httpx.ASGITransport(app=shop.app), event_hooks={"request": [seen]}) as to_shop,
            httpx.AsyncClient(transport=httpx.ASGITransport(app=service.app)) as to_us,
            found.browser,
        ):
            service.service.shops.api = ApiClient(to_shop)
            shop.courier.http = to_us
            params = {"client_id": CLIENT, "client_secret": SECRET, "programme": programme}
            general = {"name": "Circle", "timezone": "shop", "currency": "shop"}
            document = {
                **DOCUMENT,
                "programme": general,
                "points": {"earn": {"per_unit": 1, "allow_negative": -1000}},
                **more,
            }
            await add_app(service.service, {**params, "document": canonical_json(document)})
            yield found


def browser_of(service: Outside) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(service.app, raise_app_exceptions=False, client=("127.0.0.1", 50000))
    return httpx.AsyncClient(transport=transport, base_url=PUBLIC)
