"""Each trap in Shopify's refunds is a case."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from connector.errors import Unreadable
from connector.platforms import FETCHED_ORDER
from connector.shopify.normalise import normalise
from loyalty_engine.facts import OrderState, RefundEvent
from loyalty_engine.goods import goods_kept
from tests.payloads import shopify_bodies
from tests.payloads.stories import Body, PaidBack, SoldLine, Story, normaliser

POT = SoldLine(12, 1, net=4000, tax=760)
STORY = Story((SoldLine(11, 2, net=6000, tax=1140), POT), shipping=500, shipping_tax=95)
ONE_TEA = PaidBack(501, 3570, lines=((11, 1, 3000, 570),))


def refund_of(body: Body) -> RefundEvent:
    [event] = normalise("refunds/create", json.dumps(body).encode(), normaliser("shopify"))
    assert isinstance(event, RefundEvent)
    return event


def a_set(amount: str) -> Body:
    return {
        "shop_money": {"amount": amount, "currency_code": "EUR"},
        "presentment_money": {"amount": "1.23", "currency_code": "ZAR"},
    }


def test_a_lone_refund_knows_its_order_and_counts_the_sets_not_the_numbers() -> None:
    story = replace(STORY, order_id=9223372036854775808)
    event = refund_of(shopify_bodies.webhook_refund(story, replace(ONE_TEA, refund_id=9007199254740993)))
    assert (event.source_ref, event.order_id) == ("shopify:12:order:9223372036854775808", "9223372036854775808")
    refund = event.refund
    assert (refund.refund_id, refund.amount_minor, refund.tax_minor) == ("9007199254740993", 3570, 570)
    assert [(line.line_id, line.quantity, line.net_minor) for line in refund.lines] == [("11", 1, 3000)]
    assert refund.created_at is not None
    assert refund.created_at.isoformat() == "2026-11-21T22:10:00+00:00"


def test_a_lone_refund_of_a_shop_with_tax_in_its_prices_is_read_net() -> None:
    story = replace(STORY, is_tax_included=True)
    refund = refund_of(shopify_bodies.webhook_refund(story, ONE_TEA)).refund
    assert ([line.net_minor for line in refund.lines], refund.tax_minor, refund.bare_minor) == ([3000], 570, 0)


def test_lines_count_where_less_money_moved_than_they_are_worth() -> None:
    back = PaidBack(501, 8500, lines=((11, 1, 41495, 0),))
    refund = refund_of(shopify_bodies.webhook_refund(STORY, back)).refund
    assert (refund.amount_minor, refund.lines[0].net_minor, refund.bare_minor) == (8500, 41495, 0)
    expensive = replace(STORY, lines=(SoldLine(11, 1, net=41495), POT), refunds=(back,))
    told = normalise("orders/updated", shopify_bodies.webhook(expensive), normaliser("shopify"))
    read = normalise(FETCHED_ORDER, shopify_bodies.fetched(expensive), normaliser("shopify"))
    for order in (*told, *read):
        assert isinstance(order, OrderState)
        assert goods_kept(order).minor == 4000


@pytest.mark.parametrize(
    ("kind", "status", "amount"),
    [
        ("refund", "success", 1000),
        ("refund", "pending", 1000),
        ("refund", "failure", 0),
        ("refund", "error", 0),
        ("void", "success", 0),
    ],
)
def test_only_money_that_moves_back_is_counted(kind: str, status: str, amount: int) -> None:
    body = shopify_bodies.webhook_refund(STORY, PaidBack(501, 1000))
    body["transactions"][0] |= {"kind": kind, "status": status}
    assert refund_of(body).refund.amount_minor == amount


def test_a_refund_paid_in_another_currency_counts_its_adjustment_in_shop_money() -> None:
    body = shopify_bodies.webhook_refund(STORY, PaidBack(501, 17000))
    body["transactions"][0]["currency"] = "ZAR"
    body["order_adjustments"] = [
        {"kind": "refund_discrepancy", "amount_set": a_set("-10.00"), "tax_amount_set": a_set("0.00")}
    ]
    refund = refund_of(body).refund
    assert (refund.amount_minor, refund.bare_minor) == (1000, 1000)


def test_lines_paid_back_in_another_currency_count_in_shop_money() -> None:
    body = shopify_bodies.webhook_refund(STORY, replace(ONE_TEA, amount=60690))
    body["transactions"][0]["currency"] = "ZAR"
    refund = refund_of(body).refund
    assert (refund.amount_minor, refund.bare_minor) == (3570, 0)


def test_shipping_among_the_adjustments_is_not_counted_beside_the_shipping_line() -> None:
    body = shopify_bodies.webhook_refund(STORY, PaidBack(501, 10115, shipping=500, shipping_tax=95))
    body["transactions"][0]["currency"] = "ZAR"
    body["order_adjustments"] = [
        {"kind": "shipping_refund", "amount_set": a_set("-5.00"), "tax_amount_set": a_set("-0.95")}
    ]
    refund = refund_of(body).refund
    assert (refund.amount_minor, refund.shipping_minor, refund.tax_minor) == (595, 500, 95)


def test_a_refund_without_any_amount_is_a_refund_of_nothing() -> None:
    refund = refund_of({"id": 501, "order_id": 7, "transactions": []}).refund
    assert (refund.amount_minor, refund.lines) == (0, ())


def test_duties_paid_back_are_no_goods() -> None:
    body = shopify_bodies.webhook_refund(STORY, PaidBack(501, 250))
    body["total_duties_set"] = a_set("2.50")
    assert (refund_of(body).refund.other_minor, refund_of(body).refund.bare_minor) == (250, 0)


def test_a_refund_that_names_no_order_is_unreadable() -> None:
    with pytest.raises(Unreadable, match=r"The refund cannot be read: \$\.order_id is missing\."):
        refund_of({"id": 501})
