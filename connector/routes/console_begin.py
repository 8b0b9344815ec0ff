"""The console's guided first set-up: asks, proposes, tries it on the shop's own past, and makes a draft of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from starlette.responses import HTMLResponse, Response
from tortoise.exceptions import IntegrityError

from connector import clock
from connector.access.console import Role
from connector.console.beginning import BACKS, NAME_MAX, Asked, Attempt, Beginning, Step, begin_page, proposed_of
from connector.errors import ConnectorError
from connector.installing.trying import Tried, try_programme
from connector.platforms import Connection
from connector.programmes.drafting import pretty
from connector.programmes.figures import count_figures
from connector.programmes.proposing import BACK_MAX, BACK_MIN, KINDS, TIERS_MAX, Sizes, Wishes, propose, sizes_of
from connector.programmes.rehearsing import rehearse
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_connection import stores_of
from connector.routes.console_programme import Written, begin_draft
from connector.routes.errors import Problem
from connector.shops import reward_kinds
from connector.storage.backfills import RunState, last_run
from connector.storage.figures import Counted, load_figures
from connector.storage.programmes import ProgrammeBooks, document_of_version, load_programmes
from connector.storage.session import Session
from loyalty_engine.programme import Programme, parse_programme
from loyalty_engine.programme.fields import decimal_text
from loyalty_engine.texts import TAGS

BEGIN = "/console/programme/begin"
PAST = timedelta(days=800)
"""A proposal that is tried is in force for longer than anything that it is tried on."""
AGAIN = timedelta(minutes=1)
LONG = timedelta(seconds=10)
"""What takes longer to count is left to the job."""
KEPT = ("badges", "badge_defaults", "levels", "levels_policy", "adjust")
"""Sections that nobody was asked about: they stay as they are."""
KEPT_GENERAL = ("enrolment", "back_pay_days", "guest_days", "base_rates", "points_name")


async def show(visit: Visit) -> str:
    """The questions; and what comes out of them, once they are answered."""
    return await _page(visit, visit.session, await _asked(visit, visit.session, visit.asked))


async def attempt(visit: Visit) -> Response:
    """What the answers would have given to the shop's own customers and last orders."""
    session = visit.service.database.reading()
    asked = await _asked(visit, session, visit.form)
    if asked.problems:
        return HTMLResponse(await _page(visit, session, asked), 422)
    now, shop = clock.utc_now(), await _shop(visit, session)
    books, counted = await _books(visit, session), await load_figures(session, visit.programme.programme_number)
    programme = await _programme(session, books, asked, counted, now)
    bought = counted.figures.bought if counted else None
    rehearsed = None
    async with _alone(visit):
        if bought is not None and bought.currency == programme.base_currency and bought.sample:
            rehearsed = await asyncio.to_thread(rehearse, bought, programme, now)
        found, problem = await _tried(visit, shop, programme, now)
    return HTMLResponse(await _page(visit, session, asked, Attempt(rehearsed, found, problem)))


async def make_draft(visit: Visit) -> Response:
    """A draft of what is proposed."""
    database, number = visit.service.database, visit.programme.programme_number
    asked = await _asked(visit, database.reading(), visit.form)
    if asked.problems:
        return HTMLResponse(await _page(visit, database.reading(), asked), 422)

    async def written(session: Session) -> Written:
        books, counted = await _books(visit, session), await load_figures(session, number)
        document = await _document(session, books, asked, counted)
        return Written(asked.wishes.name, pretty(document), books.rulebook.versions[-1].version)

    return await begin_draft(visit, written)


async def count(visit: Visit) -> Response:
    """Count now what the shop's orders come to, unless that was just done or takes long."""
    async with _alone(visit):
        session, now = visit.service.database.reading(), clock.utc_now()
        books = await _books(visit, session)
        if not _may_count(await load_figures(session, books.number), now):
            return visit.see(BEGIN, "begin-counted-lately")
        try:
            await count_figures(visit.service.database, books.number, books.timezone, now)
        except IntegrityError:
            # Another process kept the first figures at the same moment.
            return visit.see(BEGIN, "begin-counted-lately")
    return visit.see(BEGIN, "begin-counted")


@asynccontextmanager
async def _alone(visit: Visit) -> AsyncIterator[None]:
    """One thing that takes long at a time: it runs beside what shops wait for. Raises Problem 409."""
    if visit.service.counting.locked():
        raise Problem(409, "Busy", "")
    async with visit.service.counting:
        yield


def _may_count(counted: Counted | None, now: datetime) -> bool:
    return counted is None or (counted.took < LONG and now - counted.at >= AGAIN)


async def _asked(visit: Visit, session: Session, sent: Mapping[str, str]) -> Asked:
    """What was answered; where nothing was yet, what is usual."""
    kinds = await _kinds(visit, session)
    if sent.get("asked") == "yes":
        return _answers(sent, kinds, TAGS[visit.language])
    name = (await _books(visit, session)).rulebook.versions[-1].name
    return Asked(Wishes(name, kinds=frozenset(kinds[:1])), back="3", own="", problems={}, is_sent=False)


