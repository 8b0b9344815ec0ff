"""WooCommerce's core webhooks: late bodies, no retries, silence where real shops are silent."""

from __future__ import annotations

import pytest

from connector.sandbox.courier import CourierSettings
from connector.sandbox.shop import Basket
from tests.sandbox.shops import HOOKS, SECRET, Receiver, StillClock, listen, recorded, rest, shelf, woocommerce


async def test_the_ping_is_an_unsigned_form_and_its_failure_changes_nothing() -> None:
    receiver = Receiver(status=lambda request: 500)
    shop = woocommerce(receiver)
    async with rest(shop) as client:
        made = await client.post(
            "/webhooks", json={"topic": "order.created", "delivery_url": f"{HOOKS}/x", "secret": "s"}
        )
    assert (made.status_code, made.json()["status"]) == (201, "active")
    assert "secret" not in made.json()
    [(_, headers, body)] = receiver.got
    real = recorded("webhook-ping")
    assert body == b"webhook_id=1" and real["body"] == "webhook_id=2"
    assert headers["content-type"] == dict(real["headers"])["Content-Type"]
    assert not [name for name in headers if name.startswith("x-wc-")]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"topic": "order.published", "delivery_url": "https://x.test"}, "webhook-create-bad-topic"),
        ({"topic": "order.created"}, "webhook-create-no-url"),
    ],
)
async def test_a_wrong_webhook_is_refused_as_recorded(given: dict[str, str], name: str) -> None:
    async with rest(woocommerce(Receiver())) as client:
        answer = await client.post("/webhooks", json=given)
    real = recorded(name)
    assert (answer.status_code, answer.json()) == (real["status"], real["body"])


@pytest.mark.parametrize(("checkout", "first"), [("classic", "order.created"), ("block", "order.updated")])
async def test_the_block_checkout_tells_of_the_update_before_the_creation(checkout: str, first: str) -> None:
    receiver = Receiver()
    shop = woocommerce(receiver)
    await listen(shop, receiver, "order.created", "order.updated")
    shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)], checkout=checkout))
    await shop.courier.drain()
    assert len(receiver.topics) == 2
    assert receiver.topics[0] == first


async def test_many_changes_before_the_queue_runs_give_one_creation_and_one_update_of_now() -> None:
    receiver = Receiver()
    shop = woocommerce(receiver)
    await listen(shop, receiver, "order.created", "order.updated")
    order = shop.place_order(None, Basket(items=[(shelf(shop)[0], 2)]))
    for deed in (shop.complete, shop.cancel, shop.reopen, shop.refund_all):
        deed(order.id)
    await shop.courier.drain()
    assert receiver.topics == ["order.created", "order.updated"]
    assert receiver.bodies("order.created")[0]["status"] == "refunded"


async def test_deliveries_of_one_second_share_a_delivery_id() -> None:
    receiver, clock = Receiver(), StillClock()
    shop = woocommerce(receiver, clock)
    await listen(shop, receiver, "order.created")
    for _ in range(3):
        shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)]))
    await shop.courier.drain()
    clock.forward(seconds=1)
    shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)]))
    await shop.courier.drain()
    ids = [headers["x-wc-webhook-delivery-id"] for _, headers, _ in receiver.got]
    assert len(ids) == 4 and len(set(ids[:3])) == 1 and ids[3] != ids[0]


async def test_nothing_is_sent_for_a_deleted_refund_or_an_order_deleted_for_good() -> None:
    receiver = Receiver()
    shop = woocommerce(receiver)
    await listen(shop, receiver)
    order = shop.place_order(None, Basket(items=[(shelf(shop)[0], 2)]))
    refund = shop.refund_amount(order.id, 100)
    await shop.courier.drain()
    receiver.got.clear()
    shop.delete_refund(order.id, refund.id)
    shop.delete(order.id)
    assert await shop.courier.drain() == 0
    assert receiver.got == []


