"""What the service has not seen: an order is read when somebody asks, a customer joins when they agreed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connector.console.words import TABLES
from connector.storage.atomic import atomic
from connector.storage.connections import create_connection
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from tests.builders import DOCUMENT, OPENED
from tests.connector.outside import Outside, outside
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.test_console_member_acts import sent
from tests.console.visiting import PUBLIC, form_of, plugin_of_other, signed_in

ASKS_FIRST = {**DOCUMENT, "programme": {**DOCUMENT["programme"], "enrolment": "consent"}}


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    """Of a programme that takes only those who agree."""
    async with outside(prepared_database_url, tmp_path, ASKS_FIRST, BELONG_PUBLIC_URL=PUBLIC) as found:
        yield found


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    """Of a shop that told of a customer."""
    plugin = await plugin_of(service)
    body = json.dumps({"id": 7, "email": "ada@example.test", "role": "customer"}).encode()
    path = service.path("woocommerce", "customer.created")
    assert (await service.deliver("woocommerce", body, path=path)).status_code == 200
    await service.work()
    return plugin


async def test_an_order_that_was_not_seen_is_asked_for(service: Outside, plugin: Plugin) -> None:
    browser, store = await signed_in(service, plugin), service.connections["woocommerce"]
    source = f"woocommerce:{store.number}:order:6001"
    for named in ("6001", source):
        shown = await browser.get(f"/console/orders/{named}")
        assert shown.status_code == 404 and TABLES["en"]["unseen.order"] in shown.text
    for _ in range(2):
        asked = await sent(browser, f"/console/orders/{source}/read")
        assert asked.headers["location"] == f"/console/orders/{source}?said=order-wished"
    assert [row["object_id"] for row in await service.rows("SELECT object_id FROM read_wish")] == ["6001"]
    reader = await signed_in(service, plugin, role="read-only")
    assert TABLES["en"]["unseen.read"] not in (await reader.get("/console/orders/6001")).text
    assert (await sent(reader, f"/console/orders/{source}/read")).status_code == 403


async def test_a_customer_who_agreed_becomes_a_member_once(service: Outside, plugin: Plugin) -> None:
    browser, store = await signed_in(service, plugin, role="support"), service.connections["woocommerce"]
    assert await service.number("SELECT count(*) FROM member") == 0
    form = form_of((await browser.get("/console/members")).text)
    found = await browser.post("/console/members", data={"form": form, "find": "7"}, follow_redirects=True)
    assert TABLES["en"]["unseen.enrol"] in found.text and store.public_id in found.text
    fields = {"customer": "7", "connection": store.public_id}
    assert (await sent(browser, "/console/customers/enrol", **fields, reason="")).status_code == 409
    places = {(await sent(browser, "/console/customers/enrol", **fields)).headers["location"] for _ in range(2)}
    assert len(places) == 1 and await service.number("SELECT count(*) FROM member") == 1
    assert await service.number("SELECT count(*) FROM audit WHERE act = 'enrol'") == 1
    again = await browser.post("/console/members", data={"form": form, "find": "7"}, follow_redirects=True)
    assert TABLES["en"]["unseen.enrol"] not in again.text
    nobody = await sent(browser, "/console/customers/enrol", customer="99", connection=store.public_id)
    assert nobody.status_code == 409 and TABLES["en"]["refusal.member-unknown"] in nobody.text
    assert (await sent(browser, "/console/customers/enrol", customer="7", connection="x")).status_code == 404


async def test_nobody_of_another_programme_reads_or_enrols_here(service: Outside, plugin: Plugin) -> None:
    async def body(session: Session) -> None:
        other = await create_programme(session, {**DOCUMENT}, OPENED, OPENED)
        await create_connection(session, other, "woocommerce", "other.example", "https://other.example", {}, OPENED)

    await atomic(service.service.database, body)
    stranger, own = await signed_in(service, await plugin_of_other(service)), service.connections["woocommerce"]
    source = f"woocommerce:{own.number}:order:6001"
    shown = await stranger.get(f"/console/orders/{source}")
    assert shown.status_code == 404 and TABLES["en"]["unseen.order"] not in shown.text
    assert (await sent(stranger, f"/console/orders/{source}/read")).status_code == 404
    fields = {"customer": "7", "connection": own.public_id}
    assert (await sent(stranger, "/console/customers/enrol", **fields)).status_code == 404
    assert (
        await service.number("SELECT count(*) FROM member") + await service.number("SELECT count(*) FROM read_wish")
        == 0
    )
