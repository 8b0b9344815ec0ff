"""A service whose members do things for each other: events of an app, pages of shoppers, keys of a merchant."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from connector import clock
from connector.access.auth import (
    BACKFILL_EVENTS,
    EXPORT_PEOPLE,
    MINT_TOKENS,
    READ_MEMBERS,
    WRITE_EVENTS,
    WRITE_MEMBERS,
    create_api_key,
)
from connector.storage.atomic import atomic
from tests.builders import NOW
from tests.connector.outside import Outside, outside


@dataclass
class Community:
    """Customers of the WooCommerce shop are members once they registered. key: of the merchant."""

    outside: Outside
    keys: dict[str, str] = field(default_factory=dict)
    members: dict[int, str] = field(default_factory=dict)
    _said: int = 0

    async def join(self, *customers: int) -> None:
        for customer in customers:
            await self.outside.deliver(
                "woocommerce",
                f'{{"id": {customer}, "email": "c{customer}x@example.test"}}'.encode(),
                path=self.outside.path("woocommerce", "customer.created"),
            )
        await self.outside.work()
        for row in await self.outside.rows("SELECT customer_ref, member_id FROM identity"):
            self.members[int(row["customer_ref"])] = row["member_id"]

    async def did(self, kind: str, customer: int, at: datetime, of: int | None = None, **changes: Any) -> None:
        """Customer did something; of: whose it was, or who was there."""
        self._said += 1
        event: dict[str, Any] = {
            "id": f"e{self._said}",
            "type": kind,
            "occurred_at": at.isoformat(),
            "subject": {"platform": "woocommerce", "customer_id": str(customer)},
            "object": {"kind": kind.partition(".")[0], "id": f"o{self._said}"},
            **changes,
        }
        if of is not None:
            event["counterpart"] = {"platform": "woocommerce", "customer_id": str(of)}
        answer = await self.ask("POST", "/v1/events", self.keys[WRITE_EVENTS], json=[event])
        assert answer.json()["events"][0]["state"] == "kept", answer.text
        await self.outside.work()

    async def ask(self, method: str, path: str, key: str | None = None, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key or self.keys[READ_MEMBERS]}"}
        return await self.outside.http.request(method, path, headers=headers, **more)

    async def act(self, path: str, body: Mapping[str, Any], key: str = WRITE_MEMBERS) -> httpx.Response:
        return await self.ask("POST", path, self.keys[key], json=body)

    async def token(self, customer: int) -> str:
        """Of a shopper's page."""
        connection = self.outside.connections["woocommerce"].public_id
        body = {"connection": connection, "customer": str(customer)}
        answer = await self.ask("POST", "/v1/shopper-tokens", self.keys[MINT_TOKENS], json=body)
        return str(answer.json()["token"])

    def id_of(self, customer: int) -> str:
        return str(uuid.UUID(self.members[customer]))


@asynccontextmanager
async def community(url: str, home: Path, document: Mapping[str, Any]) -> AsyncIterator[Community]:
    """Over a prepared database, with one key for each scope."""
    async with outside(url, home, document) as service:
        made = Community(service)
        number = service.connections["woocommerce"].programme_number
        for scope in (READ_MEMBERS, WRITE_MEMBERS, WRITE_EVENTS, MINT_TOKENS, EXPORT_PEOPLE):

            async def key(session: Any, scope: str = scope) -> str:
                scopes = {scope, BACKFILL_EVENTS} if scope == WRITE_EVENTS else {scope}
                return await create_api_key(session, number, scope, NOW, frozenset(scopes))

            made.keys[scope] = await atomic(service.service.database, key)
        yield made


def hours_ago(hours: int) -> datetime:
    return clock.utc_now() - timedelta(hours=hours)
