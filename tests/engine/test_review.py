"""One review of all: tier, badges, level and what members are told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty_engine.counters import MEASURES, CounterRow
from loyalty_engine.decision import Review
from loyalty_engine.member import BadgeState, MemberStatus
from loyalty_engine.programme.model import CommunityLevel, TiersPolicy
from tests.engine.reviewing import LADDER, Reviewed, a_ladder, at_least, badge, bought, did, held_badges, helper, noon

DAY = timedelta(days=1)
LEVELS = (
    CommunityLevel("L0", 0, {}),
    CommunityLevel("L1", 1, {}, (at_least("visit_days", 2),), unlock=("ask",)),
)


def everything(**changes: Any) -> Reviewed:
    """Two tiers above the first, three badges, two levels."""
    badges = (badge("first_order", at_least("orders", 1)), helper(), badge("settled", at_least("level", 1)))
    return Reviewed(a_ladder(LADDER, badges=badges, levels=LEVELS, **changes))


def test_one_look_finds_tier_badges_and_level_and_the_next_finds_nothing() -> None:
    anna = everything()
    anna.rows = [*bought("2026-02-01", 15_000), did("visit", "2026-01-30"), did("visit", "2026-01-31")]
    first = anna.look("2026-02-01")
    assert [change.tier for change in first.tiers] == ["member", "silver"]
    assert held_badges(anna) == {"first_order": "bronze", "settled": "bronze"}
    assert [change.level for change in first.levels] == ["L1"]
    assert [notice.kind for notice in first.notices] == [
        "tier-reached",
        "badge-awarded",
        "badge-awarded",
        "level-reached",
    ]
    again = anna.look("2026-02-01")
    assert (again.tiers, again.badges, again.levels, again.notices, again.held) == ((), (), (), (), ())
    assert again.next_review_at == first.next_review_at


def test_a_review_gives_every_measure() -> None:
    anna = everything()
    anna.rows = [*bought("2026-02-01", 15_000), did("visit", "2026-01-30"), did("visit", "2026-01-31")]
    numbers = anna.look("2026-02-01").numbers
    assert set(numbers) == set(MEASURES)
    assert {
        name: numbers[name] for name in ("spend", "orders", "visit_days", "level", "member_days", "reviews_approved")
    } == {
        "spend": 15_000,
        "orders": 1,
        "visit_days": 2,
        "level": 1,
        "member_days": 27,
        "reviews_approved": 0,
    }


def test_a_tier_reached_at_risk_and_lost_is_told_with_its_numbers() -> None:
    anna = everything(policy=TiersPolicy(keep_months=1, grace_days=14))
    anna.rows = bought("2026-02-01", 15_000)
    (reached,) = [notice for notice in anna.look("2026-02-01").notices if notice.kind == "tier-reached"]
    assert reached.inputs == {
        "tier": "silver",
        "from": "member",
        "metric": "spend",
        "value": 15_000,
        "threshold": 15_000,
        "keep_until": "2027-03-15",
    }
    assert anna.look("2027-02-12").notices == ()
    (danger,) = anna.look("2027-02-13").notices
    assert (danger.kind, danger.key) == ("tier-at-risk", "tier-at-risk:silver:2027-03-15")
    assert danger.inputs == {
        "tier": "silver",
        "falls_to": "member",
        "day": "2027-03-15",
        "metric": "spend",
        "value": 0,
        "threshold": 15_000,
        "missing": 15_000,
    }
    assert anna.look("2027-03-14").notices[0].key == danger.key
    (lost,) = anna.look("2027-03-15").notices
    assert (lost.kind, lost.inputs["tier"], lost.inputs["from"], lost.inputs["value"]) == (
        "tier-lost",
        "member",
        "silver",
        0,
    )


def test_a_revoked_badge_is_told_with_its_reason() -> None:
    anna = everything()
    anna.rows = bought("2026-02-01", 100)
    anna.look("2026-02-01")
    anna.rows = []
    (notice,) = anna.look("2026-02-02").notices
    assert (notice.kind, notice.key, notice.inputs["badge"], notice.inputs["reason"]) == (
        "badge-revoked",
        "badge:2",
        "first_order",
        "criteria-lost",
    )
    assert json.loads(notice.inputs["numbers"]) == {"orders": 0}


@pytest.mark.parametrize("status", [MemberStatus.LEFT, MemberStatus.BLOCKED, MemberStatus.MERGED, MemberStatus.ERASED])
def test_whoever_is_no_active_member_is_left_as_is(status: MemberStatus) -> None:
    anna = everything()
    anna.rows = bought("2026-02-01", 40_000)
    anna.member = replace(anna.member, status=status)
    assert anna.look("2026-02-01") == Review("anna")


def test_a_programme_of_points_alone_has_nothing_to_review() -> None:
    anna = Reviewed(a_ladder(()))
    anna.rows = bought("2026-02-01", 40_000)
    found = anna.look("2026-02-01")
    assert found == Review("anna", numbers=found.numbers)


def test_another_version_to_come_is_a_reason_to_look() -> None:
    later = datetime(2026, 9, 1, 10, tzinfo=UTC)
    anna = Reviewed(a_ladder(), a_ladder(version=2, effective_from=later))
    assert anna.look("2026-02-01").next_review_at == later
    assert anna.look("2026-09-02").next_review_at is None


ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "America/Sao_Paulo", "Asia/Beirut"]


@pytest.mark.parametrize("zone", ZONES)
def test_member_days_turn_at_local_midnight(zone: str) -> None:
    joined = noon("2024-02-29", zone)
    anna = Reviewed(a_ladder((), badges=(badge("year_1", at_least("member_days", 365)),), timezone=zone), joined=joined)
    found = anna.look_at(joined)
    assert found.next_review_at is not None
    assert found.next_review_at == noon("2025-02-28", zone) - timedelta(hours=12)
    anna.look_at(found.next_review_at - timedelta(microseconds=1))
    assert anna.badges == []
    anna.look_at(found.next_review_at)
    assert [change.state for change in anna.badges] == [BadgeState.AWARDED]


KINDS = ["visit", "answer_accepted", "review"]
LIVES = st.lists(
    st.one_of(
        st.tuples(st.just("bought"), st.dates(date(2026, 1, 5), date(2026, 12, 31)), st.integers(1, 30_000)),
        st.tuples(st.sampled_from(KINDS), st.dates(date(2026, 1, 5), date(2026, 12, 31)), st.integers(1, 3)),
    ),
    max_size=10,
)


def rows_of(life: list[tuple[str, date, int]]) -> list[CounterRow]:
    rows: list[CounterRow] = []
    for number, (kind, on, value) in enumerate(life):
        rows += bought(on, value, number) if kind == "bought" else [did(kind, on, f"p{value}", number)]
    return rows


@settings(max_examples=100, deadline=None)
@given(LIVES, st.permutations(range(10)))
def test_rows_may_come_in_any_order_and_a_second_look_changes_nothing(life: Any, order: list[int]) -> None:
    rows = rows_of(life)
    anna, ben = everything(), everything()
    anna.rows = rows
    ben.rows = [rows[place] for place in order if place < len(rows)] + rows[10:]
    results = [each.look("2027-01-01") for each in (anna, ben)]
    assert results[0] == results[1]
    for each in (anna, ben):
        again = each.look("2027-01-01")
        assert (again.tiers, again.badges, again.levels) == ((), (), ())


@settings(max_examples=40, deadline=None)
@given(LIVES)
def test_looking_only_when_it_was_said_misses_nothing(life: Any) -> None:
    """Whoever is looked at when rows come and at the moments that reviews name holds what a nightly look would find."""
    called, nightly = everything(), everything()
    rows = rows_of(life)
    due: datetime | None = None
    today = date(2026, 1, 5)
    while today <= date(2027, 3, 1):
        new = [row for row in rows if row.day == today]
        for each in (called, nightly):
            each.rows += new
        nightly.look(today)
        if new or due is None or due <= noon(today):
            found = called.look(today)
            due = found.next_review_at or datetime.max.replace(tzinfo=UTC)
        assert called.tier == nightly.tier
        assert held_badges(called) == held_badges(nightly)
        assert called.levels[-1].level == nightly.levels[-1].level
        today += 7 * DAY if not [row for row in rows if today < row.day <= today + 7 * DAY] else DAY
