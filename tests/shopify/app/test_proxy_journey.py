"""From a page of the shop to money off: through the shop's app proxy, our API, and Shopify's discounts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.delivering.vouchers import Placing, settle_vouchers
from connector.redeeming.used_codes import use_codes
from connector.sandbox.coupons import CouponRefused
from connector.sandbox.shop import Basket
from connector.verify import verify
from tests.builders import KEYS
from tests.shopify.app.installed import PUBLIC, SHOP, World, world
from tests.shopify.app.signed import bearer

GIVING: dict[str, Any] = {
    "points": {"earn": {"per_unit": 10, "pending_days": 0}},
    "rewards": [{"id": "five", "kind": "amount", "points": 300, "value": "5.00", "min_order": "20.00"}],
}


@pytest.fixture
async def w(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(prepared_database_url, tmp_path, more=GIVING) as found:
        yield found


@pytest.fixture
async def page(w: World) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on the shop's own pages."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(w.shop.app), base_url=f"https://{SHOP}") as found:
        yield found


async def bought(w: World) -> int:
    """A customer with points."""
    await w.joined()
    customer = w.customer()
    w.order(customer)
    await w.work()
    return customer


async def test_a_signed_in_shopper_gets_money_off_and_pays_with_it(w: World, page: httpx.AsyncClient) -> None:
    customer = await bought(w)
    page.cookies.update(w.shop.proxy.sign_in(customer))
    given = (await page.get("/apps/belong/token?n=1")).json()
    assert (given["member"], given["api"]) == (True, PUBLIC)
    headers = {**bearer(given["token"]), "Origin": f"https://{SHOP}", "Idempotency-Key": "press-000001"}
    for _ in range(2):
        taken = await w.browser.post("/v1/me/redemptions", headers=headers, json={"reward": "five"})
        assert taken.status_code == 201, taken.text
    assert w.shop.coupons.by_id == {}
    service = w.service.service
    assert await settle_vouchers(Placing(service.pipeline, service.outbox)) == 1
    [coupon] = w.shop.coupons.by_id.values()
    assert coupon.code == taken.json()["code"]
    assert (coupon.customers, coupon.amount_minor, coupon.usage_limit) == (frozenset({customer}), 500, 1)
    basket = Basket([(next(iter(w.shop.truth.products)), 2)], voucher=coupon.code)
    stranger = w.shop.register_customer("bo@example.test", "Bo", "Hart").id
    with pytest.raises(CouponRefused):
        w.shop.place_order(stranger, basket)
    order = w.shop.place_order(customer, basket)
    assert order.coupon == coupon.code
    await w.work()
    assert await use_codes(service.pipeline) == 1
    [told] = (await w.browser.get("/v1/me/redemptions", headers=headers)).json()["redemptions"]
    assert told["state"] == "used", told
    assert (await verify(service.database, KEYS)).differences == []


@pytest.mark.parametrize("claim", ["", "&logged_in_customer_id=%d", "&customer_id=%d", "&shop=demo.myshopify.com"])
async def test_a_guest_gets_no_token_whoever_the_address_names(w: World, page: httpx.AsyncClient, claim: str) -> None:
    customer = await bought(w)
    claim = claim % customer if "%d" in claim else claim
    answer = await page.get(f"/apps/belong/token?n=1{claim}")
    assert "bs_" not in answer.text and '"token"' not in answer.text
    if "logged_in" in claim or "shop=" in claim:
        assert answer.status_code >= 400, "who names somebody beside Shopify is refused"
    else:
        assert (answer.json()["member"], answer.json()["reason"]) == (False, "guest")


async def test_a_page_that_asks_twice_in_a_second_must_say_something_else(w: World, page: httpx.AsyncClient) -> None:
    """Shopify signs whole seconds: two calls in one are the same address, which counts once."""
    customer = await bought(w)
    page.cookies.update(w.shop.proxy.sign_in(customer))
    moment = w.shop.clock()
    w.shop.proxy.clock = lambda: moment
    answers = [await page.get(f"/apps/belong/token?n={n}") for n in (1, 1, 2)]
    assert [one.status_code for one in answers] == [200, 409, 200]
    assert "third-party application" in answers[1].text


async def test_a_shop_whose_app_is_gone_gives_nothing(w: World, page: httpx.AsyncClient) -> None:
    customer = await bought(w)
    page.cookies.update(w.shop.proxy.sign_in(customer))
    w.shop.lifecycle.uninstall()
    await w.work()
    w.shop.proxy.url = f"{PUBLIC}/shopify/proxy"
    assert (await page.get("/apps/belong/token")).status_code == 401, "also where Shopify still forwarded"
