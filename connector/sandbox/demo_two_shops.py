"""Shoppers of the demo who are customers of both shops: they link their accounts, earn in one shop, spend in the other.

Every step is taken as a shopper would: over HTTP, with a token of the first shop, the link from the mail, and the code
from its page. After each, both shops must show the same numbers, and the right ones.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from connector import clock
from connector.access.shopper_tokens import LINK, mint_token
from connector.platforms import Connection
from connector.redeeming import redemptions
from connector.redeeming.redemptions import Wish
from connector.running.service import Service
from connector.sandbox.demo_check import Checked
from connector.sandbox.demo_spending import REWARD, dear_product, member_of
from connector.sandbox.records import Customer
from connector.sandbox.shop import Basket, Shop
from connector.storage.connections import load_connections

SHOPPERS = ("Mila", "Oskar", "Yuna")
EARNED_DAYS_AGO = 30
"""So that what was earned can be spent."""
COST = 100

Settle = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class TwoShops:
    """What the story needs. settle: lets webhooks arrive and waits until nothing waits."""

    service: Service
    shops: Mapping[str, Shop]
    connections: Mapping[str, Connection]
    url: str
    settle: Settle
    checked: Checked


async def shop_in_both(service: Service, shops: Mapping[str, Shop], url: str, settle: Settle, checked: Checked) -> None:
    """Play the story for every shopper and note what both shops showed."""
    found = (await load_connections(service.database.reading())).values()
    story = TwoShops(service, shops, {each.platform: each for each in found}, url, settle, checked)
    for name in SHOPPERS:
        await _shopper(story, name)


async def _shopper(story: TwoShops, name: str) -> None:
    woocommerce, shopify = story.shops["woocommerce"], story.shops["shopify"]
    customers = {
        platform: shop.register_customer(f"{name.lower()}@example.test", name, "Both")
        for platform, shop in story.shops.items()
    }
    with woocommerce.at(clock.utc_now() - timedelta(days=EARNED_DAYS_AGO)):
        first = woocommerce.place_order(customers["woocommerce"].id, Basket([(dear_product(woocommerce), 6)]))
    await story.settle()
    before = {platform: _shown(story, platform, customer) for platform, customer in customers.items()}
    earned = before["woocommerce"][0] - before["shopify"][0]
    story.checked.note(earned >= COST, f"{name}: earned {earned} points in WooCommerce")

    await _link(story, customers)
    await story.settle()
    # What both had for joining counts once.
    have = before["woocommerce"][0]
    _compare(story, name, "linked", customers, have)

    connection, member = story.connections["shopify"], await _member(story, "shopify", customers["shopify"])
    wish = Wish(connection.programme_number, member, REWARD, connection.number, "both-shops")
    redeemed = await redemptions.redeem(story.service.pipeline, wish)
    story.service.wake.set()
    await story.settle()
    _compare(story, name, f"spent {COST} in Shopify", customers, have - COST)
    second = shopify.place_order(
        customers["shopify"].id, Basket([(dear_product(shopify), 1)], voucher=str(redeemed["code"]))
    )
    await story.settle()
    used = await redemptions.show(story.service.pipeline, connection.programme_number, member, redeemed["redemption"])
    is_used = used["state"] == "used" and str(used["order_ref"]).endswith(f":{second.id}")
    story.checked.note(is_used, f"{name}: the voucher is {used['state']} by order {second.number} in Shopify")

    _, coming = _shown(story, "shopify", customers["shopify"])
    woocommerce.refund_all(first.id)
    await story.settle()
    # More was spent than is left: what the second order will bring pays for it.
    left = have - COST - earned + coming
    _compare(story, name, "refunded in WooCommerce", customers, min(left, 0), max(left, 0))


async def _member(story: TwoShops, platform: str, customer: Customer) -> str:
    return await member_of(story.service.database.reading(), story.connections[platform].number, customer)


def _shown(story: TwoShops, platform: str, customer: Customer) -> tuple[int, int]:
    """(ready to spend less what is owed, pending) as the shop shows it."""
    text = story.shops[platform].snapshot_of(customer)
    if text is None:
        return 0, 0
    shown = json.loads(text)
    return shown["available"] - shown["deficit"], shown["pending"]


def _compare(
    story: TwoShops, name: str, step: str, customers: Mapping[str, Customer], available: int, pending: int = 0
) -> None:
    """Both shops show what is expected."""
    shown = {platform: _shown(story, platform, customer) for platform, customer in customers.items()}
    is_right = set(shown.values()) == {(available, pending)}
    told = f"both shops show {available} ({pending} pending)"
    story.checked.note(is_right, f"{name}: {step}; {told}" if is_right else f"{name}: {step}; {told}, but: {shown}")


async def _link(story: TwoShops, customers: Mapping[str, Customer]) -> None:
    """Signed in at Shopify, with the mail at hand."""
    connection = story.connections["shopify"]
    member = await _member(story, "shopify", customers["shopify"])
    token, _ = mint_token(
        story.service.keys,
        connection.programme_number,
        connection.number,
        member,
        frozenset({LINK}),
        clock.utc_now(),
    )
    body: dict[str, Any] = {
        "connection": story.connections["woocommerce"].public_id,
        "address": customers["woocommerce"].email,
    }
    async with httpx.AsyncClient(base_url=story.url, trust_env=False) as http:
        asked = await http.post("/v1/me/links", json=body, headers={"Authorization": f"Bearer {token}"})
        asked.raise_for_status()
        page = await _mailed_link(story.service.settings.mail_folder, customers["woocommerce"].email)
        (await http.get(page)).raise_for_status()
        (await http.post(page, data={"code": asked.json()["code"]})).raise_for_status()


async def _mailed_link(folder: Path, address: str) -> str:
    """The link in the newest mail to an address; the mail is written after the answer, so wait a moment for it."""
    for _ in range(100):
        for file in sorted((folder / "new").glob("*.eml"), key=lambda each: each.stat().st_mtime_ns, reverse=True):
            message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            text = message.get_body(("plain",))
            found = re.search(r"http\S+/link/\S+", text.get_content()) if text is not None else None
            if message["To"] == address and found is not None:
                return found[0]
        await asyncio.sleep(0.02)
    raise TimeoutError(f"no mail to {address}")
