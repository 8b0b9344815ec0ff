"""Referrals: what is refused with its reason, what a person looks at, and when both sides are paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.codes import CROCKFORD
from loyalty_engine.errors import Refused
from loyalty_engine.facts import ActivityStatus, Line, OrderState, OrderStatus, Refund
from loyalty_engine.programme.model import Programme, ReferralPolicy
from loyalty_engine.referral import (
    FriendsOrder,
    Pace,
    Party,
    Referral,
    ReferralState,
    Surroundings,
    activities,
    approve,
    looked_at_again,
    referral_code,
    refuse,
    register,
    settle,
)

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
PAID = NOW + timedelta(days=2)
MATURES = PAID + timedelta(days=14)
MICROSECOND = timedelta(microseconds=1)
POLICY = ReferralPolicy(50, 50, minimum_minor=3_000, per_year=20, review_score=50, daily_limit=10)
REFERRER, FRIEND = Party("aa" * 16), Party("bb" * 16)


def programme(policy: ReferralPolicy | None = POLICY, **changes: Any) -> Programme:
    return Programme(1, NOW, "Circle", "Europe/Berlin", "EUR", referral=policy, **changes)


def registered(referrer: Party = REFERRER, friend: Party = FRIEND, **around: Any) -> Referral:
    return register(referrer, friend, "CODE1234", Surroundings(**around), POLICY, NOW)


def bought(minor: int = 3_000, matures_at: datetime | None = MATURES, *refunds: Any, **changes: Any) -> FriendsOrder:
    fields: dict[str, Any] = {
        "source_ref": "shopify:12:order:5123",
        "order_id": "5123",
        "customer_ref": "7",
        "currency": "EUR",
        "status": OrderStatus.PAID,
        "shop_status": "paid",
        "updated_at": PAID,
        "created_at": PAID,
        "paid_at": PAID,
        "total_minor": minor,
        "lines": (Line("11", 1, minor),),
        "refunds": refunds,
    }
    return FriendsOrder(OrderState(**(fields | changes)), matures_at)


def bare(amount_minor: int) -> Refund:
    """Money paid back without saying for what."""
    return Refund("1", amount_minor)


def settled(
    referral: Referral, *orders: FriendsOrder, now: datetime = MATURES, paid: int = 0, **changes: Any
) -> Referral:
    return settle(referral, orders, Pace(paid), programme(**changes), now)


def codes(referral: Referral) -> list[str]:
    return [sign.code for sign in referral.reasons]


def both(name: str, shared: str = "x") -> tuple[Party, Party]:
    """Two sides that share one thing."""
    mine: dict[str, Any] = {name: frozenset({shared, "mine"})}
    theirs: dict[str, Any] = {name: frozenset({shared, "theirs"})}
    return replace(REFERRER, **mine), replace(FRIEND, **theirs)


class TestRegistering:
    def test_two_strangers_raise_no_suspicion(self) -> None:
        made = registered()
        assert (made.state, made.score, made.reasons) == (ReferralState.REGISTERED, 0, ())

    def test_oneself_is_refused_and_told_why(self) -> None:
        made = registered(friend=REFERRER)
        assert (made.state, codes(made), made.decided_at) == (ReferralState.REFUSED, ["self-referral"], NOW)

    @pytest.mark.parametrize(
        ("above", "members"), [((FRIEND.member_id,), 2), (("cc" * 16, FRIEND.member_id, "dd" * 16), 3)]
    )
    def test_a_ring_is_refused_and_told_why(self, above: tuple[str, ...], members: int) -> None:
        made = registered(referrers_above=above)
        assert made.state is ReferralState.REFUSED
        assert [(sign.code, sign.numbers) for sign in made.reasons] == [("ring-of-referrals", {"members": members})]

    def test_a_chain_is_no_ring(self) -> None:
        assert registered(referrers_above=("cc" * 16, "dd" * 16)).state is ReferralState.REGISTERED

    @pytest.mark.parametrize(
        ("name", "code", "weight"),
        [
            ("addresses", "same-address", 100),
            ("folded_addresses", "similar-address", 50),
            ("payments", "same-payment", 60),
            ("phones", "same-phone", 50),
            ("households", "same-household", 40),
            ("devices", "same-device", 40),
            ("ips", "same-ip", 20),
        ],
    )
    def test_whatever_both_share_is_a_reason_with_its_weight(self, name: str, code: str, weight: int) -> None:
        made = registered(*both(name))
        assert [(sign.code, sign.weight, sign.numbers) for sign in made.reasons] == [(code, weight, {"shared": 1})]
        assert (made.score, made.state) == (weight, ReferralState.REGISTERED)

    def test_what_is_unknown_on_both_sides_is_not_shared(self) -> None:
        assert registered(Party("aa" * 16), Party("bb" * 16)).score == 0

    def test_one_address_is_not_counted_twice(self) -> None:
        referrer = replace(REFERRER, addresses=frozenset({"a"}), folded_addresses=frozenset({"f"}))
        friend = replace(FRIEND, addresses=frozenset({"a"}), folded_addresses=frozenset({"f"}))
        assert codes(registered(referrer, friend)) == ["same-address"]

    @pytest.mark.parametrize(("orders", "expected"), [(0, []), (1, ["friend-not-new"])])
    def test_a_friend_who_has_bought_before_is_not_new(self, orders: int, expected: list[str]) -> None:
        assert codes(registered(earlier_orders=orders)) == expected

    @pytest.mark.parametrize(("others", "expected"), [(9, []), (10, ["many-on-one-day"]), (11, ["many-on-one-day"])])
    def test_the_eleventh_friend_of_a_day_is_many(self, others: int, expected: list[str]) -> None:
        assert codes(registered(registered_today=others)) == expected

    @pytest.mark.parametrize(("others", "expected"), [(9, []), (10, ["many-from-one-ip"])])
    def test_the_eleventh_from_one_ip_in_a_week_is_many(self, others: int, expected: list[str]) -> None:
        assert codes(registered(same_ip_week=others)) == expected

    def test_weights_add_up(self) -> None:
        referrer = replace(REFERRER, ips=frozenset({"i"}), households=frozenset({"h"}))
        friend = replace(FRIEND, ips=frozenset({"i"}), households=frozenset({"h"}))
        made = registered(referrer, friend)
        assert (made.score, codes(made)) == (60, ["same-household", "same-ip"])


class TestPaying:
    @pytest.mark.parametrize(
        ("minor", "state"),
        [(2_999, ReferralState.REGISTERED), (3_000, ReferralState.ORDERED), (3_001, ReferralState.ORDERED)],
    )
    def test_the_first_order_must_be_large_enough(self, minor: int, state: ReferralState) -> None:
        assert settled(registered(), bought(minor), now=PAID).state is state

    @pytest.mark.parametrize(
        ("now", "state"),
        [
            (MATURES - MICROSECOND, ReferralState.ORDERED),
            (MATURES, ReferralState.COMPLETED),
            (MATURES + MICROSECOND, ReferralState.COMPLETED),
        ],
    )
    def test_it_pays_when_the_order_has_matured(self, now: datetime, state: ReferralState) -> None:
        assert settled(registered(), bought(), now=now).state is state

    def test_an_order_that_earns_nothing_never_matures(self) -> None:
        assert settled(registered(), bought(matures_at=None)).state is ReferralState.ORDERED

    def test_both_sides_are_paid(self) -> None:
        done = settled(registered(), bought())
        assert [(member, a.source_ref, a.kind, a.counterpart) for member, a in activities(done)] == [
            (REFERRER.member_id, f"belong:referral:{FRIEND.member_id}", "referral", FRIEND.member_id),
            (FRIEND.member_id, f"belong:referral_friend:{FRIEND.member_id}", "referral_friend", REFERRER.member_id),
        ]
        assert {(a.status, a.occurred_at, a.approved_at) for _, a in activities(done)} == {
            (ActivityStatus.APPROVED, MATURES, MATURES)
        }

    @pytest.mark.parametrize(("paid", "sides"), [(19, 2), (20, 1), (21, 1)])
    def test_beyond_the_years_limit_only_the_friend_is_paid(self, paid: int, sides: int) -> None:
        done = settled(registered(), bought(), paid=paid)
        assert done.state is ReferralState.COMPLETED
        assert len(activities(done)) == sides
        assert codes(done) == ([] if sides == 2 else ["year-limit-reached"])
        assert activities(done)[-1][0] == FRIEND.member_id

    @pytest.mark.parametrize(
        "changes",
        [
            {"status": OrderStatus.OPEN, "paid_at": None},
            {"is_test": True},
            {"paid_at": NOW - MICROSECOND},
        ],
    )
    def test_what_is_no_order_of_a_new_friend_changes_nothing(self, changes: dict[str, Any]) -> None:
        assert settled(registered(), bought(**changes)) == registered()

    def test_the_earlier_of_two_orders_counts(self) -> None:
        later = bought(9_000, MATURES + timedelta(days=1), paid_at=PAID + timedelta(days=1), order_id="2")
        later = replace(later, order=replace(later.order, source_ref="shopify:12:order:2"))
        done = settled(registered(), later, bought())
        assert done.order_ref == "shopify:12:order:5123"

    @pytest.mark.parametrize(
        ("refunded", "state"),
        [(0, ReferralState.COMPLETED), (1_000, ReferralState.COMPLETED), (1_001, ReferralState.VOID)],
    )
    def test_a_refund_before_maturity_voids_it(self, refunded: int, state: ReferralState) -> None:
        """4,000 bought, at least 3,000 must be kept."""
        refunds = (bare(refunded),) if refunded else ()
        assert settled(registered(), bought(4_000, MATURES, *refunds)).state is state

    def test_a_refund_is_found_in_every_state_before_the_end(self) -> None:
        waiting = settled(registered(), bought(4_000), now=PAID)
        void = settled(waiting, bought(4_000, MATURES, bare(4_000)), now=PAID)
        assert void.state is ReferralState.VOID
        numbers = {"kept": 0, "needs": 3_000, "currency": "EUR"}
        assert [(sign.code, sign.numbers) for sign in void.reasons] == [("order-refunded", numbers)]
        assert activities(void) == ()

    @pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.DELETED])
    def test_an_order_called_off_voids_it(self, status: OrderStatus) -> None:
        void = settled(registered(), bought(status=status))
        assert (void.state, codes(void)) == (ReferralState.VOID, ["order-called-off"])

    def test_an_order_that_went_to_somebody_else_voids_it(self) -> None:
        void = settled(settled(registered(), bought(), now=PAID))
        assert (void.state, codes(void)) == (ReferralState.VOID, ["order-gone"])

    def test_another_order_does_not_save_it(self) -> None:
        """Buying, refunding and buying again would otherwise buy time for the refund."""
        void = settled(registered(), bought(4_000, MATURES, bare(4_000)))
        assert settled(void, bought(9_000)) == void

    def test_what_was_paid_stays_paid(self) -> None:
        done = settled(registered(), bought())
        assert settled(done, bought(4_000, MATURES, bare(4_000))) == done

    def test_the_minimum_is_reckoned_at_the_programmes_rate(self) -> None:
        order = bought(4_000, currency="USD")
        enough, too_little = {"USD": Fraction(3, 4)}, {"USD": Fraction("0.7499")}
        assert settled(registered(), order, now=PAID, base_rates=enough).state is ReferralState.ORDERED
        assert settled(registered(), order, now=PAID, base_rates=too_little).state is ReferralState.REGISTERED
        assert settled(registered(), order, now=PAID).state is ReferralState.REGISTERED

    def test_a_programme_without_referrals_leaves_them_alone(self) -> None:
        assert settled(registered(), bought(), policy=None) == registered()


class TestReview:
    def suspect(self, score: int) -> Referral:
        return replace(registered(), score=score)

    @pytest.mark.parametrize(
        ("score", "state"),
        [(49, ReferralState.COMPLETED), (50, ReferralState.REVIEW), (51, ReferralState.REVIEW)],
    )
    def test_from_the_score_on_a_person_decides(self, score: int, state: ReferralState) -> None:
        waiting = settled(self.suspect(score), bought())
        assert waiting.state is state
        assert bool(activities(waiting)) == (state is ReferralState.COMPLETED)

    def test_it_never_decides_by_itself_however_long_it_waits(self) -> None:
        waiting = settled(self.suspect(100), bought())
        assert settled(waiting, bought(), now=MATURES + timedelta(days=900)) == waiting

    def test_what_a_person_let_pass_is_paid_at_maturity(self) -> None:
        waiting = settled(self.suspect(100), bought(), now=PAID)
        passed = approve(waiting, "Ada", PAID)
        assert (passed.state, passed.actor) == (ReferralState.ORDERED, "Ada")
        assert settled(passed, bought(), now=MATURES - MICROSECOND).state is ReferralState.ORDERED
        assert settled(passed, bought()).state is ReferralState.COMPLETED

    def test_what_a_person_let_pass_is_still_void_after_a_refund(self) -> None:
        passed = approve(settled(self.suspect(100), bought(4_000), now=PAID), "Ada", PAID)
        assert settled(passed, bought(4_000, MATURES, bare(4_000))).state is ReferralState.VOID

    def test_what_a_person_refused_stays_refused_with_the_reason(self) -> None:
        refused = refuse(settled(self.suspect(100), bought()), "Ada", "Same flat, same card.", MATURES)
        assert (refused.state, refused.actor) == (ReferralState.REFUSED, "Ada")
        assert refused.reasons[-1].numbers == {"reason": "Same flat, same card."}
        assert settled(refused, bought()) == refused

    def test_only_what_waits_for_review_is_decided_by_hand(self) -> None:
        for referral in (registered(), settled(registered(), bought())):
            with pytest.raises(Refused, match="referral-not-in-review"):
                approve(referral, "Ada", NOW)
            with pytest.raises(Refused, match="referral-not-in-review"):
                refuse(referral, "Ada", "no", NOW)

    def test_what_comes_to_light_later_counts(self) -> None:
        seen = looked_at_again(registered(), *both("payments"), Surroundings(), POLICY, NOW)
        assert (seen.score, codes(seen)) == (60, ["same-payment"])
        assert settled(seen, bought()).state is ReferralState.REVIEW

    def test_a_ring_that_came_at_one_moment_is_refused_once_it_is_seen(self) -> None:
        above = Surroundings(referrers_above=("cc" * 16, FRIEND.member_id, REFERRER.member_id))
        seen = looked_at_again(registered(), REFERRER, FRIEND, above, POLICY, PAID)
        assert (seen.state, seen.decided_at, codes(seen)) == (ReferralState.REFUSED, PAID, ["ring-of-referrals"])
        assert seen.reasons[-1].numbers == {"members": 3}
        assert settled(seen, bought()) == seen

    def test_a_final_referral_is_not_looked_at_again(self) -> None:
        done = settled(registered(), bought())
        assert looked_at_again(done, *both("payments"), Surroundings(), POLICY, NOW) == done


@given(
    minor=st.integers(1, 6_000),
    refunded=st.integers(0, 6_000),
    score=st.integers(0, 120),
    late=st.integers(-1, 1),
    paid=st.integers(18, 22),
)
def test_asking_again_changes_nothing(minor: int, refunded: int, score: int, late: int, paid: int) -> None:
    refunds = (bare(min(refunded, minor)),) if refunded else ()
    order, now = bought(minor, MATURES, *refunds), MATURES + late * MICROSECOND
    once = settled(replace(registered(), score=score), order, now=now, paid=paid)
    assert settled(once, order, now=now, paid=paid) == once
    if activities(once):
        assert minor - min(refunded, minor) >= 3_000 and score < 50 and late >= 0


def test_codes_are_short_readable_and_the_same_at_every_call() -> None:
    key = bytes(range(32))
    found = [referral_code(key, f"{n:032x}") for n in range(300)]
    assert len(set(found)) == 300
    assert all(len(code) == 8 and set(code) <= set(CROCKFORD) for code in found)
    assert referral_code(key, f"{1:032x}") == found[1]
    assert referral_code(key, f"{1:032x}", attempt=1) != found[1]
