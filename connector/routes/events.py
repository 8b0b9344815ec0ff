"""``POST /v1/events``: what members did besides ordering, reported by other programs."""

from __future__ import annotations

import asyncio
from typing import Literal

import msgspec
from msgspec import Struct

from connector import clock
from connector.access.auth import WRITE_EVENTS
from connector.ingest.events import MAX_EVENTS, Event, Reporter, Wrong, delivery_of, id_of
from connector.routes.access import NeedsKey
from connector.routes.errors import Problem
from connector.routes.operations import Call, Operation
from connector.storage.connections import load_connections


class EventState(Struct):
    """What became of one event. state: ``kept`` now, ``known`` already, or ``refused`` with the problem in words."""

    id: str | None
    state: Literal["kept", "known", "refused"]
    problem: str | None = None


class Reported(Struct):
    """One state for each event, in the order in which they were sent."""

    events: list[EventState]


async def report(call: Call) -> Reported:
    """Keep events. They are worked on afterwards; those of people whom no store has named yet wait for that."""
    items = _items(call.raw)
    scope = call.key_scope
    connections = {
        number: connection
        for number, connection in (await load_connections(call.session)).items()
        if connection.programme_number == scope.programme_number
    }
    reporter = Reporter(scope, call.service.keys, connections, clock.utc_now())
    return Reported(list(await asyncio.gather(*(_keep(call, reporter, item) for item in items))))


async def _keep(call: Call, reporter: Reporter, item: msgspec.Raw) -> EventState:
    try:
        event_id, delivery = delivery_of(item, reporter)
    except Wrong as error:
        return EventState(id_of(item), "refused", str(error))
    is_new = await call.service.inbox.keep(delivery)
    return EventState(event_id, "kept" if is_new else "known")


def _items(raw: bytes) -> list[msgspec.Raw]:
    try:
        if not raw.lstrip().startswith(b"["):
            return [msgspec.json.decode(raw, type=msgspec.Raw)]
        items = msgspec.json.decode(raw, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "Bad request", f"This is no JSON: {error}.") from error
    if not 1 <= len(items) <= MAX_EVENTS:
        raise Problem(400, "Bad request", f"Send 1 to {MAX_EVENTS} events at a time, not {len(items)}.")
    return items


OPERATIONS = (
    Operation(
        "POST",
        "/v1/events",
        NeedsKey(WRITE_EVENTS, or_signed=True),
        "Report what members did: reviews, answers, votes, visits, surveys, and your own events. One event, or up to "
        f"{MAX_EVENTS} in a list; the answer has a state for each. Sending one again changes nothing.",
        report,
        Reported,
        body=Event | list[Event],
        status=202,
        acts=True,
        is_read_by_handler=True,
        tag="events",
    ),
)
