"""Who proves themselves by a password, and the session that they get for it."""

from __future__ import annotations

import logging
from datetime import datetime

from connector.access.console import NOWHERE, Visitor, digest_of, is_token, new_token
from connector.running.service import Service
from connector.storage.atomic import atomic
from connector.storage.console_people import ConsolePerson, begin_attempt, end_attempts, set_password
from connector.storage.console_sessions import begin_session, end_session
from connector.storage.session import Session

log = logging.getLogger(__name__)


async def proven(service: Service, address: str, password: str, now: datetime) -> ConsolePerson | None:
    """Who they are, if the password is theirs and they need not wait. One who is unknown, disabled or must wait takes
    as long as any other, and is told the same. Raises Transient where too many are looked at.
    """
    person = await atomic(service.database, lambda session: begin_attempt(session, address, now))
    kept = person.password if person is not None else None
    if not await service.passwords.is_right(password, kept) or person is None:
        log.info("a sign-in was refused", extra={"person": person.public_id if person else ""})
        return None
    if service.passwords.is_old(person.password):
        anew, number = await service.passwords.kept(password), person.number
        await atomic(service.database, lambda session: set_password(session, number, anew))
    return person


async def enter(service: Service, person: ConsolePerson, had: str, now: datetime) -> str:
    """A session for somebody who has proven themselves: its token, which nobody has seen before."""
    token = new_token()

    async def body(session: Session) -> None:
        await end_attempts(session, person.number, now)
        await begin(session, person, token, had, now)

    await atomic(service.database, body)
    log.info("somebody signed in to the console", extra={"person": person.public_id})
    return token


async def begin(session: Session, person: ConsolePerson, token: str, had: str, now: datetime) -> None:
    """In the transaction that proves them. had: the token that their browser came with; that session ends."""
    if is_token(had):
        await end_session(session, digest_of(had))
    visitor = Visitor(
        person.programme_number,
        None,
        person.public_id,
        person.name,
        person.role,
        person.language,
        NOWHERE,
        person.address,
    )
    await begin_session(session, digest_of(token), visitor, now)
