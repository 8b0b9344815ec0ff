"""Points for many members in the console: shown first, given once, watched, taken back; and what waits for a second."""

from __future__ import annotations

import re
import uuid
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from connector import clock
from connector.console.words import TABLES
from connector.people.actors import Actor
from connector.people.adjusting import adjust_points
from connector.people.bulk_adjusting import run_bulks
from connector.people.bulk_listing import settle_list
from connector.people.segments import Segment, read_segment
from connector.routes.console_member_list import asked_of, filters_of, segment_of
from connector.storage.adjust_requests import RequestState
from connector.storage.atomic import atomic
from connector.storage.bulks import open_bulks
from connector.storage.connections import create_connection
from connector.storage.facts import Customer, enrol
from connector.storage.programmes import create_programme, publish_version
from connector.storage.session import Session
from tests.builders import DOCUMENT, OPENED
from tests.connector.outside import Outside, order_body
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.test_console_member_acts import balance, sent
from tests.console.visiting import HOSTILE, member_of, page_of, plugin_of_other, signed_in
from tests.storage.plans import plan_of


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    """Of a shop with two members."""
    plugin = await plugin_of(service)
    await service.deliver("woocommerce", order_body("woocommerce", 5123, 1000))
    await service.deliver("woocommerce", order_body("woocommerce", 5124, 2000, customer=8))
    await service.work()
    return plugin


async def previewed(browser: httpx.AsyncClient, query: str) -> dict[str, str]:
    """The hidden fields of the form that a preview ends in."""
    text = (await browser.get(f"/console/segments/new?{query}")).text
    form = text[text.index('action="/console/segments"') :]
    return dict(re.findall(r'name="(digest|once|points|balance_from)" value="([^"]*)"', form))


async def run(service: Outside) -> None:
    while await run_bulks(service.service.pipeline):
        pass


async def test_points_for_many_are_shown_given_once_and_taken_back(service: Outside, plugin: Plugin) -> None:
    browser, before = await signed_in(service, plugin), await balance(service)
    shown = await page_of(browser, "/console/segments/new?balance_from=1&points=5")
    assert TABLES["en"]["segment.together"] in shown.said and await balance(service) == before
    fields = await previewed(browser, "balance_from=1&points=5")
    assert set(fields) == {"digest", "once", "points", "balance_from"}
    places = set()
    for _ in range(2):
        done = await sent(browser, "/console/segments", **{**fields, "reason": HOSTILE})
        assert done.status_code == 303, done.text
        places.add(done.headers["location"].partition("?")[0])
    (place,) = places
    await run(service)
    assert await balance(service) == before + 10
    read = await page_of(browser, place)
    assert HOSTILE in read.said and TABLES["en"]["bulk.done"] in read.said
    assert HOSTILE in (await page_of(browser, "/console/segments")).said
    undone = await sent(browser, f"{place}/undo")
    assert undone.headers["location"] == f"{place}?said=undoing"
    await run(service)
    assert await balance(service) == before
    assert (await sent(browser, f"{place}/answer", agrees="yes")).status_code == 409


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("points=0", "adjust-nothing"),
        ("points=x", "points-not-read"),
        ("balance_from=x&points=5", "segment-not-read"),
        ("points=999999999999", "adjust-above-maximum"),
    ],
)
async def test_a_preview_says_what_is_wrong(service: Outside, plugin: Plugin, query: str, code: str) -> None:
    browser = await signed_in(service, plugin, language="zh-CN")
    text = (await browser.get(f"/console/segments/new?{query}")).text
    assert TABLES["zh_hans"][f"refusal.{code}"] in text and 'name="digest"' not in text


async def test_who_changed_since_the_preview_is_not_given_anything(service: Outside, plugin: Plugin) -> None:
    """The form does not look again at everybody: whoever writes them down does, and the pages say what came of it."""
    browser, before = await signed_in(service, plugin, language="de"), await balance(service)
    fields = await previewed(browser, "balance_from=1&points=5")
    assert (await sent(browser, "/console/segments", **fields, reason=" ")).status_code == 409
    await sent(browser, f"/console/members/{await member_of(service)}/status", status="blocked")
    said = TABLES["de"]
    answer = await sent(browser, "/console/segments", **fields)
    place = answer.headers["location"].partition("?")[0]
    text = (await browser.get(place)).text
    assert said["bulk.running"] in text and "data-live" in text and said["refusal.segment-changed"] not in text
    await run(service)
    assert await balance(service) == before
    text = (await browser.get(place)).text
    assert said["refusal.segment-changed"] in text and said["refusal.nothing"] in text and "data-live" not in text
    assert 'href="/console/segments/new?balance_from=1&amp;points=5"' in text
    assert said["bulk.dropped"] in (await page_of(browser, "/console/segments")).said
    assert said["todo.dropped.one"] in (await page_of(browser, "/console/home")).said
    # Whoever looks again has it behind them.
    await sent(browser, "/console/segments", **await previewed(browser, "balance_from=1&points=5"))
    await run(service)
    assert said["todo.dropped.one"] not in (await page_of(browser, "/console/home")).said
    assert await balance(service) == before + 5


async def test_no_digest_that_a_form_makes_up_gives_anything(service: Outside, plugin: Plugin) -> None:
    browser = await signed_in(service, plugin)
    fields = await previewed(browser, "balance_from=1&points=5")
    for digest in ("", "x", "f" * 64, "g" * 64):
        answer = await sent(browser, "/console/segments", **{**fields, "digest": digest})
        assert answer.status_code == 409 and TABLES["en"]["refusal.segment-changed"] in answer.text
    assert await service.number("SELECT count(*) FROM bulk_adjust") == 0


