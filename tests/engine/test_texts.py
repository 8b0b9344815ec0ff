"""The texts: complete in every language, and everything that the engine can say has one."""

from __future__ import annotations

import ast
import re
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

import loyalty_engine
from loyalty_engine import goods, order_share, programme, referral, texts
from loyalty_engine.activities import KINDS
from loyalty_engine.counters import MEASURES
from loyalty_engine.earning.conditions import FIELDS, LINE_READERS
from loyalty_engine.explain.notices import TELLERS
from loyalty_engine.member import RedemptionState
from loyalty_engine.programme.model import Basis, MaturesFrom, RewardKind, Rounding, Window
from loyalty_engine.texts import LANGUAGES, TABLES, Words, language_of, named, points_name
from loyalty_engine.texts.formats import date_text, money_text, number_text, percent_text, ratio_text

ENGINE = Path(loyalty_engine.__file__).parent
ENGLISH = TABLES["en"]


def test_every_language_has_every_text_with_the_same_places() -> None:
    assert LANGUAGES == ("en", "zh_hans", "zh_hant", "de", "es")
    assert texts.problems() == []


def test_a_missing_text_and_a_missing_place_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = dict(TABLES["de"])
    del broken["entry.earn"]
    broken["entry.expire"] = "{points} verfallen."
    broken["entry.extra"] = "{points}"
    monkeypatch.setattr(texts, "TABLES", {**TABLES, "de": broken})
    assert texts.problems() == [
        "de lacks entry.earn",
        "de fills entry.expire with other places than English",
        "de has entry.extra, which English lacks",
    ]


