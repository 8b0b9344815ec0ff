"""Reading a programme: what every section of a document becomes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from loyalty_engine.programme import Programme, parse_programme, read_document
from loyalty_engine.programme.model import (
    ORDER,
    AdjustPolicy,
    Award,
    AwardKind,
    Badge,
    BadgeLevel,
    Cap,
    CommunityLevel,
    Comparison,
    Condition,
    EarnPolicy,
    ExpiryMode,
    ExpiryPolicy,
    Lane,
    ReferralPolicy,
    Reward,
    RewardKind,
    Rule,
    Threshold,
    Tier,
    TiersPolicy,
    TierWindow,
    WindDown,
    Window,
)
from loyalty_engine.programme.resolve import resolve
from tests.engine.builders import OPENING
from tests.engine.programmes import DATA, SHOP, SMALLEST, parsed


def test_the_smallest_document_is_a_base_rate_and_nothing_else() -> None:
    assert parse_programme(SMALLEST, 3, OPENING) == Programme(
        version=3,
        effective_from=OPENING,
        name="Circle",
        timezone="Europe/Berlin",
        base_currency="EUR",
        earn=EarnPolicy(pending_days=14, caps_after_factors=False),
        rules=(Rule("base", ORDER, Award(AwardKind.PER_AMOUNT, rates={"EUR": Fraction(1)})),),
    )


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("0.333", Fraction(333, 1000)),
        (Decimal("0.1"), Fraction(1, 10)),
        (1, Fraction(1)),
        ("007", Fraction(7)),
        (100_000, Fraction(100_000)),
        ("0.000000000000000001", Fraction(1, 10**18)),
    ],
)
def test_a_rate_is_the_very_decimal_that_was_written(written: Any, rate: Fraction) -> None:
    assert parsed(("points.earn.rates", {"EUR": written})).rules[0].award.rates == {"EUR": rate}


def test_per_unit_is_the_rate_of_the_base_currency() -> None:
    assert parsed(("points.earn", {"per_unit": "1.5"})).rules[0].award.rates == {"EUR": Fraction(3, 2)}


RULES: list[tuple[dict[str, Any], Rule]] = [
    (
        {"id": "tea", "per_item": 2, "when": {"collection": ["tea"]}},
        Rule(
            "tea",
            ORDER,
            Award(AwardKind.PER_ITEM, points=2),
            conditions=(Condition("collection", "in", ("tea",)),),
        ),
    ),
    (
        {"id": "double", "factor": 2, "from": "2026-12-01", "until": "2026-12-02T12:00:00+01:00", "priority": 3},
        Rule(
            "double",
            ORDER,
            Award(AwardKind.FACTOR, factor=Fraction(2)),
            Lane.CAMPAIGN,
            starts_at=datetime(2026, 11, 30, 23, tzinfo=UTC),
            ends_at=datetime(2026, 12, 2, 11, tzinfo=UTC),
            priority=3,
        ),
    ),
    (
        {"id": "second", "points": 50, "lane": "campaign", "when": {"place": {"in": [2]}}, "dry_run": True},
        Rule(
            "second",
            ORDER,
            Award(AwardKind.FIXED, points=50),
            Lane.CAMPAIGN,
            (Condition("place", "in", (2,)),),
            dry_run=True,
        ),
    ),
    (
        {"id": "tens", "per_unit": "1", "step": "10.00", "per_day": 100},
        Rule(
            "tens",
            ORDER,
            Award(AwardKind.PER_AMOUNT, rates={"EUR": Fraction(1)}, step_minor=1000),
            caps=(Cap("tens:day:points", Window.DAY, points=100),),
        ),
    ),
    (
        {"id": "ask", "on": "question", "points": 1, "caps": [{"per": "object", "times": 1}], "min_chars": 20},
        Rule(
            "ask",
            "question",
            Award(AwardKind.FIXED, points=1),
            caps=(Cap("ask:object:times", Window.OBJECT, times=1),),
            minimums={"chars": 20},
        ),
    ),
]


@pytest.mark.parametrize(("written", "rule"), RULES, ids=[rule.rule_id for _, rule in RULES])
def test_a_rule_means_what_it_says(written: dict[str, Any], rule: Rule) -> None:
    assert parsed(("rules", [written])).rules[1] == rule


@pytest.mark.parametrize(
    ("when", "condition"),
    [
        ({"order_value": {"at_least": "50.00"}}, Condition("order_value", "at_least", (5000,))),
        ({"order_value": {"between": [10, 20]}}, Condition("order_value", "between", (1000, 2000))),
        ({"weekday": ["sat", "Sunday"]}, Condition("weekday", "in", ("sat", "sun"))),
        ({"country": {"not_in": ["CH"]}}, Condition("country", "not_in", ("CH",))),
        ({"source": "pos"}, Condition("source", "in", ("pos",))),
        ({"first_order": True}, Condition("first_order", "in", (True,))),
        ({"date": {"at_least": date(2026, 12, 1)}}, Condition("date", "at_least", (date(2026, 12, 1),))),
        ({"currency": ["EUR"]}, Condition("currency", "in", ("EUR",))),
        ({"customer_tag": ["vip"]}, Condition("customer_tag", "in", ("vip",))),
    ],
)
def test_a_condition_means_what_it_says(when: dict[str, Any], condition: Condition) -> None:
    assert parsed(("rules", [{"id": "r", "points": 1, "when": when}])).rules[1].conditions == (condition,)


@pytest.mark.parametrize(
    ("action", "trigger", "caps"),
    [
        ({"survey": {"points": 5, "once": True}}, "survey", [(Window.LIFETIME, None, 1)]),
        ({"birthday": {"points": 5, "per": "year"}}, "birthday", [(Window.YEAR, None, 1)]),
        ({"review_photo": {"points": 5, "per": "product"}}, "photo", [(Window.PRODUCT, None, 1)]),
        ({"answer_accepted": {"points": 5, "per_week": 50}}, "answer_accepted", [(Window.WEEK, 50, None)]),
        ({"survey_answered": {"points": 5, "per": "quarter"}}, "survey", [(Window.QUARTER, None, 1)]),
        (
            {"helpful_vote": {"points": 1, "per_day": 5, "distinct_voters": True}},
            "helpful_vote",
            [(Window.COUNTERPART, None, 1), (Window.DAY, 5, None)],
        ),
    ],
)
def test_an_action_is_a_rule_with_its_caps(action: dict[str, Any], trigger: str, caps: list[Any]) -> None:
    rule = parsed(("points.actions", action)).rules[1]
    assert (rule.rule_id, rule.trigger) == (next(iter(action)), trigger)
    assert [(cap.window, cap.points, cap.times) for cap in rule.caps] == caps


REWARDS: list[tuple[dict[str, Any], Reward]] = [
    (
        {"id": "five", "kind": "amount", "points": 100, "value": {"EUR": 5, "JPY": 800}},
        Reward("five", RewardKind.AMOUNT, 100, values={"EUR": 500, "JPY": 800}),
    ),
    (
        {"id": "ten", "kind": "percent", "points": 100, "percent": 10, "at_most": 20},
        Reward("ten", RewardKind.PERCENT, 100, percent=Fraction(10), cap_minor=2000),
    ),
    (
        {"id": "s", "kind": "slider", "points": 10, "value": "0.10", "min_points": 50, "max_points": 500},
        Reward("s", RewardKind.SLIDER, 10, values={"EUR": 10}, minimum_points=50, maximum_points=500),
    ),
    ({"id": "ship", "kind": "free_shipping", "points": 40}, Reward("ship", RewardKind.FREE_SHIPPING, 40)),
    (
        {"id": "mug", "kind": "product", "points": 90, "product": "77", "stock": 5, "per_member": 1, "per": "year"},
        Reward(
            "mug",
            RewardKind.PRODUCT,
            90,
            product_id="77",
            stock=5,
            per_member=1,
            per_member_window=Window.YEAR,
        ),
    ),
    (
        {"id": "credit", "kind": "store_credit", "points": 90, "value": 9, "stacks": True, "voucher_days": 0},
        Reward("credit", RewardKind.STORE_CREDIT, 90, values={"EUR": 900}, stacks=True, voucher_days=0),
    ),
    (
        {"id": "talk", "kind": "perk", "points": 0, "hidden": True, "name": "A talk"},
        Reward("talk", RewardKind.PERK, 0, hidden=True, name={"en": "A talk"}),
    ),
]


@pytest.mark.parametrize(("written", "reward"), REWARDS, ids=[reward.kind for _, reward in REWARDS])
def test_a_reward_of_every_kind(written: dict[str, Any], reward: Reward) -> None:
    document = [("rewards", [written]), ("points.earn.rates", {"EUR": 1, "JPY": "0.01"})]
    assert parsed(*document).rewards == (reward,)


def test_a_step_is_an_amount_off_an_order_of_some_size() -> None:
    steps = {"steps": [{"points": 100, "value": 3}, {"points": 250, "value": "8.50"}], "min_order_multiple": 3}
    assert parsed(("points.redeem", steps)).rewards == (
        Reward("off-100", RewardKind.AMOUNT, 100, values={"EUR": 300}, minimum_order_minor=900),
        Reward("off-250", RewardKind.AMOUNT, 250, values={"EUR": 850}, minimum_order_minor=2550),
    )


def test_tiers_rise_by_any_of_their_ways() -> None:
    programme = parsed(
        (
            "tiers",
            [
                {"id": "a"},
                {"id": "b", "qualify": {"spend_year": 100, "or_orders": 4}, "multiplier": "1.25", "benefits": ["x"]},
                {"id": "c", "qualify": {"tier_points": 900}, "name": {"en": "C", "de": "Z"}},
                {"id": "d", "qualify": "invite", "hidden": True},
            ],
        ),
        ("tiers_policy", {"window": "calendar_year", "grace_days": 5, "freeze_thresholds_days": 180}),
    )
    assert programme.tiers == (
        Tier("a", 0, {"en": "a"}),
        Tier("b", 1, {"en": "b"}, (Threshold("orders", 4), Threshold("spend", 10_000)), Fraction(5, 4), ("x",)),
        Tier("c", 2, {"en": "C", "de": "Z"}, (Threshold("tier_points", 900),)),
        Tier("d", 3, {"en": "d"}, invite_only=True, hidden=True),
    )
    assert programme.tiers_policy == TiersPolicy(TierWindow.CALENDAR_YEAR, grace_days=5, freeze_days=180)


def test_levels_ask_at_least_and_at_most() -> None:
    require = {"window_days": 100, "visit_days": 15, "max_upheld_flags": 1}
    levels = [
        {"id": "one", "require": {"joined": True}},
        {"id": "two", "require": require, "unlock": ["lounge"], "keep": {"grace_days": 14}},
        {"id": "three", "require": {"appointed": True, "level": "two", "days_at_level": 90}},
    ]
    found = parsed(("levels", levels), ("levels_policy", {"scale_with_members": True}))
    assert found.levels_scale
    assert found.levels == (
        CommunityLevel("one", 0, {"en": "one"}, (Comparison("joined", ">=", 1),)),
        CommunityLevel(
            "two",
            1,
            {"en": "two"},
            (Comparison("upheld_flags", "<=", 1), Comparison("visit_days", ">=", 15)),
            window_days=100,
            unlock=("lounge",),
            grace_days=14,
        ),
        CommunityLevel("three", 2, {"en": "three"}, appointed=True, after_level="two", days_at_level=90),
    )


def test_badges_have_rules_levels_seasons_or_a_hand() -> None:
    badges = [
        {"id": "a", "tier": "gold", "rule": "orders >= 2 and spend_12m > 99.50", "per": "year"},
        {"id": "b", "levels": {"bronze": "orders >= 1", "silver": "orders >= 5"}, "keeps": True, "family": "buying"},
        {"id": "c", "rule": "manual", "limit": 10, "season": [date(2026, 12, 1), "2026-12-27"], "public": "yes"},
    ]
    assert parsed(("badges", badges)).badges == (
        Badge(
            "a",
            (BadgeLevel("gold", (Comparison("orders", ">=", 2), Comparison("spend_12m", ">", 9950))),),
            per="year",
        ),
        Badge(
            "b",
            (
                BadgeLevel("bronze", (Comparison("orders", ">=", 1),)),
                BadgeLevel("silver", (Comparison("orders", ">=", 5),)),
            ),
            keeps=True,
            family="buying",
        ),
        Badge(
            "c",
            (BadgeLevel("bronze", ()),),
            manual=True,
            limit=10,
            season=(date(2026, 12, 1), date(2026, 12, 27)),
            public="yes",
        ),
    )


def test_policies_are_read_whole() -> None:
    programme = parsed(
        ("points.expiry", {"mode": "calendar", "on": ["12-31", "06-30"], "days": 90, "remind_days": [30]}),
        ("referral", {"referrer": 50, "friend": 0, "min_order": 30, "per_year": 20}),
        ("adjust", {"max": 500, "second_person_above": 100}),
        ("wind_down", {"earn_until": "2027-03-31", "redeem_until": "2027-06-30"}),
        ("programme.base_rates", {"USD": "0.9"}),
        ("budget", {"gross_margin": Decimal("0.40")}),
        ("points.limits", {"non_purchase_per_month": 100}),
        ("caps", [{"id": "all", "per": "day", "points": 10_000, "over": "programme"}]),
    )
    assert programme.expiry == ExpiryPolicy(
        ExpiryMode.CALENDAR, days=90, calendar_days=((6, 30), (12, 31)), remind_days=(30,)
    )
    assert programme.referral == ReferralPolicy(50, 0, 3000, 20)
    assert programme.adjust == AdjustPolicy(
        500, True, 100, bulk_maximum=500, second_person_days=30, second_person_total=1000
    )
    assert programme.wind_down == WindDown(datetime(2027, 3, 30, 22, tzinfo=UTC), datetime(2027, 6, 29, 22, tzinfo=UTC))
    assert programme.base_rates == {"USD": Fraction(9, 10)}
    assert programme.kept == {"budget": {"gross_margin": Decimal("0.40")}}
    assert programme.caps == (Cap("limits:non_purchase_per_month", Window.MONTH, points=100),)
    assert programme.programme_caps == (Cap("caps:all", Window.DAY, points=10_000),)
    assert [rule.rule_id for rule in programme.rules] == ["base", "referral"]


def test_the_default_programme_parses_unedited_once_the_shop_has_spoken() -> None:
    document = read_document((DATA / "default-programme.toml").read_text(encoding="utf-8"), "toml")
    found = resolve(document, SHOP)
    programme = parse_programme(found.document, 1, OPENING)
    assert (found.warnings, programme.warnings) == ((), ())
    assert [tier.ways for tier in programme.tiers[1:]] == [
        (Threshold("orders", 4), Threshold("spend", 17_000)),
        (Threshold("orders", 8), Threshold("spend", 45_000)),
    ]
    assert programme.tiers[1].benefits[0] == "free_shipping_over:64.00"
    assert (len(programme.rules), len(programme.badges), len(programme.levels)) == (12, 15, 5)
    assert programme.redeem.allow_negative == -500
    assert programme.adjust == AdjustPolicy(300, True, None)
    assert set(programme.kept) == {"measure", "budget"}
