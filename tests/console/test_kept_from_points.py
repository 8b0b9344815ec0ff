"""Whom the operator keeps from points, because their shop alone names them, moves none by any form of the console."""

from __future__ import annotations

import json
import re
import uuid

import httpx
import pytest

from connector.console.words import TABLES
from connector.routes.console_pages import PAGES
from connector.storage.atomic import atomic
from connector.storage.session import Session
from connector.store_settings import PLUGIN_ADJUSTS
from tests.connector.outside import Outside, order_body
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.test_console_test import everything
from tests.console.visiting import form_of, signed_in

SENTENCE = TABLES["en"]["refusal.adjusting-switched-off"]
MOVES = sorted(page.path for page in PAGES if page.method == "POST" and page.moves)
STILL = (
    # What somebody sees, is called, and may do: a key or a person that may move points is refused there by itself.
    *("/console/settings/", "/console/sign-out", "/console/members", "/console/rewards/redemptions"),
    *("/console/segments/saved", "/console/segments/saved/forget"),
    # The rules and the words of the programme: everybody's points come by them, and no one person's.
    *("/console/programme/", "/console/start/"),
    # Nothing real.
    "/console/test/",
    # What the shop itself says is read or told once more, and is worth what the rules say.
    *("/console/activity/", "/console/books/check", "/console/connection/ask"),
    *("/console/orders/{order_ref}/read", "/console/customers/enrol"),
    # Under which name somebody stands on boards.
    "/console/badges/boards/take",
    *(f"/console/connection/{{connection}}/{part}" for part in ("past/", "settings", "secrets")),
    # Of a member, what is no points: standing, personal data, what the store shows of them.
    *(f"/console/members/{{id}}/{part}" for part in ("status", "tier", "badges", "badges/{badge}/take", "push")),
    *(f"/console/members/{{id}}/{part}" for part in ("merge/look", "data/export", "data/erase")),
)
"""Forms by which nobody gives or takes points. A new one is here, or moves some."""


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    plugin = await plugin_of(service)
    assert (await service.deliver("woocommerce", order_body("woocommerce", 5123, 1000))).status_code == 200
    await service.work()
    return plugin


async def keep(service: Outside, *, is_kept: bool) -> None:
    number = service.connections["woocommerce"].number
    said = json.dumps({PLUGIN_ADJUSTS: "no" if is_kept else "yes"})

    async def body(session: Session) -> None:
        await session.run("UPDATE connection SET settings = $1 WHERE number = $2", said, number)

    await atomic(service.service.database, body)


async def addresses(service: Outside) -> dict[str, str]:
    """Of every form that moves points, one that is there, or could be."""
    member = str(uuid.UUID((await service.rows("SELECT member_id FROM member"))[0]["member_id"]))
    shop = service.connections["woocommerce"].public_id
    named = {"id": member, "connection": shop, "redemption": "0" * 32, "bulk": "0" * 32, "request": "0" * 32}
    return {path: re.sub(r"\{(\w+)\}", lambda found: named[found[1]], path) for path in MOVES}


async def send(browser: httpx.AsyncClient, path: str) -> httpx.Response:
    form = form_of((await browser.get("/console/connection")).text)
    fields = {"form": form, "once": str(uuid.uuid4()), "points": "5", "reason": "Because.", "pass": "yes"}
    return await browser.post(path, data=fields)


async def test_every_form_by_which_points_move_is_closed_to_them_and_open_to_others(
    service: Outside, plugin: Plugin
) -> None:
    browser, places = await signed_in(service, plugin), await addresses(service)
    assert len(places) == 16, "as many as there are"
    await keep(service, is_kept=True)
    before = await everything(service)
    for path, place in places.items():
        answer = await send(browser, place)
        assert answer.status_code == 409 and SENTENCE in answer.text, path
    assert await everything(service) == before
    await keep(service, is_kept=False)
    for path, place in places.items():
        answer = await send(browser, place)
        assert answer.status_code < 500 and SENTENCE not in answer.text, path
    assert await everything(service) != before


def test_every_other_form_is_known_to_move_none() -> None:
    others = {page.path for page in PAGES if page.method == "POST"} - set(MOVES)

    def fits(path: str, still: str) -> bool:
        return path.startswith(still) if still.endswith("/") else path == still

    assert [path for path in sorted(others) if not any(fits(path, still) for still in STILL)] == []
    assert [still for still in STILL if not any(fits(path, still) for path in others)] == []
    assert [path for path in MOVES if any(fits(path, still) for still in STILL)] == []
