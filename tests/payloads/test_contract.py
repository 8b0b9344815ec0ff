"""One suite for both platforms: the same story of an order ends in the same numbers, whoever tells it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from connector.platforms import FETCHED_GONE, FETCHED_ORDER, Normaliser
from connector.shopify.normalise import normalise as normalise_shopify
from connector.woocommerce.normalise import normalise as normalise_woocommerce
from loyalty_engine.facts import CustomerState, Fact, OrderDeleted, OrderState, OrderStatus
from loyalty_engine.goods import goods_kept
from tests.payloads import shopify_bodies, woocommerce_bodies
from tests.payloads.stories import PaidBack, SoldLine, Story, amounts, normaliser

Normalise = Callable[[str, bytes, Normaliser], list[Fact]]
Teller = tuple[str, str, Normalise, Callable[[Story], bytes]]

GIFT_CARD = 99
SHOPIFY_TOLD: Teller = ("shopify", "orders/updated", normalise_shopify, shopify_bodies.webhook)
SHOPIFY_READ: Teller = ("shopify", FETCHED_ORDER, normalise_shopify, shopify_bodies.fetched)
WOOCOMMERCE_TOLD: Teller = ("woocommerce", "order.updated", normalise_woocommerce, woocommerce_bodies.webhook)
WOOCOMMERCE_READ: Teller = ("woocommerce", FETCHED_ORDER, normalise_woocommerce, woocommerce_bodies.fetched)
KNOW_REFUNDED_LINES = [SHOPIFY_TOLD, SHOPIFY_READ, WOOCOMMERCE_READ]
ALL = [*KNOW_REFUNDED_LINES, WOOCOMMERCE_TOLD]


def teller_name(teller: Teller) -> str:
    return f"{teller[0]}-{teller[1]}"


def told(teller: Teller, story: Story) -> OrderState:
    platform, topic, normalise, body = teller
    [order] = normalise(topic, body(story), normaliser(platform, gift_card_products=str(GIFT_CARD)))
    assert isinstance(order, OrderState)
    return order


TEA = SoldLine(11, 2, net=6300, tax=1197, discount=700)
POT = SoldLine(12, 1, net=4000, tax=760)
CARD = SoldLine(13, 1, net=2500, product_id=GIFT_CARD, is_gift_card=True)
YEN_TEA = SoldLine(11, 3, net=2700, tax=270)
DINAR_TEA = SoldLine(11, 1, net=12345, tax=617)

PLAIN = Story((TEA, POT), shipping=500, shipping_tax=95)
ONE_BACK = PaidBack(501, 3749, lines=((11, 1, 3150, 599),))
WITH_SHIPPING_BACK = PaidBack(502, 5355, lines=((12, 1, 4000, 760),), shipping=500, shipping_tax=95)
GOODWILL = PaidBack(503, 1000)


def expected(story: Story, **changes: Any) -> dict[str, Any]:
    """Numbers of the plain order, with what a story changes."""
    plain = {
        "currency": "EUR",
        "status": OrderStatus.PAID,
        "total": 12852,
        "shipping": 500,
        "tax": 2052,
        "other": 0,
        "lines": {"11": (2, 6300, False), "12": (1, 4000, False)},
        "refunds": {},
    }
    return plain | changes


STORIES: dict[str, tuple[Story, dict[str, Any], int]] = {
    "plain": (PLAIN, expected(PLAIN), 10300),
    "tax-included": (replace(PLAIN, is_tax_included=True), expected(PLAIN), 10300),
    "not-paid": (replace(PLAIN, state="pending"), expected(PLAIN, status=OrderStatus.OPEN), 10300),
    "cancelled": (replace(PLAIN, state="cancelled"), expected(PLAIN, status=OrderStatus.CANCELLED), 10300),
    "gift-card": (
        Story((TEA, CARD)),
        expected(PLAIN, total=9997, shipping=0, tax=1197, lines={"11": (2, 6300, False), "13": (1, 2500, True)}),
        6300,
    ),
    "no-lines": (Story(()), expected(PLAIN, total=0, shipping=0, tax=0, lines={}), 0),
    "one-unit-back": (
        replace(PLAIN, refunds=(ONE_BACK,)),
        expected(PLAIN, refunds={"501": (3749, {"11": (1, 3150)}, 599, 0)}),
        7150,
    ),
    "one-unit-back-tax-included": (
        replace(PLAIN, refunds=(ONE_BACK,), is_tax_included=True),
        expected(PLAIN, refunds={"501": (3749, {"11": (1, 3150)}, 599, 0)}),
        7150,
    ),
    "line-and-shipping-back": (
        replace(PLAIN, refunds=(WITH_SHIPPING_BACK,), is_tax_included=True),
        expected(PLAIN, refunds={"502": (5355, {"12": (1, 4000)}, 855, 500)}),
        6300,
    ),
    "goodwill": (
        replace(PLAIN, refunds=(GOODWILL,)),
        expected(PLAIN, refunds={"503": (1000, {}, 0, 0)}),
        9499,
    ),
    "line-and-goodwill": (
        replace(PLAIN, refunds=(GOODWILL, ONE_BACK)),
        expected(PLAIN, refunds={"503": (1000, {}, 0, 0), "501": (3749, {"11": (1, 3150)}, 599, 0)}),
        6365,
    ),
    "refunded-in-full-without-lines": (
        replace(PLAIN, refunds=(PaidBack(504, 12852),), state="refunded"),
        expected(PLAIN, refunds={"504": (12852, {}, 0, 0)}),
        0,
    ),
    "yen": (
        Story((YEN_TEA,), currency="JPY", is_tax_included=True),
        expected(PLAIN, currency="JPY", total=2970, shipping=0, tax=270, lines={"11": (3, 2700, False)}),
        2700,
    ),
    "dinar": (
        Story((DINAR_TEA,), currency="KWD"),
        expected(PLAIN, currency="KWD", total=12962, shipping=0, tax=617, lines={"11": (1, 12345, False)}),
        12345,
    ),
}


@pytest.mark.parametrize("teller", KNOW_REFUNDED_LINES, ids=teller_name)
@pytest.mark.parametrize("name", STORIES)
def test_the_same_story_ends_in_the_same_numbers(name: str, teller: Teller) -> None:
    story, numbers, kept = STORIES[name]
    order = told(teller, story)
    assert amounts(order) == numbers
    assert goods_kept(order).minor == kept
    assert all(refund.lines_known for refund in order.refunds)


@pytest.mark.parametrize("name", [name for name, (story, _, _) in STORIES.items() if not story.refunds])
def test_without_refunds_a_woocommerce_webhook_says_the_same(name: str) -> None:
    story, numbers, kept = STORIES[name]
    order = told(WOOCOMMERCE_TOLD, story)
    assert amounts(order) == numbers
    assert goods_kept(order).minor == kept


def test_a_woocommerce_webhook_knows_refunds_by_their_amount_alone() -> None:
    order = told(WOOCOMMERCE_TOLD, replace(PLAIN, refunds=(ONE_BACK,)))
    [refund] = order.refunds
    assert (refund.refund_id, refund.amount_minor, refund.bare_minor, refund.lines_known) == ("501", 3749, 3749, False)
    assert goods_kept(order).minor == 7295


@pytest.mark.parametrize("teller", ALL, ids=teller_name)
def test_an_order_is_known_by_its_exact_id_and_its_times_are_utc(teller: Teller) -> None:
    order = told(teller, PLAIN)
    assert order.order_id == "820982911946154508"
    assert order.source_ref == f"{teller[0]}:12:order:820982911946154508"
    assert order.customer_ref == "9007199254740993"
    assert order.created_at.isoformat() == "2026-11-21T21:54:41+00:00"
    assert order.updated_at.isoformat() == "2026-11-21T22:10:00+00:00"
    assert order.paid_at == order.created_at
    assert order.is_test is False


@pytest.mark.parametrize("teller", ALL, ids=teller_name)
def test_an_unpaid_order_has_no_date_of_payment(teller: Teller) -> None:
    assert told(teller, replace(PLAIN, state="pending")).paid_at is None


@pytest.mark.parametrize("teller", ALL, ids=teller_name)
def test_only_a_guest_is_known_by_the_hash_of_the_address(teller: Teller) -> None:
    known, guest = told(teller, PLAIN), told(teller, replace(PLAIN, customer=None, email="  Ada+Tea@Example.test "))
    assert (known.customer_ref, known.address_hash) == ("9007199254740993", None)
    assert (guest.customer_ref, guest.address_hash) == (None, "hash(ada+tea@example.test)")


@pytest.mark.parametrize("teller", ALL, ids=teller_name)
def test_an_order_without_customer_and_address_is_still_kept(teller: Teller) -> None:
    order = told(teller, replace(PLAIN, customer=None, email=""))
    assert (order.customer_ref, order.address_hash) == (None, None)
    assert goods_kept(order).minor == 10300


@pytest.mark.parametrize("teller", ALL, ids=teller_name)
@pytest.mark.parametrize("shown_in", [("EUR", 1), ("ZAR", 17), ("JPY", 163), ("KWD", 3)])
def test_earning_ignores_the_currency_shown_to_the_shopper(shown_in: tuple[str, int], teller: Teller) -> None:
    """C08."""
    story = replace(PLAIN, shown_in=shown_in, refunds=(ONE_BACK,))
    shown, plain = told(teller, story), told(teller, replace(story, shown_in=("EUR", 1)))
    assert shown == plain
    assert shown.currency == "EUR"
    assert goods_kept(shown).ordered_minor == 10300


@pytest.mark.parametrize("teller", ALL, ids=teller_name)
def test_an_unknown_currency_is_kept_with_two_places(teller: Teller) -> None:
    platform, topic, normalise, body = teller
    raw = body(PLAIN).replace(b'"EUR"', b'"XBT"')
    [order] = normalise(topic, raw, normaliser(platform))
    assert isinstance(order, OrderState)
    assert (order.currency, order.total_minor) == ("XBT", 12852)


@pytest.mark.parametrize(
    ("platform", "normalise", "topic"),
    [
        ("shopify", normalise_shopify, "orders/delete"),
        ("shopify", normalise_shopify, FETCHED_GONE),
        ("woocommerce", normalise_woocommerce, "order.deleted"),
        ("woocommerce", normalise_woocommerce, FETCHED_GONE),
    ],
)
@pytest.mark.parametrize("raw", [b'{"id":820982911946154508}', b'{"id":"820982911946154508"}'])
def test_a_deleted_order_is_known_by_its_id(platform: str, normalise: Normalise, topic: str, raw: bytes) -> None:
    gone = OrderDeleted(f"{platform}:12:order:820982911946154508", "820982911946154508")
    assert normalise(topic, raw, normaliser(platform)) == [gone]


@pytest.mark.parametrize(
    ("platform", "normalise", "topic"),
    [("shopify", normalise_shopify, "customers/delete"), ("woocommerce", normalise_woocommerce, "customer.deleted")],
)
def test_a_deleted_customer_is_a_state_too(platform: str, normalise: Normalise, topic: str) -> None:
    gone = CustomerState(f"{platform}:12:customer:6", "6", None, None, is_deleted=True)
    assert normalise(topic, b'{"id":6}', normaliser(platform)) == [gone]


@pytest.mark.parametrize("raw", [b"", b"[", b'{"id":1}'])
@pytest.mark.parametrize(
    ("platform", "normalise", "topic"),
    [
        ("shopify", normalise_shopify, "orders/edited"),
        ("shopify", normalise_shopify, "shop/update"),
        ("shopify", normalise_shopify, ""),
        ("woocommerce", normalise_woocommerce, "coupon.created"),
        ("woocommerce", normalise_woocommerce, "coupon.deleted"),
        ("woocommerce", normalise_woocommerce, "action.woocommerce_add_to_cart"),
        ("woocommerce", normalise_woocommerce, "orders/create"),
    ],
)
def test_other_topics_say_nothing_and_are_not_even_read(
    platform: str, normalise: Normalise, topic: str, raw: bytes
) -> None:
    assert normalise(topic, raw, normaliser(platform)) == []
