"""Amounts between text and minor units, and exact splitting."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.errors import AmountError
from loyalty_engine.money import (
    MAX_MINOR,
    THREE_DECIMALS,
    TWO_DECIMALS,
    ZERO_DECIMALS,
    allocate,
    decimal_from_minor,
    exponent_of,
    minor_from_decimal,
    minor_from_places,
)

plain_decimals = st.from_regex(r"[+-]?[0-9]{1,12}(\.[0-9]{1,8})?", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.34", "EUR", 1234),
        ("12.3", "EUR", 1230),
        ("5", "EUR", 500),
        ("5.0", "EUR", 500),
        ("0.00", "EUR", 0),
        ("-0.00", "EUR", 0),
        ("-24.90", "EUR", -2490),
        ("+1.00", "EUR", 100),
        ("007.10", "EUR", 710),
        ("1000", "JPY", 1000),
        ("1000.00", "JPY", 1000),
        ("1000.5", "JPY", 1001),
        ("1.234", "KWD", 1234),
        ("1.5", "KWD", 1500),
        ("12.3449", "EUR", 1234),
        ("12.345", "EUR", 1235),
        ("-12.345", "EUR", -1235),
        ("0.999", "EUR", 100),
        ("10000000000000.00", "EUR", MAX_MINOR),
    ],
)
def test_a_decimal_text_becomes_minor_units_of_its_currency(text: str, currency: str, minor: int) -> None:
    assert minor_from_decimal(text, currency) == minor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        ".",
        ".5",
        "5.",
        "10,00",
        " 10.00",
        "10.00 ",
        "1e3",
        "1E3",
        "1_000",
        "1.2.3",
        "--5",
        "NaN",
        "sNaN",
        "Infinity",
        "0x10",
        "٣٫٥",
        "٣",
        "1.٥",
        "²",
        "1\x00",
        "\ud800",
        "9" * 5000,
        "0." + "0" * 60,
    ],
)
def test_anything_but_a_plain_decimal_is_not_an_amount(text: str) -> None:
    with pytest.raises(AmountError, match="not an amount"):
        minor_from_decimal(text, "EUR")


@pytest.mark.parametrize("text", ["10000000000000.01", "-10000000000000.01", "9" * 39])
def test_an_amount_beyond_every_order_is_refused(text: str) -> None:
    with pytest.raises(AmountError, match="amount too large"):
        minor_from_decimal(text, "EUR")


@pytest.mark.parametrize("currency", ["XXX", "BTC", "eur", "", "EURO"])
def test_a_currency_that_is_not_listed_has_no_exponent(currency: str) -> None:
    with pytest.raises(AmountError, match="unknown currency"):
        minor_from_decimal("1.00", currency)


def test_every_currency_has_one_exponent() -> None:
    assert not TWO_DECIMALS & ZERO_DECIMALS
    assert not TWO_DECIMALS & THREE_DECIMALS
    assert not ZERO_DECIMALS & THREE_DECIMALS
    assert [exponent_of(currency) for currency in ("JPY", "EUR", "KWD")] == [0, 2, 3]


@given(text=plain_decimals, exponent=st.sampled_from([0, 2, 3]))
def test_rounding_is_half_up_away_from_zero(text: str, exponent: int) -> None:
    exact = Decimal(text).scaleb(exponent, Context(prec=60))
    assert minor_from_places(text, exponent) == int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@given(
    minor=st.integers(min_value=-MAX_MINOR, max_value=MAX_MINOR),
    currency=st.sampled_from(sorted(TWO_DECIMALS | ZERO_DECIMALS | THREE_DECIMALS)),
)
def test_minor_units_survive_the_way_to_text_and_back(minor: int, currency: str) -> None:
    assert minor_from_decimal(decimal_from_minor(minor, currency), currency) == minor


@given(text=st.text(max_size=45))
def test_any_text_is_an_amount_or_an_amount_error(text: str) -> None:
    try:
        minor = minor_from_decimal(text, "EUR")
    except AmountError:
        return
    assert abs(minor) <= MAX_MINOR
    assert text.isascii()


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (1, [1, 1], [1, 0]),
        (2, [1, 1, 1], [1, 1, 0]),
        (10, [7, 0, 3], [7, 0, 3]),
        (5, [0, 1], [0, 5]),
        (100, [333, 333, 334], [33, 33, 34]),
        (0, [0, 0], [0, 0]),
        (0, [], []),
        (11, [1, 2, 3, 4], [1, 2, 3, 5]),
    ],
)
def test_an_amount_is_split_by_weight_with_the_rest_to_the_largest_remainders(
    amount: int, weights: list[int], parts: list[int]
) -> None:
    assert allocate(amount, weights) == parts


@pytest.mark.parametrize(("amount", "weights"), [(-1, [1]), (1, [1, -1]), (1, []), (1, [0, 0])])
def test_what_cannot_be_split_is_refused(amount: int, weights: list[int]) -> None:
    with pytest.raises(AmountError):
        allocate(amount, weights)


@given(
    amount=st.integers(min_value=0, max_value=MAX_MINOR),
    weights=st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=30).filter(any),
)
def test_parts_add_up_and_none_is_a_whole_unit_off_its_share(amount: int, weights: list[int]) -> None:
    parts = allocate(amount, weights)
    total = sum(weights)
    assert sum(parts) == amount
    assert all(abs(part * total - amount * weight) < total for part, weight in zip(parts, weights, strict=True))
    if amount <= total:
        assert all(part <= weight for part, weight in zip(parts, weights, strict=True))
