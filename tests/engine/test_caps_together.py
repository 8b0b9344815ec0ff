"""Several caps over one source: each is granted what came through all, and none fills up with nobody's points."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_engine.earning.caps import window_key
from loyalty_engine.facts import Activity, OrderState
from loyalty_engine.member import MemberState
from loyalty_engine.programme.checks import all_caps
from loyalty_engine.programme.model import Cap, Combine, EarnPolicy, Lane, Programme, Rounding, Rule, Window
from tests.engine.builders import PAID, an_order, bare, source_of
from tests.engine.earning import TIERS, after, an_activity, factor, fixed, member, per_amount, programme, worth

ONCE = Cap("once", Window.LIFETIME, times=1)
ALL_OF_A_MONTH = Cap("all", Window.MONTH, points=100)
NEXT_MONTH = PAID + timedelta(days=31)


def lived(facts: list[OrderState | Activity], rules: Programme, who: MemberState) -> tuple[list[int], MemberState]:
    """What each fact is worth in turn, the member keeping all grants."""
    found = []
    for fact in facts:
        one = worth(fact, rules, who)
        who = after(who, one)
        found.append(one.points)
    return found, who


def in_full_month(rules: Programme) -> MemberState:
    """A member who has nothing left of ALL_OF_A_MONTH."""
    photos = replace(rules, rules=(fixed(100, "photo", trigger="photo"),))
    points, who = lived([an_activity("photo")], photos, member())
    assert points == [100]
    return who


@pytest.mark.parametrize("window", [Window.LIFETIME, Window.YEAR, Window.PRODUCT, Window.COUNTERPART])
def test_a_turn_that_paid_nothing_is_not_used_up(window: Window) -> None:
    own = Cap("own", window, times=1)
    rules = programme(fixed(10, "profile", trigger="profile_complete", caps=(own,)), caps=(ALL_OF_A_MONTH,))
    who = in_full_month(rules)
    kept = [an_activity("profile_complete", at, str(n)) for n, at in enumerate((PAID, NEXT_MONTH, NEXT_MONTH))]
    points, who = lived([*kept], rules, who)
    assert points == [0, 10, 0]
    assert {grant.source_ref for grant in who.grants if grant.cap_id == "own"} == {kept[1].source_ref}


def test_a_week_has_its_room_although_the_month_before_was_full() -> None:
    # 2026-11-30 and 2026-12-01 are of one week.
    at = PAID.replace(month=11, day=30)
    rules = programme(
        fixed(10, "answer", trigger="answer", caps=(Cap("week", Window.WEEK, points=50),)), caps=(ALL_OF_A_MONTH,)
    )
    photos = replace(rules, rules=(fixed(100, "photo", trigger="photo"),))
    _, who = lived([an_activity("photo", at)], photos, member())
    answers = [an_activity("answer", at + timedelta(days=n // 5), str(n)) for n in range(11)]
    assert lived([*answers], rules, who)[0] == [0] * 5 + [10] * 5 + [0]


def test_a_month_counts_what_the_day_let_through_of_it() -> None:
    caps = (Cap("month", Window.MONTH, points=200), Cap("day", Window.DAY, points=60))
    rules = programme(fixed(50, "quiz", trigger="custom.quiz", caps=caps))
    days = [an_activity("custom.quiz", PAID + timedelta(days=n // 2), str(n)) for n in range(10)]
    points, who = lived([*days], rules, member())
    assert points == [50, 10, 50, 10, 50, 10, 20, 0, 0, 0]
    assert who.room_taken["month", "2026-03"] == (200, 7)


@pytest.mark.parametrize(("cap", "granted"), [(29, None), (30, None), (31, 1), (79, 49), (80, 50), (81, 50)])
def test_what_rules_without_caps_gave_is_paid_first(cap: int, granted: int | None) -> None:
    own = Cap("own", Window.MONTH, points=50)
    rules = programme(per_amount(), fixed(60, "extra", caps=(own,)), caps=(replace(ORDERS, points=cap),))
    found = worth(an_order(3_000), rules)
    assert found.points == min(cap, 80)
    assert {grant.cap_id: grant.points for grant in found.grants}.get("own") == granted


def test_before_factors_a_cap_counts_what_is_multiplied_later() -> None:
    own = Cap("own", Window.MONTH, points=50)
    policy = EarnPolicy(caps_after_factors=False)
    rules = programme(per_amount(caps=(own,)), earn=policy, tiers=TIERS, caps=(replace(ORDERS, points=40),))
    found = worth(an_order(10_000), rules, member("gold"))
    # 27 points times 1.5 are the 40 that were paid.
    assert (found.points, {grant.cap_id: grant.points for grant in found.grants}) == (40, {"own": 27, "orders": 40})


ORDERS = Cap("orders", Window.MONTH, points=60, triggers=frozenset({"order"}))
POINTS = st.integers(1, 40)
MOMENTS = st.integers(0, 45).map(lambda days: PAID + timedelta(days=days))


@st.composite
def caps(draw: st.DrawFn, name: str, triggers: frozenset[str] = frozenset()) -> tuple[Cap, ...]:
    windows = draw(st.lists(st.sampled_from([*Window][:7]), max_size=3, unique=True))
    found = []
    for window in windows:
        most: dict[str, Any] = (
            {"points": draw(POINTS)} if draw(st.integers(0, 3)) else {"times": draw(st.integers(1, 3))}
        )
        found.append(Cap(f"{name}-{window.value}", window, triggers=triggers, **most))
    return tuple(found)


@given(st.data())
def test_a_cap_of_points_is_granted_what_was_paid_and_one_of_times_what_paid(data: st.DataObject) -> None:
    """One rule pays each source and nothing is taken back, so every grant has its points in the books."""
    rules = programme(
        *(fixed(data.draw(POINTS), kind, trigger=kind, caps=data.draw(caps(kind))) for kind in ("review", "answer")),
        per_amount(caps=data.draw(caps("order"))),
        caps=(*data.draw(caps("all")), *data.draw(caps("orders", frozenset({"order"})))),
    )
    facts: list[OrderState | Activity] = []
    for number in range(data.draw(st.integers(1, 12))):
        kind, at = data.draw(st.sampled_from(["review", "answer", "order"])), data.draw(MOMENTS)
        name = str(number)
        facts.append(
            an_order(data.draw(POINTS) * 100, order_id=name, source_ref=source_of(name), paid_at=at)
            if kind == "order"
            else an_activity(kind, at, name)
        )
    points, who = lived(facts, rules, member())
    paid: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for fact, worth_now in zip(facts, points, strict=True):
        for cap in all_caps(rules):
            if cap.window is not Window.SOURCE and worth_now and _counts(cap, fact, rules):
                paid[cap.cap_id, _window(cap, fact)].append(worth_now)
    assert {key: (sum(several), len(several)) for key, several in paid.items()} == dict(who.room_taken)
    for cap in all_caps(rules):
        for (cap_id, _), (all_points, times) in who.room_taken.items():
            assert cap_id != cap.cap_id or (all_points <= cap.points if cap.points else times <= (cap.times or 0))
    assert lived(facts, rules, who) == (points, who)


def _window(cap: Cap, fact: OrderState | Activity) -> str:
    at = fact.paid_at if isinstance(fact, OrderState) else fact.occurred_at
    assert at is not None
    return window_key(cap, at.date(), fact if isinstance(fact, Activity) else None)


def _counts(cap: Cap, fact: OrderState | Activity, rules: Programme) -> bool:
    kind = "order" if isinstance(fact, OrderState) else fact.kind
    if cap in rules.caps:
        return kind in cap.triggers if cap.triggers else kind != "order"
    return any(cap in rule.caps and rule.trigger == kind for rule in rules.rules)


@given(st.data())
def test_rules_with_and_without_caps_share_a_cut_and_a_second_look_takes_nothing(data: st.DataObject) -> None:
    """Sources fill each other's windows, lose goods and get them back: nothing paid is lost, no cap is exceeded."""
    policy = EarnPolicy(
        rounding=data.draw(st.sampled_from(Rounding)),
        caps_after_factors=data.draw(st.booleans()),
        lanes={Lane.BASE: data.draw(st.sampled_from([Combine.ADD, Combine.BEST]))},
    )
    lanes = st.sampled_from([Lane.BASE, Lane.CAMPAIGN])
    several: list[Rule] = [per_amount(data.draw(st.sampled_from(["1", "0.7", "1.3"])), caps=data.draw(caps("base")))]
    for n in range(data.draw(st.integers(0, 2))):
        several.append(fixed(data.draw(POINTS), f"r{n}", lane=data.draw(lanes), caps=data.draw(caps(f"r{n}"))))
    rules = programme(
        *several,
        factor(data.draw(st.sampled_from(["2", "4/3", "1/2"]))),
        earn=policy,
        caps=data.draw(caps("orders", frozenset({"order"}))),
    )
    orders = {name: an_order(data.draw(POINTS) * 117, order_id=name, source_ref=source_of(name)) for name in "123"}
    who, paid = member(), dict.fromkeys(orders, 0)
    for name in data.draw(st.lists(st.sampled_from("123"), min_size=1, max_size=8)):
        lost = data.draw(st.sampled_from([0, 0, 1, 2]))
        order = replace(orders[name], refunds=(bare(orders[name].lines[0].net_minor * lost // 2),) if lost else ())
        found = worth(order, rules, who)
        who, paid[name] = after(who, found), found.points
        again = worth(order, rules, who)
        assert (again.points, again.grants) == (found.points, ())
        for cap in rules.caps:
            if cap.points is not None and cap.window not in (Window.SOURCE,):
                assert sum(paid.values()) <= cap.points
        for cap in all_caps(rules):
            taken = [room for (cap_id, _), room in who.room_taken.items() if cap_id == cap.cap_id]
            assert all(room[0] <= cap.points if cap.points else room[1] <= (cap.times or 0) for room in taken)
