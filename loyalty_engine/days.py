"""Local days and months of a programme: the only place that reckons with them.

A programme has an IANA zone; a day is a local date there. Adding months to the 31st never invents a day.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local_day(moment: datetime, timezone: str) -> date:
    """The date on the wall of ``timezone`` at ``moment`` (aware)."""
    return moment.astimezone(_zone(timezone)).date()


def start_of_day(day: date, timezone: str) -> datetime:
    """The first moment of a local day, in UTC. Where clocks skip midnight, the moment they skip to."""
    return datetime(day.year, day.month, day.day, tzinfo=_zone(timezone)).astimezone(UTC)


# Tiers, ends of points and badges ask for the same few days again and again.
@lru_cache(maxsize=8192)
def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month: 31 January + 1 is 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def leaves_after(day: date, months: int) -> date:
    """First day on which ``day`` no longer lies within the last ``months`` months.

    It is ``day`` so many months later; where that month is too short, the first of the next one: 29 February 2024 is
    part of the last 12 months up to and with 28 February 2025.
    """
    later = add_months(day, months)
    return later if later.day == day.day else later + DAY


def month_of(day: date) -> int:
    """Months counted through the years, so that neighbours differ by 1."""
    return day.year * 12 + day.month - 1


def week_of(day: date) -> int:
    """Weeks from Monday counted through the years."""
    return (day.toordinal() - 1) // 7


def first_of_month(number: int) -> date:
    """The first day of what ``month_of`` counts."""
    return date(number // 12, number % 12 + 1, 1)
