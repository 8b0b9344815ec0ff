"""Every text of the extensions in every language, with the same places in it, and nowhere a text that nobody says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from connector.shopify.app_folder import IN_A_CLONE

EXTENSIONS = IN_A_CLONE / "extensions"
NAMES = sorted(path.parent.name for path in EXTENSIONS.glob("*/locales") if (path.parent / "src").is_dir())
OURS = {"en.default": "en", "de": "de", "es": "es", "zh-CN": "zh-Hans", "zh-TW": "zh-Hant"}
SHOPPERS, STAFF = ("belong-account", "belong-account-page", "belong-checkout"), ("belong-admin", "belong-pos")
SAME_EVERYWHERE = {"points", "badge.bronze", "badge.gold", "voucher.line"}
"""Names and forms that need no other words in some language."""


def texts(name: str, file: str) -> dict[str, str]:
    """By key."""
    return dict(_flat(json.loads((EXTENSIONS / name / "locales" / f"{file}.json").read_text("utf-8"))))


def _flat(parts: dict[str, Any], before: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, part in parts.items():
        found += _flat(part, f"{before}{key}.") if isinstance(part, dict) else [(before + key, part)]
    return found


def places(text: str) -> list[str]:
    return sorted(re.findall(r"\{\{(\w+)\}\}", text))


@pytest.mark.parametrize("name", NAMES)
def test_every_language_has_every_text_with_the_same_places(name: str) -> None:
    assert {path.stem for path in (EXTENSIONS / name / "locales").iterdir()} == set(OURS)
    english = texts(name, "en.default")
    for file, tag in OURS.items():
        told = texts(name, file)
        assert list(told) == list(english), file
        assert told["language"] == tag
        wrong = [key for key, text in told.items() if places(text) != places(english[key]) or not text.strip()]
        assert wrong == [], file
        same = {key for key, text in told.items() if text == english[key]} - SAME_EVERYWHERE
        assert file == "en.default" or same == set(), file


@pytest.mark.parametrize("voice", [SHOPPERS, STAFF])
def test_one_key_says_one_thing_in_one_voice(voice: tuple[str, ...]) -> None:
    for file in OURS:
        said: dict[str, set[str]] = {}
        for name in voice:
            for key, text in texts(name, file).items():
                if key not in ("heading",):
                    said.setdefault(key, set()).add(text)
        differing = {key for key, all_of_it in said.items() if len(all_of_it) > 1}
        assert differing == set(), file


@pytest.mark.parametrize("name", NAMES)
def test_a_button_is_named_by_what_it_shows(name: str) -> None:
    """Whoever speaks to their device says what they read; what it is for comes on top (WCAG 2.5.3)."""
    for file in OURS:
        told = texts(name, file)
        pairs = [(told[key], told[key + more]) for key in told for more in ("For", "Of") if key + more in told]
        assert [pair for pair in pairs if pair[0].lower() not in pair[1].lower()] == [], file


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_said_and_every_key_that_is_said_is_there(name: str) -> None:
    """The first part of a key that is put together stands for all of it."""
    source = "".join(path.read_text("utf-8") for path in _sources(name))
    keys = set(texts(name, "en.default"))
    whole = set(re.findall(r"'([a-z]\w*(?:\.[\w-]+)*)'", source))
    begun = {part for part in re.findall(r"`([a-z]\w*(?:\.\w+)*\.)\$\{", source)}
    unsaid = {key for key in keys if key not in whole and not any(key.startswith(part) for part in begun)}
    assert unsaid == set()
    said = set(re.findall(r"(?:say|translate)\(\s*'([\w.-]+)'", source))
    said |= set(re.findall(r"'((?:standing|order|refused|done|adjust|nothing|voucher)\.[\w.-]+)'", source))
    assert said - keys == set()


def _sources(name: str) -> list[Path]:
    """Its own files, and those of the shared folder that they reach."""
    reached: list[Path] = []
    open_ones = sorted((EXTENSIONS / name / "src").iterdir())
    while open_ones:
        path = open_ones.pop()
        if path in reached:
            continue
        reached.append(path)
        for told in re.findall(r"from '(\.[\w./-]+)'", path.read_text("utf-8")):
            base = (path.parent / told).resolve()
            open_ones += [found for suffix in (".ts", ".tsx") if (found := base.with_name(base.name + suffix)).exists()]
    return reached
