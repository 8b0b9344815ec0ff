"""The mail with an address to join, or to choose another password."""

from __future__ import annotations

import hashlib
from datetime import datetime

from connector.console.words import TABLES
from connector.delivering.mail import Mail, Mailer
from loyalty_engine.texts import language_of


async def mail_address(
    mailer: Mailer, kind: str, address: str, language: str, programme: str, url: str, ends_at: datetime, now: datetime
) -> None:
    """kind: ``join`` or ``reset``. Raises Permanent or Transient where the server does not take it."""
    language = language_of(language)
    words = TABLES[language]
    text = words[f"sign-in.mail-{kind}"].format(programme=programme, until=ends_at.strftime("%Y-%m-%d %H:%M UTC"))
    subject = words[f"sign-in.mail-{kind}-subject"].format(programme=programme)
    # Not the address itself: what tells two mails apart must let nobody in.
    key = hashlib.sha256(url.encode()).hexdigest()[:32]
    await mailer.send(Mail(address, subject, f"{text}\n\n{url}\n", language, key, now))
