"""A shop's plugin as we hear it: calls signed as docs/plugin-wire.md says, right unless a test says otherwise."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import httpx

from connector import clock
from connector.access.signatures import sign
from connector.storage.atomic import atomic
from connector.storage.connections import PLUGIN_TO_SERVICE, PLUGIN_TO_SHOP, add_secret
from connector.storage.session import Session
from tests.builders import KEYS, OPENED
from tests.connector.outside import Outside

TO_SERVICE = bytes(range(200, 232))
TO_SHOP = bytes(range(100, 132))


def signed(secret: bytes, connection: str, call_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """Headers of a call."""
    sent = str(int(at.timestamp()))
    signature = sign(b".".join([call_id.encode(), sent.encode(), body]), secret).decode()
    return {
        "Content-Type": "application/json",
        "belong-connection": connection,
        "webhook-id": call_id,
        "webhook-timestamp": sent,
        "webhook-signature": f"v1,{signature}",
    }


def new_id(purpose: str) -> str:
    return f"{purpose}_{uuid.uuid4().hex}"


@dataclass
class Plugin:
    """Of one connection."""

    http: httpx.AsyncClient
    connection: str
    secret: bytes = TO_SERVICE

    async def call(
        self,
        purpose: str,
        body: Any = None,
        *,
        path: str = "",
        call_id: str = "",
        at: datetime | None = None,
        raw: bytes | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> httpx.Response:
        """One call. raw: what is sent in place of the body that was signed; headers: in place of the right ones."""
        sealed = json.dumps({} if body is None else body).encode()
        right = signed(self.secret, self.connection, call_id or new_id(purpose), sealed, at or clock.utc_now())
        right |= headers
        sent = sealed if raw is None else raw
        return await self.http.post(
            path or f"/v1/store/{purpose}", content=sent, headers={name: text for name, text in right.items() if text}
        )


async def plugin_of(service: Outside, platform: str = "woocommerce", secret: bytes = TO_SERVICE) -> Plugin:
    """The plugin of a connection, paired already."""
    connection = service.connections[platform]

    async def body(session: Session) -> None:
        await add_secret(session, KEYS, connection, PLUGIN_TO_SERVICE, secret, OPENED)
        await add_secret(session, KEYS, connection, PLUGIN_TO_SHOP, TO_SHOP, OPENED)

    await atomic(service.service.database, body)
    service.service.targets.forget()
    return Plugin(service.http, connection.public_id, secret)
