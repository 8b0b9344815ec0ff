"""Leaderboards: derived, opt-in, pseudonymous unless a name was chosen, and never for points."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.errors import Refused
from loyalty_engine.leaderboard import Entrant, Period, leaderboard, period_named, pseudonym, this_month
from tests.engine.reviewing import did

NOVEMBER = Period("2026-11", date(2026, 11, 1), date(2026, 12, 1))
KEY = bytes(range(32))


def entrant(name: str, count: int, on: str = "2026-11-15", shown: bool = True) -> Entrant:
    rows = [did("answer_accepted", on, f"asker-{number}", number) for number in range(count)]
    return Entrant(name, rows, shown_as=name.title() if shown else None)


def board(*entrants: Entrant, limit: int = 10) -> list[tuple[int, str, int]]:
    places = leaderboard("answers_accepted", entrants, NOVEMBER, KEY, limit).places
    return [(place.rank, place.name, place.value) for place in places]


def test_the_most_helpful_come_first_and_equals_share_a_rank() -> None:
    found = board(entrant("ben", 3), entrant("anna", 5), entrant("cleo", 3), entrant("dora", 1))
    assert found == [(1, "Anna", 5), (2, "Ben", 3), (2, "Cleo", 3), (4, "Dora", 1)]


@pytest.mark.parametrize(("limit", "places"), [(1, 1), (2, 3), (3, 3), (4, 4)])
def test_nobody_is_cut_off_who_did_as_much_as_the_last_place(limit: int, places: int) -> None:
    found = board(entrant("ben", 3), entrant("anna", 5), entrant("cleo", 3), entrant("dora", 1), limit=limit)
    assert len(found) == places


def test_nobody_is_on_a_board_with_nothing() -> None:
    assert board(entrant("anna", 0)) == []


@pytest.mark.parametrize(("on", "counts"), [("2026-10-31", 0), ("2026-11-01", 1), ("2026-11-30", 1), ("2026-12-01", 0)])
def test_only_the_days_of_the_period_count(on: str, counts: int) -> None:
    assert len(board(entrant("anna", 2, on))) == counts


def test_who_chose_no_name_has_a_pseudonym_that_is_new_in_each_period_and_board() -> None:
    ((_, name, _),) = board(entrant("anna", 2, shown=False))
    december = Period("2026-12", date(2026, 12, 1), date(2027, 1, 1))
    names = {
        name,
        pseudonym("anna", "answers_accepted", december, KEY),
        pseudonym("anna", "reviews_approved", NOVEMBER, KEY),
        pseudonym("anna", "answers_accepted", NOVEMBER, bytes(32)),
        pseudonym("ben", "answers_accepted", NOVEMBER, KEY),
    }
    assert len(names) == 5
    assert all(len(each) == 8 and each.isalnum() for each in names)
    assert name == pseudonym("anna", "answers_accepted", NOVEMBER, KEY)


@pytest.mark.parametrize(
    "measure", ["spend", "spend_12m", "tier_points", "orders", "points_donated", "member_days", "luck"]
)
def test_there_is_no_board_for_points_or_money(measure: str) -> None:
    with pytest.raises(Refused) as refused:
        leaderboard(measure, [entrant("anna", 2)], NOVEMBER, KEY)
    assert (refused.value.code, refused.value.numbers) == ("board-not-allowed", {"measure": measure})


@given(st.lists(st.integers(0, 4), max_size=6), st.randoms(use_true_random=False))
def test_a_board_follows_from_the_rows_alone(counts: list[int], shuffler: Any) -> None:
    entrants = [entrant(f"m{number}", count, shown=False) for number, count in enumerate(counts)]
    first = leaderboard("answers_accepted", entrants, NOVEMBER, KEY)
    shuffler.shuffle(entrants)
    assert leaderboard("answers_accepted", entrants, NOVEMBER, KEY) == first
    assert [place.value for place in first.places] == sorted((count for count in counts if count), reverse=True)


@pytest.mark.parametrize(("value", "rank"), [(0, None), (1, 4), (2, 4), (3, 2), (4, 2), (5, 1), (6, 1)])
def test_anybody_has_a_rank_also_beyond_the_places_that_are_shown(value: int, rank: int | None) -> None:
    entrants = [entrant("anna", 5), entrant("ben", 3), entrant("cleo", 3), entrant("dora", 1)]
    found = leaderboard("answers_accepted", entrants, NOVEMBER, KEY, limit=1)
    assert (len(found.places), found.rank_of(value)) == (1, rank)


@pytest.mark.parametrize(
    ("key", "first", "end"),
    [
        ("2026-11", "2026-11-01", "2026-12-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-W53", "2026-12-28", "2027-01-04"),
        ("2027-W01", "2027-01-04", "2027-01-11"),
    ],
)
def test_periods_have_names(key: str, first: str, end: str) -> None:
    assert period_named(key) == Period(key, date.fromisoformat(first), date.fromisoformat(end))


@pytest.mark.parametrize(
    "key", ["", "2026-13", "2026-00", "2026-W00", "2027-W53", "26-11", "0000", "9999", "9999-12", "2026-11-01"]
)
def test_what_is_no_period_is_refused(key: str) -> None:
    with pytest.raises(Refused) as refused:
        period_named(key)
    assert (refused.value.code, refused.value.numbers) == ("period-unknown", {"period": key})


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_every_day_lies_in_its_month(day: date) -> None:
    month = this_month(day)
    assert month.first <= day < month.end
    assert period_named(month.key) == month
