"""Who asks, proven before anything else of a request is believed: keys, tokens, signatures of shops; and their pace."""

from __future__ import annotations

import logging
from datetime import datetime

from starlette.requests import Request

from connector import clock
from connector.access.auth import ProgrammeScope, authenticate, note_key_used
from connector.access.rates import Rates, neighbourhood
from connector.access.shopify_visits import RETRY, ShopVisit, StaffScope, staff_of, visit_of_extension, visit_of_page
from connector.access.shopper_tokens import ShopperScope, read_token
from connector.access.signed_requests import SIGNATURE, signed_scope
from connector.access.store_calls import CONNECTION, CallHead, StoreCaller, StoreScope, read_head, scope_of
from connector.crypto import api_key_digest
from connector.errors import BadSignature
from connector.ingest.hook_targets import HookTarget
from connector.routes.access import (
    MAX_BODY_BYTES,
    Access,
    Anyone,
    NeedsKey,
    NeedsPairing,
    NeedsShopify,
    NeedsShopifyExtension,
    NeedsShopifyPage,
    NeedsShopper,
    NeedsStore,
)
from connector.routes.errors import Problem
from connector.running.service import Service
from connector.storage.atomic import atomic, is_outage
from connector.storage.connections import retire_earlier
from connector.storage.session import Session
from connector.storage.store_calls import is_disconnected, take_call

log = logging.getLogger(__name__)

Scope = ProgrammeScope | ShopperScope | StoreCaller | None
"""What a proof allows; None where none is needed."""
NOT_CONNECTED = "not-connected"


async def proven(service: Service, access: Access, request: Request) -> tuple[Scope, bytes | None]:
    """Who asks, and the body where it had to be read for that.

    Raises Problem or BadSignature, or Problem 429 where one address has failed to prove itself too often.
    """
    try:
        if isinstance(access, NeedsStore):
            return await _of_store(service, access, request)
        if isinstance(access, NeedsShopify):
            return await _of_shopify(service, access, request), None
        if isinstance(access, NeedsKey) and access.or_signed and _is_signed(request):
            raw = await raw_of(request)
            return await _signed(service, request, raw), raw
        return await _scope(service, access, request), None
    except (Problem, BadSignature) as error:
        if isinstance(error, BadSignature) or error.status == 401 or error.more.get("code") == NOT_CONNECTED:
            count_unproven(service.rates, request)
        raise


def count_unproven(rates: Rates, request: Request) -> None:
    """One more who could not prove who they are. Raises Problem 429 once an address has done so too often."""
    seconds = rates.unproven.take(neighbourhood(client_of(request)))
    if seconds:
        raise too_fast(seconds)


def count_anyone(rates: Rates, request: Request) -> None:
    """One more who need not prove anything. Raises Problem 429 once an address asks too often."""
    seconds = rates.anyone.take(neighbourhood(client_of(request)))
    if seconds:
        raise too_fast(seconds)


def client_of(request: Request) -> tuple[str, int] | None:
    """From where they ask: what a trusted proxy says, else the connection's other end."""
    return (request.client.host, request.client.port) if request.client else None


def keep_password_pace(rates: Rates, request: Request) -> None:
    """Raises Problem 429 where passwords come too often from one address, before any is looked at."""
    if seconds := rates.sign_ins.take(neighbourhood(client_of(request))):
        raise too_fast(seconds)


def too_fast(seconds: int) -> Problem:
    """The answer to somebody who asks too often."""
    words = "Too many requests. Nothing has happened; try again later."
    return Problem(429, "Too fast", words, {"Retry-After": str(seconds)})


async def keep_pace(service: Service, request: Request, scope: Scope) -> None:
    """Raises Problem 429 where somebody asks too often, and 409 where a signed call was made before."""
    rates = service.rates
    if isinstance(scope, ProgrammeScope):
        seconds = rates.keys.take(scope.prefix or scope.name)
    elif isinstance(scope, ShopperScope):
        seconds = rates.shoppers.take(scope.member_id)
    elif isinstance(scope, ShopVisit | StaffScope):
        # Of one shop there are many: each of them has a pace of their own, and its guests one address after another.
        who = scope.customer if isinstance(scope, ShopVisit) else f"staff {scope.user}"
        seconds = rates.shoppers.take(f"{scope.mints.name} {who or neighbourhood(client_of(request))}")
    elif isinstance(scope, StoreCaller):
        seconds = rates.keys.take(scope.mints.name)
    else:
        count_anyone(rates, request)
        return
    if seconds:
        raise too_fast(seconds)
    if isinstance(scope, StoreScope):
        await _use_once(service, scope)
    elif isinstance(scope, ShopVisit) and scope.once:
        await _look_once(service, scope)


def must_be_allowed(access: Access, scope: Scope) -> None:
    """Raises Problem 403 where somebody proven asks for what was not granted to them."""
    if not isinstance(access, NeedsKey | NeedsShopper) or not isinstance(scope, ProgrammeScope | ShopperScope):
        return
    if access.scope not in scope.scopes:
        what = "API key" if isinstance(access, NeedsKey) else "shopper token"
        raise Problem(403, "Not allowed", f"This {what} lacks the scope {access.scope}.")


