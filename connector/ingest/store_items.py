"""What a shop's plugin tells in one batch: each item checked by itself, and kept in the same inbox as what shops send.

Only what the envelope says can be refused, with the problem in words. A state that nobody can read is kept, and set
aside as a webhook would be, so that it can be looked at and read later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Raw, Struct

from connector.errors import Unreadable
from connector.ingest.event_facts import ENCODER, EVENT_TOPIC
from connector.ingest.payload import NULL
from connector.ingest.reviews import KIND, PLUGIN_REVIEW, Told, gone_review, review_event, source_of
from connector.ingest.shop_clocks import ShopClock, our_moment
from connector.platforms import PLUGIN_GONE, PLUGIN_ORDER, Connection
from connector.storage.inbox import Delivery
from connector.storage.instants import micros

MAX_ITEMS = 100
MAX_STATE_BYTES = 512 * 1024
"""Of one item: an order with a thousand lines has about a quarter of it."""
PLUGIN_CUSTOMER = "plugin/customer"
PLUGIN_CUSTOMER_GONE = "plugin/customer-gone"
PLUGIN_PRIVACY = "plugin/privacy"

Ref = Annotated[str, Meta(min_length=1, max_length=64)]
Id = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,18}(?!\n)$")]


class Item(Struct, forbid_unknown_fields=True):
    """One changed thing. ``state``: as it is now; or ``gone``: what is still known of it. ref: the plugin's own."""

    ref: Ref
    kind: Literal["order", "customer", "review", "privacy"]
    id: Id
    read_at: Annotated[datetime, Meta(tz=True)]
    state: Raw = NULL
    gone: Raw = NULL

    @property
    def is_gone(self) -> bool:
        """Whether it is there no more."""
        return bytes(self.state) == b"null"


class _Named(Struct):
    id: int | str


class _Order(Struct):
    order: _Named


class _Request(Struct):
    request: Literal["erase"]


class Refused(Exception):
    """An item that cannot be kept; the message says why."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of the batch that an item came with: from where, when it was sent and when it came."""

    connection: Connection
    clock: ShopClock
    sent_at: datetime
    arrived_at: datetime

    def moment(self, read_at: datetime) -> datetime:
        """When something was read, by our clock."""
        return our_moment(self.clock, read_at, self.sent_at, self.arrived_at)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What of an item goes into the inbox."""

    topic: str
    kind: str
    object_id: str
    body: bytes


def item_of(raw: Raw) -> Item:
    """One item of a batch. Raises Refused."""
    try:
        item = msgspec.json.decode(raw, type=Item)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Refused(f"{error}.") from error
    if item.is_gone == (bytes(item.gone) == b"null"):
        raise Refused("Send either state or gone.")
    if len(raw) > MAX_STATE_BYTES:
        raise Refused(f"An item may have {MAX_STATE_BYTES} bytes, not {len(raw)}.")
    return item


def ref_of(raw: Raw) -> str:
    """The ref that even a wrong item says it has; empty if that cannot be read either."""
    try:
        found: Any = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
    ref = found.get("ref") if isinstance(found, dict) else None
    return ref[:64] if isinstance(ref, str) else ""


def delivery_of(item: Item, heard: Heard) -> Delivery:
    """An item as the inbox takes it. The same reading again is known; what was read again is new, even if it says the
    same: in between the shop may have said otherwise. Raises Refused.
    """
    read_at = heard.moment(item.read_at)
    kept = _KINDS[item.kind](item, heard, read_at)
    told = b"gone" if item.is_gone else bytes(item.state)
    digest = hashlib.sha256(told).hexdigest()[:32]
    return Delivery(
        programme_number=heard.connection.programme_number,
        connection_number=heard.connection.number,
        topic=kept.topic,
        object_kind=kept.kind,
        object_id=kept.object_id,
        dedupe_key=f"plugin:{item.kind}:{item.id}:{micros(item.read_at)}:{digest}",
        read_at=read_at,
        received_at=heard.arrived_at,
        body=kept.body,
    )


def _order(item: Item, heard: Heard, read_at: datetime) -> _Kept:
    if item.is_gone:
        return _Kept(PLUGIN_GONE, "order", item.id, _only_id(item))
    try:
        named = str(msgspec.json.decode(item.state, type=_Order).order.id)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        named = item.id
    _must_be_about(item, named)
    return _Kept(PLUGIN_ORDER, "order", item.id, bytes(item.state))


def _customer(item: Item, heard: Heard, read_at: datetime) -> _Kept:
    if item.is_gone:
        return _Kept(PLUGIN_CUSTOMER_GONE, "customer", item.id, _only_id(item))
    try:
        named = str(msgspec.json.decode(item.state, type=_Named).id)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        named = item.id
    _must_be_about(item, named)
    return _Kept(PLUGIN_CUSTOMER, "customer", item.id, bytes(item.state))


def _review(item: Item, heard: Heard, read_at: datetime) -> _Kept:
    place = f"{source_of(heard.connection)}:{KIND}:{item.id}"
    if item.is_gone:
        return _Kept(EVENT_TOPIC, "event", place, ENCODER.encode(gone_review(item.id, read_at, heard.connection)))
    try:
        event = review_event(item.state, item.id, read_at, heard.connection)
    except Unreadable:
        return _Kept(PLUGIN_REVIEW, "event", place, ENCODER.encode(Told(item.id, read_at, item.state)))
    return _Kept(EVENT_TOPIC, "event", place, ENCODER.encode(event))


def _privacy(item: Item, heard: Heard, read_at: datetime) -> _Kept:
    try:
        msgspec.json.decode(item.state, type=_Request)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Refused("state.request: only erase can be asked for.") from error
    # No state of the customer but something to do, once: apart from what is read of the same customer.
    return _Kept(PLUGIN_PRIVACY, "privacy", item.id, _only_id(item))


_KINDS: Mapping[str, Callable[[Item, Heard, datetime], _Kept]] = {
    "order": _order,
    "customer": _customer,
    "review": _review,
    "privacy": _privacy,
}


def _must_be_about(item: Item, named: str) -> None:
    if named != item.id:
        raise Refused(f"The state is of {named[:30]}, not of {item.id}.")


def _only_id(item: Item) -> bytes:
    return ENCODER.encode({"id": item.id})
