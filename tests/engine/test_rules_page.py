"""The page of a programme's rules: every sentence follows from the programme and is true of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from loyalty_engine.explain import rules_page, ways_to_earn, words_of
from loyalty_engine.programme.model import (
    ORDER,
    Award,
    AwardKind,
    Badge,
    BadgeLevel,
    Cap,
    Comparison,
    Condition,
    EarnPolicy,
    ExpiryMode,
    ExpiryPolicy,
    MaturesFrom,
    Programme,
    RedeemPolicy,
    ReferralPolicy,
    Reward,
    RewardKind,
    Rule,
    Threshold,
    Tier,
    WindDown,
    Window,
)
from loyalty_engine.texts import LANGUAGES
from tests.engine.builders import a_programme, fixed

TIERS = (
    Tier("member", 0, {"en": "Member"}),
    Tier(
        "gold",
        1,
        {"en": "Gold"},
        (Threshold("spend", 40_000), Threshold("orders", 8)),
        Fraction(3, 2),
        ("gift_yearly",),
    ),
    Tier("secret", 2, {"en": "Secret"}, (Threshold("spend", 90_000),), hidden=True),
)
REWARDS = (
    Reward("small", RewardKind.AMOUNT, 100, values={"EUR": 300}, minimum_order_minor=900),
    Reward("large", RewardKind.AMOUNT, 500, values={"EUR": 1800}),
    Reward("hidden", RewardKind.AMOUNT, 1, values={"EUR": 99_900}, hidden=True),
)


def said(programme: Programme, key: str, language: str = "en") -> list[str]:
    return [text for section in rules_page(programme, language) if section.key == key for text in section.sentences]


def test_a_plain_programme_says_what_it_does_and_nothing_else() -> None:
    sections = rules_page(a_programme(earn=EarnPolicy(excludes=frozenset({"gift_cards"}))), "en")
    assert [(section.key, section.title) for section in sections] == [
        ("joining", "Joining"),
        ("earning", "Earning"),
        ("expiry", "How long points last"),
    ]
    assert sections[1].sentences == (
        "1 point for every €1.00 of goods, smaller amounts in proportion.",
        "What counts is the price of the goods after discounts, without tax.",
        "Shipping does not count.",
        "Buying a gift card earns nothing.",
        "The total of an order is rounded down to whole points.",
        "Points can be spent 14 days after payment.",
        "If you send something back, the points for it are taken back, and only those.",
    )
    assert sections[2].sentences == ("Points do not expire.",)


@pytest.mark.parametrize(
    ("award", "text"),
    [
        (Award(AwardKind.PER_AMOUNT, {"EUR": Fraction(1, 2)}, step_minor=1000), "5 points for every €10.00 of goods."),
        (Award(AwardKind.PER_ITEM, points=3), "3 points for each item."),
        (Award(AwardKind.FIXED, points=1), "1 point for an order."),
        (Award(AwardKind.FACTOR, factor=Fraction(5, 2)), "2.5 times the points."),
        (
            Award(AwardKind.PER_AMOUNT, {"USD": Fraction(1), "EUR": Fraction(2)}),
            "2 points for every €1.00 of goods, smaller amounts in proportion."
            " 1 point for every $1.00 of goods, smaller amounts in proportion.",
        ),
    ],
)
def test_each_award_is_said(award: Award, text: str) -> None:
    assert said(a_programme(rules=(Rule("r", ORDER, award),)), "earning")[0] == text


def test_what_limits_a_rule_is_never_left_out() -> None:
    rule = Rule(
        "review",
        "review",
        Award(AwardKind.FIXED, points=10),
        conditions=(Condition("tier", "in", ("gold",)),),
        caps=(Cap("c", Window.PRODUCT, times=1), Cap("d", Window.DAY, points=30)),
        starts_at=datetime(2026, 12, 1, tzinfo=UTC),
        ends_at=datetime(2026, 12, 23, 23, tzinfo=UTC),
        after_days=3,
        minimums={"chars": 40},
        verified_only=True,
        name={"en": "Review us"},
    )
    assert said(a_programme(rules=(rule,)), "earning") == [
        "Review us: 10 points for your review. Only if you bought the product. At least 40 characters."
        " It counts once it has stood for 3 days. Conditions apply: the tier. From 1 December 2026."
        " Until 23 December 2026. Your review: at most once for each product. Your review: at most 30 points a day."
    ]


def test_a_rule_that_is_only_tried_is_not_promised() -> None:
    programme = a_programme(None, 1, fixed("review", 10, dry_run=True))
    assert not any("review" in text for text in said(programme, "earning"))


@pytest.mark.parametrize(
    ("days", "start", "text"),
    [
        (0, MaturesFrom.PAID, "Points can be spent as soon as the order is paid."),
        (1, MaturesFrom.PAID, "Points can be spent 1 day after payment."),
        (14, MaturesFrom.FULFILLED, "Points can be spent 14 days after everything was shipped."),
    ],
)
def test_when_points_can_be_spent(days: int, start: MaturesFrom, text: str) -> None:
    assert text in said(a_programme(earn=EarnPolicy(pending_days=days, matures_from=start)), "earning")


def test_rewards_say_their_limits_and_what_comes_back_exactly() -> None:
    programme = a_programme(rewards=REWARDS, redeem=RedeemPolicy(max_share=Fraction(1, 2)))
    assert said(programme, "rewards") == [
        "100 points: €3.00 off, for orders from €9.00",
        "500 points: €18.00 off",
        "What you get back is between 3% and 3.6% of what you spend on goods.",
        "Codes can be used for 60 days.",
        "An unused code returns its points when it runs out.",
        "Points can pay at most 50% of an order.",
        "If an order that points paid for is refunded, the points come back in the same share.",
    ]


def test_one_reward_gives_back_one_percentage_and_never_more_than_it_does() -> None:
    third = replace(REWARDS[0], points=300, values={"EUR": 1000})
    told = said(a_programme(rewards=(third,)), "rewards")
    assert "What you get back is 3.33% of what you spend on goods." in told


def test_tiers_say_how_they_are_reached_and_what_they_bring_but_no_secrets() -> None:
    assert said(a_programme(tiers=TIERS), "tiers") == [
        "Member: for everyone.",
        "Gold: €400.00 spent on goods or 8 orders.",
        "Gold: 1.5 times the points, a gift each year",
        "What counts goes 12 months back.",
        "A tier lasts at least 12 months after it was last met.",
        "Spending points never lowers a tier.",
    ]


def test_badges_say_what_they_ask_for_but_no_secrets() -> None:
    once = (BadgeLevel("bronze", (Comparison("orders", ">=", 2),)),)
    badges = (
        Badge("welcome_back", once, {"en": "Welcome back"}),
        Badge("hidden", once, hidden=True),
        Badge("host", (), manual=True),
        Badge("buyer", (*once, BadgeLevel("gold", (Comparison("spend", ">", 100_000),)))),
    )
    assert said(a_programme(badges=badges), "badges") == [
        "Welcome back: Orders: 2 or more",
        "Host: given by the shop",
        "Buyer (Bronze): Orders: 2 or more",
        "Buyer (Gold): Spent on goods: more than €1,000.00",
    ]


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        (ExpiryPolicy(ExpiryMode.FIXED, 12), "Points last 12 months from the day on which they were earned."),
        (ExpiryPolicy(ExpiryMode.FIXED, days=1), "Points last 1 day from the day on which they were earned."),
        (
            ExpiryPolicy(ExpiryMode.CALENDAR, calendar_days=((3, 31), (12, 31))),
            "Points expire at the end of these days of the year: 31 March, 31 December.",
        ),
    ],
)
def test_expiry_is_said_with_the_promise_of_a_notice(policy: ExpiryPolicy, text: str) -> None:
    notice = "Nothing expires before you were told, and then not for another week."
    assert said(a_programme(expiry=policy), "expiry") == [text, notice]


def test_calendar_days_are_written_as_each_language_writes_them() -> None:
    programme = a_programme(expiry=ExpiryPolicy(ExpiryMode.CALENDAR, calendar_days=((12, 5),)))
    found = {language: said(programme, "expiry", language)[0] for language in LANGUAGES}
    assert "5. Dezember." in found["de"] and "5 de diciembre." in found["es"]
    assert "：12月5日。" in found["zh_hans"] and "：12月5日。" in found["zh_hant"]


def test_referral_and_the_end_of_a_programme_are_said() -> None:
    programme = a_programme(
        referral=ReferralPolicy(50, 40, 3000, 20),
        wind_down=WindDown(datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 2, 28, 23, tzinfo=UTC)),
    )
    assert said(programme, "referral") == [
        "You receive 50 points, your friend 40 points, once the friend's first order can no longer be returned.",
        "That order must reach €30.00.",
        "Up to 20 invitations are paid in a year.",
    ]
    assert said(programme, "ending") == [
        "Orders paid from 1 December 2026 on earn nothing.",
        "Points can be redeemed until 28 February 2027.",
    ]


def test_each_way_to_earn_is_a_sentence_in_the_currency_of_the_shop() -> None:
    programme = a_programme(
        {"EUR": "1", "USD": "0.9"}, 1, fixed("review", 10), replace(fixed("photo", 5), dry_run=True)
    )  # fmt: skip
    words = words_of(programme, "en")
    euros, review = ways_to_earn(programme, words, "EUR")
    assert euros == "1 point for every €1.00 of goods, smaller amounts in proportion."
    assert review == "10 points for your review."
    dollars = next(ways_to_earn(programme, words, "USD"))
    assert "0.9 points for every $1.00" in dollars and "€" not in dollars
    for currency in ("", "JPY"):
        both = next(ways_to_earn(programme, words, currency))
        assert "€" in both and "$" in both, "a shop of which nobody knows a rate reads them all"
    assert list(ways_to_earn(programme, words))[1:] == [review]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_in_every_language(language: str) -> None:
    badge = Badge("b", (BadgeLevel("bronze", (Comparison("orders", ">=", 2),)),))
    programme = a_programme(
        None, 1, fixed("review", 10), tiers=TIERS, rewards=REWARDS, badges=(badge,), referral=ReferralPolicy(5, 5)
    )
    sections = rules_page(programme, language)
    english = rules_page(programme, "en")
    assert [(s.key, len(s.sentences)) for s in sections] == [(s.key, len(s.sentences)) for s in english]
    assert all(text and "{" not in text and "None" not in text for s in sections for text in (s.title, *s.sentences))
