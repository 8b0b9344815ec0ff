"""WooCommerce deliveries: are they genuine, have we seen them, what are they about. Headers are not signed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import msgspec

from connector.access.signatures import check_signature
from connector.errors import BadSignature
from connector.ingest.payload import canonical_id
from connector.platforms import Connection, Headers, ObjectKey

_PING = re.compile(rb"webhook_id=[0-9]{1,20}")


class _Id(msgspec.Struct):
    id: int | str


_BY_ID = msgspec.json.Decoder(_Id)


def check_delivery(headers: Headers, raw: bytes, topic: str, connection: Connection, secrets: Sequence[bytes]) -> None:
    """Raise BadSignature unless the body is signed by the shop and no header contradicts our URL.

    Reasons: those of ``check_signature``, topic-mismatch. The shop is known by its own secret.
    """
    check_signature(headers.all(b"x-wc-webhook-signature"), raw, secrets)
    if any(value != topic.encode() for value in headers.all(b"x-wc-webhook-topic")):
        raise BadSignature("The delivery names another topic than the address it was sent to.", reason="topic-mismatch")


def is_ping(headers: Headers, raw: bytes) -> bool:
    """Whether this is the unsigned form ``webhook_id=N`` that WooCommerce sends when a webhook is created."""
    kind = headers.one(b"content-type") or b""
    is_form = kind.partition(b";")[0].strip().lower() == b"application/x-www-form-urlencoded"
    return is_form and not headers.all(b"x-wc-webhook-signature") and _PING.fullmatch(raw) is not None


def delivery_key(headers: Headers, raw: bytes, topic: str) -> str:
    """Hash of topic, body and X-WC-Webhook-Delivery-ID, 69 characters.

    That id alone would not do: deliveries of one second share it. The body alone would not do either: an order that is
    binned a second time sends the very same bytes again.
    """
    delivery_id = b",".join(headers.all(b"x-wc-webhook-delivery-id"))
    parts = (topic.encode(), hashlib.sha256(delivery_id).digest(), raw)
    return "body:" + hashlib.sha256(b"\0".join(parts)).hexdigest()


ORDER_TOPICS = frozenset(f"order.{event}" for event in ("created", "updated", "deleted", "restored"))
CUSTOMER_TOPICS = frozenset(f"customer.{event}" for event in ("created", "updated", "deleted"))


def object_key(topic: str, raw: bytes) -> ObjectKey | None:
    """The order or customer that a delivery is about; None for other topics, error bodies and unreadable ones."""
    kind = "order" if topic in ORDER_TOPICS else "customer" if topic in CUSTOMER_TOPICS else None
    if kind is None:
        return None
    try:
        number = canonical_id(_BY_ID.decode(raw).id)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return ObjectKey(kind, number) if number is not None else None
