"""What a shop says of a customer as a person, beside what it says of their orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PersonNews:
    """What a shop says of a customer as a person; empty where it says nothing. language: BCP 47. accepts_mail: whether
    they agreed to mail that is not necessary; answered_at: when they said so, since such words come late and twice;
    mail_to: the address that they said it of. spoke: the language of an order, which is told again for years: better
    than none.
    """

    first_name: str = ""
    language: str = ""
    accepts_mail: bool | None = None
    answered_at: datetime | None = None
    mail_to: str = ""
    spoke: str = ""

    def then(self, later: PersonNews) -> PersonNews:
        """Both, of one batch: what comes later holds, but for an older answer."""
        is_newer = self.answered_at is None or (later.answered_at is not None and later.answered_at >= self.answered_at)
        said = later if is_newer else self
        name, language = later.first_name or self.first_name, later.language or self.language
        spoke = later.spoke or self.spoke
        return PersonNews(name, language, said.accepts_mail, said.answered_at, said.mail_to, spoke)
