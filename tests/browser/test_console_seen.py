"""The console in a browser: every page with something on it, and what stands there for whoever is not signed in."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from connector import clock
from connector.console.words import TABLES
from connector.delivering.endpoints import register
from connector.people.actors import SYSTEM
from connector.programmes.figures import count_due
from connector.storage.atomic import atomic
from connector.storage.books import save_closings
from connector.storage.trials import last_trial
from loyalty_engine.books import Closing
from tests.browser.chromium import Answer, Asked, Chromium
from tests.browser.looking import must_be_fit
from tests.builders import OPENED
from tests.connector.community import Community
from tests.connector.outside import Outside, client_of, order_body, outside
from tests.connector.pairing_shop import PairingShop
from tests.connector.plugin_calls import Plugin, plugin_of
from tests.connector.receiver import send_all
from tests.connector.test_store_batches import send
from tests.console.test_console_member_acts import sent
from tests.console.test_console_queues import Desk, unclear, voted
from tests.console.test_console_segments import previewed
from tests.console.test_console_shop import Shop
from tests.console.visiting import PUBLIC, called, form_of, member_of, signed_in
from tests.databases import Databases

LONG = "Annegret-Wilhelmine Schmidt-Rottluff von der Oberlausitz zu Hohenstein"


@pytest.fixture
async def service(databases: Databases, tmp_path: Path) -> AsyncIterator[Outside]:
    """Which database it is, no page shows."""
    with databases.prepared("sqlite") as url:
        async with outside(url, tmp_path, BELONG_PUBLIC_URL=PUBLIC) as found:
            yield found


@pytest.fixture
async def plugin(service: Outside) -> Plugin:
    """Of a shop with orders, a named member, and an older plugin."""
    plugin = await plugin_of(service)
    for number in range(5123, 5128):
        await service.deliver("woocommerce", order_body("woocommerce", number, 1000))
    await service.work()
    await called(service, LONG)
    assert (await send(plugin, versions={"plugin": "0.0.9", "woocommerce": "11.0.1"})).status_code == 200
    return plugin


async def weeks_of_books(service: Outside) -> None:
    """Closed days with ups and downs, figures, and a check: what the charts and lists of the books are made of."""
    database, number = service.service.database, service.connections["woocommerce"].programme_number
    today, closings, balance = clock.utc_now().date(), [], 0
    for back in range(60, 0, -1):
        earned, redeemed = 900 + 37 * (back % 11), 400 + 53 * (back % 7)
        opening, balance = balance, balance + earned - redeemed
        moved = {
            "earned": earned,
            "bonus": 0,
            "reinstated": 0,
            "transferred_in": 0,
            "redeemed": redeemed,
            "expired": 20,
        }
        moved |= {"clawed_back": 15, "transferred_out": 0, "adjusted": 35, "matured": earned, "entries": 9}
        day, root = today - timedelta(days=back), bytes([back]) * 32
        closings.append(
            Closing(number, day, opening, **moved, closing=balance, value_minor=balance, closed_at=OPENED, root=root)
        )
    await atomic(database, lambda session: save_closings(session, closings))
    await count_due(database, clock.utc_now())
    await service.service.checking.check("Ada")


async def draft_tried(service: Outside, client: httpx.AsyncClient) -> str:
    """A draft that changes much, with what the past would have been under it; its id."""
    html = (await client.get("/console/programme")).text
    draft = str(uuid.uuid4())
    form = {"form": form_of(html), "once": draft, "origin": "template:circle", "name": "Spring"}
    assert (await client.post("/console/programme/drafts", data=form)).status_code == 303
    assert (await client.post(f"/console/programme/drafts/{draft}/try", data=form)).status_code == 303
    number = service.connections["woocommerce"].programme_number
    for _ in range(1000):
        trial = await last_trial(service.service.database.reading(), number, draft)
        if trial is not None and trial.ended_at is not None:
            return draft
        await asyncio.sleep(0.02)
    raise AssertionError(trial)


async def given_to_many(client: httpx.AsyncClient) -> str:
    """Where points for many, which are just being given, are looked at."""
    fields = await previewed(client, "balance_from=1&points=5")
    answer = await sent(client, "/console/segments", **fields)
    return answer.headers["location"].removeprefix("/console/").partition("?")[0]


def asking(client: httpx.AsyncClient) -> Answer:
    """Pages of the service, for whoever the client is signed in as."""

    async def answer(asked: Asked) -> httpx.Response | None:
        if not asked.url.startswith(PUBLIC + "/"):
            return None
        path = asked.url.removeprefix(PUBLIC)
        return await client.request(asked.method, path, content=asked.body, headers={"accept": "text/html"})

    return answer


@pytest.mark.parametrize("language", ["en", "de"])
async def test_every_page_of_the_console_is_fit_for_everybody(
    browser: Chromium, service: Outside, plugin: Plugin, language: str
) -> None:
    await weeks_of_books(service)
    client = await signed_in(service, plugin, language=language, name=LONG)
    pages = {
        "connection": "connection",
        "members": "members?balance_from=1",
        "member": f"members/{await member_of(service)}",
        "member-timeline": f"members/{await member_of(service)}?part=timeline",
        "member-rewards": f"members/{await member_of(service)}?part=rewards",
        "member-standing": f"members/{await member_of(service)}?part=standing",
        "member-person": f"members/{await member_of(service)}?part=person",
        "member-audit": f"members/{await member_of(service)}?part=audit",
        "member-merge": f"members/{await member_of(service)}/merge",
        "member-data": f"members/{await member_of(service)}/data",
        "segments": "segments",
        "segment": await given_to_many(client),
        "segment-new": "segments/new?balance_from=1&points=5",
        "order": "orders/5123",
        "home": "home",
        "books": "books",
        "match": "books/match",
        "programme": "programme",
        "version": "programme/versions/1",
        "draft": f"programme/drafts/{await draft_tried(service, client)}",
        "nothing": "orders/1",
    }
    async with browser.page(asking(client)) as page:
        for name, path in pages.items():
            await page.go(f"{PUBLIC}/console/{path}")
            await must_be_fit(page, f"console-{name}-{language}", "body")


@pytest.mark.parametrize("language", ["en", "de"])
async def test_an_owner_presses_the_button_and_has_a_pairing_code(
    browser: Chromium, service: Outside, plugin: Plugin, language: str
) -> None:
    client = await signed_in(service, plugin, language=language, name=LONG)
    async with browser.page(asking(client)) as page:
        await page.go(f"{PUBLIC}/console/connection")
        await page.run("document.querySelector('button.main').click()")
        await page.until_said(TABLES[language]["join.made"])
        field = "document.querySelector('#code')"
        shop = PairingShop(service.http)
        shop.paste(await page.run(f"{field}.value"))
        assert await page.run(f"{field}.labels[0].innerText") == TABLES[language]["join.code"]
        # All of it is in view, so nobody copies a part.
        assert await page.run(f"{field}.scrollHeight <= {field}.clientHeight")
        await must_be_fit(page, f"console-pairing-{language}", "body")
        assert (await shop.prove()).status_code == 201


@pytest.mark.parametrize("language", ["en", "de"])
async def test_what_was_set_aside_is_seen_beside_what_the_shop_says(
    browser: Chromium, service: Outside, plugin: Plugin, language: str
) -> None:
    broken = json.loads(order_body("woocommerce", 5200, 1000)) | {"status": {}, "customer_note": "x" * 400}
    assert (await service.deliver("woocommerce", json.dumps(broken).encode())).status_code == 200
    await service.work()
    (row,) = await service.rows("SELECT shard, id FROM delivery WHERE state = 2")
    client = await signed_in(service, plugin, language=language, name=LONG)
    async with browser.page(asking(client)) as page:
        await page.go(f"{PUBLIC}/console/activity")
        await must_be_fit(page, f"console-letters-{language}", "body")
        await page.go(f"{PUBLIC}/console/activity/letter?id=delivery:{row['shard']}:{row['id']}")
        await must_be_fit(page, f"console-letter-{language}", "body")
        await page.run("document.querySelector('form[action$=\"letter/ask\"] button').click()")
        await page.until_said(TABLES[language]["letters.store-trouble"])


async def test_what_waits_for_a_yes_or_no_is_fit_for_everybody(
    browser: Chromium, service: Outside, plugin: Plugin
) -> None:
    desk = Desk(service, plugin, Community(service, members={7: uuid.UUID(await member_of(service)).hex}))
    await voted(desk)
    await unclear(desk)
    client = await signed_in(service, plugin, language="de", name=LONG)
    async with browser.page(asking(client)) as page:
        for name in ("badges", "rewards", "referrals"):
            await page.go(f"{PUBLIC}/console/{name}")
            await must_be_fit(page, f"console-{name}-de", "body")


async def test_a_webhook_that_takes_nothing_is_fit_for_everybody(
    browser: Chromium, service: Outside, plugin: Plugin
) -> None:
    """Its address is refused when it is called, and a message says so."""
    sender, number = service.service.sender, service.connections["woocommerce"].programme_number
    made = await register(sender, number, f"https://hooks.example/{'x' * 90}", [], LONG, SYSTEM)
    await service.deliver("woocommerce", order_body("woocommerce", 5300, 1000))
    await service.work()
    await send_all(sender)
    client = await signed_in(service, plugin, language="de", name=LONG)
    async with browser.page(asking(client)) as page:
        await page.go(f"{PUBLIC}/console/settings/webhooks/{made.endpoint.public_id}")
        await must_be_fit(page, "console-webhook-de", "body")
        await page.run("document.querySelector('form[action$=\"/test\"] button').click()")
        await page.until_said(TABLES["de"]["webhooks.tried-bad"])


async def test_who_is_not_signed_in_sees_a_page_that_says_so(browser: Chromium, service: Outside) -> None:
    async with browser.page(asking(client_of(service.app))) as page:
        await page.go(f"{PUBLIC}/console/connection")
        assert await page.run("document.querySelector('h1') !== null")
        await must_be_fit(page, "console-out", "body")


async def test_how_far_a_reading_is_moves_by_itself_and_stops(
    browser: Chromium, service: Outside, plugin: Plugin
) -> None:
    """The page that shows a run is asked for again, what is read aloud is the state alone, and at the end it rests."""
    client = await signed_in(service, plugin)
    shop = Shop(service, plugin)
    assert (await shop.send(client, "past/look")).status_code == 303
    await shop.moved(200, 800)
    async with browser.page(asking(client)) as page:
        await page.go(PUBLIC + shop.path)
        await page.run("window.kept = document.querySelector('#past [role=status]')")
        await page.until_said("200 of 1,000", "#past")
        # Somebody is at the button that pauses it, and stays there.
        await page.run("document.querySelector('#past .deed button').focus()")
        await shop.moved(300, 500)
        await page.until_said("500 of 1,000", "#past")
        assert await page.run("document.activeElement.matches('#past .deed button')")
        assert await page.run("window.kept === document.querySelector('#past [role=status]')")
        await shop.ended()
        await page.until_said("A try: read", "#past")
        assert await page.run("document.querySelector('[data-live]') === null")
        assert page.complaints == []
