"""When lots end: by which policy, after which notice, and what a member must be told before.

A lot has a nominal end by the programme's policy. It really ends only once a notice of it was given, and then a week
after that notice at the earliest. All nominal ends fall on the end of a local day of the programme.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from loyalty_engine.days import add_months, local_day, start_of_day
from loyalty_engine.lots import NOT_YET, Lot, dated
from loyalty_engine.programme.model import ExpiryMode, ExpiryPolicy

NOTICE_LIFE = timedelta(days=7)
"""Points live at least so long after the notice of their end."""
_NO_LEAD = timedelta(0)
LATE_CREDIT_LIFE = timedelta(days=30)
"""A credit that comes later than its source lives at least this long; so do points given back to a lot that ends."""


@dataclass(frozen=True, slots=True)
class LotEnd:
    """One lot's end as its member is told of it: so many points should end at ``nominal_at``. What a cart has set aside
    is named, too: it ends with the rest if it is let go.
    """

    lot_n: int
    nominal_at: datetime
    points: int

    def covers(self, lot: Lot) -> bool:
        """Whether what was told is still true of a lot: the same end, and no more points than were named."""
        return lot.nominal_at == self.nominal_at and lot.remaining <= self.points


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder that is due: these lots, with so many points in all, end at ``ends_at`` if it is given now.

    key: the same for the same reminder, so that nobody is told twice. days: which of the policy's reminders it is.
    """

    key: str
    days: int
    ends_at: datetime
    points: int
    lots: tuple[LotEnd, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends at one moment if its member is told of it now. is_warned: they were told before, so it ends in any
    case.
    """

    ends_at: datetime
    points: int
    is_warned: bool
    lots: tuple[LotEnd, ...]


def nominal_end(policy: ExpiryPolicy, timezone: str, since: datetime) -> datetime | None:
    """When points should end that count ``since`` then: earned, or last active with INACTIVITY. None: never."""
    if policy.mode is ExpiryMode.NEVER:
        return None
    day = local_day(since, timezone)
    if policy.mode is ExpiryMode.CALENDAR:
        return _end_of_day(_calendar_day(policy.calendar_days, day + timedelta(days=policy.days)), timezone)
    return _later_end(day, policy.months, policy.days, timezone)


# Whoever decides many orders of one day asks this for each of them.
@lru_cache(maxsize=4096)
def _later_end(day: date, months: int, days: int, timezone: str) -> datetime:
    return _end_of_day(add_months(day, months) + timedelta(days=days), timezone)


def late_end(nominal_at: datetime | None, now: datetime, timezone: str) -> datetime | None:
    """Nominal end of what is credited later than its source: the source's own, but at least 30 days ahead."""
    return None if nominal_at is None else max(nominal_at, earliest_end(now, timezone))


def earliest_end(now: datetime, timezone: str) -> datetime:
    """The first end of a local day that is at least 30 days ahead: what comes back on one day ends at one moment."""
    least = now + LATE_CREDIT_LIFE
    begun = start_of_day(local_day(least, timezone), timezone)
    return least if least == begun else _end_of_day(local_day(least, timezone), timezone)


def ends_soon(lot: Lot, now: datetime) -> bool:
    """Whether points given back to this lot would end, or have ended, within 30 days."""
    end = lot.expires_at or lot.nominal_at
    return end is not None and end < now + LATE_CREDIT_LIFE


def moved_on(lot: Lot, nominal_at: datetime | None, now: datetime) -> Lot | None:
    """The lot after an activity by which it should end at ``nominal_at``; None if that changes nothing.

    Only live lots move, and only to a later end; then any notice given before is void.
    """
    if nominal_at is None or lot.nominal_at is None or lot.nominal_at >= nominal_at or not lot.is_live(now):
        return None
    return dated(lot, matures_at=lot.matures_at, expires_at=None, nominal_at=nominal_at)


def armed(lot: Lot, notice_at: datetime) -> Lot | None:
    """The lot after its member was told of its end; None if it never ends, or was armed by an earlier notice."""
    if lot.nominal_at is None or lot.expires_at is not None:
        return None
    end = max(lot.nominal_at, notice_at + NOTICE_LIFE)
    return dated(lot, matures_at=lot.matures_at, expires_at=end, nominal_at=lot.nominal_at)


def disarmed(lot: Lot) -> Lot:
    """The lot after points came back to it that no notice named: it ends after a notice of all that is in it."""
    return dated(lot, matures_at=lot.matures_at, expires_at=None, nominal_at=lot.nominal_at)


def due_warnings(lots: Iterable[Lot], policy: ExpiryPolicy, now: datetime) -> list[Reminder]:
    """Reminders due at ``now``, soonest end first: of each nominal end, the latest reminder that is due.

    Lots that joined others after these had their last reminder get one of their own a day later. When an end has come
    of which none is warned, its last reminder begins anew: the one before it was not given, or no longer true.
    """
    by_end: defaultdict[datetime, list[Lot]] = defaultdict(list)
    for lot in lots:
        if lot.nominal_at is not None and lot.remaining and lot.is_live(now):
            by_end[lot.nominal_at].append(lot)
    return [reminder for end in sorted(by_end) for reminder in _reminders_of(end, by_end[end], policy, now)]


def _reminders_of(end: datetime, lots: list[Lot], policy: ExpiryPolicy, now: datetime) -> list[Reminder]:
    due = [days for days in reminders(policy) if end - timedelta(days=days) <= now]
    if not due:
        return []
    key = f"{end.isoformat()}:{min(due)}"
    found = [_reminder(key, min(due), end, lots, now)]
    left_out = [lot for lot in lots if lot.expires_at is None]
    is_last = min(due) == min(reminders(policy)) and end - timedelta(days=min(due) - 1) <= now
    if is_last and left_out:
        again = _reminder(f"{key}:{left_out[0].n}", min(due), end, left_out, now)
        if len(left_out) < len(lots):
            found.append(again)
        elif end <= now:
            found = [again]
    return found


def _reminder(key: str, days: int, end: datetime, lots: list[Lot], now: datetime) -> Reminder:
    ends = [lot.expires_at or max(end, now + NOTICE_LIFE) for lot in lots]
    return Reminder(
        key,
        days,
        min(ends),
        sum(lot.remaining for lot in lots),
        tuple(LotEnd(lot.n, end, lot.remaining) for lot in lots),
    )


def endings(lots: Iterable[Lot], now: datetime) -> list[Ending]:
    """Everything that ends, by the moment at which it does if it is told of now, soonest first."""
    by_end: defaultdict[datetime, list[Lot]] = defaultdict(list)
    for lot in lots:
        if lot.nominal_at is not None and lot.remaining and lot.is_live(now):
            by_end[lot.expires_at or max(lot.nominal_at, now + NOTICE_LIFE)].append(lot)
    return [_ending(end, by_end[end]) for end in sorted(by_end)]


def _ending(end: datetime, lots: list[Lot]) -> Ending:
    told = tuple(LotEnd(lot.n, lot.nominal_at, lot.remaining) for lot in lots if lot.nominal_at is not None)
    return Ending(end, sum(one.points for one in told), all(lot.expires_at is not None for lot in lots), told)


def to_be_shown(lots: Iterable[Lot], policy: ExpiryPolicy, now: datetime) -> list[Ending]:
    """Everything of which a reminder is due, or was: what the member must be able to see now."""
    longest = timedelta(days=max(reminders(policy)))
    return endings([lot for lot in lots if lot.nominal_at is not None and lot.nominal_at - longest <= now], now)


def reminders(policy: ExpiryPolicy) -> tuple[int, ...]:
    """Days before an end on which its member is told; without any in the document a week before."""
    return policy.remind_days or (NOTICE_LIFE.days,)


def next_change(lots: Collection[Lot], at: datetime, policy: ExpiryPolicy | None = None) -> datetime | None:
    """The next moment after ``at`` at which something shown or due changes by time alone; None if never.

    That is: points mature, end, should end, or with a policy a reminder of their end becomes due. ``at`` itself as long
    as points that have ended are not written off; what is booked need not be.
    """
    if any(lot.expires_at is not None and lot.expires_at <= at and lot.free for lot in lots):
        return at
    soonest, ends = NOT_YET, set()
    for lot in lots:
        if lot.remaining:
            if at < lot.matures_at < soonest:
                soonest = lot.matures_at
            if lot.expires_at is not None and at < lot.expires_at < soonest:
                soonest = lot.expires_at
            if lot.nominal_at is not None:
                ends.add(lot.nominal_at)
    if ends:
        leads = _leads(reminders(policy)) if policy else (_NO_LEAD,)
        soonest = min((end - lead for end in ends for lead in leads if at < end - lead < soonest), default=soonest)
    return None if soonest is NOT_YET else soonest


@lru_cache(maxsize=64)
def _leads(days: tuple[int, ...]) -> tuple[timedelta, ...]:
    return (_NO_LEAD, *(timedelta(days=lead) for lead in days))


def _calendar_day(days: tuple[tuple[int, int], ...], earliest: date) -> date:
    """The first of these days of a year that is not before ``earliest``; the 29th of February may be the 28th."""
    candidates = (
        date(year, month, min(day, monthrange(year, month)[1]))
        for year in (earliest.year, earliest.year + 1)
        for month, day in days
    )
    return min(candidate for candidate in candidates if candidate >= earliest)


def _end_of_day(day: date, timezone: str) -> datetime:
    return start_of_day(day + timedelta(days=1), timezone)
