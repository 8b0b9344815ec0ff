"""Chromium without a window, over its own protocol on two pipes: nothing between it and us, and no port.

Every request of a page ends in a function of the test: what that does not know is refused and remembered, so a page
that asks anybody else is seen to. The browser itself can look up no name.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from scripts import debian_packages

SECONDS = 60
"""For one answer of the browser; a busy machine takes long to start it."""
SECONDS_TO_SAY = 20
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
)
SENDS_ITSELF = {"content-encoding", "content-length", "transfer-encoding", "connection"}


def require() -> None:
    """Raises DebianUnavailable where there is none and it cannot be installed."""
    debian_packages.require({"chromium": "--version"}, ["chromium", "fonts-dejavu-core"])


@dataclass(frozen=True)
class Asked:
    """One request of a page."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


Answer = Callable[[Asked], Awaitable[httpx.Response | None]]
"""None: nobody whom a page may ask."""


class BrowserProblem(Exception):
    """What the browser, or a script of the page, says is wrong."""


@dataclass
class Page:
    """A tab. complaints: errors of scripts. foreign: addresses that were asked for and are nobody's."""

    browser: Chromium
    session: str
    answer: Answer
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    _loaded: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def send(self, method: str, **given: Any) -> dict[str, Any]:
        return await self.browser.send(method, given, self.session)

    async def go(self, url: str) -> None:
        """Until all of it is loaded."""
        self._loaded.clear()
        told = await self.send("Page.navigate", url=url)
        if told.get("errorText"):
            raise BrowserProblem(f"{url}: {told['errorText']}")
        await asyncio.wait_for(self._loaded.wait(), SECONDS)

    async def run(self, script: str) -> Any:
        """The value of an expression, awaited if it is a promise."""
        told = await self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in told:
            raise BrowserProblem(json.dumps(told["exceptionDetails"])[:2000])
        return told["result"].get("value")

    async def until_said(self, words: str, within: str = "body") -> None:
        """Until these words can be read there."""
        place, ends = f"document.querySelector({json.dumps(within)})", time.monotonic() + SECONDS_TO_SAY
        while words not in (said := await self.run(f"{place} ? {place}.innerText : ''")):
            if time.monotonic() > ends:
                raise BrowserProblem(f"never {words!r} in {within}, but: {said}; {self.complaints} {self.foreign}")
            await asyncio.sleep(0.02)

    async def size(self, width: int, height: int = 900) -> None:
        await self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )

    async def press(self, key: str, code: int, text: str = "") -> None:
        key_of = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        await self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **key_of)
        await self.send("Input.dispatchKeyEvent", type="keyUp", **key_of)

    async def type(self, text: str) -> None:
        await self.send("Input.insertText", text=text)

    async def shoot(self, path: Path) -> None:
        """All of the page, not only what is in view."""
        await self.run("window.scrollTo(0, 0)")
        told = await self.send("Page.captureScreenshot", captureBeyondViewport=True, format="png")
        path.write_bytes(base64.b64decode(told["data"]))

    def hear(self, method: str, told: dict[str, Any]) -> None:
        """What the browser tells of itself."""
        if method == "Page.loadEventFired":
            self._loaded.set()
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(told["exceptionDetails"])[:1000])
        elif method == "Fetch.requestPaused":
            self._later(self._answer(told))
        elif method == "Page.javascriptDialogOpening":
            self.dialogs.append(told["message"])
            self._later(self._agree())

    def _later(self, what: Any) -> None:
        task = asyncio.ensure_future(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _agree(self) -> None:
        await self.send("Page.handleJavaScriptDialog", accept=True)

    async def _answer(self, told: dict[str, Any]) -> None:
        asked = told["request"]
        body = b"".join(base64.b64decode(part.get("bytes", "")) for part in asked.get("postDataEntries", ()))
        given = await self.answer(Asked(asked["method"], asked["url"], asked["headers"], body))
        if given is None:
            self.foreign.append(asked["url"])
            await self.send("Fetch.failRequest", requestId=told["requestId"], errorReason="BlockedByClient")
            return
        headers = [{"name": n, "value": v} for n, v in given.headers.multi_items() if n.lower() not in SENDS_ITSELF]
        await self.send(
            "Fetch.fulfillRequest",
            requestId=told["requestId"],
            responseCode=given.status_code,
            responseHeaders=headers,
            body=base64.b64encode(given.content).decode(),
        )


class Chromium:
    """One running browser."""

    def __init__(self, reader: asyncio.StreamReader, writer: Callable[[bytes], None]) -> None:
        self._reader = reader
        self._write = writer
        self._count = 0
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._pages: dict[str, Page] = {}

    async def send(self, method: str, given: Mapping[str, Any], session: str = "") -> dict[str, Any]:
        """One command and its answer. Raises BrowserProblem."""
        self._count += 1
        number = self._count
        asked = {"id": number, "method": method, "params": given} | ({"sessionId": session} if session else {})
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self._write(json.dumps(asked).encode() + b"\0")
        told = await asyncio.wait_for(self._waiting[number], SECONDS)
        if "error" in told:
            raise BrowserProblem(f"{method}: {told['error']['message']}")
        return dict(told.get("result", {}))

    async def listen(self) -> None:
        """Until the browser ends."""
        while True:
            try:
                told = json.loads((await self._reader.readuntil(b"\0"))[:-1])
            except asyncio.IncompleteReadError:
                break
            if "id" in told:
                future = self._waiting.pop(told["id"])
                if not future.done():
                    future.set_result(told)
            elif (page := self._pages.get(told.get("sessionId", ""))) is not None:
                page.hear(told["method"], told["params"])
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(BrowserProblem("The browser ended."))

    @asynccontextmanager
    async def page(self, answer: Answer, width: int = 1280) -> AsyncIterator[Page]:
        """A tab with nothing of any other's: its own cookies, its own cache."""
        context = (await self.send("Target.createBrowserContext", {}))["browserContextId"]
        made = await self.send("Target.createTarget", {"url": "about:blank", "browserContextId": context})
        attached = await self.send("Target.attachToTarget", {"targetId": made["targetId"], "flatten": True})
        page = self._pages[attached["sessionId"]] = Page(self, attached["sessionId"], answer)
        for domain in ("Page", "Runtime"):
            await page.send(f"{domain}.enable")
        await page.send("Fetch.enable", patterns=[{"urlPattern": "*"}])
        await page.size(width)
        yield page
        await self.send("Target.disposeBrowserContext", {"browserContextId": context})
        del self._pages[page.session]


@asynccontextmanager
async def running() -> AsyncIterator[Chromium]:
    """A browser with an empty profile, gone at the end."""
    to_it, from_us = os.pipe()
    to_us, from_it = os.pipe()
    loop = asyncio.get_running_loop()
    with tempfile.TemporaryDirectory(prefix="belong-chromium-", ignore_cleanup_errors=True) as profile:
        # Its pipes must be 3 and 4.
        command = f'exec chromium "$@" 3<&{to_it} 4>&{from_it} {to_it}<&- {from_it}>&-'
        process = await asyncio.create_subprocess_exec(
            "bash", "-c", command, "chromium", *FLAGS, f"--user-data-dir={profile}", "about:blank",
            pass_fds=(to_it, from_it), stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "HOME": profile},
        )  # fmt: skip
        os.close(to_it)
        os.close(from_it)
        reader = asyncio.StreamReader(limit=256 * 1024 * 1024)
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(to_us, "rb")
        )
        sending, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(from_us, "wb"))
        browser = Chromium(reader, sending.write)
        listening = asyncio.ensure_future(browser.listen())
        try:
            yield browser
        finally:
            sending.close()
            if process.returncode is None:
                process.kill()
            await process.wait()
            await listening
            transport.close()
