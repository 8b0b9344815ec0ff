"""Which WooCommerce deliveries are believed: all recorded ones, and nothing that was touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.access.signatures import sign
from connector.errors import BadSignature
from connector.platforms import Connection, Headers, ObjectKey
from connector.woocommerce.webhooks import check_delivery, delivery_key, is_ping, object_key

RECORDED = Path(__file__).resolve().parents[2] / "payloads" / "woocommerce"
SECRET = b"whsec_lab_Zm9vYmFy"
CONNECTION = Connection(2, "0b7f1a52-6f2d-4b6e-8f55-6a4a9d5f1c11", 1, "woocommerce", "https://shop.example", "")
TOPIC = "order.updated"
BODY = b'{"id":28,"status":"processing"}'


def recorded(path: Path) -> tuple[str, Headers, bytes]:
    """(topic, headers, body) of one recorded request."""
    head, _, body = path.read_bytes().partition(b"\r\n\r\n")
    request_line, *lines = head.split(b"\r\n")
    items = tuple((name.lower(), value) for name, _, value in (line.partition(b": ") for line in lines))
    return request_line.split(b" ")[1].decode().removeprefix("/hook/"), Headers(items), body


DELIVERIES = sorted(path for path in RECORDED.glob("webhooks*/*.http") if path.name != "ping.http")
PINGS = sorted(RECORDED.glob("webhooks*/ping.http"))


def reason(headers: Headers, body: bytes = BODY, topic: str = TOPIC, secrets: tuple[bytes, ...] = (SECRET,)) -> str:
    with pytest.raises(BadSignature) as caught:
        check_delivery(headers, body, topic, CONNECTION, secrets)
    return caught.value.reason


def signed(body: bytes = BODY, secret: bytes = SECRET, topic: str = TOPIC) -> Headers:
    return Headers(((b"x-wc-webhook-signature", sign(body, secret)), (b"x-wc-webhook-topic", topic.encode())))


def test_all_recorded_deliveries_are_here() -> None:
    assert (len(DELIVERIES), len(PINGS)) == (51, 2)


@pytest.mark.parametrize("path", DELIVERIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_recorded_delivery_is_believed_and_nothing_like_it(path: Path) -> None:
    topic, headers, body = recorded(path)
    check_delivery(headers, body, topic, CONNECTION, (b"rotated-in", SECRET))
    assert reason(headers, body[:-1], topic) == "wrong-signature"
    assert reason(headers, body + b" ", topic) == "wrong-signature"
    assert reason(headers, body, topic, (b"another",)) == "wrong-signature"
    assert reason(headers, body, "order.forged") == "topic-mismatch"
    assert reason(headers, body, topic, ()) == "no-secret"
    assert not is_ping(headers, body)
    kind, event = topic.split(".")
    expected = ObjectKey(kind, str(number_in(body))) if kind in ("order", "customer") else None
    assert object_key(topic, body) == expected
    assert event in ("created", "updated", "deleted", "restored")


def number_in(body: bytes) -> int:
    return int(body.split(b'"id":', 1)[1].split(b",")[0].rstrip(b"}"))


@pytest.mark.parametrize("path", PINGS, ids=lambda path: path.parent.name)
def test_a_recorded_ping_is_known_and_never_believed(path: Path) -> None:
    topic, headers, body = recorded(path)
    assert is_ping(headers, body)
    assert reason(headers, body, topic) == "missing-signature"


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        (b"application/x-www-form-urlencoded", b"webhook_id=2", True),
        (b"application/x-www-form-urlencoded; charset=UTF-8", b"webhook_id=2", True),
        (b"Application/X-WWW-Form-Urlencoded", b"webhook_id=12345678901234567890", True),
        (b"application/json", b"webhook_id=2", False),
        (b"application/x-www-form-urlencoded", b"webhook_id=", False),
        (b"application/x-www-form-urlencoded", b"webhook_id=2&x=1", False),
        (b"application/x-www-form-urlencoded", b"webhook_id=2\n", False),
        (b"application/x-www-form-urlencoded", b'{"id":1}', False),
        (b"application/x-www-form-urlencoded", b"webhook_id=" + b"1" * 21, False),
        (b"", b"webhook_id=2", False),
    ],
)
def test_only_the_exact_form_is_a_ping(kind: bytes, body: bytes, expected: bool) -> None:
    assert is_ping(Headers(((b"content-type", kind),)), body) is expected


def test_a_form_with_a_signature_is_no_ping() -> None:
    form = (b"content-type", b"application/x-www-form-urlencoded")
    assert not is_ping(Headers((form, (b"x-wc-webhook-signature", b"x"))), b"webhook_id=2")
    assert not is_ping(Headers((form, form)), b"webhook_id=2")


def test_each_way_of_not_being_signed_has_its_reason() -> None:
    assert reason(Headers(())) == "missing-signature"
    assert reason(Headers((signed().items[0], signed().items[0]))) == "repeated-signature"
    assert reason(Headers(((b"x-wc-webhook-signature", "é".encode()),))) == "malformed-signature"
    assert reason(signed(secret=b""), secrets=(b"",)) == "no-secret"
    assert reason(signed(topic="order.created")) == "topic-mismatch"


@given(st.binary(max_size=120), st.binary(max_size=120))
def test_a_signature_fits_one_body_only(body: bytes, other: bytes) -> None:
    if body != other:
        assert reason(signed(body), other) == "wrong-signature"
    check_delivery(signed(body), body, TOPIC, CONNECTION, (SECRET,))


def test_deliveries_of_one_second_share_an_id_but_not_a_key() -> None:
    shared = (b"x-wc-webhook-delivery-id", b"615991d9b0dd8273314fc1e3781358e2")
    first = delivery_key(Headers((shared,)), b'{"id":1}', TOPIC)
    assert first != delivery_key(Headers((shared,)), b'{"id":2}', TOPIC)
    assert first == delivery_key(Headers((shared,)), b'{"id":1}', TOPIC)
    assert first != delivery_key(Headers(()), b'{"id":1}', TOPIC)
    assert first != delivery_key(Headers((shared,)), b'{"id":1}', "order.created")
    assert len(first) == 69


def test_every_recorded_delivery_has_a_key_of_its_own() -> None:
    keys = {delivery_key(headers, body, topic) for topic, headers, body in map(recorded, DELIVERIES)}
    assert len(keys) == len(DELIVERIES) == 51


@pytest.mark.parametrize(
    ("topic", "body", "expected"),
    [
        ("order.restored", b'{"id":31}', ObjectKey("order", "31")),
        ("order.updated", b'{"code":"woocommerce_rest_shop_order_invalid_id","data":{"status":404}}', None),
        ("order.updated", b'{"id":"31"}', ObjectKey("order", "31")),
        ("order.updated", b'{"id":-1}', None),
        ("order.updated", b'{"id":NaN}', None),
        ("order.updated", b'{"id":' + b"9" * 5000 + b"}", None),
        ("order.updated", b"[" * 200_000, None),
        ("order.updated", b'{"id":1,"x":' + b"[" * 200_000, None),
        ("order.updated", b"\xff", None),
        ("coupon.updated", b'{"id":31}', None),
        ("action.woocommerce_x", b'{"id":31}', None),
    ],
)
def test_the_object_is_read_leniently_and_never_raises(topic: str, body: bytes, expected: ObjectKey | None) -> None:
    assert object_key(topic, body) == expected
