"""How pages are made: templates that escape, words in one language, one style sheet."""

from __future__ import annotations

from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from connector.console.words import TABLES
from loyalty_engine.texts import TAGS

_PAGES = Environment(
    loader=PackageLoader("connector.console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(template: str, language: str, **shown: Any) -> str:
    """A whole page that needs no other file. Words in it: ``{{ word("books.title") }}``."""

    def word(key: str, **places: Any) -> str:
        return TABLES[language][key].format(**places)

    style = (resources.files("connector.console") / "static" / "console.css").read_text("utf-8")
    return _PAGES.get_template(template).render(word=word, tag=TAGS[language], style=style, **shown)
