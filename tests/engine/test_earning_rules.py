"""Awards, lanes, factors and roundings: each policy at its boundaries, in exact points."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from loyalty_engine.earning.evaluate import worth_of
from loyalty_engine.facts import Line, Product
from loyalty_engine.programme.model import (
    Basis,
    Combine,
    EarnPolicy,
    Lane,
    Rounding,
)
from tests.engine.builders import DAY, MICROSECOND, PAID, an_order, bare, returned
from tests.engine.earning import (
    TIERS,
    context_of,
    factor,
    fixed,
    lines,
    member,
    per_amount,
    per_item,
    programme,
    source_of_order,
    when,
    worth,
)


@pytest.mark.parametrize(
    ("minor", "rounding", "points"),
    [
        (99, Rounding.FLOOR, 0),
        (100, Rounding.FLOOR, 1),
        (199, Rounding.FLOOR, 1),
        (149, Rounding.HALF_UP, 1),
        (150, Rounding.HALF_UP, 2),
        (100, Rounding.CEIL, 1),
        (101, Rounding.CEIL, 2),
        (1, Rounding.CEIL, 1),
    ],
)
def test_points_are_rounded_once_as_the_programme_says(minor: int, rounding: Rounding, points: int) -> None:
    rules = programme(per_amount(), earn=EarnPolicy(rounding=rounding))
    assert worth(an_order(minor), rules).points == points


@pytest.mark.parametrize(
    ("currency", "rate", "minor", "points"),
    [("EUR", "1", 1050, 10), ("JPY", "0.01", 1050, 10), ("KWD", "3.25", 1050, 3), ("USD", "0.9", 1112, 10)],
)
def test_every_currency_has_its_own_rate_and_minor_unit(currency: str, rate: str, minor: int, points: int) -> None:
    rules = programme(per_amount(rate, currency=currency))
    assert worth(an_order(minor, currency=currency), rules).points == points


def test_a_currency_without_a_rate_earns_nothing_and_says_so() -> None:
    found = worth(an_order(1000, currency="USD"), programme(per_amount()))
    assert (found.points, found.reason) == (0, "currency-without-rate")
    assert found.rules == ({"rule": "base", "code": "currency-without-rate", "needs": ["EUR"], "found": "USD"},)


@pytest.mark.parametrize(("minor", "points"), [(999, 0), (1000, 10), (1999, 10), (2000, 20)])
def test_with_steps_only_whole_ones_count(minor: int, points: int) -> None:
    assert worth(an_order(minor), programme(per_amount(step_minor=1000))).points == points


def test_points_per_item_follow_the_units_kept() -> None:
    order = an_order(6000, lines=(Line("1", 3, 6000, "3"),))
    rules = programme(per_item(2))
    assert worth(order, rules).points == 6
    assert worth(replace(order, refunds=(returned(2000, line_id="1"),)), rules).points == 4
    assert worth(replace(order, lines=(Line("1", 3, 6000, "3", removed_quantity=2),)), rules).points == 2


def test_a_fixed_award_stands_until_nothing_is_kept() -> None:
    rules = programme(fixed(50))
    assert worth(an_order(1000), rules).points == 50
    assert worth(an_order(1000, bare(999)), rules).points == 50
    found = worth(an_order(1000, bare(1000)), rules)
    assert (found.points, found.reason) == (0, "refunded-in-full")


@pytest.mark.parametrize(("how", "points"), [(Combine.ADD, 100 + 200), (Combine.BEST, 200)])
def test_rules_of_the_base_lane_add_or_only_the_best_counts(how: Combine, points: int) -> None:
    rules = programme(per_amount("1"), per_amount("2", "double"), earn=EarnPolicy(lanes={Lane.BASE: how}))
    assert worth(an_order(10_000), rules).points == points


@pytest.mark.parametrize(
    ("across", "points"),
    [(Combine.MULTIPLY, 300), (Combine.ADD, 250), (Combine.BEST, 200)],
)
def test_tier_and_campaign_factors_meet_as_the_programme_says(across: Combine, points: int) -> None:
    """100 points, gold 1.5, campaign 2."""
    rules = programme(per_amount(), factor("2"), earn=EarnPolicy(across=across), tiers=TIERS)
    assert worth(an_order(10_000), rules, member("gold")).points == points


@pytest.mark.parametrize(("how", "points"), [(Combine.BEST, 300), (Combine.ADD, 400), (Combine.MULTIPLY, 600)])
def test_factors_of_one_lane_meet_as_the_lane_says(how: Combine, points: int) -> None:
    policy = EarnPolicy(lanes={Lane.BASE: Combine.ADD, Lane.TIER: Combine.BEST, Lane.CAMPAIGN: how})
    rules = programme(per_amount(), factor("2", "two"), factor("3", "three"), earn=policy)
    assert worth(an_order(10_000), rules).points == points


def test_what_a_campaign_adds_is_not_multiplied() -> None:
    rules = programme(per_amount(), factor("2"), fixed(7, "gift", lane=Lane.CAMPAIGN), tiers=TIERS)
    assert worth(an_order(10_000), rules, member("gold")).points == 307


def test_the_exact_sum_is_rounded_not_its_parts() -> None:
    """0.99 x 1.25 x 1.5 = 1.85..., and twice 0.5 is one."""
    assert worth(an_order(99), programme(per_amount(), factor("1.5"), tiers=TIERS), member("silver")).points == 1
    halves = programme(per_amount("0.5", "a"), per_amount("0.5", "b"))
    assert worth(an_order(100), halves).points == 1


def test_a_dry_run_gives_nothing_and_tells_what_it_would_have() -> None:
    found = worth(an_order(10_000), programme(per_amount(), per_amount("2", "try", dry_run=True)))
    assert found.points == 100
    assert found.rules == ({"rule": "try", "code": "dry-run", "needs": None, "found": 200},)


CONDITIONS: list[tuple[tuple[Any, ...], dict[str, Any], bool]] = [
    (("weekday", "in", "sun"), {}, True),
    (("weekday", "in", "mon", "sat"), {}, False),
    (("source", "in", "pos"), {"channel": "pos"}, True),
    (("source", "in", "pos"), {"channel": "web"}, False),
    (("country", "in", "DE", "AT"), {"country": "AT"}, True),
    (("country", "in", "DE"), {"country": None}, False),
    (("country", "not_in", "DE"), {"country": None}, True),
    (("currency", "in", "EUR"), {}, True),
    (("order_value", "at_least", 10_001), {}, False),
    (("order_value", "at_least", 10_000), {}, True),
    (("order_value", "at_most", 9_999), {}, False),
    (("order_value", "between", 9_999, 10_000), {}, True),
    (("order_tag", "in", "wholesale"), {"order_tags": ("wholesale", "b2b")}, True),
    (("order_tag", "not_in", "wholesale"), {"order_tags": ("wholesale",)}, False),
    (("customer_tag", "in", "vip"), {"customer_tags": ("vip",)}, True),
    (("customer_tag", "in", "vip"), {}, False),
    (("first_order", "in", True), {}, True),
    (("place", "at_least", 2), {}, False),
    (("date", "between", PAID.date(), PAID.date()), {}, True),
    (("date", "at_least", PAID.date() + DAY), {}, False),
    (("product", "in", "11"), {"lines": lines(10_000, products=("11",))}, True),
    (("product", "in", "12"), {"lines": lines(10_000, products=("11",))}, False),
    (("sku", "in", "T-1"), {"lines": (Line("1", 1, 10_000, sku="T-1"),)}, True),
    (("variant", "in", "v"), {"lines": (Line("1", 1, 10_000, variant_id="w"),)}, False),
]


@pytest.mark.parametrize(("condition", "changes", "is_met"), CONDITIONS)
def test_a_rule_fires_only_where_its_condition_holds(
    condition: tuple[Any, ...], changes: dict[str, Any], is_met: bool
) -> None:
    """2026-03-01 was a Sunday."""
    found = worth(an_order(10_000, **changes), programme(per_amount(conditions=when(*condition))))
    assert (found.points > 0) == is_met
    assert [missed["code"] for missed in found.rules] == ([] if is_met else [f"condition-{condition[0]}"])


@pytest.mark.parametrize(
    ("field", "value", "points"),
    [("category", "tea", 60), ("collection", "summer", 40), ("product_tag", "new", 100), ("category", "coffee", 0)],
)
def test_conditions_on_the_catalogue_choose_lines(field: str, value: str, points: int) -> None:
    products = {
        "1": Product("1", categories=("tea",), tags=("new",)),
        "2": Product("2", collections=("summer",), tags=("new",)),
    }
    order = an_order(10_000, lines=lines(6000, 4000, products=("1", "2")))
    rules = programme(per_amount(conditions=when(field, "in", value)))
    assert worth(order, rules, products=products).points == points


def test_what_the_catalogue_said_at_first_counts_for_ever() -> None:
    rules = programme(per_amount(conditions=when("category", "in", "tea")))
    before = source_of_order(
        an_order(1000, lines=lines(1000, products=("1",))), {"1": Product("1", categories=("tea",))}
    )
    context = context_of(before, rules)
    later = replace(before, products={"1": Product("1", categories=("coffee",))})
    assert worth_of(later, context, rules, member()).points == 10


@pytest.mark.parametrize(("tier", "points"), [("member", 100), ("silver", 125), ("gold", 150), (None, 100)])
def test_the_tier_of_the_payment_multiplies(tier: str | None, points: int) -> None:
    assert worth(an_order(10_000), programme(per_amount(), tiers=TIERS), member(tier)).points == points


@pytest.mark.parametrize(
    ("at", "is_in"), [(PAID - MICROSECOND, False), (PAID, True), (PAID + DAY - MICROSECOND, True), (PAID + DAY, False)]
)
def test_a_window_is_half_open(at: datetime, is_in: bool) -> None:
    rules = programme(per_amount(starts_at=PAID, ends_at=PAID + DAY))
    assert (worth(an_order(1000, paid_at=at), rules).points == 10) == is_in


ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "UTC"]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2028-02-29", "2026-12-31"])
def test_weekday_and_date_are_local_ones(zone: str, day: str) -> None:
    """Last and first microsecond of a local day, on days when clocks change and leap days too."""
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
    end = (datetime.fromisoformat(day) + DAY).replace(tzinfo=ZoneInfo(zone))
    rules = programme(per_amount(conditions=when("date", "between", start.date(), start.date())), timezone=zone)
    for at, is_in in (
        (start, True),
        (start.astimezone(UTC) - MICROSECOND, False),
        (end.astimezone(UTC) - MICROSECOND, True),
        (end, False),
    ):
        assert (worth(an_order(1000, paid_at=at.astimezone(UTC)), rules).points == 10) == is_in, at


BASES = [
    (Basis.NET_MERCHANDISE, 84),
    (Basis.GROSS_MERCHANDISE, 100),
    (Basis.LIST_PRICE, 90),
]


@pytest.mark.parametrize(("basis", "points"), BASES)
def test_the_basis_is_the_one_chosen(basis: Basis, points: int) -> None:
    line = Line("1", 1, 8400, tax_minor=1600, list_minor=9000)
    order = an_order(8400, lines=(line,), total_minor=10_000, tax_minor=1600)
    assert worth(order, programme(per_amount(), earn=EarnPolicy(basis=basis))).points == points


def test_shipping_earns_only_where_it_is_asked_for() -> None:
    order = an_order(8000, total_minor=10_000, shipping_minor=2000)
    assert worth(order, programme(per_amount())).points == 80
    assert worth(order, programme(per_amount(), earn=EarnPolicy(include_shipping=True))).points == 100
