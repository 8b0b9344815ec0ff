"""The books of a programme: what moved on a day, what is owed to members now, and what that is worth.

opening + earn + bonus + reinstate + transfer-in - redeem - expire - clawback - transfer-out +/- adjust = closing.
Points that became spendable are told beside it: they were in the books already.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from loyalty_engine.errors import LedgerError
from loyalty_engine.ledger import EntryKind, check_sign
from loyalty_engine.programme.model import Programme, RewardKind

FIRST_ROOT = bytes(32)
"""What the first closed day of a programme is chained to."""

AGES = (30, 90, 180, 365)
"""Last days of the age groups in which points are shown; the last group has no end."""

_MONEY_REWARDS = frozenset({RewardKind.AMOUNT, RewardKind.SLIDER, RewardKind.STORE_CREDIT})


@dataclass(frozen=True, slots=True)
class Movement:
    """Entries of one kind and one sign on one day, added up. points: signed."""

    kind: EntryKind
    points: int
    entries: int


@dataclass(frozen=True, slots=True)
class Closing:
    """The closed books of one local day of one programme.

    Every movement is >= 0, except ``adjusted``, which is signed. matured: points that became spendable, a memo.
    entries: how many were booked. value_minor: of ``closing``, in the programme's base currency. root: 32 bytes, over
    the day's entries, these numbers, and the root of the day before.
    """

    programme_number: int
    book_date: date
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
    closed_at: datetime
    root: bytes = b""


@dataclass(frozen=True, slots=True)
class DayEnd:
    """What the closing of a day starts from. previous_root: FIRST_ROOT for a programme's first day.

    entries_digest: ``digest_of`` the day's entries. value_per_point: minor units, ``value_per_point``.
    """

    programme_number: int
    book_date: date
    opening: int
    previous_root: bytes
    matured: int
    entries_digest: bytes
    value_per_point: Fraction
    closed_at: datetime


def close_day(day: DayEnd, movements: Iterable[Movement]) -> Closing:
    """Add up a day. Raises LedgerError if a movement's sign does not fit its kind."""
    sums: dict[tuple[EntryKind, bool], int] = {}
    entries = 0
    for movement in movements:
        check_sign(movement.kind, movement.points)
        key = (movement.kind, movement.points > 0)
        sums[key] = sums.get(key, 0) + movement.points
        entries += movement.entries
    closing = day.opening + sum(sums.values())

    def moved(kind: EntryKind, is_credit: bool) -> int:
        return abs(sums.get((kind, is_credit), 0))

    books = Closing(
        programme_number=day.programme_number,
        book_date=day.book_date,
        opening=day.opening,
        earned=moved(EntryKind.EARN, True),
        bonus=moved(EntryKind.BONUS, True),
        reinstated=moved(EntryKind.REINSTATE, True),
        transferred_in=moved(EntryKind.TRANSFER, True),
        redeemed=moved(EntryKind.REDEEM, False),
        expired=moved(EntryKind.EXPIRE, False),
        clawed_back=moved(EntryKind.CLAWBACK, False),
        transferred_out=moved(EntryKind.TRANSFER, False),
        adjusted=moved(EntryKind.ADJUST, True) - moved(EntryKind.ADJUST, False),
        closing=closing,
        matured=day.matured,
        entries=entries,
        value_minor=value_of(closing, day.value_per_point),
        closed_at=day.closed_at,
    )
    return _sealed(books, day)


def balances(books: Closing) -> bool:
    """Whether opening and movements make up the closing."""
    credits = books.earned + books.bonus + books.reinstated + books.transferred_in
    debits = books.redeemed + books.expired + books.clawed_back + books.transferred_out
    return books.opening + credits - debits + books.adjusted == books.closing


def _sealed(books: Closing, day: DayEnd) -> Closing:
    if not balances(books):
        raise LedgerError(f"the books of {books.book_date} do not balance")
    fields = {name: getattr(books, name) for name in Closing.__dataclass_fields__ if name != "root"}
    fields |= {"book_date": books.book_date.isoformat(), "closed_at": books.closed_at.isoformat()}
    line = json.dumps(list(fields.values()), separators=(",", ":"))
    root = hashlib.sha256(day.previous_root + line.encode() + day.entries_digest).digest()
    return Closing(**{**fields, "book_date": books.book_date, "closed_at": books.closed_at, "root": root})


def digest_of(entry_hashes: Iterable[bytes]) -> bytes:
    """SHA-256 over the hashes of a day's entries, ordered by member and number: 32 bytes."""
    whole = hashlib.sha256()
    for entry_hash in entry_hashes:
        whole.update(entry_hash)
    return whole.digest()


def value_per_point(programme: Programme) -> Fraction:
    """What a point can buy at most, in minor units of the base currency; 0 if points buy no money.

    The best rate of all rewards that are money counts, so that what is owed is never understated. Percentages, products
    and perks have no value of their own.
    """
    rates = [
        Fraction(reward.values[programme.base_currency], reward.points)
        for reward in programme.rewards
        if reward.kind in _MONEY_REWARDS and reward.points > 0 and programme.base_currency in reward.values
    ]
    return max(rates, default=Fraction(0))


def value_of(points: int, per_point: Fraction) -> int:
    """Minor units, rounded up to the next whole one; nothing is owed for points that members owe."""
    return -(-max(0, points) * per_point.numerator // per_point.denominator)


@dataclass(frozen=True, slots=True)
class Outstanding:
    """Points of lots of one age that can still be spent. youngest_days, oldest_days: age in days, both included; the
    oldest group has no end (None). pending: not mature. available: spendable. held: set aside in carts.
    """

    youngest_days: int
    oldest_days: int | None
    pending: int
    available: int
    held: int

    @property
    def points(self) -> int:
        return self.pending + self.available + self.held


@dataclass(frozen=True, slots=True)
class Liability:
    """What is owed to members at a moment. ended: of lots whose end has come and which no entry has expired yet.

    owed: what members owe. ages: youngest first, each group of AGES once.
    """

    at: datetime
    currency: str
    value_per_point: Fraction
    ages: tuple[Outstanding, ...]
    owed: int
    ended: int

    @property
    def points(self) -> int:
        """Points that can still be spent, pending ones included."""
        return sum(age.points for age in self.ages)

    @property
    def value_minor(self) -> int:
        return value_of(self.points, self.value_per_point)


def age_groups() -> list[tuple[int, int | None]]:
    """(youngest, oldest) age in days of each group; None: no end."""
    firsts = [0, *(last + 1 for last in AGES)]
    return list(zip(firsts, [*AGES, None], strict=True))
