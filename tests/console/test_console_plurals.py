"""Numbers in the console's sentences: each has the form that its number asks for, in each language."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from connector import console
from connector.console.words import TABLES, counting
from loyalty_engine.texts import TAGS, counted_form, places

HERE = Path(console.__file__).parent
WITH_PLURAL = ("en", "de", "es")
_NOUNS = (
    "members|points|orders|customers|people|others|days|hours|minutes|entries|differences|messages|shops|votes|"
    "codes|characters|times|rewards|badges|tiers|friends|awards|keys|events|units|rows"
)
_COUNTED = re.compile(rf"\{{\w+\}}(?: of \{{\w+\}})?(?: [a-z]+)? (?:{_NOUNS})\b")
ALWAYS_MANY = {
    "begin.too-few": "{least} is 30",
    "begin.few-people": "{least} is 30",
    "begin.first": "{orders} is about three, with a decimal",
    "complaint.too-long": "{high} is 200,000",
    "connection.quiet": "{hours} has a decimal",
    "editor.trial-sample": "a part of {all} members",
    "editor.start-far": "{days} is 400",
    "home.given": "{days} is 30",
    "home.spent": "{days} is 30",
    "join.paste": "{minutes} is 15",
    "join.until": "{minutes} is 15",
    "keys.after": "{days} is 30 or more",
    "ledger.from": "{first} is 361",
    "ledger.span": "{last} is 30 or more",
    "sign-in.password-help": "{least} is 12",
    "sign-in.problem-short": "{least} is 12",
    "webhooks.counted": "{count} is 1,000",
    "wrong.long": "{most} is 20 or more",
}


SOURCES = [file.read_text("utf-8") for file in (HERE / "templates").glob("*.html")]


def pairs(language: str) -> set[str]:
    """Words with both forms."""
    keys = TABLES[language].keys()
    return {key.removesuffix(".one") for key in keys if key.endswith(".one") and f"{key[:-4]}.other" in keys}


def test_every_counted_word_has_both_forms_in_every_language() -> None:
    asked = {key for text in SOURCES for key in re.findall(r'(?<!\.)\bcounted\("([a-z.-]+)"', text)}
    assert len(asked) > 20
    # What is only known by its beginning: as many as the words have.
    begun = {key for key in asked if key.endswith(".")}
    found = {key for key in pairs("en") if key.startswith(tuple(begun))}
    assert begun == {f"{key.rpartition('.')[0]}." for key in found}
    asked = (asked - begun) | found
    assert {language: pairs(language) for language in TAGS} == dict.fromkeys(TAGS, asked)


@pytest.mark.parametrize("language", WITH_PLURAL)
def test_the_two_forms_are_two_sentences_and_take_the_same_places(language: str) -> None:
    for key in pairs(language):
        one, other = (TABLES[language][f"{key}.{form}"] for form in ("one", "other"))
        assert one != other and places(one) == places(other), key


def test_what_is_counted_anywhere_is_counted_this_way() -> None:
    """No sentence beside them has a number before a word that the number changes."""
    alone = {
        key for key, text in TABLES["en"].items() if _COUNTED.search(text) and not key.endswith((".one", ".other"))
    }
    assert alone == ALWAYS_MANY.keys()


def test_no_template_puts_a_number_before_a_word_itself() -> None:
    for text in SOURCES:
        assert not re.search(r"\{\{ (?:words\.)?number\([^{}]*\) \}\} ?\{\{ word\(", text)
        assert not any(f'word("{key}.' in text for key in pairs("en"))


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        ("en", "1 member", "1,200 members"),
        ("de", "1 Mitglied", "1.200 Mitglieder"),
        ("es", "1 miembro", "1200 miembros"),
        ("zh_hans", "1 位会员", "1,200 位会员"),
        ("zh_hant", "1 位會員", "1,200 位會員"),
    ],
)
def test_the_number_stands_as_the_language_writes_it(language: str, one: str, many: str) -> None:
    count = counting(language)
    assert (count("count.members", 1), count("count.members", 1200)) == (one, many)


def test_one_is_one_alone() -> None:
    forms = [counted_form(n, "en") for n in (0, 1, 2, -1, 21, Fraction(1), Fraction(1, 2), Fraction(3, 2))]
    assert forms == ["other", "one", "other", "other", "other", "one", "other", "other"]
    assert {counted_form(1, language) for language in ("zh_hans", "zh_hant")} == {"other"}
