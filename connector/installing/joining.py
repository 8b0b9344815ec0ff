"""A shop joins by the app: its connection is made, or comes back, with tokens that expire (ADR 31).

Taken again it changes nothing but the tokens: of one app and shop there is one session, and the newest counts.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tortoise.exceptions import IntegrityError

from connector.errors import ConfigProblem, ConnectorError, Permanent
from connector.people.actors import Actor
from connector.platforms import Connection
from connector.programmes.files import fitted
from connector.running.service import Service
from connector.shopify.exchange import Exchange, Joined
from connector.shopify.terms import read_terms
from connector.shops import digest_of
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.connections import (
    WEBHOOK,
    add_secret,
    blocked_connections,
    create_connection,
    find_connection,
    load_credentials,
    note_programme_told,
    retire_secrets,
    revive_connection,
    set_problem,
)
from connector.storage.programmes import create_programme, load_programmes, pause
from connector.storage.push import release_wishes, wish_all
from connector.storage.removals import release_removals
from connector.storage.session import Session
from connector.storage.shop_tokens import claim_asking, give_back, store_token
from connector.storage.shopify_apps import SECRETS_KEPT, ShopifyApp, load_installations, save_installation
from loyalty_engine.programme import read_document
from loyalty_engine.programme.resolve import ShopFacts

log = logging.getLogger(__name__)

PLATFORM = "shopify"
APP = Actor("shop", "shopify", "shop")
"""What a shop did by opening the app."""
UNTIL_LIVE = "until the merchant goes live"
"""Why the programme of a new shop is paused."""


@dataclass(frozen=True, slots=True)
class _Joining:
    """One transaction: the connection is there, with its secrets and its token. document: of a new programme."""

    service: Service
    app: ShopifyApp
    shop: str
    joined: Joined = field(repr=False)
    document: Mapping[str, Any] | None
    now: datetime

    async def __call__(self, session: Session) -> Connection:
        known = await find_connection(session, PLATFORM, self.shop)
        connection = await (self._come(session) if known is None else self._come_back(session, known))
        await self._secrets(session, connection)
        await save_installation(session, connection.number, self.app.client_id, self.joined.scopes, self.now)
        if known is None or known.disconnected_at is not None:
            details = {"connection": connection.public_id, "app": self.app.client_id}
            deed = ProgrammeDeed(connection.programme_number, Act.STORE_PAIR, APP, self.now, details)
            await note_programme_deeds(session, [deed])
        return connection

    async def _come(self, session: Session) -> Connection:
        number = self.app.programme_number
        if number is None:
            if self.document is None:
                raise Permanent("This app says no programme for new shops: belong shopify-app set.")
            number = await create_programme(session, self.document, self.now, self.now)
            await pause(session, number, self.now, APP.name, UNTIL_LIVE)
        if number not in await load_programmes(session):
            raise ConfigProblem(f"There is no programme {number} any more for the shops of this app.")
        api_url = self.app.api_url(self.shop)
        return await create_connection(session, number, PLATFORM, self.shop, api_url, {}, self.now)

    async def _come_back(self, session: Session, known: Connection) -> Connection:
        """Its members are there; what it shows may have gone with the app."""
        revived = known
        if known.disconnected_at is not None:
            revived = await revive_connection(session, known, self.app.api_url(self.shop), known.settings)
            await wish_all(session, known.number, self.now)
            await note_programme_told(session, known.number, "")
        await set_problem(session, known.number, None, self.now)
        await release_wishes(session, known.number, self.now)
        await release_removals(session, known.number, self.now)
        return revived

    async def _secrets(self, session: Session, connection: Connection) -> None:
        """The token lies beside them from the beginning, so that the one who asks next need not."""
        keys, number = self.service.keys, connection.number
        newest = self.app.secrets[0]
        told = {"client_id": self.app.client_id, "client_secret": newest, "refresh_token": self.joined.refresh}
        for kind, value in told.items():
            await add_secret(session, keys, connection, kind, value, self.now)
            await retire_secrets(session, number, kind, 1, self.now)
        await retire_secrets(session, number, "access_token", 0, self.now)
        await retire_secrets(session, number, WEBHOOK, 0, self.now)
        for secret in reversed(self.app.secrets[:SECRETS_KEPT]):
            await add_secret(session, keys, connection, WEBHOOK, secret, self.now)
        turn = await claim_asking(session, number, self.now)
        if turn:
            api = (await load_credentials(session, keys, connection)).api
            await store_token(session, keys, number, digest_of(api), self.joined.shared, turn)
            await give_back(session, number, turn)


async def is_needed(session: Session, app: ShopifyApp, known: Connection | None) -> bool:
    """Whether a shop must give tokens: it has none, or those that it gave do not work any more."""
    if known is None or known.disconnected_at is not None or known.number in await blocked_connections(session):
        return True
    mine = [each for each in await load_installations(session, app.client_id) if not each.is_ended]
    return known.number not in {each.connection_number for each in mine}


def exchange_of(service: Service, app: ShopifyApp, shop: str) -> Exchange:
    """To ask a shop in the name of an app."""
    return Exchange(service.shops.api, app.api_url(shop), app.client_id, app.secrets[0])


async def join(service: Service, app: ShopifyApp, shop: str, joined: Joined, now: datetime) -> Connection:
    """The shop's connection with these tokens. Raises ConfigProblem, Permanent or Transient; then nothing is kept."""
    known = await find_connection(service.database.reading(), PLATFORM, shop)
    document = None
    if known is None and app.programme_number is None and app.document is not None:
        document = await _document(service, app, shop, joined)
    joining = _Joining(service, app, shop, joined, document, now)
    try:
        connection = await atomic(service.database, joining)
    except IntegrityError:
        # Somebody connected the shop between our look and our commit; now there is one to renew.
        connection = await atomic(service.database, joining)
    service.targets.forget()
    service.shops.forget(connection.number)
    service.wake.set()
    await _have_webhooks(service, connection)
    return connection


async def _document(service: Service, app: ShopifyApp, shop: str, joined: Joined) -> Mapping[str, Any]:
    """The app's document with the shop's own zone and currency."""
    terms = await read_terms(service.shops.api, shop, app.api_url(shop), joined.token)
    document = read_document(app.document or "{}", "json")
    return fitted(document, ShopFacts(terms.iana_timezone, terms.currency_code)).document


async def _have_webhooks(service: Service, connection: Connection) -> None:
    """They are watched and put back by a job too, so a shop that does not answer now is no reason to end here."""
    address = f"{service.settings.public_url}/hooks/{PLATFORM}/{connection.public_id}"
    try:
        client = await service.shops.client(connection, insists=True)
        await client.ensure_webhooks(address)
    except ConnectorError as error:
        log.error("webhooks could not be made", extra={"connection": connection.number, "why": error.detail})
