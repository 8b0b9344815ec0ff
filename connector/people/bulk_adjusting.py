"""Points for a whole segment: shown first, then given to (or taken from) exactly those who were shown, one by one.

Who it means is written down first (``bulk_listing``), so what runs is what was asked, however often it is stopped. Each
member is one command on one locked member; the entry and the note that it is there are one transaction. Taking a bulk
back posts the opposite of what was really posted, wherever those points are by now, once.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from connector.ingest.batches import reason_text
from connector.ingest.pipeline import Pipeline
from connector.people.act import Acting, act
from connector.people.actors import Actor, is_same_caller, refuse_same_person, refuse_unknown
from connector.people.bulk_listing import confirmed_members, digest_of, settle_list
from connector.people.second_person import needs_second_for_members, refuse_alone, segment_needs_second
from connector.people.segments import Segment, Selection, checked, select
from connector.redeeming.redemptions import unchanged
from connector.storage.atomic import atomic, is_outage
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.bulks import (
    Bulk,
    BulkRow,
    BulkState,
    RowState,
    find_bulk,
    next_rows,
    note_answer,
    note_undo,
    open_bulks,
    row_stands,
    save_bulk,
    set_bulk_state,
    set_row,
    set_survivor,
)
from connector.storage.merges import forwarded
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from loyalty_engine import commands
from loyalty_engine.books import value_of, value_per_point
from loyalty_engine.decision import Decision
from loyalty_engine.errors import Refused
from loyalty_engine.programme.model import AdjustPolicy, Programme

log = logging.getLogger(__name__)

BATCH = 100
SAMPLE = 10
MAX_POINTS = 10**9
"""For one member."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a bulk would do. points: all together, below 0 if they are taken; value_minor: what they are worth, in
    ``currency``. sample: some members, as (id, points now, tier). unknown: of a list, how many are nobody here.
    too_few: how many have fewer points than would be taken, and are passed over. digest: of whom and how much; asking
    with it does this or nothing.
    """

    members: int
    points: int
    value_minor: int
    currency: str
    sample: list[tuple[str, int, str]]
    unknown: int
    too_few: int
    needs_second_person: bool
    above_maximum: bool
    digest: str


@dataclass(frozen=True, slots=True)
class Asking:
    """What somebody wants: so many points for each member of a segment. bulk_id: derived from the caller's key."""

    programme_number: int
    bulk_id: str
    segment: Segment
    points: int
    actor: Actor
    reason: str
    digest: str


async def preview(pipeline: Pipeline, programme_number: int, segment: Segment, points: int, actor: Actor) -> Preview:
    """What a bulk would do if ``actor`` asked for it now; changes nothing. Raises Refused as ``select``,
    ``adjust-nothing``.
    """
    programme = await _programme(pipeline, programme_number)
    found = await _selected(pipeline, programme_number, segment, points)
    digest = digest_of(found.segment, found.counted, points)
    bulk = _bulk(pipeline, Asking(programme_number, "", found.segment, points, actor, "", digest), found.members)
    reading, policy = pipeline.database.reading(), programme.adjust
    needs = await segment_needs_second(reading, bulk, policy, takes_turn=False)
    # Each member's own sum is asked for only where all together are within the limit.
    needs = needs or await needs_second_for_members(reading, bulk, policy, found.member_ids)
    return _preview(programme, found, bulk, needs)


async def _selected(pipeline: Pipeline, programme_number: int, segment: Segment, points: int) -> Selection:
    _refuse_points(points)
    return await select(pipeline, programme_number, segment, max(0, -points), SAMPLE)


def _refuse_points(points: int) -> None:
    if points == 0 or abs(points) > MAX_POINTS:
        raise Refused("adjust-nothing" if points == 0 else "adjust-above-maximum", {"points": points})


async def _programme(pipeline: Pipeline, programme_number: int) -> Programme:
    books = (await load_programmes(pipeline.database.reading())).get(programme_number)
    if books is None:
        raise Refused("programme-unknown", {"programme": programme_number})
    return books.rulebook.in_force(pipeline.now())


