"""What merchants read, in the languages of ``loyalty_engine.texts``."""

from __future__ import annotations

from collections.abc import Mapping

from connector.console.words import de, en, es, zh_hans, zh_hant

TABLES: Mapping[str, Mapping[str, str]] = {
    "en": en.WORDS,
    "zh_hans": zh_hans.WORDS,
    "zh_hant": zh_hant.WORDS,
    "de": de.WORDS,
    "es": es.WORDS,
}
