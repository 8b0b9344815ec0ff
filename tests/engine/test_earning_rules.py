"""Awards, lanes, factors and roundings: each policy at its boundaries, in exact points."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.earning.evaluate import worth_of
from loyalty_engine.facts import Line, OrderState, Product, Refund, RefundLine
from loyalty_engine.lots import NOT_YET
from loyalty_engine.member import Redemption, RedemptionState
from loyalty_engine.programme.model import (
    Basis,
    Combine,
    Correction,
    EarnPolicy,
    Lane,
    MaturesFrom,
    Programme,
    Rounding,
    Rulebook,
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
    assert found.rules == ({"rule": "try", "code": "dry-run", "needs": None, "found": "200"},)


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


def test_c09_a_ten_percent_coupon_on_a_700_point_order_gives_630() -> None:
    """C09: the coupon is in the net price of the lines."""
    assert (
        worth(an_order(63_000, lines=(Line("1", 1, 63_000, list_minor=70_000),)), programme(per_amount())).points == 630
    )


def test_c08_earning_ignores_the_currency_shown_to_the_shopper() -> None:
    """C08: the amount and currency of the order's own record count; there is no other input."""
    order = an_order(1000)
    assert (
        worth(order, programme(per_amount())).points
        == worth(replace(order, channel="app"), programme(per_amount())).points
    )


EXCLUSIONS: list[tuple[str, dict[str, Any], int, int]] = [
    ("sale_items", {"lines": (Line("1", 1, 4000), Line("2", 1, 6000, is_on_sale=True))}, 40, 100),
    ("gift_cards", {"lines": (Line("1", 1, 4000), Line("2", 1, 6000, is_gift_card=True))}, 40, 100),
    ("gift_card_tender", {"gift_card_minor": 2500}, 75, 100),
    ("store_credit_tender", {"store_credit_minor": 1}, 99, 100),
]


@pytest.mark.parametrize(("name", "changes", "excluded", "included"), EXCLUSIONS)
def test_c25_each_exclusion_alone(name: str, changes: dict[str, Any], excluded: int, included: int) -> None:
    """C25."""
    order = an_order(10_000, **changes)
    assert worth(order, programme(per_amount(), earn=EarnPolicy(excludes=frozenset({name})))).points == excluded
    assert worth(order, programme(per_amount(), earn=EarnPolicy(excludes=frozenset()))).points == included


def test_c25_all_exclusions_together_and_never_below_zero() -> None:
    """C25: half is sale, and of the rest three quarters were paid by other tender."""
    everything = frozenset({"sale_items", "gift_cards", "gift_card_tender", "store_credit_tender", "redeemed_value"})
    order = an_order(
        10_000,
        lines=(Line("1", 1, 5000), Line("2", 1, 5000, is_on_sale=True)),
        gift_card_minor=5000,
        store_credit_minor=2500,
    )
    rules = programme(per_amount(), earn=EarnPolicy(excludes=everything))
    assert worth(order, rules).points == 12
    assert worth(replace(order, gift_card_minor=10**9), rules).points == 0


def redeemed(order: OrderState, value_minor: int) -> Redemption:
    return Redemption(
        "0" * 32,
        "five",
        "amount",
        RedemptionState.USED,
        100,
        1,
        PAID,
        PAID,
        value_minor=value_minor,
        currency="EUR",
        order_ref=order.source_ref,
    )


def test_what_points_paid_for_earns_only_where_the_merchant_wants_it() -> None:
    order = an_order(9500)
    who = member(redemptions=(redeemed(order, 500),))
    assert worth(order, programme(per_amount()), who).points == 95
    assert worth(order, programme(per_amount(), earn=EarnPolicy(excludes=frozenset())), who).points == 100


@pytest.mark.parametrize(("minor", "points", "reason"), [(2999, 0, "order-below-minimum"), (3000, 30, None)])
def test_orders_below_the_minimum_earn_nothing(minor: int, points: int, reason: str | None) -> None:
    found = worth(an_order(minor), programme(per_amount(), earn=EarnPolicy(minimum_minor=3000)))
    assert (found.points, found.reason) == (points, reason)


def test_a_refund_below_the_minimum_takes_back_only_its_share() -> None:
    rules = programme(per_amount(), earn=EarnPolicy(minimum_minor=3000))
    assert worth(an_order(3000, bare(1000)), rules).points == 20


@pytest.mark.parametrize(
    ("policy", "part", "everything"), [("proportional", 75, 0), ("full_only", 100, 0), ("never", 100, 100)]
)
def test_refunds_take_back_what_the_policy_says(policy: str, part: int, everything: int) -> None:
    rules = programme(per_amount(), earn=EarnPolicy(reverse_on_refund=policy))
    assert worth(an_order(10_000, bare(2500)), rules).points == part
    assert worth(an_order(10_000, bare(10_000)), rules).points == everything


