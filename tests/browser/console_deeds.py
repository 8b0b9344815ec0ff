"""What an owner does in the demo's console, and what its shops send, so that something leads to every page."""

from __future__ import annotations

import asyncio

from starlette.responses import Response
from starlette.routing import Route

from connector import clock
from connector.commands.shopify_app import add_app
from connector.console.words import TABLES
from connector.routes.console import SECOND
from connector.routes.shopify_app import COMPLIANCE
from connector.running.scheduler import answer_shopify
from connector.sandbox.demo import CLIENT_ID, CLIENT_SECRET, Stage
from connector.sandbox.demo_spending import dear_product
from connector.sandbox.shop import Basket
from connector.storage.instants import micros
from tests.browser.chromium import Page
from tests.browser.visitors import PASSWORD, typed

WORDS = TABLES["en"]
HEARS = "/newsletter/hears"
"""Of the shop's server: where another program of the shop hears what happens."""
SECONDS = 30


async def do_everything(stage: Stage, owner: Page, person: Page) -> None:
    """owner: comes out of the shop. person: has a password."""
    await asyncio.gather(
        _give_to_many(stage, owner),
        _send_what_nobody_reads(stage),
        _ask_for_data(stage),
        _begin_second_step(stage, person),
    )


async def _have_webhooks(stage: Stage, owner: Page) -> None:
    """It takes what it is sent."""

    async def heard(_: object) -> Response:
        return Response(status_code=204)

    stage.woocommerce.app.router.routes.insert(0, Route(HEARS, heard, methods=["POST"]))
    await owner.go(f"{stage.url}/console/settings/webhooks")
    url = f"{stage.woocommerce_url}{HEARS}"
    await typed(owner, "form[action$='/add'] button", url=url, about="Newsletter program")
    await owner.until_said(WORDS["webhooks.secret-once"])


async def _give_to_many(stage: Stage, owner: Page) -> None:
    """A few points for everybody of the highest tier, of which a program of the shop is told."""
    await _have_webhooks(stage, owner)
    await owner.go(f"{stage.url}/console/segments/new?tier=gold")
    await typed(owner, points="15")
    await typed(owner, "button.danger", reason="Thank you for a year of coffee")
    await owner.until_said(WORDS["bulk.done"], "main .chip")
    await _until(stage, "SELECT count(*) FROM webhook_message WHERE state = 1")


async def _send_what_nobody_reads(stage: Stage) -> None:
    """An order that is gone for good before the shop tells of it: the shop sends its own error instead."""
    shop, before = stage.woocommerce, micros(clock.utc_now())
    order = shop.place_order(shop.truth.live_customers()[0].id, Basket([(dear_product(shop), 1)]))
    shop.delete(order.id)
    await shop.courier.drain()
    await _until(stage, "SELECT count(*) FROM delivery WHERE state = 2 AND received_at_us >= $1", before)


async def _ask_for_data(stage: Stage) -> None:
    """Shopify sends what a shopper asked for, signed with the secret of the merchant's app."""
    await add_app(stage.service, {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "programme": 1})
    shop = stage.shopify
    customer = max(shop.truth.live_customers(), key=lambda one: len(shop.truth.orders_of(one.id)))
    shop.lifecycle.ask_data(customer, f"{stage.url}{COMPLIANCE}")
    await shop.courier.drain()
    await answer_shopify(stage.service)


async def _begin_second_step(stage: Stage, person: Page) -> None:
    """The picture for an authenticator waits for its first code."""
    await person.go(f"{stage.url}{SECOND}")
    await typed(person, present=PASSWORD)
    await person.until_said(WORDS["second.by-hand"])


async def _until(stage: Stage, count: str, *values: int) -> None:
    """Until there is something that a statement counts. Raises TimeoutError."""
    async with asyncio.timeout(SECONDS):
        while not await stage.service.database.reading().number(count, *values):
            stage.service.wake.set()
            await asyncio.sleep(0.05)
