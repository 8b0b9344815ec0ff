"""Caps and activities: no window ever gives more than its cap, whatever arrives in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.activities import EVENTS, KINDS, meaning_of
from loyalty_engine.earning.caps import window_key
from loyalty_engine.earning.evaluate import first_context, worth_of
from loyalty_engine.facts import Activity, ActivityStatus, OrderState
from loyalty_engine.member import MemberState, MemberStatus
from loyalty_engine.programme.model import Cap, Programme, Rulebook, WindDown, Window
from loyalty_engine.worth import Refusal
from tests.engine.builders import DAY, MICROSECOND, OPENING, PAID, an_order, bare, source_of
from tests.engine.earning import (
    after,
    an_activity,
    context_of,
    fixed,
    member,
    per_amount,
    programme,
    source_of_activity,
    source_of_order,
    when,
    worth,
)


def review_rule(points: int = 10, *caps: Cap, **more: Any) -> Programme:
    return programme(fixed(points, "review", trigger="review", caps=caps, **more))


def lived(facts: Sequence[OrderState | Activity], rules: Programme) -> tuple[list[int], MemberState]:
    """What each fact is worth in turn, the member keeping all grants."""
    who, found = member(), []
    for fact in facts:
        one = worth(fact, rules, who)
        who = after(who, one)
        found.append(one.points)
    return found, who


@pytest.mark.parametrize(
    ("window", "key"),
    [
        (Window.DAY, "2026-03-01"),
        (Window.WEEK, "2026-W09"),
        (Window.MONTH, "2026-03"),
        (Window.QUARTER, "2026-Q1"),
        (Window.YEAR, "2026"),
        (Window.LIFETIME, ""),
        (Window.PRODUCT, "p"),
        (Window.OBJECT, "o"),
        (Window.COUNTERPART, "c"),
    ],
)
def test_a_window_has_a_name_of_its_own(window: Window, key: str) -> None:
    activity = an_activity(product_id="p", object_id="o", counterpart="c")
    assert window_key(Cap("cap", window, points=1), PAID.date(), activity) == key


def test_weeks_begin_on_monday_and_years_with_the_iso_week_year() -> None:
    cap = Cap("cap", Window.WEEK, points=1)
    days = [date(2026, 12, 27), date(2026, 12, 28), date(2027, 1, 3), date(2027, 1, 4)]
    assert [window_key(cap, day, None) for day in days] == ["2026-W52", "2026-W53", "2026-W53", "2027-W01"]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"])
def test_a_day_is_a_local_one_in_every_zone(zone: str) -> None:
    rules = replace(review_rule(10, Cap("daily", Window.DAY, times=1)), timezone=zone)
    midnight = datetime(2026, 10, 25, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    one = an_activity(at=midnight - MICROSECOND, activity_id="1")
    two = an_activity(at=midnight, activity_id="2")
    three = an_activity(at=midnight + timedelta(hours=23), activity_id="3")
    assert lived([one, two, three], rules)[0] == [10, 10, 0]


@pytest.mark.parametrize(("cap", "points"), [(99, 99), (100, 100), (101, 100)])
def test_a_cap_of_one_order_cuts_at_its_number(cap: int, points: int) -> None:
    rules = programme(per_amount(caps=(Cap("order", Window.SOURCE, points=cap),)))
    found = worth(an_order(10_000), rules)
    assert (found.points, found.grants) == (points, ())


def test_room_left_is_given_and_no_more() -> None:
    rules = programme(per_amount(caps=(Cap("month", Window.MONTH, points=150),)))
    orders = [an_order(10_000, order_id=str(n), source_ref=source_of(str(n))) for n in range(3)]
    found, who = lived(orders, rules)
    assert found == [100, 50, 0]
    assert who.room_taken["month", "2026-03"] == (150, 2)
    nothing = worth(orders[2], rules, who)
    assert (nothing.reason, nothing.rules[0]["code"]) == ("cap-reached", "cap-reached")


def test_a_refund_gives_no_room_back_and_a_second_look_takes_none() -> None:
    rules = programme(per_amount(caps=(Cap("month", Window.MONTH, points=100),)))
    first, second = (an_order(10_000, order_id=n, source_ref=source_of(n)) for n in "12")
    found, who = lived([first, first, replace(first, refunds=(bare(10_000),)), second, first], rules)
    assert found == [100, 100, 0, 0, 100]
    assert who.room_taken["month", "2026-03"] == (100, 1)


def test_caps_of_a_member_hold_over_all_activities_but_not_orders() -> None:
    cap = Cap("non-purchase", Window.MONTH, points=25)
    rules = programme(
        per_amount(), fixed(10, "review", trigger="review"), fixed(10, "answer", trigger="answer"), caps=(cap,)
    )
    facts = (an_activity("review"), an_activity("answer"), an_activity("review", activity_id="2"), an_order(10_000))
    assert lived(facts, rules)[0] == [10, 10, 5, 100]


def test_once_for_each_product_and_each_voter() -> None:
    products = review_rule(10, Cap("product", Window.PRODUCT, times=1))
    facts = [an_activity(activity_id=str(n), product_id=product) for n, product in enumerate("aab")]
    assert lived(facts, products)[0] == [10, 0, 10]
    voters = programme(fixed(1, "votes", trigger="helpful_vote", caps=(Cap("voter", Window.COUNTERPART, times=1),)))
    facts = [an_activity("helpful_vote", activity_id=str(n), counterpart=who) for n, who in enumerate("xyx")]
    assert lived(facts, voters)[0] == [1, 1, 0]


def test_a_removed_review_is_worth_nothing_and_its_turn_stays_taken() -> None:
    rules = review_rule(10, Cap("once", Window.LIFETIME, times=1))
    first, second = an_activity(activity_id="1"), an_activity(activity_id="2")
    _, who = lived([first], rules)
    removed = replace(first, status=ActivityStatus.REMOVED)
    context = context_of(source_of_activity(first), rules)
    gone = worth_of(source_of_activity(removed), context, rules, who)
    assert (gone.points, gone.reason, gone.counters) == (0, "activity-removed", ())
    assert worth(second, rules, who).points == 0
    assert worth(first, rules, who).points == 10


@pytest.mark.parametrize(("chars", "points"), [(39, 0), (40, 10), (None, 0), (True, 0)])
def test_short_reviews_earn_nothing(chars: Any, points: int) -> None:
    values = {} if chars is None else {"chars": chars}
    found = worth(an_activity(values=values), review_rule(10, minimums={"chars": 40}))
    assert found.points == points
    assert [missed["code"] for missed in found.rules] == ([] if points else ["minimum-chars"])


def test_only_verified_buyers_where_it_is_asked() -> None:
    rules = review_rule(10, verified_only=True)
    assert worth(an_activity(values={"verified": True}), rules).points == 10
    for values in ({}, {"verified": False}, {"verified": 1}):
        assert worth(an_activity(values=values), rules).points == 0


def test_the_same_points_for_any_rating() -> None:
    rules = review_rule(10)
    assert {worth(an_activity(values={"rating": rating}), rules).points for rating in range(1, 6)} == {10}


def test_what_must_stand_for_days_is_pending_for_them() -> None:
    rules = review_rule(10, after_days=3)
    assert worth(an_activity(), rules).matures_at == PAID + 3 * DAY
    assert worth(an_activity(), review_rule(10)).matures_at == PAID


def test_what_is_only_tried_out_delays_nothing() -> None:
    paying = review_rule(10)
    tried = replace(paying.rules[0], rule_id="tried", dry_run=True, after_days=300)
    assert worth(an_activity(), replace(paying, rules=(*paying.rules, tried))).matures_at == PAID


def test_activities_have_conditions_too() -> None:
    rules = review_rule(10, conditions=when("product", "in", "p"))
    assert worth(an_activity(product_id="p"), rules).points == 10
    assert worth(an_activity(product_id="q"), rules).points == 0


def test_an_activity_counts_even_where_no_rule_pays() -> None:
    found = worth(an_activity("visit", object_id="2026-03-01"), programme())
    assert (found.points, found.reason, found.is_activity) == (0, "no-rule-applies", True)
    assert [(row.counter, row.key, row.value) for row in found.counters] == [("visit", "2026-03-01", 1)]


# --- who earns at all ---

ENDED = WindDown(earn_until=PAID, redeem_until=PAID + 30 * DAY)


@pytest.mark.parametrize(
    ("who", "rules", "code"),
    [
        (member(status=MemberStatus.BLOCKED), programme(per_amount()), "member-blocked"),
        (member(left_at=PAID, status=MemberStatus.LEFT), programme(per_amount()), "paid-after-leaving"),
        (member(left_at=PAID + MICROSECOND, status=MemberStatus.LEFT), programme(per_amount()), None),
        (replace(member(), enrolled_at=PAID + MICROSECOND), programme(per_amount()), "paid-before-enrolment"),
        (replace(member(), enrolled_at=PAID), programme(per_amount()), None),
        (replace(member(), enrolled_at=PAID + DAY), programme(per_amount(), back_pay_days=1), None),
        (
            replace(member(), enrolled_at=PAID + DAY + MICROSECOND),
            programme(per_amount(), back_pay_days=1),
            "paid-before-enrolment",
        ),
        (member(), programme(per_amount(), wind_down=ENDED), "programme-ended"),
        (member(), programme(per_amount(), wind_down=replace(ENDED, earn_until=PAID + MICROSECOND)), None),
    ],
)
def test_some_orders_get_no_context(who: MemberState, rules: Programme, code: str | None) -> None:
    found = first_context(source_of_order(an_order(1000)), who, Rulebook((rules,)), PAID)
    assert (found.code if isinstance(found, Refusal) else None) == code


def test_each_order_gets_the_next_place() -> None:
    source = source_of_order(an_order(1000))
    assert context_of(source, programme(), member(places=4)).place == 5
    assert context_of(source_of_activity(an_activity()), programme(), member(places=4)).place == 0


def test_the_version_in_force_at_the_payment_decides() -> None:
    book = Rulebook((programme(), programme(version=2, effective_from=PAID)))
    for at, version in ((PAID - MICROSECOND, 1), (PAID, 2)):
        found = first_context(source_of_order(an_order(1000, paid_at=at)), member(), book, PAID + DAY)
        assert not isinstance(found, Refusal)
        assert (found.programme_version, found.decided_at) == (version, PAID + DAY)


# --- properties ---

reviews = st.lists(
    st.builds(
        lambda n, days, product: an_activity(at=OPENING + timedelta(days=days), activity_id=str(n), product_id=product),
        st.integers(0, 6),
        st.integers(0, 40),
        st.sampled_from("ab"),
    ),
    max_size=25,
    unique_by=lambda activity: activity.activity_id,
)


@given(reviews, st.randoms(use_true_random=False), st.integers(1, 40))
def test_no_order_of_arrival_exceeds_a_cap(facts: list[Activity], chance: Any, points: int) -> None:
    """Duplicates, any order, twice over: the month never gives more than its cap, and a product pays once."""
    rules = programme(
        fixed(10, "review", trigger="review", caps=(Cap("product", Window.PRODUCT, times=1),)),
        caps=(Cap("month", Window.MONTH, points=points),),
    )
    told = [*facts, *facts]
    chance.shuffle(told)
    _, who = lived(told, rules)
    final = {fact.source_ref: worth(fact, rules, who).points for fact in facts}
    months: dict[str, int] = {}
    for fact in facts:
        key = f"{fact.occurred_at:%Y-%m}"
        months[key] = months.get(key, 0) + final[fact.source_ref]
    assert all(given <= points for given in months.values())
    for product in "ab":
        assert sum(final[fact.source_ref] > 0 for fact in facts if fact.product_id == product) <= 1


# --- what events mean ---


def test_every_event_has_a_kind_that_rules_may_name() -> None:
    for event_type, meaning in EVENTS.items():
        assert meaning_of(event_type) == meaning
        assert meaning.kind in KINDS
    assert {"joined", "birthday", "helpful_vote", "referral_friend"} <= KINDS
    assert "order" not in KINDS


@pytest.mark.parametrize(
    ("event_type", "kind", "status"),
    [
        ("custom.quiz", "custom.quiz", ActivityStatus.APPROVED),
        ("custom.quiz.removed", "custom.quiz", ActivityStatus.REMOVED),
    ],
)
def test_merchants_have_events_of_their_own(event_type: str, kind: str, status: ActivityStatus) -> None:
    found = meaning_of(event_type)
    assert found is not None and (found.kind, found.status) == (kind, status)


@pytest.mark.parametrize(
    "event_type", ["", "custom.", "custom..removed", "custom.a b", "custom.é", "review.liked", "x" * 99]
)
def test_unknown_events_mean_nothing(event_type: str) -> None:
    assert meaning_of(event_type) is None


def test_a_vote_tells_of_two_members() -> None:
    found = meaning_of("vote.helpful")
    assert found is not None and (found.kind, found.of_counterpart) == ("vote_given", "helpful_vote")
