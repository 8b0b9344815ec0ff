"""Shopify's webhooks as the simulated shop sends them. Signatures are checked by Shopify's own library."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from shopify_app import ShopifyApp
from shopify_app.types import RequestInput

from connector.sandbox.shop import Basket
from tests.sandbox.shops import HOOKS, NOON, Receiver, StillClock, admin, ask, exact, shelf, shopify

ONE_HEADER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
SUBSCRIBE = """mutation S($topic: WebhookSubscriptionTopic!, $given: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $given) {
    webhookSubscription { id uri } userErrors { field message } } }"""


def posted(headers: dict[str, str], body: bytes) -> RequestInput:
    """A delivery as Shopify's library wants to see it."""
    return {"method": "POST", "url": HOOKS, "headers": headers, "body": body.decode()}


async def test_shopifys_own_library_accepts_every_signature() -> None:
    receiver = Receiver()
    shop = shopify(receiver)
    ada = shop.register_customer("ada@example.test", "Ada", "Müller & Söhne <x>")
    order = shop.place_order(ada.id, Basket(items=[(shelf(shop)[4], 2)]))
    shop.refund_amount(order.id, 500)
    await shop.courier.drain()
    app = ShopifyApp(client_id=shop.client_id, client_secret=shop.client_secret)
    stranger = ShopifyApp(client_id=shop.client_id, client_secret="another secret")
    assert len(receiver.got) == 6
    for _, headers, body in receiver.got:
        request = posted(headers, body)
        assert app.verify_webhook_req(request).ok
        assert not stranger.verify_webhook_req(request).ok


async def test_one_action_shares_an_event_id_and_each_delivery_has_its_own_webhook_id() -> None:
    receiver = Receiver()
    shop = shopify(receiver)
    shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)]))
    shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)]))
    await shop.courier.drain()
    assert receiver.topics == ["orders/create", "orders/paid", "orders/updated"] * 2
    events = [headers["x-shopify-event-id"] for _, headers, _ in receiver.got]
    assert len(set(events)) == 2
    assert len(set(events[:3])) == 1
    assert len({headers["x-shopify-webhook-id"] for _, headers, _ in receiver.got}) == 6


async def test_headers_are_all_there() -> None:
    receiver = Receiver()
    shop = shopify(receiver)
    order = shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)]))
    await shop.courier.drain()
    topic, headers, _ = receiver.got[0]
    assert headers["x-shopify-topic"] == topic == "orders/create"
    assert headers["x-shopify-shop-domain"] == "demo.myshopify.com"
    assert headers["x-shopify-api-version"] == "2026-10"
    assert headers["x-shopify-order-id"] == str(order.id)
    assert ONE_HEADER.fullmatch(headers["x-shopify-event-id"])
    assert re.fullmatch(r"2026-11-21T21:54:50\.\d{9}Z", headers["x-shopify-triggered-at"])
    assert datetime.fromisoformat(headers["x-shopify-triggered-at"]).replace(microsecond=0) == NOON
    assert "x-shopify-name" not in headers


async def test_the_traps_of_real_bodies() -> None:
    receiver = Receiver()
    shop = shopify(receiver)
    beans, card = shelf(shop)[0], shelf(shop)[-1]
    how = Basket(items=[(beans, 3), (card, 1)], coupon="WELCOME", coupon_percent=10, shipping_minor=490)
    order = shop.place_order(None, how)
    shop.refund_lines(order.id, {order.lines[0].id: 1})
    await shop.courier.drain()
    [body] = receiver.bodies("orders/create")
    line, gift = body["line_items"]
    assert line["total_discount"] == "0.00"
    assert line["discount_allocations"][0]["amount"] == "7.47"
    assert (gift["gift_card"], gift["discount_allocations"], gift["tax_lines"]) == (True, [], [])
    assert body["id"] > 2**53 and int(float(body["id"])) != body["id"]
    assert body["customer"] is None and body["email"] == "" and body["contact_email"] is None
    assert body["created_at"] == "2026-11-21T22:54:50+01:00"
    assert body["total_price"] == "122.13" and body["total_price_set"]["shop_money"]["amount"] == "122.13"
    [refund] = receiver.bodies("refunds/create")
    assert "customer" not in refund and refund["order_id"] == order.id
    assert refund["refund_line_items"][0]["subtotal"] == Decimal("22.41")
    assert refund["refund_line_items"][0]["subtotal_set"]["shop_money"]["amount"] == "22.41"
    assert refund["transactions"][0]["amount"] == "22.41"
    after = receiver.bodies("orders/updated")[-1]
    assert after["line_items"][0]["current_quantity"] == 2 and after["line_items"][0]["quantity"] == 3
    assert after["financial_status"] == "partially_refunded" and after["refunds"][0]["id"] == refund["id"]
    assert "checkout_id" not in body


async def test_a_bare_refund_names_no_line_and_an_order_adjustment() -> None:
    receiver = Receiver()
    shop = shopify(receiver)
    order = shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)]))
    shop.refund_amount(order.id, 500)
    await shop.courier.drain()
    [refund] = receiver.bodies("refunds/create")
    assert refund["refund_line_items"] == []
    assert [each["amount"] for each in refund["order_adjustments"]] == ["-5.00"]
    assert [each["amount"] for each in refund["transactions"]] == ["5.00"]


