"""Whatever arrives is read or refused with a sentence: no other exception, no hang, no half-read amount."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import Unreadable
from connector.platforms import FETCHED_GONE, FETCHED_ORDER, Normaliser
from connector.shopify.normalise import normalise as normalise_shopify
from connector.woocommerce.normalise import normalise as normalise_woocommerce
from loyalty_engine.facts import Fact, OrderState
from loyalty_engine.goods import goods_kept
from loyalty_engine.money import MAX_MINOR
from tests.payloads import shopify_bodies, woocommerce_bodies
from tests.payloads.stories import PaidBack, SoldLine, Story, normaliser

Normalise = Callable[[str, bytes, Normaliser], list[Fact]]

BACK = PaidBack(501, 4000, lines=((11, 1, 3000, 570),), shipping=100, shipping_tax=19)
STORY = Story(
    (SoldLine(11, 2, 6000, tax=1140, discount=100), SoldLine(12, 1, 4000, tax=760)),
    shipping=500,
    shipping_tax=95,
    refunds=(BACK,),
)

# platform, topic, a good body
BODIES: dict[str, tuple[str, str, Any]] = {
    "shopify-order": ("shopify", "orders/updated", shopify_bodies.webhook_order(STORY)),
    "shopify-read": ("shopify", FETCHED_ORDER, shopify_bodies.fetched_order(STORY)),
    "shopify-refund": ("shopify", "refunds/create", shopify_bodies.webhook_refund(STORY, BACK)),
    "shopify-customer": ("shopify", "customers/update", shopify_bodies.customer(6)),
    "shopify-deleted": ("shopify", "orders/delete", {"id": 6}),
    "woocommerce-order": ("woocommerce", "order.updated", woocommerce_bodies.webhook_order(STORY)),
    "woocommerce-read": ("woocommerce", FETCHED_ORDER, woocommerce_bodies.fetched_order(STORY)),
    "woocommerce-customer": ("woocommerce", "customer.updated", {"id": 6, "email": "a@example.test"}),
    "woocommerce-gone": ("woocommerce", FETCHED_GONE, {"id": "6"}),
}
NAMES = sorted(BODIES)
PARSERS: dict[str, Normalise] = {"shopify": normalise_shopify, "woocommerce": normalise_woocommerce}

# characters of JSON to put in the place of any value
NASTY = [
    "null", "true", "{}", "[]", "[[]]", "[{}]", "0", "-1", "-0", "1.5", "1e3", "1E400", "1e999", "-1e-999",
    "9223372036854775807", "9223372036854775808", "18446744073709551616", "9" * 400, "9" * 4300, "9" * 4301, "9" * 5000,
    '""', '" "', '"10,00"', '" 10.00"', '"1e3"', '"NaN"', '"sNaN"', '"Infinity"', '"٣٫٥"', '"٣"', '"-0.00"', '"-5.00"',
    '"0.0000000000000001"', '"99999999999999999999999999999999999999"', '"1_0"', '"\\u0000"', '"a\\u0000b"',
    '"\\ud83d\\ude00"', '"' + "x" * 10_000 + '"', '"0"', '"00"', '"-1"', '"eur"', '"EURO"', '"ＥＵＲ"', '"XXX"',
    '"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-14:00"', '"2026-02-30T00:00:00Z"', '"2026-11-21"',
    '"2026-11-21T25:00:00Z"', '"gid://shopify/LineItem/"', '"gid://shopify/LineItem/x"',
]  # fmt: skip

HOLE = "HOLE-IN-THE-BODY"


def read(name: str, raw: bytes) -> list[Fact]:
    platform, topic, _ = BODIES[name]
    return PARSERS[platform](topic, raw, normaliser(platform))


def refusal(name: str, raw: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        read(name, raw)
    return str(refused.value)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a body, the body itself first."""
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def with_hole(body: Any, path: tuple[Any, ...]) -> str:
    """The body as JSON with ``HOLE`` in one place."""
    if not path:
        return json.dumps(HOLE)
    changed = copy.deepcopy(body)
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = HOLE
    return json.dumps(changed)


def check_facts(facts: list[Fact]) -> None:
    """Whatever was read can be stored and counted."""
    for fact in facts:
        text = repr(fact)
        assert "\\x00" not in text
        text.encode()
        if isinstance(fact, OrderState):
            assert 0 <= goods_kept(fact).minor <= goods_kept(fact).ordered_minor
            assert all(0 <= line.net_minor <= MAX_MINOR for line in fact.lines)
            assert min(fact.total_minor, fact.shipping_minor, fact.tax_minor, fact.other_minor) >= 0
            assert fact.updated_at.utcoffset() is not None


@pytest.mark.parametrize("name", NAMES)
def test_a_good_body_is_read(name: str) -> None:
    facts = read(name, json.dumps(BODIES[name][2]).encode())
    assert len(facts) == 1
    check_facts(facts)


@pytest.mark.parametrize("name", NAMES)
def test_any_value_anywhere_is_read_or_refused_with_a_sentence(name: str) -> None:
    body = BODIES[name][2]
    for path in places(body):
        frame = with_hole(body, path)
        for characters in NASTY:
            raw = frame.replace(f'"{HOLE}"', characters).encode()
            try:
                facts = read(name, raw)
            except Unreadable as refused:
                assert str(refused).startswith("The ")
                assert str(refused).endswith(".")
                assert str(refused).isprintable()
                assert len(str(refused)) < 300
            else:
                check_facts(facts)