def _answers(sent: Mapping[str, str], kinds: list[str], language: str) -> Asked:
    problems: dict[str, str] = {}

    def text(key: str) -> str:
        found = sent.get(key, "").strip()
        if len(found) > NAME_MAX:
            problems[key] = "too-long"
        return found[:NAME_MAX]

    name, one, many = text("name"), text("one"), text("many")
    if not name:
        problems["name"] = "no-name"
    if bool(one) != bool(many):
        problems["many" if one else "one"] = "both-names"
    back, own = sent.get("back", ""), sent.get("own", "").strip()[:20]
    share = _share(own or back)
    if share is None:
        problems["own"] = "no-share"
    tiers = sent.get("tiers", "")
    if tiers not in map(str, range(TIERS_MAX + 1)):
        problems["tiers"] = "no-tiers"
    chosen = frozenset(kind for kind in kinds if sent.get(f"kind-{kind}") == "yes")
    if not chosen:
        problems["kinds"] = "no-kinds"
    ticks = {key: sent.get(key) == "yes" for key in ("referral", "welcome", "birthday")}
    many_tiers = 0 if "tiers" in problems else int(tiers)
    wishes = Wishes(name, share or Fraction(3), one, many, language, tiers=many_tiers, kinds=chosen, **ticks)
    return Asked(wishes, back if back in map(str, BACKS) else "3", own, problems)


def _share(text: str) -> Fraction | None:
    """Percent, with a point or a comma and at most two places."""
    text = text.replace(",", ".").removesuffix("%").strip()
    if decimal_text(text) is None or len(text.partition(".")[2]) > 2:
        return None
    share = Fraction(text)
    return share if BACK_MIN <= share <= BACK_MAX else None


async def _kinds(visit: Visit, session: Session) -> list[str]:
    """Rewards that the shops can give; all while there is none."""
    given = await reward_kinds(session, visit.programme.programme_number, visit.service.shops.platforms)
    return [kind for kind in KINDS if given is None or kind in given]


async def _books(visit: Visit, session: Session) -> ProgrammeBooks:
    return (await load_programmes(session))[visit.programme.programme_number]


async def _document(session: Session, books: ProgrammeBooks, asked: Asked, counted: Counted | None) -> dict[str, Any]:
    """The proposal, beside what of the latest version nobody was asked about."""
    latest = books.rulebook.versions[-1]
    held = await document_of_version(session, books.number, latest.version) or {}
    sizes = sizes_of(counted.figures.bought if counted else None, latest.base_currency, latest.base_rates)
    document = propose(asked.wishes, sizes, books.timezone)
    general = {key: value for key, value in held.get("programme", {}).items() if key in KEPT_GENERAL}
    document["programme"] = general | document["programme"]
    if "goodwill" in (actions := held.get("points", {}).get("actions", {})):
        document["points"].setdefault("actions", {})["goodwill"] = actions["goodwill"]
    return document | {key: held[key] for key in KEPT if key in held}


async def _programme(
    session: Session, books: ProgrammeBooks, asked: Asked, counted: Counted | None, now: datetime
) -> Programme:
    document = await _document(session, books, asked, counted)
    return parse_programme(document, books.rulebook.versions[-1].version + 1, now - PAST)


async def _shop(visit: Visit, session: Session) -> Connection | None:
    """Whose last orders are looked at."""
    return next((one for one in await stores_of(visit, session) if one.disconnected_at is None), None)


async def _tried(
    visit: Visit, shop: Connection | None, programme: Programme, now: datetime
) -> tuple[Tried | None, str]:
    if shop is None:
        return None, ""
    try:
        return await try_programme(visit.service, shop, programme, now), ""
    except ConnectorError as error:
        return None, str(error)


async def _page(visit: Visit, session: Session, asked: Asked, attempt: Attempt | None = None) -> str:
    now, books = clock.utc_now(), await _books(visit, session)
    counted = await load_figures(session, books.number)
    latest = books.rulebook.versions[-1]
    sizes: Sizes = sizes_of(counted.figures.bought if counted else None, latest.base_currency, latest.base_rates)
    proposed = None
    if asked.is_sent and not asked.problems:
        programme = await _programme(session, books, asked, counted, now)
        proposed = proposed_of(programme, sizes, visit.language)
    shop = await _shop(visit, session)
    shown = Beginning(
        counted=counted,
        sizes=sizes,
        asked=asked,
        kinds=await _kinds(visit, session),
        proposed=proposed,
        attempt=attempt,
        steps=await _steps(visit, session, shop, books),
        has_shop=shop is not None,
        is_live=not books.is_paused,
        may_count=visit.allows(Role.MANAGER) and _may_count(counted, now),
        now=now,
    )
    return begin_page(visit.frame("programme"), visit.language, shown, may_make=visit.allows(Role.MANAGER))


async def _steps(visit: Visit, session: Session, shop: Connection | None, books: ProgrammeBooks) -> list[Step]:
    run = await last_run(session, shop.number) if shop else None
    is_read = run is not None and run.state is RunState.DONE and not run.is_dry
    is_embedded = visit.scope.embedded_in != ""
    go_live = "/console/start" if is_embedded else "/console/programme"
    return [
        Step("shop", shop is not None, "/console/connection"),
        Step("past", is_read, "/console/connection", f"connection.run-{run.state.value}" if run else ""),
        Step("rules", bool(books.rulebook.versions[-1].rewards), "/console/programme"),
        Step("balances", False, ""),
        Step("live", not books.is_paused, go_live),
    ]


PAGES = (
    ConsolePage("GET", BEGIN, Role.READ_ONLY, show),
    ConsolePage("POST", BEGIN + "/count", Role.MANAGER, count, acts=True),
    ConsolePage("POST", BEGIN + "/try", Role.MANAGER, attempt, acts=True),
    ConsolePage("POST", BEGIN + "/draft", Role.MANAGER, make_draft, acts=True),
)
