"""What time alone changes: points mature, reminders fall due, ends come, tiers and badges are looked at again.

Each is found by a moment kept with the member, so that nothing is missed however long no process ran. A version that
was published gives every member such a moment here, not while it is published.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from connector.ingest.batches import Step, batch_or_one_by_one
from connector.ingest.moments import moment_of
from connector.ingest.pipeline import Pipeline
from connector.people.reviewing import append_reviewed, is_reviewed, last_look_before, review_members
from connector.storage.atomic import atomic
from connector.storage.database import Database
from connector.storage.due_members import (
    DueMember,
    claim_changes,
    claim_reviews,
    claim_unwatched,
    postpone_changes,
    postpone_reviews,
    set_next_changes,
)
from connector.storage.ledger import Append, want_push
from connector.storage.ledger_load import load_members
from connector.storage.marks import Marking, mark_next, unfinished_marks
from connector.storage.notices import insert_notices
from connector.storage.programmes import ProgrammeBooks, load_programmes
from connector.storage.session import Session
from loyalty_engine.commands import expire_lots
from loyalty_engine.decision import Decision, Moment, Notice
from loyalty_engine.expiry import Reminder, due_warnings
from loyalty_engine.member import MemberState, MemberStatus

BATCH = 200
EXPIRY_NOTICE = "expiry"
"""Kind of the notice that points are about to end: only once it was given may they."""


async def mark_members(database: Database) -> None:
    """Have everybody looked at when a version begins that was published lately, and everybody with points that end
    since a pause is over: a few members at a time.
    """
    for unfinished in await unfinished_marks(database.reading()):
        going: Marking | None = unfinished
        while going is not None:
            going = await atomic(database, partial(_mark_next, going=going))


async def _mark_next(session: Session, going: Marking) -> Marking | None:
    if going.ended_at is not None:
        return await mark_next(session, going, going.ended_at, ends_move=True)
    versions = (await load_programmes(session))[going.programme_number].rulebook.versions
    numbers = [one.version for one in versions]
    if going.version is None or going.version not in numbers:
        # It was withdrawn since we looked.
        return None
    at = numbers.index(going.version)
    ends_move = versions[at].expiry != versions[at - 1].expiry
    return await mark_next(session, going, versions[at].effective_from, ends_move=ends_move)


async def pass_time(pipeline: Pipeline, limit: int = BATCH) -> int:
    """For up to ``limit`` members whose moment has come: expire, remind, show what matured. Returns how many."""
    await mark_members(pipeline.database)

    async def process(session: Session, due: Sequence[DueMember]) -> None:
        await _pass_time(pipeline, session, due)

    async def postpone(session: Session, due: Sequence[DueMember], _: str) -> None:
        await postpone_changes(session, due, pipeline.now())

    return await batch_or_one_by_one(
        pipeline.database, Step(_claiming(pipeline, claim_changes), process, postpone), limit
    )


async def review_due(pipeline: Pipeline, limit: int = BATCH) -> int:
    """Review up to ``limit`` members whom time may have moved, or at whom nobody looked today. Returns how many."""
    await mark_members(pipeline.database)
    return await _review(pipeline, _claiming(pipeline, claim_reviews), limit)


async def review_unwatched(pipeline: Pipeline, limit: int = BATCH) -> int:
    """Review up to ``limit`` members for whom no review is due by tomorrow: from then on one is, each day. Returns how
    many.
    """
    total = 0
    for number, books in (await load_programmes(pipeline.database.reading())).items():
        if is_reviewed(books.rulebook):

            async def claimed(
                session: Session, limit: int, number: int = number, books: ProgrammeBooks = books
            ) -> list[DueMember]:
                return await claim_unwatched(session, number, last_look_before(books, pipeline.now()), limit)

            total += await _review(pipeline, claimed, limit)
    return total


async def _review(pipeline: Pipeline, claim: Callable[[Session, int], Awaitable[list[DueMember]]], limit: int) -> int:
    async def process(session: Session, due: Sequence[DueMember]) -> None:
        # Under lock: what is planned stays so until we have decided, however long members keep us waiting.
        programmes = await load_programmes(session, lock=True)
        members = await load_members(session, [], also=[member.key for member in due])
        wanted = [(member.shard, member.member_id, member.programme_number) for member in due]
        await review_members(session, programmes, members, wanted, pipeline.now())

    async def postpone(session: Session, due: Sequence[DueMember], _: str) -> None:
        await postpone_reviews(session, due, pipeline.now())

    return await batch_or_one_by_one(pipeline.database, Step(claim, process, postpone), limit)


Claim = Callable[..., Awaitable[list[DueMember]]]


def _claiming(pipeline: Pipeline, claim: Claim) -> Callable[[Session, int], Awaitable[list[DueMember]]]:
    async def claimed(session: Session, limit: int) -> list[DueMember]:
        return await claim(session, pipeline.now(), limit)

    return claimed


async def _pass_time(pipeline: Pipeline, session: Session, due: Sequence[DueMember]) -> None:
    programmes = await load_programmes(session, lock=True)
    now = pipeline.now()  # after the lock: no pause may have ended later
    members = await load_members(session, [], also=[member.key for member in due])
    appends: list[Append] = []
    notices: list[tuple[int, str, int, Notice]] = []
    # Somebody may have paused a programme since they were claimed: they wait for its resumption.
    running = [each for each in due if not programmes[each.programme_number].is_paused]
    for each in running:
        books, member = programmes[each.programme_number], members[each.member_id]
        moment = moment_of(books, now)
        decision = expire_lots(member, books.rulebook, moment)
        appends.append(
            Append(each.shard, each.programme_number, member.last_n + 1, decision, due_at=member.next_change_at)
        )
        told = _reminders(member, decision, books, moment)
        notices += [(each.shard, each.member_id, each.programme_number, notice) for notice in told]
    await append_reviewed(session, programmes, members, appends, now)
    await insert_notices(session, notices)
    await set_next_changes(session, [(one.key, one.decision.next_change_at) for one in appends])
    # Also those whose points only matured: what a store shows of them is old now.
    await want_push(session, [member.key for member in running], now)


def _reminders(member: MemberState, decision: Decision, books: ProgrammeBooks, moment: Moment) -> list[Notice]:
    """Reminders that are due for what is left after this decision."""
    if member.status in (MemberStatus.MERGED, MemberStatus.ERASED):
        return []
    lots = {lot.n: lot for lot in member.lots} | {lot.n: lot for lot in decision.lots}
    policy = books.rulebook.in_force(moment.now).expiry
    return [_reminder(each, moment) for each in due_warnings(lots.values(), policy, moment.now)]


def _reminder(reminder: Reminder, moment: Moment) -> Notice:
    inputs = {
        "points": reminder.points,
        "ends_at": reminder.ends_at.isoformat(),
        "days": reminder.days,
        "lots": [end.lot_n for end in reminder.lots],
    }
    return Notice(EXPIRY_NOTICE, reminder.key, moment.now, inputs)
