"""What counts towards a limit: the span that is counted holds exactly the moments of the window that now lies in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.days import local_day
from loyalty_engine.errors import LedgerError
from loyalty_engine.limits import limits_of
from loyalty_engine.programme.model import Reward, RewardKind, Window
from loyalty_engine.programme.rewards import LIMIT_WINDOWS
from loyalty_engine.rewards import Situation, offer
from tests.engine.rewarding import FIVE_EUROS, NOW, a_member, a_programme

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia")
MICROSECOND = timedelta(microseconds=1)

YEARS = 22 * 366 * 24 * 3600 * 10**6
moments = st.integers(0, YEARS).map(lambda micros: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros))


def key(window: Window, day: date) -> object:
    """Which window of its kind a local day lies in."""
    year, week, _ = day.isocalendar()
    keys = {
        Window.DAY: day,
        Window.WEEK: (year, week),
        Window.MONTH: (day.year, day.month),
        Window.QUARTER: (day.year, (day.month + 2) // 3),
        Window.YEAR: day.year,
        Window.LIFETIME: None,
    }
    return keys[window]


def limited(window: Window) -> Reward:
    return Reward("cup", RewardKind.PERK, 10, per_member=1, per_member_window=window)


@given(now=moments, other=moments, zone=st.sampled_from(ZONES), window=st.sampled_from(LIMIT_WINDOWS))
def test_a_span_holds_the_moments_of_its_window_alone(
    now: datetime, other: datetime, zone: str, window: Window
) -> None:
    (limit,) = limits_of([limited(window)], zone, now)
    edges = [edge + step for edge in (limit.since, limit.until) if edge for step in (-MICROSECOND, 0 * MICROSECOND)]
    for moment in (now, other, *edges):
        counts = (limit.since is None or limit.since <= moment) and (limit.until is None or moment < limit.until)
        assert counts == (key(window, local_day(moment, zone)) == key(window, local_day(now, zone)))


def test_only_rewards_with_a_limit_are_counted() -> None:
    assert [one.reward_id for one in limits_of([FIVE_EUROS, limited(Window.MONTH)], "UTC", NOW)] == ["cup"]


def test_what_nobody_counted_is_not_taken_for_none() -> None:
    reward = limited(Window.LIFETIME)
    with pytest.raises(LedgerError, match="nobody counted"):
        offer(reward, a_member(), Situation(a_programme(reward), NOW))
