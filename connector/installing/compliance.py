"""The three requests that Shopify makes for people's data and a shop's: kept at once, answered by a job.

The shop is what the signed body says. What is kept of a body is its shop, the shop's number of the person, the numbers
of the orders and a keyed hash of the address: guests may have no number.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from connector.access.shopify_tokens import shop_name
from connector.access.signatures import check_signature
from connector.crypto import Keys
from connector.data.erasure import export_person
from connector.data.guest_erasing import erase_guest, told_of_guest
from connector.data.shop_erasing import erase_customer
from connector.errors import BadSignature, ConnectorError, Unreadable
from connector.ingest.payload import canonical_id
from connector.installing import leaving
from connector.installing.joining import PLATFORM
from connector.people.actors import SHOP
from connector.platforms import Connection
from connector.running.service import Service
from connector.storage.atomic import atomic, is_outage
from connector.storage.connections import find_connection, load_connections, load_credentials
from connector.storage.facts import Customer, load_identities
from connector.storage.session import Session
from connector.storage.shop_privacy import PrivacyRequest, end_request, forget_named, keep_request, open_requests
from connector.storage.shopify_apps import ShopifyApp, load_apps, load_installations
from connector.storage.unowned import Named
from loyalty_engine.errors import Refused

log = logging.getLogger(__name__)

DATA_REQUEST = "customers/data_request"
REDACT = "customers/redact"
SHOP_REDACT = "shop/redact"
TOPICS = (DATA_REQUEST, REDACT, SHOP_REDACT)
READY, ERASED, EMPTIED = "ready", "erased", "emptied"
UNKNOWN = "unknown"
"""Nothing is kept of the person, or of the shop."""


class _Customer(msgspec.Struct):
    id: int | str | None = None
    email: str | None = None


class _Asked(msgspec.Struct):
    id: int | str | None = None


class _Body(msgspec.Struct):
    shop_domain: str
    customer: _Customer | None = None
    data_request: _Asked | None = None
    orders_requested: list[int | str] | None = None
    orders_to_redact: list[int | str] | None = None

    def is_about(self, topic: str) -> bool:
        """Whether it is a body of this topic: the header that names the topic is not signed, and one request sent again
        under another name would erase whoever asked for their data.
        """
        if self.data_request is not None:
            return topic == DATA_REQUEST
        return topic == (SHOP_REDACT if self.customer is None and not self.orders_to_redact else REDACT)

    def named(self, keys: Keys, connection: Connection | None) -> Named:
        """Who is meant."""
        own = self.customer.id if self.customer else None
        address = (self.customer.email or "").strip() if self.customer else ""
        asked = [*(self.orders_requested or ()), *(self.orders_to_redact or ())]
        orders = {number for one in asked if (number := canonical_id(one)) is not None}
        return Named(
            None if own is None else canonical_id(own),
            keys.hash_address(connection.programme_number, address) if connection and address else None,
            tuple(sorted(orders)),
        )


async def signed_by(service: Service, signatures: Sequence[bytes], raw: bytes) -> ShopifyApp:
    """The app whose secret signed a body. Raises BadSignature."""
    apps = await load_apps(service.database.reading(), service.keys)
    refusal = BadSignature("No Shopify app is known here.", reason="no-secret")
    found: ShopifyApp | None = None
    for app in apps.values():
        try:
            check_signature(signatures, raw, app.keys)
        except BadSignature as error:
            refusal = error
        else:
            found = app
    if found is None:
        raise refusal
    return found


async def take(service: Service, app: ShopifyApp, topic: str, raw: bytes, now: datetime) -> bool:
    """Keep what was asked; whether it is new. Raises Unreadable. The same request is the same row."""
    try:
        body = msgspec.json.decode(raw, type=_Body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable("The body is no such request.") from error
    shop = shop_name(body.shop_domain)
    if topic not in TOPICS or shop is None or not body.is_about(topic):
        raise Unreadable("The body is no such request.")
    connection = await _shop_of(service, app, shop)
    named = body.named(service.keys, connection)
    whom = named.customer_ref or named.address_hash or ",".join(named.orders)
    number = body.data_request.id if body.data_request else None
    # Shopify numbers what people ask; what it asks itself is the same for as long as it is open.
    name = f"{number}" if number is not None else await _nth(service, topic, shop, whom)
    request_id = hashlib.sha256("\n".join([app.client_id, topic, shop, whom, name]).encode()).hexdigest()
    request = PrivacyRequest(
        request_id,
        topic,
        shop,
        connection.number if connection else None,
        connection.programme_number if connection else None,
        named,
        now,
    )
    return await atomic(service.database, lambda session: keep_request(session, request))


async def _shop_of(service: Service, app: ShopifyApp, shop: str) -> Connection | None:
    """The shop that has this app, or had it. Each merchant knows their own app's secret, and may sign what they like
    about another's shop: that one is nobody to them.
    """
    connection = await find_connection(service.database.reading(), PLATFORM, shop)
    if connection is None:
        return None
    installed = await load_installations(service.database.reading(), app.client_id)
    if any(one.connection_number == connection.number for one in installed):
        return connection
    credentials = await load_credentials(service.database.reading(), service.keys, connection)
    if credentials.api.get("client_id") == app.client_id:
        return connection
    log.warning("a request about a shop that does not have the app that signed it", extra={"shop": shop})
    return None


async def _nth(service: Service, topic: str, shop: str, whom: str) -> str:
    """How many such requests were done before: a later one is another."""
    ended = await service.database.reading().number(
        "SELECT count(*) FROM shop_privacy WHERE topic = $1 AND shop_text = $2 AND ended_at_us IS NOT NULL", topic, shop
    )
    return f"{whom} after {ended}" if whom else f"after {ended}"


async def answer_all(service: Service) -> int:
    """Do what was asked. Returns how many were done; each can be taken again, and one that fails stands alone."""
    connections = await load_connections(service.database.reading())
    count = 0
    for request in await open_requests(service.database.reading()):
        connection = connections.get(request.connection_number or 0)
        try:
            done = await _answer(service, request, connection)
        except ConnectorError as error:
            log.error("a request for data waits", extra={"topic": request.topic, "why": error.detail or str(error)})
            continue
        except Exception as error:
            if is_outage(error):
                raise
            log.exception("a request for data waits", extra={"topic": request.topic})
            continue
        if done is not None:
            await atomic(service.database, _Ended(request.request_id, done, service.pipeline.now()))
            count += 1
    return count


class _Ended:
    """One transaction: it is answered."""

    def __init__(self, request_id: str, done: str, now: datetime) -> None:
        self._how = (request_id, done, now)

    async def __call__(self, session: Session) -> None:
        await end_request(session, *self._how)


async def _answer(service: Service, request: PrivacyRequest, connection: Connection | None) -> str | None:
    """How it ended; None: it waits."""
    if connection is None:
        return UNKNOWN
    if request.topic == SHOP_REDACT:
        return await leaving.redact(service, connection)
    named = request.named
    if named.is_nobody:
        return UNKNOWN
    if request.topic == DATA_REQUEST:
        return READY if await exported(service, request) is not None else UNKNOWN
    # Before, a member's tombstone is laid; whoever is none gets one with what they ordered.
    member_id = await _member_of(service, connection, named)
    if member_id is not None and named.customer_ref is not None:
        await erase_customer(service.pipeline, connection, named.customer_ref)
    await erase_guest(service.pipeline, connection, named)
    if member_id is None and named.customer_ref is not None:
        await erase_customer(service.pipeline, connection, named.customer_ref)
    await atomic(service.database, lambda session: forget_named(session, connection.number, named))
    return ERASED


async def exported(service: Service, request: PrivacyRequest) -> dict[str, Any] | None:
    """Everything about the person who asked, made anew each time, so that nothing of it lies anywhere; None: nothing is
    kept of them. Of a member it is noted, and among it; of anybody else the request itself says so.
    """
    connections = await load_connections(service.database.reading())
    connection = connections.get(request.connection_number or 0)
    if connection is None or request.named.is_nobody:
        return None
    as_guest = await told_of_guest(service.pipeline, connection, request.named)
    member = await _member(service, connection, request.named)
    if member is None and not as_guest:
        return None
    nobody = {"exported_at": service.pipeline.now().isoformat(), "programme": connection.programme_number}
    return {**(member or nobody), "without_membership": as_guest}


async def _member(service: Service, connection: Connection, named: Named) -> dict[str, Any] | None:
    member_id = await _member_of(service, connection, named)
    if member_id is None:
        return None
    try:
        return await export_person(
            service.pipeline, connection.programme_number, member_id, SHOP, "the shop asked for a person's data"
        )
    except Refused:
        return None


async def _member_of(service: Service, connection: Connection, named: Named) -> str | None:
    if named.customer_ref is None:
        return None
    customer = Customer(connection.programme_number, connection.number, named.customer_ref)
    found = await load_identities(service.database.reading(), [customer])
    return found.get((connection.number, named.customer_ref))
