"""What merchants read, in the languages of ``loyalty_engine.texts``: a package for each, a module for each area."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from markupsafe import Markup, escape

from loyalty_engine.texts import TAGS, counted_form
from loyalty_engine.texts.formats import number_text


def _table(language: str) -> dict[str, str]:
    """All areas of one language. Raises ValueError for a key that two areas have."""
    package = import_module(f"{__name__}.{language}")
    joined: dict[str, str] = {}
    for area in iter_modules(package.__path__):
        words: dict[str, str] = import_module(f"{package.__name__}.{area.name}").WORDS
        if twice := joined.keys() & words.keys():
            raise ValueError(f"{language}: two areas have {sorted(twice)}")
        joined |= words
    return joined


TABLES: Mapping[str, Mapping[str, str]] = {language: _table(language) for language in TAGS}


def _filled(text: str, places: Mapping[str, Any]) -> str:
    """Where something in it is a part of a page, such as a moment, the whole is, and the rest is escaped."""
    if any(isinstance(one, Markup) for one in places.values()):
        return escape(text).format(**places)
    return text.format(**places)


def counting(language: str) -> Callable[..., str]:
    """A word of a language with a number in it, in the form that the number asks for. Its place ``n`` is the number as
    the language writes it, unless it is given.
    """
    table = TABLES[language]

    def count(key: str, number: int | Fraction, /, **places: Any) -> str:
        if "n" not in places:
            places["n"] = number_text(int(number), language)
        return _filled(table[f"{key}.{counted_form(number, language)}"], places)

    return count


def saying(language: str) -> Callable[..., str]:
    """A word of a language by its key, with its places filled."""
    table = TABLES[language]

    def say(key: str, /, **places: Any) -> str:
        return _filled(table[key], places)

    return say
