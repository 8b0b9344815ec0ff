"""What WooCommerce tells us, as facts: topic -> parser. docs/goods-kept.md says which field counts for what.

A webhook lists refunds by amount alone; what we read ourselves (``{"order": ..., "refunds": [...]}``) has their lines.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import msgspec

from connector.errors import Unreadable
from connector.ingest.payload import (
    NULL,
    address,
    decode,
    label,
    labels,
    language_tag,
    object_id,
    refuse_order,
    utc,
)
from connector.person_news import PersonNews
from connector.platforms import FETCHED_GONE, FETCHED_ORDER, Normaliser
from connector.woocommerce.normalise_order import Order, order_state
from connector.woocommerce.normalise_refund import FetchedRefund, Meta
from connector.woocommerce.settings import BIRTHDAY_META
from loyalty_engine.facts import CustomerState, Fact, OrderDeleted

Body = TypeVar("Body")


class _OnlyId(msgspec.Struct, gc=False):
    id: int | str
    line_items: msgspec.Raw = NULL


class _Customer(msgspec.Struct, gc=False):
    id: int | str
    line_items: msgspec.Raw = NULL
    email: str | None = None
    role: str | None = None
    first_name: str | None = None
    locale: str | None = None
    """Of our plugin alone: WooCommerce itself does not say it."""
    date_created_gmt: datetime | None = None
    date_modified_gmt: datetime | None = None
    meta_data: list[Meta] = []


class _Read(msgspec.Struct, gc=False):
    order: Order
    refunds: list[FetchedRefund]


class _ErrorData(msgspec.Struct, gc=False):
    status: int | None = None


class _Error(msgspec.Struct, gc=False):
    code: str
    data: _ErrorData | None = None


_ONLY_ID = msgspec.json.Decoder(_OnlyId)
_CUSTOMER = msgspec.json.Decoder(_Customer)
_ORDER = msgspec.json.Decoder(Order)
_READ = msgspec.json.Decoder(_Read)
_ERROR = msgspec.json.Decoder(_Error)


def normalise(topic: str, raw: bytes, normaliser: Normaliser) -> list[Fact]:
    """Facts in one delivery; an empty list for topics that say nothing to us. Raises Unreadable."""
    parser = _PARSERS.get(topic)
    if parser is None:
        return []
    fact = parser(raw, normaliser)
    return [] if fact is None else [fact]


def _decode(decoder: msgspec.json.Decoder[Body], raw: bytes, what: str) -> Body:
    """Decode, and name the shop's own error where it sent one, well signed, in place of the object."""
    try:
        return decode(decoder, raw, what)
    except Unreadable as unreadable:
        try:
            error = decode(_ERROR, raw, "error")
        except Unreadable:
            raise unreadable from None
        status = f" ({error.data.status})" if error.data and error.data.status else ""
        code = error.code[:64] if error.code.isprintable() else "unknown"
        raise Unreadable(f"The shop sent an error in place of the {what}: {code}{status}.") from unreadable


def _order(raw: bytes, normaliser: Normaliser) -> Fact | None:
    return order_state(_decode(_ORDER, raw, "order"), None, normaliser)


def _order_read(raw: bytes, normaliser: Normaliser) -> Fact | None:
    body = _decode(_READ, raw, "order")
    return order_state(body.order, body.refunds, normaliser)


def _order_deleted(raw: bytes, normaliser: Normaliser) -> Fact:
    body = _decode(_ONLY_ID, raw, "order")
    refuse_order(body.line_items, "deletion of an order")
    order_id = object_id(body.id, "order", "id")
    return OrderDeleted(normaliser.source_ref("order", order_id), order_id)


def _customer(raw: bytes, normaliser: Normaliser) -> Fact:
    body = _decode(_CUSTOMER, raw, "customer")
    refuse_order(body.line_items, "customer")
    customer_ref = object_id(body.id, "customer", "id")
    email = address(body.email)
    wanted = normaliser.connection.settings.get(BIRTHDAY_META, "")
    for field in body.meta_data:
        if wanted and field.key == wanted and bytes(field.value) not in (b"null", b'""'):
            normaliser.note_birthday(customer_ref, _text(field.value))
    normaliser.note_person(customer_ref, PersonNews(label(body.first_name) or "", language_tag(body.locale)))
    created_at, updated_at = body.date_created_gmt, body.date_modified_gmt
    return CustomerState(
        source_ref=normaliser.source_ref("customer", customer_ref),
        customer_ref=customer_ref,
        updated_at=utc(updated_at, "customer", "date_modified_gmt") if updated_at else None,
        created_at=utc(created_at, "customer", "date_created_gmt") if created_at else None,
        address_hash=normaliser.hash_address(email) if email else None,
        tags=labels([body.role]),
    )


def _text(value: msgspec.Raw) -> str:
    """A value of meta as text; what is neither a text nor a whole number is shown as it was written."""
    try:
        return str(msgspec.json.decode(value, type=str | int))
    except (msgspec.MsgspecError, ValueError):
        return bytes(value[:64]).decode("utf-8", "replace")


def _customer_deleted(raw: bytes, normaliser: Normaliser) -> Fact:
    body = _decode(_ONLY_ID, raw, "customer")
    refuse_order(body.line_items, "deletion of a customer")
    customer_ref = object_id(body.id, "customer", "id")
    return CustomerState(normaliser.source_ref("customer", customer_ref), customer_ref, None, None, is_deleted=True)


_PARSERS: dict[str, Callable[[bytes, Normaliser], Fact | None]] = {
    "order.created": _order,
    "order.updated": _order,
    "order.restored": _order,
    "order.deleted": _order_deleted,
    "customer.created": _customer,
    "customer.updated": _customer,
    "customer.deleted": _customer_deleted,
    FETCHED_ORDER: _order_read,
    FETCHED_GONE: _order_deleted,
    "plugin/customer": _customer,
    "plugin/customer-gone": _customer_deleted,
}
