"""Who opens the console out of Shopify's admin: proven by a session token, for one request (ADR 31).

Shopify says once, when the app is opened, whether somebody owns the shop's account; that is kept for hours. Whoever it
says nothing of is a manager: without the right to the app Shopify lets nobody open it.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime

from connector.access.console import SESSION_LIVES, ConsoleScope, Role, Visitor, form_token_of
from connector.access.shopify_tokens import SessionToken, claimed, read_session_token
from connector.errors import BadSignature, ConnectorError
from connector.installing.joining import PLATFORM, exchange_of
from connector.platforms import Connection
from connector.running.service import Service
from connector.storage.atomic import atomic
from connector.storage.connections import find_connection
from connector.storage.shopify_apps import ShopifyApp, load_app, load_installations, load_staff, save_staff

log = logging.getLogger(__name__)

ADMIN = "https://admin.shopify.com"
NAME_CHARACTERS_MAX = 100


@dataclass(frozen=True, slots=True)
class Proven:
    """A session token of one of a shop's staff, and the app that it is for."""

    app: ShopifyApp
    token: SessionToken


async def prove(service: Service, text: str, now: datetime) -> Proven:
    """Raises BadSignature: of ``read_session_token``, unknown-app, or not-staff."""
    said = claimed(text)
    app = await load_app(service.database.reading(), service.keys, said.client_id) if said else None
    if app is None:
        raise BadSignature("The session token is for no app that is known here.", reason="unknown-app")
    token = read_session_token(text, app.client_id, app.keys, now)
    if not token.user:
        raise BadSignature("The session token is for nobody of the shop's staff.", reason="not-staff")
    return Proven(app, token)


async def note_staff(service: Service, proven: Proven, connection: Connection, text: str, now: datetime) -> None:
    """Ask Shopify who it is. Without an answer they are a manager for now."""
    try:
        user = await exchange_of(service, proven.app, proven.token.shop).user(text)
    except ConnectorError as error:
        log.warning("who opens the console was not told", extra={"connection": connection.number, "why": error.detail})
        return
    if str(user.id) != proven.token.user:
        log.error("Shopify told of somebody else", extra={"connection": connection.number})
        return
    name = f"{user.first_name} {user.last_name}".strip()[:NAME_CHARACTERS_MAX]
    role = Role.OWNER if user.account_owner else Role.MANAGER
    person, ends = proven.token.user, now + SESSION_LIVES
    await atomic(service.database, lambda session: save_staff(session, connection.number, person, name, role, ends))


async def scope_of(service: Service, text: str, language: str, now: datetime) -> ConsoleScope:
    """Who asks for a page of the console. Raises BadSignature, also for a shop that has not joined, or has left."""
    proven = await prove(service, text, now)
    app, token = proven.app, proven.token
    session = service.database.reading()
    connection = await find_connection(session, PLATFORM, token.shop)
    installed = {
        each.connection_number for each in await load_installations(session, app.client_id) if not each.is_ended
    }
    if connection is None or connection.disconnected_at is not None or connection.number not in installed:
        raise BadSignature("This shop has not joined with this app.", reason="not-installed")
    known = await load_staff(session, connection.number, token.user, now)
    name, role = known or (token.shop.partition(".")[0], Role.MANAGER)
    visitor = Visitor(
        connection.programme_number,
        connection.number,
        f"shopify:{token.user}",
        name or token.shop.partition(".")[0],
        role,
        language,
        origins_of(token.shop),
    )
    # Known to nobody but us and the one whose session it is; the same for as long as they stay in the admin.
    secret = "\n".join([app.secrets[0], token.shop, token.user, token.session])
    digest = hashlib.sha256(f"{token.shop}:{token.user}".encode()).digest()
    return ConsoleScope(visitor, digest, form_token_of(secret), app.client_id)


def origins_of(shop: str) -> str:
    """Who may frame the console of a shop."""
    return f"https://{shop} {ADMIN}"
