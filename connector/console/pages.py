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
from connector.console.moments import day_shown, moment_shown
from connector.console.navigation import Section, groups_for
from connector.console.words import TABLES, counting, saying
from loyalty_engine.texts import TAGS

if TYPE_CHECKING:
    from connector.console.embedding import EmbeddedIn

STYLE = "console.css"
LIVE = "live.js"
"""The script of pages that show how far something is."""
_PAGES = Environment(
    loader=PackageLoader("connector.console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


NOT_DONE = frozenset(
    {
        "birthday-same",
        "check-running",
        "draft-gone",
        "drafts-full",
        "letter-gone",
        "letters-none",
        "needs-reason",
        "past-runs",
        "publish-over",
        "queue-gone",
        "segment-gone",
        "segment-taken",
        "segment-unnamed",
        "segments-full",
        "settings-same",
        "shown-once",
        "test-gone",
        "trial-busy",
        "version-began",
        "version-corrects",
        "version-used",
        "version-withdrawn",
        "webhook-not-sure",
    }
)
"""What is said after a form that did nothing: ``said.<key>``."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a page of somebody who is signed in. base: before every address; section: where they are.

    form_token: in every form. embedded: the app in Shopify's admin that it stands in, if it does. said: the key of what
    has just been done, ``said.<key>``; empty: nothing. zone: on whose clock moments are shown, the programme's.
    """

    base: str
    section: str
    name: str
    role: str
    form_token: str
    embedded: EmbeddedIn | None = None
    said: str = ""
    zone: str = "UTC"

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

    word, zone = saying(language), "UTC" if frame is None else frame.zone
    said = word(f"said.{frame.said}") if frame is not None and f"said.{frame.said}" in TABLES[language] else ""
    files = {"style": text_of(STYLE), "live": text_of(LIVE)}
    return _PAGES.get_template(template).render(
        word=word,
        counted=counting(language),
        at=lambda moment: moment_shown(moment, zone),
        day_at=lambda moment: day_shown(moment, zone),
        tag=TAGS[language],
        frame=frame,
        said_now=said,
        said_is_done=frame is None or frame.said not in NOT_DONE,
        **files,
        **shown,
    )


@cache
def text_of(name: str) -> str:
    """A style or a script that stands in pages."""
    return (resources.files("connector.console") / "static" / name).read_text("utf-8")


@cache
def source_of(name: str) -> str:
    """By what a browser is told that this style or script, and no other, is ours."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text_of(name).encode()).digest()).decode()}'"
