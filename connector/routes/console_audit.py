"""The console's audit log: everything that people and commands did in a programme, and its file."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response, StreamingResponse

from connector import clock
from connector.access.console import Role
from connector.console.deed_log import (
    FILTERS,
    KINDS,
    DeedLog,
    Known,
    log_lines,
    log_page,
    members_in,
    orders_in,
    place_of,
    shown_log,
    text_of_place,
)
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_rewards import names_of, words_of_all
from connector.routes.console_timeline import orders_of
from connector.routes.errors import Problem
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.deed_log import WAYS, Asked, Logged, LogPage, Place, page_of_log
from connector.storage.drafts import list_drafts
from connector.storage.programmes import load_programmes

HERE = "/console/audit"
ROWS = 50
ROWS_OF_FILE = 1_000


async def show(visit: Visit) -> str:
    """The newest acts, or those that the filters leave."""
    typed = {name: visit.query(name).strip()[:100] for name in FILTERS}
    asked, wrong = await _asked(visit, typed)
    place = place_of(visit.query("after"))
    number = visit.programme.programme_number
    made = await page_of_log(visit.session, number, asked, place, ROWS) if not wrong else LogPage([], None)
    drafts = frozenset(one.draft_id for one in await list_drafts(visit.session, number))
    words = words_of_all((await load_programmes(visit.session))[number].rulebook, visit.language)
    rows = shown_log(made.rows, words, await known_of(visit, made.rows, drafts))
    further = text_of_place(made.next_place)
    shown = DeedLog(rows, typed, wrong, further, place is None, made.reached)
    names, may_export = visit.allows(Role.SUPPORT), visit.allows(Role.MANAGER)
    return log_page(visit.frame("audit"), words, shown, names=names, may_export=may_export)


async def known_of(visit: Visit, rows: Sequence[Logged], drafts: frozenset[str] = frozenset()) -> Known:
    """What these acts are told with: one look for all members, and one for all orders."""
    orders = {one.source: one.name for one in await orders_of(visit.session, orders_in(rows))}
    return Known(drafts, await names_of(visit, members_in(rows)), orders)


async def file(visit: Visit) -> Response:
    """The acts that the filters leave, as CSV, page by page. That somebody took it is one of them from then on."""
    typed = {name: visit.query(name).strip()[:100] for name in FILTERS}
    asked, wrong = await _asked(visit, typed)
    if wrong:
        raise Problem(404, "Not found", "")
    asked = replace(asked, until=min(asked.until, clock.utc_now()))
    await note_file(visit, "audit", {name: text for name, text in typed.items() if text and name != "who"})
    number, language = visit.programme.programme_number, visit.language

    async def parts() -> AsyncIterator[str]:
        place: Place | None = None
        yield log_lines([], language, with_names=True)
        while True:
            session = visit.service.database.reading()
            made = await page_of_log(session, number, asked, place, ROWS_OF_FILE)
            yield log_lines(made.rows, language, with_names=False)
            place = made.next_place
            if place is None:
                return

    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingResponse(parts(), headers=headers, media_type="text/csv; charset=utf-8")


async def note_file(visit: Visit, name: str, filters: Mapping[str, Any] | None = None) -> None:
    """Somebody took a file with them: that is told, as acts are."""
    if visit.request.method != "GET":
        return
    number, details = visit.programme.programme_number, {"file": name, **({"filters": filters} if filters else {})}
    deed = ProgrammeDeed(number, Act.FILE_TAKEN, visit.actor, clock.utc_now(), details)
    await atomic(visit.service.database, lambda session: note_programme_deeds(session, [deed]))


async def _asked(visit: Visit, typed: Mapping[str, str]) -> tuple[Asked, list[str]]:
    """What the filters mean, and those that cannot be read. Days are those of the programme."""
    zone = ZoneInfo((await load_programmes(visit.session))[visit.programme.programme_number].timezone)
    wrong: list[str] = []
    member = _member(typed["member"], wrong)
    if typed["way"] and typed["way"] not in WAYS:
        wrong.append("way")
    if typed["kind"] and not any(typed["kind"] in kinds for kinds in KINDS.values()):
        wrong.append("kind")
    since, until = _day(typed, "from", zone, wrong), _day(typed, "to", zone, wrong)
    plain = Asked()
    asked = Asked(
        # Whoever may not see names must not be able to find out by asking for them.
        typed["who"] if visit.allows(Role.SUPPORT) else "",
        typed["way"],
        typed["kind"],
        member,
        since or plain.since,
        until + timedelta(days=1) if until else plain.until,
    )
    return asked, wrong


def _member(text: str, wrong: list[str]) -> str | None:
    if not text:
        return None
    try:
        return uuid.UUID(text).hex
    except ValueError:
        wrong.append("member")
        return None


def _day(typed: Mapping[str, str], name: str, zone: ZoneInfo, wrong: list[str]) -> datetime | None:
    if not typed[name]:
        return None
    try:
        day = date.fromisoformat(typed[name])
        if not 1970 < day.year < 9000:
            raise ValueError
        return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    except ValueError:
        wrong.append(name)
        return None


PAGES = (
    ConsolePage("GET", HERE, Role.READ_ONLY, show),
    ConsolePage("GET", f"{HERE}.csv", Role.MANAGER, file, acts=True),
)