@pytest.mark.parametrize("name", NAMES)
def test_any_missing_part_is_read_or_refused_with_a_sentence(name: str) -> None:
    body = BODIES[name][2]
    for path in places(body):
        if not path:
            continue
        changed = copy.deepcopy(body)
        holder = changed
        for step in path[:-1]:
            holder = holder[step]
        del holder[path[-1]]
        try:
            check_facts(read(name, json.dumps(changed).encode()))
        except Unreadable as refused:
            assert "missing" in str(refused)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b"{",
        b"NaN",
        b'{"id":NaN}',
        b'{"id":1}{"id":2}',
        b"\xef\xbb\xbf{}",
        b"webhook_id=2",
        b"<html>",
        b"\x00",
        b'{"id":1,"note":"\xff"}',
        b'{"id":1,"note":"\xed\xa0\x80"}',
        b'{"id":1,"email":"\\ud800"}',
        b'{"id":1,"note":"a\nb"}',
        b"[" * 200_000,
        b"{" * 200_000,
        b'{"x":' * 200_000,
        b'{"id":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"note":' + b"[" * 200_000 + b"]" * 200_000 + b',"id":1}',
    ],
    ids=range(21),
)
def test_what_is_no_json_object_is_refused(name: str, raw: bytes) -> None:
    assert refusal(name, raw).startswith("The ")


@pytest.mark.parametrize("name", NAMES)
def test_bytes_that_are_not_utf_8_are_refused_wherever_they_stand(name: str) -> None:
    good = json.dumps(BODIES[name][2]).encode()
    assert "byte 16 is not valid UTF-8" in refusal(name, b'{"unread_name":"\xff",' + good[1:])


@pytest.mark.parametrize("name", NAMES)
def test_of_a_key_that_stands_twice_the_last_one_counts(name: str) -> None:
    good = json.dumps(BODIES[name][2]).encode()
    assert read(name, b'{"id":"nonsense","id":7,' + good[1:]) == read(name, good)


@pytest.mark.parametrize("name", NAMES)
@given(raw=st.binary(max_size=60))
def test_any_bytes_are_refused(name: str, raw: bytes) -> None:
    assert refusal(name, raw)


@pytest.mark.parametrize("name", NAMES)
@given(cut=st.integers(min_value=0, max_value=10_000))
def test_any_truncated_body_is_refused(name: str, cut: int) -> None:
    good = json.dumps(BODIES[name][2]).encode()
    assert refusal(name, good[: cut % len(good)])


@pytest.mark.parametrize(
    ("name", "path", "characters", "sentence"),
    [
        (
            "shopify-order",
            ("line_items", 1, "price_set", "shop_money", "amount"),
            '"10,00"',
            "The order cannot be read: $.line_items[1].price_set.shop_money is not an amount: '10,00'.",
        ),
        (
            "shopify-order",
            ("line_items", 0, "price_set", "shop_money", "currency_code"),
            '"USD"',
            "The order cannot be read: $.line_items[0].price_set.shop_money is in 'USD' and not in EUR.",
        ),
        (
            "shopify-order",
            ("line_items", 0, "quantity"),
            "-2",
            "The order cannot be read: $.line_items[0].quantity is not a quantity.",
        ),
        (
            "shopify-order",
            ("line_items", 1, "id"),
            "11",
            "The order cannot be read: $.line_items names one id twice.",
        ),
        (
            "shopify-order",
            ("created_at",),
            '"0001-01-01T00:00:00+14:00"',
            "The order cannot be read: $.created_at is outside the calendar.",
        ),
        (
            "shopify-refund",
            ("refund_line_items", 0, "subtotal_set", "shop_money", "amount"),
            "-1",
            "The refund cannot be read: $.refund_line_items[0].subtotal_set.shop_money is negative.",
        ),
        (
            "woocommerce-order",
            ("total",),
            '"1e3"',
            "The order cannot be read: $.total is not an amount: '1e3'.",
        ),
        (
            "woocommerce-order",
            ("currency",),
            '"eur"',
            "The order cannot be read: $.currency is not a currency code ('eur').",
        ),
        (
            "woocommerce-order",
            ("status",),
            '"paid\\u0000"',
            "The order cannot be read: $.status is not a plain word.",
        ),
        (
            "woocommerce-read",
            ("refunds", 0, "line_items", 0, "meta_data", 1, "value"),
            '{"x":1}',
            "The order cannot be read: $.refunds[0].line_items[0]._refunded_item_id is not an id ('{\"x\":1}').",
        ),
        (
            "woocommerce-customer",
            ("id",),
            "[]",
            "The customer cannot be read: Expected `int | str`, got `array` - at `$.id`.",
        ),
    ],
)
def test_the_sentence_says_what_is_wrong_and_where(
    name: str, path: tuple[Any, ...], characters: str, sentence: str
) -> None:
    assert refusal(name, with_hole(BODIES[name][2], path).replace(f'"{HOLE}"', characters).encode()) == sentence


@pytest.mark.parametrize(
    ("platform", "topic", "body"),
    [
        ("shopify", "orders/create", shopify_bodies.webhook),
        ("shopify", FETCHED_ORDER, shopify_bodies.fetched),
        ("woocommerce", "order.created", woocommerce_bodies.webhook),
    ],
)
def test_ten_thousand_lines_are_read_without_a_hang(platform: str, topic: str, body: Callable[[Story], bytes]) -> None:
    lines = tuple(SoldLine(number, 1, 101) for number in range(1, 10_001))
    raw = body(replace(STORY, lines=lines, refunds=(PaidBack(5, 1000),)))
    started = time.process_time()
    [order] = PARSERS[platform](topic, raw, normaliser(platform))
    assert isinstance(order, OrderState)
    assert goods_kept(order).ordered_minor == 1_010_000
    assert time.process_time() - started < 5
