"""Where lanes, caps and exclusions meet: who takes room, what multiplies, and what the explanation says of the rest."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.earning.compiled import compiled
from loyalty_engine.facts import Line, OrderState
from loyalty_engine.member import Redemption, RedemptionState
from loyalty_engine.programme.model import (
    Award,
    AwardKind,
    Basis,
    Cap,
    Combine,
    EarnPolicy,
    Lane,
    Rounding,
    Rule,
    Window,
)
from loyalty_engine.worth import Worth
from tests.engine.builders import PAID, an_order, bare
from tests.engine.earning import (
    TIERS,
    after,
    an_activity,
    factor,
    fixed,
    lines,
    member,
    per_amount,
    per_item,
    programme,
    when,
    worth,
)

ONLY_THE_BEST = EarnPolicy(lanes={Lane.BASE: Combine.BEST})
DAILY = Cap("daily", Window.DAY, points=30)


def fired(found: Worth) -> list[str]:
    return [line["rule"] for line in found.inputs["lines"]]


# --- only the best ----------------------------------------------------------------------------------------------------


def test_the_rule_that_loses_takes_no_room_and_says_what_gave_more() -> None:
    rules = programme(fixed(20, "small", caps=(DAILY,)), fixed(50, "large"), earn=ONLY_THE_BEST)
    found = worth(an_order(), rules)
    assert (found.points, fired(found), found.grants) == (50, ["large"], ())
    assert found.rules == ({"rule": "small", "code": "another-gave-more", "needs": "50", "found": "20"},)


def test_the_best_is_what_is_most_under_its_own_cap() -> None:
    capped = fixed(50, "capped", caps=(Cap("once", Window.SOURCE, points=10),))
    found = worth(an_order(), programme(capped, fixed(20, "plain"), earn=ONLY_THE_BEST))
    assert (found.points, fired(found)) == (20, ["plain"])


def test_a_cap_that_is_used_up_leaves_the_next_best() -> None:
    rules = programme(fixed(30, "large", caps=(DAILY,)), fixed(20, "small"), earn=ONLY_THE_BEST)
    first = worth(an_order(order_id="1"), rules)
    who = after(member(), first)
    second = worth(an_order(order_id="2"), rules, who)
    assert (first.points, second.points) == (30, 20)
    # Looked at again, the first keeps what it has.
    assert worth(an_order(order_id="1"), rules, who).points == 30


@pytest.mark.parametrize(
    ("priorities", "winner"), [((0, 0), "a"), ((0, 1), "b"), ((1, 0), "a"), ((-1, 0), "b"), ((-1, -1), "a")]
)
def test_of_equals_the_higher_priority_counts_then_the_id(priorities: tuple[int, int], winner: str) -> None:
    rules = programme(
        fixed(10, "b", priority=priorities[1]), fixed(10, "a", priority=priorities[0]), earn=ONLY_THE_BEST
    )
    found = worth(an_order(), rules)
    assert (found.points, fired(found)) == (10, [winner])


def test_the_best_of_what_campaigns_add_counts() -> None:
    extra = [fixed(points, f"extra-{points}", lane=Lane.CAMPAIGN) for points in (5, 9, 7)]
    assert worth(an_order(), programme(per_amount(), *extra)).points == 109
    adding = EarnPolicy(lanes={Lane.CAMPAIGN: Combine.ADD})
    assert worth(an_order(), programme(per_amount(), *extra, earn=adding)).points == 121


def test_a_rule_that_is_only_tried_out_wins_nothing_and_takes_no_room() -> None:
    rules = programme(fixed(90, "tried", caps=(DAILY,), dry_run=True), fixed(20, "real"), earn=ONLY_THE_BEST)
    found = worth(an_order(), rules)
    assert (found.points, found.grants) == (20, ())
    assert found.rules == ({"rule": "tried", "code": "dry-run", "needs": None, "found": 10},), "its cap cuts it to 30"


def test_a_trial_says_what_it_would_add_with_factors_and_the_room_that_is_left() -> None:
    twice = factor("2")
    tried = [fixed(20, "more", dry_run=True), factor("3", "thrice", dry_run=True)]
    found = worth(an_order(), programme(per_amount(), twice, *tried))
    assert found.points == 200
    # 20 points are doubled like the others; of two factors of a campaign the better one counts.
    assert {one["rule"]: one["found"] for one in found.rules} == {"more": 40, "thrice": 100}


# --- caps of rules and rounding ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rounding", "minor", "points"),
    [
        (Rounding.FLOOR, 2999, 29),
        (Rounding.FLOOR, 3000, 30),
        (Rounding.FLOOR, 3099, 30),
        (Rounding.FLOOR, 3100, 30),
        (Rounding.CEIL, 2901, 30),
        (Rounding.CEIL, 3000, 30),
        (Rounding.CEIL, 3001, 30),
        (Rounding.HALF_UP, 2949, 29),
        (Rounding.HALF_UP, 2950, 30),
        (Rounding.HALF_UP, 3050, 30),
    ],
)
def test_no_rounding_lifts_a_rule_above_its_cap(rounding: Rounding, minor: int, points: int) -> None:
    rules = programme(per_amount(caps=(DAILY,)), earn=EarnPolicy(rounding=rounding))
    found = worth(an_order(minor), rules)
    assert found.points == points
    assert [grant.points for grant in found.grants] == [points]


@given(
    amounts=st.lists(st.integers(1, 4000), min_size=1, max_size=6),
    cap=st.integers(1, 60),
    rounding=st.sampled_from(Rounding),
)
def test_orders_of_one_day_never_exceed_the_cap_of_their_rule(amounts: list[int], cap: int, rounding: Rounding) -> None:
    rules = programme(per_amount(caps=(Cap("daily", Window.DAY, points=cap),)), earn=EarnPolicy(rounding=rounding))
    who, total = member(), 0
    for number, minor in enumerate(amounts):
        found = worth(an_order(minor, order_id=str(number)), rules, who)
        who = after(who, found)
        total += found.points
    assert total <= cap


def test_an_impossible_number_of_points_takes_no_room() -> None:
    cap = Cap("twice", Window.LIFETIME, times=2)
    found = worth(an_order(10**15, total_minor=10**15), programme(per_amount("100000", caps=(cap,))))
    assert (found.points, found.reason, found.grants) == (0, "more-points-than-possible", ())


# --- factors of activities --------------------------------------------------------------------------------------------


def of_reviews(text: str, rule_id: str = "week-of-reviews", **more: Any) -> Rule:
    award = factor(text).award
    return Rule(rule_id, "review", award, lane=Lane.CAMPAIGN, **more)


def test_a_campaign_multiplies_what_an_activity_earns() -> None:
    rules = programme(fixed(15, "review", trigger="review"), of_reviews("1.5"), per_amount())
    found = worth(an_activity(), rules)
    assert (found.points, found.inputs["factor"]) == (22, "3/2")
    assert worth(an_order(), rules).points == 100


def test_a_factor_for_reviews_asks_what_every_rule_asks() -> None:
    rules = programme(
        fixed(10, "review", trigger="review"),
        of_reviews("2", verified_only=True),
        of_reviews("3", "tried", dry_run=True),
    )
    plain, verified = worth(an_activity(), rules), worth(an_activity(values={"verified": True}), rules)
    assert (plain.points, verified.points) == (10, 20)
    assert plain.rules[0] == {"rule": "week-of-reviews", "code": "not-verified", "needs": True, "found": False}
    assert verified.rules == ({"rule": "tried", "code": "dry-run", "needs": None, "found": 10},)


def test_tiers_multiply_purchases_and_not_activities() -> None:
    rules = programme(per_amount(), fixed(10, "review", trigger="review"), tiers=TIERS)
    assert worth(an_order(), rules, member("gold")).points == 150
    assert worth(an_activity(), rules, member("gold")).points == 10


def test_points_of_a_campaign_are_added_to_an_activity_unmultiplied() -> None:
    rules = programme(
        fixed(10, "review", trigger="review"),
        fixed(5, "extra", trigger="review", lane=Lane.CAMPAIGN),
        of_reviews("2"),
    )
    assert worth(an_activity(), rules).points == 25


# --- what points paid for ---------------------------------------------------------------------------------------------


def paid_by_points(order: OrderState, minor: int) -> Redemption:
    return Redemption(
        "0" * 32,
        "five",
        "amount",
        RedemptionState.USED,
        100,
        1,
        PAID,
        PAID,
        value_minor=minor,
        currency="EUR",
        order_ref=order.source_ref,
    )


TWO = an_order(8000, lines=lines(6000, 2000, products=("tea", "pot")))


@pytest.mark.parametrize(
    ("product", "points"),
    [
        # 20.00 were paid by points, of 80.00 that the goods cost after it: each line has its share.
        ("tea", 75),
        ("pot", 25),
        ("cup", 0),
    ],
)
def test_a_rule_on_some_lines_gets_the_share_of_redeemed_value_that_is_theirs(product: str, points: int) -> None:
    rules = programme(per_amount(conditions=when("product", "in", product)), earn=EarnPolicy(excludes=frozenset()))
    assert worth(TWO, rules, member(redemptions=(paid_by_points(TWO, 2000),))).points == points


def test_all_lines_together_get_all_of_it() -> None:
    who = member(redemptions=(paid_by_points(TWO, 2000),))
    assert worth(TWO, programme(per_amount(), earn=EarnPolicy(excludes=frozenset())), who).points == 100
    assert worth(TWO, programme(per_amount()), who).points == 80


def test_a_list_price_loses_what_points_paid_for_unless_it_may_earn() -> None:
    order = an_order(9500, lines=(Line("1", 1, 9500, list_minor=10_000),))
    who = member(redemptions=(paid_by_points(order, 500),))
    excluded = EarnPolicy(basis=Basis.LIST_PRICE)
    included = EarnPolicy(basis=Basis.LIST_PRICE, excludes=frozenset())
    assert worth(order, programme(per_amount(), earn=excluded), who).points == 95
    assert worth(order, programme(per_amount(), earn=included), who).points == 100


# --- what the explanation says of the rest ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (an_order(10_000, gift_card_minor=10_000), "no-goods-that-earn"),
        (an_order(lines=(Line("1", 1, 5000, is_gift_card=True),), total_minor=5000), "no-goods-that-earn"),
        (an_order(10_000, bare(10_000)), "refunded-in-full"),
        (an_order(10_000, bare(10_000), currency="USD"), "refunded-in-full"),
        (an_order(currency="USD"), "currency-without-rate"),
    ],
)
def test_an_order_that_earns_nothing_says_what_is_nearest_to_the_cause(order: OrderState, reason: str) -> None:
    found = worth(order, programme(per_amount()))
    assert (found.points, found.reason, found.inputs["lines"]) == (0, reason, [])
    assert len(found.rules) == 1


def test_a_foreign_rule_is_not_why_a_small_order_earns_nothing() -> None:
    found = worth(an_order(99), programme(per_amount(), per_amount(rule_id="dollars", currency="USD")))
    assert (found.points, found.reason) == (0, "below-one-point")


@pytest.mark.parametrize("rule", [per_item(5), fixed(5), per_amount()])
def test_a_rule_whose_goods_all_went_back_says_so(rule: Rule) -> None:
    found = worth(an_order(10_000, bare(10_000)), programme(rule))
    assert found.rules == ({"rule": rule.rule_id, "code": "nothing-that-counts", "needs": None, "found": None},)


def test_a_whole_step_is_needed() -> None:
    rule = Rule("steps", "order", Award(AwardKind.PER_AMOUNT, rates=per_amount().award.rates, step_minor=1000))
    assert [worth(an_order(minor), programme(rule)).points for minor in (999, 1000, 1001, 1999, 2000)] == [
        0,
        10,
        10,
        10,
        20,
    ]


def test_a_programme_is_made_ready_once() -> None:
    rules = programme(per_amount())
    assert compiled(rules) is compiled(rules)
    assert compiled(programme(per_amount())) is not compiled(rules)
