"""What the tests of the simulated shops share: a still clock, a receiver of webhooks, clients, recorded answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import Response

from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.woocommerce import SimulatedWooCommerce

RECORDED = Path(__file__).parent / "payloads" / "woocommerce"
NOON = datetime(2026, 11, 21, 21, 54, 50, tzinfo=UTC)
HOOKS = "http://belong.test/hooks"
SHOPIFY_TOPICS = (
    "orders/create", "orders/paid", "orders/updated", "orders/cancelled", "orders/edited", "orders/delete",
    "refunds/create", "customers/create", "customers/delete",
)  # fmt: skip
WOO_TOPICS = (
    "order.created", "order.updated", "order.deleted", "order.restored", "customer.created", "customer.updated",
    "customer.deleted",
)  # fmt: skip
KEYS = ("ck_" + "a" * 40, "cs_" + "b" * 40)
SECRET = "whsec_lab_Zm9vYmFy"


@dataclass
class StillClock:
    """A clock that moves when told to."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **how: int) -> None:
        self.at += timedelta(**how)


@dataclass
class Receiver:
    """Takes webhooks and answers with ``status(request)``."""

    status: Callable[[Request], int] = lambda request: 200
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        body = await request.body()
        self.got.append((request.url.path.removeprefix("/hooks/"), dict(request.headers), body))
        await Response(status_code=self.status(request))(scope, receive, send)

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=self))

    @property
    def topics(self) -> list[str]:
        return [topic for topic, _, _ in self.got]

    def bodies(self, topic: str) -> list[Any]:
        return [exact(body) for each, _, body in self.got if each == topic]


def exact(text: bytes | str) -> Any:
    return json.loads(text, parse_float=Decimal)


def recorded(name: str) -> Any:
    """A recorded answer: request, status, headers, body."""
    return exact((RECORDED / f"{name}.json").read_text("utf-8"))


def shopify(receiver: Receiver, clock: StillClock | None = None, **how: Any) -> SimulatedShopify:
    """A Shopify shop whose app listens to everything by its configuration file."""
    shop = SimulatedShopify(how.pop("seed", 3), now=clock or StillClock(), **how)
    shop.courier.http = receiver.client()
    shop.subscribe(HOOKS, SHOPIFY_TOPICS)
    return shop


def admin(shop: SimulatedShopify, token: str | None = None) -> httpx.AsyncClient:
    """A client for the Admin API."""
    headers = {"X-Shopify-Access-Token": token if token is not None else shop.issue_token()}
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=shop.app), base_url=f"https://{shop.shop}", headers=headers
    )


async def ask(client: httpx.AsyncClient, query: str, variables: Any = None, version: str = "2026-10") -> Any:
    answer = await client.post(f"/admin/api/{version}/graphql.json", json={"query": query, "variables": variables})
    assert answer.status_code == 200
    return exact(answer.content)


def woocommerce(receiver: Receiver, clock: StillClock | None = None, **how: Any) -> SimulatedWooCommerce:
    shop = SimulatedWooCommerce(how.pop("seed", 3), now=clock or StillClock(), **how)
    shop.courier.http = receiver.client()
    return shop


def rest(shop: SimulatedWooCommerce, keys: tuple[str, str] | None = KEYS) -> httpx.AsyncClient:
    """A client for REST v3."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=shop.app), base_url=f"{shop.base_url}/wp-json/wc/v3", auth=keys
    )


async def listen(shop: SimulatedWooCommerce, receiver: Receiver, *topics: str) -> list[int]:
    """Make webhooks through REST and forget their pings."""
    numbers = []
    async with rest(shop) as client:
        for topic in topics or WOO_TOPICS:
            given = {"topic": topic, "delivery_url": f"{HOOKS}/{topic}", "secret": SECRET}
            numbers.append((await client.post("/webhooks", json=given)).json()["id"])
    receiver.got.clear()
    shop.courier.log.clear()
    return numbers


def shelf(shop: SimulatedShopify | SimulatedWooCommerce) -> list[int]:
    return list(shop.truth.products)
