"""The one way to publish a version of a programme, to pause it and to let it go on, whoever asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tortoise.exceptions import IntegrityError

from connector import clock
from connector.errors import Permanent
from connector.people.actors import Actor
from connector.storage.atomic import atomic
from connector.storage.database import Database
from connector.storage.programmes import load_programmes, pause, publish_version, resume, stop_others
from connector.storage.session import Session
from connector.storage.withdrawals import withdraw_version
from loyalty_engine.errors import Refused
from loyalty_engine.explain.changes import changed_rules, known_before
from loyalty_engine.programme import Programme
from loyalty_engine.programme.fields import moment_of

MEANWHILE = "Another version was published at the same moment. Look at what it changed, and publish again."


@dataclass(frozen=True, slots=True)
class Published:
    """told: what members read of it, in English; nothing where they are not told, or where what they read stays."""

    version: int
    effective_from: datetime
    told: tuple[str, ...]


async def publish(
    database: Database,
    number: int,
    document: Mapping[str, Any],
    begins: str | None,
    actor: Actor,
    reason: str,
    *,
    tells: bool,
    after: int | None = None,
    now: datetime | None = None,
    taking: Callable[[Session], Awaitable[None]] | None = None,
) -> Published:
    """A new version; what was paid before keeps the version it was paid under. Members are looked at by the next
    jobs (``passing_time``), not here. begins: a moment, local times being the
    programme's; None: as soon as possible. after: the newest version that its author knows. now: of a test shop's
    clock. taking: what is done before in the same transaction; what it raises, this raises. Raises ProgrammeError,
    ConfigProblem or Permanent, or Refused ``programme-changed`` after another version, and then nothing is done.
    """
    now = now or clock.utc_now()

    async def body(session: Session) -> Published:
        if taking is not None:
            await taking(session)
        moment = moment_of(begins, "from", await zone_of(session, number)) if begins else None
        if after is not None:
            newest = (await load_programmes(session, lock=True))[number].rulebook.versions[-1].version
            if newest != after:
                raise Refused("programme-changed", {"newest": newest})
        version = await publish_version(
            session,
            number,
            document,
            moment,
            now,
            actor.signed,
            reason,
            tells=tells,
            person=actor.person,
            through=actor.through,
        )
        rulebook = (await load_programmes(session))[number].rulebook
        made = rulebook.versions[-1]
        told = changed_rules(known_before(rulebook, made), made, "en") if tells else []
        return Published(version, made.effective_from, tuple(line for one in told for line in one.sentences))

    try:
        return await atomic(database, body)
    except IntegrityError as error:
        # Its number was taken between our look and our commit.
        raise Permanent(MEANWHILE) from error


@dataclass(frozen=True, slots=True)
class NotBegun:
    """A version that never begins. at: when that was decided. goes_on: the version that holds instead of it."""

    version: int
    at: datetime
    goes_on: int


async def withdraw(
    database: Database,
    number: int,
    version: int,
    actor: Actor,
    reason: str,
    now: Callable[[], datetime] = clock.utc_now,
    *,
    is_one_key: bool = False,
) -> NotBegun:
    """A planned version never begins; its row stays. Raises Refused as ``withdraw_version``, and then nothing is done:
    from a minute before its moment, when whoever decides may go by it, it is too late. is_one_key: also Refused
    ``needs-operator`` where it would change when two must agree.
    """

    async def body(session: Session) -> NotBegun:
        await stop_others(session, number)
        books = (await load_programmes(session)).get(number)
        planned = books.rulebook.versions if books else ()
        # Read behind that: whoever has decided by now did not do so later, and whoever decides later sees ours.
        at = now()
        who = {"person": actor.person, "through": actor.through}
        goes_on = await withdraw_version(session, number, version, at, actor.signed, reason, **who)
        if is_one_key:
            _keep_two(next(one for one in planned if one.version == version), goes_on)
        return NotBegun(version, at, goes_on.version)

    return await atomic(database, body)


def _keep_two(gone: Programme, instead: Programme) -> None:
    """One key could drop that two must agree, move points, and put it back."""
    if gone.adjust != instead.adjust and (gone.adjust.asks_for_two or instead.adjust.asks_for_two):
        raise Refused("needs-operator")


async def zone_of(session: Session, number: int) -> ZoneInfo:
    """A programme's zone. Raises Permanent if there is no such programme."""
    books = (await load_programmes(session)).get(number)
    if books is None:
        raise Permanent(f"There is no programme {number}.")
    return ZoneInfo(books.timezone)


async def pause_now(database: Database, number: int, actor: Actor, reason: str) -> datetime:
    """Keep facts, decide nothing. Returns since when. Raises Permanent if that is so already."""

    async def body(session: Session) -> datetime:
        await stop_others(session, number)
        now = clock.utc_now()
        await pause(session, number, now, actor.signed, reason, person=actor.person, through=actor.through)
        return now

    return await atomic(database, body)


async def resume_now(database: Database, number: int, actor: Actor, reason: str) -> tuple[datetime, datetime]:
    """Decide again, also what waited. Whose points end later for it is looked at by the next jobs (``passing_time``),
    not here. Returns when it was paused and resumed. Raises Permanent if it is not paused.
    """

    async def body(session: Session) -> tuple[datetime, datetime]:
        await stop_others(session, number)
        now = clock.utc_now()
        who = {"person": actor.person, "through": actor.through}
        return await resume(session, number, now, actor.signed, reason, **who), now

    return await atomic(database, body)
