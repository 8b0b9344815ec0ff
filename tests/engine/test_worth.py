"""What a rate makes of an order: floor(goods kept x rate), once; and why an order is worth nothing."""

from __future__ import annotations

from fractions import Fraction

import pytest

from loyalty_engine.earning import evaluate
from loyalty_engine.facts import Line, OrderState, OrderStatus, Refund
from loyalty_engine.member import Context, MemberState
from loyalty_engine.programme.model import Programme
from loyalty_engine.worth import MAX_POINTS, Worth
from tests.engine.builders import OPENING, PAID, a_programme, an_order, bare, returned
from tests.engine.earning import source_of_order

CONTEXT = Context("shopify:12:order:5123", 1, OPENING, PAID, PAID, PAID, place=1)


def worth_of(order: OrderState, rules: Programme) -> Worth:
    """Of an order that was paid once, whatever became of it."""
    return evaluate.worth_of(source_of_order(order), CONTEXT, rules, MemberState("anna", OPENING))


@pytest.mark.parametrize(
    ("currency", "rate", "kept_minor", "points"),
    [
        # Two decimals: the point falls exactly where the unit is full.
        ("EUR", "1", 0, 0),
        ("EUR", "1", 99, 0),
        ("EUR", "1", 100, 1),
        ("EUR", "1", 101, 1),
        ("EUR", "1", 199, 1),
        ("EUR", "1", 200, 2),
        ("EUR", "0.9", 111, 0),
        ("EUR", "0.9", 112, 1),
        ("EUR", "0.9", 222, 1),
        ("EUR", "0.9", 223, 2),
        ("EUR", "0.9", 1000, 9),
        ("EUR", "0.333", 300, 0),
        ("EUR", "0.333", 301, 1),
        ("EUR", "0.333", 99_999, 332),
        ("EUR", "0.333", 100_000, 333),
        # 0.1 x 3 is 0.3 exactly, and 0.29 x 100 is 29 exactly: a binary fraction would lose the point.
        ("EUR", "0.1", 3000, 3),
        ("EUR", "0.29", 10_000, 29),
        ("EUR", "1.1", 1000, 11),
        # No decimals.
        ("JPY", "1", 1, 1),
        ("JPY", "0.01", 99, 0),
        ("JPY", "0.01", 100, 1),
        ("JPY", "0.01", 101, 1),
        ("JPY", "0.333", 3, 0),
        ("JPY", "0.333", 4, 1),
        # Three decimals.
        ("KWD", "1", 999, 0),
        ("KWD", "1", 1000, 1),
        ("KWD", "1", 1001, 1),
        ("KWD", "3.25", 307, 0),
        ("KWD", "3.25", 308, 1),
        ("KWD", "0.9", 1111, 0),
        ("KWD", "0.9", 1112, 1),
    ],
)
def test_points_are_the_whole_part_of_goods_times_rate(currency: str, rate: str, kept_minor: int, points: int) -> None:
    programme = a_programme({currency: rate}, base_currency=currency)
    assert worth_of(an_order(kept_minor, currency=currency), programme).points == points


def test_rounding_happens_once_for_the_order_and_not_once_for_each_line() -> None:
    halves = an_order(lines=(Line("11", 1, 50), Line("12", 1, 50)), total_minor=100)
    assert worth_of(halves, a_programme()).points == 1


def test_every_number_that_the_result_follows_from_is_named() -> None:
    order = an_order(12_050, returned(2000), order_id="77", shop_status="partially_refunded")
    found = worth_of(order, a_programme({"EUR": "0.9"}))
    assert (found.points, found.reason, found.rules) == (90, None, ())
    assert found.inputs == {
        "order": "77",
        "order_name": "77",
        "shop_status": "partially_refunded",
        "currency": "EUR",
        "ordered_minor": 12_050,
        "kept_minor": 10_050,
        "rounding": "floor",
        "notes": [],
        "lines": [
            {
                "rule": "points-per-amount",
                "lane": "base",
                "award": "per_amount",
                "amount_minor": 10_050,
                "rate": "9/10",
                "unit_minor": 100,
                "points": "1809/20",
            }
        ],
    }


GIFT_CARD = Line("11", 1, 5000, is_gift_card=True)


@pytest.mark.parametrize(
    ("order", "reason", "numbers"),
    [
        (an_order(status=OrderStatus.OPEN), "order-not-paid", False),
        (an_order(status=OrderStatus.CANCELLED), "order-cancelled", False),
        (an_order(status=OrderStatus.DELETED), "order-deleted", False),
        (an_order(is_test=True), "test-order", False),
        (an_order(is_test=True, status=OrderStatus.CANCELLED), "order-cancelled", False),
        (an_order(currency="USD"), "currency-without-rate", True),
        (an_order(currency="XAU"), "currency-without-rate", True),
        (an_order(currency="GBP"), "currency-without-rate", True),
        (an_order(0), "no-goods-that-earn", True),
        (an_order(lines=(), total_minor=900), "no-goods-that-earn", True),
        (an_order(lines=(GIFT_CARD,), total_minor=5000), "no-goods-that-earn", True),
        (an_order(99), "below-one-point", True),
        (an_order(10_000, bare(9_901)), "below-one-point", True),
        (an_order(10_000, bare(10_000)), "refunded-in-full", True),
        (an_order(10_000, returned(10_000), total_minor=10_500), "refunded-in-full", True),
        (an_order(99, bare(99)), "refunded-in-full", True),
    ],
)
def test_an_order_that_is_worth_nothing_says_why(order: OrderState, reason: str, numbers: bool) -> None:
    worth = worth_of(order, a_programme({"EUR": "1", "GBP": "0"}))
    assert (worth.points, worth.reason) == (0, reason)
    assert ("kept_minor" in worth.inputs) is numbers
    assert worth.inputs["order"] == "5123"
    assert worth.inputs["currency"] == order.currency


@pytest.mark.parametrize("order", [an_order(100), an_order(10_000, bare(9_900))])
def test_one_point_is_enough_to_need_no_reason(order: OrderState) -> None:
    assert worth_of(order, a_programme()).reason is None
    assert worth_of(order, a_programme()).points == 1


def test_one_order_cannot_earn_more_points_than_any_order_could() -> None:
    """A mistaken amount of 10^15 yen at a mistaken rate would not fit into a database column, and block its batch."""
    programme = a_programme({"JPY": "100000"}, base_currency="JPY")
    largest = worth_of(an_order(MAX_POINTS // 100_000, currency="JPY"), programme)
    too_large = worth_of(an_order(MAX_POINTS // 100_000 + 1, currency="JPY"), programme)
    assert (largest.points, largest.reason) == (MAX_POINTS, None)
    assert (too_large.points, too_large.reason) == (0, "more-points-than-possible")
    assert too_large.inputs["kept_minor"] == MAX_POINTS // 100_000 + 1


def test_the_status_word_of_the_shop_never_changes_what_is_kept() -> None:
    """Where status and refunds disagree, the refunds count."""
    refunded = an_order(10_000, Refund("1", 2500), shop_status="refunded")
    worth = worth_of(refunded, a_programme())
    assert worth.points == 75
    assert "status-refunded-but-partly-kept" in worth.inputs["notes"]


def test_the_rate_is_kept_as_an_exact_ratio() -> None:
    worth = worth_of(an_order(), a_programme({"EUR": "0.333"}))
    assert Fraction(worth.inputs["lines"][0]["rate"]) == Fraction(333, 1000)
