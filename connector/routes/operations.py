"""Operations of the JSON API: one declaration each, from which come the route, its checks, and its place in OpenAPI.

A handler gets a ``Call`` with everything checked: who asks (``scope``), ``query`` and ``body`` as typed structs. It
returns a struct. Nothing can be declared without saying who has access.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector import clock
from connector.access.auth import ProgrammeScope, authenticate, note_key_used
from connector.access.cors import allowed_headers, allowed_origin
from connector.access.rates import Rates, neighbourhood
from connector.access.shopper_tokens import ShopperScope, read_token
from connector.access.signed_requests import SIGNATURE, signed_scope
from connector.crypto import api_key_digest
from connector.errors import BadSignature
from connector.routes.errors import Problem
from connector.running.service import Service
from connector.storage.atomic import atomic, consistent_read, is_outage
from connector.storage.session import Session

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 512 * 1024
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class NeedsKey:
    """An API key with this scope. or_signed: or the signature of a store (``signed_requests``)."""

    scope: str
    or_signed: bool = False


@dataclass(frozen=True, slots=True)
class NeedsShopper:
    """A shopper's token with this scope; browsers of the token's own store may call it."""

    scope: str


@dataclass(frozen=True, slots=True)
class Anyone:
    """No proof at all: only for what everybody may know."""


@dataclass(frozen=True, slots=True)
class NeedsDelivery:
    """The signature that a shop's platform puts on its deliveries."""


@dataclass(frozen=True, slots=True)
class NeedsMetricsToken:
    """BELONG_METRICS_TOKEN, or without one a caller on this machine."""


@dataclass(frozen=True, slots=True)
class NeedsOperator:
    """The token of this run, in a file that only the operator can read."""


@dataclass(frozen=True, slots=True)
class NeedsLink:
    """The secret part of a mailed address."""


Access = NeedsKey | NeedsShopper | Anyone
Policy = Access | NeedsDelivery | NeedsMetricsToken | NeedsOperator | NeedsLink
"""Who may ask for a route. Each has one, or nothing is served: see ``policies``."""


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """No parameters."""


@dataclass(slots=True)
class Call:
    """One checked request. session: for reading; what one answer shows agrees. raw: the body's bytes."""

    service: Service
    request: Request
    session: Session
    scope: Any
    query: Any
    body: Any
    raw: bytes = b""

    @property
    def key_scope(self) -> ProgrammeScope:
        """Of a call with an API key."""
        assert isinstance(self.scope, ProgrammeScope)
        return self.scope

    @property
    def shopper(self) -> ShopperScope:
        """Of a call with a shopper's token."""
        assert isinstance(self.scope, ShopperScope)
        return self.scope

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. answer: struct type of a good answer, sent with ``status``. query, body: struct types.

    acts: opens transactions of its own (it changes something, or reads consistently by itself), so none is put around
    it. is_read_by_handler: the body is only described by its type; the handler reads ``Call.raw`` and says of each part
    what is wrong with it. problems: statuses besides the usual ones, with the reason in words.
    """

    method: str
    path: str
    access: Access
    summary: str
    handle: Handler
    answer: Any
    query: type[msgspec.Struct] = Nothing
    body: Any = None
    status: int = 200
    acts: bool = False
    is_read_by_handler: bool = False
    tag: str = "members"
    problems: Mapping[int, str] = field(default_factory=dict)


def routes_of(service: Service, operations: Sequence[Operation]) -> list[Route]:
    """Starlette routes; for shoppers' operations also the answers to browsers that ask first."""
    routes = [Route(each.path, _endpoint(service, each), methods=[each.method]) for each in operations]
    asked = sorted({each.path for each in operations if isinstance(each.access, NeedsShopper)})
    return [*routes, *(Route(path, _preflight(service), methods=["OPTIONS"]) for path in asked)]


