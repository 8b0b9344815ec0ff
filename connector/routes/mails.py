"""``/v1/programme/mails``: which mails go out, and what each looks like."""

from __future__ import annotations

from msgspec import Struct

from connector import clock
from connector.access.auth import READ_PROGRAMME
from connector.programmes.mails import sample
from connector.routes.access import NeedsKey
from connector.routes.errors import Problem
from connector.routes.explaining import InLanguage
from connector.routes.mail_choices import PATH
from connector.routes.operations import Call, Operation
from connector.storage.mail_settings import KINDS, MailSettings
from connector.storage.programmes import load_programmes
from loyalty_engine.texts import language_of


class MailsShown(Struct):
    """kinds: whether each goes out. per_day: how many a member gets within 24 hours at most. sends: whether a server is
    set; else mail stays in a folder.
    """

    kinds: dict[str, bool]
    sender_name: str
    accent: str
    per_day: int
    sends: bool


class MailPreview(Struct):
    """A mail with made-up numbers."""

    subject: str
    text: str
    html: str


async def show(call: Call) -> MailsShown:
    """As they are."""
    return _shown(call, (await load_programmes(call.session))[call.key_scope.programme_number].mails)


def _shown(call: Call, mails: MailSettings) -> MailsShown:
    kinds = {kind: mails.sends(kind) for kind in KINDS}
    return MailsShown(kinds, mails.sender_name, mails.accent, mails.per_day, call.service.mailer.delivers)


async def preview(call: Call) -> MailPreview:
    """One of a kind."""
    books = (await load_programmes(call.session))[call.key_scope.programme_number]
    language, choose = language_of(call.query.language), f"{call.service.settings.public_url}{PATH}/sample"
    if call.path("mail") not in KINDS:
        raise Problem(404, "Not found", "There is no such kind of mail.")
    written = sample(books, call.path("mail"), language, clock.utc_now(), choose)
    return MailPreview(written.subject, written.text, written.html)


OPERATIONS = (
    Operation(
        "GET",
        "/v1/programme/mails",
        NeedsKey(READ_PROGRAMME),
        "Which mails the programme sends its members, from whom and how many.",
        show,
        MailsShown,
        tag="programme",
    ),
    Operation(
        "GET",
        "/v1/programme/mails/{mail}",
        NeedsKey(READ_PROGRAMME),
        "What a mail of a kind looks like, with made-up numbers: subject, text and markup.",
        preview,
        MailPreview,
        query=InLanguage,
        tag="programme",
        problems={404: "There is no such kind of mail."},
    ),
)
