"""Messages of ``POST /v1/events`` that name a person: their bodies go when the person is erased."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from connector.ingest.event_facts import DECODER, EVENT_TOPIC
from connector.ingest.pipeline import Pipeline
from connector.ingest.reviews import PLUGIN_REVIEW
from connector.storage.atomic import atomic
from connector.storage.inbox import body_place, event_bodies_after, strip_bodies
from connector.storage.session import Row


async def strip_events(pipeline: Pipeline, names: Collection[tuple[int, str]]) -> int:
    """Delete the bodies that name somebody. names: (connection, customer id or hash of an address). What waits to be
    worked on stays until it was; what others said of others is not touched. Returns how many went.
    """
    stripped = 0
    for connection_number in sorted({number for number, _ in names}):
        theirs = {name for number, name in names if number == connection_number}
        for topic in (EVENT_TOPIC, PLUGIN_REVIEW):
            stripped += await _strip_topic(pipeline, connection_number, topic, theirs)
    return stripped


async def _strip_topic(pipeline: Pipeline, connection_number: int, topic: str, theirs: Collection[str]) -> int:
    stripped, after = 0, (-1, -1)
    while page := await event_bodies_after(pipeline.database.reading(), connection_number, topic, after):
        after = (page[-1]["shard"], page[-1]["id"])
        found = [(row["shard"], row["id"]) for row in page if _names(pipeline, row, theirs)]
        stripped += await _strip(pipeline, found)
    return stripped


async def _strip(pipeline: Pipeline, found: Sequence[tuple[int, int]]) -> int:
    if found:
        await atomic(pipeline.database, lambda session: strip_bodies(session, found))
    return len(found)


def _names(pipeline: Pipeline, row: Row, theirs: Collection[str]) -> bool:
    raw = pipeline.keys.open(bytes(row["body"]), body_place(row["shard"], row["id"]))
    try:
        event = DECODER.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        # Nobody can read it, so nobody knows whom it names: a text that holds the name is enough.
        return any(name.encode() in raw for name in theirs)
    people = [event.subject, *([event.counterpart] if event.counterpart else [])]
    return any(person.customer_id in theirs or person.address_hash in theirs for person in people)
