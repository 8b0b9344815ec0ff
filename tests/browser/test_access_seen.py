"""Signing in, joining and the settings in a browser."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pyotp
import pytest

from connector import clock
from connector.access.console import Role
from connector.config import load_settings
from connector.console.words import TABLES
from connector.running.app import build_app
from connector.running.service import assemble
from connector.signing_in.inviting import first_address
from tests.browser.chromium import Chromium, Page
from tests.browser.looking import must_be_fit
from tests.browser.test_console_seen import LONG, asking
from tests.builders import KEYS, opened
from tests.connector.outside import Outside, client_of, outside
from tests.console.console_people import ADDRESS, PASSWORD, form_of, hurried, joined, path_of
from tests.console.visiting import PUBLIC
from tests.databases import Databases


@pytest.fixture
async def service(databases: Databases, tmp_path: Path) -> AsyncIterator[Outside]:
    """Which database it is, no page shows."""
    with databases.prepared("sqlite") as url:
        async with outside(url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
            yield hurried(found)
            found.service.passwords.close()


@pytest.fixture
async def fresh(databases: Databases, tmp_path: Path) -> AsyncIterator[Outside]:
    """An installation without programme, shop and people."""
    with databases.prepared("sqlite") as url:
        settings = load_settings({"BELONG_HOME": str(tmp_path), "DATABASE_URL": url, "BELONG_PUBLIC_URL": PUBLIC})
        async with opened(url) as database:
            made = assemble(settings, KEYS, database, httpx.AsyncClient())
            app = build_app(made)
            async with client_of(app) as http:
                yield hurried(Outside(made, app, http))
            await made.inbox.close()
            made.passwords.close()


@pytest.mark.parametrize("language", ["en", "de"])
async def test_the_first_owner_sets_up_signs_out_and_signs_in(browser: Chromium, fresh: Outside, language: str) -> None:
    given = await first_address(fresh.service, clock.utc_now())
    assert given is not None
    client = client_of(fresh.app)
    client.headers["accept-language"] = language
    words = TABLES[language]
    async with browser.page(asking(client)) as page:
        await page.go(PUBLIC + path_of(given.url))
        await must_be_fit(page, f"console-set-up-{language}", "body")
        await typed(page, {"name": LONG, "address": ADDRESS, "password": PASSWORD, "again": PASSWORD + "!"})
        await typed(page, {"programme": "Tea Friends"})
        await page.run("document.querySelector('button.main').click()")
        await page.until_said(words["sign-in.problem-again"])
        await must_be_fit(page, f"console-set-up-wrong-{language}", "body")
        await typed(page, {"password": PASSWORD, "again": PASSWORD})
        await page.run("document.querySelector('button.main').click()")
        await page.until_said(words["shell.sign-out"])
        await page.run("document.querySelector('form.who button').click()")
        await page.until_said(words["left.title"])
        await page.go(f"{PUBLIC}/console/sign-in")
        await must_be_fit(page, f"console-sign-in-{language}", "body")
        await typed(page, {"address": ADDRESS, "password": "not this one"})
        await page.run("document.querySelector('button.main').click()")
        await page.until_said(words["sign-in.wrong"])
        await must_be_fit(page, f"console-sign-in-wrong-{language}", "body")
        await typed(page, {"password": PASSWORD})
        await page.run("document.querySelector('button.main').click()")
        await page.until_said(words["shell.sign-out"])


async def typed(page: Page, values: dict[str, str]) -> None:
    """Into the fields of these names."""
    for name, value in values.items():
        await page.run(f"document.getElementsByName({name!r})[0].value = {value!r}")


@pytest.mark.parametrize("language", ["en", "de"])
async def test_every_page_of_the_settings_is_fit_for_everybody(
    browser: Chromium, service: Outside, language: str
) -> None:
    client = await joined(service, name=LONG)
    await joined(service, Role.SUPPORT, "annegret-wilhelmine.schmidt-rottluff@oberlausitz-zu-hohenstein.example")
    form = form_of((await client.get("/console/settings/me")).text)
    await client.post("/console/settings/me", data={"form": form, "name": LONG, "language": language})
    sent = {"form": form, "name": LONG, "days": "30", "scope.members:read": "yes", "scope.audit:read": "yes"}
    for _ in range(2):
        await client.post("/console/settings/keys/make", data={**sent, "once": str(uuid.uuid4())})
    async with browser.page(asking(client)) as page:
        for name, path in {"settings": "", "people": "/people", "keys": "/keys", "me": "/me"}.items():
            await page.go(f"{PUBLIC}/console/settings{path}")
            await must_be_fit(page, f"console-{name}-{language}", "body")
        await page.go(f"{PUBLIC}/console/settings/people")
        await typed(page, {"address": "eve@shop.example"})
        await page.run("document.querySelector('form[action$=\"/invite\"] button').click()")
        await page.until_said(TABLES[language]["people.given"])
        await must_be_fit(page, f"console-invited-{language}", "body")


@pytest.mark.parametrize("language", ["en", "de"])
async def test_the_second_step_is_set_up_and_asked_for(browser: Chromium, service: Outside, language: str) -> None:
    client = await joined(service, name=LONG)
    form = form_of((await client.get("/console/settings/me")).text)
    await client.post("/console/settings/me", data={"form": form, "name": LONG, "language": language})
    words, second = TABLES[language], f"{PUBLIC}/console/settings/me/second"
    async with browser.page(asking(client)) as page:
        await page.go(second)
        await must_be_fit(page, f"console-second-{language}", "body")
        await typed(page, {"present": PASSWORD})
        await page.run("document.querySelector('button.main').click()")
        await page.until_said(words["second.by-hand"])
        await must_be_fit(page, f"console-second-scan-{language}", "body")
        secret = await page.run("document.querySelector('.steps code').innerText")
        code = pyotp.TOTP(secret.replace(" ", "")).at(clock.utc_now())
        await typed(page, {"code": code})
        await page.run("document.querySelector('button.main').click()")
        await page.until_said(words["second.codes-text"])
        await must_be_fit(page, f"console-second-codes-{language}", "body")
    other = client_of(service.app)
    other.headers["accept-language"] = language
    async with browser.page(asking(other)) as page:
        await page.go(f"{PUBLIC}/console/sign-in")
        await typed(page, {"address": ADDRESS, "password": PASSWORD})
        await page.run("document.querySelector('button.main').click()")
        await page.until_said(words["second.code-help"])
        await must_be_fit(page, f"console-code-{language}", "body")
