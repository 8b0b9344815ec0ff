"""The console's list of members: newest first, by filters, page by page, and as a file."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector import clock
from connector.console.words import TABLES
from connector.routes import console_member_list
from connector.storage import member_lists
from connector.storage.atomic import atomic
from connector.storage.connections import create_connection
from connector.storage.facts import Customer, enrol
from connector.storage.people import Person, save_people
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from tests.builders import DOCUMENT, KEYS, OPENED
from tests.connector.outside import Outside, order_body, outside
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.test_console import PUBLIC, form_of, signed_in
from tests.console.test_console_pages import HOSTILE, _plugin_of_other, member_of, page_of

FORMULA = '=HYPERLINK("http://evil.example")'


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
        yield found


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    """Of a shop with one member who has points."""
    plugin = await plugin_of(service)
    await service.deliver("woocommerce", order_body("woocommerce", 5123, 1000))
    await service.work()
    return plugin


async def joined(service: Outside, names: list[str]) -> list[str]:
    """More members, one for each name, each a day after the one before; the last is the newest."""
    store, now = service.connections["woocommerce"], clock.utc_now()
    made = [uuid.uuid4().hex for _ in names]

    async def body(session: Session) -> None:
        rows = [
            (Customer(store.programme_number, store.number, f"10{place}"), member, now + timedelta(days=place))
            for place, member in enumerate(made)
        ]
        await enrol(session, rows, now)
        people = {member: Person(first_name=name) for member, name in zip(made, names, strict=True)}
        await save_people(session, KEYS, store.programme_number, people, now)

    await atomic(service.service.database, body)
    return made


async def test_the_newest_come_first_and_the_next_page_goes_on(
    service: Outside, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console_member_list, "ROWS", 3)
    made = await joined(service, ["A", "B", "C", HOSTILE])
    browser = await signed_in(service, plugin)
    first = await page_of(browser, "/console/members")
    assert HOSTILE in first.said
    text = (await browser.get("/console/members")).text
    links = [text.index(str(uuid.UUID(one))) for one in reversed(made[1:])]
    assert links == sorted(links) and str(uuid.UUID(made[0])) not in text
    after = text.split("after=")[1].split('"')[0]
    older = (await browser.get(f"/console/members?after={after}")).text
    assert str(uuid.UUID(made[0])) in older and await member_of(service) in older and "after=" not in older
    for odd in ("x", "1.2", "-1." + "0" * 32, "9" * 19 + "." + "f" * 32, "%00"):
        assert (await browser.get(f"/console/members?after={odd}")).status_code == 200


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("balance_from=1", True),
        ("balance_from=1000000", False),
        ("balance_to=0", False),
        ("joined_to=2000-01-01", False),
        ("joined_from=2000-01-01&balance_from=1", True),
        ("active_from=2000-01-01&balance_from=1", True),
        ("active_to=2000-01-01", False),
        ("status=blocked", False),
        ("status=any&balance_from=1", True),
        ("tag=VIP", False),
        ("tier=none", False),
    ],
)
async def test_filters_leave_who_fits(service: Outside, plugin: Plugin, query: str, finds: bool) -> None:
    browser, member = await signed_in(service, plugin), await member_of(service)
    text = (await browser.get(f"/console/members?{query}")).text
    assert (f"/console/members/{member}" in text) is finds
    assert finds or TABLES["en"]["members.nobody"] in text


async def test_tags_are_those_that_the_shop_told(service: Outside, plugin: Plugin) -> None:
    body = {"id": 7, "email": "ada@example.test", "role": "wholesale"}
    path = service.path("woocommerce", "customer.created")
    answer = await service.deliver("woocommerce", json.dumps(body).encode(), path=path)
    assert answer.status_code == 200
    await service.work()
    await joined(service, ["A"])
    browser, member = await signed_in(service, plugin), await member_of(service)
    text = (await browser.get("/console/members?tag=Wholesale")).text
    assert member in text and text.count("<tbody>\n<tr>") == 1 and text.count("<tr>") == 2
    assert member not in (await browser.get("/console/members?tag=vip")).text


async def test_what_cannot_be_read_is_said_beside_its_field(service: Outside, plugin: Plugin) -> None:
    browser = await signed_in(service, plugin, language="de")
    for query in ("balance_from=much", "joined_from=1-1-1", "active_to=0001-01-01", "balance_to=" + "9" * 40):
        text = (await browser.get(f"/console/members?{query}")).text
        assert TABLES["de"]["members.not-read"] in text and 'aria-invalid="true"' in text, query
        assert await member_of(service) not in text


async def test_a_walk_that_ends_before_the_page_is_full_says_how_far_it_came(
    service: Outside, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    await joined(service, ["A", "B", "C"])
    monkeypatch.setattr(member_lists, "WALK", 2)
    browser, member = await signed_in(service, plugin), await member_of(service)
    text = (await browser.get("/console/members?balance_from=1")).text
    assert "go on looking" in text and member not in text
    after = text.split("after=")[1].split('"')[0]
    assert member in (await browser.get(f"/console/members?balance_from=1&after={after}")).text


async def test_the_file_has_everybody_and_no_formula(
    service: Outside, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G17."""
    monkeypatch.setattr(console_member_list, "ROWS_OF_FILE", 2)
    await joined(service, [FORMULA, "+1", "-2+3", "@SUM(A1)", "\tA", 'Bo, "B"\nC'])
    browser = await signed_in(service, plugin)
    answer = await browser.get("/console/members.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert len(rows) == 7 and {row["member"] for row in rows} >= {await member_of(service)}
    assert {row["name"] for row in rows} >= {f"'{FORMULA}", "'+1", "'-2+3", "'@SUM(A1)", "'\tA", 'Bo, "B"\nC'}
    fewer = await browser.get("/console/members.csv?balance_from=1")
    assert len(fewer.text.strip().splitlines()) == 2
    for role, status in (("manager", 200), ("support", 403), ("read-only", 403)):
        other = await signed_in(service, plugin, role=role)
        assert (await other.get("/console/members.csv")).status_code == status


async def test_read_only_sees_no_names_in_the_list(service: Outside, plugin: Plugin) -> None:
    await joined(service, ["Adalbert"])
    for role, sees in (("read-only", False), ("support", True)):
        browser = await signed_in(service, plugin, role=role)
        assert ("Adalbert" in (await browser.get("/console/members")).text) is sees


async def test_an_order_is_found_by_its_id(service: Outside, plugin: Plugin) -> None:
    browser = await signed_in(service, plugin)
    form = form_of((await browser.get("/console/members")).text)
    source = f"woocommerce:{service.connections['woocommerce'].number}:order:5123".replace(":", "%3A")
    for text in ("5123", "#5123"):
        asked = await browser.post("/console/members", data={"form": form, "find": text})
        assert f"/console/orders/{source}" in asked.text


async def test_the_list_and_its_file_have_nobody_of_another_programme(service: Outside, plugin: Plugin) -> None:
    async def body(session: Session) -> None:
        other = await create_programme(session, {**DOCUMENT}, OPENED, OPENED)
        await create_connection(session, other, "woocommerce", "other.example", "https://other.example", {}, OPENED)

    await atomic(service.service.database, body)
    stranger = await signed_in(service, await _plugin_of_other(service))
    member = await member_of(service)
    for path in ("/console/members", "/console/members?status=any", "/console/members.csv"):
        assert member not in (await stranger.get(path)).text
    form = form_of((await stranger.get("/console/members")).text)
    asked = await stranger.post("/console/members", data={"form": form, "find": "5123"})
    assert TABLES["en"]["members.none"] in asked.text