def _bulk(pipeline: Pipeline, asking: Asking, members: int) -> Bulk:
    """Of which nobody is on the list yet: what is kept of a segment until then holds all that it asks."""
    return Bulk(
        asking.bulk_id,
        asking.programme_number,
        asking.points,
        members,
        asking.digest,
        asking.segment.text(),
        asking.reason,
        asking.actor,
        pipeline.now(),
        is_listed=False,
    )


def _preview(programme: Programme, found: Selection, bulk: Bulk, needs_second: bool) -> Preview:
    total = bulk.points * bulk.members
    return Preview(
        members=bulk.members,
        points=total,
        value_minor=value_of(abs(total), value_per_point(programme)) * (1 if total > 0 else -1),
        currency=programme.base_currency,
        sample=[(one.member_id, one.points, one.tier) for one in found.sample],
        unknown=found.unknown,
        too_few=found.counted.too_few if bulk.points < 0 else 0,
        needs_second_person=needs_second,
        above_maximum=abs(total) > programme.adjust.bulk_maximum,
        digest=bulk.digest,
    )


async def ask(pipeline: Pipeline, asking: Asking) -> Bulk:
    """Look again, note what was asked for, and write down at once whom it means: for a caller who can wait so long.

    Raises Refused as ``preview`` and ``note_asked``; ``segment-changed``, with what it means now, if that are others
    than when it was shown. Who comes or goes after that look drops it, as by the job.
    """
    if await find_bulk(pipeline.database.reading(), asking.programme_number, asking.bulk_id) is None:
        await _refuse_changed(pipeline, asking)
    bulk = await note_asked(pipeline, asking)
    if bulk.is_listed:
        return bulk
    await settle_list(pipeline, bulk)
    return await _found(pipeline.database.reading(), bulk.programme_number, bulk.bulk_id, lock=False)


async def _refuse_changed(pipeline: Pipeline, asking: Asking) -> None:
    found = await _selected(pipeline, asking.programme_number, asking.segment, asking.points)
    digest = digest_of(found.segment, found.counted, asking.points)
    if digest != asking.digest:
        total = asking.points * found.members
        raise Refused("segment-changed", {"members": found.members, "points": total, "digest": digest})


async def note_asked(pipeline: Pipeline, asking: Asking) -> Bulk:
    """Note what somebody confirmed, to be run, or to wait for a second person: one short transaction, however many are
    meant. The job writes them down, and drops it if they are others by then. The same again is the same bulk.

    Raises Refused: as ``checked``; ``adjust-nothing``; ``segment-nobody``; ``segment-changed`` (no digest of ours);
    ``adjust-reason-missing``; ``adjust-above-maximum`` (for one, or all together); ``owner-unknown``;
    ``key-of-somebody-else``, ``key-used-for-something-else``.
    """
    known = await find_bulk(pipeline.database.reading(), asking.programme_number, asking.bulk_id)
    if known is not None:
        return _same(known, asking)
    _refuse_points(asking.points)
    asking = replace(asking, segment=checked(asking.segment))
    programme = await _programme(pipeline, asking.programme_number)
    asked = _bulk(pipeline, asking, confirmed_members(asking.digest))
    _check(programme.adjust, asking, asked)

    async def body(session: Session) -> Bulk | None:
        needs_second = await segment_needs_second(session, asked, programme.adjust, takes_turn=True)
        if needs_second:
            refuse_unknown(asking.actor)
        bulk = replace(asked, state=BulkState.WAITING if needs_second else BulkState.RUNNING)
        return bulk if await save_bulk(session, bulk) else None

    return await atomic(pipeline.database, body) or await note_asked(pipeline, asking)


def _same(known: Bulk, asking: Asking) -> Bulk:
    if not is_same_caller(known.actor, asking.actor):
        raise Refused("key-of-somebody-else", {"bulk": known.bulk_id})
    if (known.points, known.digest, known.reason) != (asking.points, asking.digest, asking.reason):
        raise Refused("key-used-for-something-else", {"bulk": known.bulk_id})
    return known


