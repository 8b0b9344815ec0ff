"""Whether we can call a shop with our plugin: asked when it joins or moves, and again every quarter of an hour."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from connector.errors import ConnectorError
from connector.platforms import Connection
from connector.running.service import Service
from connector.shops import Shops
from connector.storage.atomic import atomic
from connector.storage.connections import load_connections, load_credentials, set_setting
from connector.storage.push import release_wishes
from connector.storage.session import Session
from connector.woocommerce.plugin import COLLECT, PUSH, REACH, PluginApi, ShopState

SECONDS = 8
"""A shop that waits for our answer meanwhile must not give up on it."""
COPY = "The shop says that it stands at another address than the one it was paired under."


@dataclass(frozen=True, slots=True)
class Reach:
    """problem: why we cannot call it, in words for the merchant."""

    is_reachable: bool
    problem: str | None = None


async def ask(shops: Shops, connection: Connection) -> Reach:
    """Call the plugin; never fails."""
    try:
        credentials = await load_credentials(shops.database.reading(), shops.keys, connection)
        plugin = PluginApi(connection, credentials, shops.api)
        async with asyncio.timeout(SECONDS):
            said = await plugin.post("state", {}, ShopState)
    except ConnectorError as error:
        return Reach(False, str(error))
    except TimeoutError:
        return Reach(False, f"The shop did not answer within {SECONDS} seconds.")
    return Reach(True, COPY if said.is_other_site else None)


async def note_reach(service: Service, connection: Connection, now: datetime) -> Reach:
    """Ask, and keep whether we call the shop or it fetches what we have for it."""
    found = await ask(service.shops, connection)
    reach = PUSH if found.is_reachable else COLLECT
    if connection.settings.get(REACH) == reach:
        return found

    async def body(session: Session) -> None:
        await set_setting(session, connection.number, REACH, reach)
        if reach == PUSH:
            await release_wishes(session, connection.number, now)

    await atomic(service.database, body)
    service.targets.forget()
    service.shops.forget(connection.number)
    service.wake.set()
    return found


async def watch_reach(service: Service, now: datetime) -> list[str]:
    """Ask every shop with our plugin again; what has changed, in words."""
    said = []
    for connection in (await load_connections(service.database.reading())).values():
        if connection.disconnected_at is None and connection.settings.get(REACH):
            found = await note_reach(service, connection, now)
            if found.is_reachable != connection.is_within_reach:
                word = "can be called now" if found.is_reachable else "cannot be called: it fetches what it needs"
                said.append(f"connection {connection.number}: {word}")
    return said
