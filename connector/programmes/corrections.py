"""Correcting a mistaken version for a past interval: what it would change, and then the change, member by member.

A preview decides every source of the interval twice by the same pure decision that posts it later, once under the rules
as they are and once under the corrected ones; nothing is written for it. A correction that is begun holds at once for
whatever is decided; going through what was decided before is done in batches, each a transaction with its place in the
row of the correction, so that whoever is killed half-way goes on where it stood.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.errors import ConfigProblem
from connector.ingest.deciding import Ready, decide_all, load_ready
from connector.ingest.pipeline import Pipeline, decide_works
from connector.storage.atomic import atomic, is_outage
from connector.storage.corrections import (
    Going,
    Place,
    correction_going,
    note_step,
    places_of,
    unfinished_corrections,
)
from connector.storage.ledger import Append
from connector.storage.ledger_load import MemberKey
from connector.storage.programmes import ProgrammeBooks, load_programmes
from connector.storage.session import Session
from connector.storage.work import Work, leave_work
from loyalty_engine.earning.compiled import compiled
from loyalty_engine.earning.corrected import asked_by, kept_in, rules_of
from loyalty_engine.ledger import POSTED_KINDS
from loyalty_engine.member import Context
from loyalty_engine.programme import Correction, Rulebook

log = logging.getLogger(__name__)

BATCH = 500
FIRST: MemberKey = (-1, "")


@dataclass(slots=True)
class Effect:
    """What one batch of members comes to. members: points more (or fewer) by member, those without difference left out.

    unknown: sources of which the right version asks for what was not asked, or not answered, when they were decided.
    What products, prices or customers were like then cannot be found out any more: they stay as they are.
    redated: points of other sources that are pending and become available at another moment.
    after: the last member looked at, None once there is nobody left.
    """

    sources: int = 0
    unknown: int = 0
    redated: int = 0
    members: dict[str, int] = field(default_factory=dict)
    after: MemberKey | None = None


def correction_of(
    books: ProgrammeBooks, wrong: int, right: int, interval: tuple[datetime, datetime], now: datetime
) -> Correction:
    """A correction that can be made. Raises ConfigProblem with the reason."""
    paid_from, paid_until = interval
    known = {programme.version for programme in books.rulebook.versions}
    for version in (wrong, right):
        if version not in known:
            raise ConfigProblem(f"Programme {books.number} has no version {version}.")
    if wrong == right:
        raise ConfigProblem("A version cannot correct itself: publish the right rules first and name their version.")
    if paid_until <= paid_from:
        raise ConfigProblem("The interval ends before it begins.")
    if paid_until > now:
        raise ConfigProblem("Only the past is corrected: let the interval end now or earlier. For later, publish.")
    for at in _moments(books.rulebook, interval):
        if wrong not in counting(books.rulebook, at):
            now_right = books.rulebook.path(wrong, at)[-1].version
            raise ConfigProblem(
                f"Version {wrong} is corrected from {at:%Y-%m-%d %H:%M} UTC already, and nothing counts under it there "
                f"any more: correct version {now_right} there."
            )
    return Correction(wrong, right, paid_from, paid_until)


def _moments(rulebook: Rulebook, interval: tuple[datetime, datetime]) -> list[datetime]:
    """Where an interval begins and where inside it another set of corrections holds."""
    edges = {edge for one in rulebook.corrections for edge in (one.paid_from, one.paid_until)}
    return [interval[0], *sorted(edge for edge in edges if interval[0] < edge < interval[1])]


def counting(rulebook: Rulebook, at: datetime) -> set[int]:
    """Versions under which something paid at that moment may count, after every correction so far."""
    ready = {programme.version: compiled(programme) for programme in rulebook.versions}
    found = set(ready)
    for one in rulebook.corrections:
        if one.holds_at(at) and one.wrong in found:
            # By a version that asks for nothing all are corrected; else what it asks for may be missing of some.
            found = found | {one.right} if ready[one.right].asks else found - {one.wrong} | {one.right}
    return found


async def effect_of(
    session: Session, books: ProgrammeBooks, correction: Correction, after: MemberKey, now: datetime
) -> Effect:
    """What the correction would post for the next members after one. Locks them until the transaction ends."""
    works, last = await _works(session, books, correction, after)
    effect = Effect(len(works), after=last)
    if not works:
        return effect
    corrected = replace(books, rulebook=_with(books.rulebook, correction))
    # All sources of one member are decided together: what one of them takes of a cap the next one misses.
    ready = await load_ready(session, works, {books.number: books})
    before, then = [
        await asyncio.to_thread(decide_all, ready, {books.number: rules}, now) for rules in (books, corrected)
    ]
    effect.unknown = _unknown(ready, works, books, correction)
    effect.redated = _redated(ready, then)
    was = _points(before)
    effect.members = {
        member_id: points - was[member_id] for member_id, points in _points(then).items() if points != was[member_id]
    }
    return effect


def _unknown(ready: Ready, works: Sequence[Work], books: ProgrammeBooks, correction: Correction) -> int:
    contexts = [ready.members[work.member_id].contexts[work.source_ref] for work in works]
    return sum(is_unknown(books.rulebook, context, correction.right) for context in contexts)


def is_unknown(rulebook: Rulebook, context: Context, right: int) -> bool:
    """Whether a version asks for more than a context holds, so that it cannot hold for that source."""
    asked = next(programme for programme in rulebook.versions if programme.version == right)
    return not asked_by(asked, context) <= kept_in(rulebook, context)


async def count_unknown(session: Session, books: ProgrammeBooks, correction: Correction) -> int:
    """How many sources a correction would leave as they are, for lack of what its right version asks for."""
    total, after = 0, FIRST
    while True:
        places, last = await _counting_under(session, books, correction, after)
        total += sum(is_unknown(books.rulebook, place.context, correction.right) for place in places)
        if last is None:
            return total
        after = last


def _redated(ready: Ready, appends: Sequence[Append]) -> int:
    total = 0
    for append in appends:
        before = {lot.n: lot.matures_at for lot in ready.members[append.decision.member_id].lots}
        total += sum(
            lot.remaining for lot in append.decision.lots if before.get(lot.n, lot.matures_at) != lot.matures_at
        )
    return total


def _with(rulebook: Rulebook, correction: Correction) -> Rulebook:
    return replace(rulebook, corrections=(*rulebook.corrections, correction))


def _points(appends: Sequence[Append]) -> Mapping[str, int]:
    points: dict[str, int] = defaultdict(int)
    for append in appends:
        decision = append.decision
        points[decision.member_id] += sum(e.points for e in decision.entries if e.kind in POSTED_KINDS)
    return points


async def _works(
    session: Session, books: ProgrammeBooks, correction: Correction, after: MemberKey
) -> tuple[list[Work], MemberKey | None]:
    places, last = await _counting_under(session, books, correction, after)
    return [
        Work(place.shard, place.member_id, place.context.source_ref, books.number, place.fact_shard, 0)
        for place in places
    ], last


async def _counting_under(
    session: Session, books: ProgrammeBooks, correction: Correction, after: MemberKey
) -> tuple[list[Place], MemberKey | None]:
    """Sources of the next members that count under the wrong version; the last member looked at, None: that was all."""
    places, last = await places_of(session, books.number, correction, after, BATCH)
    found = []
    for place in places:
        rules = rules_of(books.rulebook, place.context)
        if rules is not None and rules.version == correction.wrong:
            found.append(place)
    return found, last


# --- doing it ---------------------------------------------------------------------------------------------------------


async def go_on(pipeline: Pipeline, number: int) -> Going | None:
    """Decide the next members of a programme's unfinished correction again. Returns how far it is; None: none is.

    A member who cannot be decided now is left to the pipeline, which sets aside what is wrong with them.
    """
    try:
        return await atomic(pipeline.database, lambda session: _step(pipeline, session, number))
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("a batch of a correction is left to the pipeline")
        return await atomic(pipeline.database, lambda session: _hand_over(pipeline, session, number))


async def _next(session: Session, number: int) -> tuple[Going, list[Work], MemberKey | None] | None:
    going = await correction_going(session, number)
    if going is None:
        return None
    books = (await load_programmes(session, lock=True))[number]
    if books.is_paused:
        return None
    # As it was before this correction: what was decided under it since needs no second look, and posts nothing in one.
    # The oldest unfinished one is gone through first, so every later one was made when this one held already.
    before = replace(books, rulebook=replace(books.rulebook, corrections=books.rulebook.corrections[: going.nth]))
    works, last = await _works(session, before, going.correction, going.after)
    return going, works, last


async def _step(pipeline: Pipeline, session: Session, number: int) -> Going | None:
    found = await _next(session, number)
    if found is None:
        return None
    going, works, last = found
    members: Mapping[str, int] = {}
    if works:
        members = {m: points for m, points in _points(await decide_works(pipeline, session, works)).items() if points}
    done = replace(
        going,
        after=last or going.after,
        sources=going.sources + len(works),
        members=going.members + len(members),
        points=going.points + sum(members.values()),
        done_at=None if last else pipeline.now(),
    )
    await note_step(session, done)
    return done


async def _hand_over(pipeline: Pipeline, session: Session, number: int) -> Going | None:
    found = await _next(session, number)
    if found is None:
        return None
    going, works, last = found
    await leave_work(session, [(w.member_id, w.source_ref, w.programme_number, w.fact_shard) for w in works])
    done = replace(
        going,
        after=last or going.after,
        sources=going.sources + len(works),
        left=going.left + len(works),
        done_at=None if last else pipeline.now(),
    )
    await note_step(session, done)
    return done


async def go_on_with_all(pipeline: Pipeline) -> int:
    """Finish every correction that was begun. Returns how many batches it took."""
    total = 0
    for number in await unfinished_corrections(pipeline.database.reading()):
        while (going := await go_on(pipeline, number)) is not None:
            total += 1
            if going.done_at is not None:
                break
    return total
