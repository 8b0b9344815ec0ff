"""Lots: what each credit left to spend, and which lot paid which debit.

After every step the sum of what lots have left, less the deficit, equals the sum of all entries; no lot is below zero
or above its size, and no more of it is booked than is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from loyalty_engine.errors import LedgerError
from loyalty_engine.records import record

NOT_YET = datetime(9999, 1, 1, tzinfo=UTC)
"""``matures_at`` of points that wait for something without a date, for example for shipping."""


@record
class Lot:
    """Points of one credit. ``n`` is the number of the entry that opened it.

    remaining: neither spent, clawed back nor expired. booked: of these, set aside in open holds. expired: what ended
    here by expire entries and was not given back. A lot is immature before ``matures_at``. nominal_at: when it should
    end by the programme's policy, None if never. expires_at: when it really ends: None until a notice of it was given,
    and then never less than a week after that notice. Booked points do not end. dated_at: pauses that ended by then are
    counted in both ends, and of a later one what follows it (``pauses``); None: none is counted.
    """

    n: int
    source_ref: str
    size: int
    remaining: int
    matures_at: datetime
    expires_at: datetime | None = None
    nominal_at: datetime | None = None
    booked: int = 0
    expired: int = 0
    dated_at: datetime | None = None

    @property
    def free(self) -> int:
        """What is left and not booked."""
        return self.remaining - self.booked

    def is_live(self, at: datetime) -> bool:
        """Not expired at ``at``, whether or not a sweep has run."""
        return self.expires_at is None or at < self.expires_at

    def is_spendable(self, at: datetime) -> bool:
        """Mature and not expired at ``at``."""
        return self.matures_at <= at and self.is_live(at)


@record
class Consumption:
    """What an entry moved in a lot: a debit took ``points`` > 0 of it, or a credit (reinstate, transfer) gave them
    back.

    ``debit_n`` and ``lot_n`` are entry numbers. Of one pair, the points of all decisions add up. A credit opens a lot
    of what it did not give back; a lot's remaining is its size, less what debits took, plus what credits gave back.
    """

    debit_n: int
    lot_n: int
    points: int


@record
class Debt:
    """A debit that no lot has paid in full yet. ``unpaid`` > 0. A member's deficit is the sum of these. source_ref: of
    the debit.
    """

    debit_n: int
    unpaid: int
    source_ref: str = ""


Taken = list[tuple[Lot, int]]
"""Lots, as they were before, and how many points each gave."""


class LotBook:
    """Working copy of one member's lots while entries are decided. Remembers what changed."""

    __slots__ = ("changed", "consumed", "debts", "lots")

    def __init__(self, lots: Iterable[Lot], debts: Iterable[Debt]) -> None:
        """Over copies; the given lots and debts (oldest first) are not touched."""
        self.lots = {lot.n: lot for lot in lots}
        self.debts = list(debts)
        self.changed: set[int] = set()
        self.consumed: dict[tuple[int, int], int] = {}

    @property
    def deficit(self) -> int:
        """Points owed, >= 0."""
        return sum(debt.unpaid for debt in self.debts) if self.debts else 0

    def open(self, lot: Lot) -> None:
        """Open a lot of full size; what is owed is repaid from it first."""
        if lot.remaining != lot.size or lot.size <= 0 or lot.n in self.lots:
            raise LedgerError(f"a new lot must be full, not {lot.remaining} of {lot.size}")
        self.put(lot)
        self.repay(lot.n)

    def repay(self, lot_n: int) -> None:
        """Pay what is owed from what is free in a lot, oldest debt first."""
        while self.debts and (left := self.lots[lot_n].free):
            debt = self.debts[0]
            paid = min(debt.unpaid, left)
            self.take(debt.debit_n, self.lots[lot_n], paid)
            if paid == debt.unpaid:
                del self.debts[0]
            else:
                self.debts[0] = Debt(debt.debit_n, debt.unpaid - paid, debt.source_ref)

    def owe(self, debit_n: int, points: int, source_ref: str) -> None:
        """Note what a debit could not take from any lot."""
        if points:
            self.debts.append(Debt(debit_n, points, source_ref))

    def spend(self, debit_n: int, points: int, at: datetime) -> Taken:
        """Take up to ``points`` of what can be spent at ``at``, soonest nominal end first."""
        return self._take_from(debit_n, points, self._in_order_of_use(lot for lot in self.free_at(at)))

    def claw_back(self, debit_n: int, points: int, source_ref: str, at: datetime) -> Taken:
        """Take up to ``points`` > 0: first what is free in the source's own lots, newest first, then from the others
        that have not ended, mature or not, soonest ending first.
        """
        if points <= 0:
            raise LedgerError(f"{points} points cannot be clawed back")
        own = sorted((lot for lot in self.lots.values() if lot.source_ref == source_ref), key=_newest_first)
        others = (lot for lot in self.lots.values() if lot.source_ref != source_ref and lot.is_live(at))
        taken = self._take_from(debit_n, points, own)
        return taken + self._take_from(debit_n, points - total(taken), self._in_order_of_use(others))

    def free_at(self, at: datetime) -> list[Lot]:
        """Lots with points that can be spent at ``at``."""
        return [lot for lot in self.lots.values() if lot.free and lot.is_spendable(at)]

    def book(self, points: int, at: datetime) -> Taken:
        """Set up to ``points`` aside in what can be spent at ``at``, soonest nominal end first."""
        booked: Taken = []
        for lot in self._in_order_of_use(self.free_at(at)):
            part = self.book_in(lot.n, points)
            points -= part
            if part:
                booked.append((lot, part))
            if not points:
                break
        return booked

    def book_in(self, lot_n: int, points: int) -> int:
        """Set up to ``points`` aside in one lot; returns how many."""
        lot = self.lots[lot_n]
        part = min(points, lot.free)
        self.put(changed(lot, booked=lot.booked + part))
        return part

    def unbook(self, lot_n: int, points: int) -> Lot:
        """Let go of points set aside in a lot."""
        lot = changed(self.lots[lot_n], booked=self.lots[lot_n].booked - points)
        self.put(lot)
        return lot

    def take(self, debit_n: int, lot: Lot, points: int) -> None:
        """Take ``points`` of what is free in a lot."""
        if not 0 < points <= lot.free:
            raise LedgerError(f"lot {lot.n} has {lot.free} free points, not {points}")
        self._note(debit_n, lot.n, points)
        self.put(changed(lot, remaining=lot.remaining - points))

    def expire(self, debit_n: int, lot: Lot, points: int) -> None:
        """The same, because they ended."""
        self.take(debit_n, lot, points)
        self.put(changed(self.lots[lot.n], expired=lot.expired + points))

    def give_back(self, credit_n: int, lot_n: int, points: int, expired: int = 0) -> None:
        """Return ``points`` to a lot that gave them, ``expired`` of them those that had ended there."""
        lot = self.lots[lot_n]
        self._note(credit_n, lot_n, points)
        self.put(changed(lot, remaining=lot.remaining + points, expired=lot.expired - expired))

    def put(self, lot: Lot) -> None:
        """Keep a lot as it is now."""
        self.lots[lot.n] = lot
        self.changed.add(lot.n)

    def _take_from(self, debit_n: int, points: int, lots: Iterable[Lot]) -> Taken:
        taken: Taken = []
        for lot in lots:
            part = min(points, lot.free)
            if part > 0:
                points -= part
                taken.append((lot, part))
                self.take(debit_n, lot, part)
        return taken

    def _in_order_of_use(self, lots: Iterable[Lot]) -> list[Lot]:
        return sorted(lots, key=soonest_ending_first)

    def _note(self, entry_n: int, lot_n: int, points: int) -> None:
        key = (entry_n, lot_n)
        self.consumed[key] = self.consumed.get(key, 0) + points


