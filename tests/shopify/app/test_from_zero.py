"""What `plugins/shopify/README.md` asks of a merchant, step by step, with real commands and a real service process.

The shop is the simulated one, and Shopify's dashboard and deployment are left out: nobody can deploy from here. What is
measured is the machine's part of the ten minutes.
"""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path
from urllib.parse import urljoin

import httpx

from connector import clock
from connector.sandbox.shop import Basket
from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.shopify import oauth as admin
from connector.shopify.app_folder import CONFIGURATION
from tests.connector.home import Home, simulated_shopify
from tests.console.visiting import form_of

PUBLIC = "https://belong.example"
CLIENT, SECRET = "sandbox-client-id", "sandbox-client-secret-0123456789abcdef"
SECONDS = 60
README = Path(__file__).parents[3] / "plugins" / "shopify" / "README.md"


class ToService(httpx.AsyncBaseTransport):
    """Whoever asks the public address reaches the process on this machine."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._http = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = httpx.URL(urljoin(self._address, request.url.raw_path.decode()))
        return await self._http.handle_async_request(request)

    async def aclose(self) -> None:
        await self._http.aclose()


def shown(shop: SimulatedShopify, customer: int) -> bool:
    return shop.metafields.value(customer, None, "summary") is not None


async def merchant(shop: SimulatedShopify, address: str, customer: int) -> None:
    """Opens the app, tries a programme and goes live; then somebody buys, and sees points in the shop."""
    async with httpx.AsyncClient(transport=ToService(address), base_url=PUBLIC, timeout=30) as browser:
        opened = await browser.get(f"/shopify/app?{admin.opening(shop)}")
        assert opened.status_code == 303, opened.text
        bearer = {"Authorization": f"Bearer {admin.id_token(shop)}"}
        page = await browser.get(opened.headers["location"])
        sent = {"form": form_of(page.text), "template": "plain-3"}
        tried = await browser.post("/console/start/try", headers=bearer, data=sent)
        assert (tried.status_code, "#1001" in tried.text) == (200, True)
        live = await browser.post("/console/start/live", headers=bearer, data=sent)
        assert live.status_code == 303, live.text
        assert shop.programme is not None, "the rules are in the shop at once"
        shop.courier.http = browser
        shop.place_order(customer, Basket([(next(iter(shop.truth.products)), 1)], shipping_minor=490))
        ends = time.monotonic() + SECONDS
        while not shown(shop, customer):
            await shop.courier.drain()
            assert time.monotonic() < ends, "the shop never showed points"
            await asyncio.sleep(0.1)


def test_a_merchant_is_live_in_far_less_than_ten_minutes_of_machine_time(tmp_path: Path) -> None:
    """The command is the one that the README says. Shopify's part, a person's reading and clicking come on top."""
    assert "belong shopify-app add CLIENT_ID --to my-app" in README.read_text("utf-8")
    began = time.monotonic()
    home = Home(tmp_path / "home", {"BELONG_PUBLIC_URL": PUBLIC})
    with simulated_shopify(client_id=CLIENT, client_secret=SECRET, now=clock.utc_now) as (shop, api):
        shop.grants.must_expire = True
        customer = shop.register_customer("mia@example.test", "Mia", "Moor").id
        shop.place_order(customer, Basket([(next(iter(shop.truth.products)), 2)], shipping_minor=490))
        allowed = {"BELONG_ALLOW_PRIVATE_HOSTS": api.removeprefix("http://")}
        with home.serving(**allowed) as service:
            folder = tmp_path / "my-app"
            secret = {"BELONG_SHOPIFY_CLIENT_SECRET": SECRET}
            home.must("shopify-app", "add", CLIENT, "--to", str(folder), "--api-url", api, **allowed, **secret)
            assert re.search(rf'client_id = "{CLIENT}"', (folder / CONFIGURATION).read_text("utf-8"))
            asyncio.run(merchant(shop, service.url, customer))
    print(f"from nothing to points in the shop: {time.monotonic() - began:.1f} s of machine time")
