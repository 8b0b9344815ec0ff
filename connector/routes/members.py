"""``/v1/members``: what a headless shop or a support desk may read of a member, with an API key."""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector import clock
from connector.auth import READ_MEMBERS, ProgrammeScope, authenticate
from connector.routes.errors import Problem
from connector.service import Service
from connector.snapshot import balances, entry_view, load_views, utc_text
from connector.storage.atomic import consistent_read
from connector.storage.connections import load_connections
from connector.storage.instants import instant
from connector.storage.members import find_by_customer, find_member, load_entries, load_reasons
from connector.storage.session import Row, Session
from connector.storage.shards import object_shard

PAGE = 50
PAGE_MAX = 200
MAX_N = 2**31 - 1

Handler = Callable[[Request, Session, ProgrammeScope], Awaitable[Response]]


def routes(service: Service) -> list[Route]:
    """The routes of this module; each needs a key with the scope ``members:read``."""
    return [
        Route("/v1/members", _guarded(service, _lookup), methods=["GET"]),
        Route("/v1/members/{id}", _guarded(service, _member), methods=["GET"]),
        Route("/v1/members/{id}/entries", _guarded(service, _entries), methods=["GET"]),
    ]


def _guarded(service: Service, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        session = service.database.reading()
        scope = await authenticate(session, request.headers.get("authorization", ""), clock.utc_now())
        if scope is None:
            raise Problem(
                401, "Not signed in", "Send a valid API key as a bearer token.", {"WWW-Authenticate": "Bearer"}
            )
        if READ_MEMBERS not in scope.scopes:
            raise Problem(403, "Not allowed", f"This key lacks the scope {READ_MEMBERS}.")
        # What one answer shows must agree, however many queries it takes.
        response = await consistent_read(service.database, lambda reading: handler(request, reading, scope))
        response.headers["Cache-Control"] = "private, no-store"
        return response

    return endpoint


async def _lookup(request: Request, session: Session, scope: ProgrammeScope) -> Response:
    """``?connection=<public id>&customer=<the shop's customer id>`` -> the member."""
    public_id = _text(request, "connection")
    customer = _text(request, "customer")
    for connection in (await load_connections(session)).values():
        if connection.public_id == public_id and connection.programme_number == scope.programme_number:
            shard = object_shard(connection.number, "customer", customer)
            member_id = await find_by_customer(session, scope, shard, connection.number, customer)
            if member_id is not None:
                return await _show(session, scope, member_id)
    raise _not_found()


async def _member(request: Request, session: Session, scope: ProgrammeScope) -> Response:
    return await _show(session, scope, _member_id(request))


async def _show(session: Session, scope: ProgrammeScope, member_id: str) -> Response:
    row = await find_member(session, scope, member_id)
    if row is None:
        raise _not_found()
    now = clock.utc_now()
    view = (await load_views(session, [(row["shard"], member_id)], entries=0))[member_id]
    return JSONResponse(
        {
            "id": str(uuid.UUID(member_id)),
            "enrolled_at": utc_text(instant(row["enrolled_at_us"])),
            "as_of": utc_text(now),
            "balance": row["points"],
            **balances(view, now),
            "entries": row["last_n"],
            "earns_nothing": [_reason(reason) for reason in await load_reasons(session, scope, member_id)],
        }
    )


def _reason(row: Row) -> dict[str, Any]:
    return {"source": row["source_ref"], "reason": row["kind"], "inputs": json.loads(row["body_text"])}


async def _entries(request: Request, session: Session, scope: ProgrammeScope) -> Response:
    """``?limit=50&before=<n>``: newest first; ``next_before`` continues."""
    member_id = _member_id(request)
    if await find_member(session, scope, member_id) is None:
        raise _not_found()
    limit = _whole(request, "limit", PAGE, 1, PAGE_MAX)
    rows = await load_entries(session, scope, member_id, _whole(request, "before", MAX_N, 1, MAX_N), limit)
    return JSONResponse(
        {
            "entries": [_entry(member_id, row) for row in rows],
            "next_before": rows[-1]["n"] if len(rows) == limit and rows[-1]["n"] > 1 else None,
        }
    )


def _entry(member_id: str, row: Row) -> dict[str, Any]:
    return {
        "id": f"{uuid.UUID(member_id)}.{row['n']}",
        "n": row["n"],
        **entry_view(row),
        "programme_version": row["programme_version"],
        "book_date": row["book_date"],
        "calculation": json.loads(row["body_text"]) if row["body_text"] else None,
        "hash": bytes(row["entry_hash"]).hex(),
    }


def _member_id(request: Request) -> str:
    try:
        return uuid.UUID(request.path_params["id"]).hex
    except ValueError as error:
        raise _not_found() from error


def _text(request: Request, name: str) -> str:
    text = request.query_params.get(name, "")
    if not 1 <= len(text) <= 100 or not text.isprintable():
        raise Problem(400, "Bad parameter", f"{name} must have 1 to 100 printable characters.")
    return text


def _whole(request: Request, name: str, default: int, least: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 12 or not least <= int(text) <= most:
        raise Problem(400, "Bad parameter", f"{name} must be a whole number from {least} to {most}.")
    return int(text)


def _not_found() -> Problem:
    return Problem(404, "No such member", "There is no such member in your programme.")
