"""Documents that cannot be used: each is refused at its place, with the problem and the cure."""

from __future__ import annotations

from typing import Any

import pytest

from loyalty_engine.errors import ProgrammeError
from loyalty_engine.programme import read_document
from tests.engine.programmes import parsed

RULE: dict[str, Any] = {"id": "r", "points": 5}
TWO = {"id": "b", "qualify": {"spend": 100}}
CASES: list[tuple[str, Any, str, str]] = [
    # (setting, value, path of the error, words of it)
    ("schema", 1, "schema", "is 1. Write 2."),
    ("schema", True, "schema", "is True"),
    ("schema", None, "schema", "is None"),
    ("colour", 1, "colour", "is not known"),
    ("badge", [], "badge", "Did you mean badges?"),
    ("programme.name", "", "programme.name", "is not a short text"),
    ("programme.name", "x" * 101, "programme.name", "is not a short text"),
    ("programme.timezone", "Mars/Base", "programme.timezone", "is not a time zone"),
    ("programme.timezone", "Europe", "programme.timezone", "is not a time zone"),
    ("programme.currency", "euro", "programme.currency", "is not a currency"),
    ("programme.enrolment", "maybe", "programme.enrolment", "automatic, consent"),
    ("programme.back_pay_days", 3651, "programme.back_pay_days", "from 0 to 3650"),
    ("programme.guest_days", True, "programme.guest_days", "True is not a number of days"),
    ("programme.base_rates", {"EUR": 1}, "programme.base_rates.EUR", "worth itself"),
    ("programme.base_rates", {"USD": 0}, "programme.base_rates.USD", "worth nothing"),
    ("programme.points_name", {"de": ["P", "P"]}, "programme.points_name.en", "is missing"),
    ("programme.points_name", {"en": ["P"]}, "programme.points_name.en", "has not two forms"),
    ("programme.points_name", {"e": ["P", "P"]}, "programme.points_name.e", "is not a language"),
    ("points.earn.rates", {"USD": 1}, "points.earn.rates", "the base currency EUR has no rate"),
    ("points.earn.rates", {}, "points.earn.rates", "has no currency"),
    ("points.earn.rates", {"EUR": 1.5}, "points.earn.rates.EUR", "1.5 is not a rate"),
    ("points.earn.rates", {"EUR": True}, "points.earn.rates.EUR", "True is not a rate"),
    ("points.earn.rates", {"EUR": "-1"}, "points.earn.rates.EUR", "is not a rate"),
    ("points.earn.rates", {"EUR": "1e3"}, "points.earn.rates.EUR", "is not a rate"),
    ("points.earn.rates", {"EUR": "1/3"}, "points.earn.rates.EUR", "is not a rate"),
    ("points.earn.rates", {"EUR": "١"}, "points.earn.rates.EUR", "is not a rate"),
    ("points.earn.rates", {"EUR": "100000.0001"}, "points.earn.rates.EUR", "largest possible is 100000"),
    ("points.earn.per_unit", 1, "points.earn.per_unit", "stands beside rates"),
    ("points.earn.pending_days", -1, "points.earn.pending_days", "from 0 to 3650"),
    ("points.earn.pending_day", 1, "points.earn.pending_day", "Did you mean pending_days?"),
    ("points.earn.rounding", "up", "points.earn.rounding", "floor_per_order"),
    ("points.earn.exclude", ["tips"], "points.earn.exclude[0]", "not possible here"),
    ("points.earn.exclude", ["sale_items", "sale_items"], "points.earn.exclude", "twice"),
    ("points.earn.min_order", "1.005", "points.earn.min_order", "too many decimal places"),
    (
        "points.earn",
        {"rates": {"EUR": 1, "USD": 1}, "min_order": 10},
        "programme.base_rates.USD",
        "no order in USD could meet points.earn.min_order",
    ),
    ("points.earn.lanes", {"base": "multiply"}, "points.earn.lanes.base", "Write add or best"),
    ("points.earn.allow_negative", 1, "points.earn.allow_negative", "1 is above zero"),
    ("points.earn.allow_negative", "0", "points.earn.allow_negative", "is not a number of points"),
    ("points.redeem", {"max_share": 0}, "points.redeem.max_share", "nothing could ever be redeemed"),
    ("points.redeem", {"max_share": "1.01"}, "points.redeem.max_share", "largest possible is 1"),
    ("points.redeem", {"hold_minutes": 0}, "points.redeem.hold_minutes", "from 1"),
    (
        "points.redeem",
        {"steps": [{"points": 2, "value": 2}, {"points": 2, "value": 3}]},
        "points.redeem.steps[1].points",
        "2 does not come after 2",
    ),
    ("points.redeem", {"steps": [{"points": 2, "value": 0}]}, "points.redeem.steps[0].value", "is worth nothing"),
    ("points.expiry", {"mode": "fixed"}, "points.expiry.months", "says not when points end"),
    ("points.expiry", {"mode": "fixed", "days": 14}, "points.expiry.months", "before they can be spent"),
    (
        "points.expiry",
        {"mode": "fixed", "days": 60, "remind_days": [60]},
        "points.expiry.remind_days",
        "60 days before the end lies before the points",
    ),
    ("points.expiry", {"mode": "fixed", "months": 6, "remind_days": []}, "points.expiry.remind_days", "is empty"),
    (
        "points.expiry",
        {"mode": "fixed", "months": 6, "remind_days": [7, 30]},
        "points.expiry.remind_days",
        "is not falling",
    ),
    ("points.expiry", {"months": 6}, "points.expiry.mode", "points never end"),
    ("points.expiry", {"mode": "calendar"}, "points.expiry.on", "says not when points end"),
    ("points.expiry", {"mode": "calendar", "on": ["02-29"]}, "points.expiry.on", "not in every year"),
    ("points.expiry", {"mode": "calendar", "on": ["31-12"]}, "points.expiry.on", "is not a day of the year"),
    (
        "points.expiry",
        {"mode": "fixed", "months": 6, "on": ["12-31"]},
        "points.expiry.on",
        "belongs to mode calendar",
    ),
    ("points.start", {"welcome": 0}, "points.start.welcome", "is not a number of points"),
    ("points.actions", {"survey": {}}, "points.actions.survey.points", "the rule gives nothing"),
    ("points.actions", {"survey": {"points": 5, "per_day": 4}}, "points.actions.survey.per_day", "but once gives 5"),
    ("points.actions", {"goodwill": {"staff_only": False}}, "points.actions.goodwill.staff_only", "themselves"),
    ("points.limits", {"non_purchase_per_moth": 1}, "points.limits.non_purchase_per_moth", "Did you mean"),
    ("points.limits", {"earn_per_day_review": 3}, "points.limits.earn_per_day_review", "no rule is on review"),
    ("rules", [RULE, RULE], "rules.r", "is there twice"),
    ("rules", [{**RULE, "id": "base"}], "rules.base", "is there twice"),
    ("rules", [{**RULE, "id": "a b"}], "rules[0].id", "is not an id"),
    ("rules", [{**RULE, "factor": 2}], "rules[0].factor", "stands beside points"),
    ("rules", [{"id": "r", "factor": 1}], "rules[0].factor", "1 changes nothing"),
    ("rules", [{"id": "r", "factor": 2, "lane": "base"}], "rules[0].lane", "a factor multiplies"),
    ("rules", [{**RULE, "lane": "tier"}], "rules[0].lane", "holds factors only"),
    ("rules", [{"id": "r", "factor": 2, "on": "visit"}], "rules.r", "nothing it could multiply"),
    ("rules", [{"id": "r", "factor": 2, "per_day": 5}], "rules[0].caps", "cannot be capped"),
    ("rules", [{"id": "r", "per_unit": 0}], "rules[0].per_unit", "is zero"),
    ("rules", [{**RULE, "step": 5}], "rules[0].step", "means nothing beside points"),
    ("rules", [{**RULE, "min_chars": 5}], "rules[0].min_chars", "means nothing for orders"),
    ("rules", [{**RULE, "from": "2026-12-01", "until": "2026-12-01"}], "rules[0].until", "does not lie after from"),
    ("rules", [{**RULE, "from": "Monday"}], "rules[0].from", "is not a moment"),
    ("rules", [{**RULE, "when": {"colour": ["red"]}}], "rules[0].when.colour", "is not known"),
    ("rules", [{**RULE, "when": {"sku": []}}], "rules[0].when.sku", "never holds"),
    ("rules", [{**RULE, "when": {"sku": {"at_least": 1}}}], "rules[0].when.sku", "no operator that fits"),
    ("rules", [{**RULE, "when": {"order_value": 5}}], "rules[0].when.order_value", "no operator that fits"),
    (
        "rules",
        [{**RULE, "when": {"order_value": {"between": [9, 5]}}}],
        "rules[0].when.order_value.between",
        "first value is above",
    ),
    ("rules", [{**RULE, "when": {"weekday": ["day"]}}], "rules[0].when.weekday[0]", "is not a weekday"),
    ("rules", [{**RULE, "when": {"country": ["Germany"]}}], "rules[0].when.country[0]", "is not a country"),
    ("rules", [{**RULE, "when": {"tier": ["gold"]}}], "rules.r.when.tier", "there is no tier 'gold'"),
    ("rules", [{**RULE, "on": "visit", "when": {"place": {"in": [1]}}}], "rules[0].when.place", "is of orders"),
    (
        "rules",
        [{**RULE, "when": {"first_order": True, "place": {"at_least": 2}}}],
        "rules.r.when.place",
        "no first order has such a place",
    ),
    (
        "rules",
        [{"id": "r", "per_unit": 1, "when": {"currency": ["USD"]}}],
        "rules.r.when.currency",
        "none of these currencies has a rate",
    ),
    (
        "rules",
        [{**RULE, "until": "2026-12-01", "when": {"date": {"at_least": "2026-12-01"}}}],
        "rules.r.when.date",
        "outside the time of the rule",
    ),
    ("caps", [{"id": "c", "per": "day"}], "caps[0].points", "says not how much"),
    ("caps", [{"id": "c", "per": "day", "points": 5, "times": 1}], "caps[0].points", "exactly one"),
    ("rewards", [{"id": "x", "kind": "gift", "points": 5}], "rewards[0].kind", "is not possible here"),
    ("rewards", [{"id": "x", "kind": "perk", "points": 5}] * 2, "rewards.x", "is there twice"),
    ("rewards", [{"id": "x", "kind": "perk", "points": 5, "percent": 5}], "rewards[0].percent", "is not known"),
    (
        "rewards",
        [{"id": "x", "kind": "percent", "points": 5, "percent": "100.01"}],
        "rewards[0].percent",
        "largest possible is 100",
    ),
    ("rewards", [{"id": "x", "kind": "percent", "points": 5, "percent": 0}], "rewards[0].percent", "takes nothing"),
    ("rewards", [{"id": "x", "kind": "free_shipping", "points": 0}], "rewards[0].points", "is not a number of points"),
    ("rewards", [{"id": "x", "kind": "product", "points": 5}], "rewards[0].product", "is not a short text"),
    ("rewards", [{"id": "x", "kind": "perk", "points": 5, "tiers": ["vip"]}], "rewards.x.tiers", "there is no tier"),
    ("rewards", [{"id": "x", "kind": "perk", "points": 5, "per": "year"}], "rewards[0].per", "limits nothing"),
    (
        "rewards",
        [{"id": "x", "kind": "perk", "points": 5, "from": "2026-05-01", "until": "2026-04-01"}],
        "rewards[0].until",
        "does not lie after from",
    ),
    (
        "rewards",
        [{"id": "x", "kind": "perk", "points": 5, "until": "2025-12-31"}],
        "rewards.x.until",
        "lies before this version begins",
    ),
    (
        "rewards",
        [{"id": "x", "kind": "amount", "points": 5, "value": {"EUR": 1, "USD": 1}}],
        "rewards.x.value.USD",
        "nothing is earned in USD",
    ),
    (
        "rewards",
        [{"id": "x", "kind": "amount", "points": 5, "value": {"USD": 1}}],
        "rewards[0].value",
        "has no amount in EUR",
    ),
    (
        "rewards",
        [{"id": "x", "kind": "slider", "points": 10, "value": 1, "max_points": 9}],
        "rewards[0].max_points",
        "less than one step",
    ),
    (
        "rewards",
        [{"id": "x", "kind": "slider", "points": 10, "value": 1, "min_points": 50, "max_points": 40}],
        "rewards[0].max_points",
        "below min_points",
    ),
    ("tiers", [{"id": "a", "qualify": {"spend": 5}}], "tiers[0].qualify", "the first tier is everybody's"),
    ("tiers", [{"id": "a"}, {"id": "b"}], "tiers[1].qualify", "says not how it is reached"),
    ("tiers", [{"id": "a"}, {"id": "a", "qualify": "invite"}], "tiers[1].id", "is there twice"),
    (
        "tiers",
        [{"id": "a"}, TWO, {"id": "c", "qualify": {"spend": 100}}],
        "tiers[2].qualify",
        "spend of c is not above that of b",
    ),
    ("tiers", [{"id": "a"}, {"id": "b", "qualify": {"spend_year": 5}}], "tiers[1].qualify.spend_year", "another time"),
    ("tiers", [{"id": "a"}, {"id": "b", "qualify": {"spend": 0}}], "tiers[1].qualify.spend", "is zero"),
    ("tiers", [{"id": "a"}, {"id": "b", "qualify": {"spend_12m": "p80"}}], "tiers[1].qualify.spend_12m", "not a fixed"),
    ("tiers", [{"id": "a"}, {"id": "b", "qualify": {"clicks": 5}}], "tiers[1].qualify.clicks", "is not known"),
    ("tiers", [{"id": "a"}, {**TWO, "invite_only": True}], "tiers[1].invite_only", "by invitation"),
    (
        "tiers_policy",
        {"window": "lifetime", "window_months": 12},
        "tiers_policy.window_months",
        "means nothing with window lifetime",
    ),
    ("tiers_policy", {"low_water_percent": 101}, "tiers_policy.low_water_percent", "from 0 to 100"),
    ("levels", [{"id": "a", "require": {"visits": 1}}], "levels[0].require.visits", "there is no measure"),
    ("levels", [{"id": "a", "require": {"level": "b"}}], "levels[0].require.level", "is no lower level"),
    ("levels", [{"id": "a", "require": {"days_at_level": 9}}], "levels[0].require.days_at_level", "of which level?"),
    ("badges", [{"id": "a", "rule": "order >= 1"}], "badges[0].rule", "Did you mean orders?"),
    ("badges", [{"id": "a", "rule": "orders => 1"}], "badges[0].rule", "is not a comparison"),
    ("badges", [{"id": "a", "rule": "orders >= 1 or spend >= 1"}], "badges[0].rule", "is not a comparison"),
    ("badges", [{"id": "a", "rule": "orders >= 1.5"}], "badges[0].rule", "Write a whole number"),
    ("badges", [{"id": "a", "rule": "orders < 0"}], "badges[0].rule", "is never below 0"),
    ("badges", [{"id": "a", "rule": "orders >= 0"}], "badges[0].rule", "is always at least 0"),
    ("badges", [{"id": "a"}], "badges[0].rule", "is not a rule"),
    ("badges", [{"id": "a", "levels": {}}], "badges[0].levels", "names no level"),
    (
        "badges",
        [{"id": "a", "levels": {"bronze": "orders >= 5", "gold": "orders >= 4"}}],
        "badges[0].levels.gold",
        "asks less orders than bronze",
    ),
    (
        "badges",
        [{"id": "a", "levels": {"bronze": "orders >= 5", "gold": "orders >= 5"}}],
        "badges[0].levels.gold",
        "asks the same as bronze",
    ),
    ("badges", [{"id": "a", "rule": "orders >= 1", "limit": 5}], "badges[0].limit", "given by hand"),
    ("badges", [{"id": "a", "rule": "manual", "season": ["2026-12-02"]}], "badges[0].season", "beginning and an end"),
    (
        "badges",
        [{"id": "a", "rule": "manual", "season": ["2026-12-02", "2026-12-02"]}],
        "badges[0].season",
        "ends before it begins",
    ),
    ("wind_down", {"earn_until": "2027-01-01"}, "wind_down.redeem_until", "is missing"),
    (
        "wind_down",
        {"earn_until": "2027-02-01", "redeem_until": "2027-01-01"},
        "wind_down.redeem_until",
        "lies before earn_until",
    ),
    ("measure", {"alpha": 2}, "measure.alpha", "largest possible is 1"),
    ("budget", {"margin": 1}, "budget.margin", "Did you mean gross_margin?"),
    ("adjust", {"max": -1}, "adjust.max", "is not a number of points"),
    ("adjust", {"second_person_days": 30}, "adjust.second_person_days", "no effect without second_person_above"),
    ("adjust", {"second_person_total": 30}, "adjust.second_person_total", "no effect without second_person_above"),
    ("adjust", {"second_person_above": 5, "second_person_days": 0}, "adjust.second_person_days", "number of days"),
    ("referral", {"referrer": 5}, "referral.friend", "is not a number of points"),
]