@pytest.mark.parametrize(
    "query", ["", "status=any", "status=left&tier=gold", "tag=a%26b&joined_from=2026-01-02&balance_to=0"]
)
def test_filters_are_found_again_in_what_they_meant(query: str) -> None:
    asked = filters_of(dict(parse_qsl(query)))
    segment, wrong = segment_of(asked)
    again = asked_of(read_segment(segment.text()))
    assert not wrong and again == {name: text for name, text in asked.items() if text}
    for other in (Segment(tiers=["a", "b"]), Segment(members=["0" * 32]), Segment(address_hashes=["x"], everyone=True)):
        assert asked_of(other) is None


async def test_however_many_are_meant_the_database_goes_through_them(
    service: Outside, plugin: Plugin, prepared_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the page nor the form behind it reads members, or writes them, one by one."""
    connection = service.connections["woocommerce"]
    new = [
        (Customer(connection.programme_number, connection.number, str(number)), uuid.uuid4().hex, OPENED)
        for number in range(1000, 1060)
    ]
    await atomic(service.service.database, lambda session: enrol(session, new, OPENED))
    browser, most, counted = await signed_in(service, plugin), [0], dict[str, tuple[Any, ...]]()
    rows, many, insert = Session.rows, Session.many, Session.insert

    async def read(session: Session, sql: str, *values: Any) -> Any:
        found = await rows(session, sql, *values)
        most.append(len(found))
        if "AS ids FROM (SELECT m." in sql:
            counted[sql] = values
        return found

    async def wrote(session: Session, sql: str, told: Any) -> None:
        most.append(len(told))
        await many(session, sql, told)

    async def put(session: Session, table: str, columns: str, told: Any, on_conflict: str = "") -> None:
        most.append(len(told))
        await insert(session, table, columns, told, on_conflict)

    for name, watched in (("rows", read), ("many", wrote), ("insert", put)):
        monkeypatch.setattr(Session, name, watched)
    fields = await previewed(browser, "points=4")
    place = (await sent(browser, "/console/segments", **fields)).headers["location"].partition("?")[0]
    assert await service.number("SELECT count(*) FROM bulk_member") == 0, "whoever asks waits for nobody's row"
    (bulk,) = await open_bulks(service.service.database.reading())
    await settle_list(service.service.pipeline, bulk)
    monkeypatch.undo()
    assert max(most) < 60 and counted
    assert not any("balance" in sql for sql in counted), "nobody asked for points, so nobody's are read"
    on_it = "SELECT count(*) FROM bulk_member WHERE bulk_id = $1"
    assert await service.service.database.reading().number(on_it, place.rpartition("/")[2]) == 62
    # A server has figures by which it chooses for itself.
    for sql, values in counted.items() if prepared_database_url.startswith("sqlite") else ():
        plan = await plan_of(prepared_database_url, sql, values)
        assert "SCAN m" in plan and not re.search("TEMP B-TREE|member_newest", plan), (sql, plan)


async def waiting(service: Outside, member: str) -> str:
    """An adjustment above the programme's limit, asked for by Bo: it waits."""
    number, now = service.connections["woocommerce"].programme_number, clock.utc_now()
    document = {**DOCUMENT, "adjust": {"second_person_above": 40}}
    await atomic(service.service.database, lambda session: publish_version(session, number, document, None, now, "t"))
    request = uuid.uuid4().hex
    told = (service.service.pipeline, number, uuid.UUID(member).hex, 50, request, Actor("bo", "command", "bo"))
    assert await adjust_points(*told, HOSTILE) is RequestState.WAITING
    return request


async def test_what_waits_for_a_second_person_is_listed_and_refused(service: Outside, plugin: Plugin) -> None:
    browser, member, before = await signed_in(service, plugin), await member_of(service), await balance(service)
    request = await waiting(service, member)
    assert HOSTILE in (await page_of(browser, "/console/segments")).said
    path = f"/console/members/{member}/requests/{request}"
    alone = await sent(browser, path, agrees="yes")
    assert alone.status_code == 409 and TABLES["en"]["refusal.owner-unknown"] in alone.text
    done = await sent(browser, path, agrees="no")
    assert done.headers["location"] == "/console/segments?said=refused"
    again = await sent(browser, path, agrees="no")
    assert again.status_code == 409 and TABLES["en"]["refusal.request-answered"] in again.text
    assert await balance(service) == before


async def test_nobody_of_another_programme_or_without_the_role_gives_to_many(service: Outside, plugin: Plugin) -> None:
    async def body(session: Session) -> None:
        other = await create_programme(session, {**DOCUMENT}, OPENED, OPENED)
        await create_connection(session, other, "woocommerce", "other.example", "https://other.example", {}, OPENED)

    await atomic(service.service.database, body)
    owner, member = await signed_in(service, plugin), await member_of(service)
    request = await waiting(service, member)
    fields = await previewed(owner, "balance_from=1&points=5")
    place = (await sent(owner, "/console/segments", **fields)).headers.get("location", "").partition("?")[0]
    stranger = await signed_in(service, await plugin_of_other(service))
    support = await signed_in(service, plugin, role="support")
    assert place, "five points for two are below the limit"
    for path in (place, f"{place}/answer", f"{place}/undo", f"/console/members/{member}/requests/{request}"):
        answer = await (stranger.get(path) if path == place else sent(stranger, path, agrees="no"))
        assert answer.status_code == 404, path
    assert HOSTILE not in (await stranger.get("/console/segments")).text
    for path in ("/console/segments", f"{place}/answer", f"{place}/undo"):
        assert (await sent(support, path, **fields)).status_code == 403
    assert (await support.get("/console/segments/new?points=5")).status_code == 403
