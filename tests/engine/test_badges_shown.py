"""Badges given and taken by hand, and how they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from loyalty_engine.badges import award_badge, progress, rarity, revoke_badge, showcase
from loyalty_engine.criteria import Missing
from loyalty_engine.errors import Refused
from loyalty_engine.member import BadgeChange, BadgeState
from loyalty_engine.programme.model import Badge, BadgeLevel, Programme
from tests.engine.reviewing import (
    TODAY,
    Reviewed,
    answers,
    at_least,
    badge,
    did,
    held_badges,
    helper,
    look,
    noon,
    with_badges,
)


def circle(**changes: Any) -> Badge:
    return Badge("circle", (BadgeLevel("gold", ()),), per="year", manual=True, limit=10, **changes)


def give(programme: Programme, history: Sequence[BadgeChange] = (), **changes: Any) -> BadgeChange:
    fields: dict[str, Any] = {
        "badge_id": "circle",
        "day": TODAY,
        "now": noon(TODAY),
        "actor": "maria",
        "reason": "kept the forum kind",
    }
    return award_badge(history, programme, **(fields | changes))


def test_a_badge_given_by_hand_is_no_concern_of_reviews() -> None:
    anna = Reviewed(with_badges(circle()))
    given = give(anna.rulebook.versions[0])
    assert (given.n, given.award_key, given.level, given.actor) == (1, "2026", "gold", "maria")
    anna.badges.append(given)
    assert anna.look("2030-01-01").badges == ()
    assert held_badges(anna) == {"circle:2026": "gold"}


@pytest.mark.parametrize(("given", "refused"), [(9, False), (10, True), (11, True)])
def test_a_badge_with_a_limit_is_given_so_many_times_in_its_period(given: int, refused: bool) -> None:
    programme = with_badges(circle())
    if not refused:
        assert give(programme, given=given).state is BadgeState.AWARDED
        return
    with pytest.raises(Refused) as found:
        give(programme, given=given)
    assert (found.value.code, found.value.numbers) == (
        "badge-limit-reached",
        {"badge": "circle", "limit": 10, "given": given},
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"actor": ""}, "reason-missing"),
        ({"reason": " "}, "reason-missing"),
        ({"badge_id": "square"}, "badge-unknown"),
        ({"level": "bronze"}, "badge-level-unknown"),
    ],
)
def test_what_cannot_be_given_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as found:
        give(with_badges(circle()), **changes)
    assert found.value.code == code


def test_what_is_held_is_not_given_again_but_may_be_given_for_the_next_year() -> None:
    programme = with_badges(circle())
    first = give(programme)
    with pytest.raises(Refused) as found:
        give(programme, [first])
    assert found.value.code == "badge-held-already"
    assert give(programme, [first], day=date(2027, 1, 1)).award_key == "2027"


def test_out_of_season_nothing_is_given() -> None:
    programme = with_badges(circle(season=(date(2026, 12, 1), date(2027, 1, 1))))
    with pytest.raises(Refused) as found:
        give(programme)
    assert found.value.code == "badge-out-of-season"


def test_what_a_person_gave_numbers_do_not_take_and_what_a_person_took_they_do_not_give() -> None:
    anna = Reviewed(with_badges(helper()))
    programme = anna.rulebook.versions[0]
    anna.badges.append(give(programme, badge_id="helper", level="silver"))
    assert anna.look(TODAY).badges == ()
    anna.rows = answers(5)
    taken = revoke_badge(anna.badges, programme, "helper", "", noon(TODAY), "maria", "answers were copied")
    assert (taken.n, taken.level, taken.state, taken.reason) == (2, "silver", BadgeState.REVOKED, "answers were copied")
    anna.badges.append(taken)
    assert anna.look(TODAY).badges == ()
    anna.rows = answers(10)
    (gold,) = anna.look(TODAY).badges
    assert (gold.level, gold.state) == ("gold", BadgeState.AWARDED)


@pytest.mark.parametrize(
    ("key", "actor", "reason", "code"),
    [
        ("2025", "maria", "mistake", "badge-not-held"),
        ("2026", "maria", "", "reason-missing"),
        ("2026", "", "x", "reason-missing"),
    ],
)
def test_what_cannot_be_taken_is_refused(key: str, actor: str, reason: str, code: str) -> None:
    programme = with_badges(circle())
    with pytest.raises(Refused) as found:
        revoke_badge([give(programme)], programme, "circle", key, noon(TODAY), actor, reason)
    assert found.value.code == code


# --- shown ---


def test_the_nearest_badge_comes_first_with_what_is_missing() -> None:
    programme = with_badges(
        badge("far", at_least("reviews_approved", 10)),
        badge("near", at_least("answers_accepted", 4), at_least("distinct_askers_helped", 8)),
        badge("secret", at_least("answers_accepted", 4), hidden=True),
        circle(),
    )
    found = progress((), programme, look([*answers(3), did("review", TODAY, "tea")]))
    assert [(each.badge, each.share) for each in found] == [("near", Fraction(9, 16)), ("far", Fraction(1, 10))]
    assert found[0].missing == (Missing("answers_accepted", 3, 4), Missing("distinct_askers_helped", 3, 8))


def test_progress_goes_on_to_the_next_level_and_ends_with_the_last() -> None:
    anna = Reviewed(with_badges(helper()), rows=answers(5))
    anna.look(TODAY)
    (next_one,) = progress(anna.badges, anna.rulebook.versions[0], look(anna.rows))
    assert (next_one.level, next_one.missing) == ("gold", (Missing("answers_accepted", 5, 10),))
    anna.rows = answers(10)
    anna.look(TODAY)
    assert progress(anna.badges, anna.rulebook.versions[0], look(anna.rows)) == ()


def test_what_cannot_be_earned_yet_is_not_promised() -> None:
    programme = with_badges(helper())
    assert progress((), programme, look([]), reported=frozenset({"orders"})) == ()
    assert len(progress((), programme, look([]), reported=frozenset({"answer_accepted"}))) == 1


def test_the_showcase_has_gold_first_then_what_few_hold_then_what_is_new() -> None:
    rows = [("common", "silver"), ("rare", "silver"), ("top", "gold"), ("new", "silver")]
    history = [
        BadgeChange(n, name, "", level, BadgeState.AWARDED, noon(TODAY), 1, "reached")
        for n, (name, level) in enumerate(rows, 1)
    ]
    holders = {"common": 90, "rare": 2, "top": 50, "new": 90}
    assert [change.badge for change in showcase(history, holders)] == ["top", "rare", "new", "common"]


@pytest.mark.parametrize(("holders", "members", "share"), [(0, 0, 0), (0, 8, 0), (1, 8, Fraction(1, 8)), (8, 8, 1)])
def test_rarity_is_the_share_of_members_who_hold_it(holders: int, members: int, share: Fraction) -> None:
    assert rarity(holders, members) == share
