"""A browser in the console of a running service, and what tests read on its pages."""

from __future__ import annotations

import gzip
import re
import uuid
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from connector import clock
from connector.storage.atomic import atomic
from connector.storage.connections import PLUGIN_TO_SERVICE, add_secret, find_connection
from connector.storage.people import Person, save_people
from connector.storage.session import Session
from tests.builders import KEYS, OPENED
from tests.connector.outside import Outside, client_of
from tests.connector.plugin_calls import Plugin
from tests.console.reading import Reader

ADA = {"user": "wp:12", "name": "Ada <b>", "role": "owner"}
PUBLIC = "http://loyalty.example.test"
HOSTILE = "<script>alert(1)</script>\"'&"


async def handed(plugin: Plugin, **changed: Any) -> str:
    """The address to open, without the host."""
    answer = await plugin.call("handover", {**ADA, **changed})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["url"].startswith(f"{PUBLIC}/console/enter/") and told["seconds"] == 60
    return str(told["url"].removeprefix(PUBLIC))


async def signed_in(service: Outside, plugin: Plugin, **changed: Any) -> httpx.AsyncClient:
    """A browser of somebody who has entered."""
    browser = client_of(service.app)
    entered = await browser.get(await handed(plugin, **changed))
    assert entered.status_code == 303, entered.text
    return browser


def form_of(html: str) -> str:
    found = re.search(r'name="form" value="([^"]+)"', html)
    assert found is not None
    return found[1]


async def moved(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    later = clock.utc_now() + by

    def now() -> datetime:
        return later

    monkeypatch.setattr(clock, "utc_now", now)


async def member_of(service: Outside) -> str:
    (row,) = await service.rows("SELECT member_id FROM identity WHERE customer_ref = '7'")
    return str(uuid.UUID(row["member_id"]))


async def called(service: Outside, name: str, email: str = "ada@example.test") -> None:
    member = uuid.UUID(await member_of(service)).hex
    number = service.connections["woocommerce"].programme_number
    person = Person(email=email, first_name=name)
    await atomic(
        service.service.database, lambda session: save_people(session, KEYS, number, {member: person}, clock.utc_now())
    )


async def page_of(browser: httpx.AsyncClient, path: str) -> Reader:
    answer = await browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    assert len(gzip.compress(answer.content)) < 100_000
    read = Reader(answer.text)
    assert read.open == [] and "script" not in read.tags
    return read


async def plugin_of_other(service: Outside) -> Plugin:
    secret = bytes(range(50, 82))

    async def body(session: Session) -> str:
        found = await find_connection(session, "woocommerce", "other.example")
        assert found is not None
        await add_secret(session, KEYS, found, PLUGIN_TO_SERVICE, secret, OPENED)
        return found.public_id

    public_id = await atomic(service.service.database, body)
    service.service.targets.forget()
    return Plugin(service.http, public_id, secret)
