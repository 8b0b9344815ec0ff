"""A member's numbers as an answer: kept in memory while they hold, with an ETag, so that who asks again gets a 304.

What is kept is given only to callers who show no ETag or the very one of it. Who shows another one gets what the
database says now: another process may know something newer than this one, and nobody sees an older balance after it.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Struct

from connector import clock
from connector.access.auth import ProgrammeScope
from connector.routes.errors import Problem
from connector.snapshot import balances, utc_text
from connector.snapshot.views import MemberView
from connector.storage.database import Database
from connector.storage.instants import instant
from connector.storage.kept import Answer
from connector.storage.members import MemberNumbers, load_numbers
from connector.storage.programmes import load_programmes
from loyalty_engine.lots import NOT_YET, Lot
from loyalty_engine.pauses import seen

ASK_AGAIN = b"private, no-cache"
"""A browser may keep the answer for its shopper, and asks each time whether it still holds."""
_ENCODER = msgspec.json.Encoder()


class PendingLot(Struct):
    """Points that become spendable at a moment; None: as soon as something without a date has happened."""

    points: int
    matures_at: str | None


class EarnsNothing(Struct):
    """A source that could have earned and does not."""

    source: str
    reason: str
    inputs: dict[str, Any]


class Member(Struct):
    """One member's numbers at a moment."""

    id: str
    enrolled_at: str
    as_of: str
    balance: int
    available: int
    pending: int
    deficit: int
    lifetime: int
    pending_lots: list[PendingLot]
    entries: int
    earns_nothing: list[EarnsNothing]
    held: int = 0


@dataclass(slots=True)
class Numbers:
    """Answers about members of one database."""

    database: Database

    async def answer(self, programme_number: int, member_id: str, shown: bytes | None) -> Answer:
        """The numbers of a member of this programme. shown: the caller's If-None-Match. Raises Problem 404."""
        kept = self.database.kept
        now = clock.utc_now()
        found = kept.find(member_id, now)
        if found is not None and found.programme_number == programme_number and shown in (None, found.etag):
            return found
        with kept.reading(member_id) as reading:
            scope = ProgrammeScope(programme_number, frozenset())
            member, until = await self._read(scope, member_id, now)
            made = Answer(programme_number, *_encoded(member), until)
            kept.keep(reading, made)
        return made

    async def view(self, scope: ProgrammeScope, member_id: str) -> Member:
        """A member of the scope's programme as the database says now. Raises Problem 404."""
        return (await self._read(scope, member_id, clock.utc_now()))[0]

    async def _read(self, scope: ProgrammeScope, member_id: str, now: datetime) -> tuple[Member, datetime | None]:
        """The numbers, and when they will change by themselves."""
        row = await load_numbers(self.database, scope, member_id)
        if row is None:
            raise no_such_member()
        lots = row.lots
        if row.has_pauses:
            books = (await load_programmes(self.database.reading()))[scope.programme_number]
            lots = seen(lots, books.rulebook)
        numbers = balances(MemberView({"deficit": row.deficit, "lifetime": row.lifetime}, lots, ()), now)
        return _member(row, numbers, member_id, now), _changes_at(lots, now)


def no_such_member() -> Problem:
    """Also the answer for members of other programmes."""
    return Problem(404, "No such member", "There is no such member in your programme.")


def no_such_store() -> Problem:
    """Also the answer for stores of other programmes."""
    return Problem(404, "No such store", "There is no such connection in your programme.")


def _encoded(member: Member) -> tuple[bytes, bytes]:
    """(body, ETag). The ETag is the same for the same numbers, whenever they were read and by whichever process."""
    as_of, member.as_of = member.as_of, ""
    timeless = _ENCODER.encode(member)
    member.as_of = as_of
    return _ENCODER.encode(member), b'W/"%s"' % blake2b(timeless, digest_size=12).hexdigest().encode()


def is_shown(shown: bytes | None, etag: bytes) -> bool:
    """Whether a caller's If-None-Match names this answer."""
    return shown is not None and etag in (part.strip() for part in shown.split(b","))


def _member(row: MemberNumbers, numbers: dict[str, Any], member_id: str, now: datetime) -> Member:
    return Member(
        id=str(uuid.UUID(member_id)),
        enrolled_at=utc_text(instant(row.enrolled_at_us)),
        as_of=utc_text(now),
        balance=row.points,
        available=numbers["available"],
        pending=numbers["pending"],
        held=numbers["held"],
        deficit=row.deficit,
        lifetime=row.lifetime,
        pending_lots=[PendingLot(**lot) for lot in numbers["pending_lots"]],
        entries=row.last_n,
        earns_nothing=[EarnsNothing(source, kind, json.loads(body)) for source, kind, body in row.reasons],
    )


def _changes_at(lots: tuple[Lot, ...], now: datetime) -> datetime | None:
    """When the next lot matures or ends."""
    moments = [at for lot in lots for at in (lot.matures_at, lot.expires_at) if at is not None and now < at < NOT_YET]
    return min(moments, default=None)
