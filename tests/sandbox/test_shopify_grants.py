"""Tokens: Shopify's own library gets, exchanges and refreshes them; the rules of one pair per shop hold."""

from __future__ import annotations

from typing import Any

import httpx
import jwt
import pytest
from shopify_app import ShopifyApp
from shopify_app.types import IdTokenDetails

from connector.sandbox.shopify import SimulatedShopify
from tests.sandbox.shops import NOON, Receiver, StillClock, admin, shopify

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"


def session_token(shop: SimulatedShopify, secret: str | None = None, **change: Any) -> str:
    now = int(NOON.timestamp())
    home = f"https://{shop.shop}"
    claims = {"iss": f"{home}/admin", "dest": home, "aud": shop.client_id, "sub": "1", "exp": now + 60, "nbf": now}
    return jwt.encode({**claims, **change}, secret or shop.client_secret, algorithm="HS256")


async def grant(shop: SimulatedShopify, **given: Any) -> httpx.Response:
    client = {"client_id": shop.client_id, "client_secret": shop.client_secret}
    async with admin(shop, "") as browser:
        return await browser.post("/admin/oauth/access_token", json={**client, **given})


async def exchange(shop: SimulatedShopify, token: str, **more: Any) -> httpx.Response:
    how = {"grant_type": EXCHANGE, "requested_token_type": OFFLINE, "expiring": 1}
    return await grant(shop, **how, subject_token=token, **more)


async def works(shop: SimulatedShopify, token: str) -> bool:
    async with admin(shop, token) as client:
        answer = await client.post("/admin/api/2026-10/graphql.json", json={"query": "{ shop { name } }"})
    return answer.status_code == 200


async def test_shopifys_own_library_exchanges_a_session_token_and_refreshes_the_pair() -> None:
    shop = shopify(Receiver(), client_secret="a sandbox client secret of some length")
    app = ShopifyApp(client_id=shop.client_id, client_secret=shop.client_secret)
    token = session_token(shop)
    details = IdTokenDetails(True, token, jwt.decode(token, options={"verify_signature": False}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=shop.app)) as client:
        first = await app.exchange_using_token_exchange_async("offline", details, http_client=client)
        assert first.ok and first.access_token is not None
        assert await works(shop, first.access_token.token)
        second = await app.refresh_token_exchanged_access_token_async(
            {
                "shop": "demo",
                "access_mode": "offline",
                "token": first.access_token.token,
                "expires": "2026-01-01T00:00:00Z",
                "scope": first.access_token.scope,
                "refresh_token": first.access_token.refresh_token,
                "refresh_token_expires": "2099-01-01T00:00:00Z",
                "user": None,
            },
            http_client=client,
        )
    assert second.ok and second.access_token is not None
    assert not await works(shop, first.access_token.token)
    assert await works(shop, second.access_token.token)


@pytest.mark.parametrize(
    "change",
    [{"secret": "another secret of sufficient length, really"}, {"aud": "x"}, {"dest": "https://x"}, {"exp": 1}],
)
async def test_a_wrong_session_token_is_refused(change: dict[str, Any]) -> None:
    shop = shopify(Receiver(), client_secret="a sandbox client secret of some length")
    answer = await exchange(shop, session_token(shop, **change))
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_subject_token"})


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "é.é.é"])
async def test_what_is_no_session_token_is_refused(text: str) -> None:
    answer = await exchange(shopify(Receiver()), text)
    assert answer.json() == {"error": "invalid_subject_token"}


async def test_a_lost_refresh_may_be_repeated_until_the_new_token_was_used() -> None:
    shop = shopify(Receiver(), client_secret="a sandbox client secret of some length")
    pair = (await exchange(shop, session_token(shop))).json()
    assert (pair["expires_in"], pair["refresh_token_expires_in"]) == (3600, 7776000)
    how = {"grant_type": "refresh_token", "refresh_token": pair["refresh_token"]}
    lost = (await grant(shop, **how)).json()
    again = (await grant(shop, **how)).json()
    assert again["access_token"] != lost["access_token"]
    assert await works(shop, again["access_token"])
    assert (await grant(shop, **how)).json() == {"error": "invalid_grant"}
    follow = (await grant(shop, grant_type="refresh_token", refresh_token=again["refresh_token"])).json()
    assert await works(shop, follow["access_token"])


async def test_an_expiring_token_ends_after_an_hour() -> None:
    clock = StillClock()
    shop = shopify(Receiver(), clock, client_secret="a sandbox client secret of some length")
    pair = (await exchange(shop, session_token(shop))).json()
    clock.forward(seconds=3599)
    assert await works(shop, pair["access_token"])
    clock.forward(seconds=1)
    assert not await works(shop, pair["access_token"])
