"""``/v1/members``: what a headless shop or a support desk may read of a member, with an API key."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct
from starlette.responses import Response

from connector.access.auth import READ_MEMBERS, WRITE_MEMBERS, ProgrammeScope
from connector.people.actors import by_key
from connector.people.enrolling import enrol_member
from connector.routes.access import NeedsKey
from connector.routes.numbers import ASK_AGAIN, Member, is_shown, no_such_member, no_such_store
from connector.routes.operations import Call, Operation
from connector.routes.wallet import Word
from connector.snapshot import entry_view
from connector.storage.connections import connection_of
from connector.storage.facts import Customer
from connector.storage.members import find_by_customer, find_member, load_entries
from connector.storage.programmes import load_programmes
from connector.storage.session import Row, Session
from connector.storage.shards import object_shard
from loyalty_engine.explain.names import words_of
from loyalty_engine.texts import DEFAULT, Words, language_of

PAGE = 50
PAGE_MAX = 200
MAX_N = 2**31 - 1


class OfCustomer(Struct, forbid_unknown_fields=True):
    """Which customer of which store. connection: its id; customer: the shop's own id."""

    connection: Word
    customer: Word


class Consent(Struct, forbid_unknown_fields=True):
    """A customer who agreed to take part. consent_at: when; now, if left out. actor, reason: for the member's audit."""

    connection: Word
    customer: Word
    consent_at: Annotated[datetime, Meta(tz=True)] | None = None
    actor: Annotated[str, Meta(max_length=100)] = ""
    reason: Annotated[str, Meta(max_length=500)] = ""


class Joined(Struct):
    """is_new: false if they were a member already."""

    id: str
    is_new: bool


class Page(Struct, forbid_unknown_fields=True):
    """Newest first: up to ``limit`` entries below number ``before``. language: of ``why``."""

    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = PAGE
    before: Annotated[int, Meta(ge=1, le=MAX_N)] = MAX_N
    language: str = DEFAULT


class Entry(Struct):
    """One entry of a member's ledger. calculation: every number it follows from; None once it was erased."""

    id: str
    n: int
    at: str
    kind: str
    points: int
    source: str
    order: str | None
    why: str
    programme_version: int
    book_date: str
    calculation: dict[str, Any] | None
    hash: str


class Entries(Struct):
    """One page. next_before: continues; None at the end."""

    entries: list[Entry]
    next_before: int | None


async def lookup(call: Call) -> Member:
    """The member that a store's customer is."""
    scope = call.key_scope
    connection = await connection_of(call.session, scope.programme_number, call.query.connection)
    if connection is None:
        raise no_such_member()
    customer = call.query.customer
    shard = object_shard(connection.number, "customer", customer)
    member_id = await find_by_customer(call.session, scope, shard, connection.number, customer)
    if member_id is None:
        raise no_such_member()
    return await call.service.numbers.view(scope, member_id)


async def join(call: Call) -> Joined:
    """A customer of a store agreed to take part."""
    scope = call.key_scope
    connection = await connection_of(call.session, scope.programme_number, call.body.connection)
    if connection is None:
        raise no_such_store()
    customer = Customer(scope.programme_number, connection.number, call.body.customer)
    enrolled = await enrol_member(
        call.service.pipeline, customer, by_key(scope, call.body.actor), call.body.consent_at, call.body.reason
    )
    call.service.wake.set()
    return Joined(str(uuid.UUID(enrolled.member_id)), enrolled.is_new)


async def show(call: Call) -> Any:
    """One member by id."""
    return await numbers_answer(call, call.key_scope.programme_number, member_id_of(call.path("id")))


async def numbers_answer(call: Call, programme_number: int, member_id: str) -> Response:
    """A member's numbers with their ETag, or 304 for whoever has them."""
    shown = call.request.headers.get("if-none-match")
    shown_bytes = shown.encode("latin-1") if shown is not None else None
    answer = await call.service.numbers.answer(programme_number, member_id, shown_bytes)
    headers = {"ETag": answer.etag.decode(), "Cache-Control": ASK_AGAIN.decode(), "Vary": "Authorization"}
    if is_shown(shown_bytes, answer.etag):
        return Response(status_code=304, headers=headers)
    return Response(answer.body, headers=headers, media_type="application/json")


async def list_entries(call: Call) -> Entries:
    """One page of a member's entries."""
    member_id = member_id_of(call.path("id"))
    if await find_member(call.session, call.key_scope, member_id) is None:
        raise no_such_member()
    return await entries_page(call.session, call.key_scope, member_id, call.query)


OPERATIONS = (
    Operation(
        "GET",
        "/v1/members",
        NeedsKey(READ_MEMBERS),
        "The member that a customer of a store is.",
        lookup,
        Member,
        query=OfCustomer,
        acts=True,
        problems={404: "There is no such member in your programme."},
    ),
    Operation(
        "POST",
        "/v1/members",
        NeedsKey(WRITE_MEMBERS),
        "A customer of a store agrees to take part. Where the programme enrols everyone, it only says who they are.",
        join,
        Joined,
        body=Consent,
        acts=True,
        problems={404: "There is no such connection in your programme."},
    ),
    Operation(
        "GET",
        "/v1/members/{id}",
        NeedsKey(READ_MEMBERS),
        "One member's numbers.",
        show,
        Member,
        acts=True,
        problems={404: "There is no such member in your programme."},
    ),
    Operation(
        "GET",
        "/v1/members/{id}/entries",
        NeedsKey(READ_MEMBERS),
        "A member's ledger, newest first, every entry explained.",
        list_entries,
        Entries,
        query=Page,
        problems={404: "There is no such member in your programme."},
    ),
)


async def entries_page(session: Session, scope: ProgrammeScope, member_id: str, page: Page) -> Entries:
    """One page of the ledger of a member who is known to be of the scope's programme."""
    rows = await load_entries(session, scope, member_id, page.before, page.limit)
    last = rows[-1]["n"] if len(rows) == page.limit else 1
    versions = (await load_programmes(session))[scope.programme_number].rulebook.versions
    words = words_of(versions[-1], language_of(page.language))
    return Entries([_entry(member_id, row, words) for row in rows], last if last > 1 else None)


def _entry(member_id: str, row: Row, words: Words) -> Entry:
    return Entry(
        id=f"{uuid.UUID(member_id)}.{row['n']}",
        n=row["n"],
        **entry_view(row, words),
        programme_version=row["programme_version"],
        book_date=row["book_date"],
        calculation=json.loads(row["body_text"]) if row["body_text"] else None,
        hash=bytes(row["entry_hash"]).hex(),
    )


def member_id_of(text: str) -> str:
    """32 hex digits of a UUID as callers write it; Problem 404 for anything else."""
    try:
        return uuid.UUID(text).hex
    except ValueError as error:
        raise no_such_member() from error
