"""What-if: the same history under the same rules gives what the books say; a comparison names who gains and loses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.facts import OrderState, OrderStatus, Refund
from loyalty_engine.ledger import EntryKind
from loyalty_engine.programme.model import ExpiryMode, ExpiryPolicy, Pause, Programme, Reward, RewardKind, Rulebook
from loyalty_engine.simulate import Comparison, Earned, Habit, History, Totals, earned_by_source, walk
from loyalty_engine.simulate.phases import phases
from loyalty_engine.simulate.totals import face_value, percent
from tests.engine.builders import DAY, OPENING, PAID, an_order, source_of
from tests.engine.earning import TIERS, per_amount, programme

UNTIL = PAID + 400 * DAY
FIVE = Reward("five", RewardKind.AMOUNT, 100, values={"EUR": 500}, minimum_order_minor=1500)


def history(*orders: OrderState, redeemed_on: Sequence[str] = ()) -> History:
    return History("anna", OPENING, orders, redeemed_on=frozenset(redeemed_on))


def order(number: int, net_minor: int, days: int = 0, *refunds: Refund) -> OrderState:
    at = PAID + days * DAY
    return an_order(
        net_minor,
        *refunds,
        order_id=str(number),
        source_ref=source_of(str(number)),
        paid_at=at,
        created_at=at,
        updated_at=at,
    )


def book(rules: Programme) -> Rulebook:
    return Rulebook((rules,))


def test_an_order_is_paid_then_refunded_then_called_off() -> None:
    first, second = Refund("1", 100, created_at=PAID + 2 * DAY), Refund("2", 200, created_at=PAID + DAY)
    final = replace(order(1, 1000, 0, first, second), status=OrderStatus.CANCELLED, updated_at=PAID + 3 * DAY)
    seen = [(at, state.status, {refund.refund_id for refund in state.refunds}) for at, state in phases(final)]
    assert seen == [
        (PAID, OrderStatus.PAID, set()),
        (PAID + DAY, OrderStatus.PAID, {"2"}),
        (PAID + 2 * DAY, OrderStatus.PAID, {"1", "2"}),
        (PAID + 3 * DAY, OrderStatus.CANCELLED, {"1", "2"}),
    ]


def test_what_was_never_paid_or_a_test_has_no_life() -> None:
    assert phases(replace(order(1, 1000), status=OrderStatus.OPEN, paid_at=None)) == []
    assert phases(replace(order(1, 1000), is_test=True)) == []


def test_refunds_count_when_they_were_made() -> None:
    refunded = order(1, 10_000, 0, Refund("1", 4000, created_at=PAID + 40 * DAY))
    walked = walk(history(refunded), book(programme(per_amount())), UNTIL)
    assert walked.months == {("2026-03", "earn"): 100, ("2026-04", "clawback"): -40}
    assert (walked.points, walked.orders, walked.revenue_minor) == (60, 1, 6000)


def test_what_happens_after_the_end_is_left_out() -> None:
    late = order(1, 10_000, 30)
    assert walk(history(late), book(programme(per_amount())), PAID + 29 * DAY).points == 0
    assert walk(history(late), book(programme(per_amount())), PAID + 30 * DAY).points == 100


def test_the_tier_reached_multiplies_the_next_order() -> None:
    rules = programme(per_amount(), tiers=TIERS)
    walked = walk(history(order(1, 20_000), order(2, 10_000, 20)), book(rules), UNTIL)
    assert walked.months == {("2026-03", "earn"): 200 + 125}
    assert walked.tier == "silver"


def test_nobody_redeems_unless_the_habit_says_so() -> None:
    orders = (order(1, 20_000), order(2, 3_000, 30), order(3, 3_000, 60))
    rules = book(programme(per_amount(), rewards=(FIVE,)))
    assert walk(history(*orders), rules, UNTIL, Habit.NEVER).redemptions == 0
    soon = walk(history(*orders), rules, UNTIL, Habit.SOON)
    assert (soon.redemptions, soon.cost_minor, soon.points) == (2, 1000, 200 + 25 + 25 - 200)
    once = walk(history(*orders, redeemed_on=[source_of("3")]), rules, UNTIL, Habit.RECORDED)
    assert (once.redemptions, once.cost_minor, once.points) == (1, 500, 200 + 30 + 25 - 100)


@pytest.mark.parametrize(("net_minor", "redemptions"), [(1499, 0), (1500, 1)])
def test_a_reward_needs_an_order_that_is_large_enough(net_minor: int, redemptions: int) -> None:
    rules = book(programme(per_amount(), rewards=(FIVE,)))
    walked = walk(history(order(1, 20_000), order(2, net_minor, 30)), rules, UNTIL, Habit.SOON)
    assert walked.redemptions == redemptions


def test_a_refund_of_an_order_paid_with_points_gives_them_back_and_costs_less() -> None:
    refunded = order(2, 10_000, 30, Refund("1", 9_500, created_at=PAID + 40 * DAY))
    rules = book(programme(per_amount(), rewards=(FIVE,)))
    walked = walk(history(order(1, 20_000), refunded), rules, UNTIL, Habit.SOON)
    assert (walked.cost_minor, walked.points) == (0, 200)


def test_points_end_without_activity_and_live_with_it() -> None:
    policy = ExpiryPolicy(ExpiryMode.INACTIVITY, months=12)
    rules = book(programme(per_amount(), expiry=policy))
    until = PAID + 800 * DAY
    assert walk(history(order(1, 10_000)), rules, until).points == 0
    assert walk(history(order(1, 10_000)), rules, PAID + 364 * DAY).points == 100
    assert walk(history(order(1, 10_000), order(2, 5_000, 300)), rules, PAID + 600 * DAY).points == 150


@st.composite
def lives(draw: st.DrawFn) -> History:
    """A few orders, some refunded, over a year."""
    orders = []
    for number in range(draw(st.integers(0, 6))):
        net = draw(st.integers(0, 40_000))
        days = draw(st.integers(0, 365))
        back = draw(st.integers(0, net))
        refunds = [Refund("1", back, created_at=PAID + (days + 5) * DAY)] if back % 3 == 0 and back else []
        orders.append(order(number, net, days, *refunds))
    return history(*orders)


RULES = (
    programme(per_amount(), rewards=(FIVE,), tiers=TIERS, expiry=ExpiryPolicy(ExpiryMode.INACTIVITY, months=6)),
    programme(per_amount("2.5"), rewards=(FIVE,), expiry=ExpiryPolicy(ExpiryMode.FIXED, days=200)),
)


@given(st.lists(lives(), max_size=4), st.sampled_from(RULES), st.sampled_from(list(Habit)))
def test_every_point_is_spent_ended_or_still_there(found: list[History], rules: Programme, habit: Habit) -> None:
    totals = Totals.of(rules)
    for one in found:
        walked = walk(one, book(rules), UNTIL, habit)
        assert walked == walk(one, book(rules), UNTIL, habit)
        totals.add(walked)
    assert totals.earned == totals.redeemed + totals.expired + totals.points
    assert sum(totals.curve.values()) == totals.points
    assert [month for month, _, _ in totals.outstanding()] == sorted(totals.curve)


@given(st.lists(lives(), min_size=1, max_size=4))
def test_against_itself_nobody_wins_or_loses(found: list[History]) -> None:
    comparison = Comparison(Totals.of(RULES[0]), Totals.of(RULES[0]))
    for one in found:
        comparison.add(walk(one, book(RULES[0]), UNTIL), walk(one, book(RULES[0]), UNTIL))
    assert (comparison.winners, comparison.losers, comparison.moved) == ({}, {}, {})
    assert comparison.before.document() == comparison.after.document()


def test_winners_and_losers_are_told_by_the_tier_they_have() -> None:
    before = programme(per_amount(), rewards=(FIVE,), tiers=TIERS)
    after = programme(per_amount("1.2"), rewards=(FIVE,))
    comparison = Comparison(Totals.of(before), Totals.of(after))
    for orders in ([order(1, 10_000)], [order(1, 20_000), order(2, 50_000, 20), order(3, 50_000, 40)]):
        one = history(*orders)
        comparison.add(walk(one, book(before), UNTIL), walk(one, book(after), UNTIL))
    told = comparison.document()["by_tier"]
    assert told["member"] == {"winners": 1, "losers": 0, "same": 0, "gained": "1.00", "lost": "0.00"}
    # 200 + 625 + 750 points against 1,440.
    assert told["gold"] == {"winners": 0, "losers": 1, "same": 0, "gained": "0.00", "lost": "6.75"}
    assert comparison.document()["tier_changes"] == [
        {"from": "gold", "to": "none", "members": 1},
        {"from": "member", "to": "none", "members": 1},
    ]


def test_points_are_worth_what_the_smallest_reward_gives() -> None:
    big = replace(FIVE, reward_id="ten", points=150, values={"EUR": 1000})
    assert face_value(programme(rewards=(big, FIVE))) == Fraction(5)
    assert face_value(programme()) == 0


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 0, "0.00"), (1, 3, "33.33"), (2, 3, "66.67"), (1, 20_000, "0.01"), (1, 20_001, "0.00"), (-1, 3, "-33.33")],
)
def test_shares_are_rounded_half_up(part: int, whole: int, text: str) -> None:
    assert percent(part, whole) == text


@pytest.mark.parametrize(
    ("pause", "days", "points"),
    [
        (None, 101, 20),
        (None, 131, 0),
        # What had ended before has ended; what lived when the pause began lives as long as it lasts.
        (Pause(PAID + 110 * DAY), 400, 20),
        (Pause(PAID + 5 * DAY), 400, 30),
        # A pause that is over delays what it found alive.
        (Pause(PAID + 50 * DAY, PAID + 60 * DAY), 105, 30),
        (Pause(PAID + 50 * DAY, PAID + 60 * DAY), 111, 20),
        (Pause(PAID + 50 * DAY, PAID + 60 * DAY), 141, 0),
        # An end within it, and points given within it.
        (Pause(PAID + 95 * DAY, PAID + 105 * DAY), 104, 30),
        (Pause(PAID + 95 * DAY, PAID + 105 * DAY), 109, 30),
        (Pause(PAID + 95 * DAY, PAID + 105 * DAY), 111, 20),
        (Pause(PAID + 25 * DAY, PAID + 35 * DAY), 134, 20),
        (Pause(PAID + 25 * DAY, PAID + 35 * DAY), 137, 0),
    ],
)
def test_a_replay_under_rules_that_stood_still_ends_what_the_books_end(
    pause: Pause | None, days: int, points: int
) -> None:
    """Defects seen: with a pause that lasts, a replay never came to an end; one that is over was counted twice."""
    rules = programme(per_amount(), expiry=ExpiryPolicy(ExpiryMode.FIXED, days=100))
    paused = Rulebook((rules,), pauses=(pause,) if pause else ())
    found = walk(history(order(1, 1000), order(2, 2000, 30)), paused, PAID + days * DAY)
    assert found.points == points


def test_each_order_earns_under_the_tier_to_which_those_before_it_led() -> None:
    """The second order lifts to silver, whose factor the third has; a refund later makes none of them less earned."""
    rules = book(programme(per_amount(), tiers=TIERS))
    refunded = order(3, 10_000, 20, Refund("1", 10_000, created_at=PAID + 25 * DAY))
    orders = [order(1, 10_000), order(2, 6_000, 10), refunded, order(4, 30_000, 30), order(5, 10_000, 40)]
    earned = earned_by_source(history(*orders), rules, UNTIL)
    assert [earned[one.source_ref] for one in orders] == [
        Earned(100, "member"),
        Earned(60, "member"),
        Earned(125, "silver"),
        Earned(375, "silver"),
        Earned(150, "gold"),
    ]
    whole = walk(history(*orders), rules, UNTIL)
    assert sum(one.points for one in earned.values()) == whole.moved(EntryKind.EARN)
    assert earned_by_source(history(order(6, 100, 500)), rules, UNTIL) == {}
