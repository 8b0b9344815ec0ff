"""The service as its callers see it: the whole app over ASGI, with one shop of each platform."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, MutableMapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from connector.access.signatures import sign
from connector.api_client import open_http
from connector.config import load_settings
from connector.ingest.pipeline import drain
from connector.platforms import Connection
from connector.rehearsal.keeper import Rehearsals
from connector.rehearsal.workshop import Workshop
from connector.running.app import Asgi, build_app
from connector.running.service import Service, assemble
from connector.storage.atomic import atomic
from connector.storage.connections import add_secret, create_connection
from connector.storage.session import Row, Session
from tests.builders import DOCUMENT, KEYS, OPENED, found_programme, opened
from tests.payloads import shopify_bodies, woocommerce_bodies
from tests.payloads.stories import SoldLine, Story

SECRETS = {"woocommerce": "a-webhook-secret-for-tests", "shopify": "another-secret-for-tests-as-long-as-shopifys"}
TOPICS = {"woocommerce": "order.created", "shopify": "orders/create"}
SIGNATURES = {"woocommerce": "X-WC-Webhook-Signature", "shopify": "X-Shopify-Hmac-Sha256"}
WORKSHOP = Workshop()
"""One process for the test shops of all tests: it takes seconds to begin."""
SHOPIFY_SHOP = "tea.myshopify.com"


@dataclass
class Outside:
    """An open service, its app, a client of it, and its connections by platform."""

    service: Service
    app: Asgi
    http: httpx.AsyncClient
    connections: dict[str, Connection] = field(default_factory=dict)

    def path(self, platform: str, topic: str | None = None, connection: str | None = None) -> str:
        """Where a platform's deliveries go."""
        return f"/hooks/{platform}/{connection or self.connections[platform].public_id}/{topic or TOPICS[platform]}"

    async def deliver(
        self,
        platform: str,
        body: bytes,
        *,
        secret: str | None = None,
        path: str | None = None,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    ) -> httpx.Response:
        """A delivery signed with a secret, its own unless said otherwise; ``headers`` come on top."""
        signed = sign(body, (secret or SECRETS[platform]).encode()).decode()
        every = httpx.Headers({"Content-Type": "application/json", SIGNATURES[platform]: signed})
        every.update(httpx.Headers(headers))
        return await self.http.post(path or self.path(platform), content=body, headers=every)

    async def send(self, body: bytes, path: str, headers: Sequence[tuple[str, str]]) -> httpx.Response:
        """A request with exactly these headers."""
        return await self.http.post(path, content=body, headers=list(headers))

    async def rows(self, sql: str, *values: Any) -> list[Row]:
        return await self.service.database.reading().rows(sql, *values)

    async def number(self, sql: str, *values: Any) -> int:
        return await self.service.database.reading().number(sql, *values)

    async def kept(self) -> int:
        """How many deliveries are stored."""
        return await self.number("SELECT count(*) FROM delivery")

    async def work(self) -> None:
        """Everything from inbox to ledger."""
        await drain(self.service.pipeline)

    def counted(self, platform: str, result: str) -> int:
        """How many deliveries of a platform ended so."""
        labels = {"platform": platform, "result": result}
        return int(self.service.metrics.registry.get_sample_value("loyalty_webhook_received_total", labels) or 0)


@asynccontextmanager
async def outside(
    url: str, home: Path, document: Mapping[str, Any] = DOCUMENT, *, calls: bool = False, **environment: str
) -> AsyncIterator[Outside]:
    """Over a prepared database. calls: shops are called as by a real service; environment: further settings by name."""
    settings = load_settings({"BELONG_HOME": str(home), "DATABASE_URL": url, **environment})
    async with opened(url) as database:

        async def found(session: Session) -> dict[str, Connection]:
            programme, woocommerce = await found_programme(session, "woocommerce", document)
            shopify = await create_connection(
                session, programme, "shopify", SHOPIFY_SHOP, f"https://{SHOPIFY_SHOP}", {}, OPENED
            )
            await add_secret(session, KEYS, shopify, "webhook", SECRETS["shopify"], OPENED)
            return {"woocommerce": woocommerce, "shopify": shopify}

        connections = await atomic(database, found)
        nobody = httpx.AsyncClient(transport=httpx.MockTransport(_no_shop))
        async with open_http(settings.allow_private_hosts) if calls else nobody as shops:
            service = assemble(settings, KEYS, database, shops)
            service.test_shops = Rehearsals(database, WORKSHOP)
            app = build_app(service)
            async with client_of(app) as http:
                try:
                    yield Outside(service, app, http, connections)
                finally:
                    await service.test_shops.let_clocks_stand()
            await service.previews.close()
            await service.inbox.close()


def client_of(app: Asgi, client: tuple[str, int] = ("127.0.0.1", 50000)) -> httpx.AsyncClient:
    """Calls the app from an address. What the app raises is a 500, as a server would answer."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=client)
    return httpx.AsyncClient(transport=transport, base_url="http://loyalty.example.test")


def _no_shop(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no shop answers here", request=request)


def order_body(platform: str, number: int = 5123, net: int = 1000, customer: int = 7) -> bytes:
    """An order of ten euros, by customer 7, as the platform sends it."""
    story = Story((SoldLine(90001, 1, net),), order_id=number, customer=customer)
    bodies = {"woocommerce": woocommerce_bodies.webhook, "shopify": shopify_bodies.webhook}
    return bodies[platform](story)


async def call_raw(
    app: Asgi, path: str, headers: Sequence[tuple[bytes, bytes]], messages: Sequence[Mapping[str, Any]], **scope: Any
) -> list[MutableMapping[str, Any]]:
    """One request message by message; after the last one, receiving waits for ever, as for a silent sender."""
    sent: list[MutableMapping[str, Any]] = []
    left = list(messages)

    async def receive() -> MutableMapping[str, Any]:
        if not left:
            await asyncio.Event().wait()
        return dict(left.pop(0))

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    full = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": list(headers)}
    await app({**full, "client": ("127.0.0.1", 50000), **scope}, receive, send)
    return sent


def new_shop(**changes: Any) -> dict[str, Any]:
    """What ``connect`` takes, for a shop that is not connected yet."""
    return {
        "platform": "woocommerce",
        "shop": "https://new.example",
        "document": dict(DOCUMENT),
        "secrets": {"consumer_key": " ck_1\n", "consumer_secret": "cs_2"},
        **changes,
    }