async def test_the_shoppers_currency_stands_beside_the_shops() -> None:
    receiver = Receiver()
    shop = shopify(receiver)
    shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)], presentment=("JPY", 162, 1)))
    await shop.courier.drain()
    [body] = receiver.bodies("orders/create")
    assert (body["currency"], body["presentment_currency"]) == ("EUR", "JPY")
    assert body["total_price_set"]["shop_money"] == {"amount": "24.90", "currency_code": "EUR"}
    assert body["total_price_set"]["presentment_money"] == {"amount": "4034", "currency_code": "JPY"}


async def test_an_edit_sends_what_changed_and_then_the_order() -> None:
    receiver = Receiver()
    shop = shopify(receiver)
    order = shop.place_order(None, Basket(items=[(shelf(shop)[0], 3)]))
    await shop.courier.drain()
    receiver.got.clear()
    shop.edit(order.id, {order.lines[0].id: 1}, [(shelf(shop)[3], 1)])
    await shop.courier.drain()
    assert receiver.topics == ["orders/edited", "orders/updated"]
    edit = receiver.bodies("orders/edited")[0]["order_edit"]
    assert edit["order_id"] == order.id
    assert edit["line_items"]["removals"] == [{"id": order.lines[0].id, "delta": 1}]
    assert edit["line_items"]["additions"] == [{"id": order.lines[1].id, "delta": 1}]


async def test_a_failing_address_gets_the_original_body_nine_times_in_four_hours() -> None:
    receiver = Receiver(status=lambda request: 500)
    shop = shopify(receiver)
    order = shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)], paid=False))
    shop.pay(order.id)
    await shop.courier.drain()
    creations = [(headers, body) for topic, headers, body in receiver.got if topic == "orders/create"]
    assert len(creations) == 9
    assert len({body for _, body in creations}) == 1
    assert len({headers["x-shopify-webhook-id"] for headers, _ in creations}) == 1
    assert exact(creations[-1][1])["financial_status"] == "pending"
    assert 4 * 3600 - 60 <= shop.courier.elapsed <= 4 * 3600 + 60
    assert len(shop.hooks.listeners("orders/create")) == 1


async def test_a_redirect_is_a_failure() -> None:
    answers = iter((302, 204))
    receiver = Receiver(status=lambda request: next(answers))
    shop = shopify(receiver)
    shop.register_customer("ada@example.test", "Ada", "Example")
    await shop.courier.drain()
    assert [attempt.status for attempt in shop.courier.log] == [302, 204]


async def test_a_subscription_made_through_the_api_is_gone_after_eight_failures() -> None:
    receiver = Receiver(status=lambda request: 500)
    shop = shopify(receiver)
    shop.hooks.subscriptions.clear()
    async with admin(shop) as client:
        given = {"topic": "ORDERS_CREATE", "given": {"uri": "https://belong.test/hooks/orders/create"}}
        made = await ask(client, SUBSCRIBE, given)
        assert made["data"]["webhookSubscriptionCreate"]["userErrors"] == []
        shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)]))
        await shop.courier.drain()
        assert len(receiver.got) == 8
        left = await ask(client, "{ webhookSubscriptions(first: 5) { nodes { id } } }")
    assert left["data"]["webhookSubscriptions"]["nodes"] == []


async def test_a_success_forgives_earlier_failures() -> None:
    failing = [500] * 7 + [200] + [500] * 7 + [200]
    answers = iter(failing)
    shop = shopify(Receiver(status=lambda request: next(answers)))
    for subscription in shop.hooks.subscriptions.values():
        subscription.api_made = True
    shop.register_customer("ada@example.test", "Ada", "Example")
    await shop.courier.drain()
    shop.register_customer("bo@example.test", "Bo", "Example")
    await shop.courier.drain()
    assert len(shop.courier.log) == len(failing)
    assert shop.hooks.listeners("customers/create")


async def test_a_rotated_secret_signs_what_happens_afterwards() -> None:
    receiver, clock = Receiver(), StillClock()
    shop = shopify(receiver, clock)
    shop.register_customer("ada@example.test", "Ada", "Example")
    old, shop.client_secret = shop.client_secret, "the new secret"
    shop.register_customer("bo@example.test", "Bo", "Example")
    await shop.courier.drain()
    app = ShopifyApp(client_id=shop.client_id, client_secret="the new secret")
    both = ShopifyApp(client_id=shop.client_id, client_secret="the new secret", old_client_secret=old)
    requests = [posted(headers, body) for _, headers, body in receiver.got]
    assert [app.verify_webhook_req(request).ok for request in requests] == [False, True]
    assert [both.verify_webhook_req(request).ok for request in requests] == [True, True]


async def test_nobody_can_undo_a_cancellation_and_customers_with_orders_stay() -> None:
    shop = shopify(Receiver())
    ada = shop.register_customer("ada@example.test", "Ada", "Example")
    shop.place_order(ada.id, Basket(items=[(shelf(shop)[0], 1)]))
    assert not hasattr(shop, "reopen")
    try:
        shop.delete_customer(ada.id)
    except ValueError as refused:
        assert "associated orders" in str(refused)
    assert not ada.deleted
