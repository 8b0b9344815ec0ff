"""Shopify deliveries: are they genuine, have we seen them, what are they about. Headers are not signed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from connector.access.signatures import check_signature
from connector.errors import BadSignature
from connector.ingest.payload import canonical_id
from connector.platforms import Connection, Headers, ObjectKey
from connector.shopify.normalise_order import ISSUED_TENDER

_PLAIN = re.compile(rb"[A-Za-z0-9._/-]{1,64}")
_HINT = (
    " If this came from Shopify's 'Send test notification' button: that one is signed with another secret than your"
    " app's and is refused here; a real event will do."
)


def check_delivery(headers: Headers, raw: bytes, topic: str, connection: Connection, secrets: Sequence[bytes]) -> None:
    """Raise BadSignature unless the body is signed by the app and no header contradicts our URL.

    Reasons: those of ``check_signature``, topic-mismatch, shop-mismatch.
    """
    check_signature(headers.all(b"x-shopify-hmac-sha256"), raw, secrets, hint=_HINT)
    if any(value != topic.encode() for value in headers.all(b"x-shopify-topic")):
        raise BadSignature("The delivery names another topic than the address it was sent to.", reason="topic-mismatch")
    shop = connection.shop.encode().lower()
    if any(value.lower() != shop for value in headers.all(b"x-shopify-shop-domain")):
        raise BadSignature("The delivery names another shop than the address it was sent to.", reason="shop-mismatch")


def delivery_key(headers: Headers, raw: bytes, topic: str) -> str:
    """Key of at most 340 characters: topic, event id, object and subscription name.

    One action of a merchant gives all its deliveries one event id, so the topic belongs to the key, and so does the
    object: an action on many orders must not look like one delivery. Without an event id the webhook id counts, else
    the body.
    """
    name = b"".join(headers.all(b"x-shopify-name"))
    event = headers.one(b"x-shopify-event-id")
    if event:
        key = object_key(topic, raw)
        about = b"" if key is None else f"{key.kind}/{key.object_id}".encode()
        parts = [b"event", topic.encode(), event, about, name]
    else:
        webhook = headers.one(b"x-shopify-webhook-id")
        kind, value = (b"webhook", webhook) if webhook else (b"body", hashlib.sha256(raw).hexdigest().encode())
        parts = [kind, topic.encode(), value, name]
    return ":".join(_bounded(part) for part in parts)


def _bounded(value: bytes) -> str:
    """The value itself if it is short and plain, else its hash behind a sign that plain values cannot have."""
    if not value or _PLAIN.fullmatch(value):
        return value.decode("ascii")
    return "#" + hashlib.sha256(value).hexdigest()[:40]


class _Id(msgspec.Struct):
    id: int | str


class _OrderId(msgspec.Struct):
    order_id: int | str


class _Transaction(msgspec.Struct):
    gateway: str | None = None


class _CustomerId(msgspec.Struct):
    customer_id: int | str


class _OrderEdit(msgspec.Struct):
    order_edit: _OrderId


_BY_ID = msgspec.json.Decoder(_Id)
_BY_ORDER_ID = msgspec.json.Decoder(_OrderId)
_BY_CUSTOMER_ID = msgspec.json.Decoder(_CustomerId)
_TRANSACTION = msgspec.json.Decoder(_Transaction)
_BY_EDIT = msgspec.json.Decoder(_OrderEdit)

ORDER_TOPICS = frozenset(
    f"orders/{event}"
    for event in ("create", "updated", "paid", "cancelled", "delete", "fulfilled", "partially_fulfilled")
)
ORDER_PART_TOPICS = frozenset(("refunds/create", "order_transactions/create"))
CUSTOMER_TOPICS = frozenset(f"customers/{event}" for event in ("create", "update", "delete", "enable", "disable"))
MAIL_CONSENT = "customers_email_marketing_consent/update"


# The same body is asked about twice in a row, for its dedupe key and for its shard.
@lru_cache(maxsize=1)
def object_key(topic: str, raw: bytes) -> ObjectKey | None:
    """The order or customer that a delivery is about; None for other topics and unreadable bodies. Never raises."""
    try:
        if topic in ORDER_TOPICS:
            return _key("order", _BY_ID.decode(raw).id)
        if topic in ORDER_PART_TOPICS:
            return _key("order", _BY_ORDER_ID.decode(raw).order_id)
        if topic == "orders/edited":
            return _key("order", _BY_EDIT.decode(raw).order_edit.order_id)
        if topic in CUSTOMER_TOPICS:
            return _key("customer", _BY_ID.decode(raw).id)
        if topic == MAIL_CONSENT:
            return _key("customer", _BY_CUSTOMER_ID.decode(raw).customer_id)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass
    return None


def asks(topic: str, raw: bytes) -> bool:
    """Whether an order must be read because of a delivery that says of it only that something happened: an edit, or
    that a gift card or store credit paid, whose amount no ``orders/*`` body has. Never raises.
    """
    if topic == "orders/edited":
        return True
    if topic != "order_transactions/create":
        return False
    try:
        return _TRANSACTION.decode(raw).gateway in ISSUED_TENDER
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False


def _key(kind: str, value: int | str) -> ObjectKey | None:
    number = canonical_id(value)
    return ObjectKey(kind, number) if number is not None else None
