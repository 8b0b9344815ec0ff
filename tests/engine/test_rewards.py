"""Rewards: what a member can have now, and what stands in the way with exact numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from loyalty_engine.cart import Cart
from loyalty_engine.facts import Line
from loyalty_engine.lots import Debt, Lot
from loyalty_engine.member import MemberStatus, RedemptionState, TierCause, TierChange
from loyalty_engine.order_share import percent_of
from loyalty_engine.programme.model import RedeemPolicy, WindDown, Window
from tests.engine.rewarding import (
    DAY,
    FIVE_EUROS,
    MICROSECOND,
    NOW,
    SHIPPING,
    TENTH,
    a_cart,
    a_member,
    a_programme,
    a_redemption,
    found,
    told,
)


@pytest.mark.parametrize(
    ("points", "says"),
    [
        (499, [("not-enough-points", {"needs": 500, "found": 499, "missing": 1})]),
        (500, []),
        (501, []),
        (0, [("not-enough-points", {"needs": 500, "found": 0, "missing": 500})]),
    ],
)
def test_a_reward_can_be_had_from_exactly_its_price_on(points: int, says: list[Any]) -> None:
    assert told(FIVE_EUROS, a_member(points)) == says
    assert found(FIVE_EUROS, a_member(points)).missing_points == max(0, 500 - points)


def test_what_is_pending_ended_or_owed_buys_nothing() -> None:
    lots = (
        Lot(1, "a", 300, 300, NOW),
        Lot(2, "b", 300, 300, NOW + MICROSECOND),
        Lot(3, "c", 300, 300, NOW - DAY, expires_at=NOW),
        Lot(4, "d", 300, 300, NOW - DAY, expires_at=NOW + MICROSECOND),
    )
    member = a_member(lots=lots, debts=(Debt(9, 101),))
    assert found(FIVE_EUROS, member).missing_points == 1
    assert found(FIVE_EUROS, replace(member, debts=(Debt(9, 100),))).missing_points == 0


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (MemberStatus.LEFT, "member-left"),
        (MemberStatus.BLOCKED, "member-blocked"),
        (MemberStatus.MERGED, "member-merged"),
        (MemberStatus.ERASED, "member-erased"),
    ],
)
def test_only_active_members_redeem(status: MemberStatus, code: str) -> None:
    assert told(FIVE_EUROS, a_member(status=status)) == [(code, {})]


def in_tier(tier: str) -> tuple[TierChange, ...]:
    return (TierChange(1, tier, TierCause.REACHED, NOW - DAY, 3),)


@pytest.mark.parametrize(
    ("tiers", "says"),
    [
        ((), [("tier-needed", {"needs": ["silver", "gold"], "found": "member"})]),
        (in_tier("member"), [("tier-needed", {"needs": ["silver", "gold"], "found": "member"})]),
        (in_tier("silver"), []),
        (in_tier("gold"), []),
    ],
)
def test_a_reward_of_tiers_names_the_tiers_it_needs(tiers: tuple[TierChange, ...], says: list[Any]) -> None:
    reward = replace(FIVE_EUROS, tiers=frozenset({"gold", "silver"}))
    assert told(reward, a_member(tiers=tiers)) == says


@pytest.mark.parametrize(("taken", "says"), [(9, []), (10, [10]), (11, [11])])
def test_stock_ends_at_its_number(taken: int, says: list[int]) -> None:
    reward = replace(FIVE_EUROS, stock=10)
    assert told(reward, taken={"five": taken}) == [("out-of-stock", {"stock": 10, "taken": t}) for t in says]


def test_a_reward_is_on_offer_from_its_start_until_before_its_end() -> None:
    reward = replace(FIVE_EUROS, starts_at=NOW, ends_at=NOW + DAY)
    assert told(reward, now=NOW - MICROSECOND) == [("reward-not-yet", {"starts_at": NOW})]
    assert told(reward, now=NOW) == []
    assert told(reward, now=NOW + DAY - MICROSECOND) == []
    assert told(reward, now=NOW + DAY) == [("reward-over", {"ended_at": NOW + DAY})]


def test_pause_and_wind_down_stop_redeeming() -> None:
    ends = WindDown(NOW - 30 * DAY, NOW)
    programme = a_programme(FIVE_EUROS, wind_down=ends)
    assert told(FIVE_EUROS, programme=programme, now=NOW - MICROSECOND) == []
    assert told(FIVE_EUROS, programme=programme) == [("redeeming-ended", {"ended_at": NOW})]
    assert told(FIVE_EUROS, paused=True) == [("redeeming-paused", {})]


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        (RedemptionState.HELD, True),
        (RedemptionState.REQUESTED, True),
        (RedemptionState.ISSUED, True),
        (RedemptionState.USED, True),
        (RedemptionState.RELEASED, False),
        (RedemptionState.LAPSED, False),
        (RedemptionState.EXPIRED, False),
        (RedemptionState.CANCELLED, False),
    ],
)
def test_what_gave_its_points_back_uses_up_no_limit(state: RedemptionState, counts: bool) -> None:
    reward = replace(FIVE_EUROS, per_member=1)
    member = a_member(redemptions=(a_redemption(state=state), a_redemption(SHIPPING, 2)))
    numbers = {"limit": 1, "found": 1, "window": "lifetime"}
    assert told(reward, member) == ([("reward-limit-reached", numbers)] if counts else [])


@pytest.mark.parametrize(
    ("window", "first_counted", "last_not_counted"),
    [
        # Local days of Berlin: midnight is 22:00 UTC in summer, 23:00 in winter. 15 July 2026 is a Wednesday.
        (Window.DAY, datetime(2026, 7, 14, 22, tzinfo=UTC), datetime(2026, 7, 14, 21, 59, tzinfo=UTC)),
        (Window.WEEK, datetime(2026, 7, 12, 22, tzinfo=UTC), datetime(2026, 7, 12, 21, 59, tzinfo=UTC)),
        (Window.MONTH, datetime(2026, 6, 30, 22, tzinfo=UTC), datetime(2026, 6, 30, 21, 59, tzinfo=UTC)),
        (Window.QUARTER, datetime(2026, 6, 30, 22, tzinfo=UTC), datetime(2026, 6, 30, 21, 59, tzinfo=UTC)),
        (Window.YEAR, datetime(2025, 12, 31, 23, tzinfo=UTC), datetime(2025, 12, 31, 22, 59, tzinfo=UTC)),
    ],
)
def test_a_limit_counts_in_local_windows(window: Window, first_counted: datetime, last_not_counted: datetime) -> None:
    reward = replace(FIVE_EUROS, per_member=1, per_member_window=window)
    inside = a_member(redemptions=(a_redemption(created_at=first_counted),))
    outside = a_member(redemptions=(a_redemption(created_at=last_not_counted),))
    assert [code for code, _ in told(reward, inside)] == ["reward-limit-reached"]
    assert told(reward, outside) == []


def test_a_limit_of_two_refuses_the_third() -> None:
    reward = replace(FIVE_EUROS, per_member=2)
    assert told(reward, a_member(redemptions=(a_redemption(number=1),))) == []
    both = a_member(redemptions=(a_redemption(number=1), a_redemption(number=2)))
    assert told(reward, both) == [("reward-limit-reached", {"limit": 2, "found": 2, "window": "lifetime"})]


@pytest.mark.parametrize(
    ("goods", "says"),
    [
        (2_999, [("order-too-small", {"needs": 3_000, "found": 2_999, "missing": 1, "currency": "EUR"})]),
        (3_000, []),
        (3_001, []),
    ],
)
def test_a_cart_must_reach_the_rewards_minimum(goods: int, says: list[Any]) -> None:
    assert told(replace(FIVE_EUROS, minimum_order_minor=3_000), cart=a_cart(goods)) == says


def test_without_a_cart_nothing_is_said_about_orders() -> None:
    programme = a_programme(redeem=RedeemPolicy(max_share=Fraction(1, 100)))
    assert told(replace(FIVE_EUROS, minimum_order_minor=3_000), programme=programme) == []


@pytest.mark.parametrize(("goods", "allowed"), [(999, 499), (1_000, 500), (1_001, 500)])
def test_points_pay_no_more_than_the_share(goods: int, allowed: int) -> None:
    programme = a_programme(FIVE_EUROS, redeem=RedeemPolicy(max_share=Fraction(1, 2)))
    numbers = {"allowed": allowed, "found": 500, "max_share": "1/2", "currency": "EUR"}
    expected = [("more-than-share", numbers)] if allowed < 500 else []
    assert told(FIVE_EUROS, programme=programme, cart=a_cart(goods)) == expected


def test_a_voucher_worth_more_than_the_order_is_not_wasted_on_it() -> None:
    numbers = {"allowed": 499, "found": 500, "max_share": "1", "currency": "EUR"}
    assert told(FIVE_EUROS, cart=a_cart(499)) == [("more-than-share", numbers)]
    assert told(FIVE_EUROS, cart=a_cart(499, shipping_minor=1)) == []
    assert told(SHIPPING, cart=a_cart(0)) == []


def test_what_points_pay_already_counts_into_the_share() -> None:
    """Half of 20.00 is 10.00; 6.00 are paid by points, so 4.00 are left and 5.00 are too much."""
    stacking = replace(FIVE_EUROS, stacks=True)
    programme = a_programme(stacking, redeem=RedeemPolicy(max_share=Fraction(1, 2)))
    used = a_redemption(stacking, state=RedemptionState.HELD)
    member = a_member(redemptions=(used,))
    cart = a_cart(1_400, points_minor=600, redemptions=(used.redemption_id,))
    numbers = {"allowed": 400, "found": 500, "max_share": "1/2", "currency": "EUR"}
    assert told(stacking, member, programme=programme, cart=cart) == [("more-than-share", numbers)]
    larger = replace(cart, lines=(Line("1", 1, 1_600),))
    assert told(stacking, member, programme=programme, cart=larger) == []


@pytest.mark.parametrize(
    ("new_stacks", "used_stacks", "is_allowed"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_both_rewards_must_allow_stacking(new_stacks: bool, used_stacks: bool, is_allowed: bool) -> None:
    new, used_reward = replace(FIVE_EUROS, stacks=new_stacks), replace(SHIPPING, stacks=used_stacks)
    programme = a_programme(new, used_reward)
    used = a_redemption(used_reward)
    cart = a_cart(redemptions=(used.redemption_id,))
    member = a_member(redemptions=(used,))
    expected = [] if is_allowed else [("does-not-stack", {"with": [used.redemption_id]})]
    assert told(new, member, programme=programme, cart=cart) == expected


def test_a_redemption_that_is_not_the_members_never_stacks() -> None:
    stacking = replace(FIVE_EUROS, stacks=True)
    cart = a_cart(redemptions=("ff" * 16,))
    assert told(stacking, programme=a_programme(stacking), cart=cart) == [("does-not-stack", {"with": ["ff" * 16]})]


def test_a_currency_without_a_value_is_refused_by_name() -> None:
    assert told(FIVE_EUROS, currency="USD") == [("currency-without-value", {"currency": "USD"})]
    assert told(FIVE_EUROS, currency="JPY") == []
    assert found(FIVE_EUROS, currency="JPY").value_minor == 800
    assert told(SHIPPING, currency="USD") == []


def test_minimum_and_cap_are_reckoned_at_the_programmes_rate() -> None:
    """1 JPY is 0.00625 EUR, so 30.00 EUR are 4,800 JPY and 10.00 EUR 1,600 JPY."""
    reward = replace(TENTH, minimum_order_minor=3_000)
    programme = a_programme(reward, base_rates={"JPY": Fraction("0.00625")})
    small = Cart("JPY", (Line("1", 1, 4_799),))
    numbers = {"needs": 4_800, "found": 4_799, "missing": 1, "currency": "JPY"}
    assert told(reward, programme=programme, cart=small) == [("order-too-small", numbers)]
    large = Cart("JPY", (Line("1", 1, 20_000),))
    assert found(reward, programme=programme, cart=large).value_minor == 1_600


def test_a_minimum_in_a_currency_without_a_rate_is_no_minimum_of_zero() -> None:
    reward = replace(SHIPPING, minimum_order_minor=3_000)
    cart = Cart("USD", (Line("1", 1, 1_000_000),))
    assert told(reward, cart=cart) == [("currency-without-rate", {"currency": "USD"})]
    assert told(TENTH, cart=cart) == [("currency-without-value", {"currency": "USD"})]


@pytest.mark.parametrize(("goods", "off"), [(9_999, 999), (10_000, 1_000), (10_001, 1_000), (50_000, 1_000), (9, 0)])
def test_a_percentage_is_rounded_down_and_stops_at_its_cap(goods: int, off: int) -> None:
    assert percent_of(goods, 1_000, 1_000) == off
    assert found(TENTH, cart=a_cart(goods)).value_minor == off


def test_everything_in_the_way_is_named_at_once() -> None:
    reward = replace(FIVE_EUROS, tiers=frozenset({"gold"}), stock=1, minimum_order_minor=3_000)
    codes = [code for code, _ in told(reward, a_member(10), taken={"five": 1}, cart=a_cart(100), paused=True)]
    assert codes == [
        "redeeming-paused",
        "out-of-stock",
        "tier-needed",
        "not-enough-points",
        "order-too-small",
        "more-than-share",
    ]
