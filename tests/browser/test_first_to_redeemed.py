"""From the first set-up to the first redemption, in a browser: an owner by keyboard alone, a shopper on a phone, and
whoever answers the shopper's question.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from connector import clock
from connector import storefront as shown
from connector.access.auth import MINT_TOKENS, create_api_key
from connector.access.console import Role
from connector.config import load_settings
from connector.console.words import TABLES
from connector.ingest.awaited import WAIT
from connector.people.actors import SYSTEM
from connector.programmes.books import close_books
from connector.running.app import build_app
from connector.running.service import assemble
from connector.sandbox.headless import Backend, HeadlessShop
from connector.signing_in.inviting import first_address, invite
from connector.storage.atomic import atomic
from connector.storage.connections import add_secret, create_connection
from connector.storage.session import Session
from connector.storage.work import release_work
from tests.browser.chromium import Asked, Chromium, Page
from tests.browser.headless import SERVICE, SHOP, Front
from tests.browser.looking import overflow
from tests.builders import KEYS, OPENED, opened
from tests.connector.outside import SECRETS, Outside, client_of, order_body
from tests.console.console_people import PASSWORD, hurried, path_of
from tests.databases import Databases

OWNER, SUPPORT = "ada@shop.example", "sam@shop.example"
SHOPPER = "tea.lover@example.test"
WHY = "The parcel came late"
WORDS = TABLES["en"]
STEPS = 150


@pytest.fixture
async def fresh(databases: Databases, tmp_path: Path) -> AsyncIterator[Outside]:
    """An installation without programme, shop and people."""
    shown.served()
    with databases.prepared("sqlite") as url:
        settings = load_settings({"BELONG_HOME": str(tmp_path), "DATABASE_URL": url, "BELONG_PUBLIC_URL": SERVICE})
        async with opened(url) as database:
            made = assemble(settings, KEYS, database, httpx.AsyncClient())
            app = build_app(made)
            async with client_of(app) as http:
                yield hurried(Outside(made, app, http))
            await made.inbox.close()
            made.passwords.close()


@asynccontextmanager
async def shop_of(service: Outside) -> AsyncIterator[Front]:
    """A headless shop joins the programme; how shops join is tried elsewhere."""

    async def joins(session: Session) -> str:
        made = await create_connection(session, 1, "woocommerce", SHOP, SHOP, {}, OPENED)
        await add_secret(session, KEYS, made, "webhook", SECRETS["woocommerce"], OPENED)
        service.connections["woocommerce"] = made
        return await create_api_key(session, 1, "shop", OPENED, frozenset({MINT_TOKENS}))

    key = await atomic(service.service.database, joins)
    service.service.targets.forget()
    backend = Backend(SERVICE, key, service.connections["woocommerce"].public_id)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app)) as to_us:
        shop = HeadlessShop(lambda: to_us, lambda: {"7": "Ada"}, lambda: backend)
        yield Front(service, Starlette(routes=shop.routes()))


def paid_now(number: int, minor: int) -> bytes:
    """Later than the programme began."""
    at = f"{clock.utc_now():%Y-%m-%dT%H:%M:%S}"
    dates = dict.fromkeys(("date_created_gmt", "date_modified_gmt", "date_paid_gmt"), at)
    return json.dumps({**json.loads(order_body("woocommerce", number, minor)), **dates}).encode()


@asynccontextmanager
async def person(browser: Chromium, service: Outside, width: int = 1280) -> AsyncIterator[Page]:
    """Somebody's tab in the console, with cookies of their own."""
    transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
    # Its cookies are for https alone.
    client = httpx.AsyncClient(transport=transport, base_url=SERVICE, headers={"accept-language": "en"})

    async def answer(asked: Asked) -> httpx.Response | None:
        if not asked.url.startswith(f"{SERVICE}/"):
            return None
        path = asked.url.removeprefix(SERVICE).partition("#")[0]
        return await client.request(asked.method, path, content=asked.body, headers={"accept": "text/html"})

    async with client, browser.page(answer, width) as page:
        yield page
        assert (page.complaints, page.foreign) == ([], [])


async def reach(page: Page, selector: str) -> None:
    """By the tabulator key alone."""
    for _ in range(STEPS):
        await page.press("Tab")
        if await page.run(f"document.activeElement.matches({selector!r})"):
            return
    raise AssertionError(f"{selector} is not on the keyboard's way")


