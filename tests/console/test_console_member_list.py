"""The console's list of members: newest first, by filters, page by page, and as a file."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from connector import clock
from connector.console.words import TABLES
from connector.routes import console_member_list, console_saved
from connector.storage import member_lists
from connector.storage.atomic import atomic
from connector.storage.connections import create_connection
from connector.storage.facts import Customer, enrol
from connector.storage.people import Person, save_people
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from tests.builders import DOCUMENT, KEYS, OPENED
from tests.connector.outside import Outside, order_body
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.visiting import HOSTILE, form_of, member_of, page_of, plugin_of_other, signed_in

FORMULA = '=HYPERLINK("http://evil.example")'


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    """Of a shop with one member who has points."""
    plugin = await plugin_of(service)
    await service.deliver("woocommerce", order_body("woocommerce", 5123, 1000))
    await service.work()
    return plugin


async def joined(service: Outside, names: list[str]) -> list[str]:
    """More members, one for each name, each seen a day after the one before: the last is the newest. All take part
    from one day, as where the programme takes everybody.
    """
    store, now = service.connections["woocommerce"], clock.utc_now()
    made = [uuid.uuid4().hex for _ in names]

    async def body(session: Session) -> None:
        for place, member in enumerate(made):
            customer = Customer(store.programme_number, store.number, f"10{place}")
            await enrol(session, [(customer, member, now)], now + timedelta(days=place))
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


async def test_the_file_the_list_and_the_filters_agree_on_the_day(service: Outside, plugin: Plugin) -> None:
    """Half past midnight where the programme is, and the day before in UTC."""
    store, at = service.connections["woocommerce"], datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
    customer, member = Customer(store.programme_number, store.number, "100"), uuid.uuid4().hex
    await atomic(service.service.database, lambda session: enrol(session, [(customer, member, at)], at))
    browser, query = await signed_in(service, plugin), "joined_from=2026-04-01&joined_to=2026-04-01"
    assert "1 April 2026" in (await page_of(browser, f"/console/members?{query}")).said
    (row,) = csv.DictReader(io.StringIO((await browser.get(f"/console/members.csv?{query}")).text, newline=""))
    assert (row["member"], row["joined"]) == (str(uuid.UUID(member)), "2026-04-01")


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
        asked = await browser.post("/console/members", data={"form": form, "find": text}, follow_redirects=True)
        assert f"/console/orders/{source}" in asked.text


async def test_a_member_is_found_by_the_address_of_an_account(service: Outside, plugin: Plugin) -> None:
    """Nobody has proven it: the shop's people look it up, and give nothing for it."""
    body = json.dumps({"id": 7, "email": "Ada+Tea@Example.test", "role": "customer"}).encode()
    await service.deliver("woocommerce", body, path=service.path("woocommerce", "customer.created"))
    await service.work()
    assert await service.number("SELECT count(*) FROM proven_address") == 0
    browser, member = await signed_in(service, plugin, role="support"), await member_of(service)
    form = form_of((await browser.get("/console/members")).text)
    asked = await browser.post(
        "/console/members", data={"form": form, "find": "ada+tea@example.TEST"}, follow_redirects=True
    )
    assert f"/console/members/{member}" in asked.text
    none = await browser.post(
        "/console/members", data={"form": form, "find": "ada@example.test"}, follow_redirects=True
    )
    assert TABLES["en"]["members.none"] in none.text and f"/console/members/{member}" not in none.text


async def test_the_list_and_its_file_have_nobody_of_another_programme(service: Outside, plugin: Plugin) -> None:
    async def body(session: Session) -> None:
        other = await create_programme(session, {**DOCUMENT}, OPENED, OPENED)
        await create_connection(session, other, "woocommerce", "other.example", "https://other.example", {}, OPENED)

    await atomic(service.service.database, body)
    stranger = await signed_in(service, await plugin_of_other(service))
    member = await member_of(service)
    for path in ("/console/members", "/console/members?status=any", "/console/members.csv"):
        assert member not in (await stranger.get(path)).text
    for query in (f"found={member}", f"find={member}", "find=7", "find=5123"):
        page = (await stranger.get(f"/console/members?{query}")).text
        assert TABLES["en"]["members.none"] in page and f"/console/members/{member}" not in page, query
    form = form_of((await stranger.get("/console/members")).text)
    asked = await stranger.post("/console/members", data={"form": form, "find": "5123"}, follow_redirects=True)
    assert TABLES["en"]["members.none"] in asked.text


async def _save(browser: httpx.AsyncClient, query: str, name: str, **more: str) -> httpx.Response:
    """As the form on the filtered list does; more: what somebody changed in it."""
    text = (await browser.get(f"/console/members?{query}")).text
    sent = {"form": form_of(text), "once": str(uuid.uuid4()), **dict(parse_qsl(query)), "name": name, **more}
    return await browser.post("/console/segments/saved", data=sent)


