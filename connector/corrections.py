"""Correcting a mistaken version for a past interval: which sources fall in it, and what deciding them again changes.

The effect is worked out by the same pure decision that posts it later, once under the rules as they are and once under
the corrected ones; nothing is written for it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.deciding import decide_all, load_ready
from connector.errors import ConfigProblem
from connector.storage.instants import instant, micros
from connector.storage.ledger import Append
from connector.storage.programmes import ProgrammeBooks
from connector.storage.session import Session
from connector.storage.shards import source_shard
from connector.storage.work import Work, leave_work
from loyalty_engine.ledger import POSTED_KINDS
from loyalty_engine.programme import Correction, Rulebook

BATCH = 500


@dataclass(slots=True)
class Effect:
    """works: every source of the interval. members: points more (or fewer) by member, those without difference left
    out.
    """

    works: list[Work] = field(default_factory=list)
    members: dict[str, int] = field(default_factory=dict)


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
    for other in books.rulebook.corrections:
        if other.wrong == wrong and paid_from < other.paid_until and other.paid_from < paid_until:
            raise ConfigProblem(
                f"Version {wrong} is corrected from {other.paid_from:%Y-%m-%d %H:%M} until "
                f"{other.paid_until:%Y-%m-%d %H:%M} UTC already: correct version {other.right} there."
            )
    return Correction(wrong, right, paid_from, paid_until)


async def effect_of(session: Session, books: ProgrammeBooks, correction: Correction, now: datetime) -> Effect:
    """What the correction would post. Locks the members it looks at until the transaction ends."""
    effect = Effect(await _sources(session, books, correction))
    corrections = (*books.rulebook.corrections, correction)
    corrected = replace(books, rulebook=Rulebook(books.rulebook.versions, corrections))
    # All sources of one member are decided together: what one of them takes of a cap the next one misses.
    for works in _batches(effect.works):
        ready = await load_ready(session, works, {books.number: books})
        before, after = [
            await asyncio.to_thread(decide_all, ready, {books.number: rules}, now) for rules in (books, corrected)
        ]
        was = _points(before)
        for member_id, points in _points(after).items():
            if points != was[member_id]:
                effect.members[member_id] = points - was[member_id]
    return effect


def _batches(works: Sequence[Work]) -> list[list[Work]]:
    batches: list[list[Work]] = [[]]
    for n, work in enumerate(works):
        if len(batches[-1]) >= BATCH and work.member_id != works[n - 1].member_id:
            batches.append([])
        batches[-1].append(work)
    return [batch for batch in batches if batch]


def _points(appends: Sequence[Append]) -> Mapping[str, int]:
    points: dict[str, int] = defaultdict(int)
    for append in appends:
        decision = append.decision
        points[decision.member_id] += sum(e.points for e in decision.entries if e.kind in POSTED_KINDS)
    return points


async def _sources(session: Session, books: ProgrammeBooks, correction: Correction) -> list[Work]:
    """Contexts of the interval that count under the wrong version now, by member."""
    rows = await session.rows(
        "SELECT c.shard, c.member_id, c.source_ref, c.programme_version, c.paid_at_us FROM context c "
        "JOIN balance b ON b.shard = c.shard AND b.member_id = c.member_id "
        "WHERE b.programme_number = $1 AND c.paid_at_us >= $2 AND c.paid_at_us < $3 "
        "ORDER BY c.shard, c.member_id, c.source_ref",
        books.number,
        micros(correction.paid_from),
        micros(correction.paid_until),
    )
    found = []
    for row in rows:
        rules = books.rulebook.recorded(row["programme_version"], instant(row["paid_at_us"]))
        shard = source_shard(row["source_ref"])
        if rules is not None and rules.version == correction.wrong and shard is not None:
            found.append(Work(row["shard"], row["member_id"], row["source_ref"], books.number, shard, 0))
    return found


async def redecide(session: Session, effect: Effect) -> None:
    """Leave work for every source of the interval; the pipeline posts the differences."""
    await leave_work(session, [(w.member_id, w.source_ref, w.programme_number, w.fact_shard) for w in effect.works])
