"""The page of mails: which go out, what each looks like, and one to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connector.console.pages import Frame, page
from connector.delivering.letters import Written
from connector.storage.mail_settings import EXPIRY, KINDS, PER_DAY_MAX, MailSettings
from loyalty_engine.texts import TAGS

LANGUAGE_NAMES: Mapping[str, str] = {
    "en": "English",
    "zh_hans": "简体中文",
    "zh_hant": "繁體中文",
    "de": "Deutsch",
    "es": "Español",
}


@dataclass(frozen=True, slots=True)
class MailsShown:
    """settings: as they are, or as they were just typed. is_needed: warnings cannot be switched off. server: whether
    mail leaves; folder: where it stays otherwise, for whoever runs the service. kind, language: of the mail that is
    shown. problems: by field, the key of a sentence.
    """

    settings: MailSettings
    is_needed: bool
    server: bool
    folder: str
    kind: str
    language: str
    written: Written
    problems: Mapping[str, str] = field(default_factory=dict)
    to: str = ""

    @property
    def kinds(self) -> list[tuple[str, bool, bool]]:
        """Kind, whether it goes out, and whether that must be so."""
        return [
            (kind, self.settings.sends(kind) or (kind == EXPIRY and self.is_needed), kind == EXPIRY and self.is_needed)
            for kind in KINDS
        ]


def mails_page(shown: MailsShown, frame: Frame, language: str) -> str:
    """The page as HTML."""
    languages = [(one, LANGUAGE_NAMES[one]) for one in TAGS]
    return page("mails.html", language, frame=frame, it=shown, per_day_max=PER_DAY_MAX, languages=languages)
