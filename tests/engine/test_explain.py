"""Every entry in words, made by the engine itself: exact sentences, and that no sum is shown that does not add up."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from loyalty_engine.decision import Reason
from loyalty_engine.explain import calculation, notice_text, referral_sign, reward_refusal, sentence, why_not, words_of
from loyalty_engine.explain.rules_page import ways_to_earn
from loyalty_engine.facts import ActivityStatus, OrderState, OrderStatus
from loyalty_engine.ledger import EntryKind, NewEntry
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
    Lane,
    Programme,
    RedeemPolicy,
    Reward,
    RewardKind,
    Rule,
    Tier,
    Window,
)
from loyalty_engine.texts import LANGUAGES, TABLES, Words
from tests.engine.books import ANNA, BEN, Books
from tests.engine.builders import PAID, a_programme, a_redemption, an_activity, an_order, bare, fixed

EN = Words("en")
TIERS = (Tier("silver", 0, {"en": "Silver", "de": "Silber"}, factor=Fraction(5, 4)),)


def told(entry: NewEntry, words: Words = EN) -> str:
    return sentence(entry.kind.value, entry.points, json.loads(entry.explanation), words)


def first(programme: Programme, order: OrderState, words: Words = EN) -> str:
    (entry,) = Books(programme).tell(order)
    return told(entry, words)


@pytest.mark.parametrize(
    ("programme", "order", "text"),
    [
        (a_programme(), an_order(12_000), "120 points for order 5123: €120.00 of goods × 1 point per €1.00."),
        (
            a_programme(),
            an_order(12_050, order_name="#1042"),
            "120 points for order #1042: €120.50 of goods × 1 point per €1.00, rounded down.",
        ),
        (a_programme(), an_order(100), "1 point for order 5123: €1.00 of goods × 1 point per €1.00."),
        (
            a_programme({"EUR": "0.9"}),
            an_order(12_050),
            "108 points for order 5123: €120.50 of goods × 0.9 points per €1.00, rounded down.",
        ),
        (
            a_programme({"JPY": "0.01"}),
            an_order(12_050, currency="JPY"),
            "120 points for order 5123: ¥12,050 of goods × 0.01 points per ¥1, rounded down.",
        ),
        (
            a_programme(tiers=TIERS),
            an_order(10_000),
            "125 points for order 5123: €100.00 of goods × 1 point per €1.00 × 1.25 as Silver.",
        ),
        (
            a_programme(None, 1, Rule("welcome", ORDER, Award(AwardKind.FIXED, points=50), Lane.CAMPAIGN)),
            an_order(10_000),
            "150 points for order 5123: €100.00 of goods × 1 point per €1.00 + 50 points in a promotion.",
        ),
        (
            a_programme(None, 1, Rule("double", ORDER, Award(AwardKind.FACTOR, factor=Fraction(2)), Lane.CAMPAIGN)),
            an_order(10_000),
            "200 points for order 5123: €100.00 of goods × 1 point per €1.00 × 2 in a promotion.",
        ),
        (
            a_programme(caps=(Cap("day", Window.DAY, points=80, triggers=frozenset({ORDER})),)),
            an_order(10_000),
            "80 points for order 5123: €100.00 of goods × 1 point per €1.00, limited to 80 points.",
        ),
        (
            a_programme(None, 1, Rule("each", ORDER, Award(AwardKind.PER_ITEM, points=5)), tiers=TIERS),
            an_order(10_000),
            "131 points for order 5123: (€100.00 of goods × 1 point per €1.00 + 1 × 5 points) × 1.25 as Silver,"
            " rounded down.",
        ),
    ],
)
def test_an_order_is_explained_by_its_own_arithmetic(programme: Programme, order: OrderState, text: str) -> None:
    assert first(programme, order, words_of(programme, "en")) == text


def test_a_sum_that_does_not_come_to_the_points_is_not_shown() -> None:
    (entry,) = Books(a_programme()).tell(an_order(12_050))
    explanation = json.loads(entry.explanation)
    explanation["lines"][0]["points"] = "121"
    assert sentence("earn", 120, explanation, EN) == "120 points for order 5123."
    assert sentence("earn", 120, {**explanation, "lines": []}, EN) == "120 points for order 5123."


@pytest.mark.parametrize(
    ("after", "text"),
    [
        (an_order(status=OrderStatus.OPEN), "order 5123 is not paid any more."),
        (an_order(status=OrderStatus.CANCELLED), "order 5123 was cancelled."),
        (an_order(status=OrderStatus.DELETED), "order 5123 was deleted."),
        (an_order(10_000, bare(10_000), shop_status="refunded"), "all goods of order 5123 were refunded."),
        (
            an_order(10_000, bare(10_000)),
            "all goods of order 5123 were refunded."
            " The order is not marked as refunded, but its refunds cover all of it, and they count.",
        ),
        (
            an_order(10_000, bare(4_000), shop_status="refunded"),
            "€60.00 of goods of order 5123 remain and earn 60 points."
            " The order is marked as refunded, but its refunds cover only a part, and they count.",
        ),
        (an_order(6_000), "€60.00 of goods of order 5123 remain and earn 60 points."),
    ],
)
def test_what_is_taken_back_says_why(after: OrderState, text: str) -> None:
    books = Books(a_programme())
    books.tell(an_order())
    (entry,) = books.tell(after)
    assert told(entry) == f"{-entry.points} points taken back: {text}"


def test_points_that_a_rarer_reason_takes_back_name_it() -> None:
    books = Books(a_programme())
    books.tell(an_order())
    (entry,) = books.tell(an_order(is_test=True))
    assert told(entry) == "100 points taken back for order 5123. It was only a test."
    assert told(entry, Words("de")) == "100 Punkte zurückgebucht – Anlass: Bestellung 5123. Es war nur ein Test."


def test_an_edited_order_reads_as_what_remains_of_it() -> None:
    books = Books(a_programme())
    texts = [told(entry) for net in (10_000, 25_000, 6000) for entry in books.tell(an_order(net))]
    assert texts == [
        "100 points for order 5123: €100.00 of goods × 1 point per €1.00.",
        "150 points more for order 5123: €250.00 of goods now earn 250 points.",
        "190 points taken back: €60.00 of goods of order 5123 remain and earn 60 points.",
    ]


def test_a_moved_order_reads_differently_for_both_members() -> None:
    books = Books(a_programme())
    books.tell(an_order())
    taken, earned = books.tell(an_order(), BEN)
    assert told(taken) == "100 points taken back: order 5123 now belongs to another customer."
    assert told(earned) == "100 points for order 5123: €100.00 of goods × 1 point per €1.00."


@pytest.mark.parametrize(
    ("language", "given", "removed"),
    [
        ("en", "10 points for your review.", "10 points taken back: your review was removed."),
        ("de", "10 Punkte – Anlass: deine Bewertung.", "10 Punkte zurückgebucht: entfernt wurde deine Bewertung."),
        ("es", "10 puntos por tu reseña.", "10 puntos retirados: se eliminó tu reseña."),
        ("zh_hans", "您的评价获得 10 积分。", "收回 10 积分：您的评价已被移除。"),
        ("zh_hant", "您的評價獲得 10 點數。", "收回 10 點數：您的評價已被移除。"),
    ],
)
def test_an_activity_is_told_in_every_language(language: str, given: str, removed: str) -> None:
    books = Books(a_programme(None, 1, fixed("review", 10)))
    (earned,) = books.tell(an_activity())
    (taken,) = books.tell(an_activity(status=ActivityStatus.REMOVED))
    assert [told(entry, Words(language)) for entry in (earned, taken)] == [given, removed]


def test_a_merchants_own_activity_is_called_by_its_name() -> None:
    (entry,) = Books(a_programme(None, 1, fixed("custom.repair_cafe", 30))).tell(an_activity("custom.repair_cafe"))
    assert told(entry) == "30 points for “repair cafe”."


REWARD = Reward("money-off", RewardKind.AMOUNT, 40, values={"EUR": 200})
SHOP = a_programme(
    rewards=(REWARD,), pending_days=0, redeem=RedeemPolicy(allow_negative=-20), expiry=ExpiryPolicy(ExpiryMode.FIXED, 1)
)


def test_spending_and_giving_back_are_told() -> None:
    books, words = Books(SHOP), words_of(SHOP, "en")
    books.tell(an_order())
    later = PAID + timedelta(days=1)
    (spent,) = books.run("redeem", ANNA, a_redemption(40, now=later), now=later)
    (back,) = books.run("cancel", ANNA, f"{1:032x}", "changed their mind", now=later)
    assert told(spent, words) == "40 points exchanged for €2.00 off."
    assert told(back, words) == "40 points given back: the exchange for €2.00 off was cancelled."
    assert told(spent, words_of(SHOP, "de")) == "40 Punkte eingelöst: 2,00\u00a0€ Rabatt."


def test_a_refund_that_gives_points_back_names_the_order() -> None:
    books, words = Books(SHOP), words_of(SHOP, "en")
    books.tell(an_order())
    later = PAID + timedelta(days=1)
    books.run("redeem", ANNA, a_redemption(40, now=later), now=later)
    using = an_order(5_000, order_id="6000", order_name="#1043", paid_at=later)
    books.run("used", ANNA, f"{1:032x}", using.source_ref, now=later)
    books.tell(using, now=later)
    refunded = an_order(5_000, bare(5_000), order_id="6000", order_name="#1043", paid_at=later, shop_status="refunded")
    texts = [told(entry, words) for entry in books.tell(refunded, now=later + timedelta(days=1))]
    assert "40 points given back: order #1043, which used €2.00 off, was refunded." in texts
    assert "50 points taken back: all goods of order #1043 were refunded." in texts


def test_adjusting_owing_and_forgiving_are_told() -> None:
    books = Books(SHOP)
    now = PAID + timedelta(days=1)
    (given,) = books.run("adjust", ANNA, 30, "a1", "mia", "sorry for the wait.", now=now)
    assert told(given) == "30 points added by the shop: sorry for the wait."
    books.tell(an_order())
    books.run("redeem", ANNA, a_redemption(130, now=now), now=now)
    taken, forgiven = books.tell(an_order(status=OrderStatus.CANCELLED), now=now)
    assert told(taken) == "100 points taken back: order 5123 was cancelled."
    assert told(forgiven) == "80 points that you owed were forgiven."
    back = books.tell(an_order(), now=now)
    assert "80 points that had been forgiven count again" in told(back[-1])


def test_points_expire_on_the_last_day_on_which_they_were_good() -> None:
    books = Books(SHOP)
    books.tell(an_order())
    account = books.account()
    (lot,) = account.lots.values()
    assert lot.nominal_at is not None
    books.warn(ANNA, PAID, lot.n)
    (ended,) = books.run("expire_lots", ANNA, now=lot.nominal_at)
    last = (lot.nominal_at - timedelta(hours=12)).date()
    assert told(ended, words_of(SHOP, "en")) == f"100 points expired on {last.day} {last:%B} {last.year}."


def test_a_merge_is_told_at_both_members() -> None:
    books = Books(a_programme())
    books.tell(an_order())
    books.merge("m1", ANNA, BEN, PAID + timedelta(days=1))
    assert told(books.account(ANNA).entries[-1]) == "100 points moved to your other account."
    assert told(books.account(BEN).entries[-1]) == "100 points moved here from your other account."


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(EntryKind))
@pytest.mark.parametrize("explanation", [{}, {"reason": "something-newer"}, {"actor": "system", "note": "welcome"}])
def test_an_explanation_that_lacks_everything_still_gives_a_sentence(
    language: str, kind: EntryKind, explanation: dict[str, Any]
) -> None:
    text = sentence(kind.value, 5, explanation, Words(language))
    assert "5" in text and "{" not in text and "?" not in text


@pytest.mark.parametrize(("points", "text"), [(1, "1 point"), (-1, "1 point"), (2, "2 points"), (-20, "20 points")])
def test_an_erased_explanation_says_so_and_keeps_the_number(points: int, text: str) -> None:
    assert sentence("earn", points, None, EN) == f"{text}. The explanation was erased on request."
    assert calculation(None, EN) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rule_that_every_programme_has_is_no_word_of_the_document(language: str) -> None:
    rule = Rule("base", ORDER, Award(AwardKind.FIXED, points=9))
    ours = words_of(a_programme(None, 1, rule), language).name("rule", "base")
    assert ours == TABLES[language]["rule.base"]
    named = replace(rule, name={"en": "A point each"})
    assert words_of(a_programme(None, 1, named), language).name("rule", "base") == "A point each"
    # Shoppers read its sentence alone, unless the merchant named it.
    programme = a_programme(None, 1, rule)
    ways = list(ways_to_earn(programme, words_of(programme, language)))
    assert ways and not [line for line in ways if ours in line]


def test_support_sees_every_step() -> None:
    programme = a_programme(
        None,
        1,
        Rule("vip", ORDER, Award(AwardKind.FIXED, points=9), conditions=(Condition("country", "in", ("AT", "CH")),)),
        tiers=TIERS,
        caps=(Cap("day", Window.DAY, points=80, triggers=frozenset({ORDER})),),
    )
    (entry,) = Books(programme).tell(an_order(10_050, country="DE"))
    steps = calculation(json.loads(entry.explanation), words_of(programme, "en"))
    assert [step.text for step in steps][:9] == [
        "Goods that count: €100.50 of €100.50 ordered",
        "points-per-amount: €100.50 × 1 point / €1.00 = 100.5 points",
        "× 1.25 (Silver)",
        "× 1.25",
        "Rounded (rounded down): 125 points",
        "Limit day: 125 points, of which 80 points remain",
        "Due 80 − posted 0 = 80 points",
        "vip did not apply: It asks for the country: one of AT, CH. Found: DE.",
        "Tier when paid: Silver",
    ]
    assert steps[1].values["amount_minor"] == 10_050 and steps[6].values == {"due": 80, "posted": 0}


def test_every_step_is_told_in_every_language_without_a_gap() -> None:
    programme = a_programme(tiers=TIERS)
    (entry,) = Books(programme).tell(an_order(10_050))
    for language in LANGUAGES:
        steps = calculation(json.loads(entry.explanation), words_of(programme, language))
        assert len(steps) == 12 and all(step.text and "{" not in step.text for step in steps)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("voucher-used-by-another", "Somebody else's order used this code."),
        ("voucher-used-again", "A second order used this code: its points were taken once more."),
    ],
)
def test_a_code_that_was_used_otherwise_than_meant_is_told_in_words(code: str, told: str) -> None:
    assert why_not(Reason("redemption:r", code, {"redemption": "r", "order_ref": "shopify:1:order:2"}), EN) == [told]


def test_an_order_that_earns_nothing_says_why_and_which_rule_stood_aside() -> None:
    programme = a_programme({"USD": "1"}, earn=EarnPolicy())
    books = Books(programme)
    assert books.tell(an_order()) == []
    reason = books.account().reasons["shopify:12:order:5123"]
    assert isinstance(reason, Reason)
    assert why_not(reason, EN) == [
        "The programme has no rate for EUR.",
        "points-per-amount did not apply: It has no rate for EUR; it knows USD.",
    ]


@pytest.mark.parametrize(
    ("missed", "text"),
    [
        ({"code": "not-yet", "needs": "2026-12-01T00:00:00+00:00", "found": ""}, "It starts on 1 December 2026."),
        (
            {"code": "dry-run", "needs": None, "found": "30"},
            "It is only being tried out and would have given 30 points.",
        ),
        ({"code": "not-verified", "needs": True, "found": False}, "It asks for a purchase of the product."),
        (
            {"code": "condition-first_order", "needs": ["in", True], "found": False},
            "It asks for the first order: one of yes. Found: no.",
        ),
        (
            {"code": "minimum-chars", "needs": 40, "found": None},
            "It asks for at least 40 (characters). Found: nothing.",
        ),
        ({"code": "newer-than-the-texts", "needs": 1, "found": 2}, "It did not apply (newer-than-the-texts)."),
    ],
)
def test_a_rule_that_did_not_fire_says_why(missed: dict[str, Any], text: str) -> None:
    told_so = why_not(Reason("s", "no-rule-applies", {}, ({"rule": "r", **missed},)), EN)
    assert told_so == ["No rule of the programme applies.", f"r did not apply: {text}"]


def test_a_reward_out_of_reach_says_exactly_what_is_missing() -> None:
    numbers = {"needs": 100, "found": 65, "missing": 35}
    assert reward_refusal("not-enough-points", numbers, EN) == "You still need 35 points."
    small = {"needs": 3000, "found": 2500, "missing": 500, "currency": "EUR"}
    assert reward_refusal("order-too-small", small, EN) == "The order must reach €30.00; €5.00 more to go."
    words = words_of(a_programme(tiers=TIERS), "de")
    assert (
        reward_refusal("tier-needed", {"needs": ["silver"], "found": None}, words) == "Diese Prämie gibt es für Silber."
    )
    assert reward_refusal("newer", {}, EN) == "This is not possible now (newer)."
    assert referral_sign("same-phone", EN) == "Both have the same telephone number."


def test_notices_are_told_with_their_numbers() -> None:
    badge = Badge("first_order", (BadgeLevel("bronze", (Comparison("orders", ">=", 1),)),))
    words = words_of(a_programme(tiers=TIERS, badges=(badge,)), "en")
    risk = {"tier": "silver", "day": "2026-12-31", "metric": "spend", "value": 1, "threshold": 2, "missing": 4000}
    assert notice_text("tier-at-risk", risk, words, "EUR").text == (
        "You are Silver until 31 December 2026. €40.00 more keep it."
    )
    assert notice_text("badge-awarded", {"badge": "first_order"}, words).title == "A badge for you: First order"
    reversal = notice_text("reversal", {"points": 5, "reason": "order-cancelled", "order": "1"}, words)
    assert reversal.text == "5 points were taken back. The order was cancelled."
    assert notice_text("reversal", {"points": 5, "reason": None}, words).text == "5 points were taken back."
    by_hand = {"tier": "silver", "metric": "", "value": 0, "threshold": 0}
    assert notice_text("tier-lost", by_hand, words).text == "The shop has set your tier to Silver."
    assert notice_text("something-newer", {}, words).title == "News about your points"
