"""Examine: what is shown is what happens, every reason has its numbers, and nothing is changed."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.cart import Cart
from loyalty_engine.decide import decide
from loyalty_engine.decision import Moment
from loyalty_engine.examine import Earning, Examination, Pending, as_json, examine, possible_actions
from loyalty_engine.facts import Line
from loyalty_engine.lots import NOT_YET, Debt, Lot
from loyalty_engine.member import Grant, MemberState, MemberStatus, SourceState
from loyalty_engine.programme.model import (
    Cap,
    Condition,
    EarnPolicy,
    MaturesFrom,
    Programme,
    Rulebook,
    Window,
)
from loyalty_engine.rewards import Situation
from tests.engine.builders import SALT, an_activity, fixed, per_amount
from tests.engine.rewarding import DAY, FIVE_EUROS, NOW, SHIPPING, SLIDER, TENTH, a_cart, a_member, a_programme

REVIEW = fixed(
    "review", 10, Cap("reviews-a-day", Window.DAY, times=3), minimums={"chars": 40}, verified_only=True, after_days=3
)
BIG_ORDERS = replace(
    per_amount({"EUR": "2"}), rule_id="big-orders", conditions=(Condition("order_value", "at_least", (5_000,)),)
)


def programme(**changes: Any) -> Programme:
    return a_programme(FIVE_EUROS, SHIPPING, rules=(per_amount(), REVIEW), tiers=(), **changes)


def examined(member: MemberState, rules: Programme, cart: Cart | None = None, **situation: Any) -> Examination:
    return examine(member, Rulebook((rules,)), Situation(rules, NOW, cart, **situation))


def earning(found: Examination, about: str) -> Earning:
    return next(one for one in found.earn if one.about == about)


def test_a_cart_shows_what_its_order_will_earn_and_when() -> None:
    found = earning(examined(a_member(), programme(), a_cart(2_599)), "cart")
    assert (found.points, found.reason, found.matures_at) == (25, None, NOW + 14 * DAY)


def test_a_rule_that_does_not_fire_says_what_it_needs_and_what_it_found() -> None:
    rules = a_programme(rules=(per_amount(), BIG_ORDERS), tiers=())
    [missed] = earning(examined(a_member(), rules, a_cart(4_999)), "cart").rules
    assert (missed["rule"], missed["needs"], missed["found"]) == ("big-orders", ["at_least", 5_000], 4_999)
    reached = earning(examined(a_member(), rules, a_cart(5_000)), "cart")
    assert (reached.points, reached.rules) == (150, ())


def test_a_currency_that_earns_nothing_is_named() -> None:
    cart = Cart("JPY", (Line("1", 1, 10_000),))
    found = earning(examined(a_member(), programme(), cart), "cart")
    assert (found.points, found.reason, found.matures_at) == (0, "currency-without-rate", None)


def test_what_waits_for_shipping_has_no_date() -> None:
    rules = programme(earn=EarnPolicy(matures_from=MaturesFrom.FULFILLED))
    found = earning(examined(a_member(), rules, a_cart(2_000)), "cart")
    assert (found.points, found.matures_at) == (20, None)


def test_actions_are_shown_as_well_as_their_rules_ask() -> None:
    [action] = possible_actions(programme(), NOW)
    assert (action.kind, dict(action.values)) == ("review", {"verified": True, "chars": 40})
    found = earning(examined(a_member(), programme()), "review")
    assert (found.points, found.matures_at) == (10, NOW + 3 * DAY)


def test_a_cap_that_is_reached_is_the_reason() -> None:
    day = NOW.date().isoformat()
    grants = tuple(Grant(f"event:r:review:{n}", "reviews-a-day", day, 10) for n in range(3))
    member = a_member(room_taken={("reviews-a-day", day): (30, 3)}, grants=grants)
    found = earning(examined(member, programme()), "review")
    assert (found.points, found.reason) == (0, "cap-reached")


def test_a_given_action_is_looked_at_as_it_is() -> None:
    rules = programme()
    short = an_activity("review", occurred_at=NOW, values={"chars": 39, "verified": True})
    [found] = examine(a_member(), Rulebook((rules,)), Situation(rules, NOW), [short]).earn
    assert (found.points, found.reason) == (0, "no-rule-applies")
    assert [(rule["code"], rule["needs"], rule["found"]) for rule in found.rules] == [("minimum-chars", 40, 39)]


def test_a_blocked_member_earns_and_redeems_nothing_and_is_told() -> None:
    found = examined(a_member(status=MemberStatus.BLOCKED), programme(), a_cart())
    assert {one.reason for one in found.earn} == {"member-blocked"}
    assert all([one.code for one in offer.obstacles] == ["member-blocked"] for offer in found.rewards)


def test_points_are_told_apart() -> None:
    lots = (
        Lot(1, "a", 100, 80, NOW - DAY, booked=30),
        Lot(2, "b", 40, 40, NOW + DAY),
        Lot(3, "c", 7, 7, NOW + DAY),
        Lot(4, "d", 5, 5, NOT_YET),
        Lot(5, "e", 9, 9, NOW - DAY, expires_at=NOW),
    )
    found = examined(a_member(lots=lots, debts=(Debt(9, 11),)), programme())
    assert (found.available, found.held, found.owed) == (39, 30, 11)
    assert found.pending == (Pending(47, NOW + DAY), Pending(5, None))


def test_the_next_reward_says_how_many_points_are_missing() -> None:
    assert examined(a_member(150), programme()).next_reward == ("shipping", 50)
    assert examined(a_member(499), programme()).next_reward == ("five", 1)
    assert examined(a_member(500), programme()).next_reward is None


def test_a_pause_is_shown() -> None:
    found = examined(a_member(), programme(), paused=True)
    assert found.paused
    assert [one.code for one in found.rewards[0].obstacles] == ["redeeming-paused"]


def test_it_is_plain_json_and_the_same_every_time() -> None:
    rules = a_programme(FIVE_EUROS, SLIDER, TENTH, rules=(per_amount({"EUR": "0.9"}), REVIEW), tiers=())
    member = a_member(450)
    first = as_json(examined(member, rules, a_cart(2_000)))
    assert json.loads(json.dumps(first)) == first
    assert as_json(examined(member, rules, a_cart(2_000))) == first
    five, slider, tenth = first["rewards"]
    assert five["obstacles"] == [
        {"code": "not-enough-points", "needs": 500, "found": 450, "missing": 50},
    ]
    assert (five["available"], five["missing_points"]) == (False, 50)
    assert (slider["available"], slider["step_points"], slider["most_points"]) == (True, 100, 400)
    assert (tenth["needs_cart"], tenth["value_minor"]) == (True, 200)
    assert first["next_reward"] == {"reward": "five", "missing_points": 50}
    assert first["earn"][0]["points"] == 18


@given(goods=st.integers(0, 50_000), percent=st.integers(1, 300), points=st.integers(0, 900))
def test_what_is_shown_is_what_the_order_earns(goods: int, percent: int, points: int) -> None:
    rules = a_programme(FIVE_EUROS, rules=(per_amount({"EUR": str(Fraction(percent, 100))}), BIG_ORDERS), tiers=())
    member = a_member(points, last_n=1)
    before = copy.deepcopy(member)
    shown = earning(examined(member, rules, a_cart(goods)), "cart")
    assert member == before
    order = replace(a_cart(goods).as_order(NOW), source_ref="shopify:12:order:1", order_id="1")
    moment = Moment(NOW, NOW.date(), lambda: SALT)
    decision = decide(member, [SourceState(order.source_ref, order, True)], Rulebook((rules,)), moment)
    assert sum(entry.points for entry in decision.entries) == shown.points
    assert [lot.matures_at for lot in decision.lots] == ([NOW + timedelta(days=14)] if shown.points else [])
