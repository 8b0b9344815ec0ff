"""A tiny Admin API: one function per operation, a token check, and a record of what was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from connector.platforms import Connection, Credentials
from connector.shopify.client import ShopifyClient
from tests.connector.calls import FakeTime, api_over, json_answer

SHOP = "demo.myshopify.com"
CONNECTION = Connection(1, "8f14e45f-ceea-4e7e-9c0f-1f2e3d4c5b6a", 1, "shopify", SHOP, f"https://{SHOP}")
TOKEN = "shpat_0123456789abcdef0123456789abcdef"
PASTED = Credentials((b"secret",), {"access_token": TOKEN})
GRANTED = Credentials((b"secret",), {"client_id": "app-id", "client_secret": "shpss_0123456789abcdef"})
Operation = Callable[[dict[str, Any]], Any]
REFUSED_TOKEN = {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}


def throttled(requested: int, available: int, rate: int = 100) -> dict[str, Any]:
    """What Shopify answers, with HTTP 200, when the bucket is too empty."""
    return {
        "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
        "extensions": {"cost": cost(requested, available, rate, actual=None)},
    }


def cost(requested: int, available: int, rate: int = 100, actual: int | None = 1) -> dict[str, Any]:
    status = {"maximumAvailable": 2000, "currentlyAvailable": available, "restoreRate": rate}
    return {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}


def failed(code: str, message: str = "m", **extensions: Any) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code, **extensions}}]}


class Whole(dict[str, Any]):
    """An answer to be sent as it is, instead of as ``data``."""


@dataclass(slots=True)
class FakeAdmin:
    """Answers operations by name; ``asked`` holds (operation, variables) in order."""

    operations: dict[str, Operation] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    grants: int = 0
    time: FakeTime = field(default_factory=FakeTime)
    headers: dict[str, str] = field(default_factory=lambda: {"X-Shopify-API-Version": "2026-10"})
    expires_in: int | None = 86399

    def handle(self, request: httpx.Request) -> httpx.Response:
        assert request.url.host == SHOP and request.url.scheme == "https"
        body = msgspec.json.decode(request.content)
        if request.url.path == "/admin/oauth/access_token":
            return self._grant(body)
        assert request.url.path == "/admin/api/2026-10/graphql.json"
        if request.headers.get("X-Shopify-Access-Token") not in self.tokens:
            return json_answer(REFUSED_TOKEN, 401)
        self.asked.append((body["operationName"], body["variables"]))
        assert f" {body['operationName']}" in body["query"]
        found = self.operations[body["operationName"]](body["variables"])
        if isinstance(found, httpx.Response):
            return found
        return json_answer(found if isinstance(found, Whole) else {"data": found}, headers=self.headers)

    def _grant(self, body: dict[str, str]) -> httpx.Response:
        if body.get("client_secret") != GRANTED.api["client_secret"]:
            return json_answer({"error": "invalid_client"}, 401)
        assert (body["grant_type"], body["client_id"]) == ("client_credentials", "app-id")
        self.grants += 1
        token = f"granted-token-{self.grants}"
        self.tokens = {token}
        return json_answer({"access_token": token, "scope": "read_orders", "expires_in": self.expires_in})

    def client(self, credentials: Credentials = PASTED) -> ShopifyClient:
        api = api_over(self.handle, self.time)
        return ShopifyClient(CONNECTION, credentials, api, seconds=self.time.seconds)

    def names(self) -> list[str]:
        return [name for name, _ in self.asked]


def order_node(number: int, updated_at: str = "2026-11-20T10:00:00Z", **lists: Any) -> dict[str, Any]:
    """As much of an order as reading looks at; ``lists`` replace whole fields."""
    return {
        "id": f"gid://shopify/Order/{number}",
        "legacyResourceId": str(number),
        "name": f"#{number}",
        "updatedAt": updated_at,
        "lineItems": page([{"id": "gid://shopify/LineItem/1"}]),
        "shippingLines": page([]),
        "refunds": [],
        **lists,
    }


def page(nodes: list[Any], after: str | None = None) -> dict[str, Any]:
    """One page; ``after`` is the cursor of the next one."""
    return {"pageInfo": {"hasNextPage": after is not None, "endCursor": after}, "nodes": nodes}


def refund_node(number: int, lines: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"legacyResourceId": str(number), "refundLineItems": lines or page([])}