async def fill(page: Page, form: str, **values: str) -> None:
    """A form's fields in their order, and its button, by keyboard."""
    for name, value in values.items():
        await reach(page, f"{form} [name={name}]")
        await page.press("Control+A")
        await page.type(value)
    await reach(page, f"{form} button.main")
    await page.press("Enter")


async def sets_up(page: Page, path: str, **more: str) -> None:
    await page.go(SERVICE + path)
    await fill(page, "form", name="Ada", **more)
    await page.until_said(WORDS["home.works"])


async def takes_the_guide(page: Page) -> None:
    """A few answers become a whole programme, which is looked at as a draft and published."""
    await page.go(f"{SERVICE}/console/programme/begin")
    await fill(page, 'form[method=get][action*="/begin"]', name="Tea Friends", own="3")
    await page.until_said(WORDS["begin.proposed"])
    await reach(page, 'form[action$="/begin/draft"] button.main')
    await page.press("Enter")
    await page.until_said(WORDS["editor.is-usable"])
    await fill(page, 'form[action$="/publish"]', reason="We begin")
    await page.until_said(WORDS["said.published"])
    await page.until_said("We begin")


async def answers_the_shopper(page: Page) -> None:
    """Found by the address, told why it is so little, helped."""
    await page.go(f"{SERVICE}/console/members")
    await fill(page, "form.find", find=SHOPPER)
    await page.until_said(SHOPPER)
    await reach(page, 'main a[href*="/console/members/"]')
    await page.press("Enter")
    await page.until_said(WORDS["member.entries"])
    await page.until_said("40 points for order 1042")
    # The programme lets nobody give more than 300 at once.
    for reason in (WHY, f"{WHY}, and was wet"):
        await fill(page, 'form[action$="/adjust"]', points="250", reason=reason)
        await page.until_said(WORDS["said.adjusted"])
        await page.until_said(reason)


async def test_from_the_first_set_up_to_the_first_redemption(browser: Chromium, fresh: Outside) -> None:
    given = await first_address(fresh.service, clock.utc_now())
    assert given is not None
    async with person(browser, fresh) as owner:
        typed = {"address": OWNER, "password": PASSWORD, "again": PASSWORD, "programme": "Tea Friends"}
        await sets_up(owner, path_of(given.url), **typed)
        await takes_the_guide(owner)
        async with shop_of(fresh) as shop, browser.page(shop.answer, 320) as phone:
            # A shop tells whole seconds: the next one is after the programme's beginning.
            await asyncio.sleep(1)
            account = json.dumps({"id": 7, "email": SHOPPER, "role": "customer"}).encode()
            await fresh.deliver("woocommerce", account, path=fresh.path("woocommerce", "customer.created"))
            await fresh.deliver("woocommerce", paid_now(5123, 4_000))
            await fresh.work()
            # No shop is there that could be asked for its products: the order waits for it, and then goes without.
            fresh.service.pipeline.now = lambda: clock.utc_now() + WAIT
            await atomic(fresh.service.database, lambda session: release_work(session, [1]))
            await fresh.work()
            fresh.service.pipeline.now = clock.utc_now
            await phone.go(f"{SHOP}/headless?shopper=7")
            # The guide's usual programme: a point for each euro, on its way until the goods may not come back any more.
            await phone.until_said("40 points", "belong-balance")
            await phone.until_said("ready on", "belong-balance")
            assert await overflow(phone, "body") == []
            asked = await invite(fresh.service, 1, Role.SUPPORT, SUPPORT, "en", SYSTEM, clock.utc_now())
            async with person(browser, fresh, 320) as support:
                await sets_up(support, path_of(asked.url), password=PASSWORD, again=PASSWORD)
                await answers_the_shopper(support)
            await phone.go(f"{SHOP}/headless?shopper=7")
            await phone.until_said("Use ", "belong-rewards")
            await phone.tab.locator("belong-redeem button").first.click()
            await phone.until_said("Your points are used", "belong-rewards")
            code = await phone.run("document.querySelector('belong-redeem code').textContent")
            assert code == (await fresh.rows("SELECT code FROM voucher"))[0]["code"]
            assert phone.complaints == []
        await owner.go(f"{SERVICE}/console/audit")
        await owner.until_said(WHY)
        await close_books(fresh.service.database, clock.utc_now())
        await fresh.service.checking.check("Ada")
        await owner.go(f"{SERVICE}/console/home")
        await owner.until_said(WORDS["home.title"].format(name="Tea Friends"))
        await owner.until_said(WORDS["home.books-balanced"])