def _said(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    return dict(parse_qsl(answer.headers["location"].partition("?")[2]))["said"]


async def test_filters_are_kept_under_a_name_and_found_again(service: Outside, plugin: Plugin) -> None:
    browser, query = await signed_in(service, plugin, role="support"), "status=any&balance_from=1"
    before = (await browser.get(f"/console/members?{query}")).text
    assert 'action="/console/segments/saved"' in before
    assert _said(await _save(browser, query, f"  Active  {HOSTILE} ")) == "segment-saved"
    whole = await browser.get("/console/members")
    assert f"Active {html.escape(HOSTILE, quote=False)}" in whole.text.replace("&#34;", '"').replace("&#39;", "'")
    (link,) = re.findall(r'<li><a href="(/console/members\?[^"]+)"', whole.text)
    assert dict(parse_qsl(html.unescape(link).partition("?")[2])) == dict(parse_qsl(query))
    opened = (await browser.get(html.unescape(link))).text
    assert 'aria-current="true"' in opened and await member_of(service) in opened
    # It is saved already: there is nothing to save, and it can be deleted.
    assert 'action="/console/segments/saved"' not in opened
    (saved,) = re.findall(r'name="saved" value="([^"]+)"', opened)
    forget = {"form": form_of(opened), "saved": saved}
    assert _said(await browser.post("/console/segments/saved/forget", data=forget)) == "segment-forgotten"
    assert _said(await browser.post("/console/segments/saved/forget", data=forget)) == "segment-gone"
    assert saved not in (await browser.get("/console/members")).text
    acts = await service.rows("SELECT act FROM programme_deed WHERE act LIKE 'segment-%' ORDER BY act")
    assert [row["act"] for row in acts] == ["segment-forget", "segment-save"]
    owner = await signed_in(service, plugin)
    assert (await page_of(owner, "/console/audit")).said.count(f"segment: Active {HOSTILE}") == 2


async def test_a_segment_is_saved_once_however_often_its_form_is_sent(service: Outside, plugin: Plugin) -> None:
    browser, once = await signed_in(service, plugin), str(uuid.uuid4())
    for _ in range(2):
        assert _said(await _save(browser, "tier=none", "Rare", once=once)) == "segment-saved"
    assert await service.number("SELECT count(*) FROM saved_segment") == 1
    assert _said(await _save(browser, "status=left", "Rare")) == "segment-taken"
    (row,) = await service.rows("SELECT filters_text FROM saved_segment")
    assert json.loads(row["filters_text"]) == {"tier": "none"}


async def test_what_is_no_segment_is_not_saved(
    service: Outside, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await signed_in(service, plugin)
    for query, name in (("tier=none", "  "), ("", "All"), ("balance_from=much", "Rich"), ("status=odd", "Odd")):
        assert _said(await _save(browser, query, name)) == "segment-unnamed"
    assert await service.number("SELECT count(*) FROM saved_segment") == 0
    monkeypatch.setattr(console_saved, "SAVED_MAX", 1)
    assert _said(await _save(browser, "tier=none", "First")) == "segment-saved"
    assert _said(await _save(browser, "tag=VIP", "Second")) == "segments-full"
    reader = await signed_in(service, plugin, role="read-only")
    text = (await reader.get("/console/members?tier=none")).text
    assert "First" in text and "/console/segments/saved" not in text
    sent = {"form": form_of(text), "once": str(uuid.uuid4()), "tier": "none", "name": "Mine"}
    assert (await reader.post("/console/segments/saved", data=sent)).status_code == 403


async def test_segments_are_those_of_ones_own_programme(service: Outside, plugin: Plugin) -> None:
    async def body(session: Session) -> None:
        other = await create_programme(session, {**DOCUMENT}, OPENED, OPENED)
        await create_connection(session, other, "woocommerce", "other.example", "https://other.example", {}, OPENED)

    await atomic(service.service.database, body)
    browser = await signed_in(service, plugin)
    assert _said(await _save(browser, "tier=none", "Hidden name")) == "segment-saved"
    stranger = await signed_in(service, await plugin_of_other(service))
    assert "Hidden name" not in (await stranger.get("/console/members")).text
    (row,) = await service.rows("SELECT saved_id FROM saved_segment")
    form = form_of((await stranger.get("/console/members")).text)
    sent = {"form": form, "saved": row["saved_id"]}
    assert _said(await stranger.post("/console/segments/saved/forget", data=sent)) == "segment-gone"
    # The name is free there.
    assert _said(await _save(stranger, "tier=none", "Hidden name")) == "segment-saved"


@pytest.mark.parametrize("text", ["7", "member", "5123", "#5123", "Ada@Example.test"])
async def test_what_was_found_has_an_address_to_come_back_to_and_no_mail_address_in_it(
    service: Outside, plugin: Plugin, text: str
) -> None:
    """A browser keeps no answer to a form of ours: going back to one would end at its page of an error."""
    body = json.dumps({"id": 7, "email": "ada@example.test", "role": "customer"}).encode()
    await service.deliver("woocommerce", body, path=service.path("woocommerce", "customer.created"))
    await service.work()
    browser, member = await signed_in(service, plugin, role="support"), await member_of(service)
    text = member if text == "member" else text
    form = form_of((await browser.get("/console/members")).text)
    sent = await browser.post("/console/members", data={"form": form, "find": text})
    assert sent.status_code == 303
    where = sent.headers["location"]
    assert where == f"/console/members?{urlencode({'found': member} if '@' in text else {'find': text})}"
    page = (await browser.get(where)).text
    assert f"/console/members/{member}" in page or "/console/orders/woocommerce%3A" in page
    assert f'value="{text}"' in page or "@" in text


async def test_an_address_of_ours_finds_nobody_by_mail(service: Outside, plugin: Plugin) -> None:
    browser, empty = await signed_in(service, plugin), TABLES["en"]["members.none"]
    for query in ("find=ada%40example.test", "found=", "found=x", "find="):
        page = (await browser.get(f"/console/members?{query}")).text
        assert TABLES["en"]["members.list"] in page and empty not in page, query
