"""Every word that a shopper or the support desk reads, in five languages.

A text is found by its key and filled with named places: ``Words("de", programme.points_name).text("entry.earn", ...)``.
A language is a folder more; ``problems`` says what it still lacks, and the test suite fails on any.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from string import Formatter
from typing import Any

from loyalty_engine.texts import de, en, es, formats, zh_hans, zh_hant

DEFAULT = "en"
TABLES: Mapping[str, Mapping[str, str]] = {
    "en": en.TEXTS,
    "zh_hans": zh_hans.TEXTS,
    "zh_hant": zh_hant.TEXTS,
    "de": de.TEXTS,
    "es": es.TEXTS,
}
LANGUAGES = tuple(TABLES)
TAGS: Mapping[str, str] = {"en": "en", "zh_hans": "zh-Hans", "zh_hant": "zh-Hant", "de": "de", "es": "es"}
"""As the ``lang`` attribute of a page wants them."""
POINTS_NAMES: Mapping[str, tuple[str, str]] = {
    "en": ("point", "points"),
    "zh_hans": ("积分", "积分"),
    "zh_hant": ("點數", "點數"),
    "de": ("Punkt", "Punkte"),
    "es": ("punto", "puntos"),
}
"""What points are called in each language, for a programme that gave them no name of its own."""
POINTS_PLACES = frozenset({"many", "Many"})
"""Places that every text may have: what points are called. Whether a sentence needs one depends on its language."""
_USUAL = frozenset(POINTS_NAMES.values())
_WITHOUT_PLURAL = frozenset({"zh_hans", "zh_hant"})
_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})


def language_of(tag: str | None) -> str:
    """The language for a tag of a shop or browser: ``de-AT`` -> ``de``, ``zh-TW`` -> ``zh_hant``, ``fr`` -> ``en``."""
    parts = (tag or "").lower().replace("_", "-").split("-")
    if parts[0] == "zh":
        return "zh_hant" if _TRADITIONAL & set(parts[1:]) else "zh_hans"
    return parts[0] if parts[0] in TABLES else DEFAULT


def named(names: Mapping[str, str], language: str, otherwise: str = "") -> str:
    """A merchant's own words in a language: of the language itself, else of its family, else English, else any."""
    for key in (language, language.replace("_", "-"), TAGS[language], language.partition("_")[0], DEFAULT):
        if names.get(key):
            return names[key]
    return next(iter(names.values()), otherwise)


def points_name(names: Mapping[str, tuple[str, str]], language: str) -> tuple[str, str]:
    """What a programme calls its points: (one, several). A programme that only says "points" in English says
    nothing of its own, so every other language takes its usual word.
    """
    for key in (language, language.replace("_", "-"), TAGS[language], language.partition("_")[0]):
        if key in names:
            return names[key]
    own = {key: pair for key, pair in names.items() if pair not in _USUAL}
    return own.get(DEFAULT) or next(iter(own.values()), POINTS_NAMES[language])


def counted_form(n: int | Fraction, language: str) -> str:
    """Which form of a text a number asks for, of the two that our languages have: ``one`` or ``other``, as the CLDR
    calls them. Texts with a number have both, as ``key.one`` and ``key.other``.
    """
    return "one" if n == 1 and language not in _WITHOUT_PLURAL else "other"


class Words:
    """The texts of one language, with what a programme calls its things and the zone whose days are meant.

    points: what points are called, by language, or (one, several). names: what the merchant calls rewards, tiers,
    badges, levels and rules, by (kind, id), for example ``("tier", "gold")``.
    """

    def __init__(
        self,
        language: str,
        points: Mapping[str, tuple[str, str]] | tuple[str, str] | None = None,
        zone: str = "UTC",
        names: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        self.language = language
        self.zone = zone
        self.points_name = points if isinstance(points, tuple) else points_name(points or {}, language)
        self.names = names or {}
        many = self.points_name[1]
        self._called = {"many": many, "Many": many[:1].upper() + many[1:]}
        self.table = TABLES[language]

    def name(self, kind: str, name_id: str) -> str:
        """What the merchant calls something; without a name its id."""
        return self.names.get((kind, name_id)) or name_id

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in self.table

    def text(self, key: str, **places: Any) -> str:
        """A text with its places filled. KeyError for a key or a place that does not exist: a defect of ours.

        ``{many}`` and ``{Many}`` in a text are what the programme calls several of its points.
        """
        return self.table[key].format(**self._called, **places)

    def counted(self, key: str, n: int, **places: Any) -> str:
        """A text with a number in it, in the form that the number asks for."""
        return self.text(f"{key}.{counted_form(n, self.language)}", n=self.number(n), **places)

    def points(self, n: int) -> str:
        """``1 point``, ``1,200 points``."""
        return self.counted("points", n, name=self.points_name[0 if n == 1 else 1])

    def number(self, n: int) -> str:
        """See ``formats.number_text``."""
        return formats.number_text(n, self.language)

    def money(self, minor: int, currency: str) -> str:
        """See ``formats.money_text``."""
        return formats.money_text(minor, currency, self.language)

    def day(self, moment: str) -> str:
        """The local date of an ISO moment; an unreadable one stays as it is."""
        day = formats.day_of(moment, self.zone)
        return formats.date_text(day, self.language) if day else moment

    def last_day(self, end: str) -> str:
        """The last local date before an ISO moment at which something ends."""
        day = formats.day_before(end, self.zone)
        return formats.date_text(day, self.language) if day else end

    def listed(self, parts: list[str]) -> str:
        """``a, b``."""
        return formats.FORMATS[self.language].comma.join(parts)


def problems() -> list[str]:
    """What keeps the tables from being complete: a key that a language lacks, or other places than in English."""
    found = []
    for language, table in TABLES.items():
        found += [f"{language} lacks {key}" for key in TABLES[DEFAULT] if key not in table]
        for key, text in table.items():
            english = TABLES[DEFAULT].get(key)
            if english is None:
                found.append(f"{language} has {key}, which English lacks")
            elif places(text) - POINTS_PLACES != places(english) - POINTS_PLACES:
                found.append(f"{language} fills {key} with other places than English")
            elif not text.strip():
                found.append(f"{language} says nothing for {key}")
    return found


def places(text: str) -> frozenset[str]:
    """The names of the places in a text."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)
