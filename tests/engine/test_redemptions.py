"""What is due for a redemption, by the share of its order's goods that is kept."""

from __future__ import annotations

from fractions import Fraction

import pytest

from loyalty_engine.facts import Line, OrderState, OrderStatus
from loyalty_engine.goods import share_kept
from loyalty_engine.member import RedemptionState
from loyalty_engine.programme.model import RedeemPolicy
from loyalty_engine.redemptions import due_of
from tests.engine.builders import a_redemption, an_order, bare, returned

FREE = (Line("11", 3, 0), Line("12", 1, 0))


@pytest.mark.parametrize(
    ("order", "share"),
    [
        (an_order(10_000), Fraction(1)),
        (an_order(10_000, bare(1)), Fraction(9_999, 10_000)),
        (an_order(10_000, bare(9_999)), Fraction(1, 10_000)),
        (an_order(10_000, bare(10_000)), Fraction(0)),
        (an_order(10_000, bare(99_999)), Fraction(0)),
        # The shipping was kept, the goods were not.
        (an_order(10_000, returned(10_000), shipping_minor=500, total_minor=10_500), Fraction(0)),
        (an_order(10_000, status=OrderStatus.CANCELLED), Fraction(0)),
        (an_order(10_000, status=OrderStatus.DELETED), Fraction(0)),
        (an_order(10_000, status=OrderStatus.OPEN), Fraction(0)),
        # Points paid for everything: units count.
        (an_order(lines=FREE, total_minor=0), Fraction(1)),
        (an_order(0, returned(0), lines=FREE, total_minor=0), Fraction(3, 4)),
        (an_order(0, returned(0, quantity=3), returned(0, "2", "12"), lines=FREE, total_minor=0), Fraction(0)),
        (an_order(0, returned(0, quantity=9), lines=FREE, total_minor=0), Fraction(1, 4)),
        (an_order(lines=(), total_minor=0), Fraction(1)),
    ],
)
def test_the_share_of_the_goods_that_is_kept(order: OrderState, share: Fraction) -> None:
    assert share_kept(order) == share


@pytest.mark.parametrize(
    ("reinstate", "share", "due"),
    [
        ("proportional", Fraction(1), 50),
        ("proportional", Fraction(2), 50),
        # What comes back is rounded down.
        ("proportional", Fraction(49, 50), 49),
        ("proportional", Fraction(4_901, 5_000), 50),
        ("proportional", Fraction(1, 2), 25),
        ("proportional", Fraction(1, 3), 17),
        ("proportional", Fraction(1, 10_000), 1),
        ("proportional", Fraction(0), 0),
        ("full_refund_only", Fraction(1, 10_000), 50),
        ("full_refund_only", Fraction(0), 0),
        ("never", Fraction(1, 2), 50),
        ("never", Fraction(0), 50),
    ],
)
def test_points_due_follow_the_policy(reinstate: str, share: Fraction, due: int) -> None:
    used = a_redemption(50, state=RedemptionState.USED)
    assert due_of(used, share, RedeemPolicy(reinstate=reinstate)) == due


@pytest.mark.parametrize("state", list(RedemptionState))
def test_points_are_due_only_while_they_are_taken(state: RedemptionState) -> None:
    is_taken = state.value in ("requested", "issued", "used")
    assert due_of(a_redemption(50, state=state), Fraction(1), RedeemPolicy()) == (50 if is_taken else 0)
