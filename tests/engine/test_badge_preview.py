"""A badge shown before it is saved: who would earn it is who holds it after the next review."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty_engine.badge_preview import BadgeMove, Holder, changed_badges, preview_badges
from loyalty_engine.badges import held
from loyalty_engine.counters import CounterRow
from loyalty_engine.programme.model import Badge, Programme
from tests.engine.reviewing import (
    JOINED,
    TODAY,
    Reviewed,
    a_ladder,
    answers,
    at_least,
    badge,
    did,
    helper,
    noon,
)

BEGINS = noon(TODAY)


def versions(old: tuple[Badge, ...], new: tuple[Badge, ...]) -> tuple[Programme, Programme]:
    return a_ladder((), badges=old), a_ladder((), version=2, badges=new, effective_from=BEGINS)


def holder(name: str, member: Reviewed) -> Holder:
    return Holder(name, member.rows, JOINED, member.badges, member.levels)


def test_only_badges_that_are_new_or_edited_are_looked_at() -> None:
    regular = badge("regular", at_least("orders", 2))
    old, new = versions((regular, helper()), (regular, helper(per="year"), badge("keen", at_least("orders", 9))))
    assert changed_badges(old, new) == ("helper", "keen")
    assert set(preview_badges([], old, new, BEGINS)) == {"helper", "keen"}


@pytest.mark.parametrize(("needed", "earned"), [(4, 1), (5, 1), (6, 0)])
def test_whoever_reaches_a_new_badge_exactly_earns_it(needed: int, earned: int) -> None:
    old, new = versions((), (badge("friend", at_least("answers_accepted", needed)),))
    shown = preview_badges([Holder("anna", answers(5), JOINED)], old, new, BEGINS)["friend"]
    assert (shown.members, sum(shown.after.values()), shown.before) == (1, earned, {})
    assert shown.moves == [BadgeMove("anna", "friend", "", None, "bronze")] * earned


@pytest.mark.parametrize(("keeps", "lost"), [(False, 1), (True, 0)])
def test_a_badge_that_asks_more_is_lost_unless_it_keeps(keeps: bool, lost: int) -> None:
    old, new = versions(
        (badge("friend", at_least("answers_accepted", 5), keeps=keeps),),
        (badge("friend", at_least("answers_accepted", 6), keeps=keeps),),
    )
    anna = Reviewed(old, rows=answers(5))
    anna.look(TODAY - timedelta(days=1))
    shown = preview_badges([holder("anna", anna)], old, new, BEGINS)["friend"]
    assert shown.moves == [BadgeMove("anna", "friend", "", "bronze", None)] * lost
    assert (shown.before, shown.after) == ({"bronze": 1}, {} if lost else {"bronze": 1})
    assert not any(move.is_gain for move in shown.moves)


def test_what_was_due_without_the_edit_is_no_effect_of_it() -> None:
    """Nobody had looked at Anna since she reached bronze; the edit only adds silver."""
    bronze_only = Badge("helper", helper().levels[:1])
    old, new = versions((bronze_only,), (helper(),))
    anna = Reviewed(old, rows=answers(3))
    shown = preview_badges([holder("anna", anna)], old, new, BEGINS)["helper"]
    assert (shown.moves, shown.before, shown.after) == ([], {"bronze": 1}, {"bronze": 1})


def test_an_award_that_rests_on_mutual_votes_waits_for_a_person() -> None:
    rows = [did("helpful_vote", "2026-11-01", f"f{n}", n) for n in range(6)]
    rows += [did("vote_given", "2026-11-02", f"f{n}", n) for n in range(6)]
    old, new = versions((), (badge("voice", at_least("helpful_received", 5)),))
    shown = preview_badges([Holder("anna", rows, JOINED)], old, new, BEGINS)["voice"]
    assert (shown.waiting, shown.after, shown.moves) == (1, {}, [])


ACTS = st.lists(
    st.tuples(st.sampled_from(["answer_accepted", "review", "orders"]), st.dates(date(2026, 8, 1), TODAY)), max_size=10
)
SHAPES = st.sampled_from(
    [
        helper(),
        helper(per="month"),
        helper(per="year", keeps=True),
        Badge("helper", helper().levels[:2]),
        badge("active", at_least("orders_12m", 2)),
        badge("active", at_least("orders_12m", 3)),
    ]
)


def rows_of(acts: Any) -> list[CounterRow]:
    return [did(kind, on, "x", number) for number, (kind, on) in enumerate(acts)]


@settings(max_examples=150, deadline=None)
@given(st.lists(ACTS, max_size=4), SHAPES, SHAPES, st.booleans())
def test_the_preview_is_the_outcome(people: Any, before: Badge, after: Badge, looks: bool) -> None:
    """Whoever is reviewed when the edit begins holds what was shown."""
    old, new = versions((before,), (after,))
    members = {f"m{number}": Reviewed(old, new, rows=rows_of(acts)) for number, acts in enumerate(people)}
    for member in members.values():
        if looks:
            member.look(TODAY - timedelta(days=1))
    shown = preview_badges([holder(*each) for each in members.items()], old, new, BEGINS)
    without = [Reviewed(old, rows=member.rows) for member in members.values()]
    for one, member in zip(without, members.values(), strict=True):
        one.badges = list(member.badges)
        one.look_at(BEGINS)
        member.look_at(BEGINS)
    for name, preview in shown.items():
        moves = {(m.member_id, m.award_key, m.level_from, m.level_to) for m in preview.moves}
        expected = set()
        for one, (member_id, member) in zip(without, members.items(), strict=True):
            was, becomes = levels_of(one, name), levels_of(member, name)
            keys = {key for key in {*was, *becomes} if was.get(key) != becomes.get(key)}
            expected |= {(member_id, key, was.get(key), becomes.get(key)) for key in keys}
        assert moves == expected
        assert sum(preview.after.values()) == sum(bool(levels_of(member, name)) for member in members.values())


def levels_of(member: Reviewed, name: str) -> dict[str, str]:
    """Award key to level of what is held of one badge."""
    return {key: change.level for (badge_id, key), change in held(member.badges).items() if badge_id == name}
