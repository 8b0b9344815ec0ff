"""Whom an adjustment of a segment means is written down by the job, and compared with what somebody confirmed.

A request only says what was confirmed: its digest. The job writes the members down in short transactions, so that
nobody waits for a hundred thousand rows; then exactly those who were shown get the points, or nobody gets anything.
"""

from __future__ import annotations

import hashlib
import logging
import re

import msgspec

from connector.ingest.batches import reason_text
from connector.ingest.pipeline import Pipeline
from connector.people.actors import refuse_unknown
from connector.people.second_person import needs_second_for_members
from connector.people.segments import MAX_MEMBERS, Segment, meant_by, read_segment
from connector.storage.atomic import atomic, consistent_read, is_outage
from connector.storage.bulk_lists import clear_list, drop_bulk, end_list
from connector.storage.bulks import Bulk, BulkState, find_bulk
from connector.storage.programmes import load_programmes
from connector.storage.segments import (
    PAGE,
    START,
    Counted,
    Mark,
    Meant,
    last_listed,
    listed_members,
    marks_of,
    write_members,
)
from connector.storage.session import Session
from loyalty_engine.errors import Refused

log = logging.getLogger(__name__)

_COUNT = 8
"""Digits of a digest that say how many members it is of."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


def digest_of(segment: Segment, counted: Counted, points: int) -> str:
    """Of whom and how much, and legibly of how many: whoever is told it needs to count nobody, and what it is told is
    compared before anybody gets anything.
    """
    told = hashlib.sha256(f"{points}:{segment.text()}{counted.ids}".encode()).hexdigest()
    return f"{counted.members:0{_COUNT}x}{told[_COUNT:]}"


def confirmed_members(digest: str) -> int:
    """How many it says it is of. Raises Refused ``segment-changed`` if it is none of ours."""
    members = int(digest[:_COUNT], 16) if _DIGEST.fullmatch(digest) else MAX_MEMBERS + 1
    if members > MAX_MEMBERS:
        raise Refused("segment-changed")
    return members


async def settle_list(pipeline: Pipeline, bulk: Bulk) -> None:
    """Write the list of a bulk down and compare it, or clear it where nobody gets anything any more. Stopped anywhere,
    it goes on from there; several processes at once write one list.
    """
    if _is_open(pipeline, bulk):
        why = await _dropped_for(pipeline, bulk)
        if why:
            log.warning("an adjustment of a segment is dropped", extra={"bulk": bulk.bulk_id, "reason": why})
            await atomic(pipeline.database, lambda session: _drop(pipeline, session, bulk, why))
    while await atomic(pipeline.database, lambda session: _clear(pipeline, session, bulk)):
        pass


def _is_open(pipeline: Pipeline, bulk: Bulk) -> bool:
    """Whether its list is to be written."""
    return not bulk.is_listed and bulk.state_at(pipeline.now()) in (BulkState.WAITING, BulkState.RUNNING)


async def _locked(pipeline: Pipeline, session: Session, bulk: Bulk) -> Bulk | None:
    """As it is now, if its list is still to be written; it stays so until this transaction ends."""
    found = await find_bulk(session, bulk.programme_number, bulk.bulk_id, lock=True)
    return found if found is not None and _is_open(pipeline, found) else None


async def _dropped_for(pipeline: Pipeline, bulk: Bulk) -> str:
    """Why nobody gets anything; empty once the list is written and is what was confirmed, or is no matter any more."""
    try:
        await _list(pipeline, bulk, read_segment(bulk.segment))
    except Refused as refused:
        return refused.code
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("the list of a bulk failed", extra={"bulk": bulk.bulk_id})
        return reason_text(f"failed: {type(error).__name__}")
    return ""


async def _list(pipeline: Pipeline, bulk: Bulk, segment: Segment) -> None:
    """Raises Refused ``segment-changed``, and ``owner-unknown``, and as ``meant_by``."""

    async def meant_now(session: Session) -> Meant:
        return (await meant_by(session, bulk.programme_number, segment, pipeline.now()))[0]

    meant = await consistent_read(pipeline.database, meant_now)
    marks, after = marks_of(meant), START
    is_over = False
    while not is_over:
        while (last := await _written(pipeline, bulk, meant, marks, after)) is not None:
            after = last
        is_over = await _compared(pipeline, bulk, segment)


async def _written(pipeline: Pipeline, bulk: Bulk, meant: Meant, marks: list[Mark] | None, after: Mark) -> Mark | None:
    async def body(session: Session) -> Mark | None:
        if await _locked(pipeline, session, bulk) is None:
            return None
        return await write_members(session, meant, marks, bulk.bulk_id, after, PAGE)

    return await atomic(pipeline.database, body)


async def _compared(pipeline: Pipeline, bulk: Bulk, segment: Segment) -> bool:
    """End a list that is what was confirmed. False: another process wrote more of it meanwhile."""

    async def read(session: Session) -> tuple[Mark, Counted]:
        return await last_listed(session, bulk.bulk_id), await listed_members(session, bulk.bulk_id)

    last, counted = await consistent_read(pipeline.database, read)
    is_same = digest_of(segment, counted, bulk.points) == bulk.digest
    needs_second = is_same and await _needs_second(pipeline, bulk, counted)

    async def body(session: Session) -> bool:
        found = await _locked(pipeline, session, bulk)
        if found is None:
            return True
        if await last_listed(session, bulk.bulk_id) != last:
            return False
        if not is_same:
            raise Refused("segment-changed", {"members": counted.members})
        state = BulkState.WAITING if needs_second and found.second is None else found.state
        # Who is on it is written down by id; hashes of addresses would outlive whoever is erased.
        kept = msgspec.structs.replace(segment, address_hashes=[]).text()
        await end_list(session, found, state, kept)
        return True

    return await atomic(pipeline.database, body)


async def _needs_second(pipeline: Pipeline, bulk: Bulk, counted: Counted) -> bool:
    """Whether one of them had so much lately that two must agree. Raises Refused ``owner-unknown``."""
    if bulk.state is not BulkState.RUNNING or bulk.second is not None:
        return False
    reading = pipeline.database.reading()
    books = (await load_programmes(reading)).get(bulk.programme_number)
    policy = books.rulebook.in_force(pipeline.now()).adjust if books else None
    members = counted.first(counted.members)
    if policy is None or not await needs_second_for_members(reading, bulk, policy, members):
        return False
    refuse_unknown(bulk.actor)
    return True


async def _drop(pipeline: Pipeline, session: Session, bulk: Bulk, why: str) -> None:
    if await _locked(pipeline, session, bulk) is not None:
        await drop_bulk(session, bulk, why)


async def _clear(pipeline: Pipeline, session: Session, bulk: Bulk) -> bool:
    """A page of a list that nobody gets anything by. False: it is gone, and whom it named with it."""
    found = await find_bulk(session, bulk.programme_number, bulk.bulk_id, lock=True)
    if found is None or found.is_listed or _is_open(pipeline, found):
        return False
    if await clear_list(session, found, PAGE):
        return True
    kept = msgspec.structs.replace(read_segment(found.segment), address_hashes=[], members=[])
    await end_list(session, found, found.state, kept.text())
    return False
