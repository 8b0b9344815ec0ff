"""Which mails a programme sends, whom they seem to come from, and how many a member gets a day.

Kept beside the programme, not in its document: a document is rules with a start that hold for what happened under
them; which mails go out is true at once and changes no number (ADR 33).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from connector.storage.models import Programme as ProgrammeRow
from connector.storage.session import Session
from loyalty_engine.programme.model import ExpiryMode, Programme, ShownBy

EXPIRY = "expiry"
KINDS: Mapping[str, bool] = {
    "welcome": True,
    "points-earned": False,
    "reward-ready": True,
    EXPIRY: True,
    "tier-reached": True,
    "tier-at-risk": True,
    "tier-lost": True,
    "badge-awarded": True,
    "referral": True,
    "voucher-expiring": True,
    "programme-changed": True,
    "wind-down": True,
}
"""What a mail may be about, and whether it is sent unless somebody says otherwise. The store shows everything else."""
_OF_NOTICE = {
    "referral-paid": "referral",
    "referral-friend": "referral",
    "referral-ordered": "referral",
    "programme-kept": "programme-changed",
}
_COLOUR = r"^#[0-9a-f]{6}(?!\n)$"
PER_DAY_MAX = 20


def mail_kind(notice: str) -> str | None:
    """What a mail about a notice of this kind is called; None: there is none, the store shows it."""
    kind = _OF_NOTICE.get(notice, notice)
    return kind if kind in KINDS else None


class MailSettings(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """switches: what differs from ``KINDS``. sender_name: beside the operator's address; empty: the name that the
    operator set. accent: a colour of the shop's. per_day: how many mails a member gets within a day at most; what comes
    meanwhile is told together in the next.
    """

    switches: dict[str, bool] = {}
    sender_name: Annotated[str, Meta(max_length=60)] = ""
    accent: Annotated[str, Meta(pattern=_COLOUR)] = "#14532d"
    per_day: Annotated[int, Meta(ge=1, le=PER_DAY_MAX)] = 1

    def sends(self, kind: str) -> bool:
        """Whether mails of a kind go out."""
        return self.switches.get(kind, KINDS[kind])

    def tells(self, notice: str) -> bool:
        """The same of a kind of notice."""
        kind = mail_kind(notice)
        return kind is not None and self.sends(kind)


def arms_by_mail(programme: Programme) -> bool:
    """Whether mails are needed for points to end at all: else only members who look at a page of theirs are warned."""
    return programme.expiry.mode is not ExpiryMode.NEVER and programme.expiry.shown_by is ShownBy.SHOPPER


def read_settings(text: str | None) -> MailSettings:
    """As the programme's row keeps them; nothing: the usual ones."""
    return msgspec.json.decode(text, type=MailSettings) if text else MailSettings()


def settings_text(settings: MailSettings) -> str:
    """As the programme's row keeps them."""
    return msgspec.json.encode(settings).decode()


async def save_settings(session: Session, programme_number: int, settings: MailSettings) -> None:
    """Replace them."""
    rows = ProgrammeRow.filter(number=programme_number).using_db(session.client)
    await rows.update(mails_text=settings_text(settings))
