"""Every page of the console's door, as people come to it in an installation of their own: the first owner, somebody who
was invited, signing in with both steps, and another password.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pyotp

from connector import clock
from connector.access.console import Role
from connector.commands.local_control import opened_for_writing
from connector.config import load_settings
from connector.console.words import TABLES
from connector.people.actors import SYSTEM
from connector.routes.console import SECOND
from connector.routes.console_door import CODE
from connector.routes.console_ways import SIGN_IN
from connector.running.app import build_app
from connector.running.service import Service
from connector.signing_in.inviting import JOIN, first_address, invite, let_choose_anew
from connector.storage.console_people import find_person
from tests.browser.chromium import Chromium, Page
from tests.browser.visitors import ADDRESS, PASSWORD, asking, typed

DOOR = "https://belong.example"
WORDS = TABLES["en"]


@dataclass(frozen=True)
class DoorShown:
    """A page that a tab shows now. declared: its path, as the service declares it."""

    name: str
    declared: str
    page: Page


async def doors(browser: Chromium, home: Path, width: int = 1280) -> AsyncIterator[DoorShown]:
    """One after another; somebody with a browser of their own sees each."""
    settings = load_settings({"BELONG_HOME": str(home), "BELONG_PUBLIC_URL": DOOR})
    async with opened_for_writing(settings) as service:
        first = await first_address(service, clock.utc_now())
        assert first is not None
        async with _somebody(browser, service, width) as page:
            await page.go(first.url)
            yield DoorShown("console-first-owner", JOIN + "{token}", page)
            await _sets_up(page)
        asked = await invite(service, 1, Role.SUPPORT, "sam@shop.example", "en", SYSTEM, clock.utc_now())
        async with _somebody(browser, service, width) as page:
            await page.go(asked.url)
            yield DoorShown("console-invited", JOIN + "{token}", page)
        async with _somebody(browser, service, width) as page:
            await page.go(DOOR + SIGN_IN)
            yield DoorShown("console-sign-in", SIGN_IN, page)
            await typed(page, address=ADDRESS, password=PASSWORD)
            await page.until_said(WORDS["second.code-help"])
            yield DoorShown("console-sign-in-code", CODE, page)
        owner = await find_person(service.database.reading(), ADDRESS)
        assert owner is not None
        again = await let_choose_anew(service, owner, SYSTEM, clock.utc_now())
        async with _somebody(browser, service, width) as page:
            await page.go(again.url)
            yield DoorShown("console-new-password", JOIN + "{token}", page)


async def _sets_up(page: Page) -> None:
    """The owner joins, and sets up the second step."""
    await typed(page, name="Ada", address=ADDRESS, password=PASSWORD, again=PASSWORD, programme="Tea Friends")
    await page.until_said(WORDS["shell.sign-out"])
    await page.go(DOOR + SECOND)
    await typed(page, present=PASSWORD)
    await page.until_said(WORDS["second.by-hand"])
    secret = await page.run("document.querySelector('.steps code').innerText")
    await typed(page, code=pyotp.TOTP(secret.replace(" ", "")).at(clock.utc_now()))
    await page.until_said(WORDS["second.codes-text"])


@asynccontextmanager
async def _somebody(browser: Chromium, service: Service, width: int) -> AsyncIterator[Page]:
    transport = httpx.ASGITransport(build_app(service), raise_app_exceptions=False, client=("127.0.0.1", 50000))
    async with httpx.AsyncClient(transport=transport, base_url=DOOR, headers={"accept-language": "en"}) as client:
        async with browser.page(asking(DOOR, client), width) as page:
            yield page
