"""Badges: levels, award keys, seasons, quality gates and revocation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty_engine.badges import award_key, progress
from loyalty_engine.counters import CounterRow
from loyalty_engine.criteria import Votes, votes
from loyalty_engine.member import BadgeChange, BadgeState
from loyalty_engine.programme.model import Badge, Comparison
from tests.engine.books import Books
from tests.engine.builders import PAID, an_activity, an_order
from tests.engine.programmes import parsed
from tests.engine.reviewing import (
    TODAY,
    Reviewed,
    answers,
    at_least,
    badge,
    bought,
    day,
    did,
    held_badges,
    helper,
    look,
    noon,
    with_badges,
)


def said(changes: Sequence[BadgeChange]) -> list[tuple[str, str, str]]:
    return [(change.level, change.state.value, change.reason) for change in changes]


# --- levels ---


@pytest.mark.parametrize(
    ("count", "level"),
    [(0, None), (1, "bronze"), (4, "bronze"), (5, "silver"), (9, "silver"), (10, "gold"), (11, "gold")],
)
def test_a_member_holds_the_highest_level_that_is_met(count: int, level: str | None) -> None:
    anna = Reviewed(with_badges(helper()), rows=answers(count))
    anna.look(TODAY)
    assert held_badges(anna) == ({"helper": level} if level else {})
    assert len(anna.badges) == (1 if level else 0)


def test_every_award_says_which_numbers_earned_it_under_which_version() -> None:
    rule = (at_least("answers_accepted", 2), at_least("distinct_askers_helped", 2))
    anna = Reviewed(with_badges(badge("solver", *rule, level="gold")), rows=answers(2))
    (change,) = anna.look(TODAY).badges
    assert change == BadgeChange(
        1,
        "solver",
        "",
        "gold",
        BadgeState.AWARDED,
        noon(TODAY),
        1,
        "reached",
        '{"answers_accepted":2,"distinct_askers_helped":2}',
    )


def test_a_higher_level_is_one_more_row_and_looking_again_is_none() -> None:
    anna = Reviewed(with_badges(helper()), rows=answers(1))
    anna.look(TODAY)
    anna.rows = answers(5)
    assert said(anna.look(TODAY).badges) == [("silver", "awarded", "reached")]
    assert anna.look(TODAY).badges == ()
    assert [change.n for change in anna.badges] == [1, 2]


def test_what_no_longer_holds_is_revoked_by_a_row_and_a_lower_level_awarded_in_its_place() -> None:
    anna = Reviewed(with_badges(helper()), rows=answers(10))
    anna.look(TODAY)
    anna.rows = answers(9)
    assert said(anna.look(TODAY).badges) == [
        ("gold", "revoked", "criteria-lost"),
        ("silver", "awarded", "lower-level-holds"),
    ]
    anna.rows = []
    assert said(anna.look(TODAY).badges) == [("silver", "revoked", "criteria-lost")]
    assert anna.look(TODAY).badges == ()
    anna.rows = answers(1)
    assert said(anna.look(TODAY).badges) == [("bronze", "awarded", "reached")]


def test_a_badge_that_keeps_is_never_revoked_by_numbers() -> None:
    anna = Reviewed(with_badges(helper(keeps=True)), rows=answers(10))
    anna.look(TODAY)
    anna.rows = []
    assert anna.look(TODAY).badges == ()
    assert held_badges(anna) == {"helper": "gold"}


def test_a_refund_takes_the_badge_of_the_first_order() -> None:
    anna = Reviewed(with_badges(badge("first_order", at_least("orders", 1))), rows=bought("2026-11-01", 5_000))
    anna.look(TODAY)
    anna.rows = []
    assert said(anna.look(TODAY).badges) == [("bronze", "revoked", "criteria-lost")]


@pytest.mark.parametrize(
    ("operator", "held"), [(">=", [2, 3]), (">", [3]), ("<=", [0, 1, 2]), ("<", [0, 1]), ("==", [2])]
)
def test_every_operator_compares_as_it_reads(operator: str, held: list[int]) -> None:
    programme = with_badges(badge("some", Comparison("answers_accepted", operator, 2)))
    for count in range(4):
        anna = Reviewed(programme, rows=answers(count))
        anna.look(TODAY)
        assert bool(held_badges(anna)) == (count in held)


def test_what_time_takes_is_revoked_on_the_day_that_a_review_names() -> None:
    anna = Reviewed(with_badges(badge("active", at_least("orders_12m", 1))), rows=bought("2026-02-01", 5_000))
    found = anna.look("2026-02-01")
    assert found.next_review_at == noon("2027-02-01") - timedelta(hours=12)
    assert anna.look_at(found.next_review_at - timedelta(microseconds=1)).badges == ()
    assert said(anna.look_at(found.next_review_at).badges) == [("bronze", "revoked", "criteria-lost")]


def test_a_year_of_membership_is_awarded_on_its_day() -> None:
    anna = Reviewed(with_badges(badge("year_1", at_least("member_days", 365))))
    found = anna.look("2026-02-01")
    assert found.next_review_at is not None
    anna.look_at(found.next_review_at - timedelta(microseconds=1))
    assert held_badges(anna) == {}
    anna.look_at(found.next_review_at)
    assert (held_badges(anna), anna.badges[0].at.date()) == ({"year_1": "bronze"}, date(2027, 1, 4))


# --- award keys ---


def test_a_badge_of_the_month_is_held_for_each_month_by_its_own_facts() -> None:
    monthly = badge("busy", at_least("answers_accepted", 2), per="month")
    rows = [*answers(2, "2026-09-30"), *answers(1, "2026-10-31"), *answers(3, "2026-11-01")]
    anna = Reviewed(with_badges(monthly), rows=rows)
    anna.look(TODAY)
    assert held_badges(anna) == {"busy:2026-09": "bronze", "busy:2026-11": "bronze"}


def test_a_late_or_removed_fact_changes_the_month_it_belongs_to() -> None:
    monthly = badge("busy", at_least("answers_accepted", 2), per="month")
    anna = Reviewed(with_badges(monthly), rows=answers(2, "2026-11-01"))
    anna.look(TODAY)
    anna.rows = [*answers(2, "2026-03-01"), *answers(1, "2026-11-01")]
    changes = anna.look(TODAY).badges
    assert [(change.award_key, change.state.value) for change in changes] == [
        ("2026-03", "awarded"),
        ("2026-11", "revoked"),
    ]


def test_a_badge_of_the_year_turns_with_the_year() -> None:
    yearly = badge("loyal", at_least("orders", 2), per="year")
    rows = [*bought("2026-12-31", 100), *bought("2027-01-01", 100, 1), *bought("2027-01-01", 100, 2)]
    anna = Reviewed(with_badges(yearly), rows=rows)
    anna.look("2027-01-01")
    assert held_badges(anna) == {"loyal:2027": "bronze"}


def test_a_badge_for_a_product_is_held_for_each_product_by_the_orders_that_have_it() -> None:
    rows = []
    for number, products in enumerate((["tea", "cup"], ["tea"], ["cup"], ["tea"]), 1):
        order = bought("2026-11-01", 500, number)
        rows += [*order, *(CounterRow("product", name, order[0].source_ref, day("2026-11-01"), 1) for name in products)]
    anna = Reviewed(with_badges(badge("fan", at_least("orders", 3), per="product")), rows=rows)
    anna.look(TODAY)
    assert held_badges(anna) == {"fan:tea": "bronze"}
    anna.rows = [row for row in rows if not row.source_ref.endswith("-4")]
    anna.look(TODAY)
    assert held_badges(anna) == {}


def test_facts_alone_give_a_badge_for_a_product() -> None:
    """Through what is really counted: an order's line and an approved review name the product."""
    rules = parsed(
        (
            "badges",
            [
                {"id": "buyer", "rule": "orders >= 1", "per": "product"},
                {"id": "critic", "rule": "reviews_approved >= 1", "per": "product"},
            ],
        )
    )
    books = Books(rules)
    tea = an_order()
    books.tell(replace(tea, lines=tuple(replace(line, product_id="tea") for line in tea.lines)), now=PAID)
    books.tell(an_activity("review", "1", product_id="cup"), now=PAID)
    rows = [row for of_source in books.account().counters.values() for row in of_source]
    found = Reviewed(rules, rows=rows)
    found.look(PAID.date())
    assert held_badges(found) == {"buyer:tea": "bronze", "critic:cup": "bronze"}