@pytest.mark.parametrize(("setting", "value", "path", "words"), CASES)
def test_what_cannot_be_used_is_refused_at_its_place(setting: str, value: Any, path: str, words: str) -> None:
    with pytest.raises(ProgrammeError) as refusal:
        parsed((setting, value))
    assert refusal.value.path == path
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        (
            [("points", {"start": {"welcome": 20}}), ("rewards", [{"id": "x", "kind": "perk", "points": 21}])],
            "rewards.x.points",
            "nobody can ever have more than 20 points",
        ),
        (
            [("points.actions", {"survey": {"points": 5}}), ("points.limits", {"non_purchase_per_month": 4})],
            "points.limits.non_purchase_per_month",
            "one rule gives 5 at once",
        ),
        (
            [
                ("wind_down", {"earn_until": "2027-01-01", "redeem_until": "2027-02-01"}),
                ("rules", [{**RULE, "from": "2027-01-01"}]),
            ],
            "rules.r.from",
            "lies after wind_down.earn_until",
        ),
        (
            [
                ("wind_down", {"earn_until": "2027-01-01", "redeem_until": "2027-02-01"}),
                ("rewards", [{"id": "x", "kind": "perk", "points": 5, "from": "2027-02-01"}]),
            ],
            "rewards.x.from",
            "lies after wind_down.redeem_until",
        ),
        (
            [("adjust", {"max": 5}), ("points.actions", {"goodwill": {"max": 5}})],
            "adjust",
            "stands beside points.actions.goodwill",
        ),
        (
            [("referral", {"referrer": 5, "friend": 5}), ("points.actions", {"referral": {"referrer": 5}})],
            "referral.referrer",
            "stands beside points.actions.referral",
        ),
    ],
)
def test_settings_that_clash_are_refused_with_the_reason(changes: list[Any], path: str, words: str) -> None:
    with pytest.raises(ProgrammeError) as refusal:
        parsed(*changes)
    assert refusal.value.path == path
    assert words in str(refusal.value)