OWN = {
    "en": ("bean", "beans"),
    "zh_hans": ("豆子", "豆子"),
    "zh_hant": ("豆豆", "豆豆"),
    "de": ("Bohne", "Bohnen"),
    "es": ("grano", "granos"),
}
USUAL = {
    "en": r"\bpoints?\b",
    "zh_hans": "积分",
    "zh_hant": "點數|积分",
    "de": "punkt(?!lich)",
    "es": r"\bpuntos\b|\bpunto\b(?! de)",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_says_points_where_the_programme_calls_them_otherwise(language: str) -> None:
    words = Words(language, OWN)
    for key, text in TABLES[language].items():
        told = words.text(key, **dict.fromkeys(texts.places(text) - texts.POINTS_PLACES, "7"))
        assert not re.search(USUAL[language], told, re.IGNORECASE), (key, told)
        assert "{" not in told


def test_a_sentence_begins_with_the_programmes_own_word_in_its_own_form() -> None:
    assert Words("en", OWN).text("page.expiry.never") == "Beans do not expire."
    assert Words("de", OWN).text("page.expiry.never") == "Bohnen verfallen nicht."
    assert Words("es", OWN).text("page.tier.spending") == "Canjear granos nunca baja el nivel."
    assert Words("zh_hans", OWN).text("page.expiry.never") == "豆子不会过期。"
    assert (Words("de", OWN).points(1), Words("de", OWN).points(2)) == ("1 Bohne", "2 Bohnen")
    assert Words("zh_hant", OWN).points(2).endswith("豆豆")


def codes_in(*names: str) -> set[str]:
    """Every hyphenated word that these modules hold as a text."""
    found: set[str] = set()
    for name in names:
        for node in ast.walk(ast.parse((ENGINE / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= set(re.findall(r"^[a-z]+(?:-[a-z]+)+$", node.value))
    return found


RULE_CODES = {"not-yet", "over", "dry-run", "not-verified", "cap-reached", "currency-without-rate"}
RULE_CODES |= {"order-below-minimum"}


def test_every_reason_why_a_source_earns_nothing_has_a_text() -> None:
    earning = codes_in("earning/contexts.py", "earning/evaluate.py", "earning/orders.py", "earning/activities.py")
    reasons = earning - {"not-verified", "dry-run"} | {"held-by-both"}
    assert {code for code in reasons if f"reason.{code}" not in ENGLISH} == set()
    assert {"refunded-in-full", "no-rule-applies", "programme-ended", "activity-removed"} <= reasons


def test_every_reason_why_a_rule_does_not_fire_has_a_text() -> None:
    given = codes_in("earning/summing.py", "earning/orders.py", "earning/activities.py")
    assert {
        code for code in given if f"reason.{code}" not in ENGLISH and f"rule-refusal.{code}" not in ENGLISH
    } == set()
    assert {code for code in RULE_CODES if f"rule-refusal.{code}" not in ENGLISH} == set()
    fields = {*FIELDS, *LINE_READERS}
    assert {field for field in fields if f"condition.{field}" not in ENGLISH} == set()


def test_every_refusal_of_a_reward_has_a_text() -> None:
    given = codes_in("rewards.py", "commands/redeeming.py") - {"voucher-expired", "perk-expired", "redemption-differs"}
    given -= {"redemption-unknown"}
    assert {code for code in given if f"reward-refusal.{code}" not in ENGLISH} == set()
    assert "not-enough-points" in given and order_share.OFF_THE_ORDER


def test_every_sign_of_a_referral_has_a_text() -> None:
    given = codes_in("referral.py") - {"referral-not-in-review"}
    assert {code for code in given if f"sign.{code}" not in ENGLISH} == set()
    assert {code for _, code, _ in referral.SAME} <= given


def test_everything_that_has_a_name_in_the_engine_has_one_in_words() -> None:
    wanted = {f"what.{kind}" for kind in KINDS}
    wanted |= {f"measure.{measure}" for measure in MEASURES}
    wanted |= {f"voucher.{state.value}" for state in RedemptionState}
    wanted |= {f"reward.{kind.value}" for kind in RewardKind}
    wanted |= {f"window.{window.value}" for window in Window}
    wanted |= {f"calc.rounded.{how.value}" for how in Rounding} | {
        f"page.earn.rounding.{how.value}" for how in Rounding
    }
    wanted |= {f"page.earn.basis.{basis.value}" for basis in Basis}
    wanted |= {f"page.earn.pending.{start.value}.other" for start in MaturesFrom}
    wanted |= {f"page.earn.excludes.{name}" for name in programme.model.EarnPolicy().excludes | {"sale_items"}}
    wanted |= {f"notice.{kind}.{part}" for kind in TELLERS for part in ("title", "text")}
    assert wanted - set(ENGLISH) == set()


def test_every_contradiction_of_a_shop_is_told() -> None:
    """Of the notes about goods, those where status and refunds disagree need a second sentence; the others do not."""
    notes = {value for name, value in vars(goods).items() if name.isupper() and isinstance(value, str)}
    told = {note for note in notes if f"entry.note.{note}" in ENGLISH}
    assert told == {"status-refunded-but-partly-kept", "refunded-in-full-but-status-differs"}


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("de-AT", "de"),
        ("es_MX", "es"),
        ("zh-CN", "zh_hans"),
        ("zh", "zh_hans"),
        ("zh-TW", "zh_hant"),
        ("zh-Hant-HK", "zh_hant"),
        ("fr", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_language_of_a_shop_or_browser_is_found(tag: str | None, language: str) -> None:
    assert language_of(tag) == language


@pytest.mark.parametrize(
    ("language", "number", "money", "percent", "day"),
    [
        ("en", "1,234", "€1,234.50", "3.2%", "5 December 2026"),
        ("de", "1.234", "1.234,50\u00a0€", "3,2\u00a0%", "5. Dezember 2026"),
        ("es", "1234", "1234,50\u00a0€", "3,2\u00a0%", "5 de diciembre de 2026"),
        ("zh_hans", "1,234", "€1,234.50", "3.2%", "2026年12月5日"),
        ("zh_hant", "1,234", "€1,234.50", "3.2%", "2026年12月5日"),
    ],
)
def test_numbers_are_written_as_people_write_them(
    language: str, number: str, money: str, percent: str, day: str
) -> None:
    assert number_text(1234, language) == number
    assert money_text(123_450, "EUR", language) == money
    assert percent_text(Fraction(32, 1000), language) == percent
    assert date_text(date(2026, 12, 5), language) == day


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (12_050, "JPY", "¥12,050"),
        (12_050, "KWD", "12.050\u00a0KWD"),
        (-5, "EUR", "\u2212€0.05"),
        (99, "XAU", "XAU"),
        (10**15, "USD", "$10,000,000,000,000.00"),
    ],
)
def test_amounts_are_exact_in_every_currency(minor: int, currency: str, text: str) -> None:
    assert money_text(minor, currency, "en") == text


@pytest.mark.parametrize(("ratio", "text"), [("9/10", "0.9"), ("13/4", "3.25"), ("1/3", "1/3"), ("1", "1")])
def test_a_ratio_that_does_not_end_stays_a_ratio(ratio: str, text: str) -> None:
    assert ratio_text(Fraction(ratio), "en") == text


def test_points_are_called_what_the_programme_calls_them() -> None:
    beans = {"en": ("bean", "beans"), "de": ("Bohne", "Bohnen")}
    assert Words("en", beans).points(1) == "1 bean"
    assert Words("de", beans).points(1200) == "1.200 Bohnen"
    assert Words("es", beans).points(2) == "2 beans"
    assert points_name({"en": ("point", "points")}, "de") == ("Punkt", "Punkte")
    assert points_name({"en": ("point", "points"), "zh": ("积分", "积分")}, "zh_hant") == ("积分", "积分")
    assert Words("zh_hans").points(1) == "1 积分"


def test_a_name_falls_back_along_its_family_then_to_english_then_to_any() -> None:
    names = {"en": "Gold", "zh": "金卡"}
    assert [named(names, language) for language in ("zh_hant", "de", "en")] == ["金卡", "Gold", "Gold"]
    assert named({"fr": "Or"}, "de") == "Or"
    assert named({}, "de", "gold") == "gold"