def test_c02_clawback_uses_the_rule_version_that_paid() -> None:
    """C02: the rate is changed and the rule deleted in between; half is refunded: exactly half comes back."""
    first = programme(per_amount("3"))
    second = programme(version=2, effective_from=PAID + DAY)
    book = Rulebook((first, second))
    source = source_of_order(an_order(10_000))
    context = context_of(source, first)
    rules = book.recorded(context.programme_version, context.paid_at)
    assert rules is first
    half = source_of_order(an_order(10_000, bare(5000)))
    assert worth_of(source, context, rules, member()).points == 300
    assert worth_of(half, context, rules, member()).points == 150


def test_a_correction_replaces_the_version_for_its_interval_alone() -> None:
    right = programme(per_amount("2"), version=2, effective_from=PAID + 99 * DAY)
    book = Rulebook((programme(per_amount("20")), right), (Correction(1, 2, PAID, PAID + DAY),))
    found = [book.recorded(1, at) for at in (PAID - MICROSECOND, PAID, PAID + DAY - MICROSECOND, PAID + DAY)]
    assert [rules.version if rules else None for rules in found] == [1, 2, 2, 1]


RULES: Programme = programme(
    per_amount("1.7"),
    per_item(3, conditions=when("product", "in", "1")),
    factor("1.3", conditions=when("weekday", "in", "sun")),
    tiers=TIERS,
)


@st.composite
def split_refunds(draw: st.DrawFn) -> tuple[OrderState, OrderState]:
    """The same refund of lines at once and in pieces."""
    amounts = draw(st.lists(st.integers(0, 20_000), min_size=1, max_size=4))
    order = an_order(sum(amounts), lines=lines(*amounts), total_minor=sum(amounts))
    back = [draw(st.integers(0, amount)) for amount in amounts]
    whole = Refund("1", sum(back), tuple(RefundLine(str(i), 0, part) for i, part in enumerate(back)))
    pieces: list[Refund] = []
    for number, part in enumerate(back):
        cut = draw(st.integers(0, part))
        for size in (cut, part - cut):
            pieces.append(Refund(f"p{len(pieces)}", size, (RefundLine(str(number), 0, size),)))
    return replace(order, refunds=(whole,)), replace(order, refunds=tuple(draw(st.permutations(pieces))))


@given(split_refunds(), st.sampled_from(list(Rounding)), st.sampled_from(["member", "silver", "gold"]))
def test_c03_any_split_of_partial_refunds_claws_back_the_same_total(
    orders: tuple[OrderState, OrderState], rounding: Rounding, tier: str
) -> None:
    """C03."""
    rules = replace(RULES, earn=EarnPolicy(rounding=rounding))
    once, split = (worth(order, rules, member(tier)).points for order in orders)
    before = worth(replace(orders[0], refunds=()), rules, member(tier)).points
    assert once == split
    assert 0 <= once <= before


@pytest.mark.parametrize(
    ("policy", "order", "expected"),
    [
        (EarnPolicy(pending_days=14), {}, PAID + 14 * DAY),
        (EarnPolicy(pending_days=14), {"is_preorder": True}, NOT_YET),
        (EarnPolicy(pending_days=14), {"is_preorder": True, "fulfilled_at": PAID + DAY}, PAID + 14 * DAY),
        (EarnPolicy(pending_days=14), {"is_preorder": True, "fulfilled_at": PAID + 60 * DAY}, PAID + 60 * DAY),
        (EarnPolicy(pending_days=14, matures_from=MaturesFrom.FULFILLED), {}, NOT_YET),
        (
            EarnPolicy(pending_days=14, matures_from=MaturesFrom.FULFILLED),
            {"fulfilled_at": PAID + 3 * DAY},
            PAID + 17 * DAY,
        ),
    ],
)
def test_points_mature_from_payment_or_shipping(policy: EarnPolicy, order: dict[str, Any], expected: datetime) -> None:
    assert worth(an_order(1000, **order), programme(per_amount(), earn=policy)).matures_at == expected


def test_an_order_counts_as_what_is_kept_of_it() -> None:
    rules = programme(per_amount(), base_rates={"USD": Fraction("0.9")})
    rows = {(row.counter, row.value) for row in worth(an_order(10_000, bare(2500)), rules).counters}
    assert rows == {("orders", 1), ("spend", 7500), ("tier_points", 75)}
    assert worth(an_order(10_000, bare(10_000)), rules).counters == ()
    dollars = worth(an_order(10_000, currency="USD"), rules).counters
    assert {(row.counter, row.value) for row in dollars} == {("orders", 1), ("spend", 9000)}
    pounds = worth(an_order(10_000, currency="GBP"), rules).counters
    assert [row.counter for row in pounds] == ["orders"]


def test_an_order_without_price_is_an_order() -> None:
    found = worth(an_order(0, total_minor=0, lines=(Line("1", 1, 0),)), programme(per_amount()))
    assert (found.points, found.reason) == (0, "no-goods-that-earn")
    assert [row.counter for row in found.counters] == ["orders"]


def test_an_impossible_number_of_points_is_nothing() -> None:
    found = worth(an_order(10**15, total_minor=10**15), programme(per_amount("100000")))
    assert (found.points, found.reason) == (0, "more-points-than-possible")
