"""Tells each store the programme's summary, once whenever a version takes effect."""

from __future__ import annotations

import logging
from datetime import datetime

from connector.errors import ConnectorError
from connector.platforms import Connection, PushState
from connector.shops import Shops
from connector.snapshot.programme import programme_summary, summary_version
from connector.storage.atomic import atomic
from connector.storage.connections import load_connections, note_programme_told, programmes_told
from connector.storage.instance import load_epoch
from connector.storage.programmes import load_programmes
from loyalty_engine.programme.model import Programme

log = logging.getLogger(__name__)


async def push_programmes(shops: Shops, now: datetime) -> int:
    """Tell every store whose programme changed since it was told. Returns how many took it; others are tried again."""
    session = shops.database.reading()
    epoch = await load_epoch(session)
    programmes = await load_programmes(session)
    told = await programmes_told(session)
    taken = 0
    for connection in (await load_connections(session)).values():
        programme = programmes[connection.programme_number].rulebook.in_force(now)
        version = summary_version(epoch, programme, connection.settings.get("language", ""))
        if told.get(connection.number) != version:
            taken += await _push(shops, connection, programme, epoch, version, now)
    return taken


async def _push(
    shops: Shops, connection: Connection, programme: Programme, epoch: int, version: str, now: datetime
) -> bool:
    body = programme_summary(programme, epoch, now, connection.settings.get("language", ""))
    try:
        result = await (await shops.client(connection)).push_programme(body)
    except ConnectorError as error:
        log.warning(
            "a store could not be told its programme", extra={"connection": connection.number, "why": str(error)}
        )
        return False
    if result.state is not PushState.ACCEPTED:
        log.warning("a store did not take its programme", extra={"connection": connection.number, "why": result.reason})
        return False
    await atomic(shops.database, lambda session: note_programme_told(session, connection.number, version))
    return True
