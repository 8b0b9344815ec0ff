"""Measures: what badges, levels and pages may ask of counter rows. One table a measure, at its boundaries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.counters import MEASURES, CounterRow, Standing, Tally, activity_rows, measures, unreported
from loyalty_engine.facts import Activity, ActivityStatus

TODAY = date(2026, 11, 26)
JOINED = date(2024, 2, 29)


def row(counter: str, day: date | str = TODAY, value: int = 1, key: str = "", source: str | None = None) -> CounterRow:
    """A row of a source of its own, unless one is named."""
    at = date.fromisoformat(day) if isinstance(day, str) else day
    return CounterRow(counter, key, source or f"{counter}:{at}:{key}:{value}", at, value)


def measured(name: str, *rows: CounterRow, day: date = TODAY, joined: date = JOINED, level: int = 0) -> int:
    return measures(rows, [name], day, Standing(joined, level))[name]


def an_activity(kind: str, values: Mapping[str, Any] | None = None, **changes: Any) -> Activity:
    """An approved activity of that kind."""
    at = datetime(2026, 11, 26, 9, tzinfo=UTC)
    fields: dict[str, Any] = {
        "source_ref": f"event:app:{kind}:1",
        "activity_id": "1",
        "kind": kind,
        "status": ActivityStatus.APPROVED,
        "occurred_at": at,
        "updated_at": at,
        "object_id": "post-1",
        "product_id": "p-1",
        "counterpart": "anna",
        "values": values or {},
    }
    return Activity(**(fields | changes))


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("review", "p-1"),
        ("helpful_vote", "anna"),
        ("answer_accepted", "anna"),
        ("survey", "post-1"),
        ("custom.x", "post-1"),
    ],
)
def test_an_activity_owns_a_row_of_its_kind_with_what_must_be_told_apart(kind: str, key: str) -> None:
    assert activity_rows(an_activity(kind), TODAY) == (CounterRow(kind, key, f"event:app:{kind}:1", TODAY, 1),)


def test_each_true_flag_of_an_activity_gives_one_more_row() -> None:
    activity = an_activity("review", {"verified": True, "incentivised": False, "rating": 5, "edited": True})
    assert [line.counter for line in activity_rows(activity, TODAY)] == ["review", "review.edited", "review.verified"]


def test_a_donation_counts_its_points() -> None:
    assert [line.value for line in activity_rows(an_activity("donation", {"points": 40}), TODAY)] == [40]


@pytest.mark.parametrize("status", [ActivityStatus.SUBMITTED, ActivityStatus.REMOVED])
def test_what_is_not_approved_counts_as_nothing(status: ActivityStatus) -> None:
    assert activity_rows(an_activity("review", status=status), TODAY) == ()


@pytest.mark.parametrize(
    ("day", "counted"),
    [("2025-11-26", 0), ("2025-11-27", 1), ("2026-11-26", 1), ("2026-11-27", 0)],
    ids=["a year old to the day", "one day younger", "today", "tomorrow"],
)
def test_the_last_12_months_end_today_and_begin_the_day_after_a_year_ago(day: str, counted: int) -> None:
    for name, counter in (("orders_12m", "orders"), ("spend_12m", "spend"), ("tier_points_12m", "tier_points")):
        assert measured(name, row(counter, day)) == counted


def test_a_leap_day_is_within_twelve_months_until_the_last_of_february() -> None:
    leap = row("orders", "2024-02-29")
    assert measured("orders_12m", leap, day=date(2025, 2, 28)) == 1
    assert measured("orders_12m", leap, day=date(2025, 3, 1)) == 0
    assert MEASURES["orders_12m"].turns(Tally([leap], date(2025, 2, 28), Standing(JOINED)), 1) == date(2025, 3, 1)


@pytest.mark.parametrize(("day", "counted"), [("2025-11-30", 0), ("2025-12-01", 1), ("2026-11-01", 1)])
def test_order_months_are_the_running_month_and_the_eleven_before(day: str, counted: int) -> None:
    assert measured("order_months_of_last_12", row("orders", day)) == counted


def test_two_orders_of_one_month_are_one_month_and_of_one_day_one_day() -> None:
    rows = [row("orders", "2026-11-03", key="a"), row("orders", "2026-11-03", key="b"), row("orders", "2026-11-20")]
    assert measured("order_months_of_last_12", *rows) == 1
    assert measured("order_days", *rows) == 2
    assert measured("orders", *rows) == 3


@pytest.mark.parametrize(
    ("day", "days"), [("2025-02-27", 364), ("2025-02-28", 365), ("2024-02-29", 0), ("2024-01-01", 0)]
)
def test_member_days_count_from_enrolment(day: str, days: int) -> None:
    assert measured("member_days", day=date.fromisoformat(day)) == days


def test_member_days_turn_on_the_day_they_are_reached_and_on_the_next() -> None:
    turns = MEASURES["member_days"].turns
    assert turns(Tally([], date(2025, 2, 27), Standing(JOINED)), 365) == date(2025, 2, 28)
    assert turns(Tally([], date(2025, 2, 28), Standing(JOINED)), 365) == date(2025, 3, 1)
    assert turns(Tally([], date(2025, 3, 1), Standing(JOINED)), 365) is None


def test_different_people_are_counted_once_and_unknown_ones_never() -> None:
    votes = [row("helpful_vote", key=voter, source=f"v{n}") for n, voter in enumerate(["anna", "ben", "anna", ""])]
    assert measured("helpful_received", *votes) == 4
    assert measured("helpful_voters", *votes) == 2
    assert measured("helpful_voters_verified", *votes) == 0


@pytest.mark.parametrize(
    ("name", "counter"),
    [
        ("categories_bought", "category"),
        ("products_bought", "product"),
        ("products_reviewed", "review"),
        ("distinct_askers_helped", "answer_accepted"),
        ("newcomers_welcomed", "welcome"),
        ("newcomers_welcomed_active", "welcome.active"),
        ("introductions", "introduction"),
        ("thanks_received", "thanks"),
        ("helpful_voters_verified", "helpful_vote.verified"),
    ],
)
def test_measures_of_different_things_count_keys(name: str, counter: str) -> None:
    rows = [row(counter, key=key, source=f"s{n}") for n, key in enumerate(["x", "x", "y"])]
    assert measured(name, *rows) == 2


@pytest.mark.parametrize(
    ("name", "counter"),
    [
        ("reviews_approved", "review"),
        ("reviews_verified", "review.verified"),
        ("photo_reviews", "photo"),
        ("questions_approved", "question"),
        ("answers_approved", "answer"),
        ("answers_accepted", "answer_accepted"),
        ("suggestions_adopted", "suggestion_adopted"),
        ("surveys", "survey"),
        ("helpful_given", "vote_given"),
        ("referrals_completed", "referral"),
        ("upheld_flags", "flag_upheld"),
        ("events_attended", "event_attended"),
    ],
)
def test_measures_of_acts_count_sources(name: str, counter: str) -> None:
    rows = [row(counter, key="x", source=f"s{n % 3}") for n in range(4)]
    assert measured(name, *rows) == 3


def test_posts_are_what_a_member_wrote_and_somebody_approved() -> None:
    rows = [row("question"), row("answer"), row("review"), row("post"), row("suggestion"), row("visit"), row("photo")]
    assert measured("approved_posts", *rows) == 5
    assert measured("post_days", *rows) == 1


def test_visits_of_one_day_are_one_visit_day() -> None:
    assert measured("visit_days", row("visit", source="a"), row("visit", source="b"), row("visit", "2026-11-25")) == 2


def test_points_donated_and_spend_are_sums() -> None:
    assert measured("points_donated", row("donation", value=60), row("donation", value=40)) == 100
    assert measured("spend", row("spend", value=1_999), row("spend", "2020-01-01", value=1)) == 2_000


def test_level_and_joined_come_from_the_member() -> None:
    assert measured("level", level=3) == 3
    assert measured("joined") == 1


def test_a_measure_without_a_reporting_source_is_named() -> None:
    names = ["orders", "answers_accepted", "approved_posts", "member_days"]
    assert unreported(names, frozenset({"orders", "review"})) == ("answers_accepted",)
    assert unreported(names, frozenset()) == ("orders", "answers_accepted", "approved_posts")


def test_an_unknown_measure_is_an_error() -> None:
    with pytest.raises(KeyError):
        measures([], ["luck"], TODAY, Standing(JOINED))


ROWS = st.lists(
    st.builds(
        CounterRow,
        st.sampled_from(sorted({need for measure in MEASURES.values() for need in measure.needs})),
        st.sampled_from(["", "a", "b"]),
        st.sampled_from(["s1", "s2", "s3"]),
        st.dates(date(2024, 1, 1), date(2026, 12, 31)),
        st.integers(1, 50),
    ),
    max_size=12,
)


@given(ROWS, st.dates(date(2025, 1, 1), date(2026, 12, 31)), st.integers(1, 40), st.sampled_from(sorted(MEASURES)))
def test_between_now_and_its_turn_no_comparison_changes_by_time_alone(
    rows: list[CounterRow], day: date, target: int, name: str
) -> None:
    standing = Standing(date(2025, 12, 20))
    known = [line for line in rows if line.day <= day]
    turn = MEASURES[name].turns(Tally(known, day, standing), target)
    assert turn is None or turn > day
    until = (turn or day + timedelta(days=500)) - timedelta(days=1)
    before, after = (measures(known, [name], at, standing)[name] for at in (day, until))
    assert (before > target) - (before < target) == (after > target) - (after < target)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_of_no_matter(rows: list[CounterRow], shuffler: Any) -> None:
    shuffled = list(rows)
    shuffler.shuffle(shuffled)
    assert measures(rows, MEASURES, TODAY, Standing(JOINED)) == measures(shuffled, MEASURES, TODAY, Standing(JOINED))