def changed(
    lot: Lot,
    *,
    remaining: int | None = None,
    booked: int | None = None,
    expired: int | None = None,
) -> Lot:
    """A lot with other amounts. Raises LedgerError if they cannot be."""
    left = lot.remaining if remaining is None else remaining
    aside = lot.booked if booked is None else booked
    ended = lot.expired if expired is None else expired
    if not (0 <= aside <= left <= lot.size and 0 <= ended <= lot.size - left):
        raise LedgerError(f"lot {lot.n} of {lot.size} cannot hold {left}, {aside} of them booked, with {ended} expired")
    return Lot(
        lot.n,
        lot.source_ref,
        lot.size,
        left,
        lot.matures_at,
        lot.expires_at,
        lot.nominal_at,
        aside,
        ended,
        lot.dated_at,
    )


def dated(lot: Lot, *, matures_at: datetime, expires_at: datetime | None, nominal_at: datetime | None) -> Lot:
    """A lot with other dates."""
    return Lot(
        lot.n,
        lot.source_ref,
        lot.size,
        lot.remaining,
        matures_at,
        expires_at,
        nominal_at,
        lot.booked,
        lot.expired,
        lot.dated_at,
    )


def total(taken: Taken) -> int:
    """Points taken in all."""
    return sum(points for _, points in taken)


def soonest_ending_first(lot: Lot) -> tuple[bool, datetime, datetime, int]:
    """Sort key of spending: what should end first is used first; lots without end last, by maturity, then by age."""
    return (lot.nominal_at is None, lot.nominal_at or lot.matures_at, lot.matures_at, lot.n)


def available(lots: Iterable[Lot], deficit: int, at: datetime) -> int:
    """Points that can be spent at ``at``: mature, not expired, not booked, less what is owed; never negative."""
    return max(0, sum(lot.free for lot in lots if lot.is_spendable(at)) - deficit)


def pending(lots: Iterable[Lot], at: datetime) -> int:
    """Points earned but not mature at ``at``."""
    return sum(lot.free for lot in lots if at < lot.matures_at and lot.is_live(at))


def held(lots: Iterable[Lot]) -> int:
    """Points set aside in open holds."""
    return sum(lot.booked for lot in lots)


def _newest_first(lot: Lot) -> int:
    return -lot.n
