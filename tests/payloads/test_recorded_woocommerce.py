"""Every delivery recorded from a real WooCommerce becomes exactly the facts that it tells."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connector.errors import Unreadable
from connector.platforms import FETCHED_ORDER
from connector.woocommerce.normalise import normalise
from loyalty_engine.facts import CustomerState, Fact, OrderDeleted, OrderState, OrderStatus
from loyalty_engine.goods import goods_kept
from tests.payloads.stories import normaliser

FOLDER = Path(__file__).parent / "woocommerce"
NEW, OLD = "webhooks", "webhooks-wc-9.3.3"
SECRET = b"whsec_lab_Zm9vYmFy"
DELIVERIES = sorted(path for path in FOLDER.glob("webhooks*/*.http") if path.stem != "ping")

PAID, OPEN, CANCELLED = OrderStatus.PAID, OrderStatus.OPEN, OrderStatus.CANCELLED

BEANS = {"13": (2, 3766), "14": (1, 5974), "15": (1, 1513)}
OLD_BEANS = {"13": (2, 3766), "14": (1, 5975), "15": (1, 1513)}

# folder, scenario: order, customer or address, status, word, currency, total, shipping, tax, other, lines, refunds,
# changed, paid, completed, goods kept
ORDERS: dict[tuple[str, str], tuple[Any, ...]] = {
    (NEW, "order-created-pending"): (
        "28", "2", OPEN, "pending", "EUR", 14212, 490, 2269, 200, BEANS, {}, "21:54:41", None, None, 11253,
    ),
    (NEW, "order-processing"): (
        "28", "2", PAID, "processing", "EUR", 14212, 490, 2269, 200, BEANS, {}, "21:54:45", "21:54:44", None, 11253,
    ),
    (NEW, "order-completed"): (
        "28", "2", PAID, "completed", "EUR", 14212, 490, 2269, 200, BEANS, {},
        "21:54:47", "21:54:44", "21:54:47", 11253,
    ),
    (NEW, "order-partial-refund"): (
        "28", "2", PAID, "completed", "EUR", 14212, 490, 2269, 200, BEANS, {"29": 2490},
        "21:54:50", "21:54:44", "21:54:47", 9281,
    ),
    (NEW, "order-full-refund"): (
        "28", "2", PAID, "refunded", "EUR", 14212, 490, 2269, 200, BEANS, {"30": 11722, "29": 2490},
        "21:54:52", "21:54:44", "21:54:47", 0,
    ),
    (NEW, "order-created-paid"): (
        "31", "3", PAID, "completed", "EUR", 1250, 0, 200, 0, {"21": (1, 1050)}, {},
        "21:54:58", "21:54:57", "21:54:57", 1050,
    ),
    (NEW, "order-cancelled"): (
        "31", "3", CANCELLED, "cancelled", "EUR", 1250, 0, 200, 0, {"21": (1, 1050)}, {},
        "21:55:00", "21:54:57", "21:54:57", 1050,
    ),
    (NEW, "order-untrash"): (
        "31", "3", CANCELLED, "cancelled", "EUR", 1250, 0, 200, 0, {"21": (1, 1050)}, {},
        "21:55:07", "21:54:57", "21:54:57", 1050,
    ),
    (NEW, "order-guest-usd"): (
        "32", "hash(guest+tag@example.test)", PAID, "completed", "USD", 5000, 0, 798, 0, {"23": (1, 4202)}, {},
        "21:55:11", "21:55:11", "21:55:11", 4202,
    ),
    (NEW, "store-checkout-placed"): (
        "33", "hash(store-guest@example.test)", OPEN, "on-hold", "EUR", 5065, 490, 809, 0, {"26": (2, 3766)}, {},
        "21:55:55", None, None, 3766,
    ),
    (NEW, "store-checkout-create-account"): (
        "34", "7", PAID, "processing", "EUR", 1833, 490, 293, 0, {"30": (1, 1050)}, {},
        "21:55:59", "21:55:58", None, 1050,
    ),
    (OLD, "order-created-pending"): (
        "30", "2", OPEN, "pending", "EUR", 14212, 490, 2268, 200, OLD_BEANS, {}, "23:05:41", None, None, 11254,
    ),
    (OLD, "order-processing"): (
        "30", "2", PAID, "processing", "EUR", 14212, 490, 2268, 200, OLD_BEANS, {},
        "23:05:43", "23:05:43", None, 11254,
    ),
    (OLD, "order-completed"): (
        "30", "2", PAID, "completed", "EUR", 14212, 490, 2268, 200, OLD_BEANS, {},
        "23:05:45", "23:05:43", "23:05:45", 11254,
    ),
    (OLD, "order-created-paid"): (
        "33", "3", PAID, "completed", "EUR", 1250, 0, 200, 0, {"21": (1, 1050)}, {},
        "23:05:51", "23:05:51", "23:05:51", 1050,
    ),
    (OLD, "order-cancelled"): (
        "33", "3", CANCELLED, "cancelled", "EUR", 1250, 0, 200, 0, {"21": (1, 1050)}, {},
        "23:05:53", "23:05:51", "23:05:51", 1050,
    ),
    (OLD, "order-untrash"): (
        "33", "3", CANCELLED, "cancelled", "EUR", 1250, 0, 200, 0, {"21": (1, 1050)}, {},
        "23:05:56", "23:05:51", "23:05:51", 1050,
    ),
    (OLD, "order-guest-usd"): (
        "34", "hash(guest+tag@example.test)", PAID, "completed", "USD", 5000, 0, 798, 0, {"23": (1, 4202)}, {},
        "23:05:59", "23:05:59", "23:05:59", 4202,
    ),
    (OLD, "placed-9.3.3"): (
        "35", "hash(d@example.test)", OPEN, "on-hold", "EUR", 3073, 490, 491, 0, {"26": (1, 2092)}, {},
        "23:06:15", None, None, 2092,
    ),
}  # fmt: skip

DELETEDORDERS = {(NEW, "order-trash"): "31", (OLD, "order-trash"): "33"}

# folder, scenario: customer, created, changed, address
CUSTOMERS: dict[tuple[str, str], tuple[str, str, str, str]] = {
    (NEW, "customer-create"): ("6", "21:54:30", "21:54:30", "new2@example.test"),
    (NEW, "customer-update"): ("6", "21:54:30", "21:54:32", "new2@example.test"),
    (NEW, "order-created-paid"): ("3", "21:51:09", "21:54:57", "c2@example.test"),
    (NEW, "order-force-delete"): ("3", "21:51:09", "21:55:09", "c2@example.test"),
    (NEW, "store-checkout-create-account"): ("7", "21:55:58", "21:55:58", "acct1795298158@example.test"),
    (OLD, "customer-create"): ("6", "23:05:34", "23:05:34", "new3@example.test"),
    (OLD, "customer-update"): ("6", "23:05:34", "23:05:35", "new3@example.test"),
    (OLD, "order-created-paid"): ("3", "23:04:47", "23:05:51", "c2@example.test"),
    (OLD, "order-force-delete"): ("3", "23:04:47", "23:05:58", "c2@example.test"),
}


def body_of(path: Path) -> bytes:
    return path.read_bytes().split(b"\r\n\r\n", 1)[1]


def at(time: str | None) -> datetime | None:
    return None if time is None else datetime.fromisoformat(f"2026-11-21T{time}+00:00").astimezone(UTC)


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def answer(name: str) -> Any:
    return json.loads((FOLDER / "rest" / f"{name}.json").read_text())["body"]


def of_order(order: OrderState) -> tuple[Any, ...]:
    """An order as a row of the table."""
    return (
        order.order_id,
        order.customer_ref or order.address_hash,
        order.status,
        order.shop_status,
        order.currency,
        order.total_minor,
        order.shipping_minor,
        order.tax_minor,
        order.other_minor,
        {line.line_id: (line.quantity, line.net_minor) for line in order.lines},
        {refund.refund_id: refund.amount_minor for refund in order.refunds},
        order.updated_at,
        order.paid_at,
        order.fulfilled_at,
        goods_kept(order).minor,
    )


def expected_order(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*row[:11], at(row[11]), at(row[12]), at(row[13]), row[14])


def expected_customer(scenario: tuple[str, str]) -> CustomerState:
    number, created, changed, address = CUSTOMERS[scenario]
    return CustomerState(
        f"woocommerce:12:customer:{number}", number, at(changed), at(created), False, f"hash({address})", ("customer",)
    )


def test_all_recorded_deliveries_are_here_and_unchanged() -> None:
    assert len(DELIVERIES) == 51
    for path in DELIVERIES:
        head, body = path.read_bytes().split(b"\r\n\r\n", 1)
        signature = base64.b64encode(hmac.new(SECRET, body, hashlib.sha256).digest())
        assert b"X-WC-Webhook-Signature: " + signature in head


@pytest.mark.parametrize("path", DELIVERIES, ids=name_of)
def test_each_recorded_delivery_becomes_its_facts(path: Path) -> None:
    name, _, topic = path.stem.partition("--")
    scenario = (path.parent.name, name)
    facts = normalise(topic, body_of(path), normaliser("woocommerce"))
    if topic.startswith("coupon."):
        assert facts == []
    elif topic == "order.deleted":
        order_id = DELETEDORDERS[scenario]
        assert facts == [OrderDeleted(f"woocommerce:12:order:{order_id}", order_id)]
    elif topic == "customer.deleted":
        assert facts == [CustomerState("woocommerce:12:customer:6", "6", None, None, is_deleted=True)]
    elif topic.startswith("customer."):
        assert facts == [expected_customer(scenario)]
    else:
        assert [of_order(order) for order in only_orders(facts)] == [expected_order(ORDERS[scenario])]


def only_orders(facts: list[Fact]) -> list[OrderState]:
    assert all(isinstance(fact, OrderState) for fact in facts)
    return [fact for fact in facts if isinstance(fact, OrderState)]


def test_a_recorded_order_read_with_its_refunds_names_the_returned_line() -> None:
    raw = json.dumps({"order": answer("order"), "refunds": answer("refunds-list")}).encode()
    [order] = only_orders(normalise(FETCHED_ORDER, raw, normaliser("woocommerce")))
    [refund] = order.refunds
    assert (refund.amount_minor, refund.named_minor, refund.bare_minor) == (2490, 2092, 398)
    assert [(line.line_id, line.quantity, line.net_minor) for line in refund.lines] == [("13", 1, 2092)]
    assert refund.lines_known
    assert refund.created_at == at("21:54:50")
    # 11253 - 2092 = 9161 remain of goods, with 490 shipping, 2269 tax and 200 fee: 398 is spread over 12120.
    assert goods_kept(order).minor == 8860
    assert goods_kept(order).notes == ("bare-refund-allocated", "status-refunded-but-partly-kept")


def test_a_recorded_guest_order_read_without_refunds_is_whole() -> None:
    raw = json.dumps({"order": answer("order-guest"), "refunds": []}).encode()
    [order] = only_orders(normalise(FETCHED_ORDER, raw, normaliser("woocommerce")))
    assert order.customer_ref is None
    assert order.address_hash == "hash(guest+tag@example.test)"
    assert goods_kept(order).minor == 4202


def test_a_recorded_error_in_place_of_an_order_is_named() -> None:
    raw = json.dumps(answer("order-404")).encode()
    with pytest.raises(Unreadable) as refused:
        normalise("order.updated", raw, normaliser("woocommerce"))
    assert str(refused.value) == (
        "The shop sent an error in place of the order: woocommerce_rest_shop_order_invalid_id (404)."
    )
