"""Whether we can call a shop with our plugin: asked when it joins, and when it moves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from connector.delivering.reaching import turn
from connector.errors import ConnectorError
from connector.pairing.places import SECONDS
from connector.platforms import Connection
from connector.running.service import Service
from connector.shops import Shops
from connector.storage.connections import load_credentials
from connector.woocommerce.plugin import PluginApi, ShopState

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
    """Ask, and keep whether we call the shop or it collects; later ``delivering.reaching`` looks again."""
    found = await ask(service.shops, connection)
    if (not found.is_reachable) != connection.collects:
        await turn(service.database, connection, now, collects=not found.is_reachable)
    service.targets.forget()
    service.shops.forget(connection.number)
    service.wake.set()
    return found
