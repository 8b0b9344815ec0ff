"""Streaks and their freezes, period by period."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from loyalty_engine import streaks

MONDAY = date(2026, 3, 2)


def days(*offsets: int) -> list[date]:
    """Days counted from one Monday."""
    return [MONDAY + timedelta(days=offset) for offset in offsets]


def streak(offsets: range | list[int], today: int) -> int:
    return streaks.current(streaks.DAYS, days(*offsets), MONDAY + timedelta(days=today))


def test_today_is_not_missed_before_it_is_over() -> None:
    assert streak([0, 1, 2], today=2) == 3
    assert streak([0, 1, 2], today=3) == 3
    assert streak([0, 1, 2], today=4) == 0


def test_a_miss_without_a_freeze_starts_again() -> None:
    assert streak([0, 1, 2, 4], today=4) == 1


@pytest.mark.parametrize(("kept", "then"), [(6, 1), (7, 8)])
def test_seven_days_earn_the_freeze_that_forgives_one_miss(kept: int, then: int) -> None:
    assert streak([*range(kept), kept + 1], today=kept + 1) == then


def test_a_freeze_is_used_up() -> None:
    assert streak([*range(7), 8, 10], today=10) == 1


@pytest.mark.parametrize(("missed", "then"), [(2, 29), (3, 1)])
def test_never_more_than_two_freezes_are_kept(missed: int, then: int) -> None:
    assert streak([*range(28), 28 + missed], today=28 + missed) == then


def test_a_streak_breaks_on_the_day_after_the_last_forgiven_one() -> None:
    assert streaks.breaks_on(streaks.DAYS, days(*range(7)), MONDAY + timedelta(days=6)) == MONDAY + timedelta(days=9)
    assert streak(range(7), today=7) == 7
    assert streak(range(7), today=8) == 7
    assert streak(range(7), today=9) == 0


def test_weeks_run_from_monday_to_sunday() -> None:
    sunday, next_monday = days(6, 7)
    assert streaks.current(streaks.WEEKS, [MONDAY, sunday], sunday) == 1
    assert streaks.current(streaks.WEEKS, [sunday, next_monday], next_monday) == 2
    assert streaks.breaks_on(streaks.WEEKS, [MONDAY], sunday) == MONDAY + timedelta(days=14)


def test_months_run_through_the_turn_of_the_year_and_february() -> None:
    months = [date(2027, 12, 31), date(2028, 1, 1), date(2028, 2, 29)]
    assert streaks.current(streaks.MONTHS, months, date(2028, 3, 31)) == 3
    assert streaks.breaks_on(streaks.MONTHS, months, date(2028, 2, 29)) == date(2028, 4, 1)


def test_the_longest_streak_outlives_its_end() -> None:
    assert streaks.longest(streaks.DAYS, days(0, 1, 2, 10, 11)) == 3
    assert streaks.longest(streaks.DAYS, []) == 0
    assert streaks.current(streaks.DAYS, [], MONDAY) == 0
    assert streaks.breaks_on(streaks.DAYS, [], MONDAY) is None
