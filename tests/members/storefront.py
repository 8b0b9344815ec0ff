"""A headless shop: its server mints tokens for its customers, and their pages use them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from connector.access.auth import MINT_TOKENS, READ_MEMBERS, REDEEM, create_api_key
from connector.storage.atomic import atomic
from tests.builders import NOW
from tests.connector.outside import Outside, order_body, outside

CART: dict[str, Any] = {"currency": "EUR", "lines": [{"product_id": "1", "quantity": 1, "net_minor": 2599}]}
FIVE = {"id": "five", "kind": "amount", "points": 100, "value": "5.00"}
DOCUMENT: dict[str, Any] = {
    "schema": 2,
    "programme": {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"},
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}},
    "rewards": [FIVE],
}


@dataclass
class Shop:
    """Customer 7 has 300 points to spend, customer 8 has 40."""

    outside: Outside
    server: str

    async def token(self, customer: str = "7", **more: Any) -> str:
        body = {"connection": self.connection, "customer": customer, **more}
        answer = await self.outside.http.post("/v1/shopper-tokens", json=body, headers=self.bearer(self.server))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    @property
    def connection(self) -> str:
        return self.outside.connections["woocommerce"].public_id

    @staticmethod
    def bearer(token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}

    async def ask(self, method: str, path: str, token: str, **more: Any) -> httpx.Response:
        headers = {**self.bearer(token), **more.pop("headers", {})}
        return await self.outside.http.request(method, path, headers=headers, **more)

    async def redeem(self, token: str, body: Mapping[str, Any], key: str) -> httpx.Response:
        return await self.ask("POST", "/v1/me/redemptions", token, json=body, headers={"Idempotency-Key": key})


@asynccontextmanager
async def storefront(url: str, folder: Path, rewards: Sequence[Mapping[str, Any]] = (FIVE,)) -> AsyncIterator[Shop]:
    async with outside(url, folder, {**DOCUMENT, "rewards": list(rewards)}) as service:
        await service.deliver("woocommerce", order_body("woocommerce", 1, 30_000, 7))
        await service.deliver("woocommerce", order_body("woocommerce", 2, 4_000, 8))
        await service.work()
        number = service.connections["woocommerce"].programme_number
        scopes = frozenset({MINT_TOKENS, READ_MEMBERS, REDEEM})
        key = await atomic(
            service.service.database, lambda session: create_api_key(session, number, "server", NOW, scopes)
        )
        yield Shop(service, key)
