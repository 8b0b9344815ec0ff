"""The console's page of languages and time zone: what a programme is called, what is written in which language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.console.door import LANGUAGES
from connector.console.forms.complaints import Told
from connector.console.pages import Frame, page
from loyalty_engine.programme import Programme
from loyalty_engine.texts import TAGS
from loyalty_engine.texts.formats import number_text

NAME_MAX = 100


@dataclass(frozen=True, slots=True)
class OwnTexts:
    """name, points: as they stand in the form; points by language: (one, many). problem: of the word ``own.<problem>``;
    complaint: why they cannot be used.
    """

    programme: Programme
    name: str
    points: Mapping[str, tuple[str, str]]
    now: datetime
    problem: str = ""
    complaint: Told | None = None


def keys_of(language: str) -> tuple[str, ...]:
    """How a document may name a language, its own way first."""
    return tuple(dict.fromkeys((TAGS[language], language.replace("_", "-"), language)))


def written(programme: Programme) -> tuple[int, list[tuple[str, int]]]:
    """How many names a programme has, and how many of them are written in each language."""
    parts: Sequence[Sequence[Any]] = (
        programme.tiers, programme.badges, programme.levels, programme.rewards, programme.rules,
    )  # fmt: skip
    names = [one.name for part in parts for one in part if one.name]
    return len(names), [
        (said, sum(1 for name in names if any(name.get(key) for key in keys_of(language))))
        for language, said in LANGUAGES.items()
    ]


def own_texts_page(frame: Frame, language: str, shown: OwnTexts) -> str:
    """The page as HTML."""
    count, languages = written(shown.programme)
    return page(
        "settings_programme.html",
        language,
        frame,
        it=shown,
        count=count,
        written=languages,
        languages=list(LANGUAGES.items()),
        name_max=NAME_MAX,
        number=lambda one: number_text(one, language),
    )
