"""API keys of people who sign in themselves. Owners make them, and they stop when that is over: nobody goes on acting
through a key once they may not sign in, or may make none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from connector.access.auth import OWNER_MAX, is_good, list_api_keys, lock_good_keys, revoke_api_key
from connector.people.actors import Actor, folded
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.console_people import ConsolePerson
from connector.storage.session import Session


def is_owner(person: ConsolePerson, key_owner: str) -> bool:
    """Whether a key is theirs, whoever made it: it acts in their name."""
    return folded(key_owner) == folded(person.address[:OWNER_MAX])


async def good_keys_of(
    session: Session, programme_number: int, people: Sequence[ConsolePerson], now: datetime
) -> Mapping[str, Sequence[str]]:
    """Prefixes of the keys that would stop with each of these people, by public id."""
    keys = [key for key in await list_api_keys(session, programme_number) if is_good(key, now)]
    return {one.public_id: [key.prefix for key in keys if is_owner(one, key.owner)] for one in people}


async def stop_keys(session: Session, person: ConsolePerson, actor: Actor, now: datetime) -> None:
    """In the transaction that disables them, or makes them no owner. Each key is a deed of its own."""
    number = person.programme_number
    deeds = []
    for key in await lock_good_keys(session, number, now):
        if is_owner(person, key.owner):
            await revoke_api_key(session, key.prefix, now)
            details = {"key": key.prefix, "person": person.public_id}
            deeds.append(ProgrammeDeed(number, Act.KEY_REVOKE, actor, now, details))
    await note_programme_deeds(session, deeds)
