"""``/v1/reconcile``: do the books match the shop? With order numbers, and a way to have differences repaired."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from connector import clock
from connector.access.auth import READ_BOOKS, REPAIR_BOOKS
from connector.errors import Permanent
from connector.ingest.agreement import Agreement, agreement_of, repair
from connector.people.actors import by_key
from connector.routes.access import NeedsKey
from connector.routes.errors import Problem
from connector.routes.operations import Call, Operation
from connector.routes.wallet import Word
from connector.snapshot import utc_text
from connector.storage.connections import connection_of, load_connections
from connector.storage.findings import Finding, Run, list_findings

PAGE = 100
PAGE_MAX = 1000


class Looked(Struct, forbid_unknown_fields=True):
    """connection: id of one shop; without it all of the programme. Of each shop up to ``limit`` differences, the newest
    first, after ``offset`` others; only of one class, or with which one thing was done.
    """

    connection: Annotated[str, Meta(max_length=36)] | None = None
    difference: (
        Literal["missing", "stale", "extra", "amount-diff", "orphan-voucher", "missing-snapshot", "stale-snapshot"]
        | None
    ) = None
    done: Literal["repaired", "asked", "held", "released", "seen-again"] | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = PAGE
    offset: Annotated[int, Meta(ge=0, le=10**9)] = 0


class Reading(Struct):
    """One reading of a shop. read: orders (codes, snapshots) that the shop showed; known: that our books hold, of
    orders those of the last 90 days. problem: why it broke off, None if it did not.
    """

    started_at: str
    ended_at: str
    read: int
    known: int
    problem: str | None


class FoundDifference(Struct):
    """One thing on which books and shop differed. kind: ``order``, ``voucher`` or ``snapshot``; id: the shop's id of an
    order, the code of a voucher, the member of a snapshot; name: what people call it, ``#1042``. ours, theirs: what
    both say of it, amounts in minor units; None where one has nothing. found_at: when it was first seen.

    done: ``repaired``, ``asked`` (the shop: for the order by its id, or to withdraw the code), ``held`` (by the brake),
    ``released`` (by a person, who said why), ``seen-again`` (a later reading speaks for it). reason: what that person
    said, or why the shop did not withdraw a code.
    """

    kind: str
    id: str
    name: str
    difference: str
    ours: dict[str, Any] | None
    theirs: dict[str, Any] | None
    done: str
    found_at: str
    actor: str | None
    person: str | None
    reason: str | None
    settled_at: str | None


class Brake(Struct):
    """So many orders would take points at once, or so many codes be withdrawn, that nobody believes it before a person
    does. since: when the first was seen.
    """

    held: int
    since: str


class ShopBooks(Struct):
    """One shop. answer: ``match``, ``repairing``, ``differ``, ``unknown``. window: the last reading of 90 days;
    changes: of what changed lately; vouchers, snapshots: of what the store has of us. found: differences of these by
    class. brake: None while nothing is held. waiting: orders on their way through the inbox, and codes to be withdrawn;
    unreadable: payloads that were set aside.
    """

    connection: str
    platform: str
    shop: str
    answer: str
    window: Reading | None
    changes: Reading | None
    vouchers: Reading | None
    snapshots: Reading | None
    found: dict[str, int]
    brake: Brake | None
    waiting: int
    unreadable: int
    differences: list[FoundDifference]


class DoBooksMatch(Struct):
    """Every shop of the programme, or the one that was asked for."""

    shops: list[ShopBooks]


class FixBody(Struct, forbid_unknown_fields=True):
    """orders: ids of orders that were found to differ; without them everything that the brake holds is let go.

    actor: who decides; reason: why it may be believed. Both are kept.
    """

    connection: Annotated[str, Meta(max_length=36)]
    actor: Word
    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    orders: Annotated[list[Annotated[str, Meta(min_length=1, max_length=100)]], Meta(min_length=1, max_length=1000)] | (
        None
    ) = None


class Fixing(Struct):
    """Orders that are now asked for by their ids, what the shop answers goes into the books; and codes that it is now
    asked to withdraw.
    """

    repaired: list[str]


async def look(call: Call) -> DoBooksMatch:
    """``GET /v1/reconcile``."""
    query: Looked = call.query
    number = call.key_scope.programme_number
    if query.connection is not None:
        found = await connection_of(call.session, number, query.connection)
        if found is None:
            raise Problem(404, "Not found", "Your programme has no such connection.")
        stores = [found]
    else:
        stores = [one for one in (await load_connections(call.session)).values() if one.programme_number == number]
    shops = []
    for connection in stores:
        differences = await list_findings(
            call.session, connection.number, query.difference, query.done, query.limit, query.offset
        )
        shops.append(shop_books(await agreement_of(call.session, connection), differences))
    return DoBooksMatch(shops)


async def fix(call: Call) -> Fixing:
    """``POST /v1/reconcile/fix``."""
    body: FixBody = call.body
    connection = await connection_of(call.session, call.key_scope.programme_number, body.connection)
    if connection is None:
        raise Problem(404, "Not found", "Your programme has no such connection.")
    actor = by_key(call.key_scope, body.actor)
    try:
        orders = await repair(call.service.database, connection, body.orders, actor, body.reason, clock.utc_now())
    except Permanent as error:
        raise Problem(404, "Not found", str(error)) from error
    call.service.wake.set()
    return Fixing(orders)


def shop_books(one: Agreement, differences: list[Finding]) -> ShopBooks:
    """What callers see of a shop."""
    return ShopBooks(
        one.connection.public_id,
        one.connection.platform,
        one.connection.shop,
        one.verdict.value,
        _reading(one.window),
        _reading(one.changes),
        _reading(one.vouchers),
        _reading(one.snapshots),
        dict(one.found),
        Brake(one.held, utc_text(one.held_since)) if one.held_since is not None else None,
        one.waiting,
        one.unreadable,
        [_difference(finding) for finding in differences],
    )


def _reading(run: Run | None) -> Reading | None:
    if run is None:
        return None
    return Reading(utc_text(run.started_at), utc_text(run.ended_at), run.read, run.known, run.problem)


def _difference(one: Finding) -> FoundDifference:
    return FoundDifference(
        one.kind,
        one.object_id,
        one.name,
        one.difference.value,
        dict(one.ours) if one.ours is not None else None,
        dict(one.theirs) if one.theirs is not None else None,
        one.done.value,
        utc_text(one.at),
        one.who.name if one.who else None,
        one.who.person if one.who else None,
        one.why or None,
        utc_text(one.settled_at) if one.settled_at else None,
    )


OPERATIONS = (
    Operation(
        "GET",
        "/v1/reconcile",
        NeedsKey(READ_BOOKS),
        "Do the books match the shop? Every order, code and snapshot on which they differed, and what was done.",
        look,
        DoBooksMatch,
        query=Looked,
        tag="books",
        problems={404: "Your programme has no such connection."},
    ),
    Operation(
        "POST",
        "/v1/reconcile/fix",
        NeedsKey(REPAIR_BOOKS),
        "Let go what the brake holds, or have single orders read again: what the shop then says goes into the books.",
        fix,
        Fixing,
        body=FixBody,
        acts=True,
        tag="books",
        problems={404: "No such connection, or an order that was never found to differ: nothing was done."},
    ),
)
