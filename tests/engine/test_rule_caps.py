"""A rule's own caps count what its points come to once they are multiplied; older versions keep what they meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from loyalty_engine.explain import calculation, sentence
from loyalty_engine.programme import parse_programme
from loyalty_engine.programme.model import Cap, Combine, EarnPolicy, Lane, Programme, Rounding, Window
from loyalty_engine.programme.resolve import ShopFacts, resolve
from loyalty_engine.programme.unwritten import written_out
from loyalty_engine.texts import Words
from tests.engine.builders import OPENING, an_order, bare, source_of
from tests.engine.earning import TIERS, after, an_activity, factor, fixed, member, per_amount, programme, worth

AFTER, BEFORE = EarnPolicy(), EarnPolicy(caps_after_factors=False)
AT_MOST_500 = (Cap("order", Window.SOURCE, points=500),)
GOLD = member("gold")
"""Half as much again."""


def at_most(points: int, earn: EarnPolicy = AFTER, **more: Any) -> Programme:
    caps = (Cap("order", Window.SOURCE, points=points),)
    return programme(per_amount(caps=caps), earn=earn, tiers=TIERS, **more)


@pytest.mark.parametrize(
    ("minor", "points", "before"),
    [
        # 1.5 points a euro: one below the cap, the cap, one above; before factors the cap is met at 500 euros only.
        (33_266, 498, 498),
        (33_267, 499, 499),
        (33_333, 499, 499),
        (33_334, 500, 500),
        (33_400, 500, 501),
        (49_999, 500, 749),
        (50_000, 500, 750),
        (50_100, 500, 750),
        (99_999, 500, 750),
    ],
)
def test_at_most_500_points_per_order_is_what_the_shopper_gets(minor: int, points: int, before: int) -> None:
    assert worth(an_order(minor), at_most(500), GOLD).points == points
    assert worth(an_order(minor), at_most(500, BEFORE), GOLD).points == before


@pytest.mark.parametrize(("cap", "points"), [(149, 149), (150, 150), (151, 150)])
def test_a_cap_of_a_month_is_filled_by_what_was_given(cap: int, points: int) -> None:
    rules = programme(per_amount(caps=(Cap("month", Window.MONTH, points=cap),)), earn=AFTER, tiers=TIERS)
    first = worth(an_order(10_000), rules, GOLD)
    assert (first.points, first.grants[0].points) == (points, points)
    rest = worth(an_order(10_000, order_id="2", source_ref=source_of("2")), rules, after(GOLD, first))
    assert rest.points == cap - points


@pytest.mark.parametrize(("rounding", "points"), [(Rounding.FLOOR, 1), (Rounding.HALF_UP, 2), (Rounding.CEIL, 2)])
@pytest.mark.parametrize("cap", [1, 2, 3])
def test_no_rounding_after_a_factor_exceeds_the_cap(rounding: Rounding, points: int, cap: int) -> None:
    found = worth(an_order(100), at_most(cap, replace(AFTER, rounding=rounding)), GOLD)
    assert found.points == min(points, cap)


def test_what_a_campaign_adds_is_neither_multiplied_nor_cut_by_caps_of_others() -> None:
    rules = at_most(100)
    added = replace(rules, rules=(*rules.rules, fixed(7, "extra", lane=Lane.CAMPAIGN)))
    assert worth(an_order(10_000), added, GOLD).points == 107
    assert worth(an_order(1_000), added, GOLD).points == 22


def test_factors_of_tier_and_campaign_are_both_under_the_cap_and_other_rules_are_not() -> None:
    both = programme(per_amount(caps=AT_MOST_500), factor("2"), fixed(10, "thanks"), earn=AFTER, tiers=TIERS)
    assert worth(an_order(10_000), both, GOLD).points == 330
    assert worth(an_order(16_667), both, GOLD).points == 530
    assert worth(an_order(100_000), both, GOLD).points == 530


def test_of_the_best_what_counts_is_what_it_comes_to() -> None:
    best = replace(AFTER, lanes={**AFTER.lanes, Lane.BASE: Combine.BEST})
    rules = programme(per_amount(caps=(Cap("order", Window.SOURCE, points=120),)), fixed(90), earn=best, tiers=TIERS)
    # Multiplied, 100 points under their cap are 120 and the 90 are 135.
    assert worth(an_order(10_000), rules, GOLD).points == 135
    assert worth(an_order(10_000), replace(rules, earn=replace(best, caps_after_factors=False)), GOLD).points == 150


def test_activities_too() -> None:
    double = replace(factor("2"), trigger="review")
    review = fixed(10, "review", trigger="review", caps=(Cap("day", Window.DAY, points=15),))
    assert worth(an_activity(), programme(review, double, earn=AFTER)).points == 15
    assert worth(an_activity(), programme(review, double, earn=BEFORE)).points == 20


def test_a_cap_of_times_counts_once_whatever_the_factor() -> None:
    rules = programme(per_amount(caps=(Cap("once", Window.LIFETIME, times=1),)), earn=AFTER, tiers=TIERS)
    first = worth(an_order(10_000), rules, GOLD)
    second = worth(an_order(10_000, order_id="2", source_ref=source_of("2")), rules, after(GOLD, first))
    assert (first.points, second.points, second.reason) == (150, 0, "cap-reached")


def test_a_refund_below_the_cap_takes_only_what_is_above_what_is_kept() -> None:
    rules = at_most(500)
    assert worth(an_order(100_000, bare(50_000)), rules, GOLD).points == 500
    assert worth(an_order(100_000, bare(66_667)), rules, GOLD).points == 499
    assert worth(an_order(100_000, bare(100_000)), rules, GOLD).points == 0


def test_the_explanation_adds_up() -> None:
    found = worth(an_order(50_000), at_most(500), GOLD)
    assert found.inputs["lines"][0]["points"] == "500"
    assert (found.inputs["uncapped"], found.inputs["caps"]) == (750, [{"cap": "order", "before": 750, "after": 500}])
    told = {**found.inputs, "due": 500, "posted": 0}
    english = Words("en")
    assert "750" in " ".join(step.text for step in calculation(told, english) if step.kind == "rounding")
    assert "500" in sentence("earn", 500, told, english)


# --- versions ---

UNWRITTEN: Mapping[str, Any] = {
    "schema": 2,
    "programme": {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"},
    "points": {"earn": {"per_unit": "1"}},
}


def test_a_version_that_was_published_without_the_field_means_what_it_meant() -> None:
    assert not parse_programme(UNWRITTEN, 1, OPENING).earn.caps_after_factors
    assert parse_programme(UNWRITTEN, 1, OPENING).redeem.allow_negative == 0


def test_what_is_published_now_says_what_it_means() -> None:
    found = written_out(UNWRITTEN)
    assert found["points"]["earn"] == {"per_unit": "1", "rule_caps": "after_factors", "allow_negative": -500}
    assert parse_programme(found, 1, OPENING).earn.caps_after_factors
    assert "rule_caps" not in UNWRITTEN["points"]["earn"]
    chosen = {**UNWRITTEN, "points": {"earn": {"rule_caps": "before_factors", "allow_negative": 0}}}
    assert written_out(chosen) == chosen
    assert written_out({"points": 5}) == {"points": 5}


@pytest.mark.parametrize(("written", "paths"), [({}, ["points.earn.allow_negative"]), ({"allow_negative": 0}, [])])
def test_a_debt_that_nobody_limited_is_a_warning(written: dict[str, Any], paths: list[str]) -> None:
    document = {**UNWRITTEN, "points": {"earn": {"per_unit": "1", **written}}}
    resolved = resolve(document, ShopFacts())
    assert [warning.path for warning in resolved.warnings] == paths
    assert resolved.document["points"]["earn"]["allow_negative"] == written.get("allow_negative", -500)
