"""How pages are made: templates that escape, words in one language, one style sheet."""

from __future__ import annotations

import base64
import hashlib
import uuid
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from connector.access.console import Role
from connector.console.navigation import Section, groups_for
from connector.console.words import TABLES
from loyalty_engine.texts import TAGS

if TYPE_CHECKING:
    from connector.console.embedding import EmbeddedIn

_PAGES = Environment(
    loader=PackageLoader("connector.console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a page of somebody who is signed in. base: before every address; section: where they are.

    form_token: in every form. embedded: the app in Shopify's admin that it stands in, if it does. said: the key of
    what has just been done, ``said.<key>``; empty: nothing.
    """

    base: str
    section: str
    name: str
    role: str
    form_token: str
    embedded: EmbeddedIn | None = None
    said: str = ""

    @property
    def groups(self) -> list[list[Section]]:
        """The navigation."""
        return groups_for(Role(self.role), embedded=self.embedded is not None)

    @property
    def once(self) -> str:
        """A new key for one form that is shown: however often it is sent, it acts once."""
        return str(uuid.uuid4())


def page(template: str, language: str, frame: Frame | None = None, **shown: Any) -> str:
    """A whole page that needs no other file. Words in it: ``{{ word("books.title") }}``. frame: None for one that
    stands alone.
    """

    def word(key: str, **places: Any) -> str:
        return TABLES[language][key].format(**places)

    said = word(f"said.{frame.said}") if frame is not None and f"said.{frame.said}" in TABLES[language] else ""
    return _PAGES.get_template(template).render(
        word=word, tag=TAGS[language], style=_style(), frame=frame, said_now=said, **shown
    )


@cache
def _style() -> str:
    return (resources.files("connector.console") / "static" / "console.css").read_text("utf-8")


@cache
def style_source() -> str:
    """By what a browser is told that this style, and no other, is ours."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()}'"
