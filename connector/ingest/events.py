"""Events that others report: checked one by one, and kept in the same inbox as what shops say.

An event is known again by its source (the name of the key that sent it) and its id. What is wrong with one of many
refuses that one alone, with the place and what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from connector.access.auth import BACKFILL_EVENTS, ProgrammeScope
from connector.crypto import Keys
from connector.ingest.event_facts import ENCODER, EVENT_TOPIC, KeptEvent, Subject, Thing
from connector.platforms import Connection
from connector.storage.inbox import Delivery
from loyalty_engine.activities import meaning_of

MAX_AGE = timedelta(days=30)
"""What happened longer ago needs a key for history, and brings no points unless it says so."""
MAX_AHEAD = timedelta(minutes=5)
"""How far a sender's clock may be fast."""
MAX_EVENTS = 500

Id = Annotated[str, Meta(min_length=1, max_length=150, pattern=r"^[^\x00-\x20\x7f]+(?!\n)$")]
Name = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*(?!\n)$")]
Value = Annotated[int, Meta(ge=-(2**53), le=2**53)] | bool | Annotated[str, Meta(max_length=200)]


class About(Struct, forbid_unknown_fields=True):
    """A person: a customer of a store, or an address that a registered customer may have.

    connection: the store's id; without it ``platform``, and without both the only store of the programme.
    email_sha256: of the trimmed address in small letters, 64 hex digits. An address is never kept.
    """

    connection: Id | None = None
    platform: Name | None = None
    customer_id: Id | None = None
    email: Annotated[str, Meta(min_length=3, max_length=320, pattern="@")] | None = None
    email_sha256: Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{64}(?!\n)$")] | None = None


class Object(Struct, forbid_unknown_fields=True):
    """What it is about: a review, an answer... ``kind`` and ``id`` are the same in every event about one thing."""

    kind: Name
    id: Id
    product_id: Id | None = None
    order_id: Id | None = None


class Event(Struct, forbid_unknown_fields=True):
    """Something that a member did besides ordering, or what became of it.

    counterpart: the other person, where there is one (who wrote what was found helpful). value: numbers and flags, for
    example ``{"rating": 3, "chars": 180, "photos": 2, "verified": true}``. with_points: for history only: pays, too.
    """

    id: Id
    type: Annotated[str, Meta(min_length=1, max_length=80)]
    occurred_at: Annotated[datetime, Meta(tz=True)]
    subject: About
    object: Object | None = None
    counterpart: About | None = None
    value: Annotated[dict[Name, Value], Meta(max_length=20)] = {}
    with_points: bool = False


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports, and what its events are read with. connections: of its programme, by number."""

    scope: ProgrammeScope
    keys: Keys
    connections: Mapping[int, Connection]
    now: datetime

    @property
    def source(self) -> str:
        """The key's name as it stands in names of sources."""
        return re.sub(r"[^a-z0-9_-]+", "-", self.scope.name.lower()).strip("-")[:40] or "api"


class Wrong(Exception):
    """An event that cannot be taken; the message names the place and the cure."""


def delivery_of(raw: bytes | msgspec.Raw, reporter: Reporter) -> tuple[str, Delivery]:
    """(id, delivery) of one event. Raises Wrong."""
    try:
        event = msgspec.json.decode(raw, type=Event)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Wrong(f"{error}.") from error
    meaning = meaning_of(event.type)
    if meaning is None:
        raise Wrong(f"type: nobody knows {event.type!r}. Your own events are called custom.<name>.")
    if meaning.of_counterpart and event.counterpart is None:
        raise Wrong(f"counterpart: {event.type} tells of two people; name the other one.")
    pays = _pays(event, reporter)
    connection, subject = _person(event.subject, "subject", reporter)
    other = _other(event, connection, reporter)
    thing = event.object
    about = Thing(thing.kind, thing.id, thing.product_id, thing.order_id) if thing else None
    kept = KeptEvent(
        event.id,
        reporter.source,
        event.type,
        event.occurred_at.astimezone(UTC),
        subject,
        about,
        other,
        event.value,
        pays,
    )
    key = f"{thing.kind}:{thing.id}" if thing else event.id
    delivery = Delivery(
        programme_number=reporter.scope.programme_number,
        connection_number=connection.number,
        topic=EVENT_TOPIC,
        object_kind="event",
        object_id=f"{reporter.source}:{key}",
        dedupe_key=f"event:{reporter.source}:{event.id}",
        read_at=reporter.now,
        received_at=reporter.now,
        body=ENCODER.encode(kept),
    )
    return event.id, delivery


def id_of(raw: bytes | msgspec.Raw) -> str | None:
    """The id that even a wrong event says it has; None if that cannot be read either."""
    try:
        found: Any = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    name = found.get("id") if isinstance(found, dict) else None
    return name[:150] if isinstance(name, str) else None


def _pays(event: Event, reporter: Reporter) -> bool:
    if event.occurred_at > reporter.now + MAX_AHEAD:
        raise Wrong("occurred_at: that is still to come.")
    if event.occurred_at >= reporter.now - MAX_AGE:
        return True
    if BACKFILL_EVENTS not in reporter.scope.scopes:
        raise Wrong(f"occurred_at: more than {MAX_AGE.days} days ago. History needs a key with {BACKFILL_EVENTS}.")
    return event.with_points


def _other(event: Event, connection: Connection, reporter: Reporter) -> Subject | None:
    if event.counterpart is None:
        return None
    theirs, other = _person(event.counterpart, "counterpart", reporter)
    if theirs.number != connection.number:
        raise Wrong("counterpart: name a customer of the same store as the subject.")
    if other == _person(event.subject, "subject", reporter)[1]:
        raise Wrong("counterpart: that is the subject. Nobody is their own counterpart.")
    return other


def _person(about: About, place: str, reporter: Reporter) -> tuple[Connection, Subject]:
    digest = about.email_sha256
    if about.customer_id is None and about.email is None and digest is None:
        raise Wrong(f"{place}: say who, by customer_id, email or email_sha256.")
    if about.email is not None and digest is not None:
        raise Wrong(f"{place}: give email or email_sha256, not both.")
    number = reporter.scope.programme_number
    address = None
    if about.email is not None:
        address = reporter.keys.hash_address(number, about.email)
    elif digest is not None:
        address = reporter.keys.hash_digest(number, digest)
    return _store(about, place, reporter), Subject(about.customer_id, address)


def _store(about: About, place: str, reporter: Reporter) -> Connection:
    found = [
        connection
        for connection in reporter.connections.values()
        if about.connection in (None, connection.public_id) and about.platform in (None, connection.platform)
    ]
    if not found:
        raise Wrong(f"{place}: your programme has no such store.")
    # An address is looked for in every store of the programme; a customer's number means something in one only.
    if len(found) > 1 and about.customer_id is not None:
        raise Wrong(f"{place}.connection: your programme has several such stores; name one by its id.")
    return min(found, key=lambda connection: connection.number)
