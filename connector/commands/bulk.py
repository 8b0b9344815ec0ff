"""Commands about points for a whole segment. All answer at once; ``bulk-step`` does a batch and says how far it is."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

import msgspec

from connector import clock
from connector.commands.params import Params, Result
from connector.data.csv_rows import read_file
from connector.errors import Permanent
from connector.people import bulk_adjusting
from connector.people.actors import by_command
from connector.people.bulk_adjusting import Asking
from connector.people.reasons import needed_reason
from connector.people.segments import Segment, read_list, read_segment, with_emails
from connector.refusals import in_words
from connector.running.service import Service
from connector.storage.bulks import Bulk, BulkState, RowState, find_bulk, how_far, list_bulks
from loyalty_engine.errors import Refused
from loyalty_engine.money import decimal_from_minor

STEP = timedelta(seconds=3)
"""So that a bar moves, and starting a process for each step costs little beside it."""
RUNS = (BulkState.RUNNING, BulkState.UNDOING)


def _refusal(error: Refused) -> Permanent:
    if error.code == "segment-changed":
        numbers = error.numbers
        return Permanent(
            "Since it was shown, others have come into the segment or left it: it means "
            f"{numbers['members']} members and {numbers['points']} points now. Look again; nothing has happened."
        )
    return in_words(error)


def _segment(service: Service, params: Params) -> Segment:
    """params: segment (JSON text), csv? (a file with members or addresses)."""
    segment = read_segment(str(params["segment"]))
    if params.get("csv"):
        members, emails = read_list(read_file(Path(str(params["csv"]))))
        segment = msgspec.structs.replace(segment, members=[*segment.members, *members])
        segment = with_emails(service.keys, int(params["programme"]), segment, emails)
    return segment


async def preview(service: Service, params: Params) -> Result:
    """What it would do. params: programme, points, segment, csv?."""
    programme, points = int(params["programme"]), int(params["points"])
    try:
        seen = await bulk_adjusting.preview(
            service.pipeline, programme, _segment(service, params), points, by_command(params)
        )
    except Refused as error:
        raise _refusal(error) from error
    return {
        "members": seen.members,
        "points": seen.points,
        "value": f"{decimal_from_minor(seen.value_minor, seen.currency)} {seen.currency}",
        "sample": [list(one) for one in seen.sample],
        "unknown": seen.unknown,
        "too_few": seen.too_few,
        "needs_second_person": seen.needs_second_person,
        "above_maximum": seen.above_maximum,
        "digest": seen.digest,
    }


async def ask(service: Service, params: Params) -> Result:
    """Write it down to be run. params: programme, points, segment, csv?, reason, digest, key (the same again: once)."""
    programme = int(params["programme"])
    asking = Asking(
        programme,
        uuid.uuid5(uuid.NAMESPACE_OID, f"bulk:{programme}:{params['key']}").hex,
        _segment(service, params),
        int(params["points"]),
        by_command(params),
        needed_reason(params),
        str(params["digest"]),
    )
    try:
        bulk = await bulk_adjusting.ask(service.pipeline, asking)
    except Refused as error:
        raise _refusal(error) from error
    service.wake.set()
    return await _view(service, bulk)


async def step(service: Service, params: Params) -> Result:
    """Some seconds of it, if it runs, and how far it is. params: programme, bulk."""
    programme, bulk_id = int(params["programme"]), str(params["bulk"])
    bulk = await _found(service, programme, bulk_id)
    until = clock.utc_now() + STEP
    while bulk.state in RUNS and await bulk_adjusting.run_batch(service.pipeline, bulk) and clock.utc_now() < until:
        service.wake.set()
        bulk = await _found(service, programme, bulk_id)
    return await _view(service, await _found(service, programme, bulk_id))


async def show(service: Service, params: Params) -> Result:
    """One, or the newest. params: programme, bulk?."""
    programme = int(params["programme"])
    if params.get("bulk"):
        return {"bulks": [await _view(service, await _found(service, programme, str(params["bulk"])))]}
    found = await list_bulks(service.database.reading(), programme)
    return {"bulks": [await _view(service, bulk) for bulk in found]}


async def answer(service: Service, params: Params) -> Result:
    """Agree, or refuse. params: programme, bulk, agrees."""
    programme, bulk_id = int(params["programme"]), str(params["bulk"])
    try:
        bulk = await bulk_adjusting.answer(
            service.pipeline, programme, bulk_id, by_command(params), agrees=bool(params["agrees"])
        )
    except Refused as error:
        raise _refusal(error) from error
    service.wake.set()
    return await _view(service, bulk)


async def undo(service: Service, params: Params) -> Result:
    """Take it back. params: programme, bulk, reason."""
    programme, bulk_id = int(params["programme"]), str(params["bulk"])
    try:
        bulk = await bulk_adjusting.undo(
            service.pipeline, programme, bulk_id, by_command(params), needed_reason(params)
        )
    except Refused as error:
        raise _refusal(error) from error
    service.wake.set()
    return await _view(service, bulk)


async def _found(service: Service, programme: int, bulk_id: str) -> Bulk:
    bulk = await find_bulk(service.database.reading(), programme, bulk_id)
    if bulk is None:
        raise Permanent(f"Programme {programme} has no adjustment of a segment {bulk_id}.")
    return bulk


async def _view(service: Service, bulk: Bulk) -> Result:
    progress = await how_far(service.database.reading(), bulk)
    return {
        "bulk": bulk.bulk_id,
        "state": bulk.state_at(service.pipeline.now()).name.lower(),
        "members": bulk.members,
        "points": bulk.points,
        "person": bulk.actor.person,
        "reason": bulk.reason,
        "asked_at": bulk.created_at.isoformat(),
        "progress": {state.name.lower(): progress.states.get(state, 0) for state in RowState},
        "why": progress.reasons,
        "owed": progress.owed,
        "forgiven": progress.forgiven,
        "dropped_for": bulk.dropped_for or None,
    }


BULK_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "bulk-preview": preview,
    "bulk-ask": ask,
    "bulk-step": step,
    "bulk-show": show,
    "bulk-answer": answer,
    "bulk-undo": undo,
}
