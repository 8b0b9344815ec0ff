"""A shop uninstalls the app, or changes what it grants; and a shop that has left asks that nothing is kept of it.

Shopify's word that the app was uninstalled can come a day late, after it was installed again: the shop is asked first.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from connector.clock import utc_now
from connector.data.shop_emptying import empty_shop
from connector.errors import ConfigProblem, ConnectorError
from connector.installing.joining import APP
from connector.platforms import Connection
from connector.running.service import Service
from connector.shopify.client import ShopifyClient
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.connections import end_connection, load_connections, set_problem
from connector.storage.inbox import AppWord, DeliveryState, app_words, mark_deliveries, strip_bodies
from connector.storage.session import Session
from connector.storage.shop_tokens import forget_token
from connector.storage.shopify_apps import end_installation, note_scopes

log = logging.getLogger(__name__)

UNINSTALLED = "app/uninstalled"
SCOPES = "app/scopes_update"
LEFT, STILL_THERE, GRANTED = "the app was uninstalled", "the app is installed", "scopes were looked at"
EMPTIED = "emptied"
INSTALLED_AGAIN = "installed again"
GONE_FOR = timedelta(days=1)
"""Shopify asks two days after the app was uninstalled, and leaves us thirty."""


@dataclass(frozen=True, slots=True)
class _Left:
    """One transaction: no token, no secret and no session is good any more. What members have stays."""

    connection: Connection

    async def __call__(self, session: Session) -> None:
        number, now = self.connection.number, utc_now()
        await forget_token(session, number)
        await end_installation(session, number, now)
        if await end_connection(session, number, now):
            details = {"connection": self.connection.public_id}
            deed = ProgrammeDeed(self.connection.programme_number, Act.STORE_DISCONNECT, APP, now, details)
            await note_programme_deeds(session, [deed])


async def leave(service: Service, connection: Connection) -> None:
    """The shop has uninstalled the app: nobody is called there any more. Again: nothing."""
    await atomic(service.database, _Left(connection))
    service.targets.forget()
    service.shops.forget(connection.number)


async def is_installed(service: Service, connection: Connection) -> bool:
    """Whether the shop still answers us. Raises Transient where nobody knows."""
    if connection.disconnected_at is not None:
        return False
    service.shops.forget(connection.number)
    try:
        client = await service.shops.client(connection, insists=True)
        await client.orders_visible_since()
    except ConfigProblem:
        return False
    return True


async def heed_words(service: Service) -> int:
    """What shops said of the app itself. Returns how many words were heeded; what cannot be known yet waits."""
    connections = await load_connections(service.database.reading())
    count = 0
    for word in await app_words(service.database.reading()):
        connection = connections[word.connection_number]
        try:
            said = await _heed(service, connection, word)
        except ConnectorError as error:
            log.error(
                "whether a shop has left is not known", extra={"connection": connection.number, "why": str(error)}
            )
            continue
        await atomic(service.database, _Heeded(word, said))
        count += 1
    return count


async def _heed(service: Service, connection: Connection, word: AppWord) -> str:
    if word.topic == UNINSTALLED:
        if await is_installed(service, connection):
            return STILL_THERE
        await leave(service, connection)
        return LEFT
    await _look_at_scopes(service, connection)
    return GRANTED


async def _look_at_scopes(service: Service, connection: Connection) -> None:
    """What the shop grants no more is a problem that the merchant sees; what it grants again ends it."""
    if connection.disconnected_at is not None:
        return
    service.shops.forget(connection.number)
    problem: str | None = None
    client = None
    try:
        client = await service.shops.client(connection, insists=True)
        await client.check()
    except ConfigProblem as error:
        problem = str(error)
    granted = client.scopes_seen if isinstance(client, ShopifyClient) else None

    async def noted(session: Session) -> None:
        await set_problem(session, connection.number, problem, utc_now())
        if granted is not None:
            await note_scopes(session, connection.number, granted)

    await atomic(service.database, noted)
    if problem is None:
        service.wake.set()


@dataclass(frozen=True, slots=True)
class _Heeded:
    word: AppWord
    said: str

    async def __call__(self, session: Session) -> None:
        place = (self.word.shard, self.word.id)
        await mark_deliveries(session, [(*place, DeliveryState.IGNORED, self.said)])
        await strip_bodies(session, [place])


async def redact(service: Service, connection: Connection) -> str | None:
    """Nothing is kept of a shop that left for good (invariant 9). One that is back keeps everything, and one that is
    found gone only now keeps it for a day: what it refuses may be a wrong secret, and its merchant sees that it left.
    None: it waits.
    """
    if await is_installed(service, connection):
        return INSTALLED_AGAIN
    left = connection.disconnected_at
    if left is None:
        await leave(service, connection)
    if left is None or service.pipeline.now() - left < GONE_FOR:
        return None
    await empty_shop(service.pipeline, connection)
    service.targets.forget()
    return EMPTIED
