"""Streaks: how long in a row something was done, with freezes that forgive a miss.

Whoever keeps going for ``freeze_every`` periods is given a freeze, ``FREEZES_MAX`` at most at a time. A missed period
uses one up and neither counts nor ends the streak; a miss without a freeze ends it. The period that runs is never a
miss yet.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from loyalty_engine.days import first_of_month, month_of, week_of

FREEZES_MAX = 2


@dataclass(frozen=True, slots=True)
class Rhythm:
    """number: periods counted through, so that neighbours differ by 1. first_day: of such a number."""

    number: Callable[[date], int]
    first_day: Callable[[int], date]
    freeze_every: int


DAYS = Rhythm(date.toordinal, date.fromordinal, 7)
WEEKS = Rhythm(week_of, lambda number: date.fromordinal(number * 7 + 1), 4)
MONTHS = Rhythm(month_of, first_of_month, 6)


@dataclass(frozen=True, slots=True)
class _Run:
    """length: periods in which it was done. last: the latest of them. freezes: how many misses it still forgives."""

    length: int
    last: int
    freezes: int


def _runs(rhythm: Rhythm, days: Iterable[date]) -> Iterable[_Run]:
    """The streak as it stood after each period in which something was done, oldest first."""
    run = _Run(0, 0, 0)
    for number in sorted({rhythm.number(day) for day in days}):
        missed = number - run.last - 1
        length, freezes = (run.length + 1, run.freezes - missed) if missed <= run.freezes else (1, 0)
        if length % rhythm.freeze_every == 0:
            freezes = min(FREEZES_MAX, freezes + 1)
        run = _Run(length, number, freezes)
        yield run


def _last(rhythm: Rhythm, days: Iterable[date], today: date) -> _Run | None:
    """The streak that still runs."""
    latest = deque(_runs(rhythm, days), maxlen=1)
    return next((run for run in latest if rhythm.number(today) - run.last - 1 <= run.freezes), None)


def current(rhythm: Rhythm, days: Iterable[date], today: date) -> int:
    """How many periods the streak that runs today has; 0 if none does. ``days``: none after today."""
    run = _last(rhythm, days, today)
    return run.length if run else 0


def breaks_on(rhythm: Rhythm, days: Iterable[date], today: date) -> date | None:
    """The first day on which the streak that runs today is over, if nothing is done until then. None: none runs."""
    run = _last(rhythm, days, today)
    return rhythm.first_day(run.last + run.freezes + 2) if run else None


def longest(rhythm: Rhythm, days: Iterable[date]) -> int:
    """How many periods the longest streak ever had."""
    return max((run.length for run in _runs(rhythm, days)), default=0)
