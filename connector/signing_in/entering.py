"""Who proves themselves by a password, and the session that they get for it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.access.console import NOWHERE, Visitor, digest_of, is_token, new_token
from connector.running.service import Service
from connector.storage.atomic import atomic
from connector.storage.attempts import begin_attempt, end_codes, forgive, know_browser
from connector.storage.console_people import ConsolePerson, keep_hash
from connector.storage.console_sessions import begin_session, end_session
from connector.storage.session import Session

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entered:
    """Tokens for a browser of somebody who is signed in. session: which nobody has seen before. known: by which it is
    known from now on, as this person's and as others'.
    """

    session: str
    known: Sequence[str]


async def proven(
    service: Service, address: str, password: str, now: datetime, known: Sequence[str]
) -> ConsolePerson | None:
    """Who they are, if the password is theirs and they need not wait. One who is unknown, disabled or must wait takes
    as long as any other, and is told the same. known: tokens that their browser is known by. Raises Transient where too
    many are looked at.
    """
    browsers = [digest_of(one) for one in known]
    attempt = await atomic(service.database, lambda session: begin_attempt(session, address, now, browsers))
    kept = attempt.person.password if attempt is not None else None
    if not await service.passwords.is_right(password, kept) or attempt is None:
        log.info("a sign-in was refused", extra={"person": attempt.person.public_id if attempt else ""})
        return None
    anew, person = None, attempt.person
    if service.passwords.is_old(person.password):
        anew = await service.passwords.kept(password)

    async def body(session: Session) -> None:
        await forgive(session, attempt)
        if anew is not None:
            await keep_hash(session, person.number, anew)

    await atomic(service.database, body)
    return person


async def enter(service: Service, person: ConsolePerson, had: str, known: Sequence[str], now: datetime) -> Entered:
    """A session for somebody who has proven themselves."""
    entered = await atomic(service.database, lambda session: begin(session, person, had, known, now))
    log.info("somebody signed in to the console", extra={"person": person.public_id})
    return entered


async def begin(session: Session, person: ConsolePerson, had: str, known: Sequence[str], now: datetime) -> Entered:
    """In the transaction that proves them. had: the token that their browser came with; that session ends. known: those
    that it is known by; a new one takes the place of this person's, so that nobody can have planted it.
    """
    token, anew = new_token(), new_token()
    await end_codes(session, person.number, now)
    gone = await know_browser(session, person.number, digest_of(anew), [digest_of(one) for one in known], now)
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
    return Entered(token, [anew, *(one for one in known if digest_of(one) not in gone)])
