"""The console's page of a planned version: what withdrawing it does is said first, and what came of it after."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from connector import clock
from connector.console.words import TABLES
from connector.storage.atomic import atomic
from connector.storage.programmes import load_programmes, publish_version
from connector.storage.session import Session
from tests.builders import DOCUMENT
from tests.connector.outside import Outside
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.console.reading import Reader
from tests.console.visiting import form_of, signed_in

SAID = TABLES["en"]
PROGRAMME, PLANNED = "/console/programme", "/console/programme/versions/2"

END_DAYS = {"earn_until": 100, "redeem_until": 200}


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    """Of a shop whose programme changes tomorrow, of which members hear."""
    plugin = await plugin_of(service)
    await planned(service)
    return plugin


async def planned(service: Outside) -> None:
    number, now = service.connections["woocommerce"].programme_number, clock.utc_now()
    document = {**DOCUMENT, "points": {"earn": {"rates": {"EUR": "2"}, "pending_days": 14}}}
    await atomic(
        service.service.database,
        lambda session: publish_version(session, number, document, now + timedelta(days=1), now, "Ada", tells=True),
    )


async def page_of(browser: httpx.AsyncClient, path: str) -> Reader:
    return Reader((await browser.get(path)).text)


async def withdraws(browser: httpx.AsyncClient, version: str = "2", reason: str = "Too early") -> httpx.Response:
    form = form_of((await browser.get(PROGRAMME)).text)
    return await browser.post(f"{PROGRAMME}/versions/{version}/withdraw", data={"form": form, "reason": reason})


async def standing(service: Outside) -> list[int]:
    number = service.connections["woocommerce"].programme_number
    books = (await load_programmes(service.service.database.reading()))[number]
    return [one.version for one in books.rulebook.versions]


async def test_an_owner_reads_what_it_does_and_withdraws_it(service: Outside, plugin: Plugin) -> None:
    browser = await signed_in(service, plugin)
    assert SAID["editor.look-or-withdraw"] in (await page_of(browser, PROGRAMME)).said
    before = (await page_of(browser, PLANNED)).said
    assert SAID["editor.withdraw-never"].format(version=2, instead=1) in before
    assert all(SAID[f"editor.{key}"] in before for key in ("withdraw-kept", "withdraw-told", "withdraw-late"))
    assert SAID["editor.withdraw-told-end"] not in before
    assert (await withdraws(browser, reason=" ")).headers["location"] == f"{PLANNED}?said=needs-reason"
    answer = await withdraws(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PROGRAMME}?said=version-gone")
    shown = (await page_of(browser, answer.headers["location"])).said
    assert SAID["said.version-gone"] in shown and SAID["editor.did-withdraw"].format(version=2) in shown
    assert "Too early" in shown and SAID["editor.look-or-withdraw"] not in shown
    after = (await page_of(browser, PLANNED)).said
    assert SAID["editor.withdrawn"] in after and SAID["editor.withdrawn-by"] in after and "Ada" in after
    assert SAID["editor.withdraw-late"] not in after
    assert await standing(service) == [1]
    assert SAID["act.withdraw"] in (await page_of(browser, "/console/audit?kind=withdraw")).said


async def test_what_cannot_be_withdrawn_is_said_and_stays(service: Outside, plugin: Plugin) -> None:
    browser = await signed_in(service, plugin)
    assert (await withdraws(browser, "1")).headers["location"].endswith("/versions/1?said=version-began")
    assert SAID["said.version-began"] in (await page_of(browser, f"{PROGRAMME}/versions/1?said=version-began")).said
    assert SAID["editor.withdraw-late"] not in (await page_of(browser, f"{PROGRAMME}/versions/1")).said
    assert [(await withdraws(browser, named)).status_code for named in ("9", "x", "²")] == [404, 404, 404]
    await withdraws(browser)
    assert (await withdraws(browser)).headers["location"] == f"{PLANNED}?said=version-withdrawn"
    assert await standing(service) == [1]


@pytest.mark.parametrize("role", ["read-only", "support", "manager"])
async def test_only_who_may_publish_withdraws(service: Outside, plugin: Plugin, role: str) -> None:
    browser = await signed_in(service, plugin, role=role)
    assert SAID["editor.look-or-withdraw"] not in (await page_of(browser, PROGRAMME)).said
    assert SAID["editor.withdraw-late"] not in (await page_of(browser, PLANNED)).said
    assert (await withdraws(browser)).status_code == 403
    assert await standing(service) == [1, 2]


async def test_of_an_end_it_says_that_members_may_have_heard(service: Outside, plugin: Plugin) -> None:
    """Defect seen: members are told of an end however it was published, and the page was silent. One that goes on with
    that end tells nobody anything new.
    """
    browser, number = await signed_in(service, plugin), service.connections["woocommerce"].programme_number
    now = clock.utc_now()
    ends = {day: (now + timedelta(days=in_days)).date().isoformat() for day, in_days in END_DAYS.items()}

    async def publish(session: Session) -> None:
        for days in (2, 3):
            document = {**DOCUMENT, "wind_down": ends}
            await publish_version(session, number, document, now + timedelta(days=days), now, "Ada")

    await atomic(service.service.database, publish)
    assert SAID["editor.withdraw-told-end"] in (await page_of(browser, f"{PROGRAMME}/versions/3")).said
    assert SAID["editor.withdraw-told-end"] not in (await page_of(browser, f"{PROGRAMME}/versions/4")).said
