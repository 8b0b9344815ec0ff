"""Reviews that a shop's plugin tells as states, kept as the events that they amount to. Pure.

The plugin says how a review stands now; what happened to it in between is of no account. A review without an account is
kept and worth nothing, and one that was written before its shop was connected brings nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from connector.errors import Unreadable
from connector.ingest.event_facts import KeptEvent, Subject, Thing, activities_of
from connector.platforms import Connection, Normaliser
from loyalty_engine.facts import Fact

PLUGIN_REVIEW = "plugin/review"
"""Topic of a review that nobody can read, in the inbox. Those that can be read are events."""
KIND = "review"
_EVENTS: Mapping[str, str] = {
    "approved": "review.approved",
    "hold": "review.submitted",
    "spam": "review.removed",
    "trash": "review.removed",
}

Count = Annotated[int, Meta(ge=0, le=2**53)]


class Review(msgspec.Struct, gc=False):
    """How a review stands. customer_id: 0 or None for somebody without an account. characters: how long its text is."""

    status: Literal["approved", "hold", "spam", "trash"]
    created_at: Annotated[datetime, Meta(tz=True)]
    customer_id: Count | None = None
    product_id: Count | None = None
    rating: Count | None = None
    verified: bool | None = None
    characters: Count | None = None


_DECODER = msgspec.json.Decoder(Review)


class Told(msgspec.Struct, gc=False):
    """A review as it lies in the inbox while nobody can read its state."""

    id: str
    read_at: datetime
    state: msgspec.Raw


_TOLD = msgspec.json.Decoder(Told)


def review_event(raw: bytes | msgspec.Raw, review_id: str, read_at: datetime, connection: Connection) -> KeptEvent:
    """The event that a review's state amounts to. Raises Unreadable."""
    try:
        review = _DECODER.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable(f"The review cannot be read: {error}.") from error
    told = {"rating": review.rating, "verified": review.verified, "chars": review.characters}
    created_at = min(review.created_at.astimezone(UTC), read_at)
    return KeptEvent(
        id=review_id,
        source=source_of(connection),
        type=_EVENTS[review.status],
        occurred_at=created_at,
        subject=Subject(str(review.customer_id) if review.customer_id else None),
        object=Thing(KIND, review_id, str(review.product_id) if review.product_id else None),
        value={name: value for name, value in told.items() if value is not None},
        # Shops date to the second.
        pays=connection.connected_at is None or created_at >= connection.connected_at.replace(microsecond=0),
        read_at=read_at,
    )


def gone_review(review_id: str, read_at: datetime, connection: Connection) -> KeptEvent:
    """The event that a deleted review amounts to."""
    thing = Thing(KIND, review_id)
    return KeptEvent(review_id, source_of(connection), "review.removed", read_at, Subject(), thing, read_at=read_at)


def source_of(connection: Connection) -> str:
    """As no API key can be called: with a point."""
    return f"{connection.platform}.{connection.number}"


def read_review(raw: bytes, normaliser: Normaliser) -> list[Fact]:
    """A review that nobody could read when it came. Raises Unreadable while nobody can."""
    told = _TOLD.decode(raw)
    return activities_of(review_event(told.state, told.id, told.read_at, normaliser.connection), normaliser)
