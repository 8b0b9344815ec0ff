"""The console's page of mails: managers choose which go out, look at each, and have one sent to themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
from starlette.responses import Response

from connector import clock
from connector.access.console import Role
from connector.console.mails import MailsShown, mails_page
from connector.delivering.letters import style_sources
from connector.errors import ConnectorError
from connector.programmes.mails import Sample, change_mails, sample, sample_links, send_sample
from connector.routes.console import ConsolePage, Visit, WithLetter
from connector.storage.mail_settings import EXPIRY, KINDS, MailSettings, arms_by_mail
from connector.storage.programmes import ProgrammeBooks, load_programmes
from loyalty_engine.errors import Refused
from loyalty_engine.texts import LANGUAGES

HERE = "/console/settings/mails"
ADDRESS = re.compile(r"[^\x00-\x20\x7f]+@[^\x00-\x20\x7f]+")
ADDRESS_MAX = 254
_PROBLEMS = {"too-many-samples": "mails.problem-often", "expiry-mail-needed": "mails.expiry-needed"}


async def show(visit: Visit) -> Response:
    """The settings, and the mail that was asked for."""
    return await _page(visit, (visit.query("kind"), visit.query("language")))


async def save(visit: Visit) -> Response:
    """Keep what was chosen."""
    form = visit.form
    given = {
        "switches": {kind: f"kind-{kind}" in form for kind in KINDS},
        "sender_name": form.get("sender_name", "").strip(),
        "accent": form.get("accent", "").strip().lower(),
        "per_day": int(number) if (number := form.get("per_day", "").strip()).isascii() and number.isdigit() else 0,
    }
    books = await _books(visit)
    # Browsers send nothing of a box that cannot be changed.
    if arms_by_mail(books.rulebook.in_force(clock.utc_now())):
        given["switches"][EXPIRY] = True  # type: ignore[index]
    problems = _problems(given)
    if problems:
        kept = {name: value for name, value in given.items() if name not in problems}
        return await _page(visit, ("", ""), msgspec.convert(kept, MailSettings), problems, status=400)
    settings = msgspec.convert(given, MailSettings)
    await change_mails(visit.service.database, visit.programme.programme_number, settings, visit.actor, clock.utc_now())
    return visit.see(HERE, "mails-saved")


def _problems(given: Mapping[str, object]) -> dict[str, str]:
    found = {}
    for name in ("sender_name", "accent", "per_day"):
        try:
            msgspec.convert({name: given[name]}, MailSettings)
        except msgspec.ValidationError:
            found[name] = f"mails.problem-{name.replace('_', '-')}"
    return found


async def test(visit: Visit) -> Response:
    """Send the mail that is shown to an address."""
    to, asked = visit.form.get("to", "").strip(), _asked(visit.form.get("kind", ""), visit.form.get("language", ""))
    if len(to) > ADDRESS_MAX or not ADDRESS.fullmatch(to):
        return await _page(visit, asked, None, {"to": "mails.problem-to"}, to, 400)
    service, number = visit.service, visit.programme.programme_number
    try:
        sent = await send_sample(
            service.database,
            service.mailer,
            service.keys,
            number,
            Sample(*asked, to),
            service.settings.public_url,
            clock.utc_now(),
        )
    except Refused as error:
        problem = _PROBLEMS.get(error.code, "mails.problem-send")
        return await _page(visit, asked, None, {"to": problem}, to, 429)
    except ConnectorError:
        return await _page(visit, asked, None, {"to": "mails.problem-send"}, to, 502)
    return visit.see(f"{HERE}?kind={asked[0]}&language={asked[1]}", "mail-sent" if sent else "mail-in-folder")


def _asked(kind: str, language: str) -> tuple[str, str]:
    return kind if kind in KINDS else "welcome", language if language in LANGUAGES else "en"


async def _books(visit: Visit) -> ProgrammeBooks:
    return (await load_programmes(visit.session))[visit.programme.programme_number]


async def _page(
    visit: Visit,
    asked: tuple[str, str],
    settings: MailSettings | None = None,
    problems: Mapping[str, str] | None = None,
    to: str = "",
    status: int = 200,
) -> Response:
    books, now = await _books(visit), clock.utc_now()
    kind, language = _asked(asked[0], asked[1] or visit.language)
    links = await sample_links(visit.session, books.number, visit.service.settings.public_url)
    written = sample(books, kind, language, now, links)
    server = visit.service.mailer.delivers
    # Where files lie on the machine is for whoever owns the shop's side of it.
    folder = "" if server or not visit.allows(Role.OWNER) else str(visit.service.settings.mail_folder / "new")
    shown = MailsShown(
        settings or books.mails,
        arms_by_mail(books.rulebook.in_force(now)),
        server,
        folder,
        kind,
        language,
        written,
        problems or {},
        to,
    )
    html = mails_page(shown, visit.frame("settings"), visit.language)
    return WithLetter(html, style_sources(written.html), status)


PAGES = (
    ConsolePage("GET", HERE, Role.MANAGER, show),
    ConsolePage("POST", HERE, Role.MANAGER, save, acts=True),
    ConsolePage("POST", f"{HERE}/test", Role.MANAGER, test, acts=True),
)
