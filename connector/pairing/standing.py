"""What a paired shop says of where it stands: that it has moved, or that it leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tortoise.exceptions import IntegrityError

from connector.pairing.places import displace, found_at, gives_way
from connector.pairing.reaching import Reach, note_reach
from connector.people.actors import PLUGIN
from connector.platforms import Connection
from connector.running.service import Service
from connector.shop_addresses import site_address
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.connections import (
    end_connection,
    load_connections,
    load_credentials,
    move_connection,
)
from connector.storage.session import Session
from connector.woocommerce.plugin import REST_URL


class SiteTaken(Exception):
    """Another connection has this address."""

    def __init__(self, by: Connection | None = None) -> None:
        super().__init__()
        self.by = by


async def move(service: Service, connection: Connection, site: str, rest_url: str, now: datetime) -> Reach:
    """The shop has another address now, and keeps its history. Raises SiteTaken where another connection has it and
    does not have to give way, or ConfigProblem for no address.
    """
    address = site_address(site)
    try:
        return await _move(service, connection, address, rest_url, None, now)
    except SiteTaken as taken:
        there = replace(connection, shop=address, settings={**connection.settings, REST_URL: rest_url})
        proof = await load_credentials(service.database.reading(), service.keys, connection)
        if taken.by is None or not await gives_way(service.shops, taken.by, there, proof):
            raise
        _forget(service, taken.by)
        return await _move(service, connection, address, rest_url, taken.by, now)


async def _move(
    service: Service, connection: Connection, address: str, rest_url: str, displaced: Connection | None, now: datetime
) -> Reach:
    async def body(session: Session) -> None:
        known = await found_at(session, connection.platform, address)
        if known is not None and known.number != connection.number:
            if displaced is None or known.number != displaced.number:
                raise SiteTaken(known)
            await displace(session, known, now)
        await move_connection(session, connection, address, {REST_URL: rest_url})
        details = {"connection": connection.public_id}
        deed = ProgrammeDeed(connection.programme_number, Act.STORE_MOVE, PLUGIN, now, details)
        await note_programme_deeds(session, [deed])

    try:
        await atomic(service.database, body)
    except IntegrityError as error:
        raise SiteTaken from error
    _forget(service, connection)
    moved = (await load_connections(service.database.reading()))[connection.number]
    return await note_reach(service, moved, now)


async def disconnect(service: Service, connection: Connection, now: datetime) -> None:
    """Neither side talks to the other any more; the ledger stays, and pairing again takes it up."""

    async def body(session: Session) -> None:
        if not await end_connection(session, connection.number, now):
            return
        details = {"connection": connection.public_id}
        deed = ProgrammeDeed(connection.programme_number, Act.STORE_DISCONNECT, PLUGIN, now, details)
        await note_programme_deeds(session, [deed])

    await atomic(service.database, body)
    _forget(service, connection)


def _forget(service: Service, connection: Connection) -> None:
    service.targets.forget()
    service.shops.forget(connection.number)
    service.wake.set()
