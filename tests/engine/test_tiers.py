"""Tiers at every boundary: up at once, down late, slowly and never by surprise."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from loyalty_engine.counters import CounterRow
from loyalty_engine.days import add_months, start_of_day
from loyalty_engine.errors import Refused
from loyalty_engine.member import TierCause
from loyalty_engine.programme.model import Rulebook, Threshold, TiersPolicy, TierWindow
from loyalty_engine.tier_path import Path, Reading, never_rises
from loyalty_engine.tiers import lock_tier, next_tier, risk, unlock_tier
from tests.engine.reviewing import JOINED, LADDER, Reviewed, a_ladder, bought, noon, tier

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("spend", "name"),
    [(0, "member"), (14_999, "member"), (15_000, "silver"), (15_001, "silver"), (39_999, "silver"), (40_000, "gold")],
)
def test_tier_is_a_pure_function_of_the_ledger_at_a_time(spend: int, name: str) -> None:
    """C10: threshold -1, exact, +1; the first tier is never skipped; looking again changes nothing."""
    anna = Reviewed(rows=bought("2026-03-01", spend))
    first = anna.look("2026-03-01")
    assert [change.tier for change in first.tiers] == (["member"] if name == "member" else ["member", name])
    again = anna.look("2026-03-01")
    assert (again.tiers, anna.tier) == ((), name)


@pytest.mark.parametrize(("orders", "name"), [(3, "member"), (4, "silver"), (7, "silver"), (8, "gold")])
def test_the_order_route_honours_small_buyers(orders: int, name: str) -> None:
    rows = [row for number in range(orders) for row in bought("2026-03-01", 100, number)]
    anna = Reviewed(rows=rows)
    anna.look("2026-03-01")
    assert anna.tier == name


@pytest.mark.parametrize(("points", "name"), [(499, "member"), (500, "gold")])
def test_tier_points_count_where_the_programme_says_so(points: int, name: str) -> None:
    ladder = (tier("member", 0), tier("gold", 1, Threshold("tier_points", 500)))
    anna = Reviewed(a_ladder(ladder), rows=[CounterRow("tier_points", "", "o", date(2026, 3, 1), points)])
    anna.look("2026-03-01")
    assert anna.tier == name


def test_a_member_without_orders_is_in_the_first_tier_since_joining() -> None:
    anna = Reviewed()
    (change,) = anna.look("2026-02-01").tiers
    assert (change.n, change.tier, change.cause, change.at) == (1, "member", TierCause.JOINED, anna.member.enrolled_at)


def test_a_clock_behind_the_one_that_made_the_member_decides_nothing_yet() -> None:
    """Two machines a minute apart, around midnight: for one of them the member joins tomorrow."""
    joined = JOINED.isoformat()
    anna = Reviewed(rows=bought(joined, 15_000))
    anna.look(joined)
    assert anna.tier == "silver"
    assert anna.look((JOINED - DAY).isoformat()).tiers == ()
    assert anna.tier == "silver"


def test_every_change_names_the_number_that_caused_it_and_until_when_it_is_safe() -> None:
    anna = Reviewed(rows=[*bought("2026-02-01", 30_000), *bought("2026-03-10", 10_000)])
    reached = anna.look("2026-03-10").tiers[1]
    assert (reached.metric, reached.value, reached.threshold) == ("spend", 40_000, 40_000)
    # Met until the first order leaves the 12 months, then kept for 12 more.
    assert reached.keep_until == date(2028, 2, 1)
    assert anna.look("2028-01-31").tiers == ()
    (lost,) = anna.look("2028-02-01").tiers
    assert (lost.cause, lost.tier, lost.metric, lost.value, lost.threshold) == (
        TierCause.LOST,
        "silver",
        "spend",
        0,
        40_000,
    )


def test_a_tier_falls_one_level_at_a_time_and_each_lasts_as_long() -> None:
    """2026-02-01 one order of 400.00: Gold. It counts until 2027-02-01, Gold is kept until 2028-02-01, Silver a year
    longer.
    """
    anna = Reviewed(rows=bought("2026-02-01", 40_000))
    assert anna.live("2026-02-01", "2029-12-31") == [
        (date(2026, 2, 1), "member"),
        (date(2026, 2, 1), "gold"),
        (date(2028, 2, 1), "silver"),
        (date(2029, 2, 1), "member"),
    ]


@pytest.mark.parametrize(("levels", "lands_on"), [(1, "silver"), (2, "member"), (3, "member")])
def test_soft_landing_says_how_many_levels_one_day_may_take(levels: int, lands_on: str) -> None:
    anna = Reviewed(a_ladder(policy=TiersPolicy(soft_landing=levels)), rows=bought("2026-02-01", 40_000))
    anna.look("2026-02-01")
    anna.look("2028-02-01")
    assert anna.tier == lands_on


def test_without_keeping_and_grace_a_fall_of_two_levels_takes_two_days() -> None:
    anna = Reviewed(a_ladder(policy=TiersPolicy(keep_months=0)), rows=bought("2026-02-01", 40_000))
    moves = anna.live("2027-01-31", "2027-02-05")
    assert moves[2:] == [(date(2027, 2, 1), "silver"), (date(2027, 2, 2), "member")]


@pytest.mark.parametrize("grace", [0, 1, 30])
def test_grace_comes_after_keeping(grace: int) -> None:
    anna = Reviewed(a_ladder(policy=TiersPolicy(keep_months=1, grace_days=grace)), rows=bought("2026-02-01", 15_000))
    anna.look("2026-02-01")
    last_safe = date(2027, 2, 28) + timedelta(days=grace)
    anna.look(last_safe)
    assert anna.tier == "silver"
    anna.look(last_safe + DAY)
    assert anna.tier == "member"


@pytest.mark.parametrize(("rest", "name"), [(13_499, "member"), (13_500, "silver"), (13_501, "silver")])
def test_above_the_low_water_mark_a_tier_stays(rest: int, name: str) -> None:
    policy = TiersPolicy(keep_months=0, low_water_percent=90)
    anna = Reviewed(a_ladder(policy=policy), rows=[*bought("2026-02-01", 15_000), *bought("2026-12-01", rest)])
    anna.look("2026-12-01")
    anna.look("2027-02-01")
    assert anna.tier == name


def test_what_kept_a_tier_above_the_mark_may_leave_later() -> None:
    policy = TiersPolicy(keep_months=0, low_water_percent=90)
    anna = Reviewed(a_ladder(policy=policy), rows=[*bought("2026-02-01", 15_000), *bought("2026-12-01", 14_000)])
    assert anna.live("2026-12-01", "2028-01-01")[2:] == [(date(2027, 12, 1), "member")]


def test_buying_again_in_time_keeps_the_tier_without_a_row() -> None:
    anna = Reviewed(rows=bought("2026-02-01", 40_000))
    anna.look("2026-02-01")
    anna.rows += bought("2028-01-31", 40_000)
    assert anna.live("2028-01-31", "2030-01-30") == []
    assert anna.look("2030-01-31").tiers[0].tier == "silver"


def test_reaching_more_while_a_lower_tier_is_kept_goes_up_at_once() -> None:
    anna = Reviewed(rows=bought("2026-02-01", 40_000))
    anna.look("2028-02-01")
    anna.rows += bought("2028-02-02", 40_000)
    (change,) = anna.look("2028-02-02").tiers
    assert (change.tier, change.cause) == ("gold", TierCause.REACHED)


# --- windows ---


@pytest.mark.parametrize(("today", "name"), [("2025-02-28", "silver"), ("2025-03-01", "member")])
def test_a_leap_day_counts_for_twelve_months_and_not_a_day_less(today: str, name: str) -> None:
    anna = Reviewed(a_ladder(policy=TiersPolicy(keep_months=0)), rows=bought("2024-02-29", 15_000))
    anna.look("2024-02-29")
    anna.look(today)
    assert anna.tier == name


@pytest.mark.parametrize(
    ("months", "leaves"),
    [(1, date(2026, 3, 1)), (3, date(2026, 5, 1)), (6, date(2026, 7, 31)), (24, date(2028, 1, 31))],
)
def test_a_rolling_window_is_as_long_as_the_programme_says(months: int, leaves: date) -> None:
    policy = TiersPolicy(window_months=months, keep_months=0)
    anna = Reviewed(a_ladder(policy=policy), rows=bought("2026-01-31", 15_000))
    assert anna.live("2026-01-31", leaves)[-1] == (leaves, "member")


def test_a_calendar_year_counts_from_january_and_its_tier_lasts_through_the_next() -> None:
    policy = TiersPolicy(window=TierWindow.CALENDAR_YEAR)
    rows = [*bought("2026-12-31", 10_000), *bought("2027-01-01", 14_999), *bought("2027-06-01", 1)]
    anna = Reviewed(a_ladder(policy=policy), rows=rows)
    assert anna.live("2026-12-31", "2029-12-31") == [
        (date(2026, 12, 31), "member"),
        (date(2027, 6, 1), "silver"),
        (date(2029, 1, 1), "member"),
    ]


def test_a_lifetime_tier_is_never_lost_by_time() -> None:
    anna = Reviewed(
        a_ladder(policy=TiersPolicy(window=TierWindow.LIFETIME, keep_months=0)), rows=bought("2026-02-01", 15_000)
    )
    reached = anna.look("2026-02-01")
    assert reached.tiers[1].keep_until is None
    assert reached.next_review_at is None
    assert anna.look("2076-02-01").tiers == ()


ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "America/Sao_Paulo", "Asia/Beirut"]


@pytest.mark.parametrize("zone", ZONES)
def test_a_tier_is_lost_at_the_first_moment_of_a_local_day_in_any_zone(zone: str) -> None:
    """Orders leave the window on days on which clocks change: midnight does not exist in Beirut on 2024-03-31."""
    for bought_on in ("2023-03-31", "2023-10-29", "2023-11-05", "2023-04-02", "2023-02-28"):
        programme = a_ladder(policy=TiersPolicy(keep_months=0), timezone=zone)
        anna = Reviewed(programme, rows=bought(bought_on, 15_000))
        anna.look(bought_on)
        end = start_of_day(add_months(date.fromisoformat(bought_on), 12), zone)
        before = anna.look_at(end - timedelta(microseconds=1))
        assert (before.tiers, before.next_review_at) == ((), end)
        assert [change.tier for change in anna.look_at(end).tiers] == ["member"]


# --- refunds ---


def test_a_refund_takes_a_tier_that_was_never_earned() -> None:
    anna = Reviewed(rows=[*bought("2026-02-01", 15_000), *bought("2026-02-10", 25_000)])
    anna.look("2026-02-10")
    anna.rows = bought("2026-02-01", 15_000)
    (lost,) = anna.look("2026-02-20").tiers
    assert (lost.tier, lost.cause, lost.metric, lost.value, lost.threshold) == (
        "silver",
        TierCause.LOST,
        "spend",
        15_000,
        40_000,
    )
    anna.rows = []
    assert [change.tier for change in anna.look("2026-02-21").tiers] == ["member"]
    assert anna.look("2026-02-22").tiers == ()


@pytest.mark.parametrize(("left", "name"), [(35_999, "silver"), (36_000, "gold")])
def test_a_small_refund_above_the_low_water_mark_takes_nothing(left: int, name: str) -> None:
    anna = Reviewed(a_ladder(policy=TiersPolicy(low_water_percent=90)), rows=bought("2026-02-01", 40_000))
    anna.look("2026-02-01")
    anna.rows = bought("2026-02-01", left)
    anna.look("2026-03-01")
    assert anna.tier == name


def test_an_order_that_arrives_late_counts_from_its_own_day() -> None:
    """A shop is joined to a running programme: its history gives the tier that would be held, not a fresh one."""
    anna = Reviewed()
    anna.look("2027-06-01")
    anna.rows = bought("2026-02-01", 40_000)
    reached = anna.look("2027-06-02").tiers[0]
    assert (reached.tier, reached.keep_until) == ("gold", date(2028, 2, 1))


def test_missed_nights_change_nothing_but_the_day_of_writing() -> None:
    rows = bought("2026-02-01", 40_000)
    nightly, rarely = Reviewed(rows=rows), Reviewed(rows=rows)
    nightly.live("2026-02-01", "2029-03-01")
    rarely.look("2026-02-01")
    rarely.look("2029-03-01")
    what = [(c.tier, c.cause, c.value, c.threshold, c.keep_until) for c in nightly.tiers]
    assert what == [(c.tier, c.cause, c.value, c.threshold, c.keep_until) for c in rarely.tiers]


# --- by hand ---


def test_a_locked_tier_stays_through_everything_until_it_is_unlocked() -> None:
    anna = Reviewed(rows=bought("2026-02-01", 15_000))
    anna.look("2026-02-01")
    anna.record(
        lock_tier(anna.tiers, "gold", anna.rulebook.versions[0], "maria", "helped at the fair", noon("2026-02-02"))
    )
    anna.rows = []
    assert anna.look("2031-02-01").tiers == ()
    assert anna.look("2031-02-01").next_review_at is None
    opened = unlock_tier(anna.tiers, anna.path("2031-02-02"), "maria", "moved away", noon("2031-02-02"))
    assert (opened.n, opened.tier, opened.cause, opened.actor) == (4, "member", TierCause.UNLOCKED, "maria")
    anna.record(opened)
    assert anna.look("2031-02-02").tiers == ()


def test_a_lock_holds_a_member_down_as_well() -> None:
    anna = Reviewed()
    anna.look("2026-02-01")
    anna.record(lock_tier(anna.tiers, "member", anna.rulebook.versions[0], "maria", "resells", noon("2026-02-02")))
    anna.rows = bought("2026-02-03", 40_000)
    assert anna.look("2026-02-03").tiers == ()
    opened = unlock_tier(anna.tiers, anna.path("2026-02-04"), "maria", "settled", noon("2026-02-04"))
    assert (opened.tier, opened.value, opened.threshold) == ("gold", 40_000, 40_000)


def test_an_invited_tier_is_given_by_hand_alone_and_nobody_falls_onto_it() -> None:
    ladder = (*LADDER[:2], tier("friends", 2, invite_only=True), tier("gold", 3, Threshold("spend", 40_000)))
    anna = Reviewed(a_ladder(ladder), rows=bought("2026-02-01", 39_999))
    anna.look("2026-02-01")
    assert anna.tier == "silver"
    anna.rows += bought("2026-02-02", 1)
    anna.look("2026-02-02")
    assert anna.tier == "gold"
    anna.look("2028-02-02")
    assert anna.tier == "silver"
    locked = lock_tier(anna.tiers, "friends", anna.rulebook.versions[0], "maria", "a friend", noon("2028-03-01"))
    assert (locked.tier, locked.cause) == ("friends", TierCause.LOCKED)


@pytest.mark.parametrize(
    ("name", "actor", "reason", "code"),
    [
        ("gold", "maria", " ", "reason-missing"),
        ("gold", "", "a friend", "reason-missing"),
        ("platinum", "maria", "a friend", "tier-unknown"),
        ("silver", "maria", "a friend", "tier-locked-already"),
    ],
)
def test_a_lock_without_actor_reason_or_tier_is_refused(name: str, actor: str, reason: str, code: str) -> None:
    anna = Reviewed()
    programme = anna.rulebook.versions[0]
    anna.record(lock_tier((), "silver", programme, "maria", "a friend", noon("2026-02-01")))
    with pytest.raises(Refused) as refused:
        lock_tier(anna.tiers, name, programme, actor, reason, noon("2026-02-02"))
    assert refused.value.code == code


def test_only_what_is_locked_can_be_unlocked() -> None:
    anna = Reviewed()
    anna.look("2026-02-01")
    with pytest.raises(Refused) as refused:
        unlock_tier(anna.tiers, anna.path("2026-02-02"), "maria", "moved away", noon("2026-02-02"))
    assert refused.value.code == "tier-not-locked"


# --- the way to the next tier ---


def test_the_way_to_the_next_tier_names_every_way_and_until_when_the_number_stands() -> None:
    anna = Reviewed(rows=[*bought("2026-02-01", 5_000), *bought("2026-03-01", 7_000)])
    way = next_tier("member", anna.path("2026-04-01"))
    assert way is not None
    assert (way.tier, way.until) == ("silver", date(2027, 2, 1))
    assert way.readings == (Reading("spend", 12_000, 15_000), Reading("orders", 2, 4))
    assert (way.nearest.metric, way.nearest.missing) == ("spend", 3_000)


def test_hidden_and_invited_tiers_are_no_way_and_above_the_last_there_is_none() -> None:
    ladder = (
        LADDER[0],
        tier("secret", 1, Threshold("spend", 5_000), hidden=True),
        tier("gold", 2, Threshold("spend", 9_000)),
    )
    anna = Reviewed(a_ladder(ladder))
    path = anna.path("2026-02-01")
    way = next_tier("member", path)
    assert way is not None and way.tier == "gold"
    assert next_tier("gold", path) is None


def test_what_threatens_a_tier_is_told_with_what_would_save_it() -> None:
    anna = Reviewed(rows=bought("2026-02-01", 40_000))
    anna.look("2026-02-01")
    danger = risk("gold", anna.tiers, anna.path("2027-06-01"))
    assert danger is not None
    assert (danger.tier, danger.falls_to, danger.day) == ("gold", "silver", date(2028, 2, 1))
    assert danger.reading.missing == 40_000
    anna.record(lock_tier(anna.tiers, "gold", anna.rulebook.versions[0], "maria", "a friend", noon("2027-06-01")))
    assert risk("gold", anna.tiers, anna.path("2027-06-02")) is None


@pytest.mark.parametrize(("spend", "never"), [(14_999, True), (15_000, False), (15_001, False)])
def test_who_never_rises_is_told_by_sums_alone_and_by_the_path_as_well(spend: int, never: bool) -> None:
    rulebook = Rulebook((a_ladder(),))
    rows = bought("2026-02-01", spend - 5_000) + bought("2026-05-01", 5_000, 2)
    assert never_rises(rows, rulebook) is never
    path = Path(rows, rulebook, date(2026, 1, 5), noon("2026-06-01"))
    assert ([step.tier for step in path.steps] == ["member"]) is never


def test_sums_over_years_do_not_say_what_a_window_says() -> None:
    """Enough in all, but never within twelve months: sums cannot tell, and the path says that nobody rose."""
    rulebook = Rulebook((a_ladder(),))
    rows = bought("2026-02-01", 9_000) + bought("2027-03-01", 9_000)
    assert not never_rises(rows, rulebook)
    path = Path(rows, rulebook, date(2026, 1, 5), noon("2027-06-01"))
    assert [step.tier for step in path.steps] == ["member"]


def test_under_two_versions_only_the_path_can_tell() -> None:
    easier = (tier("member", 0), tier("silver", 1, Threshold("spend", 100)))
    later = a_ladder(easier, 2, effective_from=start_of_day(date(2026, 4, 1), "Europe/Berlin"))
    rows = bought("2026-02-01", 5_000)
    assert not never_rises(rows, Rulebook((a_ladder(), later)))
