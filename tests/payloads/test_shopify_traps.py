"""Each trap in Shopify's payloads is a case. Amounts are of the story's order unless a test changes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from connector.errors import Unreadable
from connector.platforms import FETCHED_ORDER
from connector.shopify.normalise import normalise
from loyalty_engine.facts import CustomerState, OrderState, OrderStatus
from loyalty_engine.goods import goods_kept
from tests.payloads import shopify_bodies
from tests.payloads.stories import Body, PaidBack, SoldLine, Story, normaliser

TEA = SoldLine(11, 2, net=6000, tax=1140)
POT = SoldLine(12, 1, net=4000, tax=760)
STORY = Story((TEA, POT), shipping=500, shipping_tax=95)
ONE_TEA = PaidBack(501, 3570, lines=((11, 1, 3000, 570),))
WHEN = "2026-11-22T09:00:00+02:00"


def order_of(body: Body, topic: str = "orders/updated") -> OrderState:
    [order] = normalise(topic, json.dumps(body).encode(), normaliser("shopify"))
    assert isinstance(order, OrderState)
    return order


def both(story: Story, webhook: Callable[[Body], Any], fetched: Callable[[Body], Any]) -> list[OrderState]:
    """The same change in a webhook and in what we read ourselves."""
    told, read = shopify_bodies.webhook_order(story), shopify_bodies.fetched_order(story)
    webhook(told)
    fetched(read)
    return [order_of(told), order_of(read, FETCHED_ORDER)]


def a_set(amount: str) -> Body:
    return {
        "shop_money": {"amount": amount, "currency_code": "EUR"},
        "presentment_money": {"amount": "1.23", "currency_code": "ZAR"},
    }


def shop_money(amount: str) -> Body:
    return {"shopMoney": {"amount": amount, "currencyCode": "EUR"}}


def test_discounts_are_read_from_the_allocations_and_never_from_the_line() -> None:
    body = shopify_bodies.webhook_order(STORY)
    line = body["line_items"][0]
    line["total_discount"] = "55.00"
    line["discount_allocations"] = [{"amount_set": a_set("9.10")}, {"amount_set": a_set("10.00")}]
    assert order_of(body).lines[0].net_minor == 6000 - 1910


@pytest.mark.parametrize("amount", ["414.95", 414.95])
def test_an_amount_is_read_exactly_whether_it_comes_as_text_or_as_a_number(amount: object) -> None:
    body = shopify_bodies.webhook_order(STORY)
    body["line_items"][1]["price_set"]["shop_money"]["amount"] = amount
    assert order_of(body).lines[1].net_minor == 41495


def test_a_number_is_read_from_its_characters_not_through_a_float() -> None:
    raw = shopify_bodies.webhook(STORY).replace(b'"amount": "40.00"', b'"amount": 90071992547.93')
    [order] = normalise("orders/paid", raw, normaliser("shopify"))
    assert isinstance(order, OrderState)
    assert order.lines[1].net_minor == 9007199254793


def test_a_gift_card_and_a_line_without_product_are_kept_apart() -> None:
    card = SoldLine(13, 1, net=2500, product_id=None, is_gift_card=True)
    for body in (shopify_bodies.webhook(Story((TEA, card))), shopify_bodies.fetched(Story((TEA, card)))):
        topic = FETCHED_ORDER if b"lineItems" in body else "orders/create"
        [order] = normalise(topic, body, normaliser("shopify"))
        assert isinstance(order, OrderState)
        assert [(line.is_gift_card, line.product_id) for line in order.lines] == [(False, "71"), (True, None)]
        assert goods_kept(order).minor == 6000


def test_a_test_order_says_so() -> None:
    orders = both(STORY, lambda told: told.update(test=True), lambda read: read.update(test=True))
    assert [order.is_test for order in orders] == [True, True]


@pytest.mark.parametrize(
    ("email", "contact_email", "expected"),
    [
        ("", None, None),
        (None, None, None),
        ("  ", "", None),
        ("", "Ada@Example.test", "hash(ada@example.test)"),
        ("A@example.test", "b@example.test", "hash(a@example.test)"),
    ],
)
def test_an_order_without_customer_goes_by_an_address_if_there_is_one(
    email: str | None, contact_email: str | None, expected: str | None
) -> None:
    body = shopify_bodies.webhook_order(STORY) | {"customer": None, "email": email, "contact_email": contact_email}
    order = order_of(body)
    assert (order.customer_ref, order.address_hash) == (None, expected)


@pytest.mark.parametrize(
    ("word", "status", "is_paid"),
    [
        ("pending", OrderStatus.OPEN, False),
        ("authorized", OrderStatus.OPEN, False),
        ("partially_paid", OrderStatus.OPEN, False),
        ("voided", OrderStatus.OPEN, False),
        ("expired", OrderStatus.OPEN, False),
        ("something_new", OrderStatus.OPEN, False),
        ("paid", OrderStatus.PAID, True),
        ("partially_refunded", OrderStatus.PAID, True),
        ("refunded", OrderStatus.PAID, True),
    ],
)
def test_the_financial_status_says_whether_it_was_paid(word: str, status: OrderStatus, is_paid: bool) -> None:
    orders = both(
        STORY,
        lambda told: told.update(financial_status=word, processed_at=WHEN),
        lambda read: read.update(displayFinancialStatus=word.upper(), processedAt=WHEN),
    )
    for order in orders:
        assert (order.status, order.shop_status) == (status, word)
        assert (order.paid_at.isoformat() if order.paid_at else None) == (
            "2026-11-22T07:00:00+00:00" if is_paid else None
        )


def test_an_order_without_a_financial_status_is_not_paid() -> None:
    orders = both(
        STORY,
        lambda told: told.update(financial_status=None),
        lambda read: read.update(displayFinancialStatus=None),
    )
    assert [(order.status, order.shop_status) for order in orders] == [(OrderStatus.OPEN, "pending")] * 2


@pytest.mark.parametrize("refunds", [(), (PaidBack(501, 12495),)])
def test_a_cancelled_order_is_cancelled_with_and_without_refunds(refunds: tuple[PaidBack, ...]) -> None:
    orders = both(
        replace(STORY, refunds=refunds),
        lambda told: told.update(cancelled_at=WHEN, financial_status="paid"),
        lambda read: read.update(cancelledAt=WHEN, displayFinancialStatus="PAID"),
    )
    for order in orders:
        assert order.status is OrderStatus.CANCELLED
        assert order.paid_at is not None
        assert goods_kept(order).minor == (0 if refunds else 10000)


def test_a_fulfilled_order_has_the_date_of_its_last_good_shipment() -> None:
    dates = [
        ("2026-11-22T09:00:00Z", "success"),
        ("2026-11-23T09:00:00Z", "success"),
        ("2026-11-24T09:00:00Z", "cancelled"),
    ]
    orders = both(
        STORY,
        lambda told: told.update(
            fulfillment_status="fulfilled",
            fulfillments=[{"created_at": created_at, "status": status} for created_at, status in dates],
        ),
        lambda read: read.update(
            displayFulfillmentStatus="FULFILLED",
            fulfillments=[{"createdAt": created_at, "status": status.upper()} for created_at, status in dates],
        ),
    )
    for order in orders:
        assert order.fulfilled_at is not None
        assert order.fulfilled_at.isoformat() == "2026-11-23T09:00:00+00:00"


def test_a_partly_fulfilled_order_is_not_fulfilled() -> None:
    body = shopify_bodies.webhook_order(STORY) | {
        "fulfillment_status": "partial",
        "fulfillments": [{"created_at": WHEN, "status": "success"}],
    }
    assert order_of(body, "orders/partially_fulfilled").fulfilled_at is None


def test_units_that_a_refund_took_off_are_not_taken_off_twice() -> None:
    for order in both(replace(STORY, refunds=(ONE_TEA,)), lambda told: None, lambda read: None):
        assert order.lines[0].removed_quantity == 0
        assert goods_kept(order).minor == 7000


def test_units_that_an_edit_took_off_are_counted_as_removed() -> None:
    orders = both(
        STORY,
        lambda told: told["line_items"][0].update(current_quantity=1),
        lambda read: read["lineItems"]["nodes"][0].update(currentQuantity=1),
    )
    for order in orders:
        assert order.lines[0].removed_quantity == 1
        assert order.tax_minor == 570 + 760 + 95
        assert goods_kept(order).minor == 7000
        assert goods_kept(order).notes == ("edited-units-removed",)


def test_an_edit_and_a_refund_of_one_line_both_count_once() -> None:
    orders = both(
        replace(STORY, refunds=(ONE_TEA,)),
        lambda told: told["line_items"][0].update(current_quantity=0),
        lambda read: read["lineItems"]["nodes"][0].update(currentQuantity=0),
    )
    for order in orders:
        assert order.lines[0].removed_quantity == 1
        assert goods_kept(order).minor == 4000


@pytest.mark.parametrize("total", ["166.60", "119.00"], ids=["total-holds-what-came", "total-does-not"])
@pytest.mark.parametrize("moved", [0, 4760], ids=["without-money", "in-money"])
def test_an_exchange_leaves_what_came_in_return(moved: int, total: str) -> None:
    """The pot went back, a tin of the same price came for it; then both teas are refunded."""
    tin = SoldLine(14, 1, net=4000, tax=760)
    pot_back = PaidBack(502, moved, lines=((12, 1, 4000, 760),))
    teas_back = PaidBack(503, 7140, lines=((11, 2, 6000, 1140),))
    orders = both(
        Story((TEA, POT, tin), refunds=(pot_back, teas_back)),
        lambda told: told["total_price_set"]["shop_money"].update(amount=total),
        lambda read: read["totalPriceSet"]["shopMoney"].update(amount=total),
    )
    for order in orders:
        assert goods_kept(order).minor == 4000


def test_lines_added_by_an_edit_are_bought_like_others() -> None:
    tin = SoldLine(14, 1, net=1500)
    assert [line.net_minor for line in both(Story((TEA, tin)), lambda told: None, lambda read: None)[0].lines] == [
        6000,
        1500,
    ]


def test_tips_duties_and_fees_are_no_goods() -> None:
    def told(body: Body) -> None:
        body["total_tip_received"] = "7.00"
        body["original_total_duties_set"] = a_set("2.50")
        body["original_total_additional_fees_set"] = a_set("0.50")

    def read(body: Body) -> None:
        body["totalTipReceivedSet"] = shop_money("7.0")
        body["originalTotalDutiesSet"] = shop_money("2.5")
        body["originalTotalAdditionalFeesSet"] = shop_money("0.5")

    for order in both(STORY, told, read):
        assert order.other_minor == 1000
        assert goods_kept(order).minor == 10000


def test_a_tip_that_comes_as_a_line_is_counted_once_and_is_no_goods() -> None:
    tip = SoldLine(15, 1, net=700, product_id=None)
    tip_back = PaidBack(503, 700, lines=((15, 1, 700, 0),))
    orders = both(
        Story((TEA, POT, tip), refunds=(tip_back,)),
        lambda told: told.update(total_tip_received="7.00"),
        lambda read: read.update(totalTipReceivedSet=shop_money("7.0")),
    )
    for order in orders:
        assert [line.line_id for line in order.lines] == ["11", "12"]
        assert (order.other_minor, order.refunds[0].other_minor, order.refunds[0].lines) == (700, 700, ())
        assert goods_kept(order).minor == 10000


def test_a_line_that_is_marked_as_a_tip_is_no_goods() -> None:
    tip = SoldLine(15, 1, net=700, product_id=None)
    body = shopify_bodies.webhook_order(Story((TEA, tip, replace(tip, line_id=16))))
    body["line_items"][1]["tip"] = {"payment_gateway": "bogus", "payment_method": "card"}
    assert [line.line_id for line in order_of(body).lines] == ["11", "16"]
    assert order_of(body).other_minor == 700


def test_duties_within_the_prices_are_not_counted_again() -> None:
    orders = both(
        STORY,
        lambda told: told.update(duties_included=True, original_total_duties_set=a_set("2.50")),
        lambda read: read.update(dutiesIncluded=True, originalTotalDutiesSet=shop_money("2.5")),
    )
    assert [order.other_minor for order in orders] == [0, 0]


def test_a_discount_on_shipping_makes_shipping_smaller() -> None:
    orders = both(
        STORY,
        lambda told: told["shipping_lines"][0].update(discount_allocations=[{"amount_set": a_set("2.00")}]),
        lambda read: read["shippingLines"]["nodes"][0].update(
            discountAllocations=[{"allocatedAmountSet": shop_money("2.0")}]
        ),
    )
    assert [order.shipping_minor for order in orders] == [300, 300]


def test_a_shipping_line_that_was_removed_does_not_count() -> None:
    body = shopify_bodies.webhook_order(STORY)
    body["shipping_lines"][0]["is_removed"] = True
    assert order_of(body).shipping_minor == 0


@pytest.mark.parametrize("topic", ["customers/create", "customers/update", "customers/enable", "customers/disable"])
def test_a_customer_is_kept_without_name_and_address(topic: str) -> None:
    body = shopify_bodies.customer(9007199254740993)
    [customer] = normalise(topic, json.dumps(body).encode(), normaliser("shopify"))
    assert isinstance(customer, CustomerState)
    assert customer.source_ref == "shopify:12:customer:9007199254740993"
    assert (customer.customer_ref, customer.address_hash) == ("9007199254740993", "hash(ada+tea@example.test)")
    assert customer.updated_at is not None
    assert customer.updated_at.isoformat() == "2026-11-21T22:10:00+00:00"
    assert not customer.is_deleted


@pytest.mark.parametrize("change", [{"verified_email": False}, {"email": None}, {"email": ""}])
def test_an_address_that_is_missing_or_was_never_verified_proves_nothing(change: Body) -> None:
    body = shopify_bodies.customer(6) | change
    [customer] = normalise("customers/update", json.dumps(body).encode(), normaliser("shopify"))
    assert isinstance(customer, CustomerState)
    assert customer.address_hash is None


@pytest.mark.parametrize("list_name", ["lineItems", "shippingLines"])
def test_an_order_of_which_pages_are_missing_is_unreadable(list_name: str) -> None:
    body = shopify_bodies.fetched_order(STORY)
    body[list_name]["pageInfo"] = {"hasNextPage": True, "endCursor": "x"}
    with pytest.raises(Unreadable, match=rf"\$\.{list_name} has more pages than were read"):
        order_of(body, FETCHED_ORDER)


def test_a_refund_of_which_pages_are_missing_is_unreadable() -> None:
    body = shopify_bodies.fetched_order(replace(STORY, refunds=(ONE_TEA,)))
    body["refunds"][0]["refundLineItems"]["pageInfo"] = {"hasNextPage": True, "endCursor": "x"}
    with pytest.raises(Unreadable, match=r"\$\.refunds has more pages than were read"):
        order_of(body, FETCHED_ORDER)
