"""Lots: what each credit left to spend, and which lot paid which debit.

Two equations hold after every step: the sum of what lots have left, less the deficit, equals the sum of all entries;
and no lot is ever below zero or above its size.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from loyalty_engine.errors import LedgerError

LATE_CREDIT_LIFE = timedelta(days=30)
"""A credit that comes later than its source keeps the source's maturity, but lives at least this long."""


NOT_YET = datetime(9999, 1, 1, tzinfo=UTC)
"""``matures_at`` of points that wait for something without a date, for example for shipping."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Points of one credit. ``n`` is the number of the entry that opened it.

    remaining: neither spent, clawed back nor expired. booked: of these, set aside in open holds. expired: what ended here
    by expire entries and was not given back. A lot is immature before ``matures_at``. nominal_at: when it should end by
    the programme's policy, None if never. expires_at: when it really ends: None until a notice of it was given, and then
    never less than a week after that notice. Booked points do not end.
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

    def is_live(self, at: datetime) -> bool:
        """Not expired at ``at``, whether or not a sweep has run."""
        return self.expires_at is None or at < self.expires_at

    def is_spendable(self, at: datetime) -> bool:
        """Mature and not expired at ``at``."""
        return self.matures_at <= at and self.is_live(at)


@dataclass(frozen=True, slots=True)
class Consumption:
    """A lot paid (part of) a debit: ``debit_n`` and ``lot_n`` are entry numbers, ``points`` > 0."""

    debit_n: int
    lot_n: int
    points: int


@dataclass(frozen=True, slots=True)
class Debt:
    """A debit that no lot has paid in full yet. ``unpaid`` > 0. A member's deficit is the sum of these."""

    debit_n: int
    unpaid: int


@dataclass(slots=True)
class LotBook:
    """Working copy of one member's lots while entries are decided. Remembers what changed."""

    lots: dict[int, Lot]
    debts: list[Debt]
    changed: set[int]
    consumptions: list[Consumption]

    @classmethod
    def of(cls, lots: Iterable[Lot], debts: Iterable[Debt]) -> LotBook:
        """A book over copies; the given lots and debts (oldest first) are not touched."""
        return cls({lot.n: lot for lot in lots}, list(debts), set(), [])

    @property
    def deficit(self) -> int:
        """Points owed, >= 0."""
        return sum(debt.unpaid for debt in self.debts)

    def credit(self, lot: Lot) -> None:
        """Open a lot of full size; what is owed is repaid from it first, oldest debt first."""
        if lot.remaining != lot.size or lot.size <= 0:
            raise LedgerError(f"a new lot must be full, not {lot.remaining} of {lot.size}")
        left = lot.size
        debts: list[Debt] = []
        for debt in self.debts:
            paid = min(debt.unpaid, left)
            if paid:
                left -= paid
                self.consumptions.append(Consumption(debt.debit_n, lot.n, paid))
            if debt.unpaid > paid:
                debts.append(Debt(debt.debit_n, debt.unpaid - paid))
        self.debts = debts
        self._put(_with_remaining(lot, left))

    def claw_back(self, debit_n: int, points: int, source_ref: str) -> None:
        """Take ``points`` > 0: first from the source's own lots, newest first, then from the others soonest-expiring
        first, then owe the rest.
        """
        if points <= 0:
            raise LedgerError(f"{points} points cannot be clawed back")
        own = [lot for lot in self.lots.values() if lot.source_ref == source_ref]
        others = [lot for lot in self.lots.values() if lot.source_ref != source_ref]
        left = self._take(debit_n, points, sorted(own, key=_newest_first))
        left = self._take(debit_n, left, sorted(others, key=soonest_expiring_first))
        if left:
            self.debts.append(Debt(debit_n, left))

    def _take(self, debit_n: int, points: int, lots: Iterable[Lot]) -> int:
        for lot in lots:
            taken = min(points, lot.remaining)
            if taken:
                points -= taken
                self.consumptions.append(Consumption(debit_n, lot.n, taken))
                self._put(_with_remaining(lot, lot.remaining - taken))
        return points

    def _put(self, lot: Lot) -> None:
        self.lots[lot.n] = lot
        self.changed.add(lot.n)


def soonest_expiring_first(lot: Lot) -> tuple[bool, datetime, datetime, int]:
    """Sort key of spending: what ends first is used first; lots without end last, by maturity, then by age."""
    return (lot.expires_at is None, lot.expires_at or lot.matures_at, lot.matures_at, lot.n)


def available(lots: Iterable[Lot], deficit: int, at: datetime) -> int:
    """Points that can be spent at ``at``: mature, not expired, less what is owed; never negative."""
    return max(0, sum(lot.remaining for lot in lots if lot.is_spendable(at)) - deficit)


def pending(lots: Iterable[Lot], at: datetime) -> int:
    """Points earned but not mature at ``at``."""
    return sum(lot.remaining for lot in lots if at < lot.matures_at and lot.is_live(at))


def next_change(lots: Iterable[Lot], at: datetime) -> datetime | None:
    """The next moment after ``at`` at which available or pending changes by time alone; None if never."""
    moments = [
        moment
        for lot in lots
        if lot.remaining
        for moment in (lot.matures_at, lot.expires_at)
        if moment is not None and moment > at
    ]
    return min(moments, default=None)


def expiry_of_late_credit(expires_at: datetime | None, now: datetime) -> datetime | None:
    """Expiry of a lot opened after its source was first paid: the source's own, but at least 30 days ahead."""
    return None if expires_at is None else max(expires_at, now + LATE_CREDIT_LIFE)


def _newest_first(lot: Lot) -> int:
    return -lot.n


def _with_remaining(lot: Lot, remaining: int) -> Lot:
    if not 0 <= remaining <= lot.size:
        raise LedgerError(f"lot {lot.n} cannot hold {remaining} of {lot.size}")
    return Lot(lot.n, lot.source_ref, lot.size, remaining, lot.matures_at, lot.expires_at)
