"""The console's first page and its books: what works, what was brought, what waits, what is owed."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from connector import clock
from connector.console.words import TABLES
from connector.programmes.books import close_books
from connector.programmes.figures import count_due
from connector.storage.atomic import atomic
from connector.storage.books_checks import last_check
from connector.storage.connections import set_problem
from connector.storage.programmes import create_programme, pause
from loyalty_engine.texts.formats import date_text, number_text
from tests.builders import DOCUMENT, OPENED
from tests.connector.outside import Outside, order_body, outside
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.test_console import PUBLIC, form_of, signed_in
from tests.console.test_console_pages import called, page_of

SAID = TABLES["en"]


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
        yield found


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    plugin = await plugin_of(service)
    for order_id in (5123, 5124):
        assert (await service.deliver("woocommerce", order_body("woocommerce", order_id, 1000))).status_code == 200
    await service.work()
    return plugin


async def test_before_anything_was_counted_the_page_says_so(service: Outside, plugin: Plugin) -> None:
    said = (await page_of(await signed_in(service, plugin), "/console/home")).said
    assert SAID["home.not-counted"] in said and SAID["home.books-unknown"] in said and SAID["home.nothing"] in said
    given = await service.number("SELECT sum(points) FROM entry")
    assert f"Given {number_text(given, 'en')}" in said and said.count(SAID["chart.empty"]) == 2


async def test_it_shows_what_was_counted_closed_and_checked(
    service: Outside, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = service.service.database
    given = await service.number("SELECT sum(points) FROM entry")
    later = clock.utc_now() + timedelta(days=2)
    await close_books(database, later)
    await count_due(database, clock.utc_now())
    await service.service.checking.check("Ada")
    browser = await signed_in(service, plugin)
    monkeypatch.setattr(clock, "utc_now", lambda: later)
    browser = await signed_in(service, plugin)
    read = await page_of(browser, "/console/home")
    assert SAID["home.well"] in read.said and SAID["home.books-balanced"] in read.said
    assert SAID["home.again-members"].format(people=1) in read.said and "100%" in read.said
    assert SAID["home.no-cause"] in read.said
    assert SAID["home.liability"].format(points=number_text(given, "en")) in read.said
    books = await page_of(browser, "/console/books")
    assert number_text(given, "en") in books.said and SAID["home.books-balanced"] in books.said
    file = await browser.get("/console/books/days.csv")
    assert file.headers["content-type"].startswith("text/csv") and "attachment" in file.headers["content-disposition"]
    days = list(csv.DictReader(io.StringIO(file.text)))
    assert sum(int(day["earned"]) for day in days) == given and int(days[-1]["closing"]) == given


async def test_what_is_wrong_or_waits_is_said(service: Outside, plugin: Plugin) -> None:
    database, shop = service.service.database, service.connections["woocommerce"]
    assert (await service.deliver("woocommerce", b'{"id": 77, "status": {}}')).status_code == 200
    await service.work()
    await atomic(database, lambda session: set_problem(session, shop.number, "The key is wrong.", clock.utc_now()))
    await atomic(database, lambda session: session.run("UPDATE balance SET points = points + 1"))
    await service.service.checking.check("Ada")
    browser = await signed_in(service, plugin)
    said = (await page_of(browser, "/console/home")).said
    assert SAID["home.unwell"] in said and SAID["todo.letters"] in said and SAID["connection.broken"] in said
    assert SAID["home.books-differ"] in said
    books = (await page_of(browser, "/console/books")).said
    assert SAID["ledger.member"] in books


async def test_a_programme_that_stands_still_is_not_well(service: Outside, plugin: Plugin) -> None:
    number = service.connections["woocommerce"].programme_number
    await atomic(
        service.service.database, lambda session: pause(session, number, clock.utc_now(), "Ada", "stock-taking")
    )
    said = (await page_of(await signed_in(service, plugin), "/console/home")).said
    assert SAID["home.paused"] in said and SAID["home.unwell"] in said


async def test_a_manager_has_the_books_checked_once(service: Outside, plugin: Plugin) -> None:
    for role, status in (("support", 403), ("manager", 303)):
        browser = await signed_in(service, plugin, role=role)
        html = (await browser.get("/console/books")).text
        assert (SAID["ledger.check-button"] in html) is (role == "manager")
        sent = await browser.post("/console/books/check", data={"form": form_of(html)})
        assert sent.status_code == status
    assert "said=check-begun" in sent.headers["location"]
    assert SAID["said.check-begun"] in (await browser.get(sent.headers["location"])).text
    for _ in range(500):
        check = await last_check(service.service.database.reading())
        if check is not None and check.ended_at is not None:
            break
        await asyncio.sleep(0.02)
    assert check is not None and check.report is not None and "Ada" in check.by_whom


async def test_differences_of_another_programme_are_counted_and_not_shown(service: Outside, plugin: Plugin) -> None:
    database = service.service.database
    number = await atomic(database, lambda session: create_programme(session, DOCUMENT, OPENED, OPENED))
    await atomic(database, lambda session: session.run("UPDATE balance SET points = points + 1"))
    await atomic(database, lambda session: session.run("UPDATE member SET programme_number = $1", number))
    await service.service.checking.check("Ada")
    read = await page_of(await signed_in(service, plugin), "/console/books")
    member = (await service.rows("SELECT member_id FROM member"))[0]["member_id"]
    assert member not in str(read.attributes) + read.said and SAID["ledger.member"] not in read.said
    assert "belong verify" in read.said


async def test_days_go_on_where_the_page_ends(
    service: Outside, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = clock.utc_now() + timedelta(days=40)
    await close_books(service.service.database, later)
    monkeypatch.setattr(clock, "utc_now", lambda: later)
    browser = await signed_in(service, plugin)
    first = (await browser.get("/console/books")).text
    assert SAID["shell.next"] in first
    rows = await service.rows("SELECT book_date FROM book_closing ORDER BY book_date DESC")
    days = [date.fromisoformat(str(row["book_date"])) for row in rows]

    def lists(html: str, day: date) -> bool:
        return f'<th scope="row">{date_text(day, "en")}</th>' in html

    assert lists(first, days[0]) and lists(first, days[30]) and not lists(first, days[31])
    second = (await browser.get(f"/console/books?to={days[31]}")).text
    assert lists(second, days[31]) and not lists(second, days[30]) and SAID["shell.first"] in second
    assert (await browser.get("/console/books?to=tomorrow")).status_code == 404


async def test_a_reader_sees_numbers_and_no_names(service: Outside, plugin: Plugin) -> None:
    await called(service, "Gwendolen")
    browser: httpx.AsyncClient = await signed_in(service, plugin, role="read-only")
    for path in ("/console/home", "/console/books"):
        assert "Gwendolen" not in (await browser.get(path)).text
