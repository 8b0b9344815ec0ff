"""The shop's page: from what was pushed, with or without script, for everybody."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from connector.sandbox.records import Customer
from connector.sandbox.shop import Basket, Shop
from connector.sandbox.shopify import SimulatedShopify
from connector.sandbox.woocommerce import SimulatedWooCommerce
from connector.sandbox.words import WORDS
from tests.sandbox.shops import Receiver, shelf, shopify, woocommerce

SNAPSHOT = {
    "schema": 2,
    "version": [1, 7],
    "as_of": "2026-11-21T22:54:50Z",
    "points_name": ["bean", "beans"],
    "available": 1234,
    "pending": 35,
    "deficit": 0,
    "lifetime": 1500,
    "pending_lots": [{"points": 35, "matures_at": "2026-12-05T10:00:00Z"}],
    "entries": [
        {
            "at": "2026-11-21T22:54:50Z",
            "kind": "earn",
            "points": 35,
            "source": "s",
            "order": "5",
            "why": "35.20 EUR × 1 <b>",
        },
        {
            "at": "2026-11-20T22:54:50Z",
            "kind": "clawback",
            "points": -24,
            "source": "s",
            "order": "4",
            "why": "came back",
        },
    ],
}


def push(shop: Shop, customer: Customer, snapshot: Any) -> None:
    text = snapshot if isinstance(snapshot, str) else json.dumps(snapshot)
    if isinstance(shop, SimulatedWooCommerce):
        customer.meta["belong_snapshot"] = text
    elif isinstance(shop, SimulatedShopify):
        owner = f"gid://shopify/Customer/{customer.id}"
        given = {"ownerId": owner, "namespace": "$app", "key": "summary", "type": "json", "value": text}
        assert shop.metafields.set([given])["userErrors"] == []


def tell(shop: Shop, summary: Any) -> None:
    """The programme's summary arrives."""
    if isinstance(shop, SimulatedWooCommerce):
        shop._programme = json.dumps(summary)
    elif isinstance(shop, SimulatedShopify):
        given = {
            "ownerId": "gid://shopify/Shop/1",
            "namespace": "$app",
            "key": "programme",
            "type": "json",
            "value": json.dumps(summary),
        }
        assert shop.metafields.set([given])["userErrors"] == []


@pytest.fixture(params=["shopify", "woocommerce"])
def shop(request: pytest.FixtureRequest) -> SimulatedShopify | SimulatedWooCommerce:
    return shopify(Receiver()) if request.param == "shopify" else woocommerce(Receiver())


def browser(shop: SimulatedShopify | SimulatedWooCommerce) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=shop.app), base_url="http://127.0.0.1:8000")


async def page(shop: SimulatedShopify | SimulatedWooCommerce, path: str = "/") -> str:
    async with browser(shop) as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    return answer.text


async def test_the_page_shows_the_pushed_points_and_why(shop: SimulatedShopify | SimulatedWooCommerce) -> None:
    ada = shop.register_customer("ada@example.test", "Ada", "Example")
    push(shop, ada, SNAPSHOT)
    text = await page(shop)
    assert "<strong>1\u202f234</strong>" in text and "beans ready to spend" in text
    assert "35 beans can be spent from 5 December 2026" in text
    assert "35.20 EUR × 1 &lt;b&gt;" in text and "<b>" not in text
    assert "+35" in text and "\u221224" in text and "Taken back" in text
    assert "As of 21 November 2026, 23:54" in text


STANDING = {
    "tier": {
        "name": "Silver",
        "benefits": [{"id": "free_shipping", "text": "free shipping"}],
        "next": {"name": "Gold", "value": 26_000, "threshold": 40_000},
    },
    "badges": [{"id": "photographer", "name": "Photographer", "level": "silver"}],
    "next_badge": {"name": "Explorer", "value": 3, "needed": 5},
    "vouchers": [
        {"name": "€5.00 off", "state": "issued", "state_text": "ready to use", "code": "7K2M-Q9RD", "ends_at": None},
        {"name": "€3.00 off", "state": "used", "state_text": "used", "ends_at": "2026-12-01T10:00:00Z"},
    ],
    "rewards": [
        {"name": "€3.00 off", "points": 100, "available": True},
        {"name": "<i>", "points": 5000, "available": False, "why_not": "You still need 3,766 beans."},
    ],
    "texts": {
        "next_tier": "€140.00 more to Gold",
        "next_badge": "Next badge: Explorer",
        "expiring": "120 beans expire",
    },
}


