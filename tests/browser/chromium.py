"""Debian's Chromium without a window, driven by Playwright, of which we take the driver and no browser.

Every request of a page ends in a function of the test: what that does not know is refused and remembered, so a page
that asks anybody else is seen to. The browser itself can look up no name. Playwright's own routes leave out what a
redirect leads to, so the requests are paused by the browser's protocol, through Playwright.
"""

from __future__ import annotations

import base64
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, CDPSession, Dialog, async_playwright, expect
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page as Tab

from scripts import debian_packages
from scripts.debian_packages import DebianUnavailable

SECONDS = 60
"""For one answer of the browser; a busy machine takes long to start it."""
SECONDS_TO_SAY = 20
# Frames of other sites in the same process: else what they ask for would not be paused.
FLAGS = (
    "--disable-gpu", "--disable-sync", "--disable-site-isolation-trials", "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
# As people have it: each site in a process of its own, and frames of other sites without the cookies of those sites.
STRICT = ("--disable-gpu", "--disable-sync", "--test-third-party-cookie-phaseout")
SENDS_ITSELF = {"content-encoding", "content-length", "transfer-encoding", "connection"}


def require() -> str:
    """Where the browser is. Raises DebianUnavailable where there is none and it cannot be installed."""
    debian_packages.require({"chromium": "--version"}, ["chromium", "fonts-dejavu-core", "fonts-wqy-microhei"])
    return shutil.which("chromium") or ""


class Headers(httpx.Headers):
    """In which one of ours takes the place of the browser's, however either is written."""

    def __or__(self, more: dict[str, str]) -> Headers:
        found = Headers(self)
        found.update(more)
        return found


@dataclass(frozen=True)
class Asked:
    """One request of a page."""

    method: str
    url: str
    headers: Headers
    body: bytes


Answer = Callable[[Asked], Awaitable[httpx.Response | None]]
"""None: nobody whom a page may ask."""


@dataclass
class Page:
    """A tab, and what it says of itself. tab: for everything that Playwright can and these few words do not say.

    complaints: errors of scripts. foreign: addresses that were asked for and are nobody's. dialogs: all agreed to.
    sent: what it was given since it went to its address, by kind (Document, Stylesheet, Script, Fetch, ...).
    """

    tab: Tab
    wire: CDPSession
    answer: Answer
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    _problems: list[Exception] = field(default_factory=list)

    async def go(self, url: str) -> None:
        """Until all of it is loaded."""
        self.sent.clear()
        await self.tab.goto(url)

    async def run(self, script: str) -> Any:
        """The value of an expression, awaited if it is a promise."""
        return await self.tab.evaluate(script)

    async def until_said(self, words: str, within: str = "body") -> None:
        """Until these words can be read there."""
        place = expect(self.tab.locator(within).first, f"{self.complaints} {self.foreign}")
        await place.to_contain_text(words, use_inner_text=True, timeout=1000 * SECONDS_TO_SAY)

    async def size(self, width: int, height: int = 900) -> None:
        await self.tab.set_viewport_size({"width": width, "height": height})

    async def press(self, key: str) -> None:
        await self.tab.keyboard.press(key)

    async def type(self, text: str) -> None:
        """All at once, where the focus is."""
        await self.tab.keyboard.insert_text(text)

    async def shoot(self, path: Path) -> None:
        """All of the page, not only what is in view."""
        await self.run("window.scrollTo(0, 0)")
        await self.tab.screenshot(path=path, full_page=True)

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """Whatever it asks for. Raises what went wrong in an answer."""
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)[:1000]))
        self.tab.on("dialog", self._agree)
        self.wire.on("Fetch.requestPaused", self._paused)
        await self.wire.send("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})
        try:
            yield
        finally:
            for problem in self._problems:
                raise problem

    async def _agree(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        await dialog.accept()

    async def _paused(self, told: dict[str, Any]) -> None:
        number = {"requestId": told["requestId"]}
        try:
            await self._answer(number, told["resourceType"], told["request"])
        except PlaywrightError:
            """The page is gone."""
        except Exception as problem:
            self._problems.append(problem)
            await self.wire.send("Fetch.failRequest", {**number, "errorReason": "Failed"})

    async def _answer(self, number: dict[str, Any], kind: str, asked: dict[str, Any]) -> None:
        body = b"".join(base64.b64decode(part.get("bytes", "")) for part in asked.get("postDataEntries", ()))
        given = await self.answer(Asked(asked["method"], asked["url"], Headers(asked["headers"]), body))
        if given is None:
            self.foreign.append(asked["url"])
            await self.wire.send("Fetch.failRequest", {**number, "errorReason": "BlockedByClient"})
            return
        self.sent.append((kind, given.content))
        headers = [{"name": n, "value": v} for n, v in given.headers.multi_items() if n.lower() not in SENDS_ITSELF]
        made = {"responseHeaders": headers, "body": base64.b64encode(given.content).decode()}
        await self.wire.send("Fetch.fulfillRequest", {**number, "responseCode": given.status_code, **made})


@dataclass(frozen=True)
class Chromium:
    """One running browser."""

    browser: Browser

    @asynccontextmanager
    async def page(
        self, answer: Answer, width: int = 1280, *, has_scripts: bool = True, zone: str = "UTC"
    ) -> AsyncIterator[Page]:
        """A tab with nothing of any other's: its own cookies, its own cache. zone: in which its owner lives."""
        context = await self.browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=has_scripts, timezone_id=zone
        )
        context.set_default_timeout(1000 * SECONDS)
        tab = await context.new_page()
        page = Page(tab, await context.new_cdp_session(tab), answer)
        async with page.answering():
            yield page
        await context.close()


@asynccontextmanager
async def strict_tab(flags: Sequence[str]) -> AsyncIterator[Tab]:
    """A tab of a browser of its own, which comes through its own network to the hosts that the flags name."""
    try:
        require()
    except DebianUnavailable as why:
        pytest.skip(f"no Chromium to look at pages with: {why}")
    async with running((*STRICT, *flags)) as one:
        context = await one.browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(1000 * SECONDS_TO_SAY)
        yield await context.new_page()


@asynccontextmanager
async def running(flags: Sequence[str] = FLAGS) -> AsyncIterator[Chromium]:
    """A browser with an empty profile and an empty home, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="belong-chromium-", ignore_cleanup_errors=True) as home:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=require(), args=flags, env={**os.environ, "HOME": home}, timeout=1000 * SECONDS
            )
            yield Chromium(browser)
            await browser.close()


@asynccontextmanager
async def running_or_skipped() -> AsyncIterator[Chromium]:
    """For a test; where there is no browser, it is skipped."""
    try:
        require()
    except DebianUnavailable as why:
        pytest.skip(f"no Chromium to look at pages with: {why}")
    async with running() as one:
        yield one


@pytest.fixture(name="browser")
async def browser_of_a_test() -> AsyncIterator[Chromium]:
    async with running_or_skipped() as one:
        yield one
