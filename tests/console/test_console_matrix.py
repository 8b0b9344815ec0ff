"""Every page that is declared, in every role, by every way in, for strangers, and with ids of another programme.

The tests are made from the declarations, so that a new page is covered by itself.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from connector import clock
from connector.access.auth import create_api_key
from connector.access.console import Role
from connector.access.rates import Buckets, Rate
from connector.delivering.endpoints import register
from connector.people.actors import SYSTEM
from connector.routes.console import ConsolePage
from connector.routes.console_pages import PAGES
from connector.storage.atomic import atomic
from connector.storage.connections import create_connection
from connector.storage.programmes import create_programme
from connector.storage.session import Session
from tests.builders import DOCUMENT, OPENED
from tests.connector.outside import Outside, client_of, order_body, outside
from tests.connector.plugin_calls import Plugin
from tests.console.console_people import form_of, hurried, invited, joined
from tests.console.visiting import PUBLIC, signed_in

OUT = {"/console/sign-out", "/console/settings/me/out"}
OF_ONES_OWN_SHOP = {"/console/orders/{order_ref}/read"}
"""What asks the visitor's own shop for whatever has this number there: a number is nobody's."""
WITH_IDS = [each for each in PAGES if "{" in each.path]


@pytest.fixture
async def service(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Outside]:
    async with outside(prepared_database_url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
        found.service.rates.shoppers = Buckets(Rate(1, 0))
        yield hurried(found)
        found.service.passwords.close()


async def ask(browser: httpx.AsyncClient, page: ConsolePage, path: str, form: str) -> httpx.Response:
    sent = {"data": {"form": form, "once": str(uuid.uuid4())}} if page.method == "POST" else {}
    return await browser.request(page.method, path, **sent)  # type: ignore[arg-type]


@pytest.mark.parametrize("way", ["shop", "password"])
@pytest.mark.parametrize("role", list(Role))
async def test_each_role_may_what_it_may(service: Outside, plugin: Plugin, role: Role, way: str) -> None:
    """Every page in every role: refused with 403, or not; and nobody gets in without a session."""

    async def entered() -> tuple[httpx.AsyncClient, str]:
        if way == "shop":
            browser = await signed_in(service, plugin, role=role.value)
        else:
            browser = await joined(service, role, f"{uuid.uuid4().hex}@shop.example")
        return browser, form_of((await browser.get("/console/connection")).text)

    browser, form = await entered()
    for number, each in enumerate(PAGES):
        path = re.sub(r"\{\w+\}", "7", each.path)
        answer = await ask(browser, each, path, form)
        assert (answer.status_code != 403) is role.includes(each.role), (each.method, each.path, answer.status_code)
        assert answer.status_code < 500, answer.text
        if each.path in OUT:
            browser, form = await entered()
        async with client_of(service.app, (f"203.0.113.{number % 250}", 50000)) as stranger:
            turned = await ask(stranger, each, path, form)
            leads_in = turned.status_code == 303 and turned.headers["location"].startswith("/console/sign-in?")
            assert turned.status_code == 401 or (path == "/console" and leads_in), (each.method, path)


async def others(service: Outside) -> list[str]:
    """Ids of all kinds that another programme has."""

    async def found(session: Session) -> tuple[int, int, str, str]:
        number = await create_programme(session, DOCUMENT, OPENED, OPENED)
        store = await create_connection(
            session, number, "woocommerce", "https://other.example", "https://other.example", {}, OPENED
        )
        key = await create_api_key(session, number, "theirs", clock.utc_now())
        return number, store.number, store.public_id, key.partition(".")[0]

    number, store_number, store, prefix = await atomic(service.service.database, found)
    heard = await register(service.service.sender, number, "https://theirs.other.example/hook", [], "theirs", SYSTEM)
    await joined(service, Role.OWNER, "theirs@other.example", programme=number)
    await invited(service, Role.OWNER, "zoe@other.example", number)
    tickets = await service.rows("SELECT digest FROM console_ticket WHERE programme_number = $1", number)
    people = await service.rows("SELECT public_id FROM console_person WHERE programme_number = $1", number)
    members = await service.rows("SELECT member_id FROM member WHERE programme_number = $1", number)
    return [
        prefix,
        store,
        heard.endpoint.public_id,
        str(number),
        f"woocommerce:{store_number}:order:5123",
        *(row["digest"] for row in tickets),
        *(row["public_id"] for row in people),
        *(str(uuid.UUID(row["member_id"])) for row in members),
    ]


@pytest.mark.parametrize("way", ["shop", "password"])
async def test_ids_of_another_programme_are_of_nothing(service: Outside, plugin: Plugin, way: str) -> None:
    """An owner who knows every id of another programme finds none of them, and changes nothing there."""
    assert (await service.deliver("woocommerce", order_body("woocommerce", 5123, 1000))).status_code == 200
    await service.work()
    ids = await others(service)
    kept = await everything(service)
    browser = await (signed_in(service, plugin) if way == "shop" else joined(service))
    form = form_of((await browser.get("/console/connection")).text)
    for each in WITH_IDS:
        for one in ids:
            path = re.sub(r"\{\w+\}", one, each.path)
            answer = await ask(browser, each, path, form)
            asks_own = each.path in OF_ONES_OWN_SHOP and ":" not in one
            assert answer.status_code == 404 or asks_own, (each.method, path, answer.status_code)
            assert "theirs" not in answer.text
    assert await everything(service) == kept


async def everything(service: Outside) -> list[str]:
    """What owners of another programme would miss."""
    found = []
    for table in ("api_key", "webhook_endpoint", "console_person", "connection", "programme_version", "console_ticket"):
        rows = await service.rows(f"SELECT * FROM {table} WHERE programme_number <> 1 ORDER BY 1")
        found += [str(dict(row)) for row in rows]
    assert len(found) > 3
    return found
