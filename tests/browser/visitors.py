"""People who look at pages of a service, each in a browser of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx

from connector import clock
from connector.access.console import Role, Visitor, digest_of, new_token
from connector.console.words import TABLES
from connector.routes.handing_over import ENTRANCE
from connector.sandbox.demo import Stage
from connector.signing_in.inviting import first_address
from connector.storage.atomic import atomic
from connector.storage.connections import load_connections
from connector.storage.console_sessions import keep_hand_over
from tests.browser.chromium import Answer, Asked, Chromium, Page

ADDRESS, PASSWORD = "ada@shop.example", "correct horse battery staple"


def asking(url: str, client: httpx.AsyncClient) -> Answer:
    """What the service at an address answers to whoever the client is."""

    async def answer(asked: Asked) -> httpx.Response | None:
        if not asked.url.startswith(f"{url}/"):
            return None
        path = asked.url.removeprefix(url).partition("#")[0]
        return await client.request(asked.method, path, content=asked.body, headers={"accept": "text/html"})

    return answer


async def typed(page: Page, button: str = "button.main", **values: str) -> None:
    """Into the fields of these names; then the button is pressed."""
    for name, value in values.items():
        await page.tab.fill(f"[name={name}]", value)
    await page.tab.click(button)


@dataclass(frozen=True)
class Somebody:
    """Who is signed in. client: asks for them; tabs: show it."""

    client: httpx.AsyncClient
    tabs: Sequence[Page]


@asynccontextmanager
async def from_the_shop(browser: Chromium, stage: Stage, width: int, tabs: int) -> AsyncIterator[Somebody]:
    """An owner who comes out of the administration of the demo's WooCommerce shop."""
    service = stage.service
    connections = (await load_connections(service.database.reading())).values()
    shop = next(one for one in connections if one.platform == "woocommerce")
    visitor = Visitor(
        shop.programme_number, shop.number, "wp:1", "Ada Example", Role.OWNER, "en", stage.woocommerce_url
    )
    token = new_token()
    await atomic(
        service.database,
        lambda session: keep_hand_over(session, digest_of(token), visitor, "/console", clock.utc_now()),
    )
    async with _signing_in(browser, stage, width, tabs) as who:
        await who.tabs[0].go(f"{stage.url}{ENTRANCE}{token}")
        await who.tabs[0].until_said(TABLES["en"]["shell.sign-out"])
        yield who


@asynccontextmanager
async def with_a_password(browser: Chromium, stage: Stage, width: int, tabs: int) -> AsyncIterator[Somebody]:
    """An owner who has joined by the address that the demo prints."""
    given = await first_address(stage.service, clock.utc_now())
    assert given is not None
    async with _signing_in(browser, stage, width, tabs) as who:
        page = who.tabs[0]
        await page.go(given.url)
        await typed(page, name="Ada Example", address=ADDRESS, password=PASSWORD, again=PASSWORD)
        await page.until_said(TABLES["en"]["shell.sign-out"])
        yield who


@asynccontextmanager
async def _signing_in(browser: Chromium, stage: Stage, width: int, tabs: int) -> AsyncIterator[Somebody]:
    headers = {"accept-language": "en"}
    async with (
        httpx.AsyncClient(base_url=stage.url, trust_env=False, timeout=60, headers=headers) as client,
        AsyncExitStack() as stack,
    ):
        answer = asking(stage.url, client)
        yield Somebody(client, [await stack.enter_async_context(browser.page(answer, width)) for _ in range(tabs)])
