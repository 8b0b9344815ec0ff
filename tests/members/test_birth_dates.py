"""Birthdays as shops write them."""

from __future__ import annotations

import pytest

from connector.people.birth_dates import birthday_of


@pytest.mark.parametrize(
    ("text", "birthday"),
    [
        ("1990-11-21", "11-21"),
        ("19901121", "11-21"),
        ("11-21", "11-21"),
        ("--11-21", "11-21"),
        (" 1990-11-21 ", "11-21"),
        ("2000-02-29", "02-29"),
        ("02-29", "02-29"),
        ("1999-02-29", None),
        ("1900-02-29", None),
        ("02-30", None),
        ("1990-13-01", None),
        ("1990-00-10", None),
        ("1990-01-32", None),
        ("0000-01-01", None),
        ("21/11/1990", None),
        ("1990-11-21T00:00:00", None),
        ("soon", None),
        ("", None),
        ("１９９０-11-21", None),
    ],
)
def test_month_and_day_of_a_date_that_exists(text: str, birthday: str | None) -> None:
    assert birthday_of(text) == birthday
