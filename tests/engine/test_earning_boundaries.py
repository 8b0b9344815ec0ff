"""Each choice of the earning rules one below, at and one above the number that it turns on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from loyalty_engine.activities import KINDS
from loyalty_engine.facts import Line, OrderState
from loyalty_engine.programme.model import Basis, Cap, Combine, EarnPolicy, Lane, Rounding, Window
from tests.engine.builders import MICROSECOND, PAID, an_order, bare, returned, source_of
from tests.engine.earning import (
    TIERS,
    after,
    an_activity,
    factor,
    fixed,
    member,
    per_amount,
    per_item,
    programme,
    when,
    worth,
)

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_activity_pays_the_rule_that_names_it_and_no_other(kind: str) -> None:
    rules = programme(fixed(10, "wanted", trigger=kind), fixed(1000, "other", trigger="custom.other"))
    found = worth(an_activity(kind), rules)
    assert (found.points, found.reason) == (10, None)
    assert worth(an_order(100), rules).points == 0


@pytest.mark.parametrize(
    ("condition", "places"),
    [
        (("place", "at_least", 3), {2: False, 3: True, 4: True}),
        (("place", "at_most", 3), {2: True, 3: True, 4: False}),
        (("place", "between", 2, 3), {1: False, 2: True, 3: True, 4: False}),
        (("place", "in", 3), {2: False, 3: True, 4: False}),
        (("first_order", "in", True), {1: True, 2: False}),
        (("first_order", "in", False), {1: False, 2: True}),
    ],
)
def test_the_nth_order(condition: tuple[Any, ...], places: dict[int, bool]) -> None:
    rules = programme(per_amount(conditions=when(*condition)))
    found = {place: worth(an_order(100), rules, member(places=place - 1)).points == 1 for place in places}
    assert found == places


@pytest.mark.parametrize(
    ("condition", "minors"),
    [
        (("order_value", "at_least", 5000), {4999: False, 5000: True, 5001: True}),
        (("order_value", "at_most", 5000), {4999: True, 5000: True, 5001: False}),
        (("order_value", "between", 5000, 6000), {4999: False, 5000: True, 6000: True, 6001: False}),
    ],
)
def test_the_value_of_an_order(condition: tuple[Any, ...], minors: dict[int, bool]) -> None:
    rules = programme(per_amount(conditions=when(*condition)))
    assert {minor: worth(an_order(minor), rules).points > 0 for minor in minors} == minors


@pytest.mark.parametrize(("minor", "points"), [(5555, 0), (5556, 55), (5557, 55)])
def test_a_minimum_is_reckoned_in_the_base_currency(minor: int, points: int) -> None:
    """At 0.9 euros a dollar, 55.56 dollars are the first that come to 50.00 euros."""
    rules = programme(
        per_amount(currency="USD"), earn=EarnPolicy(minimum_minor=5000), base_rates={"USD": Fraction(9, 10)}
    )
    assert worth(an_order(minor, currency="USD"), rules).points == points


@pytest.mark.parametrize(
    ("currency", "rate", "points"),
    [
        ("EUR", "1", {99: 0, 100: 1, 101: 1, 199: 1, 200: 2}),
        ("EUR", "3", {33: 0, 34: 1, 66: 1, 67: 2, 100: 3}),
        ("JPY", "0.01", {99: 0, 100: 1, 101: 1}),
        ("KWD", "2.9", {344: 0, 345: 1, 1000: 2, 10_000: 29}),
        ("USD", "0.9", {111: 0, 112: 1, 1111: 9, 1112: 10}),
    ],
)
def test_the_first_cent_of_a_point_in_every_currency(currency: str, rate: str, points: dict[int, int]) -> None:
    rules = programme(per_amount(rate, currency=currency))
    assert {minor: worth(an_order(minor, currency=currency), rules).points for minor in points} == points


@pytest.mark.parametrize(
    ("rounding", "points"),
    [
        (Rounding.FLOOR, {149: 1, 150: 1, 151: 1, 199: 1, 200: 2}),
        (Rounding.HALF_UP, {49: 0, 50: 1, 149: 1, 150: 2, 151: 2}),
        (Rounding.CEIL, {1: 1, 100: 1, 101: 2, 200: 2, 201: 3}),
    ],
)
def test_a_half_and_its_neighbours(rounding: Rounding, points: dict[int, int]) -> None:
    rules = programme(per_amount(), earn=EarnPolicy(rounding=rounding))
    assert {minor: worth(an_order(minor), rules).points for minor in points} == points


@pytest.mark.parametrize(
    ("basis", "kept"), [(Basis.NET_MERCHANDISE, 42), (Basis.GROSS_MERCHANDISE, 50), (Basis.LIST_PRICE, 45)]
)
def test_half_of_a_line_is_half_of_every_basis(basis: Basis, kept: int) -> None:
    line = Line("11", 2, 8400, tax_minor=1600, list_minor=9000)
    order = an_order(8400, returned(4200), lines=(line,), total_minor=10_000, tax_minor=1600)
    assert worth(order, programme(per_amount(), earn=EarnPolicy(basis=basis))).points == kept


def on(moment: datetime, number: int) -> OrderState:
    return an_order(10_000, order_id=str(number), source_ref=source_of(str(number)), paid_at=moment)


@pytest.mark.parametrize(
    ("window", "edge"),
    [
        (Window.DAY, "2026-03-02"),
        (Window.DAY, "2026-03-30"),
        (Window.WEEK, "2026-03-02"),
        (Window.MONTH, "2026-04-01"),
        (Window.MONTH, "2028-03-01"),
        (Window.QUARTER, "2026-04-01"),
        (Window.YEAR, "2027-01-01"),
    ],
)
def test_a_window_ends_at_the_local_midnight_that_begins_the_next(window: Window, edge: str) -> None:
    """The last microsecond still belongs to the window before, whose room is used up; the next one has its own."""
    begins = datetime.fromisoformat(edge).replace(tzinfo=BERLIN).astimezone(ZoneInfo("UTC"))
    rules = programme(per_amount(caps=(Cap("cap", window, points=150),)))
    who, found = member(), []
    for number, moment in enumerate((begins - timedelta(hours=2), begins - MICROSECOND, begins, begins + MICROSECOND)):
        one = worth(on(moment, number), rules, who)
        who = after(who, one)
        found.append(one.points)
    assert found == [100, 50, 100, 50]


@pytest.mark.parametrize(("times", "given"), [(1, [10, 0, 0]), (2, [10, 10, 0]), (3, [10, 10, 10]), (4, [10, 10, 10])])
def test_a_cap_of_times_lets_so_many_through(times: int, given: list[int]) -> None:
    rules = programme(fixed(10, "review", trigger="review", caps=(Cap("month", Window.MONTH, times=times),)))
    who, found = member(), []
    for number in range(3):
        one = worth(an_activity(activity_id=str(number)), rules, who)
        who = after(who, one)
        found.append(one.points)
    assert found == given


@pytest.mark.parametrize(("cap", "given"), [(99, [99, 0]), (100, [100, 0]), (101, [100, 1]), (200, [100, 100])])
@pytest.mark.parametrize("of_member", [False, True])
def test_a_cap_of_a_rule_and_of_a_member_at_their_edges(cap: int, given: list[int], of_member: bool) -> None:
    limit = Cap("month", Window.MONTH, points=cap, triggers=frozenset({"order"}) if of_member else frozenset())
    rules = programme(per_amount(), caps=(limit,)) if of_member else programme(per_amount(caps=(limit,)))
    first = worth(on(PAID, 1), rules)
    second = worth(on(PAID, 2), rules, after(member(), first))
    assert [first.points, second.points] == given


@pytest.mark.parametrize(("units", "points"), [(0, 0), (1, 5), (2, 10), (3, 12)])
def test_a_cap_on_pieces(units: int, points: int) -> None:
    line = Line("11", 3, 3000, "tea", removed_quantity=3 - units)
    rules = programme(per_item(5, caps=(Cap("order", Window.SOURCE, points=12),)))
    assert worth(an_order(3000, lines=(line,)), rules).points == points


@pytest.mark.parametrize(
    ("how", "base", "points"),
    [
        (Combine.BEST, 99, 100),
        (Combine.BEST, 100, 100),
        (Combine.BEST, 101, 101),
        (Combine.ADD, 99, 199),
        (Combine.ADD, 101, 201),
    ],
)
def test_a_lane_at_the_point_where_another_rule_becomes_the_best(how: Combine, base: int, points: int) -> None:
    rules = programme(per_amount(), fixed(base, "thanks"), earn=EarnPolicy(lanes={Lane.BASE: how}))
    assert worth(an_order(10_000), rules).points == points


@pytest.mark.parametrize(("across", "points"), [(Combine.MULTIPLY, 150), (Combine.ADD, 150), (Combine.BEST, 150)])
def test_a_factor_of_one_changes_nothing_however_factors_meet(across: Combine, points: int) -> None:
    rules = programme(per_amount(), factor("1"), earn=EarnPolicy(across=across), tiers=TIERS)
    assert worth(an_order(10_000), rules, member("gold")).points == points


@pytest.mark.parametrize(("refunded", "points"), [(9_899, 1), (9_900, 1), (9_901, 0), (10_000, 0)])
def test_the_last_point_of_a_refund(refunded: int, points: int) -> None:
    assert worth(an_order(10_000, bare(refunded)), programme(per_amount())).points == points


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        ({"gift_card_minor": 9_899}, 1),
        ({"gift_card_minor": 9_900}, 1),
        ({"gift_card_minor": 9_901}, 0),
        # What the total does not hold counts beside it: half of 200.00 was a gift card.
        ({"gift_card_minor": 10_000, "tender_outside_minor": 10_000}, 50),
        ({"gift_card_minor": 10_000, "tender_outside_minor": 10_000, "total_minor": 0}, 0),
        ({"store_credit_minor": 5_000, "gift_card_minor": 5_000}, 0),
        ({"store_credit_minor": 5_000, "gift_card_minor": 4_900}, 1),
    ],
)
def test_tender_that_earns_nothing_at_its_edges(changes: dict[str, Any], points: int) -> None:
    assert worth(replace(an_order(10_000), **changes), programme(per_amount())).points == points
