"""What Shopify's marketing state of an address says: whether its owner takes mails of the shop, and since when."""

from __future__ import annotations

from datetime import datetime

from connector.ingest.payload import address, utc
from connector.person_news import PersonNews

_ANSWERS = {"subscribed": True, "unsubscribed": False, "redacted": False, "invalid": False}
"""``pending`` and ``not_subscribed`` are no answer: nobody has said anything yet."""


def answer(state: str, answered_at: datetime | None, email: str | None, what: str) -> PersonNews:
    """Empty where nobody has answered, or nobody knows when: an answer without a date could undo a newer one."""
    accepts = _ANSWERS.get(state.lower())
    if accepts is None or answered_at is None:
        return PersonNews()
    return PersonNews(accepts_mail=accepts, answered_at=utc(answered_at, what, "consent"), mail_to=address(email) or "")
