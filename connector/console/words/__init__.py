"""What merchants read, in the languages of ``loyalty_engine.texts``: a package for each, a module for each area."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from loyalty_engine.texts import TAGS


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