def test_what_can_just_be_reached_is_taken() -> None:
    at_the_edge = [("points", {"start": {"welcome": 20}}), ("rewards", [{"id": "x", "kind": "perk", "points": 20}])]
    assert parsed(*at_the_edge).rewards[0].points == 20
    expiry = {"mode": "fixed", "days": 15, "remind_days": [14]}
    assert parsed(("points.expiry", expiry)).expiry.days == 15


@pytest.mark.parametrize(
    ("text", "form", "words"),
    [
        ("a = ", "toml", "is not TOML"),
        ("{", "json", "is not JSON"),
        ("[]", "json", "is not a table"),
        ('{"a": 1, "a": 2}', "json", "is written twice"),
        ('{"a": NaN}', "json", "not a usable number"),
        ("a = nan", "toml", "not a usable number"),
        ("a = 1e99", "toml", "not a usable number"),
        ("[" * 100_000, "json", "is not JSON"),
        (" " * 200_001, "json", "is too long"),
    ],
)
def test_a_text_that_is_no_document_is_refused(text: str, form: str, words: str) -> None:
    with pytest.raises(ProgrammeError, match=words):
        read_document(text, form)


def test_a_percentage_takes_no_more_off_than_points_may_pay() -> None:
    def reward(percent: int) -> tuple[str, Any]:
        return ("rewards", [{"id": "x", "kind": "percent", "points": 5, "percent": percent}])

    half = ("points.redeem", {"max_share": "0.5"})
    assert len(parsed(half, reward(50)).rewards) == 1
    with pytest.raises(ProgrammeError, match="more than points may pay of an order") as refused:
        parsed(half, reward(51))
    assert refused.value.path == "rewards.x.percent"
