"""How far the corrections of programmes are, and where the sources lie that they ask about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connector.storage.instants import micros
from connector.storage.ledger_load import MemberKey
from connector.storage.ledger_rows import context_of
from connector.storage.models import CorrectionRun, ProgrammeCorrection
from connector.storage.session import Row, Session
from connector.storage.shards import source_shard
from loyalty_engine.member import Context
from loyalty_engine.programme import Correction


@dataclass(frozen=True, slots=True)
class Going:
    """One correction that was begun. nth: how many of the programme were made before it. after: the last member whose
    sources were decided again.

    sources, members, points: what came of it so far (points: more, or fewer). left: sources left to the pipeline, since
    their batch could not be decided. expected_...: what its preview said.
    """

    run_id: int
    nth: int
    correction: Correction
    after: MemberKey
    sources: int
    members: int
    points: int
    left: int
    expected_sources: int
    expected_members: int
    expected_points: int
    begun_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """A decided source: whose, where its fact lies, and what it was decided under."""

    shard: int
    member_id: str
    fact_shard: int
    context: Context


async def begin_correction(
    session: Session,
    number: int,
    correction: Correction,
    expected: tuple[int, int, int],
    now: datetime,
    actor: str,
    reason: str = "",
    *,
    person: str = "",
    through: str = "",
) -> None:
    """From now on sources of the interval are worth what the right version says; those decided before wait their turn.

    expected: sources, members and points of the preview. now: later than of every correction before it. person,
    through: of ``people.actors.Actor``.
    """
    await ProgrammeCorrection.create(
        using_db=session.client,
        programme_number=number,
        wrong_version=correction.wrong,
        right_version=correction.right,
        paid_from=correction.paid_from,
        paid_until=correction.paid_until,
        decided_at=now,
        actor=actor,
        reason=reason or None,
        person=person,
        through=through,
    )
    sources, members, points = expected
    await CorrectionRun.create(
        using_db=session.client,
        programme_number=number,
        wrong_version=correction.wrong,
        paid_from=correction.paid_from,
        expected_sources=sources,
        expected_members=members,
        expected_points=points,
        begun_at=now,
    )


async def unfinished_corrections(session: Session) -> list[int]:
    """Numbers of the programmes in which one is not done."""
    rows = await CorrectionRun.filter(done_at=None).using_db(session.client).order_by("programme_number")
    return sorted({row.programme_number for row in rows})


async def correction_going(session: Session, number: int) -> Going | None:
    """The oldest unfinished correction of a programme, locked; None: none is left."""
    if session.dialect == "postgresql":
        await session.rows(
            "SELECT id FROM correction_run WHERE programme_number = $1 AND done_at IS NULL ORDER BY id FOR UPDATE",
            number,
        )
    row = (
        await CorrectionRun.filter(programme_number=number, done_at=None)
        .using_db(session.client)
        .order_by("id")
        .first()
    )
    return await _going(session, row) if row else None


async def latest_correction(session: Session, number: int) -> Going | None:
    """The newest correction of a programme, done or not."""
    row = await CorrectionRun.filter(programme_number=number).using_db(session.client).order_by("-id").first()
    return await _going(session, row) if row else None


async def _going(session: Session, row: CorrectionRun) -> Going:
    of = await ProgrammeCorrection.get(
        programme_number=row.programme_number,
        wrong_version=row.wrong_version,
        paid_from=row.paid_from,
        decided_at=row.begun_at,
        using_db=session.client,
    )
    earlier = ProgrammeCorrection.filter(programme_number=row.programme_number, id__lt=of.id)
    return Going(
        run_id=row.id,
        nth=await earlier.using_db(session.client).count(),
        correction=Correction(of.wrong_version, of.right_version, of.paid_from, of.paid_until),
        after=(row.after_shard, row.after_member),
        sources=row.sources,
        members=row.members,
        points=row.points,
        left=row.left_over,
        expected_sources=row.expected_sources,
        expected_members=row.expected_members,
        expected_points=row.expected_points,
        begun_at=row.begun_at,
        done_at=row.done_at,
    )


async def note_step(session: Session, going: Going) -> None:
    """Keep how far a correction is, in the transaction that brought it there."""
    await (
        CorrectionRun.filter(id=going.run_id)
        .using_db(session.client)
        .update(
            after_shard=going.after[0],
            after_member=going.after[1],
            sources=going.sources,
            members=going.members,
            points=going.points,
            left_over=going.left,
            done_at=going.done_at,
        )
    )


async def places_of(
    session: Session, number: int, correction: Correction, after: MemberKey, limit: int
) -> tuple[list[Place], MemberKey | None]:
    """Sources paid in the interval, of the next members after one, each member whole. Also the last member looked at;
    None if nobody comes after.
    """
    rows = await _contexts(session, number, correction, "(c.shard, c.member_id) > ($4, $5)", after, limit)
    if len(rows) < limit:
        return _placed(rows), None
    last = (rows[-1]["shard"], rows[-1]["member_id"])
    whole = [row for row in rows if (row["shard"], row["member_id"]) != last]
    if whole:
        return _placed(whole), (whole[-1]["shard"], whole[-1]["member_id"])
    # One member has more than a batch: all of theirs are decided together all the same.
    return _placed(await _contexts(session, number, correction, "(c.shard, c.member_id) = ($4, $5)", last, None)), last


async def _contexts(
    session: Session, number: int, correction: Correction, which: str, key: MemberKey, limit: int | None
) -> list[Row]:
    return await session.rows(
        "SELECT c.* FROM context c "
        "JOIN balance b ON b.shard = c.shard AND b.member_id = c.member_id "
        f"WHERE b.programme_number = $1 AND c.paid_at_us >= $2 AND c.paid_at_us < $3 AND {which} "
        "ORDER BY c.shard, c.member_id, c.source_ref" + (f" LIMIT {limit:d}" if limit is not None else ""),
        number,
        micros(correction.paid_from),
        micros(correction.paid_until),
        *key,
    )


def _placed(rows: list[Row]) -> list[Place]:
    found = []
    for row in rows:
        fact_shard = source_shard(row["source_ref"])
        if fact_shard is not None:
            found.append(Place(row["shard"], row["member_id"], fact_shard, context_of(row)))
    return found
