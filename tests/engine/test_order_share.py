"""Points pay no more than their share of one order, whatever else pays of it already."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.member import Redemption, RedemptionState
from loyalty_engine.order_share import combines_with_money
from loyalty_engine.programme.model import RedeemPolicy, RewardKind
from loyalty_engine.rewards import Choice, Situation, redemption_for
from tests.engine.rewarding import FIVE_EUROS, NOW, SHIPPING, TENTH, a_cart, a_member, a_programme, a_redemption, told

STACKING = replace(FIVE_EUROS, stacks=True)
HALF = RedeemPolicy(max_share=Fraction(1, 2))


def held(**changes: Any) -> Redemption:
    fields: dict[str, Any] = {"state": RedemptionState.HELD, "value_minor": 500, "currency": "EUR"}
    return a_redemption(STACKING, **(fields | changes))


def more_than(allowed: int) -> list[Any]:
    return [("more-than-share", {"allowed": allowed, "found": 500, "max_share": "1/2", "currency": "EUR"})]


@pytest.mark.parametrize(("goods", "says"), [(1_999, more_than(499)), (2_000, [])])
@pytest.mark.parametrize("is_named", [True, False])
def test_an_open_hold_counts_whether_the_cart_names_it_or_not(goods: int, says: list[Any], is_named: bool) -> None:
    """Two of 5.00 may pay half of 20.00; whoever makes the cart need not have taken the first off yet."""
    hold = held()
    cart = a_cart(goods, redemptions=(hold.redemption_id,) if is_named else ())
    programme = a_programme(STACKING, redeem=HALF)
    assert told(STACKING, a_member(redemptions=(hold,)), programme=programme, cart=cart) == says


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "USD"},
        {"connection_number": 2},
        {"state": RedemptionState.ISSUED},
        {"kind": "free_shipping", "value_minor": 0},
        {"order_ref": "woocommerce:1:order:7"},
    ],
)
def test_what_pays_nothing_of_this_order_counts_nothing(changes: dict[str, Any]) -> None:
    member = a_member(redemptions=(held(**changes),))
    programme = a_programme(STACKING, redeem=HALF)
    assert told(STACKING, member, programme=programme, cart=a_cart(1_000), connection_number=1) == []


def test_a_held_percentage_counts_with_what_it_takes_off() -> None:
    """Ten percent of 10.00, capped at 0.60, leave 4.40 of the half."""
    tenth = replace(TENTH, stacks=True)
    hold = a_redemption(
        tenth, state=RedemptionState.HELD, currency="EUR", percent_bp=1_000, cap_minor=60, value_minor=0
    )
    programme = a_programme(STACKING, tenth, redeem=HALF)
    cart = a_cart(1_000, redemptions=(hold.redemption_id,))
    assert told(STACKING, a_member(redemptions=(hold,)), programme=programme, cart=cart) == more_than(440)


@pytest.mark.parametrize(
    ("reward", "share", "combines"),
    [
        (FIVE_EUROS, Fraction(1), True),
        (FIVE_EUROS, Fraction(99, 100), False),
        (TENTH, Fraction(99, 100), False),
        (SHIPPING, Fraction(99, 100), True),
    ],
)
def test_under_a_share_no_two_codes_take_money_off_one_order(reward: Any, share: Fraction, combines: bool) -> None:
    new = replace(reward, stacks=True, cap_minor=None)
    programme = a_programme(new, STACKING, redeem=RedeemPolicy(max_share=share))
    used = a_redemption(STACKING, value_minor=500, currency="EUR")
    member = a_member(redemptions=(used,))
    expected = [] if combines else [("does-not-stack", {"with": [used.redemption_id]})]
    cart = a_cart(redemptions=(used.redemption_id,))
    assert told(new, member, programme=programme, cart=cart) == expected
    assert combines_with_money(new.kind, programme) is combines


@given(first=st.integers(1, 3_000), second=st.integers(1, 3_000), share=st.fractions("1/100", "99/100"))
def test_a_voucher_beside_a_hold_asks_for_an_order_that_bears_both(first: int, second: int, share: Fraction) -> None:
    reward = replace(STACKING, values={"EUR": second})
    programme = a_programme(reward, redeem=RedeemPolicy(max_share=share))
    situation = Situation(programme, NOW, connection_number=1)
    member = a_member(redemptions=(held(value_minor=first),))
    made = redemption_for(reward, member, situation, Choice("ab" * 16, 1))
    least = made.minimum_order_minor
    assert first + second <= least * share
    assert first + second > (least - 1) * share


def test_kinds_that_take_nothing_off_are_no_part_of_the_share() -> None:
    programme = a_programme(redeem=HALF)
    assert [kind for kind in RewardKind if not combines_with_money(kind, programme)] == [
        RewardKind.AMOUNT,
        RewardKind.PERCENT,
        RewardKind.SLIDER,
    ]
