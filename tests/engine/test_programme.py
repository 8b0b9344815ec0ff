"""Reading a programme: what is refused, where, and with which cure; and which version is in force."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from loyalty_engine.errors import ProgrammeError
from loyalty_engine.programme import Programme, in_force, parse_programme
from tests.engine.builders import MICROSECOND, OPENING, a_programme

DOCUMENT: dict[str, Any] = {
    "schema": 1,
    "name": "Circle",
    "timezone": "Europe/Berlin",
    "base_currency": "EUR",
    "earning": {"points_per_unit": {"EUR": "1", "USD": "0.9", "KWD": "3.25"}},
    "pending_days": 14,
    "back_pay_days": 0,
}

ONE_CURRENCY = 'Write an ISO 4217 code such as "EUR".'
ONE_RATE = 'Write a decimal number in quotes, for example "1" or "0.25".'
DAYS = "Write a whole number from 0 to 3650."
NAME = "Write 1 to 100 characters in quotes."
ZONE = 'Write an IANA name such as "Europe/Berlin".'


def rates(**codes: Any) -> dict[str, Any]:
    return {"earning": {"points_per_unit": {"EUR": "1"} | codes}}


def test_a_document_is_read_exactly() -> None:
    assert parse_programme(DOCUMENT, 3, OPENING) == Programme(
        version=3,
        effective_from=OPENING,
        name="Circle",
        timezone="Europe/Berlin",
        base_currency="EUR",
        points_per_unit={"EUR": Fraction(1), "USD": Fraction(9, 10), "KWD": Fraction(13, 4)},
        pending_days=14,
        back_pay_days=0,
    )


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("0", Fraction(0)),
        ("0.333", Fraction(333, 1000)),
        ("0.1", Fraction(1, 10)),
        ("007", Fraction(7)),
        ("100000", Fraction(100_000)),
        ("100000.0", Fraction(100_000)),
        ("0.000000000000000001", Fraction(1, 10**18)),
    ],
)
def test_a_rate_is_the_very_decimal_that_was_written(text: str, rate: Fraction) -> None:
    assert parse_programme(DOCUMENT | rates(USD=text), 1, OPENING).points_per_unit["USD"] == rate


@pytest.mark.parametrize("days", [0, 1, 3650])
@pytest.mark.parametrize("field", ["pending_days", "back_pay_days"])
def test_days_may_be_anything_up_to_ten_years(field: str, days: int) -> None:
    assert getattr(parse_programme(DOCUMENT | {field: days}, 1, OPENING), field) == days


@pytest.mark.parametrize("name", ["C", "x" * 100, "Кафе ☕"])
def test_a_name_of_up_to_a_hundred_characters_is_kept(name: str) -> None:
    assert parse_programme(DOCUMENT | {"name": name}, 1, OPENING).name == name


@pytest.mark.parametrize(
    ("change", "path", "problem", "cure"),
    [
        ({"schema": 2}, "schema", "is 2", "Write 1."),
        ({"schema": "1"}, "schema", "is '1'", "Write 1."),
        ({"schema": True}, "schema", "is True", "Write 1."),
        ({"schema": None}, "schema", "is None", "Write 1."),
        ({"name": ""}, "name", "is not a short text", NAME),
        ({"name": " \t"}, "name", "is not a short text", NAME),
        ({"name": "x" * 101}, "name", "is not a short text", NAME),
        ({"name": 7}, "name", "is not a short text", NAME),
        ({"timezone": "Europe"}, "timezone", "'Europe' is not a time zone", ZONE),
        ({"timezone": "America/Argentina"}, "timezone", "'America/Argentina' is not a time zone", ZONE),
        ({"timezone": "Berlin"}, "timezone", "'Berlin' is not a time zone", ZONE),
        ({"timezone": "../etc/passwd"}, "timezone", "'../etc/passwd' is not a time zone", ZONE),
        ({"timezone": "a\0b"}, "timezone", "'a\\x00b' is not a time zone", ZONE),
        ({"timezone": None}, "timezone", "is not a short text", NAME),
        ({"base_currency": "eur"}, "base_currency", "'eur' is not a currency", ONE_CURRENCY),
        ({"base_currency": "XXX"}, "base_currency", "'XXX' is not a currency", ONE_CURRENCY),
        ({"base_currency": None}, "base_currency", "None is not a currency", ONE_CURRENCY),
        (
            {"base_currency": "GBP"},
            "earning.points_per_unit.GBP",
            "the base currency has no rate",
            "Add a rate, for example 1.",
        ),
        ({"earning": None}, "earning", "is missing", 'Write {"points_per_unit": {"EUR": "1"}}.'),
        ({"earning": "1"}, "earning", "is missing", 'Write {"points_per_unit": {"EUR": "1"}}.'),
        ({"earning": {}}, "earning.points_per_unit", "has no currency", 'Write one rate at least: {"EUR": "1"}.'),
        (
            {"earning": {"points_per_unit": {}}},
            "earning.points_per_unit",
            "has no currency",
            'Write one rate at least: {"EUR": "1"}.',
        ),
        (rates(euro="1"), "earning.points_per_unit.euro", "'euro' is not a currency", ONE_CURRENCY),
        (rates(USD=1), "earning.points_per_unit.USD", "1 is not a rate", ONE_RATE),
        (rates(USD=None), "earning.points_per_unit.USD", "None is not a rate", ONE_RATE),
        (rates(USD=""), "earning.points_per_unit.USD", "'' is not a rate", ONE_RATE),
        (rates(USD="-1"), "earning.points_per_unit.USD", "'-1' is not a rate", ONE_RATE),
        (rates(USD="+1"), "earning.points_per_unit.USD", "'+1' is not a rate", ONE_RATE),
        (rates(USD="1/3"), "earning.points_per_unit.USD", "'1/3' is not a rate", ONE_RATE),
        (rates(USD="1e3"), "earning.points_per_unit.USD", "'1e3' is not a rate", ONE_RATE),
        (rates(USD="1."), "earning.points_per_unit.USD", "'1.' is not a rate", ONE_RATE),
        (rates(USD=".5"), "earning.points_per_unit.USD", "'.5' is not a rate", ONE_RATE),
        (rates(USD="1,5"), "earning.points_per_unit.USD", "'1,5' is not a rate", ONE_RATE),
        (rates(USD=" 1"), "earning.points_per_unit.USD", "' 1' is not a rate", ONE_RATE),
        (rates(USD="NaN"), "earning.points_per_unit.USD", "'NaN' is not a rate", ONE_RATE),
        (rates(USD="١"), "earning.points_per_unit.USD", "'١' is not a rate", ONE_RATE),
        (rates(USD="1" * 21), "earning.points_per_unit.USD", f"'{'1' * 21}' is not a rate", ONE_RATE),
        (
            rates(USD="100000.0001"),
            "earning.points_per_unit.USD",
            "100000.0001 is too much",
            "The largest rate is 100000.",
        ),
        ({"pending_days": -1}, "pending_days", "-1 is not a number of days", DAYS),
        ({"pending_days": 3651}, "pending_days", "3651 is not a number of days", DAYS),
        ({"pending_days": "14"}, "pending_days", "'14' is not a number of days", DAYS),
        ({"pending_days": True}, "pending_days", "True is not a number of days", DAYS),
        ({"pending_days": None}, "pending_days", "None is not a number of days", DAYS),
        ({"back_pay_days": 3651}, "back_pay_days", "3651 is not a number of days", DAYS),
    ],
)
def test_an_unusable_document_is_refused_with_its_place_and_cure(
    change: dict[str, Any], path: str, problem: str, cure: str
) -> None:
    with pytest.raises(ProgrammeError) as refusal:
        parse_programme(DOCUMENT | change, 1, OPENING)
    assert (refusal.value.path, refusal.value.problem, refusal.value.cure) == (path, problem, cure)
    assert str(refusal.value) == f"{path}: {problem}. {cure}"


@pytest.mark.parametrize("field", sorted(DOCUMENT))
def test_every_part_of_a_document_must_be_there(field: str) -> None:
    with pytest.raises(ProgrammeError) as refusal:
        parse_programme({key: value for key, value in DOCUMENT.items() if key != field}, 1, OPENING)
    assert refusal.value.path == field


@pytest.mark.parametrize(
    ("document", "path", "cure"),
    [
        (
            DOCUMENT | {"pendingdays": 3},
            "pendingdays",
            "Remove it or use one of: back_pay_days, base_currency, earning, name, pending_days, schema, timezone.",
        ),
        (
            DOCUMENT | {"earning": {"points_per_unit": {"EUR": "1"}, "cap": 5}},
            "earning.cap",
            "Remove it or use one of: points_per_unit.",
        ),
    ],
)
def test_a_misspelt_setting_is_named_instead_of_being_ignored(document: dict[str, Any], path: str, cure: str) -> None:
    with pytest.raises(ProgrammeError) as refusal:
        parse_programme(document, 1, OPENING)
    assert (refusal.value.path, refusal.value.problem, refusal.value.cure) == (path, "is not known", cure)


FIRST = a_programme(version=1, effective_from=OPENING)
SECOND = a_programme(version=2, effective_from=OPENING + timedelta(days=31))
BACKDATED = a_programme(version=3, effective_from=OPENING + timedelta(days=20))


@pytest.mark.parametrize(
    ("versions", "moment", "version"),
    [
        ([FIRST], OPENING - timedelta(days=400), 1),
        ([FIRST, SECOND], OPENING - MICROSECOND, 1),
        ([FIRST, SECOND], OPENING, 1),
        ([FIRST, SECOND], SECOND.effective_from - MICROSECOND, 1),
        ([FIRST, SECOND], SECOND.effective_from, 2),
        ([FIRST, SECOND], SECOND.effective_from + MICROSECOND, 2),
        ([FIRST, SECOND, BACKDATED], BACKDATED.effective_from - MICROSECOND, 1),
        ([FIRST, SECOND, BACKDATED], BACKDATED.effective_from, 3),
        ([FIRST, SECOND, BACKDATED], SECOND.effective_from, 3),
    ],
)
def test_the_highest_version_that_has_begun_is_in_force(versions: list[Programme], moment: Any, version: int) -> None:
    assert in_force(versions, moment).version == version