async def test_the_page_shows_where_a_shopper_stands(shop: SimulatedShopify | SimulatedWooCommerce) -> None:
    push(shop, shop.register_customer("ada@example.test", "Ada", "Example"), SNAPSHOT | STANDING)
    tell(shop, {"badges": [{"id": "photographer", "rarity": {"en": "held by 4.1% of members"}}]})
    text = await page(shop)
    assert "Silver</p>" in text and "<li>free shipping</li>" in text and "120 beans expire" in text
    assert '<progress max="100" value="65" aria-labelledby="tier-progress">' in text
    assert '<progress max="100" value="60" aria-labelledby="badge-progress">' in text
    assert "€140.00 more to Gold" in text and "Next badge: Explorer" in text
    assert "Silver · held by 4.1% of members" in text and "<code>7K2M-Q9RD</code>" in text
    assert "1 December 2026" not in text, "a voucher that was used has no end any more"
    assert "5\u202f000 beans" in text and "You still need 3,766 beans." in text and "within reach" in text
    assert "&lt;i&gt;" in text and "<i>" not in text


async def test_points_that_wait_for_shipping_have_no_date(shop: SimulatedShopify | SimulatedWooCommerce) -> None:
    ada = shop.register_customer("ada@example.test", "Ada", "Example")
    push(shop, ada, SNAPSHOT | {"pending_lots": [{"points": 35, "matures_at": None}]})
    assert "<li>35 beans can be spent once the order has shipped</li>" in await page(shop)


async def test_without_a_push_the_page_is_kind(shop: SimulatedShopify | SimulatedWooCommerce) -> None:
    assert WORDS["no_shoppers"] in await page(shop)
    shop.register_customer("ada@example.test", "Ada", "Example")
    assert WORDS["empty_title"] in await page(shop)


@pytest.mark.parametrize("pushed", ["null", "[]", '{"schema":2}', json.dumps({**SNAPSHOT, "schema": 3}), "0"])
async def test_a_snapshot_that_it_cannot_read_breaks_nothing(
    shop: SimulatedShopify | SimulatedWooCommerce, pushed: str
) -> None:
    push(shop, shop.register_customer("ada@example.test", "Ada", "Example"), pushed)
    assert WORDS["unreadable"] in await page(shop)


async def test_buying_places_a_paid_order_and_says_so(shop: SimulatedShopify | SimulatedWooCommerce) -> None:
    ada = shop.register_customer("ada@example.test", "Ada", "Example")
    form = {"shopper": str(ada.id), "product": str(shelf(shop)[0])}
    async with browser(shop) as client:
        plain = await client.post("/buy", data=form)
        scripted = await client.post("/buy", data=form, headers={"Accept": "application/json"})
    first, second = shop.truth.live_orders()
    assert first.paid_at and first.customer_id == ada.id
    assert plain.status_code == 303 and plain.headers["location"].startswith(f"/?shopper={ada.id}&done=Thank+you")
    assert scripted.json() == {"message": WORDS["placed"].format(number=second.number)}


@pytest.mark.parametrize(("deed", "left"), [("refund_one", 2490), ("refund_all", 0), ("cancel", 4980)])
async def test_the_buttons_of_an_order_work_and_then_go_away(
    shop: SimulatedShopify | SimulatedWooCommerce, deed: str, left: int
) -> None:
    ada = shop.register_customer("ada@example.test", "Ada", "Example")
    order = shop.place_order(ada.id, Basket(items=[(shelf(shop)[0], 2)]))
    async with browser(shop) as client:
        answer = await client.post(f"/orders/{order.id}/{deed}", data={"shopper": str(ada.id)})
        again = await client.post(f"/orders/{order.id}/{deed}", data={"shopper": str(ada.id)})
    assert answer.status_code == 303
    assert order.left_minor == (left if deed != "refund_one" else 0)
    assert (order.cancelled_at is not None) == (deed == "cancel")
    assert WORDS["not_possible"].replace(" ", "+") in again.headers["location"] or deed == "refund_one"