async def raw_of(request: Request, bytes_max: int = MAX_BODY_BYTES) -> bytes:
    """The whole body. Raises Problem where it is no JSON, or too much of it."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(415, "Unsupported", "Send JSON, and say so: Content-Type: application/json.")
    raw = bytearray()
    async for part in request.stream():
        raw += part
        if len(raw) > bytes_max:
            raise Problem(413, "Too large", f"A request may have {bytes_max} bytes.")
    return bytes(raw)


def _is_signed(request: Request) -> bool:
    return SIGNATURE in request.headers and "authorization" not in request.headers


async def _signed(service: Service, request: Request, raw: bytes) -> ProgrammeScope:
    scope = await signed_scope(service.targets, request.headers, raw, clock.utc_now())
    if scope is None:
        raise Problem(401, "Not signed in", "belong-connection names no store that is connected.")
    return scope


async def _of_store(service: Service, access: NeedsStore, request: Request) -> tuple[StoreScope, bytes]:
    """The body is read only where the headers could be right."""
    try:
        named = request.headers.get(CONNECTION, "")
        if not named or SIGNATURE not in request.headers:
            raise BadSignature("Sign the call, and name the store in belong-connection.", reason="missing-signature")
        head = read_head(request.headers, access.purpose, clock.utc_now())
        target = await service.targets.find(named)
        if target is None or target.connection.disconnected_at is not None:
            target = _must_be_connected(await _looked_up(service, request, named))
        raw = await raw_of(request, access.body_bytes_max)
        return await _checked(service, request, target, head, raw), raw
    except BadSignature as error:
        raise Problem(401, "Not proven", str(error), more={"code": error.reason}) from error


async def _checked(service: Service, request: Request, target: HookTarget, head: CallHead, raw: bytes) -> StoreScope:
    try:
        return scope_of(target, head, raw)
    except BadSignature:
        # It may have been paired anew a moment ago, in another process.
        newest = _must_be_connected(await _looked_up(service, request, target.connection.public_id))
        return scope_of(newest, head, raw)


async def _looked_up(service: Service, request: Request, named: str) -> HookTarget | None:
    """Raises Problem 429 before the database is asked for somebody who has guessed too often."""
    if service.rates.unproven.is_full(neighbourhood(client_of(request))):
        count_unproven(service.rates, request)
    return await service.targets.look_up(named)


def _must_be_connected(target: HookTarget | None) -> HookTarget:
    if target is None:
        raise not_connected(404)
    if target.connection.disconnected_at is not None:
        raise not_connected(410)
    return target


def not_connected(status: int) -> Problem:
    """404: there is no such store; 410: there was one."""
    words = "This store is not connected" + (" any more." if status == 410 else ".")
    return Problem(status, "Not connected", words, more={"code": NOT_CONNECTED})


async def _use_once(service: Service, scope: StoreScope) -> None:
    number = scope.connection.number

    async def body(session: Session) -> tuple[bool, bool]:
        # This process may not have heard yet that the store went.
        if await is_disconnected(session, number):
            raise not_connected(410)
        now = clock.utc_now()
        is_new = await take_call(session, number, scope.call_id, now)
        if not is_new or scope.knows is None:
            return is_new, False
        return is_new, await retire_earlier(session, service.keys, number, scope.knows, now)

    is_new, has_ended = await atomic(service.database, body)
    if has_ended:
        service.targets.forget()
        service.shops.forget(number)
    if not is_new:
        words = "A call with this webhook-id was taken before. Nothing has happened now."
        raise Problem(409, "Replayed", words, more={"code": "replayed"})


async def _of_shopify(service: Service, access: NeedsShopify, request: Request) -> StoreCaller:
    """Raises Problem 401, of which App Bridge learns that another token may do."""
    given, now = request.headers.get("authorization", ""), clock.utc_now()
    try:
        if isinstance(access, NeedsShopifyPage):
            return await visit_of_page(service.targets, request.url.query, now)
        if isinstance(access, NeedsShopifyExtension):
            return await visit_of_extension(service.targets, given, now)
        return await staff_of(service.targets, given, now)
    except BadSignature as error:
        raise Problem(401, "Not proven", str(error), RETRY, more={"code": error.reason}) from error


async def _look_once(service: Service, scope: ShopVisit) -> None:
    """Raises Problem 409 where this address was asked for before: whoever reads it in a log gets nothing by it."""
    number, now = scope.connection.number, clock.utc_now()
    if not await atomic(service.database, lambda session: take_call(session, number, scope.once, now)):
        raise Problem(409, "Replayed", "This address was used before. Ask the shop again.", more={"code": "replayed"})


async def _scope(service: Service, access: Access, request: Request) -> Scope:
    """Who asks with a key or a token. Raises Problem 401."""
    if isinstance(access, Anyone | NeedsPairing):
        return None
    given = request.headers.get("authorization", "")
    now = clock.utc_now()
    scope: Scope
    if isinstance(access, NeedsKey):
        scope, what = await _of_key(service, request, given, now), "API key"
    else:
        scope, what = read_token(service.keys, given, now), "shopper token"
    if scope is None:
        raise Problem(401, "Not signed in", f"Send a valid {what} as a bearer token.", {"WWW-Authenticate": "Bearer"})
    return scope


async def _of_key(service: Service, request: Request, given: str, now: datetime) -> ProgrammeScope | None:
    """Raises Problem 429 before the database is asked, unless this very key was right lately."""
    rates, digest = service.rates, api_key_digest(given)
    if digest not in rates.proven and rates.unproven.is_full(neighbourhood(client_of(request))):
        count_unproven(rates, request)
    scope = await authenticate(service.database.reading(), given, now)
    if scope is None:
        # It was right once: whoever still asks with it is counted with those who guess.
        rates.proven.pop(digest, None)
    elif rates.was_right(digest):
        await _note_used(service, scope.prefix, now)
    return scope


async def _note_used(service: Service, prefix: str, now: datetime) -> None:
    """Nobody is refused because it cannot be written down."""
    try:
        await atomic(service.database, lambda session: note_key_used(session, prefix, now))
    except Exception as error:
        if not is_outage(error):
            raise
        log.warning("the use of a key could not be noted", extra={"prefix": prefix})
