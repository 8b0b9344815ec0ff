"""Shoppers are not told of what nobody can earn yet; deciding knows it all the same."""

from __future__ import annotations

from typing import Any

from loyalty_engine.examine import possible_actions
from loyalty_engine.explain import rules_page
from loyalty_engine.programme.earnable import earnable
from loyalty_engine.programme.model import Programme
from loyalty_engine.programme.parse import parse_programme
from tests.engine.builders import OPENING as NOW

DOCUMENT: dict[str, Any] = {
    "schema": 2,
    "programme": {"name": "Circle", "timezone": "Europe/Berlin", "currency": "EUR"},
    "points": {
        "earn": {"rates": {"EUR": "1"}},
        "actions": {"review": {"points": 50}, "survey": {"points": 20}, "birthday": {"points": 10}},
    },
    "badges": [
        {"id": "regular", "tier": "bronze", "rule": "orders >= 3"},
        {
            "id": "voice",
            "levels": {"bronze": "orders >= 1", "gold": "reviews_approved >= 5"},
        },
        {"id": "critic", "tier": "silver", "rule": "reviews_verified >= 1"},
        {"id": "friend_of_us", "tier": "gold", "rule": "manual"},
    ],
}


def told(*reported: str) -> Programme:
    return earnable(parse_programme(DOCUMENT, 1, NOW), reported)


def test_without_a_source_only_what_orders_and_we_ourselves_bring_is_told() -> None:
    programme = told()
    assert {rule.trigger for rule in programme.rules} == {"order", "birthday"}
    assert [(badge.badge_id, len(badge.levels)) for badge in programme.badges] == [
        ("regular", 1),
        ("voice", 1),
        ("friend_of_us", 1),
    ]
    assert [action.kind for action in possible_actions(programme, NOW)] == ["birthday"]
    sentences = " ".join(sentence for section in rules_page(programme, "en") for sentence in section.sentences)
    assert "review" not in sentences.lower() and "survey" not in sentences.lower()


def test_once_a_source_reports_its_rules_and_badges_are_told() -> None:
    programme = told("review")
    assert {rule.trigger for rule in programme.rules} == {"order", "birthday", "review"}
    assert [(badge.badge_id, len(badge.levels)) for badge in programme.badges] == [
        ("regular", 1),
        ("voice", 2),
        ("critic", 1),
        ("friend_of_us", 1),
    ]


def test_what_is_warned_of_is_what_is_hidden() -> None:
    whole = parse_programme(DOCUMENT, 1, NOW, frozenset())
    warned = {one.path for one in whole.warnings if one.code == "cannot-be-earned-yet"}
    shown = earnable(whole, ())
    gone = {f"rules.{rule.rule_id}" for rule in whole.rules} - {f"rules.{rule.rule_id}" for rule in shown.rules}
    assert gone <= warned and {"badges.critic", "badges.voice"} <= warned and "badges.regular" not in warned
