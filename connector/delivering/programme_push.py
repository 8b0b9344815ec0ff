"""Tells each store the programme's summary: when a version takes effect, or what is counted for it changed."""

from __future__ import annotations

import logging
from datetime import datetime

from connector.delivering.outbox import Outbox
from connector.delivering.summaries import summary_of
from connector.errors import ConnectorError
from connector.platforms import Connection, PushState
from connector.shops import Shops
from connector.storage.atomic import atomic
from connector.storage.connections import connections_within_reach, note_programme_told, programmes_told
from connector.storage.instance import load_epoch
from connector.storage.programmes import load_programmes

log = logging.getLogger(__name__)


async def push_programmes(outbox: Outbox, now: datetime, only: int | None = None) -> int:
    """Tell every store whose programme changed since it was told. only: number of the one connection to be told.

    Returns how many took it; others are tried again.
    """
    shops = outbox.shops
    session = shops.database.reading()
    epoch = await load_epoch(session)
    programmes = await load_programmes(session)
    told = await programmes_told(session)
    taken = 0
    for connection in (await connections_within_reach(session)).values():
        if only not in (None, connection.number):
            continue
        books = programmes[connection.programme_number]
        summary = await summary_of(outbox, session, books, connection, epoch, now)
        if told.get(connection.number) != summary.version:
            taken += await _push(shops, connection, summary.text(), summary.version)
    return taken


async def _push(shops: Shops, connection: Connection, body: str, version: str) -> bool:
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
