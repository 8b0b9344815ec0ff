"""What people who sign in themselves may do, and whether they may sign in at all. A programme never loses its last
owner.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from connector.access.console import Role
from connector.people.actors import Actor
from connector.signing_in.own_keys import stop_keys
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.console_people import (
    ConsolePerson,
    drop_browsers,
    drop_tickets,
    drop_tickets_made_by,
    people_of,
    set_disabled,
    set_role,
)
from connector.storage.console_sessions import end_sessions_of_person
from connector.storage.database import Database
from connector.storage.session import Session
from loyalty_engine.errors import Refused


def is_owner_still(people: Sequence[ConsolePerson], actor: Actor) -> bool:
    """Whether somebody who signed in themselves is an owner; others are proven elsewhere. people: all, locked."""
    return actor.through != "console" or any(
        one.address == actor.person and one.disabled_at is None and one.role is Role.OWNER for one in people
    )


async def refuse_gone(session: Session, programme_number: int, actor: Actor) -> list[ConsolePerson]:
    """Everybody, locked. Raises Refused ``owner-gone``: whoever acts was stopped while they did, and what they give
    would outlive that.
    """
    people = await people_of(session, programme_number, lock=True)
    if not is_owner_still(people, actor):
        raise Refused("owner-gone")
    return people


async def change_role(
    database: Database, programme_number: int, public_id: str, role: Role, actor: Actor, now: datetime
) -> bool:
    """From their next page on. What they gave as an owner lets nobody in any more, and the API keys that they made as
    one stop. False: there is nobody such. Raises Refused ``last-owner``, ``owner-gone``.
    """

    async def change(session: Session, person: ConsolePerson) -> None:
        await set_role(session, person.number, role)
        if role is not Role.OWNER:
            await drop_tickets_made_by(session, programme_number, person.address)
        if person.role is Role.OWNER and role is not Role.OWNER:
            await stop_keys(session, person, actor, now)

    return await _changed(
        database, programme_number, public_id, change, Act.PERSON_ROLE, actor, now, keeps_owner=role is Role.OWNER
    )


async def disable(database: Database, programme_number: int, public_id: str, actor: Actor, now: datetime) -> bool:
    """They are out at once, everywhere, their API keys with them, and what they gave lets nobody in. False: there is
    nobody such. Raises Refused ``last-owner``, ``owner-gone``.
    """

    async def change(session: Session, person: ConsolePerson) -> None:
        await set_disabled(session, person.number, now)
        await end_sessions_of_person(session, person.public_id)
        await drop_tickets(session, person.number)
        await drop_browsers(session, person.number)
        await drop_tickets_made_by(session, programme_number, person.address)
        await stop_keys(session, person, actor, now)

    return await _changed(
        database, programme_number, public_id, change, Act.PERSON_DISABLE, actor, now, keeps_owner=False
    )


async def enable(database: Database, programme_number: int, public_id: str, actor: Actor, now: datetime) -> bool:
    """They may sign in again, with the password that they had. False: there is nobody such. Raises Refused
    ``owner-gone``.
    """

    async def change(session: Session, person: ConsolePerson) -> None:
        await set_disabled(session, person.number, None)

    return await _changed(
        database, programme_number, public_id, change, Act.PERSON_ENABLE, actor, now, keeps_owner=True
    )


async def _changed(
    database: Database,
    programme_number: int,
    public_id: str,
    change: Callable[[Session, ConsolePerson], Awaitable[None]],
    act: Act,
    actor: Actor,
    now: datetime,
    *,
    keeps_owner: bool,
) -> bool:
    async def body(session: Session) -> bool:
        # All are locked, so that two owners cannot take each other's role at the same moment.
        people = await refuse_gone(session, programme_number, actor)
        person = next((one for one in people if one.public_id == public_id), None)
        if person is None:
            return False
        owners = [one for one in people if one.role is Role.OWNER and one.disabled_at is None]
        if not keeps_owner and owners == [person]:
            raise Refused("last-owner", {})
        await change(session, person)
        details = {"person": person.public_id}
        await note_programme_deeds(session, [ProgrammeDeed(programme_number, act, actor, now, details)])
        return True

    return await atomic(database, body)