@pytest.mark.parametrize(("per", "key"), [("once", ""), ("year", "2026"), ("month", "2026-11"), ("product", "")])
def test_award_keys_read_like_dates(per: str, key: str) -> None:
    assert award_key(per, TODAY) == key


@pytest.mark.parametrize(
    ("on", "counts"), [("2026-11-30", False), ("2026-12-01", True), ("2026-12-24", True), ("2026-12-25", False)]
)
def test_a_seasonal_badge_counts_what_was_done_in_its_season(on: str, counts: bool) -> None:
    advent = badge("advent", at_least("reviews_approved", 1), season=(date(2026, 12, 1), date(2026, 12, 25)))
    anna = Reviewed(with_badges(advent), rows=[did("review", on, "tea")])
    anna.look("2026-12-25")
    assert bool(held_badges(anna)) is counts
    anna.look("2027-06-01")
    assert bool(held_badges(anna)) is counts


def test_after_its_season_a_badge_is_measured_as_on_the_last_day_of_it() -> None:
    season = (date(2026, 12, 1), date(2026, 12, 25))
    settled = badge("settled", at_least("member_days", 354), season=season)
    late = badge("late", at_least("member_days", 353), season=season)
    anna = Reviewed(with_badges(settled, late))
    anna.look("2027-06-01")
    assert held_badges(anna) == {"late": "bronze"}