def _check(policy: AdjustPolicy, asking: Asking, asked: Bulk) -> None:
    total = asked.points * asked.members
    if not asked.members:
        raise Refused("segment-nobody")
    if policy.reason_required and not asking.reason.strip():
        raise Refused("adjust-reason-missing")
    if abs(total) > policy.bulk_maximum:
        raise Refused("adjust-above-maximum", {"points": total, "maximum": policy.bulk_maximum})


async def answer(pipeline: Pipeline, programme_number: int, bulk_id: str, actor: Actor, *, agrees: bool) -> Bulk:
    """A second person agrees, and it runs, or refuses; whoever asked may only refuse. Raises Refused ``bulk-unknown``,
    ``request-answered``, ``owner-unknown``, ``adjust-needs-second-person``.
    """

    async def body(session: Session) -> None:
        bulk = await _found(session, programme_number, bulk_id)
        found, now = bulk.state_at(pipeline.now()), pipeline.now()
        if found is not BulkState.WAITING:
            raise Refused("request-answered", {"request": bulk_id, "state": found.name.lower()})
        if agrees:
            refuse_same_person(bulk.actor.person, actor)
        await set_bulk_state(session, bulk, BulkState.RUNNING if agrees else BulkState.REFUSED)
        await note_answer(session, bulk, actor, now)

    await atomic(pipeline.database, body)
    return await _found(pipeline.database.reading(), programme_number, bulk_id, lock=False)


async def undo(pipeline: Pipeline, programme_number: int, bulk_id: str, actor: Actor, reason: str) -> Bulk:
    """Take a bulk back, whatever of it was posted; the same again changes nothing. Raises Refused ``bulk-unknown``,
    ``bulk-not-begun`` (it waits, or was refused: refuse it instead).
    """

    async def body(session: Session) -> None:
        bulk = await _found(session, programme_number, bulk_id)
        if bulk.state in (BulkState.UNDOING, BulkState.UNDONE):
            return
        if bulk.state not in (BulkState.RUNNING, BulkState.DONE):
            raise Refused("bulk-not-begun", {"bulk": bulk_id, "state": bulk.state.name.lower()})
        await set_bulk_state(session, bulk, BulkState.UNDOING)
        await note_undo(session, bulk, actor, reason, pipeline.now())

    await atomic(pipeline.database, body)
    return await _found(pipeline.database.reading(), programme_number, bulk_id, lock=False)


async def _found(session: Session, programme_number: int, bulk_id: str, *, lock: bool = True) -> Bulk:
    bulk = await find_bulk(session, programme_number, bulk_id, lock=lock)
    if bulk is None:
        raise Refused("bulk-unknown", {"bulk": bulk_id})
    return bulk


async def run_bulks(pipeline: Pipeline) -> int:
    """One batch of every bulk that runs or is taken back. Returns how many members were worked on."""
    return sum([await run_batch(pipeline, bulk) for bulk in await open_bulks(pipeline.database.reading())])


async def run_batch(pipeline: Pipeline, bulk: Bulk, limit: int = BATCH) -> int:
    """The next members of one bulk, or first its list; when none is left, it is done. Two processes may run the same
    one.
    """
    if not bulk.is_listed:
        await settle_list(pipeline, bulk)
        return bulk.members
    is_undo = bulk.state is BulkState.UNDOING
    waiting = RowState.POSTED if is_undo else RowState.WAITING
    rows = await next_rows(pipeline.database.reading(), bulk, waiting, limit)
    for row in rows:
        await _one(pipeline, bulk, row, _take_back if is_undo else _post)
    if len(rows) < limit:
        over = BulkState.UNDONE if is_undo else BulkState.DONE
        await atomic(pipeline.database, lambda session: set_bulk_state(session, bulk, over))
    return len(rows)


_Step = Callable[[Pipeline, Bulk, BulkRow], Awaitable[None]]


async def _one(pipeline: Pipeline, bulk: Bulk, row: BulkRow, step: _Step) -> None:
    try:
        await step(pipeline, bulk, row)
    except Exception as error:
        if is_outage(error):
            raise
        if not isinstance(error, Refused):
            log.exception("a member of a bulk failed", extra={"bulk": bulk.bulk_id, "member": row.member_id})
        await atomic(pipeline.database, _Set(row, *_outcome(row, error)))


