"""What a shopper chooses: sliders, the record of a redemption, the next reward, and the letters of a code."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.codes import CROCKFORD, crockford, folded_code, voucher_code
from loyalty_engine.errors import Refused
from loyalty_engine.member import Redemption, RedemptionState
from loyalty_engine.programme.model import RedeemPolicy, Reward, RewardKind
from loyalty_engine.rewards import Choice, Situation, next_reward, offers, redemption_for
from tests.engine.rewarding import (
    DAY,
    FIVE_EUROS,
    KEY,
    NOW,
    SHIPPING,
    SLIDER,
    TENTH,
    a_cart,
    a_member,
    a_programme,
    found,
    told,
)


class TestSlider:
    """100 points are 1.00; at least 250, at most 800 points."""

    reward = replace(SLIDER, minimum_points=250, maximum_points=800)

    def test_choices_are_whole_steps_between_minimum_and_maximum(self) -> None:
        shown = found(self.reward, a_member(1_000))
        assert (shown.step_points, shown.least_points, shown.most_points) == (100, 300, 800)
        assert (shown.points, shown.value_minor) == (300, 300)

    @pytest.mark.parametrize(("funds", "most"), [(299, 200), (300, 300), (399, 300), (800, 800), (900, 800)])
    def test_the_balance_ends_the_choice(self, funds: int, most: int) -> None:
        assert found(self.reward, a_member(funds)).most_points == most

    @pytest.mark.parametrize(("goods", "most"), [(699, 300), (700, 300), (799, 300), (800, 400), (801, 400)])
    def test_the_share_of_the_cart_ends_the_choice(self, goods: int, most: int) -> None:
        programme = a_programme(self.reward, redeem=RedeemPolicy(max_share=Fraction(1, 2)))
        assert found(self.reward, programme=programme, cart=a_cart(goods)).most_points == most

    @pytest.mark.parametrize(
        ("points", "says"),
        [
            (200, [("below-minimum", {"needs": 300, "found": 200})]),
            (299, [("not-a-step", {"step": 100, "found": 299}), ("below-minimum", {"needs": 300, "found": 299})]),
            (300, []),
            (800, []),
            (900, [("above-maximum", {"limit": 800, "found": 900})]),
            (0, [("below-minimum", {"needs": 300, "found": 0})]),
            (-300, [("below-minimum", {"needs": 300, "found": -300})]),
        ],
    )
    def test_only_a_choice_on_the_slider_is_taken(self, points: int, says: list[Any]) -> None:
        assert told(self.reward, a_member(1_000), points) == says

    def test_the_chosen_points_buy_their_steps(self) -> None:
        situation = Situation(a_programme(self.reward), NOW)
        made = redemption_for(self.reward, a_member(1_000), situation, Choice("1" * 32, 4, points=700))
        assert (made.points, made.value_minor, made.currency) == (700, 700, "EUR")


@pytest.mark.parametrize(
    ("share", "cart", "least"), [("1", None, 0), ("1/2", None, 1_000), ("1/2", 9_000, 1_000), ("3/10", None, 1_667)]
)
def test_a_voucher_carries_the_share_that_points_may_pay(share: str, cart: int | None, least: int) -> None:
    """Whatever cart the page named, or none, the code is good for no order that it would pay more of."""
    programme = a_programme(FIVE_EUROS, redeem=RedeemPolicy(max_share=Fraction(share)))
    situation = Situation(programme, NOW, a_cart(cart) if cart else None)
    made = redemption_for(FIVE_EUROS, a_member(1_000), situation, Choice("1" * 32, 4))
    assert (made.value_minor, made.minimum_order_minor) == (500, least)


def test_a_redemption_records_what_the_reward_was() -> None:
    reward = replace(TENTH, minimum_order_minor=3_000, voucher_days=60, cap_minor=None)
    choice = Choice("1" * 32, 4, place=2)
    made = redemption_for(reward, a_member(), Situation(a_programme(reward), NOW), choice)
    assert made == Redemption(
        redemption_id="1" * 32,
        reward_id="tenth",
        kind="percent",
        state=RedemptionState.REQUESTED,
        points=300,
        programme_version=3,
        created_at=NOW,
        updated_at=NOW,
        value_minor=0,
        currency="EUR",
        percent_bp=1_000,
        minimum_order_minor=3_000,
        connection_number=4,
        expires_at=NOW + 60 * DAY,
        place=2,
    )


def test_a_percentage_with_a_cap_becomes_an_amount_off_the_very_cart() -> None:
    """A store cannot cap a percentage: the voucher takes off what it is worth now, for an order at least this large."""
    assert found(TENTH).needs_cart
    assert [(one.code, dict(one.numbers)) for one in found(TENTH).obstacles] == [("needs-cart", {})], "said beforehand"
    assert not found(replace(TENTH, cap_minor=None)).needs_cart
    with pytest.raises(Refused, match="needs-cart"):
        redemption_for(TENTH, a_member(), Situation(a_programme(TENTH), NOW), Choice("1" * 32, 4))
    for goods, off in ((9_990, 999), (10_010, 1_000)):
        situation = Situation(a_programme(TENTH), NOW, a_cart(goods))
        made = redemption_for(TENTH, a_member(), situation, Choice("1" * 32, 4))
        assert (made.value_minor, made.minimum_order_minor) == (off, goods)


def test_a_hold_belongs_to_a_cart_and_lapses() -> None:
    programme = a_programme(FIVE_EUROS, redeem=RedeemPolicy(hold_minutes=45))
    choice = Choice("1" * 32, 4, holds=True)
    made = redemption_for(FIVE_EUROS, a_member(), Situation(programme, NOW, a_cart()), choice)
    assert (made.state, made.expires_at) == (RedemptionState.HELD, None)
    assert made.lapses_at == NOW + timedelta(minutes=45)
    with pytest.raises(Refused, match="needs-cart"):
        redemption_for(FIVE_EUROS, a_member(), Situation(programme, NOW), choice)


@pytest.mark.parametrize(("kind", "is_given"), [(RewardKind.STORE_CREDIT, False), (RewardKind.PERK, True)])
def test_what_a_store_cannot_give_is_not_redeemed_for_it(kind: RewardKind, is_given: bool) -> None:
    """A perk needs no store: people give it."""
    reward = Reward("r", kind, 500, values={"EUR": 500})
    says = [] if is_given else [("not-in-this-store", {"kind": kind.value})]
    assert told(reward, kinds=frozenset({"amount"})) == says
    assert told(reward) == []
    assert told(FIVE_EUROS, kinds=frozenset({"amount"})) == []


@pytest.mark.parametrize(("minimum", "is_given"), [(0, True), (1, False)])
def test_a_store_may_give_a_free_product_but_not_only_with_an_order_of_some_size(minimum: int, is_given: bool) -> None:
    reward = Reward("r", RewardKind.PRODUCT, 500, product_id="77", minimum_order_minor=minimum)
    says = [] if is_given else [("not-in-this-store", {"kind": "product"})]
    assert told(reward, kinds=frozenset({"product"})) == says
    assert told(reward, kinds=frozenset({"product", "product_with_minimum"})) == []


@pytest.mark.parametrize(
    "reward",
    [
        replace(FIVE_EUROS, voucher_days=0),
        Reward("credit", RewardKind.STORE_CREDIT, 500, values={"EUR": 500}, voucher_days=60),
    ],
)
def test_what_lives_for_ever_has_no_end(reward: Reward) -> None:
    made = redemption_for(reward, a_member(), Situation(a_programme(reward), NOW), Choice("1" * 32, 4))
    assert made.expires_at is None


def test_a_reward_that_cannot_be_had_makes_no_redemption() -> None:
    with pytest.raises(Refused) as refused:
        redemption_for(FIVE_EUROS, a_member(499), Situation(a_programme(FIVE_EUROS), NOW), Choice("1" * 32, 4))
    assert refused.value.code == "not-enough-points"
    assert refused.value.numbers == {"reward": "five", "needs": 500, "found": 499, "missing": 1}


def test_the_next_reward_is_the_one_with_the_fewest_points_missing() -> None:
    for_gold = replace(SHIPPING, reward_id="for-gold", points=450, tiers=frozenset({"gold"}))
    hidden = replace(SHIPPING, reward_id="hidden", points=410, hidden=True)
    rewards = (FIVE_EUROS, TENTH, for_gold, hidden, replace(SHIPPING, points=900))
    situation = Situation(a_programme(*rewards), NOW)
    listed = offers(a_member(400), situation)
    assert [one.reward.reward_id for one in listed] == ["five", "tenth", "for-gold", "shipping"]
    upcoming = next_reward(listed)
    assert upcoming is not None
    assert (upcoming.reward.reward_id, upcoming.missing_points) == ("five", 100)
    assert next_reward(offers(a_member(1_000), situation)) is None


@given(funds=st.integers(0, 5_000), goods=st.integers(0, 20_000), points=st.integers(-100, 6_000))
def test_a_redemption_never_costs_more_than_is_there_or_pays_more_than_the_share(
    funds: int, goods: int, points: int
) -> None:
    programme = a_programme(SLIDER, redeem=RedeemPolicy(max_share=Fraction(1, 3)))
    situation = Situation(programme, NOW, a_cart(goods))
    try:
        made = redemption_for(SLIDER, a_member(funds), situation, Choice("1" * 32, 4, points=points))
    except Refused:
        most = found(SLIDER, a_member(funds), programme=programme, cart=a_cart(goods)).most_points
        assert not (0 < points <= most and points % 100 == 0)
    else:
        assert 0 < made.points == points <= funds
        assert made.value_minor * 3 <= goods


class TestCode:
    def test_a_code_has_eighty_bits_and_is_the_same_at_every_call(self) -> None:
        code = voucher_code(KEY, "1" * 32)
        letters = code.replace("-", "")
        assert len(letters) == 16 and set(letters) <= set(CROCKFORD)
        assert code == voucher_code(KEY, "1" * 32)

    def test_another_key_or_redemption_gives_another_code(self) -> None:
        assert len({voucher_code(KEY, f"{n:032x}") for n in range(500)}) == 500
        assert voucher_code(bytes(32), "1" * 32) != voucher_code(KEY, "1" * 32)

    def test_a_prefix_stands_in_front(self) -> None:
        assert voucher_code(KEY, "1" * 32, "CIRCLE") == "CIRCLE-" + voucher_code(KEY, "1" * 32)

    @pytest.mark.parametrize(
        ("data", "text"),
        [(b"", ""), (b"\x00", "00"), (b"\xff", "ZW"), (b"\xff" * 5, "ZZZZZZZZ"), (b"\x00\x00\x00\x00\x01", "00000001")],
    )
    def test_bytes_become_letters_of_five_bits(self, data: bytes, text: str) -> None:
        assert crockford(data) == text

    def test_spelling_does_not_matter(self) -> None:
        assert folded_code(" pts-7k3m ") == "PTS-7K3M"
