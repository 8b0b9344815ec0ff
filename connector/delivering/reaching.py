"""Whether we can call a shop that has our plugin, or it collects: tried each hour, and by what becomes of our calls."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from connector.platforms import Connection
from connector.storage.atomic import atomic
from connector.storage.connections import set_setting
from connector.storage.database import Database
from connector.storage.push import release_wishes
from connector.storage.removals import release_removals
from connector.storage.session import Session
from connector.storage.store_plugins import StorePlugin, note_reached

log = logging.getLogger(__name__)

GIVE_WAY = timedelta(minutes=15)
"""A shop that calls us, and has not answered us for so long, collects from now on."""


async def collects_now(database: Database, connection: Connection, plugin: StorePlugin, now: datetime) -> bool:
    """Whether a shop collects, now that its plugin calls."""
    failing = plugin.failing_since
    if connection.collects or failing is None or now - failing < GIVE_WAY:
        return connection.collects
    await turn(database, connection, now, collects=True)
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
