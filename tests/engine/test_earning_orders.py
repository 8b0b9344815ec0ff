"""What of an order earns: exclusions, minimum, refunds under each policy, the version that paid, maturity, counters."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.earning.evaluate import worth_of
from loyalty_engine.facts import Line, OrderState, Refund, RefundLine
from loyalty_engine.lots import NOT_YET
from loyalty_engine.member import Redemption, RedemptionState
from loyalty_engine.programme.model import (
    Correction,
    EarnPolicy,
    MaturesFrom,
    Programme,
    Rounding,
    Rulebook,
)
from tests.engine.builders import DAY, MICROSECOND, PAID, an_order, bare
from tests.engine.earning import (
    TIERS,
    context_of,
    factor,
    lines,
    member,
    per_amount,
    per_item,
    programme,
    source_of_order,
    when,
    worth,
)


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
def test_excluded_tender_lines_and_late_birthday_earn_nothing(
    name: str, changes: dict[str, Any], excluded: int, included: int
) -> None:
    """C25, each exclusion alone. Late birthdays: ``tests/members/test_birthdays.py`` and ``tests/journeys``."""
    order = an_order(10_000, **changes)
    assert worth(order, programme(per_amount(), earn=EarnPolicy(excludes=frozenset({name})))).points == excluded
    assert worth(order, programme(per_amount(), earn=EarnPolicy(excludes=frozenset()))).points == included


def test_excluded_tender_and_lines_together_never_go_below_zero() -> None:
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
