"""Community levels: climbed one by one, lost after grace, opened by hand at the top."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty_engine.counters import CounterRow
from loyalty_engine.criteria import votes
from loyalty_engine.errors import Refused
from loyalty_engine.levels import Climb, appoint, days_at, dismiss, privileges, scale, scaled
from loyalty_engine.member import LevelChange
from loyalty_engine.programme.model import CommunityLevel, Comparison, Programme
from tests.engine.reviewing import JOINED, Reviewed, a_ladder, at_least, did, noon

DAY = timedelta(days=1)
MAY = date(2026, 5, 1)

GUEST = CommunityLevel("L0", 0, {"en": "Guest"})
NEWCOMER = CommunityLevel("L1", 1, {"en": "Newcomer"}, (at_least("visit_days", 3),), unlock=("ask", "vote_helpful"))
CONTRIBUTOR = CommunityLevel(
    "L2",
    2,
    {"en": "Contributor"},
    (at_least("visit_days", 5), at_least("approved_posts", 2)),
    unlock=("photos", "vote_helpful"),
)
MENTOR = CommunityLevel(
    "L3",
    3,
    {"en": "Mentor"},
    (at_least("answers_accepted", 2), at_least("helpful_voters", 2), Comparison("upheld_flags", "<=", 1)),
    window_days=100,
    unlock=("lounge",),
    grace_days=14,
)
GUIDE = CommunityLevel(
    "L4", 4, {"en": "Guide"}, unlock=("review_queue",), appointed=True, after_level="L3", days_at_level=90
)


def a_community(
    levels: Sequence[CommunityLevel] = (GUEST, NEWCOMER, CONTRIBUTOR, MENTOR, GUIDE), **changes: Any
) -> Programme:
    return a_ladder((), levels=tuple(levels), **changes)


def visits(count: int, first: date = MAY) -> list[CounterRow]:
    return [did("visit", first + number * DAY) for number in range(count)]


def contributor() -> list[CounterRow]:
    return [*visits(5), did("question", MAY, "tea"), did("review", MAY, "tea")]


def mentor(on: date = MAY) -> list[CounterRow]:
    helped = [did("answer_accepted", on, "ben"), did("answer_accepted", on, "cleo")]
    return [*contributor(), *helped, did("helpful_vote", on, "dora"), did("helpful_vote", on, "emil")]


def level(rows: Sequence[CounterRow], on: date) -> str:
    anna = Reviewed(a_community(), rows=rows)
    anna.look(on)
    return anna.levels[-1].level


@pytest.mark.parametrize(("days", "name"), [(0, "L0"), (2, "L0"), (3, "L1"), (4, "L1")])
def test_visits_on_different_days_make_a_newcomer(days: int, name: str) -> None:
    assert level(visits(days), MAY + 30 * DAY) == name


def test_levels_are_climbed_one_by_one() -> None:
    posts_only = [did("question", MAY, "tea"), did("review", MAY, "tea")]
    assert level(posts_only, MAY) == "L0"
    assert level([*visits(4), *posts_only], MAY + 9 * DAY) == "L1"
    assert level(contributor(), MAY + 9 * DAY) == "L2"
    assert level([row for row in mentor() if row.counter != "visit"], MAY + 9 * DAY) == "L0"
    assert level(mentor(), MAY + 9 * DAY) == "L3"


def test_everyone_begins_at_the_first_level_and_is_told_of_the_others_only() -> None:
    anna = Reviewed(a_community())
    found = anna.look(MAY)
    assert [(change.n, change.level, change.reason) for change in found.levels] == [(1, "L0", "joined")]
    assert found.notices == ()
    anna.rows = visits(3)
    found = anna.look(MAY + 5 * DAY)
    assert [(change.n, change.level, change.reason, change.numbers) for change in found.levels] == [
        (2, "L1", "reached", '{"visit_days":3}')
    ]
    (notice,) = found.notices
    assert (notice.kind, notice.inputs["opened"], notice.inputs["closed"]) == (
        "level-reached",
        ["ask", "vote_helpful"],
        [],
    )
    assert anna.look(MAY + 5 * DAY).levels == ()


@pytest.mark.parametrize(("days", "name"), [(99, "L3"), (100, "L3"), (113, "L3"), (114, "L2")])
def test_what_leaves_the_window_lowers_the_level_after_grace(days: int, name: str) -> None:
    """Helped on 1 May: it counts in the 100 days that end with day 99; grace keeps the level through day 113."""
    assert level(mentor(), MAY + days * DAY) == name


def test_a_review_names_the_day_on_which_grace_is_over() -> None:
    anna = Reviewed(a_community(), rows=mentor())
    anna.look(MAY + 10 * DAY)
    assert anna.look(MAY + 100 * DAY).next_review_at == noon(MAY + 114 * DAY) - timedelta(hours=12)
    found = anna.look(MAY + 114 * DAY)
    assert [(change.level, change.reason) for change in found.levels] == [("L2", "lost")]
    assert found.notices[0].inputs["closed"] == ["lounge"]


def test_helping_again_within_grace_keeps_the_level_without_a_row() -> None:
    anna = Reviewed(a_community(), rows=mentor())
    anna.look(MAY + 10 * DAY)
    anna.rows += [row for row in mentor(MAY + 105 * DAY) if row not in anna.rows]
    for days in (100, 105, 113, 114, 204):
        assert anna.look(MAY + days * DAY).levels == ()


@pytest.mark.parametrize(("flags", "name"), [(1, "L3"), (2, "L2")])
def test_an_upheld_flag_too_many_takes_the_level(flags: int, name: str) -> None:
    rows = [*mentor(), *(did("flag_upheld", MAY, "", number) for number in range(flags))]
    assert level(rows, MAY + 9 * DAY) == name


def test_a_flag_too_many_is_forgiven_for_grace_and_the_review_names_its_end() -> None:
    """Met until the second flag of 20 May, kept for 14 days after the last day on which it was met."""
    rows = [*mentor(), did("flag_upheld", MAY + 9 * DAY), did("flag_upheld", MAY + 19 * DAY)]
    anna = Reviewed(a_community(), rows=rows)
    found = anna.look(MAY + 30 * DAY)
    assert (found.levels[-1].level, found.next_review_at) == ("L3", noon(MAY + 33 * DAY) - timedelta(hours=12))
    assert [change.level for change in anna.look(MAY + 33 * DAY).levels] == ["L2"]


def test_facts_that_were_removed_lower_the_level_without_grace() -> None:
    anna = Reviewed(a_community(), rows=mentor())
    anna.look(MAY + 10 * DAY)
    anna.rows = [row for row in anna.rows if row.key != "emil"]
    assert [(change.level, change.reason) for change in anna.look(MAY + 10 * DAY).levels] == [("L2", "lost")]


def test_mutual_votes_hold_a_level_up_until_somebody_looked() -> None:
    rows = [*contributor(), did("answer_accepted", MAY, "ben"), did("answer_accepted", MAY, "cleo")]
    rows += [did("helpful_vote", MAY, f"p{number}") for number in range(6)]
    rows += [did("vote_given", MAY, f"p{number}") for number in range(4)]
    anna = Reviewed(a_community(), rows=rows)
    found = anna.look(MAY + 9 * DAY)
    assert [change.level for change in found.levels] == ["L2"]
    assert [(held.subject, held.code, held.numbers) for held in found.held] == [
        ("L3", "votes-mutual", {"mutual": 4, "received": 6})
    ]


def test_a_level_opens_what_all_below_it_open() -> None:
    programme = a_community()
    assert privileges(programme, None) == privileges(programme, "L9") == privileges(programme, "L0") == ()
    assert privileges(programme, "L1") == ("ask", "vote_helpful")
    assert privileges(programme, "L2") == ("ask", "photos", "vote_helpful")
    assert privileges(programme, "L4") == ("ask", "lounge", "photos", "review_queue", "vote_helpful")


def test_a_level_that_the_programme_has_no_more_ends_on_what_is_earned() -> None:
    anna = Reviewed(a_community(), rows=contributor())
    anna.look(MAY + 9 * DAY)
    anna.rulebook = Reviewed(a_community((GUEST, NEWCOMER))).rulebook
    assert [(change.n, change.level) for change in anna.look(MAY + 10 * DAY).levels] == [(2, "L1")]


# --- young communities ---


@pytest.mark.parametrize(
    ("members", "thousandths"),
    [(0, 300), (299, 300), (300, 300), (301, 301), (999, 999), (1_000, 1_000), (50_000, 1_000)],
)
def test_a_young_community_asks_for_a_share_of_each_count(members: int, thousandths: int) -> None:
    assert scale(a_community(levels_scale=True), members) == thousandths
    assert scale(a_community(), members) == 1_000
    assert scale(a_community(levels_scale=True), None) == 1_000


def test_shares_are_rounded_up_and_limits_and_days_of_membership_stay() -> None:
    few = Comparison("upheld_flags", "<=", 1)
    rule = (at_least("visit_days", 10), at_least("answers_accepted", 1), few, at_least("member_days", 90))
    assert [each.value for each in scaled(rule, 301)] == [4, 1, 1, 90]


def test_a_growing_community_takes_no_level_from_those_who_have_it() -> None:
    anna = Reviewed(a_community(levels_scale=True), rows=visits(1))
    anna.look(MAY, members=300)
    assert anna.levels[-1].level == "L1"
    assert anna.look(MAY + DAY, members=5_000).levels == ()
    late = Reviewed(a_community(levels_scale=True), rows=visits(1))
    late.look(MAY, members=5_000)
    assert late.levels[-1].level == "L0"


# --- by hand ---


def history(*steps: tuple[str, date]) -> list[LevelChange]:
    return [LevelChange(n, name, noon(on), 1, "reached") for n, (name, on) in enumerate(steps, 1)]


@pytest.mark.parametrize(("days", "code"), [(89, "level-too-early"), (90, None), (91, None)])
def test_a_guide_is_appointed_after_ninety_days_as_mentor(days: int, code: str | None) -> None:
    path = history(("L0", JOINED), ("L3", MAY))
    if code is None:
        row = appoint(path, a_community(), "L4", "maria", "calm and fair", noon(MAY + days * DAY))
        assert (row.n, row.level, row.actor, row.reason) == (3, "L4", "maria", "calm and fair")
        return
    with pytest.raises(Refused) as refused:
        appoint(path, a_community(), "L4", "maria", "calm and fair", noon(MAY + days * DAY))
    assert (refused.value.code, refused.value.numbers) == (code, {"level": "L4", "needs": 90, "found": days})


def test_days_at_a_level_begin_again_after_it_was_lost() -> None:
    path = history(("L3", MAY), ("L2", MAY + 50 * DAY), ("L3", MAY + 60 * DAY))
    assert days_at(path, a_community(), MENTOR, noon(MAY + 100 * DAY)) == 40
    assert days_at(path[:2], a_community(), MENTOR, noon(MAY + 100 * DAY)) == 0
    assert days_at(path[:2], a_community(), CONTRIBUTOR, noon(MAY + 100 * DAY)) == 100


@pytest.mark.parametrize(
    ("level_id", "actor", "reason", "code"),
    [
        ("L3", "maria", "fair", "level-not-appointed"),
        ("L9", "maria", "fair", "level-not-appointed"),
        ("L4", "maria", " ", "reason-missing"),
        ("L4", "", "fair", "reason-missing"),
    ],
)
def test_what_cannot_be_appointed_is_refused(level_id: str, actor: str, reason: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        appoint(history(("L3", JOINED)), a_community(), level_id, actor, reason, noon(MAY))
    assert refused.value.code == code


def test_a_contributor_is_no_guide() -> None:
    with pytest.raises(Refused) as refused:
        appoint(history(("L2", JOINED)), a_community(), "L4", "maria", "fair", noon(MAY))
    assert (refused.value.code, refused.value.numbers) == ("level-too-low", {"level": "L4", "needs": "L3"})


def test_a_guide_stays_until_a_person_says_otherwise_and_then_holds_what_was_earned() -> None:
    anna = Reviewed(a_community(), rows=mentor())
    anna.look(MAY + 4 * DAY)
    anna.levels.append(appoint(anna.levels, anna.rulebook.versions[0], "L4", "maria", "fair", noon(MAY + 95 * DAY)))
    with pytest.raises(Refused) as refused:
        appoint(anna.levels, anna.rulebook.versions[0], "L4", "maria", "fair", noon(MAY + 96 * DAY))
    assert refused.value.code == "level-held-already"
    anna.rows = visits(3)
    later = MAY + 400 * DAY
    assert (anna.look(later).levels, anna.look(later).next_review_at) == ((), None)
    climb = Climb(anna.rows, JOINED, later, noon(later), votes(anna.rows))
    row = dismiss(anna.levels, anna.rulebook.versions[0], climb, "maria", "no time any more")
    assert (row.level, row.reason, row.actor) == ("L1", "no time any more", "maria")
    anna.levels.append(row)
    assert anna.look(later).levels == ()
    with pytest.raises(Refused) as refused:
        dismiss(anna.levels, anna.rulebook.versions[0], climb, "maria", "again")
    assert refused.value.code == "level-not-appointed"


# --- always ---

KINDS = ["visit", "question", "review", "answer_accepted", "helpful_vote", "flag_upheld"]
ACTS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.dates(MAY, MAY + 130 * DAY), st.sampled_from(["ben", "cleo", "dora"])),
    max_size=14,
)


@settings(max_examples=100, deadline=None)
@given(ACTS, st.sets(st.integers(0, 150), max_size=6))
def test_when_and_how_often_one_looks_is_of_no_matter(acts: Any, when: set[int]) -> None:
    rows = [*mentor(), *(did(kind, on, key, number) for number, (kind, on, key) in enumerate(acts))]
    often, once = Reviewed(a_community(), rows=rows), Reviewed(a_community(), rows=rows)
    for days in sorted(when):
        often.look(MAY + days * DAY)
    for each in (often, once):
        each.look(MAY + 150 * DAY)
        assert each.look(MAY + 150 * DAY).levels == ()
    assert often.levels[-1].level == once.levels[-1].level


@settings(max_examples=100, deadline=None)
@given(ACTS)
def test_between_a_review_and_the_moment_that_it_names_no_level_changes(acts: Any) -> None:
    rows = [*mentor(), *(did(kind, on, key, number) for number, (kind, on, key) in enumerate(acts))]
    anna = Reviewed(a_community(), rows=[row for row in rows if row.day <= MAY + 60 * DAY])
    due: datetime | None = anna.look(MAY + 60 * DAY).next_review_at
    while due is not None:
        assert anna.look_at(due - timedelta(microseconds=1)).levels == ()
        due = anna.look_at(due).next_review_at
    assert anna.look(MAY + 4_000 * DAY).levels == ()


def test_a_dismissed_guide_is_not_left_on_a_level_that_a_person_refused() -> None:
    """Defect seen: appointed above it, the refused level was no rise any more and was given on the way down."""
    voice = CommunityLevel("L1", 1, {"en": "Voice"}, (at_least("helpful_received", 5),))
    programme = a_community((GUEST, voice, CommunityLevel("L4", 2, {"en": "Guide"}, appointed=True)))
    rows = [did("helpful_vote", MAY, f"f{n}", n) for n in range(6)]
    rows += [did("vote_given", MAY, f"f{n}", n) for n in range(6)]
    for verdict, left in ((False, "L0"), (True, "L1")):
        climb = Climb(rows, JOINED, MAY, noon(MAY), votes(rows), verdicts={("L1", "", ""): verdict})
        row = dismiss(history(("L0", JOINED), ("L4", MAY)), programme, climb, "maria", "moved away")
        assert row.level == left