def test_a_past_year_is_measured_as_on_its_last_day() -> None:
    yearly = badge("settled", at_least("member_days", 365), at_least("visit_days", 1), per="year")
    anna = Reviewed(with_badges(yearly), rows=[did("visit", "2026-03-01"), did("visit", "2027-03-01")])
    anna.look("2027-06-01")
    assert held_badges(anna) == {"settled:2027": "bronze"}


def test_a_season_that_begins_is_a_reason_to_look() -> None:
    early = badge("advent", at_least("member_days", 1), season=(date(2026, 12, 1), date(2026, 12, 25)))
    anna = Reviewed(with_badges(early))
    assert anna.look("2026-11-30").next_review_at == noon("2026-12-01") - timedelta(hours=12)
    assert held_badges(anna) == {}
    anna.look("2026-12-01")
    assert held_badges(anna) == {"advent": "bronze"}


# --- quality gates ---


def ballots(received: int, mutual: int) -> list[CounterRow]:
    """Votes of so many people; the member voted for the first of them."""
    rows = [did("helpful_vote", "2026-11-01", f"p{number}") for number in range(received)]
    return rows + [did("vote_given", "2026-11-02", f"p{number}") for number in range(mutual)]


@pytest.mark.parametrize(
    ("received", "mutual", "waits"),
    [(10, 5, False), (10, 6, True), (5, 3, True), (4, 4, False), (11, 5, False), (11, 6, True)],
)
def test_more_than_half_of_the_votes_mutual_waits_for_a_person(received: int, mutual: int, waits: bool) -> None:
    anna = Reviewed(with_badges(badge("voice", at_least("helpful_received", 4))), rows=ballots(received, mutual))
    found = anna.look(TODAY)
    assert votes(anna.rows) == Votes(received, mutual)
    assert len(found.badges) == (0 if waits else 1)
    assert [(held.subject, held.code, held.numbers) for held in found.held] == (
        [("voice", "votes-mutual", {"mutual": mutual, "received": received})] if waits else []
    )


def test_mutual_votes_hold_up_nothing_that_does_not_rest_on_votes_and_take_nothing_away() -> None:
    voice, writer = badge("voice", at_least("helpful_received", 4)), badge("writer", at_least("reviews_approved", 1))
    anna = Reviewed(with_badges(voice, writer), rows=ballots(6, 0))
    anna.look(TODAY)
    anna.rows = [*ballots(6, 6), did("review", TODAY, "tea")]
    found = anna.look(TODAY)
    assert (held_badges(anna), found.held) == ({"voice": "bronze", "writer": "bronze"}, ())


def test_distinct_people_days_and_verified_buyers_are_criteria_like_others() -> None:
    gates = (at_least("helpful_voters", 2), at_least("helpful_days", 2), at_least("helpful_voters_verified", 1))
    one_friend = [did("helpful_vote", "2026-11-01", "ben", number) for number in range(9)]
    anna = Reviewed(with_badges(badge("voice", *gates)), rows=one_friend)
    anna.look(TODAY)
    assert held_badges(anna) == {}
    anna.rows += [did("helpful_vote", "2026-11-02", "cleo"), did("helpful_vote.verified", "2026-11-02", "cleo")]
    anna.look(TODAY)
    assert held_badges(anna) == {"voice": "bronze"}


def test_a_badge_may_ask_for_a_community_level() -> None:
    assert [
        each.share for each in progress((), with_badges(badge("pillar", at_least("level", 2))), look([], level=1))
    ] == [Fraction(1, 2)]


ACTS = st.lists(
    st.tuples(st.sampled_from(["answer_accepted", "review", "orders"]), st.dates(date(2026, 8, 1), TODAY)), max_size=10
)
SHAPES = st.sampled_from(
    [
        helper(),
        helper(per="month"),
        helper(per="year", season=(date(2026, 9, 1), date(2026, 11, 1))),
        badge("active", at_least("orders_12m", 2), Comparison("reviews_approved", "<", 3)),
    ]
)


@settings(max_examples=100, deadline=None)
@given(SHAPES, ACTS, ACTS, st.booleans())
def test_where_the_facts_end_up_decides_and_not_the_way_there(
    shape: Badge, first: Any, second: Any, looks: bool
) -> None:
    def rows(acts: Any) -> list[CounterRow]:
        return [did(kind, on, "x", number) for number, (kind, on) in enumerate(acts)]

    anna, ben = Reviewed(with_badges(shape), rows=rows(first)), Reviewed(with_badges(shape), rows=rows(second))
    if looks:
        anna.look(TODAY)
    anna.rows = rows(second)
    for each in (anna, ben):
        each.look(TODAY)
        assert each.look(TODAY).badges == ()
    assert held_badges(anna) == held_badges(ben)