async def test_the_bin_sends_an_id_alone_and_back_the_whole_order() -> None:
    receiver = Receiver()
    shop = woocommerce(receiver)
    await listen(shop, receiver)
    order = shop.place_order(None, Basket(items=[(shelf(shop)[0], 2)]))
    await shop.courier.drain()
    receiver.got.clear()
    shop.trash(order.id)
    await shop.courier.drain()
    shop.restore(order.id)
    await shop.courier.drain()
    assert receiver.topics == ["order.deleted", "order.restored", "order.updated"]
    assert receiver.got[0][2] == b'{"id":%d}' % order.id
    assert receiver.bodies("order.restored")[0]["status"] == "processing"


async def test_an_order_that_is_gone_at_delivery_is_a_signed_error_body() -> None:
    receiver = Receiver()
    shop = woocommerce(receiver)
    await listen(shop, receiver, "order.updated")
    order = shop.place_order(None, Basket(items=[(shelf(shop)[0], 2)]))
    shop.delete(order.id)
    await shop.courier.drain()
    [(_, headers, _)] = receiver.got
    assert "x-wc-webhook-signature" in headers
    assert receiver.bodies("order.updated")[0] == recorded("order-404")["body"]


@pytest.mark.parametrize(("status", "success"), [(200, True), (204, True), (302, True), (303, False), (500, False)])
async def test_success_is_200_to_302_and_nothing_is_tried_again(status: int, success: bool) -> None:
    receiver = Receiver()
    shop = woocommerce(receiver)
    [number] = await listen(shop, receiver, "order.created")
    receiver.status = lambda request: status
    shop.place_order(None, Basket(items=[(shelf(shop)[0], 2)]))
    await shop.courier.drain()
    assert len(receiver.got) == 1
    assert shop.hooks.webhooks[number].failures == (0 if success else 1)


async def test_the_seventh_failure_in_a_row_disables_and_switching_on_keeps_the_count() -> None:
    receiver = Receiver()
    shop = woocommerce(receiver)
    [number] = await listen(shop, receiver, "order.created")
    receiver.status = lambda request: 500

    async def one_more() -> str:
        shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)]))
        await shop.courier.drain()
        return shop.hooks.webhooks[number].status

    assert [await one_more() for _ in range(7)] == ["active"] * 6 + ["disabled"]
    assert await one_more() == "disabled" and len(receiver.got) == 7
    async with rest(shop) as client:
        assert (await client.put(f"/webhooks/{number}", json={"status": "active"})).json()["status"] == "active"
    assert await one_more() == "disabled"


async def test_a_lost_delivery_does_not_block_the_next_change() -> None:
    receiver = Receiver()
    shop = woocommerce(receiver)
    await listen(shop, receiver, "order.updated")
    shop.courier.settings = CourierSettings(loss_percent=100)
    order = shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)]))
    shop.courier.settings = CourierSettings()
    shop.complete(order.id)
    await shop.courier.drain()
    assert [body["status"] for body in receiver.bodies("order.updated")] == ["completed"]


async def test_private_addresses_get_nothing_unless_a_filter_allows_them() -> None:
    receiver = Receiver()
    shop = woocommerce(receiver, reaches_private_addresses=False)
    async with rest(shop) as client:
        for url in (
            "http://127.0.0.1/x",
            "http://192.168.0.4/x",
            "https://hooks.example.com:8443/x",
            "https://hooks.example.com/x",
        ):
            given = {"topic": "order.created", "delivery_url": url, "secret": SECRET}
            assert (await client.post("/webhooks", json=given)).status_code == 201
    receiver.got.clear()
    shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)]))
    await shop.courier.drain()
    assert len(receiver.got) == 1
    assert [each.failures for each in shop.hooks.webhooks.values()] == [1, 1, 1, 0]


async def test_writing_to_a_customer_is_told_to_who_listens_even_to_the_writer() -> None:
    receiver = Receiver()
    shop = woocommerce(receiver)
    await listen(shop, receiver, "customer.updated")
    ada = shop.register_customer("ada@example.test", "Ada", "Example")
    await shop.courier.drain()
    receiver.got.clear()
    async with rest(shop) as client:
        await client.put(f"/customers/{ada.id}", json={"meta_data": [{"key": "belong_snapshot", "value": "{}"}]})
    await shop.courier.drain()
    assert receiver.topics == ["customer.updated"]
