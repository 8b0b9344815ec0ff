"""The console's first page: does it work, what did it bring, what needs somebody?"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from connector import clock
from connector.access.console import Role
from connector.console.connections import ConnectionShown
from connector.console.home import DAYS, Day, Home, ShopLine, Todo, home_page
from connector.ingest.agreement import Agreement
from connector.people.unknown_birthdays import unknown_birthdays
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_connection import connections_shown
from connector.storage.adjust_requests import REQUEST_LIFE, waiting_requests
from connector.storage.books import DaySums, load_closings, sums_by_day
from connector.storage.books_checks import last_check
from connector.storage.bulk_lists import count_dropped
from connector.storage.dead_letters import count_dead_letters
from connector.storage.figures import load_figures
from connector.storage.held_awards import waiting_awards
from connector.storage.programmes import load_programmes
from connector.storage.redemptions import waiting_perks
from connector.storage.referrals import waiting_for_review
from connector.storage.store_credits import find_unclear
from loyalty_engine.ledger import EntryKind
from loyalty_engine.programme import Programme

HOME = "/console/home"
FOR_SUPPORT = frozenset({"/console/segments"})
"""Pages of what waits that not every role sees."""


async def show(visit: Visit) -> str:
    """The page."""
    number, now = visit.programme.programme_number, clock.utc_now()
    books = (await load_programmes(visit.session))[number]
    programme, today = books.rulebook.in_force(now), books.day(now)
    shops = await connections_shown(visit, visit.session)
    counted = await load_figures(visit.session, number)
    home = Home(
        programme_number=number,
        programme=programme.name,
        is_live=not books.is_paused or bool(counted and counted.figures.points),
        is_empty=not programme.rewards,
        is_paused=books.is_paused,
        shops=[_line(one) for one in shops if one.state != "ended"],
        todos=await _todos(visit, sum(one.agreement.held for one in shops), programme),
        counted=counted,
        check=await last_check(visit.session),
        days=await _days(visit, today),
        closed_through=books.closed_through,
        currency=programme.base_currency,
        today=today,
        now=now,
    )
    return home_page(visit.frame("home"), visit.language, home)


async def _days(visit: Visit, today: date) -> list[Day]:
    """Closed days, and what was booked since."""
    number, first = visit.programme.programme_number, today - timedelta(days=DAYS - 1)
    closings = await load_closings(visit.session, number, first, today, DAYS)
    days = [
        Day(one.book_date, one.earned + one.bonus, one.redeemed, one.expired + one.clawed_back, one.value_minor)
        for one in closings[::-1]
    ]
    since = days[-1].day + timedelta(days=1) if days else first
    return days + [
        _open(day, sums) for day, sums in sorted((await sums_by_day(visit.session, number, since, today)).items())
    ]


def _open(day: date, sums: DaySums) -> Day:
    def moved(*kinds: EntryKind) -> int:
        return abs(sum(one.points for one in sums.movements if one.kind in kinds))

    given, gone = moved(EntryKind.EARN, EntryKind.BONUS), moved(EntryKind.EXPIRE, EntryKind.CLAWBACK)
    return Day(day, given, moved(EntryKind.REDEEM), gone, None)


def _line(one: ConnectionShown) -> ShopLine:
    return ShopLine(one.connection.shop, one.state, one.agreement.verdict.value, _read_at(one.agreement))


def _read_at(found: Agreement) -> datetime | None:
    moments = [run.ended_at for run in (found.window, found.changes) if run is not None]
    return max(moments, default=None)


async def _todos(visit: Visit, held: int, programme: Programme) -> list[Todo]:
    """What waits for a person, the most urgent first; nothing of what there is none."""
    session, number = visit.session, visit.programme.programme_number
    letters = await count_dead_letters(session, number)
    unknown = await unknown_birthdays(session, number, programme)
    found = [
        Todo("letters", sum(letters.values()), "/console/activity"),
        Todo("held", held, "/console/books/match"),
        Todo("credits", len(await find_unclear(session, number)), "/console/rewards/waiting"),
        Todo("referrals", len(await waiting_for_review(session, number)), "/console/referrals/waiting"),
        Todo("awards", len(await waiting_awards(session, number)), "/console/badges/waiting"),
        Todo("adjustments", len(await waiting_requests(session, number, clock.utc_now())), "/console/segments"),
        Todo("dropped", await count_dropped(session, number, clock.utc_now() - REQUEST_LIFE), "/console/segments"),
        Todo("perks", len(await waiting_perks(session, number)), "/console/rewards/waiting"),
        Todo("birthdays", unknown.rules if unknown else 0, "/console/programme"),
    ]
    return [one for one in found if one.count and (one.path not in FOR_SUPPORT or visit.allows(Role.SUPPORT))]


PAGES = (ConsolePage("GET", HOME, Role.READ_ONLY, show),)
