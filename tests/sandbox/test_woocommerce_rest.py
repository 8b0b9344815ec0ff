"""REST v3 of the simulated WooCommerce: what real shops were seen to answer, quirks and all."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from connector.sandbox.shop import Basket
from connector.sandbox.woocommerce import SimulatedWooCommerce
from connector.sandbox.woocommerce.auth import Key
from tests.sandbox.shops import KEYS, Receiver, StillClock, recorded, rest, shelf, woocommerce

READER = ("ck_" + "c" * 40, "cs_" + "d" * 40)


def with_orders(count: int, clock: StillClock | None = None) -> SimulatedWooCommerce:
    clock = clock or StillClock()
    shop = woocommerce(Receiver(), clock)
    for _ in range(count):
        clock.forward(seconds=1)
        shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)]), "g@example.test")
    return shop


def assert_as_recorded(answer: httpx.Response, name: str) -> None:
    real = recorded(name)
    assert (answer.status_code, answer.json()) == (real["status"], real["body"])


async def get(shop: SimulatedWooCommerce, path: str, keys: Any = KEYS) -> httpx.Response:
    async with rest(shop, keys) as client:
        return await client.get(path)


async def test_keys_work_in_the_header_and_in_the_query_string() -> None:
    shop = with_orders(1)
    assert (await get(shop, "/orders")).status_code == 200
    query = f"/orders?consumer_key={KEYS[0]}&consumer_secret={KEYS[1]}"
    assert (await get(shop, query, None)).status_code == 200


@pytest.mark.parametrize(
    ("keys", "name"),
    [(None, "401-no-auth"), (("ck_x", "cs_x"), "401-bad-key"), ((KEYS[0], "cs_x"), "401-bad-secret")],
)
async def test_wrong_keys_get_the_recorded_errors(keys: Any, name: str) -> None:
    assert_as_recorded(await get(with_orders(1), "/orders", keys), name)


async def test_a_key_over_plain_http_is_no_key() -> None:
    shop = with_orders(1)
    shop.counts_as_tls = False
    assert_as_recorded(await get(shop, "/orders"), "401-basic-over-http")


async def test_a_read_only_key_may_not_write() -> None:
    shop = with_orders(1)
    shop.keys[READER[0]] = Key(*READER, "read")
    assert (await get(shop, "/orders", READER)).status_code == 200
    async with rest(shop, READER) as client:
        assert_as_recorded(await client.post("/webhooks", json={}), "401-readonly-write")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/orders?per_page=101", "orders-perpage-101"),
        ("/orders?status=bogus", "400-invalid-param"),
        ("/nothing", "404-no-route"),
        ("/orders/999999", "order-404"),
        ("/customers/99999", "customer-404"),
    ],
)
async def test_errors_are_the_recorded_ones(path: str, name: str) -> None:
    assert_as_recorded(await get(with_orders(1), path), name)


async def test_a_body_that_is_no_json_is_refused_as_recorded() -> None:
    async with rest(with_orders(0)) as client:
        assert_as_recorded(await client.post("/webhooks", content=b"{"), "400-bad-json")


async def test_a_page_beyond_the_end_is_empty_and_counts_nothing() -> None:
    shop = with_orders(5)
    first, last, beyond = [await get(shop, f"/orders?per_page=2&page={page}") for page in (1, 3, 99)]
    assert (first.headers["x-wp-total"], first.headers["x-wp-totalpages"]) == ("5", "3")
    assert 'rel="next"' in first.headers["link"] and 'rel="prev"' not in first.headers["link"]
    assert len(last.json()) == 1 and 'rel="next"' not in last.headers["link"]
    real = recorded("orders-list-beyond")
    counts = {name: value for name, value in real["headers"] if name.startswith("x-wp-total")}
    assert beyond.json() == real["body"] == []
    assert {name: beyond.headers[name] for name in counts} == counts
    assert "page=0" in beyond.headers["link"]


async def test_links_never_show_the_keys() -> None:
    shop = with_orders(3)
    answer = await get(shop, f"/orders?per_page=1&consumer_key={KEYS[0]}&consumer_secret={KEYS[1]}", None)
    assert "page=2" in answer.headers["link"] and "consumer" not in answer.headers["link"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("modified_after=2026-11-21T21:54:52&dates_are_gmt=true", 3),
        ("modified_after=2026-11-21T21:54:52Z&dates_are_gmt=true", 0),
        ("modified_after=2026-11-21T21:54:52%2B00:00&dates_are_gmt=true", 0),
        ("modified_after=2026-11-21T20:54:52Z&dates_are_gmt=true", 3),
        ("modified_after=2026-11-21T21:54:52Z", 3),
        ("modified_after=2026-11-21T22:54:52", 3),
        ("modified_before=2026-11-21T21:54:52&dates_are_gmt=true", 1),
        ("after=2026-11-21T21:54:52&before=2026-11-21T21:54:55&dates_are_gmt=true", 2),
    ],
)
async def test_dates_are_strict_and_a_zone_shifts_them(query: str, found: int) -> None:
    """Five orders at :51 to :55; the site is at UTC+1."""
    assert len((await get(with_orders(5), f"/orders?{query}")).json()) == found


def test_the_recorded_pair_shows_the_same_shift() -> None:
    assert len(recorded("orders-list-modified-after-gmt")["body"]) == 3
    assert recorded("orders-list-modified-after-Z")["body"] == []


async def test_the_bin_is_seen_only_by_its_name() -> None:
    shop = with_orders(3)
    first, second, third = shop.truth.orders
    shop.trash(first)
    shop.delete(second)
    assert [each["id"] for each in (await get(shop, "/orders?status=any")).json()] == [third]
    assert [each["id"] for each in (await get(shop, "/orders?status=any,trash")).json()] == [third]
    assert [each["id"] for each in (await get(shop, "/orders?status=trash")).json()] == [first]
    assert (await get(shop, f"/orders/{first}")).json()["status"] == "trash"
    assert (await get(shop, f"/orders/{second}")).status_code == 404
    ids = f"include={first},{second},{third}"
    assert [each["id"] for each in (await get(shop, f"/orders?{ids}&_fields=id")).json()] == [third]
    assert (await get(shop, f"/orders?{ids}&_fields=id&status=trash")).json() == [{"id": first}]


async def test_deleting_a_refund_moves_no_date_and_no_status() -> None:
    clock = StillClock()
    shop = with_orders(1, clock)
    [order] = shop.truth.live_orders()
    refund = shop.refund_lines(order.id, {order.lines[0].id: 1})
    before = (await get(shop, f"/orders/{order.id}")).json()
    clock.forward(hours=1)
    shop.delete_refund(order.id, refund.id)
    after = (await get(shop, f"/orders/{order.id}")).json()
    assert before["status"] == after["status"] == "refunded"
    assert before["date_modified_gmt"] == after["date_modified_gmt"]
    assert (len(before["refunds"]), after["refunds"]) == (1, [])
    assert order.lines[0].current_quantity == 1


async def test_the_parent_of_refunds_is_ignored() -> None:
    shop = with_orders(2)
    for order in shop.truth.live_orders():
        shop.refund_amount(order.id, 100)
    first, second = shop.truth.orders
    found = (await get(shop, f"/refunds?parent={first}")).json()
    assert [each["parent_id"] for each in found] == [second, first]


async def test_customers_ignore_dates_and_hide_everybody_but_customers() -> None:
    shop = with_orders(0)
    ada = shop.register_customer("Ada@example.test", "Ada", "Example")
    boss = shop.register_customer("boss@example.test", "Bo", "Example")
    boss.role = "administrator"
    assert [each["id"] for each in (await get(shop, "/customers?modified_after=2030-01-01T00:00:00")).json()] == [
        ada.id
    ]
    assert len((await get(shop, "/customers?role=all")).json()) == 2
    assert [each["id"] for each in (await get(shop, "/customers?email=ADA@EXAMPLE.TEST")).json()] == [ada.id]


async def test_a_batch_answers_200_with_an_error_in_each_item_and_drops_private_meta() -> None:
    shop = with_orders(0)
    ada = shop.register_customer("ada@example.test", "Ada", "Example")
    meta = [{"key": "belong_snapshot", "value": "{}"}, {"key": "_belong", "value": "x"}]
    async with rest(shop) as client:
        answer = await client.post(
            "/customers/batch", json={"update": [{"id": ada.id, "meta_data": meta}, {"id": 99999, "meta_data": meta}]}
        )
    assert answer.status_code == 200
    done, failed = answer.json()["update"]
    assert [each["key"] for each in done["meta_data"]] == ["belong_snapshot"]
    assert (failed["id"], failed["error"]["data"]) == (99999, {"status": 400})
    assert ada.meta == {"belong_snapshot": "{}"} and shop.snapshot_of(ada) == "{}"


async def test_101_items_are_too_many_as_recorded() -> None:
    async with rest(with_orders(0)) as client:
        answer = await client.post("/customers/batch", json={"update": [{"id": 1}] * 101})
    assert_as_recorded(answer, "batch-customers-too-many")


async def test_a_second_account_with_the_same_address_is_refused_as_recorded() -> None:
    shop = with_orders(0)
    shop.register_customer("c1@example.test", "Ada", "Example")
    async with rest(shop) as client:
        answer = await client.post("/customers/batch", json={"create": [{"email": "c1@example.test"}]})
    assert answer.json()["create"][0]["error"] == recorded("customer-create-duplicate")["body"]


async def test_a_shop_prints_its_own_decimals_whatever_the_currency() -> None:
    shop = woocommerce(Receiver())
    yen = shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)], currency="JPY"))
    dinar = shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)], currency="KWD"))
    assert (await get(shop, f"/orders/{yen.id}")).json()["total"] == "4034.00"
    assert dinar.total_minor == 8460
    assert (await get(shop, f"/orders/{dinar.id}")).json()["total"] == "8.46"


async def test_status_refunded_makes_one_refund_without_lines() -> None:
    shop = with_orders(1)
    [order] = shop.truth.live_orders()
    shop.set_status(order.id, "refunded")
    [refund] = (await get(shop, f"/orders/{order.id}/refunds")).json()
    assert (refund["amount"], refund["line_items"]) == ("24.90", [])
    shop.set_status(order.id, "completed")
    assert len((await get(shop, f"/orders/{order.id}")).json()["refunds"]) == 1


async def test_cash_on_delivery_is_processing_without_a_date_of_payment() -> None:
    shop = woocommerce(Receiver())
    order = shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)], gateway="cod"))
    assert (order.status, order.paid_at) == ("processing", None)
    shop.complete(order.id)
    assert order.paid_at is not None


async def test_orders_of_a_deleted_account_become_a_guests_in_silence() -> None:
    shop = woocommerce(Receiver())
    ada = shop.register_customer("ada@example.test", "Ada", "Example")
    order = shop.place_order(ada.id, Basket(items=[(shelf(shop)[0], 1)]))
    shop.delete_customer(ada.id)
    assert (await get(shop, f"/orders/{order.id}")).json()["customer_id"] == 0
