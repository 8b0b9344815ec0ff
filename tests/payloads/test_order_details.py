"""What conditions and exclusions read of an order, told alike by webhooks and by our own reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from connector.platforms import FETCHED_ORDER, Normaliser
from connector.shopify.normalise import normalise as normalise_shopify
from connector.woocommerce.normalise import normalise as normalise_woocommerce
from loyalty_engine.facts import CustomerState, Fact, OrderState
from tests.payloads import shopify_bodies, woocommerce_bodies
from tests.payloads.stories import Body, SoldLine, Story, normaliser

Normalise = Callable[[str, bytes, Normaliser], list[Fact]]
Teller = tuple[str, str, Normalise, Callable[[Story], Body]]

TOLD: Teller = ("shopify", "orders/updated", normalise_shopify, shopify_bodies.webhook_order)
READ: Teller = ("shopify", FETCHED_ORDER, normalise_shopify, shopify_bodies.fetched_order)
WOOCOMMERCE: Teller = ("woocommerce", "order.updated", normalise_woocommerce, woocommerce_bodies.webhook_order)
SHOPIFY = [TOLD, READ]
ALL = [*SHOPIFY, WOOCOMMERCE]

TEA = SoldLine(11, 2, net=6300, tax=1197, discount=700)
POT = SoldLine(12, 1, net=4000, tax=760, sku=None, variant_id=None)
PLAIN = Story((TEA, POT), shipping=500, shipping_tax=95)


def name_of(teller: Teller) -> str:
    return f"{teller[0]}-{teller[1]}"


def order_of(teller: Teller, body: Body, **settings: str) -> OrderState:
    platform, topic, normalise, _ = teller
    [order] = normalise(topic, json.dumps(body).encode(), normaliser(platform, **settings))
    assert isinstance(order, OrderState)
    return order


def told(teller: Teller, story: Story, **settings: str) -> OrderState:
    return order_of(teller, teller[3](story), **settings)


@pytest.mark.parametrize("teller", ALL, ids=name_of)
def test_lines_tell_tax_list_price_sku_and_variant(teller: Teller) -> None:
    tea, pot = told(teller, PLAIN).lines
    assert (tea.net_minor, tea.tax_minor, tea.list_minor, tea.sku, tea.variant_id) == (
        6300,
        1197,
        7000,
        "TEA-50",
        "710",
    )
    assert (pot.net_minor, pot.tax_minor, pot.list_minor, pot.sku, pot.variant_id) == (4000, 760, 4000, None, None)


@pytest.mark.parametrize("teller", SHOPIFY, ids=name_of)
@pytest.mark.parametrize(
    ("net", "tax", "discount", "listed"),
    [
        # 119.00 on the shelf, 11.90 off: of 107.10 paid 90.00 is net, so of 119.00 it is 100.00.
        (9000, 1710, 1190, 10_000),
        # What is given away tells nothing of the tax inside its price.
        (0, 0, 11_900, 0),
        # Rounded down: 1 of 2 paid is net, so of 3 it is 1.
        (1, 1, 1, 1),
    ],
)
def test_a_list_price_with_tax_loses_the_same_share_as_the_price_paid(
    teller: Teller, net: int, tax: int, discount: int, listed: int
) -> None:
    line = SoldLine(11, 1, net=net, tax=tax, discount=discount)
    [found] = told(teller, Story((line,), is_tax_included=True)).lines
    assert (found.net_minor, found.list_minor) == (net, listed)


def test_a_negative_fee_takes_its_share_of_net_and_tax_and_leaves_the_list_price() -> None:
    body = woocommerce_bodies.webhook_order(Story((TEA, POT)))
    body["fee_lines"] = [{"id": 1, "total": "-10.30", "total_tax": "-1.96"}]
    tea, pot = order_of(WOOCOMMERCE, body).lines
    assert (tea.net_minor, tea.tax_minor, tea.list_minor, tea.sku) == (5670, 1077, 7000, "TEA-50")
    assert (pot.net_minor, pot.tax_minor, pot.list_minor) == (3600, 684, 4000)


@pytest.mark.parametrize("teller", ALL, ids=name_of)
@pytest.mark.parametrize(
    ("shipping", "billing", "country"),
    [("AT", "DE", "AT"), ("", "DE", "DE"), ("at", "DE", "AT"), ("XYZ", "DE", "DE"), ("", "", None)],
)
def test_the_country_is_where_it_goes_else_who_pays(
    teller: Teller, shipping: str, billing: str, country: str | None
) -> None:
    assert told(teller, replace(PLAIN, country=shipping, billing_country=billing)).country == country


@pytest.mark.parametrize("teller", SHOPIFY, ids=name_of)
def test_an_order_without_addresses_has_no_country(teller: Teller) -> None:
    body: dict[str, Any] = teller[3](PLAIN)
    body |= {name: None for name in body if name.lower().replace("_", "") in ("shippingaddress", "billingaddress")}
    assert order_of(teller, body).country is None


@pytest.mark.parametrize("teller", SHOPIFY, ids=name_of)
@pytest.mark.parametrize(("tags", "found"), [((), ()), (("vip", "gift wrap"), ("vip", "gift wrap"))])
def test_tags_of_an_order_are_a_list(teller: Teller, tags: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert told(teller, replace(PLAIN, tags=tags)).order_tags == found


def test_only_a_read_tells_the_tags_of_the_customer() -> None:
    story = replace(PLAIN, customer_tags=("wholesale", "vip"))
    assert told(READ, story).customer_tags == ("wholesale", "vip")
    assert told(TOLD, story).customer_tags == ()
    assert told(READ, replace(story, customer=None)).customer_tags == ()


@pytest.mark.parametrize("teller", ALL, ids=name_of)
def test_a_preorder_is_one_where_the_shop_says_so(teller: Teller) -> None:
    assert told(teller, replace(PLAIN, is_preorder=True)).is_preorder
    assert not told(teller, PLAIN).is_preorder


@pytest.mark.parametrize("value", ["0", "", "no", False, None, 0])
def test_a_mark_of_preorders_can_say_no(value: Any) -> None:
    body = woocommerce_bodies.webhook_order(PLAIN)
    body["meta_data"] = [{"id": 6, "key": "_wc_pre_orders_is_pre_order", "value": value}]
    assert not order_of(WOOCOMMERCE, body).is_preorder


@pytest.mark.parametrize(("value", "owner", "is_anonymous"), [("yes", 0, True), ("no", 0, False), ("yes", 7, False)])
def test_an_order_out_of_which_the_shop_took_its_owner_says_so(value: str, owner: int, is_anonymous: bool) -> None:
    body = woocommerce_bodies.webhook_order(PLAIN)
    body |= {"customer_id": owner, "meta_data": [{"id": 6, "key": "_anonymized", "value": value}]}
    assert order_of(WOOCOMMERCE, body).is_anonymous is is_anonymous


@pytest.mark.parametrize("teller", SHOPIFY, ids=name_of)
def test_a_merchant_names_the_tags_of_preorders(teller: Teller) -> None:
    story = replace(PLAIN, tags=("Ships in May",))
    assert told(teller, story, preorder_tags="later, ships in may").is_preorder
    assert not told(teller, story).is_preorder
    assert not told(teller, replace(PLAIN, is_preorder=True), preorder_tags="later").is_preorder


@pytest.mark.parametrize(("gift_card", "store_credit"), [(3000, 0), (0, 1000), (3000, 1000)])
def test_a_read_tells_what_gift_cards_and_store_credit_paid(gift_card: int, store_credit: int) -> None:
    order = told(READ, replace(PLAIN, gift_card=gift_card, store_credit=store_credit))
    assert (order.gift_card_minor, order.store_credit_minor, order.tender_known) == (gift_card, store_credit, True)


def test_a_webhook_tells_only_that_they_paid_something() -> None:
    for story in (replace(PLAIN, gift_card=3000), replace(PLAIN, store_credit=1000)):
        order = told(TOLD, story)
        assert (order.gift_card_minor, order.store_credit_minor, order.tender_known) == (0, 0, False)
    assert told(TOLD, PLAIN).tender_known


@pytest.mark.parametrize(
    ("kind", "status", "counts"),
    [
        ("SALE", "SUCCESS", True),
        ("CAPTURE", "SUCCESS", True),
        ("AUTHORIZATION", "SUCCESS", False),
        ("REFUND", "SUCCESS", False),
        ("VOID", "SUCCESS", False),
        ("SALE", "FAILURE", False),
        ("SALE", "PENDING", False),
    ],
)
def test_only_money_that_arrived_is_tender(kind: str, status: str, counts: bool) -> None:
    body = shopify_bodies.fetched_order(replace(PLAIN, gift_card=3000))
    body["transactions"][0] |= {"kind": kind, "status": status}
    assert order_of(READ, body).gift_card_minor == (3000 if counts else 0)


@pytest.mark.parametrize(("role", "tags"), [("customer", ("customer",)), ("wholesale", ("wholesale",)), (None, ())])
def test_the_role_of_an_account_stands_for_its_tags(role: str | None, tags: tuple[str, ...]) -> None:
    raw = json.dumps({"id": 6, "email": "ada@example.test", "role": role}).encode()
    [customer] = normalise_woocommerce("customer.updated", raw, normaliser("woocommerce"))
    assert isinstance(customer, CustomerState)
    assert customer.tags == tags
