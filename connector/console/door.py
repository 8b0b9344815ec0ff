"""Pages of somebody who is not signed in yet: to sign in, to join, and to choose another password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.console.pages import page
from connector.signing_in.passwords import LEAST
from connector.storage.console_people import Ticket

LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "zh_hans": "简体中文",
    "zh_hant": "繁體中文",
    "de": "Deutsch",
    "es": "Español",
}
"""What each language calls itself."""


@dataclass(frozen=True, slots=True)
class Door:
    """What forms of such a page need. base: before every address."""

    base: str
    form_token: str


def sign_in_page(door: Door, language: str, to: str, address: str = "", wrong: str = "") -> str:
    """wrong: the key of a sentence that says why it did not work; the same for everything that may be wrong with what
    was typed.
    """
    return page("sign_in.html", language, door=door, to=to, address=address, wrong=wrong)


def code_page(door: Door, language: str, to: str, *, is_wrong: bool = False) -> str:
    """The second step."""
    return page("sign_in_code.html", language, door=door, to=to, is_wrong=is_wrong)


def join_page(
    door: Door,
    language: str,
    ticket: Ticket,
    path: str,
    *,
    makes_programme: bool,
    typed: Mapping[str, str],
    problems: Mapping[str, str],
) -> str:
    """problems: keys of sentences by field. typed: without passwords."""
    return page(
        "joining.html",
        language,
        door=door,
        ticket=ticket,
        path=path,
        makes_programme=makes_programme,
        typed=typed,
        problems=problems,
        languages=list(LANGUAGES.items()),
        least=LEAST,
    )
