"""Whether we can call a shop that has our plugin, or it collects: tried each hour, and by what becomes of our calls."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from functools import partial

from connector.delivering.outbox import Outbox
from connector.errors import ConnectorError
from connector.platforms import Connection
from connector.storage.atomic import atomic
from connector.storage.connections import load_connections, set_setting
from connector.storage.database import Database
from connector.storage.push import release_wishes
from connector.storage.removals import release_removals
from connector.storage.session import Session
from connector.storage.store_plugins import StorePlugin, load_plugins, note_reached, note_unreached

log = logging.getLogger(__name__)

PROBE_SECONDS = 20
GIVE_WAY = timedelta(minutes=15)
"""A shop that calls us, and has not answered us for so long, collects from now on."""


async def collects_now(database: Database, connection: Connection, plugin: StorePlugin, now: datetime) -> bool:
    """Whether a shop collects, now that its plugin calls."""
    failing = plugin.failing_since
    if connection.collects or failing is None or now - failing < GIVE_WAY:
        return connection.collects
    await turn(database, connection, now, collects=True)
    return True


async def probe_shops(outbox: Outbox) -> tuple[int, int]:
    """Ask every shop that has our plugin whether it can be called. Returns how many can, and how many collect."""
    called = collect = 0
    session = outbox.database.reading()
    plugins = await load_plugins(session)
    for number, connection in (await load_connections(session)).items():
        if not connection.settings.get("reach") or connection.disconnected_at is not None:
            continue
        if await _answers(outbox, connection):
            if connection.collects:
                await turn(outbox.database, connection, outbox.now(), collects=False)
            else:
                await atomic(outbox.database, partial(note_reached, connection_number=number))
            called += 1
        else:
            await atomic(outbox.database, partial(note_unreached, connection_number=number, now=outbox.now()))
            plugin = plugins.get(number, StorePlugin(number))
            collect += await collects_now(outbox.database, connection, plugin, outbox.now())
    return called, collect


async def _answers(outbox: Outbox, connection: Connection) -> bool:
    try:
        client = await outbox.shops.client(connection, insists=True)
        async with asyncio.timeout(PROBE_SECONDS):
            await client.check()
    except (ConnectorError, TimeoutError) as error:
        log.info("a shop cannot be called", extra={"connection": connection.number, "why": str(error)})
        outbox.shops.forget(connection.number)
        return False
    return True


async def turn(database: Database, connection: Connection, now: datetime, *, collects: bool) -> None:
    """From now on a shop is told things the other way, beginning with what it is owed."""

    async def body(session: Session) -> None:
        await set_setting(session, connection.number, "reach", "collect" if collects else "push")
        await note_reached(session, connection.number)
        await release_wishes(session, connection.number, now)
        await release_removals(session, connection.number, now)

    await atomic(database, body)
    how = "collects" if collects else "is called"
    log.warning("a shop is told things another way now", extra={"connection": connection.number, "how": how})