async def test_nobody_changes_somebody_elses_order(shop: SimulatedShopify | SimulatedWooCommerce) -> None:
    ada = shop.register_customer("ada@example.test", "Ada", "Example")
    bo = shop.register_customer("bo@example.test", "Bo", "Example")
    order = shop.place_order(ada.id, Basket(items=[(shelf(shop)[0], 1)]))
    headers = {"Accept": "application/json"}
    async with browser(shop) as client:
        other = await client.post(f"/orders/{order.id}/refund_all", data={"shopper": str(bo.id)}, headers=headers)
        foreign = await client.post(
            f"/orders/{order.id}/refund_all",
            data={"shopper": str(ada.id)},
            headers={**headers, "Origin": "https://elsewhere.test"},
        )
    assert (other.status_code, foreign.status_code) == (409, 409)
    assert order.refunds == []


async def test_the_json_of_the_page_tells_what_changed(shop: SimulatedShopify | SimulatedWooCommerce) -> None:
    ada = shop.register_customer("ada@example.test", "Ada", "Example")
    async with browser(shop) as client:
        before = (await client.get(f"/points.json?shopper={ada.id}")).json()
        push(shop, ada, SNAPSHOT)
        after = (await client.get(f"/points.json?shopper={ada.id}")).json()
    assert (before["version"], before["announcement"]) == ("", "")
    assert after["version"] == "1.7"
    assert after["announcement"] == "You have 1\u202f234 beans ready to spend and 35 on their way."
    assert "1\u202f234" in after["points"]


async def test_the_page_asks_nobody_else(shop: SimulatedShopify | SimulatedWooCommerce) -> None:
    shop.register_customer("ada@example.test", "Ada", "Example")
    async with browser(shop) as client:
        answer = await client.get("/")
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        for path in re.findall(r'(?:src|href)="(/[^"]*)"', answer.text):
            assert (await client.get(path)).status_code == 200
        assert (await client.get("/static/../storefront.py")).status_code == 404
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', answer.text)


async def test_the_page_is_made_for_everybody(shop: SimulatedShopify | SimulatedWooCommerce) -> None:
    ada = shop.register_customer("ada@example.test", "Ada", "Example")
    shop.place_order(ada.id, Basket(items=[(shelf(shop)[0], 1)]))
    text = await page(shop)
    assert '<html lang="en">' in text and 'name="viewport"' in text
    assert len(re.findall(r"<h1\b", text)) == 1
    labelled = set(re.findall(r'<label for="([^"]+)"', text))
    assert set(re.findall(r'<select id="([^"]+)"', text)) == labelled
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert 'aria-live="polite"' in text and 'role="status"' in text and 'class="skip"' in text
    for name in re.findall(r'aria-labelledby="([^"]+)"', text):
        assert name in ids


def luminance(colour: str) -> int:
    """Relative luminance in millionths."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return round((0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]) * 1_000_000)


PAIRS = [("ink", "paper"), ("ink", "card"), ("ink", "wash"), ("soft", "paper"), ("soft", "card"), ("soft", "wash")]
PAIRS += [("brand", "card"), ("on-brand", "brand"), ("plus", "card"), ("minus", "card")]


@pytest.mark.parametrize(("text", "ground"), PAIRS)
async def test_contrast_is_aa_in_every_scheme(text: str, ground: str) -> None:
    async with browser(shopify(Receiver())) as client:
        css = (await client.get("/static/storefront.css")).text
    blocks = re.findall(r"(:root|\.woocommerce) \{([^}]*)\}", css)
    assert len(blocks) == 4
    found = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for _, block in blocks]
    light, light_woo, dark, dark_woo = found[0], found[0] | found[1], found[2], found[2] | found[3]
    for scheme in (light, light_woo, dark, dark_woo):
        high, low = sorted((luminance(scheme[text]), luminance(scheme[ground])), reverse=True)
        assert (high + 50_000) * 10 >= 45 * (low + 50_000), (text, ground, scheme[text], scheme[ground])
