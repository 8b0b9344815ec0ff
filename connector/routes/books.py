"""``/v1/books``: closed days of a programme, and what is owed to its members now."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from connector import clock
from connector.access.auth import READ_BOOKS
from connector.programmes.books import liability
from connector.routes.access import NeedsKey
from connector.routes.operations import Call, Operation
from connector.snapshot import utc_text
from connector.storage.books import load_closings
from loyalty_engine.books import Closing, Liability

PAGE = 31
PAGE_MAX = 366


class Days(Struct, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}):
    """Newest first: up to ``limit`` closed days from one local date to another, both included."""

    first: date = date.min
    last: date = date.max
    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = PAGE


class ClosedDay(Struct):
    """The books of one local day: opening and movements make up closing. root: 64 hexadecimal digits.

    matured: points that became spendable, beside the movements. value_minor: of ``closing``, in the base currency.
    """

    date: str
    opening: int
    earned: int
    bonus: int
    reinstated: int
    transferred_in: int
    redeemed: int
    expired: int
    clawed_back: int
    transferred_out: int
    adjusted: int
    closing: int
    matured: int
    entries: int
    value_minor: int
    root: str
    closed_at: str


class ClosedDays(Struct):
    """next_to: ``to`` of the next page; None: there is none."""

    days: list[ClosedDay]
    next_to: str | None


class AgeGroup(Struct):
    """Points by the age of what earned them, in days, both included. oldest_days: None for the last group."""

    youngest_days: int
    oldest_days: int | None
    pending: int
    available: int
    held: int


class Owed(Struct):
    """What is owed to members. value_minor: of all points, at ``value_per_point`` (minor units, an exact ratio).

    owed_by_members: deficits. ended: points whose end has come and which nothing has expired yet.
    """

    as_of: str
    currency: str
    points: int
    value_minor: int
    value_per_point: str
    owed_by_members: int
    ended: int
    ages: list[AgeGroup]


async def list_days(call: Call) -> ClosedDays:
    """One page of closed days."""
    number, query = call.key_scope.programme_number, call.query
    closings = await load_closings(call.session, number, query.first, query.last, query.limit + 1)
    more = closings[query.limit].book_date.isoformat() if len(closings) > query.limit else None
    return ClosedDays([closed_day(closing) for closing in closings[: query.limit]], more)


async def show_liability(call: Call) -> Owed:
    """What is owed now."""
    return owed(await liability(call.session, call.key_scope.programme_number, clock.utc_now()))


def closed_day(closing: Closing) -> ClosedDay:
    """As it is shown."""
    numbers = {name: getattr(closing, name) for name in ClosedDay.__struct_fields__[1:-2]}
    return ClosedDay(
        date=closing.book_date.isoformat(), **numbers, root=closing.root.hex(), closed_at=utc_text(closing.closed_at)
    )


def owed(found: Liability) -> Owed:
    """As it is shown."""
    return Owed(
        as_of=utc_text(found.at),
        currency=found.currency,
        points=found.points,
        value_minor=found.value_minor,
        value_per_point=str(found.value_per_point),
        owed_by_members=found.owed,
        ended=found.ended,
        ages=[AgeGroup(a.youngest_days, a.oldest_days, a.pending, a.available, a.held) for a in found.ages],
    )


OPERATIONS = (
    Operation(
        "GET",
        "/v1/books",
        NeedsKey(READ_BOOKS),
        "Closed days, newest first: every movement, the closing balance, and the root that chains them.",
        list_days,
        ClosedDays,
        query=Days,
        tag="books",
    ),
    Operation(
        "GET",
        "/v1/books/liability",
        NeedsKey(READ_BOOKS),
        "What is owed to members now, by age and state, and what it is worth.",
        show_liability,
        Owed,
        tag="books",
    ),
)
