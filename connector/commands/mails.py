"""Commands about mails: which go out, what each looks like, one to look at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from connector import clock
from connector.commands.params import Params, Result
from connector.errors import Permanent
from connector.people.actors import by_command
from connector.programmes.mails import Sample, change_mails, sample, sample_links, send_sample
from connector.refusals import in_words
from connector.running.service import Service
from connector.storage.mail_settings import KINDS, MailSettings
from connector.storage.programmes import ProgrammeBooks, load_programmes
from loyalty_engine.errors import Refused
from loyalty_engine.texts import language_of


async def _books(service: Service, params: Params) -> ProgrammeBooks:
    books = (await load_programmes(service.database.reading())).get(int(params["programme"]))
    if books is None:
        raise Permanent(f"There is no programme {params['programme']}.")
    return books


async def show(service: Service, params: Params) -> Result:
    """Which go out. params: programme."""
    return _told(service, (await _books(service, params)).mails)


def _told(service: Service, mails: MailSettings) -> Result:
    kinds = {kind: mails.sends(kind) for kind in KINDS}
    more = {"sender_name": mails.sender_name, "accent": mails.accent, "per_day": mails.per_day}
    return {"kinds": kinds, **more, "sends": service.mailer.delivers}


async def change(service: Service, params: Params) -> Result:
    """Change what is named, leave the rest. params: programme, switches?, sender_name?, accent?, per_day?."""
    before = (await _books(service, params)).mails
    named = {name: params[name] for name in ("sender_name", "accent", "per_day") if params.get(name) is not None}
    given = {**msgspec.to_builtins(before), **named, "switches": {**before.switches, **params.get("switches", {})}}
    try:
        settings = msgspec.convert(given, MailSettings)
        number, actor = int(params["programme"]), by_command(params)
        made = await change_mails(service.database, number, settings, actor, clock.utc_now())
    except msgspec.ValidationError as error:
        raise Permanent(f"These are no settings of mails: {error}") from error
    except Refused as refused:
        raise in_words(refused) from refused
    return _told(service, made)


async def preview(service: Service, params: Params) -> Result:
    """What a mail looks like. params: programme, kind, language."""
    books, language = await _books(service, params), language_of(params.get("language"))
    try:
        links = await sample_links(service.database.reading(), books.number, service.settings.public_url)
        written = sample(books, str(params["kind"]), language, clock.utc_now(), links)
    except Refused as refused:
        raise in_words(refused) from refused
    return {"subject": written.subject, "text": written.text, "html": written.html}


async def test(service: Service, params: Params) -> Result:
    """Send one to somebody. params: programme, kind, language, to."""
    number = (await _books(service, params)).number
    asked = Sample(str(params["kind"]), language_of(params.get("language")), str(params["to"]))
    public_url, now = service.settings.public_url, clock.utc_now()
    try:
        sent = await send_sample(service.database, service.mailer, service.keys, number, asked, public_url, now)
    except Refused as refused:
        raise in_words(refused) from refused
    return {"sent": sent, "folder": "" if sent else str(service.settings.mail_folder / "new")}


MAIL_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "show-mails": show,
    "change-mails": change,
    "preview-mail": preview,
    "test-mail": test,
}