def _outcome(row: BulkRow, error: Exception) -> tuple[RowState, str]:
    """A refusal is final; whatever else it was, ``belong replay`` tries again."""
    is_undo = row.state is RowState.POSTED
    if isinstance(error, Refused):
        return (RowState.NOT_TAKEN_BACK if is_undo else RowState.PASSED_OVER), error.code
    reason = reason_text(f"failed: {type(error).__name__}")
    return (RowState.NOT_TAKEN_BACK if is_undo else RowState.FAILED), reason


@dataclass(frozen=True, slots=True)
class _Set:
    row: BulkRow
    state: RowState
    reason: str | None = None
    owed: int = 0
    forgiven: int = 0

    async def __call__(self, session: Session) -> None:
        await set_row(session, self.row, self.state, self.reason, self.owed, self.forgiven)


async def _post(pipeline: Pipeline, bulk: Bulk, row: BulkRow) -> None:
    adjust_id = f"bulk-{bulk.bulk_id}-{row.member_id}"

    async def command(acting: Acting) -> Decision:
        if not await row_stands(acting.session, row):
            return unchanged(acting)
        await refuse_alone(acting, bulk)
        decision = commands.adjust(
            acting.member,
            bulk.points,
            adjust_id,
            bulk.actor.name,
            bulk.reason,
            acting.rulebook,
            acting.moment,
            second_actor=bulk.second.name if bulk.second else None,
            is_limited=False,
        )
        await set_row(acting.session, row, RowState.POSTED)
        await _note(acting, bulk, Act.BULK_ADJUST, bulk.actor, bulk.reason, bulk.points)
        return decision

    await act(pipeline, bulk.programme_number, row.member_id, command, [f"adjust:{adjust_id}"])


async def _note(acting: Acting, bulk: Bulk, done: Act, actor: Actor, reason: str, points: int) -> None:
    details: dict[str, Any] = {"points": points, "bulk": bulk.bulk_id}
    if bulk.second is not None:
        details["agreed"] = bulk.second.person
    member_id, now = acting.member.member_id, acting.moment.now
    await note_deeds(acting.session, [Deed(member_id, bulk.programme_number, done, actor, reason, now, details)])


async def _take_back(pipeline: Pipeline, bulk: Bulk, row: BulkRow) -> None:
    """From the member, or from whoever has everything of theirs by now; who that is, is written down before, so that
    going on after a crash asks the same one.
    """
    adjust_id = f"undo-bulk-{bulk.bulk_id}-{row.member_id}"
    owner = row.survivor_id or await forwarded(pipeline.database.reading(), row.member_id)
    if owner != row.member_id and row.survivor_id is None:
        await atomic(pipeline.database, lambda session: set_survivor(session, row, owner))
    done: list[_Set] = []

    async def command(acting: Acting) -> Decision:
        done.clear()
        is_here = owner == row.member_id
        if is_here and not await row_stands(acting.session, row):
            return unchanged(acting)
        actor = bulk.undone_by or bulk.actor
        before = sum(debt.unpaid for debt in acting.member.debts)
        decision = commands.adjust(
            acting.member,
            -bulk.points,
            adjust_id,
            actor.name,
            bulk.undo_reason or bulk.reason,
            acting.rulebook,
            acting.moment,
            is_limited=False,
            may_owe=True,
        )
        owed = max(0, sum(debt.unpaid for debt in decision.debts) - before)
        forgiven = sum(one.points for one in decision.entries if one.source_ref == f"writeoff:adjust:{adjust_id}")
        done.append(_Set(row, RowState.TAKEN_BACK, None, owed, forgiven))
        if decision.entries:
            await _note(acting, bulk, Act.BULK_UNDO, actor, bulk.undo_reason, -bulk.points)
        if is_here:
            await done[-1](acting.session)
        return decision

    refs = [f"adjust:{adjust_id}", f"writeoff:adjust:{adjust_id}"]
    await act(pipeline, bulk.programme_number, owner, command, refs)
    if done and owner != row.member_id:
        await atomic(pipeline.database, done[-1])