def _endpoint(service: Service, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        request.state.cors = await _before_the_token(service, operation, request)
        raw = await _raw(request) if _is_signed(operation, request) else None
        scope = await _proven(service, operation, request, raw)
        _keep_pace(service, operation, request, scope)
        _must_be_allowed(operation, scope)
        request.state.cors = {}
        request.state.cors = headers = await _cors(service, scope, request)
        query = _query(operation, request)
        if raw is None:
            raw = await _raw(request) if operation.body is not None else b""
        body = _body(operation, raw)

        async def answer(session: Session) -> Any:
            return await operation.handle(Call(service, request, session, scope, query, body, raw))

        if operation.acts:
            result = await answer(service.database.reading())
        else:
            result = await consistent_read(service.database, answer)
        response = result if isinstance(result, Response) else _json(result, operation.status)
        if not isinstance(operation.access, Anyone):
            response.headers.setdefault("Cache-Control", "private, no-store")
        for name, value in headers.items():
            if name == "Vary":
                response.headers.add_vary_header(value)
            else:
                response.headers[name] = value
        return response

    return endpoint


async def _proven(
    service: Service, operation: Operation, request: Request, raw: bytes | None
) -> ProgrammeScope | ShopperScope | None:
    """Who asks. Raises Problem 401, or 429 where one address has failed to prove itself too often."""
    try:
        return await _scope(service, operation, request) if raw is None else await _signed(service, request, raw)
    except (Problem, BadSignature) as error:
        if isinstance(error, BadSignature) or error.status == 401:
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


def too_fast(seconds: int) -> Problem:
    """The answer to somebody who asks too often."""
    words = "Too many requests. Nothing has happened; try again later."
    return Problem(429, "Too fast", words, {"Retry-After": str(seconds)})


def _keep_pace(
    service: Service, operation: Operation, request: Request, scope: ProgrammeScope | ShopperScope | None
) -> None:
    """Raises Problem 429 where somebody asks too often."""
    rates = service.rates
    if isinstance(scope, ProgrammeScope):
        seconds = rates.keys.take(scope.prefix or scope.name)
    elif isinstance(scope, ShopperScope):
        seconds = rates.shoppers.take(scope.member_id)
    else:
        count_anyone(rates, request)
        return
    if seconds:
        raise too_fast(seconds)


def _json(result: Any, status: int) -> Response:
    return Response(_ENCODER.encode(result), status, media_type="application/json")


def _is_signed(operation: Operation, request: Request) -> bool:
    may_be = isinstance(operation.access, NeedsKey) and operation.access.or_signed
    return may_be and SIGNATURE in request.headers and "authorization" not in request.headers


async def _signed(service: Service, request: Request, raw: bytes) -> ProgrammeScope | ShopperScope | None:
    scope = await signed_scope(service.targets, request.headers, raw, clock.utc_now())
    if scope is None:
        raise Problem(401, "Not signed in", "belong-connection names no store that is connected.")
    return scope


async def _scope(service: Service, operation: Operation, request: Request) -> ProgrammeScope | ShopperScope | None:
    """Who asks. Raises Problem 401."""
    access = operation.access
    if isinstance(access, Anyone):
        return None
    given = request.headers.get("authorization", "")
    now = clock.utc_now()
    scope: ProgrammeScope | ShopperScope | None
    if isinstance(access, NeedsKey):
        scope, what = await _of_key(service, request, given, now), "API key"
    else:
        scope, what = read_token(service.keys, given, now), "shopper token"
    if scope is None:
        raise Problem(401, "Not signed in", f"Send a valid {what} as a bearer token.", {"WWW-Authenticate": "Bearer"})
    return scope


def _must_be_allowed(operation: Operation, scope: ProgrammeScope | ShopperScope | None) -> None:
    """Raises Problem 403 where somebody proven asks for what was not granted to them."""
    access = operation.access
    if scope is not None and not isinstance(access, Anyone) and access.scope not in scope.scopes:
        what = "API key" if isinstance(access, NeedsKey) else "shopper token"
        raise Problem(403, "Not allowed", f"This {what} lacks the scope {access.scope}.")


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


async def _before_the_token(service: Service, operation: Operation, request: Request) -> dict[str, str]:
    """A page must be able to read that its token is over, which no token can say for which store."""
    origin = request.headers.get("origin")
    if origin is None or not isinstance(operation.access, NeedsShopper):
        return {}
    if service.rates.unproven.is_full(neighbourhood(client_of(request))):
        # Whoever guesses costs no look into the database; a shopper behind the same address goes without this courtesy.
        return {}
    is_known = await allowed_origin(service.database.reading(), origin, None)
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"} if is_known else {}


async def _cors(service: Service, scope: ProgrammeScope | ShopperScope | None, request: Request) -> dict[str, str]:
    origin = request.headers.get("origin")
    if origin is None or not isinstance(scope, ShopperScope):
        return {}
    if not await allowed_origin(service.database.reading(), origin, scope.connection_number):
        raise Problem(403, "Not allowed", "This token is not for pages of this address.")
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}


def _preflight(service: Service) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        count_anyone(service.rates, request)
        origin = request.headers.get("origin", "")
        if not await allowed_origin(service.database.reading(), origin, None):
            raise Problem(403, "Not allowed", "Pages of this address may not call us.")
        return Response(status_code=204, headers=allowed_headers(origin))

    return endpoint


def _query(operation: Operation, request: Request) -> Any:
    params = request.query_params
    repeated = {name for name in params if len(params.getlist(name)) > 1}
    if repeated:
        raise Problem(400, "Bad parameter", f"{sorted(repeated)[0]} may be given once.")
    try:
        found = msgspec.convert(dict(params), operation.query, strict=False)
    except msgspec.ValidationError as error:
        raise Problem(400, "Bad parameter", _in_words(error)) from error
    for name, text in params.items():
        # 1e2 would pass for a hundred.
        if type(getattr(found, name, None)) is int and not text.removeprefix("-").isdigit():
            raise Problem(400, "Bad parameter", f"{name}: expected a whole number.")
    return found


def _in_words(error: Exception) -> str:
    """``limit: expected `int` >= 1.``"""
    problem, _, place = str(error).partition(" - at `$")
    name = place.strip("`.")
    return f"{name}: {problem[:1].lower()}{problem[1:]}." if name else f"{problem}."


async def _raw(request: Request) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(415, "Unsupported", "Send JSON, and say so: Content-Type: application/json.")
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > MAX_BODY_BYTES:
            raise Problem(413, "Too large", f"A request may have {MAX_BODY_BYTES} bytes.")
    return raw


def _body(operation: Operation, raw: bytes) -> Any:
    if operation.body is None or operation.is_read_by_handler:
        return None
    try:
        return msgspec.json.decode(raw, type=operation.body)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "Bad request", _in_words(error)) from error
