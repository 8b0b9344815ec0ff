"""Operations of the JSON API: one declaration each, from which come the route, its checks, and its place in OpenAPI.

A handler gets a ``Call`` with everything checked: who asks (``scope``), ``query`` and ``body`` as typed structs. It
returns a struct. Nothing can be declared without saying who has access.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.access.auth import ProgrammeScope
from connector.access.cors import ANY_ORIGIN, allowed_headers, allowed_origin
from connector.access.rates import neighbourhood
from connector.access.shopify_visits import ShopVisit, StaffScope
from connector.access.shopper_tokens import ShopperScope
from connector.access.store_calls import StoreCaller
from connector.routes.access import FROM_PAGES, Access, Anyone, NeedsShopify, NeedsShopper
from connector.routes.errors import Problem
from connector.routes.proving import Scope, client_of, count_anyone, keep_pace, must_be_allowed, proven, raw_of
from connector.running.service import Service
from connector.storage.atomic import consistent_read
from connector.storage.session import Session

_ENCODER = msgspec.json.Encoder()
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


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

    @property
    def store(self) -> StoreCaller:
        """Of a call that a shop's plugin signed, or that Shopify proves."""
        assert isinstance(self.scope, StoreCaller)
        return self.scope

    def path(self, name: str) -> str:
        """A part of the path. Raises Problem 404 for what can be no name of ours: PostgreSQL keeps no zero byte, so it
        cannot even be asked for one.
        """
        found = str(self.request.path_params[name])
        if _CONTROL.search(found):
            raise Problem(404, "Not found", "There is nothing of this name.")
        return found


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. answer: struct type of a good answer, sent with ``status``. query, body: struct types.

    acts: opens transactions of its own (it changes something, or reads consistently by itself), so none is put around
    it. is_read_by_handler: the body is only described by its type; the handler reads ``Call.raw`` and says of each part
    what is wrong with it. may_lack_body: who sends none says nothing more, and ``Call.body`` is None. unfinished:
    struct type of what is sent with 202 while the answer is worked out. problems: statuses besides the usual ones, with
    the reason in words.
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
    unfinished: Any = None
    acts: bool = False
    is_read_by_handler: bool = False
    may_lack_body: bool = False
    tag: str = "members"
    problems: Mapping[int, str] = field(default_factory=dict)


def routes_of(service: Service, operations: Sequence[Operation]) -> list[Route]:
    """Starlette routes; for shoppers' operations also the answers to browsers that ask first."""
    routes = [Route(each.path, _endpoint(service, each), methods=[each.method]) for each in operations]
    asked = sorted({each.path for each in operations if isinstance(each.access, FROM_PAGES)})
    return [*routes, *(Route(path, _preflight(service), methods=["OPTIONS"]) for path in asked)]


def _endpoint(service: Service, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        request.state.cors = await _before_the_token(service, operation, request)
        scope, raw = await proven(service, operation.access, request)
        await keep_pace(service, request, scope)
        must_be_allowed(operation.access, scope)
        request.state.cors = {}
        request.state.cors = headers = await _cors(service, scope, request)
        query = _query(operation, request)
        if raw is None:
            raw = await raw_of(request) if _has_body(operation, request) else b""
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


def _json(result: Any, status: int) -> Response:
    return Response(_ENCODER.encode(result), status, media_type="application/json")


async def _before_the_token(service: Service, operation: Operation, request: Request) -> dict[str, str]:
    """A page must be able to read that its token is over, which no token can say for which store."""
    origin = request.headers.get("origin")
    if isinstance(operation.access, NeedsShopify):
        return ANY_ORIGIN
    if origin is None or not isinstance(operation.access, NeedsShopper):
        return {}
    if service.rates.unproven.is_full(neighbourhood(client_of(request))):
        # Whoever guesses costs no look into the database; a shopper behind the same address goes without this courtesy.
        return {}
    is_known = await _may_call(service, origin, None)
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"} if is_known else {}


async def _cors(service: Service, scope: Scope, request: Request) -> dict[str, str]:
    origin = request.headers.get("origin")
    if isinstance(scope, ShopVisit | StaffScope):
        return ANY_ORIGIN
    if origin is None or not isinstance(scope, ShopperScope):
        return {}
    if not await _may_call(service, origin, scope.connection_number):
        raise Problem(403, "Not allowed", "This token is not for pages of this address.")
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}


async def _may_call(service: Service, origin: str, number: int | None) -> bool:
    """Whether a page of this origin may call for a connection: the shop's own pages, and any where it has an app."""
    if await allowed_origin(service.database.reading(), origin, number):
        return True
    return bool(origin) and await service.targets.has_app(number)


def _preflight(service: Service) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        count_anyone(service.rates, request)
        origin = request.headers.get("origin", "")
        if not await _may_call(service, origin, None):
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


def _has_body(operation: Operation, request: Request) -> bool:
    return operation.body is not None and not (operation.may_lack_body and "content-type" not in request.headers)


def _body(operation: Operation, raw: bytes) -> Any:
    if operation.body is None or operation.is_read_by_handler or (operation.may_lack_body and not raw):
        return None
    try:
        return msgspec.json.decode(raw, type=operation.body)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "Bad request", _in_words(error)) from error
