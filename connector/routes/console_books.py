"""The console's pages of the books: what they say, whether they hold together, and whether shops say the same."""

from __future__ import annotations

from datetime import date, timedelta

from starlette.responses import Response

from connector import clock
from connector.access.console import Role
from connector.console.books import LISTED_MAX, Books, Found, books_overview
from connector.console.books_match import ShopShown, books_page
from connector.ingest.agreement import agreement_of
from connector.programmes.books_file import books_as_csv
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_audit import note_file
from connector.routes.console_connection import stores_of
from connector.routes.errors import Problem
from connector.storage.books import load_closings
from connector.storage.books_checks import last_check
from connector.storage.figures import load_figures
from connector.storage.findings import list_findings
from connector.storage.programmes import load_programmes

DAYS = 31
DAYS_IN_FILE = 366 * 10
DIFFERENCES_MAX = 50
"""Of each shop; a page stays below 100 KB."""


async def show(visit: Visit) -> str:
    """Closed days, what is owed, and the last check of everything."""
    number, now = visit.programme.programme_number, clock.utc_now()
    last = _day(visit.query("to"))
    closings = await load_closings(visit.session, number, date.min, last or date.max, DAYS + 1)
    check = await last_check(visit.session)
    found = check.differences_of(number)[:LISTED_MAX] if check else []
    books = (await load_programmes(visit.session))[number]
    shown = Books(
        programme_number=number,
        check=check,
        found=[Found(one["member_id"], one["sentence"]) for one in found],
        counted=await load_figures(visit.session, number),
        closings=closings[:DAYS],
        next_to=closings[DAYS].book_date if len(closings) > DAYS else None,
        is_first=last is None,
        currency=books.rulebook.in_force(now).base_currency,
        now=now,
    )
    return books_overview(visit.frame("books"), visit.language, shown, may_check=visit.allows(Role.MANAGER))


async def check_now(visit: Visit) -> Response:
    """Work everything out again, in the background."""
    began = await visit.service.checking.begin(visit.actor.name)
    return visit.see("/console/books", "check-begun" if began else "check-running")


async def days_file(visit: Visit) -> Response:
    """Every closed day as CSV, oldest first."""
    number = visit.programme.programme_number
    await note_file(visit, "books")
    closings = await load_closings(visit.session, number, date.min, date.max, DAYS_IN_FILE)
    headers = {"Content-Disposition": 'attachment; filename="books.csv"'}
    return Response(books_as_csv(closings[::-1]), headers=headers, media_type="text/csv")


async def show_match(visit: Visit) -> str:
    """Whether the books match the shops."""
    shops = [
        ShopShown(
            await agreement_of(visit.session, each),
            await list_findings(visit.session, each.number, None, None, DIFFERENCES_MAX, 0),
        )
        for each in await stores_of(visit, visit.session)
    ]
    return books_page(shops, visit.language, clock.utc_now(), DIFFERENCES_MAX, visit.frame("books"))


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return min(date.fromisoformat(text), date.max - timedelta(days=1))
    except ValueError as error:
        raise Problem(404, "Not found", "") from error


PAGES = (
    ConsolePage("GET", "/console/books", Role.READ_ONLY, show),
    ConsolePage("POST", "/console/books/check", Role.MANAGER, check_now, acts=True),
    ConsolePage("GET", "/console/books/days.csv", Role.READ_ONLY, days_file, acts=True),
    ConsolePage("GET", "/console/books/match", Role.READ_ONLY, show_match),
)
