"""Which Shopify deliveries are believed, how repeated ones are known, and which object they are about."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shopify_app import ShopifyApp

from connector.access.signatures import sign
from connector.errors import BadSignature
from connector.platforms import Connection, Headers, ObjectKey
from connector.shopify.webhooks import asks, check_delivery, delivery_key, object_key

SECRET = b"app-client-secret"
OLD = b"older-client-secret"
SHOP = "demo.myshopify.com"
TOPIC = "orders/create"
BODY = b'{"id":820982911946154508,"updated_at":"2026-11-21T18:00:27+01:00"}'
CONNECTION = Connection(1, "8f14e45f-ceea-4e7e-9c0f-1f2e3d4c5b6a", 1, "shopify", SHOP, f"https://{SHOP}")


def headers(*pairs: tuple[str, bytes | str]) -> Headers:
    encoded = [(name.encode(), value if isinstance(value, bytes) else value.encode()) for name, value in pairs]
    return Headers(tuple(encoded))


def signed(body: bytes = BODY, secret: bytes = SECRET, topic: str = TOPIC, shop: str = SHOP) -> Headers:
    return headers(
        ("x-shopify-hmac-sha256", base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest())),
        ("x-shopify-topic", topic),
        ("x-shopify-shop-domain", shop),
    )


def reason(
    given_headers: Headers, body: bytes = BODY, topic: str = TOPIC, secrets: tuple[bytes, ...] = (SECRET,)
) -> str:
    with pytest.raises(BadSignature) as caught:
        check_delivery(given_headers, body, topic, CONNECTION, secrets)
    return caught.value.reason


def test_a_signed_delivery_is_believed() -> None:
    check_delivery(signed(), BODY, TOPIC, CONNECTION, (SECRET,))


@pytest.mark.parametrize("secrets", [(SECRET, OLD), (OLD, SECRET), (b"x", b"y", SECRET)])
def test_every_active_secret_counts_during_a_rotation(secrets: tuple[bytes, ...]) -> None:
    check_delivery(signed(), BODY, TOPIC, CONNECTION, secrets)
    check_delivery(signed(secret=secrets[0]), BODY, TOPIC, CONNECTION, secrets)


def test_a_secret_that_was_rotated_out_counts_no_more() -> None:
    assert reason(signed(secret=OLD)) == "wrong-signature"


@pytest.mark.parametrize("secrets", [(), (b"",), (b"", b"")])
def test_without_a_secret_nothing_is_believed(secrets: tuple[bytes, ...]) -> None:
    assert reason(signed(secret=b""), secrets=secrets) == "no-secret"


def test_an_empty_secret_beside_a_real_one_opens_nothing() -> None:
    assert reason(signed(secret=b""), secrets=(SECRET, b"")) == "wrong-signature"


def test_headers_without_a_signature_are_refused() -> None:
    assert reason(headers()) == "missing-signature"
    assert reason(headers(("x-shopify-hmac-sha256x", sign(BODY, SECRET)))) == "missing-signature"


def test_two_signatures_are_refused_even_if_both_are_right() -> None:
    right = ("x-shopify-hmac-sha256", sign(BODY, SECRET))
    assert reason(headers(right, right)) == "repeated-signature"
    assert reason(headers(right, ("x-shopify-hmac-sha256", b""))) == "repeated-signature"


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b" ",
        "é".encode(),
        "é".encode("latin-1") * 44,
        b"\x00" * 44,
        sign(BODY, SECRET)[:-1],
        sign(BODY, SECRET) + b"=",
        b" " + sign(BODY, SECRET),
        sign(BODY, SECRET) + b"\n",
        sign(BODY, SECRET).rstrip(b"="),
        hmac.new(SECRET, BODY, hashlib.sha256).hexdigest().encode(),
        base64.b64encode(hmac.new(SECRET, BODY, hashlib.sha512).digest()),
        base64.b64encode(hmac.new(SECRET, BODY, hashlib.sha1).digest()),
        b"=" * 44,
        b"A" * 44,
        b"A" * 1_000_000,
    ],
)
def test_a_signature_that_is_not_32_bytes_in_base64_is_refused(value: bytes) -> None:
    assert reason(headers(("x-shopify-hmac-sha256", value))) == "malformed-signature"


def test_another_spelling_of_the_same_bytes_is_refused() -> None:
    value = bytearray(sign(BODY, SECRET))
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    value[42] = alphabet[alphabet.index(value[42]) ^ 1]  # the last letter carries two bits that decode to nothing
    assert base64.b64decode(bytes(value)) == base64.b64decode(sign(BODY, SECRET))
    assert reason(headers(("x-shopify-hmac-sha256", bytes(value)))) == "malformed-signature"


@given(st.binary(max_size=200), st.data())
def test_no_changed_body_is_believed(body: bytes, data: st.DataObject) -> None:
    changed = data.draw(
        st.one_of(
            st.binary(max_size=220),
            st.integers(0, max(len(body), 1)).map(lambda at: body[:at]),
            st.tuples(st.integers(0, max(len(body) - 1, 0)), st.integers(0, 7)).map(lambda flip: flipped(body, *flip)),
            st.binary(min_size=1, max_size=3).map(lambda more: body + more),
        )
    )
    if changed != body:
        assert reason(signed(body), changed) == "wrong-signature"
    check_delivery(signed(body), body, TOPIC, CONNECTION, (SECRET,))


def flipped(body: bytes, at: int, bit: int) -> bytes:
    if not body:
        return b"x"
    changed = bytearray(body)
    changed[at] ^= 1 << bit
    return bytes(changed)


@given(st.binary(max_size=60))
def test_no_header_bytes_raise_anything_but_a_bad_signature(value: bytes) -> None:
    assert reason(headers(("x-shopify-hmac-sha256", value))) in ("malformed-signature", "wrong-signature")


def test_a_genuine_body_sent_to_another_topics_address_is_refused() -> None:
    assert reason(signed(), topic="orders/delete") == "topic-mismatch"


def test_a_genuine_body_of_another_shop_is_refused() -> None:
    assert reason(signed(shop="other.myshopify.com")) == "shop-mismatch"
    check_delivery(signed(shop="DEMO.myshopify.com"), BODY, TOPIC, CONNECTION, (SECRET,))


def test_one_contradicting_header_among_several_is_enough() -> None:
    extra = Headers((*signed().items, (b"x-shopify-topic", b"orders/paid")))
    assert reason(extra) == "topic-mismatch"


def test_headers_that_say_nothing_contradict_nothing() -> None:
    check_delivery(headers(("x-shopify-hmac-sha256", sign(BODY, SECRET))), BODY, TOPIC, CONNECTION, (SECRET,))


def test_the_message_explains_shopifys_test_button() -> None:
    with pytest.raises(BadSignature, match="Send test notification"):
        check_delivery(signed(secret=b"the shop's own"), BODY, TOPIC, CONNECTION, (SECRET,))


@given(st.text(max_size=300), st.text(min_size=1, max_size=60).filter(lambda text: text.isprintable()))
def test_our_signature_and_the_official_librarys_agree_both_ways(text: str, secret: str) -> None:
    body = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    official = ShopifyApp(client_id="id", client_secret=secret)

    def request(signature: str) -> dict[str, object]:
        named = {"X-Shopify-Hmac-Sha256": signature, "X-Shopify-Shop-Domain": SHOP}
        return {"method": "POST", "url": "https://belong.example/hooks", "headers": named, "body": body}

    ours = sign(body.encode(), secret.encode()).decode()
    assert official.verify_webhook_req(request(ours)).ok  # type: ignore[arg-type]
    assert not official.verify_webhook_req(request(sign(body.encode() + b" ", secret.encode()).decode())).ok  # type: ignore[arg-type]
    theirs = base64.b64encode(hmac.new(secret.encode(), body.encode(), hashlib.sha256).digest())
    check_delivery(
        headers(("x-shopify-hmac-sha256", theirs)), body.encode(), TOPIC, CONNECTION, (b"other", secret.encode())
    )


EVENT = "98880550-7158-44d4-b7cd-2c97c8a091b5"


def key(*pairs: tuple[str, str], body: bytes = BODY, topic: str = TOPIC) -> str:
    return delivery_key(headers(*pairs), body, topic)


def test_repeats_of_one_event_share_a_key_whatever_their_webhook_id() -> None:
    first = key(("x-shopify-event-id", EVENT), ("x-shopify-webhook-id", "a"))
    assert first == key(("x-shopify-event-id", EVENT), ("x-shopify-webhook-id", "b"))
    assert first == f"event:orders/create:{EVENT}:order/820982911946154508:"


def test_one_event_under_two_topics_is_two_deliveries() -> None:
    pair = ("x-shopify-event-id", EVENT)
    assert key(pair) != key(pair, topic="orders/paid")


def test_one_action_on_two_orders_is_two_deliveries() -> None:
    pair = ("x-shopify-event-id", EVENT)
    assert key(pair, body=b'{"id":1}') != key(pair, body=b'{"id":2}')


def test_two_named_subscriptions_are_two_deliveries() -> None:
    pair = ("x-shopify-event-id", EVENT)
    assert key(pair, ("x-shopify-name", "one")) != key(pair, ("x-shopify-name", "two"))


def test_without_an_event_id_the_webhook_id_counts_and_then_the_body() -> None:
    assert key(("x-shopify-webhook-id", "w-1")) == "webhook:orders/create:w-1:"
    assert key() == f"body:orders/create:{hashlib.sha256(BODY).hexdigest()}:"
    assert key() != key(body=BODY + b" ")
    doubled = (("x-shopify-event-id", EVENT), ("x-shopify-event-id", EVENT))
    assert key(*doubled).startswith("body:")


@given(st.binary(max_size=500), st.binary(max_size=500), st.text(max_size=300))
def test_keys_are_short_plain_and_never_run_together(event: bytes, name: bytes, topic: str) -> None:
    found = delivery_key(headers(("x-shopify-event-id", event), ("x-shopify-name", name)), BODY, topic)
    assert len(found) <= 340
    assert found.isascii() and found.isprintable()
    assert found.count(":") == (4 if event else 3)


def test_values_that_could_imitate_the_separator_stay_apart() -> None:
    assert key(("x-shopify-event-id", "a:b")) != key(("x-shopify-event-id", "a"), ("x-shopify-name", "b"))


@pytest.mark.parametrize(
    ("topic", "body", "expected"),
    [
        ("orders/create", BODY, ObjectKey("order", "820982911946154508")),
        ("orders/updated", b'{"id":5}', ObjectKey("order", "5")),
        ("orders/paid", b'{"id":5}', ObjectKey("order", "5")),
        ("orders/cancelled", b'{"id":5}', ObjectKey("order", "5")),
        ("orders/delete", b'{"id":5}', ObjectKey("order", "5")),
        ("orders/edited", b'{"order_edit":{"id":9,"order_id":5}}', ObjectKey("order", "5")),
        ("refunds/create", b'{"id":9,"order_id":5}', ObjectKey("order", "5")),
        ("customers/create", b'{"id":7}', ObjectKey("customer", "7")),
        ("customers/update", b'{"id":7}', ObjectKey("customer", "7")),
        ("customers/delete", b'{"id":7}', ObjectKey("customer", "7")),
        # One object has one text, however its id is written.
        ("orders/create", b'{"id":"5"}', ObjectKey("order", "5")),
        ("orders/create", b'{"id":"005"}', ObjectKey("order", "5")),
        ("orders/create", b'{"id":9223372036854775808}', ObjectKey("order", "9223372036854775808")),
        ("refunds/create", b'{"id":9,"order_id":"5"}', ObjectKey("order", "5")),
        ("customers/merge", b'{"id":7}', None),
        ("app/uninstalled", b'{"id":7}', None),
        ("shop/redact", b'{"shop_id":7}', None),
        ("refunds/create", b'{"id":9}', None),
        ("no/such", b'{"id":7}', None),
        ("", b'{"id":7}', None),
    ],
)
def test_the_object_of_a_delivery_is_read_by_topic(topic: str, body: bytes, expected: ObjectKey | None) -> None:
    assert object_key(topic, body) == expected


@pytest.mark.parametrize(
    ("topic", "body", "expected"),
    [
        ("orders/edited", b'{"order_edit":{"id":9,"order_id":5}}', True),
        ("order_transactions/create", b'{"id":9,"order_id":5,"gateway":"gift_card"}', True),
        ("order_transactions/create", b'{"id":9,"order_id":5,"gateway":"shopify_store_credit"}', True),
        ("order_transactions/create", b'{"id":9,"order_id":5,"gateway":"bogus"}', False),
        ("order_transactions/create", b'{"id":9,"order_id":5,"gateway":null}', False),
        ("order_transactions/create", b'{"gateway":5}', False),
        ("order_transactions/create", b"[" * 200_000, False),
        ("orders/updated", b'{"id":5}', False),
    ],
)
def test_an_order_is_read_where_a_delivery_says_too_little_of_it(topic: str, body: bytes, expected: bool) -> None:
    assert asks(topic, body) is expected


HOSTILE: list[bytes] = [
    b"",
    b"null",
    b"[]",
    b"5",
    b'"5"',
    b'{"id":null}',
    b'{"id":5.0}',
    b'{"id":1e3}',
    b'{"id":true}',
    b'{"id":-5}',
    b'{"id":0}',
    b'{"id":NaN}',
    b'{"id":Infinity}',
    b'{"id":1e999}',
    b'{"id":' + b"9" * 5000 + b"}",
    b'{"id":[5]}',
    b'{"id":{"id":5}}',
    b'{"id":5',
    b'{"id":5}x',
    b'\xef\xbb\xbf{"id":5}',
    b'{"id":5,"x":' + b"[" * 200_000,
    b"[" * 200_000,
    b'{"a":' * 100_000,
    b"\xff\xfe\x00",
    b"\x00",
    '{"id":"٥"}'.encode(),
]


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: body[:24].decode("latin-1"))
@pytest.mark.parametrize("topic", ["orders/create", "refunds/create", "customers/update", "orders/edited"])
def test_an_unreadable_id_is_no_object_and_no_error(topic: str, body: bytes) -> None:
    assert object_key(topic, body) is None


@given(st.binary(max_size=300))
def test_no_bytes_make_reading_the_object_raise(body: bytes) -> None:
    readers: list[Callable[[str, bytes], ObjectKey | None]] = [object_key]
    for read in readers:
        for topic in ("orders/create", "refunds/create"):
            found = read(topic, body)
            assert found is None or found.kind == "order"
