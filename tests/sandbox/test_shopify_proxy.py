"""The simulated shop's app proxy: what reaches the app, how it is signed, and what comes back to the page."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import httpx
import pytest

from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.shopify.proxy import message_of

SECRET = "hush"


@dataclass
class Pages:
    """A shop, a browser in it, and an app that notes what it is asked."""

    shop: SimulatedShopify
    browser: httpx.AsyncClient
    asked: list[httpx.Request] = field(default_factory=list)
    answer: httpx.Response = field(default_factory=lambda: httpx.Response(200, json={"yes": True}))


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    shop = SimulatedShopify(3, client_secret=SECRET)
    shop.proxy.url = "https://app.example/shopify/proxy"
    transport = httpx.ASGITransport(shop.app)
    async with httpx.AsyncClient(transport=transport, base_url=f"https://{shop.shop}") as browser:
        made = Pages(shop, browser)

        def app(request: httpx.Request) -> httpx.Response:
            made.asked.append(request)
            return made.answer

        async with httpx.AsyncClient(transport=httpx.MockTransport(app)) as http:
            shop.courier.http = http
            yield made


def test_what_is_signed_is_what_shopifys_documentation_shows() -> None:
    """The example of https://shopify.dev/docs/apps/build/online-store/app-proxies/authenticate-app-proxies."""
    query = "extra=1&extra=2&shop=some-shop.myshopify.com&logged_in_customer_id=1"
    query += "&path_prefix=%2Fapps%2Fawesome_reviews&timestamp=1317327555"
    assert message_of(parse_qsl(query)) == (
        "extra=1,2logged_in_customer_id=1path_prefix=/apps/awesome_reviewsshop=some-shop.myshopify.com"
        "timestamp=1317327555"
    )


async def test_a_page_reaches_the_app_signed_and_without_cookies(pages: Pages) -> None:
    customer = pages.shop.register_customer("mia@example.test", "Mia", "Moor").id
    cookies = pages.shop.proxy.sign_in(customer) | {"cart": "7"}
    pages.answer = httpx.Response(200, headers=[("Set-Cookie", "a=1"), ("X-Own", "1")], json={"yes": True})
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "X-Other": "1"}
    answer = await pages.browser.post("/apps/belong/token/now?extra=1&extra=2&empty=", headers=headers, content=b"body")
    assert (answer.status_code, answer.json(), answer.headers["x-own"]) == (200, {"yes": True}, "1")
    assert "set-cookie" not in answer.headers
    [asked] = pages.asked
    assert (asked.method, asked.content, asked.url.path) == ("POST", b"body", "/shopify/proxy/token/now")
    assert "cookie" not in asked.headers and asked.headers["x-forwarded-host"] == pages.shop.shop
    told = parse_qsl(asked.url.query.decode(), keep_blank_values=True)
    assert told[:3] == [("extra", "1"), ("extra", "2"), ("empty", "")]
    said = dict(told)
    assert (said["shop"], said["path_prefix"]) == (pages.shop.shop, "/apps/belong")
    assert said["logged_in_customer_id"] == str(customer)
    message = "empty=extra=1,2" + "".join(f"{name}={said[name]}" for name in sorted(said)[2:] if name != "signature")
    assert said["signature"] == hmac.new(SECRET.encode(), message.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize("cookies", [{}, {"_simulated_session": "made-up"}])
async def test_a_guest_is_signed_as_nobody(pages: Pages, cookies: dict[str, str]) -> None:
    pages.browser.cookies.update(cookies)
    await pages.browser.get("/apps/belong")
    [asked] = pages.asked
    assert asked.url.path == "/shopify/proxy"
    assert ("logged_in_customer_id", "") in parse_qsl(asked.url.query.decode(), keep_blank_values=True)


async def test_what_a_page_claims_stands_beside_what_shopify_says(pages: Pages) -> None:
    """The app sees both, and must not take the first for the second."""
    await pages.browser.get("/apps/belong/token?logged_in_customer_id=7&signature=abc")
    told = parse_qsl(pages.asked[0].url.query.decode(), keep_blank_values=True)
    assert [value for name, value in told if name == "logged_in_customer_id"] == ["7", ""]
    assert len([value for name, value in told if name == "signature"]) == 2


@pytest.mark.parametrize("status", [400, 401, 404, 409, 500, 503])
async def test_what_the_app_refuses_is_shopifys_own_page(pages: Pages, status: int) -> None:
    pages.answer = httpx.Response(status, json={"code": "secret-of-ours"})
    answer = await pages.browser.get("/apps/belong/token")
    assert answer.status_code == status and "error in the third-party application" in answer.text
    assert "secret-of-ours" not in answer.text


async def test_an_app_that_is_not_reached_is_shopifys_own_page(pages: Pages) -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody", request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(broken)) as http:
        pages.shop.courier.http = http
        answer = await pages.browser.get("/apps/belong/token")
    assert answer.status_code == 502 and "third-party application" in answer.text


async def test_only_the_apps_own_addresses_are_forwarded(pages: Pages) -> None:
    for path in ("/apps/other/token", "/a/belong/token", "/apps/belonging"):
        assert (await pages.browser.get(path)).status_code == 404, path
    pages.shop.proxy.has_password = True
    assert (await pages.browser.get("/apps/belong/token")).headers["location"] == "/password"
    pages.shop.proxy.has_password = False
    pages.shop.lifecycle.uninstall()
    assert (await pages.browser.get("/apps/belong/token")).status_code == 404
    assert pages.asked == []


async def test_a_redirect_goes_on_to_the_page(pages: Pages) -> None:
    pages.answer = httpx.Response(302, headers={"Location": "https://elsewhere.example/"})
    answer = await pages.browser.get("/apps/belong/token")
    assert (answer.status_code, answer.headers["location"]) == (302, "https://elsewhere.example/")
