"""Bodies of the simulated WooCommerce against recorded ones: same keys, same kinds of values, all the way down."""

from __future__ import annotations

import base64
import hashlib
import hmac
from decimal import Decimal
from typing import Any

import pytest

from connector.sandbox.shop import Basket
from connector.sandbox.woocommerce.hooks import Webhook
from tests.sandbox.shops import NOON, SECRET, Receiver, exact, listen, recorded, rest, shelf, woocommerce

OPTIONAL = {("_links", "customer")}
"""Of registered customers' orders only."""


def shape(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], set[str]]:
    """Kinds of values by path; elements of a list share one path."""
    kind = "number" if isinstance(value, int | Decimal) and not isinstance(value, bool) else type(value).__name__
    found = {path: {kind}}
    inner: list[tuple[tuple[str, ...], Any]] = []
    if isinstance(value, dict):
        inner = [((*path, key), each) for key, each in value.items()]
    elif isinstance(value, list):
        inner = [((*path, "[]"), each) for each in value]
    for where, each in inner:
        for place, kinds in shape(each, where).items():
            found.setdefault(place, set()).update(kinds)
    return found


def assert_same_shape(ours: Any, theirs: Any) -> None:
    mine, real = shape(ours), shape(theirs)
    missing = [path for path in real if path not in mine and path[:2] not in OPTIONAL]
    extra = [path for path in mine if path not in real and path[:2] not in OPTIONAL]
    assert (missing, extra) == ([], [])
    other = {path: (kinds, real[path]) for path, kinds in mine.items() if path in real and not kinds <= real[path]}
    assert {path: kinds for path, kinds in other.items() if "NoneType" not in kinds[0] | kinds[1]} == {}


async def bodies() -> dict[str, Any]:
    """A rich order, its refund, its customer and a webhook, over REST and as delivered."""
    receiver = Receiver()
    shop = woocommerce(receiver)
    await listen(shop, receiver)
    ada = shop.register_customer("c1@example.test", "Ada", "Example")
    ada.meta["birthday"] = "1990-05-01"
    basket = Basket(
        items=[(shelf(shop)[0], 2), (shelf(shop)[4], 1)],
        shipping_minor=583,
        fee_minor=238,
        coupon="WELCOME10",
        coupon_percent=10,
    )
    order = shop.place_order(ada.id, basket)
    shop.complete(order.id)
    shop.refund_lines(order.id, {order.lines[0].id: 1}, tax_named=False, reason="one returned")
    await shop.courier.drain()
    async with rest(shop) as client:
        got = {
            "order": (await client.get(f"/orders/{order.id}")).content,
            "refund": (await client.get(f"/orders/{order.id}/refunds")).content,
            "refunds": (await client.get("/refunds")).content,
            "customer": (await client.get(f"/customers/{ada.id}")).content,
            "webhook": (await client.get("/webhooks/1")).content,
        }
    found = {name: exact(content) for name, content in got.items()}
    return {
        **found,
        "delivered order": receiver.bodies("order.updated")[-1],
        "delivered customer": receiver.bodies("customer.created")[0],
    }


async def test_bodies_have_the_recorded_keys_and_kinds() -> None:
    ours = await bodies()
    assert_same_shape(ours["order"], recorded("order")["body"])
    assert_same_shape(ours["refund"][0], recorded("refund")["body"])
    assert_same_shape(ours["refunds"][0], recorded("refunds-global-list")["body"][0])
    assert_same_shape(ours["customer"], recorded("customer")["body"])
    assert_same_shape(ours["webhook"], recorded("webhook")["body"])
    assert_same_shape(ours["delivered order"], exact(recorded("webhook-order-partial-refund--order.updated")["body"]))
    assert_same_shape(ours["delivered customer"], exact(recorded("webhook-customer-create--customer.created")["body"]))


async def test_keys_stand_in_the_recorded_order() -> None:
    ours = await bodies()
    assert list(ours["order"]) == list(recorded("order")["body"])
    assert list(ours["order"]["line_items"][0]) == list(recorded("order")["body"]["line_items"][0])
    assert list(ours["customer"]) == list(recorded("customer")["body"])


def test_the_recorded_order_is_reckoned_to_the_cent() -> None:
    """Order 28 again: same basket, same prices, so every total must be the recorded one."""
    shop = woocommerce(Receiver())
    prices = {"Espresso beans 1kg": 2490, "Hand grinder": 7900, 'Müsli & "Tassen"': 1999}
    for product in shop.truth.products.values():
        product.price_minor = prices.get(product.title, product.price_minor)
    by_title = {product.title: number for number, product in shop.truth.products.items()}
    items = [(by_title["Espresso beans 1kg"], 2), (by_title["Hand grinder"], 1), (by_title['Müsli & "Tassen"'], 1)]
    order = shop.place_order(
        None, Basket(items=items, shipping_minor=583, fee_minor=238, coupon="x", coupon_percent=10)
    )
    body, real = shop.bodies.order(order), recorded("order")["body"]
    for name in ("total", "total_tax", "shipping_total", "shipping_tax", "discount_total", "discount_tax", "cart_tax"):
        assert abs(Decimal(body[name]) - Decimal(real[name])) <= Decimal("0.01"), name
    assert body["line_items"][2]["name"] == real["line_items"][2]["name"] == 'Müsli &amp; "Tassen"'


@pytest.mark.parametrize(
    "name",
    [
        "webhook-order-partial-refund--order.updated",
        "webhook-customer-create--customer.created",
        "webhook-order-trash--order.deleted",
        "webhook-order-guest-usd--order.created",
        "webhook-order-created-pending--order.created",
    ],
)
def test_our_signature_is_the_recorded_one(name: str) -> None:
    delivery = recorded(name)
    webhook = Webhook(1, "", "order.updated", "", SECRET, NOON, NOON)
    assert webhook.sign(delivery["body"].encode()) == dict(delivery["headers"])["X-WC-Webhook-Signature"]


def test_a_secret_with_entities_signs_with_what_they_stand_for() -> None:
    webhook = Webhook(1, "", "order.updated", "", "a&amp;b&lt;", NOON, NOON)
    expected = base64.b64encode(hmac.new(b"a&b<", b"{}", hashlib.sha256).digest()).decode()
    assert webhook.sign(b"{}") == expected


async def test_deliveries_carry_the_recorded_headers() -> None:
    receiver = Receiver()
    shop = woocommerce(receiver)
    await listen(shop, receiver, "order.updated")
    shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)]), "g@example.test")
    await shop.courier.drain()
    [(_, headers, body)] = receiver.got
    real = {name.lower() for name, _ in recorded("webhook-order-partial-refund--order.updated")["headers"]}
    assert set(headers) == real
    assert headers["user-agent"] == "WooCommerce/11.0.1 Hookshot (WordPress/7.1)"
    assert headers["x-wc-webhook-source"] == "https://shop.example.test/"
    assert b"https:\\/\\/shop.example.test" in body and b'"currency_symbol":"\\u20ac"' in body
