"""The lines that say what a product and a cart earn: rendered with liquidjs, and followed in Chromium."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.chromium import Asked, Chromium
from tests.browser.looking import violations
from tests.shopify.theme.rendering import THEME, Shown, render
from tests.shopify.theme.test_rendered import changed, words

SHOP = "https://shop.example.test"
LESS = " It is less where a gift card or store credit pays."
VARIANTS = [
    {"id": 11, "price": 1000, "compare_at_price": None, "sku": "S"},
    {"id": 12, "price": 2550, "compare_at_price": None, "sku": "L"},
]
PRODUCT = {
    "id": 7, "tags": [], "collections": [], "gift_card?": False, "price_varies": True, "variants": VARIANTS,
    "selected_or_first_available_variant": VARIANTS[0],
}  # fmt: skip


def cart(*prices: int) -> dict[str, Any]:
    items = [
        {
            "product": PRODUCT, "variant": VARIANTS[0], "quantity": 1, "final_line_price": price,
            "original_line_price": price, "gift_card": False,
        }
        for price in prices
    ]  # fmt: skip
    return {
        "items": items, "item_count": len(items), "total_discount": 0, "cart_level_discount_applications": [],
        "currency": {"iso_code": "EUR"}, "taxes_included": False,
    }  # fmt: skip


def product_block(heard: dict[str, Any], *, told: str | None, signed_in: bool = True, **more: Any) -> Shown:
    settings = {"product": {**PRODUCT, **more.pop("product", {})}}
    return Shown(
        "belong-earn-product", told, more.pop("programme", heard["programme"]), signed_in,
        settings=settings, more={"cart": cart()}, **more,
    )  # fmt: skip


def cart_block(heard: dict[str, Any], told: str | None, signed_in: bool, now: dict[str, Any]) -> Shown:
    more = {"cart": now, "section": {"id": "s1"}}
    return Shown("belong-earn-cart", told, heard["programme"], signed_in, more=more)


def test_a_product_says_what_it_earns_in_the_members_tier(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any]
) -> None:
    """One point for each euro; silver, which the member holds, gives half as much again."""
    silver = heard["summary"]
    capped = json.loads(heard["programme"])
    capped["earn"]["rules"][0]["caps"] = [{"window": "day", "points": 5, "times": None}]
    pages = [
        product_block(heard, told=None, signed_in=False),
        product_block(heard, told=silver),
        product_block(heard, told=silver, language="de"),
        product_block(heard, told=None, signed_in=False, programme=json.dumps(capped)),
        product_block(heard, told=changed(silver, status="left")),
        product_block(heard, told=None, signed_in=False, programme=changed(heard["programme"], enrolment="consent")),
        product_block(heard, told=None, signed_in=False, product={"gift_card?": True, "price_varies": False}),
        product_block(heard, told=None, signed_in=False, product={"variants": VARIANTS * 26}),
    ]
    found = list(map(words, render(shopify_tools, theme_app, pages)))
    assert found == [
        "Earn 10 points", "Earn 15 points", "Sammle 15 points", "Earn up to 5 points", "", "", "", "",
    ]  # fmt: skip


def test_a_cart_says_what_it_earns(shopify_tools: Path, theme_app: Path, heard: dict[str, Any]) -> None:
    with_tax = {**cart(1000, 2550), "taxes_included": True}
    unsaid = {name: told for name, told in cart(1000, 2550).items() if name != "taxes_included"}
    pages = [
        cart_block(heard, None, False, cart(1000, 2550)),
        cart_block(heard, heard["summary"], True, cart(1000, 2550)),
        cart_block(heard, None, False, with_tax),
        cart_block(heard, None, False, unsaid),
        cart_block(heard, None, False, cart()),
    ]
    assert list(map(words, render(shopify_tools, theme_app, pages))) == [
        "Members earn 35 points with this order." + LESS,
        "You earn 53 points with this order." + LESS,
        "Members earn up to 35 points with this order." + LESS,
        "Members earn up to 35 points with this order." + LESS,
        "",
    ]


def page_of(*blocks: str) -> str:
    scripts = '<script src="/belong-earn.js" defer></script><link rel="stylesheet" href="/belong.css">'
    form = (
        '<form action="/cart/add"><label for="size">Size</label><select id="size" name="id">'
        '<option value="11">S</option><option value="12">L</option></select></form>'
    )
    body = "".join(blocks)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>{scripts}</head>'
        f'<body><main><h1>A cup</h1>{form}<div id="belong">{body}</div></main></body></html>'
    )


@pytest.mark.parametrize("is_reduced", [False, True])
async def test_the_lines_follow_the_page(
    shopify_tools: Path, theme_app: Path, heard: dict[str, Any], browser: Chromium, is_reduced: bool
) -> None:
    """Another variant, and a cart that changes without a new page; nothing moves on the page when a number changes."""
    blocks = [
        product_block(heard, told=heard["summary"]),
        cart_block(heard, heard["summary"], True, cart(1000)),
        cart_block(heard, heard["summary"], True, cart(1000, 2550)),
    ]
    product, before, after = render(shopify_tools, theme_app, blocks)
    assets = theme_app / THEME / "assets"
    changes: list[str] = []

    async def answer(asked: Asked) -> httpx.Response | None:
        path = asked.url.removeprefix(SHOP)
        if path == "/cart/add.js":
            changes.append(path)
            return httpx.Response(200, json={})
        if path in ("/belong-earn.js", "/belong.css"):
            text = await asyncio.to_thread((assets / path[1:]).read_text, "utf-8")
            kind = "text/css" if path.endswith("css") else "text/javascript"
            return httpx.Response(200, text=text, headers={"Content-Type": kind})
        if path == "/favicon.ico":
            return httpx.Response(204)
        if path in ("/", "/?section_id=s1"):
            html = page_of(product, after if changes else before)
            return httpx.Response(200, text=html, headers={"Content-Type": "text/html"})
        return None

    async with browser.page(answer) as page:
        if is_reduced:
            await page.tab.emulate_media(reduced_motion="reduce")
        await page.go(SHOP + "/")
        await page.run(
            "window.shifts = []; new PerformanceObserver((list) => shifts.push(...list.getEntries().map((one) => "
            "one.value))).observe({type: 'layout-shift', buffered: true}); 1"
        )
        lines = "[...document.querySelectorAll('.belong-earn__line')].map((one) => one.textContent)"
        assert await page.run(lines) == ["Earn 15 points", "You earn 15 points with this order." + LESS]
        await page.run(
            "document.querySelector('select').value = '12';"
            "document.querySelector('select').dispatchEvent(new Event('change', {bubbles: true})); 1"
        )
        await page.until_said("Earn 38 points")
        await page.run("fetch('/cart/add.js', {method: 'POST'}).then(() => 1)")
        await page.until_said("You earn 53 points with this order.")
        assert await page.run("shifts") == []
        assert await violations(page, "#belong") == []
        assert (page.complaints, page.foreign) == ([], [])
