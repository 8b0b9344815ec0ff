"""``/v1/programme/mails``: which mails go out, what each looks like, and one to look at."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from connector import clock
from connector.access.auth import READ_PROGRAMME, WRITE_PROGRAMME
from connector.people.actors import by_key
from connector.programmes.mails import Sample, change_mails, sample, sample_links, send_sample
from connector.routes.access import NeedsKey
from connector.routes.errors import Problem
from connector.routes.explaining import InLanguage
from connector.routes.operations import Call, Operation
from connector.routes.wallet import Word
from connector.storage.console_people import ADDRESS
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


class MailChanges(Struct, forbid_unknown_fields=True):
    """What is named changes, the rest stays. kinds: whether each goes out."""

    actor: Word
    kinds: Annotated[dict[str, bool], Meta(max_length=50)] = {}
    sender_name: Annotated[str, Meta(max_length=60)] | None = None
    accent: Annotated[str, Meta(max_length=7)] | None = None
    per_day: int | None = None


class SampleBody(Struct, forbid_unknown_fields=True):
    """to: whose mailbox."""

    to: Annotated[str, Meta(min_length=3, max_length=254)]
    actor: Word
    language: Annotated[str, Meta(max_length=35)] = ""


class SampleSent(Struct):
    """sent: False where no server is set; then it lies in the folder of mails."""

    sent: bool


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
    number, public_url = books.number, call.service.settings.public_url
    if call.path("mail") not in KINDS:
        raise Problem(404, "Not found", "There is no such kind of mail.")
    links = await sample_links(call.session, number, public_url)
    written = sample(books, call.path("mail"), language_of(call.query.language), clock.utc_now(), links)
    return MailPreview(written.subject, written.text, written.html)


async def change(call: Call) -> MailsShown:
    """Which go out, from whom and how many."""
    number, body, database = call.key_scope.programme_number, call.body, call.service.database
    before = (await load_programmes(call.session))[number].mails
    given = {name: getattr(body, name) for name in ("sender_name", "accent", "per_day")}
    named = {name: value for name, value in given.items() if value is not None}
    switches = {**before.switches, **body.kinds}
    try:
        settings = msgspec.convert({**msgspec.to_builtins(before), **named, "switches": switches}, MailSettings)
    except msgspec.ValidationError as error:
        raise Problem(422, "Not usable", f"These are no settings of mails: {error}") from error
    actor = by_key(call.key_scope, body.actor)
    return _shown(call, await change_mails(database, number, settings, actor, clock.utc_now()))


async def try_out(call: Call) -> SampleSent:
    """To somebody's mailbox, with made-up numbers."""
    service, number, to = call.service, call.key_scope.programme_number, call.body.to.strip()
    if call.path("mail") not in KINDS:
        raise Problem(404, "Not found", "There is no such kind of mail.")
    if not ADDRESS.fullmatch(to):
        raise Problem(422, "Not usable", "to: this is no address.")
    asked, now = Sample(call.path("mail"), language_of(call.body.language), to), clock.utc_now()
    public_url = service.settings.public_url
    return SampleSent(await send_sample(service.database, service.mailer, service.keys, number, asked, public_url, now))


OPERATIONS = (
    Operation(
        "POST",
        "/v1/programme/mails",
        NeedsKey(WRITE_PROGRAMME),
        "Change which mails go out, from whom and how many.",
        change,
        MailsShown,
        body=MailChanges,
        acts=True,
        tag="programme",
        problems={409: "Not possible: code and numbers say why.", 422: "Not usable: the sentence says why."},
    ),
    Operation(
        "POST",
        "/v1/programme/mails/{mail}/test",
        NeedsKey(WRITE_PROGRAMME),
        "Send a mail of a kind, with made-up numbers, to somebody for a look.",
        try_out,
        SampleSent,
        body=SampleBody,
        acts=True,
        tag="programme",
        problems={
            404: "There is no such kind of mail.",
            409: "Too many were asked for.",
            422: "Not usable: the sentence says why.",
        },
    ),
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
