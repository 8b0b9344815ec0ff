"""Commands about Shopify apps: what they are, and their secrets."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from connector import clock
from connector.addresses import check_url
from connector.commands.params import Params, Result
from connector.commands.programme import document_of
from connector.errors import ConfigProblem, Permanent
from connector.running.service import Service
from connector.shopify.graphql import API_VERSION
from connector.storage.atomic import atomic
from connector.storage.connections import WEBHOOK, add_secret, load_connections, retire_secrets
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from connector.storage.shopify_apps import SECRETS_KEPT, ShopifyApp, load_app, load_installations, save_app
from loyalty_engine.programme import canonical_json

_CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
SECRET_CHARACTERS_MAX = 500


async def add_app(service: Service, params: Params) -> Result:
    """An app; or, of one that is there, another programme for its next shops: those that joined keep theirs.

    params: client_id, client_secret? (needed for a new one), programme? (which its shops join), document? (of the
    programme that each new shop gets instead), admin_url? (of a simulated shop on this machine).
    """
    client_id = str(params["client_id"]).strip()
    if not _CLIENT_ID.fullmatch(client_id):
        raise ConfigProblem("The client id has characters that no client id has; paste it again.")
    given = _secret(params["client_secret"]) if params.get("client_secret") else ""
    number = None if params.get("programme") is None else int(params["programme"])
    document = None if number is not None else canonical_json(dict(document_of(params["document"])))
    admin_url = str(params.get("admin_url") or "").rstrip("/")
    if admin_url:
        check_url(admin_url, allow_private_hosts=service.settings.allow_private_hosts)
    now = clock.utc_now()

    async def body(session: Session) -> ShopifyApp:
        known = await load_app(session, service.keys, client_id)
        if known is None and not given:
            raise ConfigProblem("The client secret is empty.")
        if number is not None and number not in await load_programmes(session):
            raise Permanent(f"There is no programme {number}.")
        secrets = known.secrets if known is not None else (given,)
        app = ShopifyApp(client_id, secrets, number, document, API_VERSION, admin_url)
        if known is not None and given:
            app = await _turn(service, session, app, given, now)
        await save_app(session, service.keys, app, now)
        return app

    app = await atomic(service.database, body)
    await _forget(service, app)
    return await _told(service, app)


async def rotate_app(service: Service, params: Params) -> Result:
    """A new client secret; the one before counts beside it. params: client_id, client_secret."""
    given, now = _secret(params["client_secret"]), clock.utc_now()

    async def body(session: Session) -> ShopifyApp:
        app = await _turn(service, session, await _known(service, session, params), given, now)
        await save_app(session, service.keys, app, now)
        return app

    app = await atomic(service.database, body)
    await _forget(service, app)
    return await _told(service, app)


async def _forget(service: Service, app: ShopifyApp) -> None:
    service.targets.forget()
    for each in await load_installations(service.database.reading(), app.client_id):
        service.shops.forget(each.connection_number)


async def _turn(service: Service, session: Session, app: ShopifyApp, given: str, now: datetime) -> ShopifyApp:
    """The new secret goes to every shop of the app, too."""
    if given == app.secrets[0]:
        return app
    connections = await load_connections(session)
    for each in await load_installations(session, app.client_id):
        connection = connections[each.connection_number]
        if each.is_ended or connection.disconnected_at is not None:
            continue
        for kind, kept in (("client_secret", 1), (WEBHOOK, SECRETS_KEPT)):
            await add_secret(session, service.keys, connection, kind, given, now)
            await retire_secrets(session, connection.number, kind, kept, now)
    return replace(app, secrets=(given, app.secrets[0]))


async def show_app(service: Service, params: Params) -> Result:
    """What is known of an app, without its secrets. params: client_id."""
    return await _told(service, await _known(service, service.database.reading(), params))


async def _known(service: Service, session: Session, params: Params) -> ShopifyApp:
    found = await load_app(session, service.keys, str(params["client_id"]))
    if found is None:
        raise Permanent(f"There is no Shopify app {params['client_id']} here: belong shopify-app add.")
    return found


async def _told(service: Service, app: ShopifyApp) -> dict[str, Any]:
    session = service.database.reading()
    connections = await load_connections(session)
    shops = [
        {"shop": connections[each.connection_number].shop, "scopes": each.scopes, "left": each.is_ended}
        for each in await load_installations(session, app.client_id)
        if each.connection_number in connections
    ]
    return {
        "client_id": app.client_id,
        "secrets": len(app.secrets),
        "programme": app.programme_number,
        "api_version": app.api_version,
        "public_url": service.settings.public_url,
        "shops": shops,
    }


def _secret(given: Any) -> str:
    secret = str(given).strip()
    if not secret or len(secret) > SECRET_CHARACTERS_MAX or not (secret.isascii() and secret.isprintable()):
        raise ConfigProblem("The client secret has characters that no such secret has; paste it again.")
    return secret


SHOPIFY_APP_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "add-shopify-app": add_app,
    "rotate-shopify-app": rotate_app,
    "show-shopify-app": show_app,
}
