"""The one way to correct a past interval, whoever asks: look at what it would change, begin, and see how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connector import clock
from connector.errors import ConfigProblem
from connector.people.actors import Actor
from connector.programmes.corrections import FIRST, Effect, correction_of, count_unknown, effect_of
from connector.programmes.publishing import zone_of
from connector.storage.atomic import atomic
from connector.storage.corrections import begin_correction
from connector.storage.database import Database
from connector.storage.ledger_load import MemberKey
from connector.storage.programmes import ProgrammeBooks, load_programmes, stop_others
from connector.storage.session import Session
from loyalty_engine.errors import Refused
from loyalty_engine.programme import Correction
from loyalty_engine.programme.fields import moment_of


@dataclass(frozen=True, slots=True)
class Interval:
    """What was paid in [begins, until) under version ``wrong`` counts under ``right``; local times."""

    wrong: int
    right: int
    begins: str
    until: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What the preview said, in all."""

    sources: int
    members: int
    points: int


async def preview(database: Database, number: int, asked: Interval, after: MemberKey | None) -> Effect:
    """What it would change for the next members; nothing is written. Asked again with ``after`` until that is None, for
    no transaction is to hold everybody. Raises ConfigProblem, ProgrammeError or Permanent.
    """
    now = clock.utc_now()

    async def body(session: Session) -> Effect:
        books, correction = await _correction(session, number, asked, now)
        return await effect_of(session, books, correction, after or FIRST, now)

    return await atomic(database, body)


async def begin(
    database: Database,
    number: int,
    asked: Interval,
    expected: Expected,
    actor: Actor,
    reason: str,
    *,
    keep_unknown: bool,
) -> None:
    """From now on it holds; what was decided before is decided again in batches. keep_unknown: do it although orders
    and activities lack what the right version asks for. Raises Refused ``correction-lacks-facts``, and as ``preview``.
    """
    if not keep_unknown:
        await _refuse_unknown(database, number, asked)

    async def body(session: Session) -> None:
        await stop_others(session, number)
        now = clock.utc_now()
        books, correction = await _correction(session, number, asked, now)
        if books.is_paused:
            raise ConfigProblem(f"Programme {number} is paused: nothing is decided. Resume it first.")
        sums = (expected.sources, expected.members, expected.points)
        who = {"person": actor.person, "through": actor.through}
        await begin_correction(session, number, correction, sums, now, actor.signed, reason, **who)

    await atomic(database, body)


async def _refuse_unknown(database: Database, number: int, asked: Interval) -> None:
    """What cannot be worked out stays as it is in any case; whoever corrects must know of it before."""

    async def look(session: Session) -> int:
        books, correction = await _correction(session, number, asked, clock.utc_now())
        return await count_unknown(session, books, correction)

    unknown = await atomic(database, look)
    if unknown:
        raise Refused("correction-lacks-facts", {"sources": unknown})


async def _correction(
    session: Session, number: int, asked: Interval, now: datetime
) -> tuple[ProgrammeBooks, Correction]:
    zone = await zone_of(session, number)
    interval = (moment_of(asked.begins, "from", zone), moment_of(asked.until, "until", zone))
    books = (await load_programmes(session, lock=True))[number]
    return books, correction_of(books, asked.wrong, asked.right, interval, now)
