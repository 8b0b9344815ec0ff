"""The one way to publish a version of a programme, to pause it and to let it go on, whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connector import clock
from connector.errors import Permanent
from connector.storage.atomic import atomic
from connector.storage.database import Database
from connector.storage.due_members import change_all_of
from connector.storage.programmes import load_programmes, pause, publish_version, resume, stop_others
from connector.storage.reviews import review_all_of
from connector.storage.session import Session
from loyalty_engine.explain.changes import changed_rules, known_before
from loyalty_engine.programme.fields import moment_of


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
    actor_name: str,
    reason: str,
    *,
    tells: bool,
) -> Published:
    """A new version; what was paid before keeps the version it was paid under. begins: a moment, local times being the
    programme's; None: as soon as possible. Raises ProgrammeError, ConfigProblem or Permanent, and then nothing is done.
    """
    now = clock.utc_now()

    async def body(session: Session) -> Published:
        moment = moment_of(begins, "from", await zone_of(session, number)) if begins else None
        version = await publish_version(session, number, document, moment, now, actor_name, reason, tells=tells)
        rulebook = (await load_programmes(session))[number].rulebook
        versions, made = rulebook.versions, rulebook.versions[-1]
        await review_all_of(session, number, made.effective_from)
        if made.expiry != versions[-2].expiry:
            await change_all_of(session, number, made.effective_from)
        told = changed_rules(known_before(rulebook, made), made, "en") if tells else []
        return Published(version, made.effective_from, tuple(line for one in told for line in one.sentences))

    return await atomic(database, body)


async def zone_of(session: Session, number: int) -> ZoneInfo:
    """A programme's zone. Raises Permanent if there is no such programme."""
    books = (await load_programmes(session)).get(number)
    if books is None:
        raise Permanent(f"There is no programme {number}.")
    return ZoneInfo(books.timezone)


async def pause_now(database: Database, number: int, actor_name: str, reason: str) -> datetime:
    """Keep facts, decide nothing. Returns since when. Raises Permanent if that is so already."""

    async def body(session: Session) -> datetime:
        await stop_others(session, number)
        now = clock.utc_now()
        await pause(session, number, now, actor_name, reason)
        return now

    return await atomic(database, body)


async def resume_now(database: Database, number: int, actor_name: str, reason: str) -> tuple[datetime, datetime]:
    """Decide again, also what waited. Returns when it was paused and resumed. Raises Permanent if it is not paused."""

    async def body(session: Session) -> tuple[datetime, datetime]:
        await stop_others(session, number)
        now = clock.utc_now()
        return await resume(session, number, now, actor_name, reason), now

    since, now = await atomic(database, body)
    # Not in that transaction, which others wait for. Were it lost, members would be looked at when their time comes.
    await atomic(database, lambda session: change_all_of(session, number, now))
    return since, now
