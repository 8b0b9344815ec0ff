"""Events as the pipeline reads them: what ``POST /v1/events`` kept, as activities. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from connector.errors import Unreadable
from connector.platforms import Normaliser
from loyalty_engine.activities import meaning_of
from loyalty_engine.facts import Activity, ActivityStatus, Fact

EVENT_TOPIC = "belong/event"
"""Topic of an event in the inbox, beside those of shops."""


class Subject(msgspec.Struct, forbid_unknown_fields=True):
    """Who: a customer of a store, or an address that a registered customer may turn out to have."""

    customer_id: str | None = None
    address_hash: str | None = None


class Thing(msgspec.Struct, forbid_unknown_fields=True):
    """What it is about."""

    kind: str
    id: str
    product_id: str | None = None
    order_id: str | None = None


class KeptEvent(msgspec.Struct, forbid_unknown_fields=True):
    """One event as it lies in the inbox. source: of the key that sent it. pays: whether it may bring points.

    read_at: of a state that was read, instead of something that happened: the later reading wins.
    """

    id: str
    source: str
    type: str
    occurred_at: datetime
    subject: Subject
    object: Thing | None = None
    counterpart: Subject | None = None
    value: dict[str, int | str | bool] = {}
    pays: bool = True
    read_at: datetime | None = None


DECODER = msgspec.json.Decoder(KeptEvent)
ENCODER = msgspec.json.Encoder()


def read_event(raw: bytes, normaliser: Normaliser) -> list[Fact]:
    """The activities an event tells of: one, or two where it tells of two members. Raises Unreadable."""
    try:
        event = DECODER.decode(raw)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise Unreadable(f"The event cannot be read: {error}.") from error
    return activities_of(event, normaliser)


def activities_of(event: KeptEvent, normaliser: Normaliser) -> list[Fact]:
    """The activities of an event that was read."""
    meaning = meaning_of(event.type)
    if meaning is None:
        return []
    place = f"event:{normaliser.connection.programme_number}:{event.source}"
    facts: list[Fact] = [_activity(event, place, meaning.kind, meaning.status, (event.subject, event.counterpart))]
    if meaning.of_counterpart and event.counterpart is not None:
        both = (event.counterpart, event.subject)
        facts.append(_activity(event, place, meaning.of_counterpart, meaning.status, both))
    return facts


def _activity(
    event: KeptEvent, place: str, kind: str, status: ActivityStatus, people: tuple[Subject, Subject | None]
) -> Activity:
    """people: whose it is, and the other one."""
    subject, other = people
    thing = event.object
    name = f"{thing.kind}-{thing.id}" if thing else event.id
    # A vote is one thing for each voter: the same post may be found helpful by many.
    by = f":{_who(event.subject)}" if event.counterpart is not None else ""
    at = event.occurred_at.astimezone(UTC)
    # By its own date, so that events which overtake each other on the way end in one state.
    updated_at = event.read_at.astimezone(UTC) if event.read_at else at
    values: dict[str, int | str | bool] = dict(event.value)
    if not event.pays:
        values["pays"] = False
    return Activity(
        source_ref=f"{place}:{kind}:{name}{by}",
        activity_id=thing.id if thing else event.id,
        kind=kind,
        status=status,
        occurred_at=at,
        updated_at=updated_at,
        customer_ref=subject.customer_id,
        address_hash=subject.address_hash,
        object_id=thing.id if thing else None,
        product_id=thing.product_id if thing else None,
        order_ref=thing.order_id if thing else None,
        counterpart=_who(other) if other else None,
        values=values,
        approved_at=updated_at if status is ActivityStatus.APPROVED else None,
    )


def _who(subject: Subject) -> str:
    return subject.customer_id or subject.address_hash or ""
