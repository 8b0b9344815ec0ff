"""One word for one thing in each language, whoever reads it: docs/glossary.md says which. Others are not said."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.console.words import TABLES as CONSOLE
from connector.woocommerce import plugin_languages
from loyalty_engine.texts import TABLES as ENGINE
from loyalty_engine.texts import TAGS

ROOT = Path(__file__).resolve().parent.parent.parent
PLUGIN = ROOT / "plugins" / "woocommerce" / "languages"
THEME = ROOT / "plugins" / "shopify" / "extensions" / "belong-theme" / "locales"
LOCALES = {
    "en": (None, "en.default"),
    "zh_hans": ("zh_CN", "zh-CN"),
    "zh_hant": ("zh_TW", "zh-TW"),
    "de": ("de_DE", "de"),
    "es": ("es_ES", "es"),
}
NEVER = {
    "zh_hans": ("店铺", "储值"),
    "zh_hant": ("積分", "計劃", "保存", "儲值"),
    "de": ("Gemeinschaft",),
    "es": ("rédito",),
}


def _leaves(node: dict[str, object], path: str) -> Iterator[tuple[str, str]]:
    for key, below in node.items():
        if isinstance(below, dict):
            yield from _leaves(below, f"{path}{key}.")
        else:
            yield f"{path}{key}", str(below)


def _json(path: Path) -> Iterator[tuple[str, str]]:
    return _leaves(json.loads(path.read_text("utf-8")), f"{path.name}: ")


def _plugin(locale: str | None) -> Iterator[tuple[str, str]]:
    """The English is in the source; what it says is the text itself."""
    name = f"belong-for-woocommerce-{locale}.po" if locale else "belong-for-woocommerce.pot"
    for message in plugin_languages.read((PLUGIN / name).read_text("utf-8")).messages:
        yield from ((f"plugin: {message.text}", text) for text in (message.translations if locale else (message.text,)))


def said(language: str) -> Iterator[tuple[str, str]]:
    """Everything that people read in a language: where it stands, and the text."""
    wordpress, shopify = LOCALES[language]
    yield from ((f"console: {key}", text) for key, text in CONSOLE[language].items())
    yield from ((f"engine: {key}", text) for key, text in ENGINE[language].items())
    yield from _json(ROOT / "connector" / "storefront" / "words" / f"{TAGS[language]}.json")
    yield from _json(THEME / f"{shopify}.json")
    yield from _json(THEME / f"{shopify}.schema.json")
    yield from _plugin(wordpress)


@pytest.mark.parametrize("language", LOCALES)
def test_the_words_of_every_place_are_read(language: str) -> None:
    places = {where.split(":")[0] for where, _ in said(language)}
    assert {"console", "engine", "plugin", f"{TAGS[language]}.json", f"{LOCALES[language][1]}.schema.json"} <= places


@pytest.mark.parametrize(("language", "word"), [(one, word) for one, words in NEVER.items() for word in words])
def test_another_word_for_it_is_not_said(language: str, word: str) -> None:
    assert [where for where, text in said(language) if word in text] == []


GRADES = re.compile(r"console: (badges\.level|field\.(tier$|levels\.)|badge\.why-lower-level-holds|complaint\.levels-)")
"""The grade of a badge (bronze, silver, gold), whatever its key is called."""
TIER = re.compile(r"\btiers?\b")
PLACE = re.compile(r"\{[^}]*\}")
LEVEL = re.compile(r"\blevels?\b")
NOT_OF_A_TIER = {
    "en": r"\b(level|grade)s?\b",
    "de": r"\b(R[aä]ng(e|en|s)?|Grade?|Ebenen?|Levels?)\b",
    "es": r"\b(rango|grado)s?\b",
    "zh_hans": "级别|等次",
    "zh_hant": "級別|等次",
}
NOT_OF_A_LEVEL = {
    "en": r"\b(tier|grade)s?\b",
    "de": r"\b(Stufen?|Grade?|Ebenen?|Levels?)\b|Community-|Gemeinschaft",
    "es": r"\b(nivel|niveles|grados?)\b",
    "zh_hans": "等级|等次",
    "zh_hant": "等級|等次",
}
NOT_OF_A_GRADE = {
    "en": r"\b(tier|level)s?\b",
    "de": r"\b(Stufen?|R[aä]ng(e|en|s)?|Ebenen?|Levels?)\b",
    "es": r"\b(nivel|niveles|rangos?)\b",
    "zh_hans": "等级|级别",
    "zh_hant": "等級|級別",
}


OF_SOFTWARE = re.compile(r"console: (connection\.(versions|outdated)|backups\.)|\S+\.json|plugin: ")


def _wrong(language: str, keys: re.Pattern[str], words: str, but: re.Pattern[str] | None = None) -> list[str]:
    return [
        f"{where}: {text}"
        for where, text in said(language)
        if not where.startswith("plugin: ") and keys.search(where) and not (but and but.match(where))
        if re.search(words, PLACE.sub("", text), re.IGNORECASE)
    ]


@pytest.mark.parametrize("language", TAGS)
def test_a_tier_a_level_of_a_community_and_a_grade_of_a_badge_are_three_words(language: str) -> None:
    assert _wrong(language, TIER, NOT_OF_A_TIER[language], GRADES) == []
    assert _wrong(language, LEVEL, NOT_OF_A_LEVEL[language], GRADES) == []
    assert _wrong(language, GRADES, NOT_OF_A_GRADE[language]) == []


def test_a_version_of_a_programme_is_a_fassung_in_german() -> None:
    assert _wrong("de", re.compile(""), r"\bVersion", OF_SOFTWARE) == []
