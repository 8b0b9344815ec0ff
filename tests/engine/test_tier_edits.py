"""Editing tiers of a running programme: shown before, harmless until grace is over, and then exactly as shown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty_engine.counters import CounterRow
from loyalty_engine.member import TierCause
from loyalty_engine.programme.model import Programme, Rulebook, Threshold, Tier, TiersPolicy, TierWindow
from loyalty_engine.tier_preview import Candidate, TierMove, preview_tiers
from loyalty_engine.tiers import lock_tier
from tests.engine.reviewing import JOINED, LADDER, Reviewed, a_ladder, bought, noon, tier

DAY = timedelta(days=1)
CHANGE = date(2026, 6, 1)
AT_CHANGE = datetime(2026, 5, 31, 22, tzinfo=UTC)
"""Midnight in Berlin."""


def ladder(silver: int, gold: int) -> tuple[Tier, ...]:
    return (LADDER[0], tier("silver", 1, Threshold("spend", silver)), tier("gold", 2, Threshold("spend", gold)))


def two_versions(
    old: tuple[Tier, ...], new: tuple[Tier, ...], policy: TiersPolicy, new_policy: TiersPolicy | None = None
) -> tuple[Programme, Programme]:
    return (
        a_ladder(old, policy=policy),
        a_ladder(new, version=2, policy=new_policy or policy, effective_from=AT_CHANGE),
    )


NO_KEEPING = TiersPolicy(keep_months=0, grace_days=30)


def test_raised_thresholds_take_no_tier_before_grace_is_over() -> None:
    """C11: on the day of the change both thresholds count; grace begins with the next."""
    anna = Reviewed(*two_versions(ladder(150, 400), ladder(150, 600), NO_KEEPING), rows=bought("2026-02-01", 400))
    moves = anna.live("2026-02-01", "2026-07-31")
    assert moves[1:] == [(date(2026, 2, 1), "gold"), (date(2026, 7, 2), "silver")]


def test_keeping_counts_from_the_change_if_the_tier_was_met_until_then() -> None:
    policy = TiersPolicy(keep_months=12, grace_days=30)
    anna = Reviewed(*two_versions(ladder(150, 400), ladder(150, 600), policy), rows=bought("2026-02-01", 400))
    anna.live("2026-02-01", "2026-06-03")
    path = anna.path("2026-06-03")
    assert path.lost_on(date(2026, 6, 3)) == date(2027, 7, 2)


@pytest.mark.parametrize(("old_grace", "new_grace", "falls"), [(30, 0, "2026-07-01"), (0, 30, "2026-07-02")])
def test_an_edit_cannot_shorten_its_own_grace(old_grace: int, new_grace: int, falls: str) -> None:
    policies = [TiersPolicy(keep_months=0, grace_days=days) for days in (old_grace, new_grace)]
    anna = Reviewed(*two_versions(ladder(150, 400), ladder(150, 600), *policies), rows=bought("2026-02-01", 400))
    assert anna.live("2026-02-01", "2026-08-01")[2:] == [(date.fromisoformat(falls), "silver")]


def test_a_shorter_time_of_keeping_hits_nobody_at_once() -> None:
    """The tier was last met long ago and the new version would have taken it since."""
    policies = (
        TiersPolicy(window_months=1, keep_months=24, grace_days=14),
        TiersPolicy(window_months=1, keep_months=0),
    )
    anna = Reviewed(*two_versions(ladder(150, 400), ladder(150, 400), *policies), rows=bought("2026-02-01", 400))
    assert anna.live("2026-02-01", "2026-07-01")[2:] == [(date(2026, 6, 15), "silver"), (date(2026, 6, 16), "member")]


def test_lowered_thresholds_lift_at_once() -> None:
    anna = Reviewed(*two_versions(ladder(150, 400), ladder(100, 300), NO_KEEPING), rows=bought("2026-02-01", 300))
    assert anna.live("2026-02-01", "2026-06-02")[1:] == [(date(2026, 2, 1), "silver"), (date(2026, 6, 1), "gold")]


def test_a_version_counts_from_its_moment_on_and_not_from_the_morning_of_its_day() -> None:
    old, new = two_versions(ladder(150, 400), ladder(150, 300), NO_KEEPING)
    late = a_ladder(new.tiers, version=2, policy=NO_KEEPING, effective_from=noon(CHANGE) + timedelta(hours=6))
    anna = Reviewed(old, late, rows=bought("2026-02-01", 300))
    anna.look("2026-05-31")
    before = anna.look_at(late.effective_from - timedelta(microseconds=1))
    assert (before.tiers, before.next_review_at) == ((), late.effective_from)
    assert [change.tier for change in anna.look_at(late.effective_from).tiers] == ["gold"]


@pytest.mark.parametrize(
    ("begun", "on", "name"),
    [
        ("2026-05-31", "2026-08-29", "gold"),
        ("2026-05-31", "2026-08-30", "silver"),
        ("2026-06-01", "2026-06-02", "silver"),
    ],
    ids=["last day of the promise", "the day after", "had not begun"],
)
def test_whoever_had_begun_reaches_the_old_threshold_for_a_while(begun: str, on: str, name: str) -> None:
    policy = TiersPolicy(keep_months=0, grace_days=0, freeze_days=90)
    anna = Reviewed(*two_versions(ladder(150, 400), ladder(150, 600), policy), rows=bought(begun, 399))
    anna.look(begun)
    assert anna.tier == "silver"
    anna.rows += bought(on, 1)
    anna.look(on)
    assert anna.tier == name


def test_what_was_reached_on_a_promise_lasts_while_the_promise_does_and_is_kept_after_it() -> None:
    """Gold at the old 400 on 2026-06-10, with 600 asked since 2026-06-01; the promise ends with 2026-08-29."""
    policy = TiersPolicy(keep_months=1, grace_days=10, freeze_days=90)
    anna = Reviewed(*two_versions(ladder(150, 400), ladder(150, 600), policy), rows=bought("2026-05-31", 399))
    anna.look("2026-05-31")
    anna.rows += bought("2026-06-10", 1)
    assert anna.live("2026-06-01", "2027-01-31") == [(date(2026, 6, 10), "gold"), (date(2026, 10, 10), "silver")]


def test_a_member_who_held_a_tier_is_promised_no_less_than_one_who_was_on_the_way() -> None:
    policy = TiersPolicy(keep_months=0, freeze_days=90)
    anna = Reviewed(*two_versions(ladder(150, 400), ladder(150, 600), policy), rows=bought("2026-02-01", 400))
    assert anna.live("2026-02-01", "2026-12-31")[2:] == [(date(2026, 8, 30), "silver")]


def test_a_refund_while_an_edit_is_in_grace_takes_the_tier_when_grace_is_over() -> None:
    anna = Reviewed(*two_versions(ladder(150, 400), ladder(150, 600), NO_KEEPING), rows=bought("2026-02-01", 400))
    anna.live("2026-02-01", "2026-06-02")
    anna.rows = bought("2026-02-01", 160)
    assert anna.live("2026-06-03", "2026-07-05") == [(date(2026, 7, 1), "silver")]


def test_on_the_day_of_the_change_the_old_threshold_lets_newcomers_in() -> None:
    anna = Reviewed(*two_versions(ladder(150, 400), ladder(150, 600), NO_KEEPING), rows=bought(CHANGE, 400))
    assert anna.live(CHANGE, "2026-07-05")[1:] == [(CHANGE, "gold"), (date(2026, 7, 2), "silver")]


def test_an_edit_of_names_and_benefits_protects_and_promises_nothing() -> None:
    renamed = tuple(tier(each.tier_id, each.rank, *each.ways, benefits=("gift",)) for each in ladder(150, 400))
    policy = TiersPolicy(keep_months=0, grace_days=0, freeze_days=90)
    anna = Reviewed(*two_versions(ladder(150, 400), renamed, policy), rows=bought("2025-06-02", 400))
    assert anna.live("2025-06-02", "2026-06-04")[2:] == [(date(2026, 6, 2), "silver"), (date(2026, 6, 3), "member")]


def test_a_tier_that_is_no_more_is_kept_for_grace_and_ends_on_the_one_below() -> None:
    anna = Reviewed(*two_versions(ladder(150, 400), ladder(150, 400)[:2], NO_KEEPING), rows=bought("2026-02-01", 400))
    moves = anna.live("2026-02-01", "2026-07-15")
    assert moves[1:] == [(date(2026, 2, 1), "gold"), (date(2026, 7, 1), "silver")]
    assert (anna.tiers[-1].cause, anna.tiers[-1].programme_version) == (TierCause.LOST, 2)


def test_a_tier_between_two_others_can_be_added() -> None:
    new = (*ladder(150, 400)[:2], tier("ruby", 2, Threshold("spend", 300)), tier("gold", 3, Threshold("spend", 400)))
    members = {300: "ruby", 299: "silver", 400: "gold"}
    for spend, name in members.items():
        anna = Reviewed(*two_versions(ladder(150, 400), new, NO_KEEPING), rows=bought("2026-02-01", spend))
        anna.live("2026-02-01", "2026-06-02")
        assert anna.tier == name


def test_a_programme_may_begin_to_have_tiers() -> None:
    anna = Reviewed(*two_versions((), ladder(150, 400), NO_KEEPING), rows=bought("2026-02-01", 400))
    assert anna.live("2026-02-01", "2026-06-02") == [(CHANGE, "member"), (CHANGE, "gold")]


def test_a_programme_without_tiers_gives_none() -> None:
    anna = Reviewed(a_ladder(()), rows=bought("2026-02-01", 40_000))
    found = anna.look("2026-02-01")
    assert (found.tiers, found.notices, found.next_review_at) == ((), (), None)


# --- the preview ---


def candidate(name: str, *rows: CounterRow, **changes: Any) -> Candidate:
    return Candidate(name, rows, JOINED, **changes)


def test_tier_edit_previews_losers_and_loses_no_points() -> None:
    """C11: three members, a raised Gold and a lowered Silver; a fourth is locked and left out."""
    old, new = two_versions(ladder(150, 400), ladder(120, 600), NO_KEEPING)
    locked = Reviewed(old)
    locked.look("2026-02-01")
    locked.record(lock_tier(locked.tiers, "gold", old, "maria", "a friend", noon("2026-02-01")))
    shown = preview_tiers(
        [
            candidate("anna", *bought("2026-02-01", 400)),
            candidate("ben", *bought("2026-02-01", 120)),
            candidate("cleo", *bought("2026-02-01", 600)),
            candidate("dora", history=locked.tiers),
        ],
        Rulebook((old,)),
        new,
    )
    assert shown.up == (TierMove("ben", "member", "silver", CHANGE),)
    assert shown.down == (TierMove("anna", "gold", "silver", date(2026, 7, 2)),)
    assert shown.before == {"gold": 2, "member": 1}
    assert shown.after == {"gold": 2, "silver": 1}
    assert shown.locked == 1


POLICIES = st.builds(
    TiersPolicy,
    window=st.sampled_from(TierWindow),
    window_months=st.sampled_from([1, 6, 12]),
    keep_months=st.integers(0, 3),
    grace_days=st.sampled_from([0, 1, 14]),
    low_water_percent=st.sampled_from([50, 90, 100]),
    soft_landing=st.integers(1, 2),
    freeze_days=st.sampled_from([0, 30]),
)
LADDERS = st.tuples(st.integers(1, 40), st.integers(1, 40)).map(lambda steps: ladder(steps[0], steps[0] + steps[1]))
ORDERS = st.lists(st.tuples(st.dates(date(2026, 1, 5), CHANGE), st.integers(1, 50)), max_size=5)


def rows_of(orders: list[tuple[date, int]]) -> list[CounterRow]:
    return [row for number, (on, spend) in enumerate(orders) for row in bought(on, spend, number)]


@settings(max_examples=150, deadline=None)
@given(LADDERS, LADDERS, POLICIES, POLICIES, ORDERS, st.integers(0, 50))
def test_the_preview_is_the_outcome(
    old: tuple[Tier, ...], new: tuple[Tier, ...], policy: TiersPolicy, new_policy: TiersPolicy, orders: Any, back: int
) -> None:
    """C11: whoever is looked at as time goes by moves on the day that was shown, and nobody else moves; also who was
    given money back for the first order shortly before.
    """
    versions = two_versions(old, new, policy, new_policy)
    anna, without = (Reviewed(*those, rows=rows_of(orders)) for those in (versions, versions[:1]))
    rows = rows_of([(on, max(spend - back, 1) if n == 0 else spend) for n, (on, spend) in enumerate(orders)])
    for each in (anna, without):
        each.look(CHANGE - 2 * DAY)
        each.rows = list(rows)
        each.look(CHANGE - DAY)
    who = candidate("anna", *rows, history=without.tiers)
    shown = preview_tiers([who], Rulebook(versions[:1]), versions[1])
    moves = [*shown.up, *shown.down]
    until = moves[0].day if moves else CHANGE + 1_000 * DAY
    for look in sorted({CHANGE, *(step.day for step in anna.path(CHANGE).steps if step.day > CHANGE)}):
        if look < until:
            anna.look(look)
            without.look(look)
            assert anna.tier == without.tier
    if moves:
        anna.look(until)
        without.look(until)
        assert (without.tier, anna.tier) == (moves[0].tier_from, moves[0].tier_to)
    for down in shown.down:
        assert down.day >= CHANGE + timedelta(days=max(policy.grace_days, new_policy.grace_days))


@settings(max_examples=150, deadline=None)
@given(LADDERS, LADDERS, POLICIES, POLICIES, ORDERS, st.sets(st.integers(0, 900), max_size=12))
def test_when_and_how_often_one_looks_is_of_no_matter(
    old: tuple[Tier, ...],
    new: tuple[Tier, ...],
    policy: TiersPolicy,
    new_policy: TiersPolicy,
    orders: Any,
    when: set[int],
) -> None:
    """C10: looks now and then end where one look at the end ends, and looking again changes nothing."""
    rows, end = rows_of(orders), CHANGE + 900 * DAY
    versions = two_versions(old, new, policy, new_policy)
    often, once = Reviewed(*versions, rows=rows), Reviewed(*versions, rows=rows)
    for offset in sorted(when):
        often.look(date(2026, 1, 6) + offset * DAY)
    for each in (often, once):
        each.look(end)
        assert each.look(end).tiers == ()
    assert often.tier == once.tier


@settings(max_examples=150, deadline=None)
@given(LADDERS, LADDERS, POLICIES, POLICIES, ORDERS)
def test_nothing_changes_before_the_moment_that_a_review_names(
    old: tuple[Tier, ...], new: tuple[Tier, ...], policy: TiersPolicy, new_policy: TiersPolicy, orders: Any
) -> None:
    """A member who is looked at only when it was said takes the same steps as one who is looked at every time."""
    rows = rows_of(orders)
    called = Reviewed(*two_versions(old, new, policy, new_policy), rows=rows)
    due: datetime | None = noon(CHANGE - DAY)
    told = set()
    looks = 0
    while due is not None and looks < 100:
        found = called.look_at(due)
        told |= {notice.key for notice in found.notices}
        assert found.next_review_at is None or found.next_review_at > due
        due, looks = found.next_review_at, looks + 1
    assert due is None
    last = called.path(CHANGE).step(date(2040, 1, 1))
    assert last is not None and called.tier == last.tier
    lost = [change for change in called.tiers if change.cause is TierCause.LOST and change.at > noon(CHANGE)]
    assert all(any(key.startswith("tier-at-risk:") for key in told) for _ in lost)
