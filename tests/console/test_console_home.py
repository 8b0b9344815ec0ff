"""The console's first page and its books: what works, what was brought, what waits, what is owed."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from connector import clock
from connector.console.words import TABLES
from connector.programmes.books import close_books
from connector.programmes.figures import count_due
from connector.storage.atomic import atomic
from connector.storage.books_checks import begin_check, end_check, last_check
from connector.storage.connections import set_problem
from connector.storage.held_awards import waiting_awards
from connector.storage.programmes import pause
from connector.storage.redemptions import waiting_perks
from connector.storage.referrals import waiting_for_review
from connector.storage.session import Session
from loyalty_engine.texts.formats import date_text, number_text
from tests.connector.other_merchant import stranger_of
from tests.connector.outside import Outside, order_body
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.visiting import called, form_of, page_of, signed_in
from tests.storage.plans import plan_of

SAID = TABLES["en"]


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
    # The books were checked, but no shop was ever read as a whole.
    assert SAID["home.well-so-far"] in read.said and SAID["home.books-balanced"] in read.said
    assert SAID["home.again-members.one"].format(n=1) in read.said and "100%" in read.said
    assert SAID["home.no-cause"] in read.said
    assert SAID["home.liability.other"].format(n=number_text(given, "en")) in read.said
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
    assert SAID["home.unwell"] in said and SAID["todo.letters.one"] in said and SAID["connection.broken"] in said
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


async def test_of_two_programmes_the_broken_one_alone_hears_of_its_differences(
    service: Outside, plugin: Plugin
) -> None:
    stranger = await stranger_of(service)
    await atomic(service.service.database, lambda session: session.run("UPDATE balance SET points = points + 1"))
    await service.service.checking.check("Ada")
    owner = await signed_in(service, plugin)
    member = (await service.rows("SELECT member_id FROM member"))[0]["member_id"]
    for browser, state in ((owner, "differ"), (stranger, "balanced")):
        home, books = await page_of(browser, "/console/home"), await page_of(browser, "/console/books")
        for said in (home.said, books.said):
            assert (SAID["home.books-differ"] in said) is (state == "differ")
            assert (SAID["home.books-balanced"] in said) is (state == "balanced")
        assert (SAID["ledger.member"] in books.said) is (state == "differ")
        assert (member in str(books.attributes) + books.said) is (state == "differ")


async def test_what_belongs_to_no_programme_is_said_to_all_of_them(service: Outside, plugin: Plugin) -> None:
    stranger = await stranger_of(service)
    await atomic(service.service.database, lambda session: session.run("UPDATE identity SET shard = -1"))
    await service.service.checking.check("Ada")
    for browser in (await signed_in(service, plugin), stranger):
        read = await page_of(browser, "/console/books")
        assert SAID["home.books-differ"] in read.said and "belong verify" in read.said


async def test_what_an_older_version_found_says_nothing_of_a_programme(service: Outside, plugin: Plugin) -> None:
    old = '{"ok": true, "counts": {"members": 1, "entries": 1}, "difference_count": 0, "differences": []}'
    database, now = service.service.database, clock.utc_now()
    await atomic(database, lambda session: begin_check(session, "belong", now))
    await atomic(database, lambda session: end_check(session, now, old, None, now))
    for path in ("home", "books"):
        said = (await page_of(await signed_in(service, plugin), f"/console/{path}")).said
        assert SAID["home.books-unknown"] in said and SAID["home.books-broke-off"] not in said


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


async def test_what_waits_is_found_by_itself_however_much_is_settled(
    service: Outside, prepared_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few that wait among hundreds of thousands that do not: no settled one is passed over."""
    seen: dict[str, tuple[Any, ...]] = {}
    rows = Session.rows

    async def watched(session: Session, sql: str, *values: Any) -> Any:
        seen.setdefault(sql, values)
        return await rows(session, sql, *values)

    session = service.service.database.reading()
    monkeypatch.setattr(Session, "rows", watched)
    for waiting in (waiting_for_review, waiting_perks, waiting_awards):
        await waiting(session, 1)
    monkeypatch.undo()
    assert len(seen) == 3
    for sql, values in seen.items():
        plan = await plan_of(prepared_database_url, sql, values)
        assert re.search("referral_review|redemption_perks|held_award_waiting", plan), (sql, plan)
