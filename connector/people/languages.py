"""In which language a member is spoken to, where no page of theirs says it."""

from __future__ import annotations

from collections.abc import Mapping

from connector.storage.connections import load_connections
from connector.storage.people import Person
from connector.storage.push import stores_of
from connector.storage.session import Session
from connector.storage.shards import member_shard
from connector.store_settings import LANGUAGE
from loyalty_engine.texts import language_of


async def languages_of(session: Session, people: Mapping[str, Person | None]) -> dict[str, str]:
    """By member: their own, else that of the first store that knows them; English if nobody said."""
    silent = [member for member, person in people.items() if person is None or not person.language]
    stores = await stores_of(session, [(member_shard(member), member) for member in silent]) if silent else {}
    connections = await load_connections(session) if stores else {}
    found = {}
    for member, person in people.items():
        said = [person.language if person else ""]
        said += [connections[number].settings.get(LANGUAGE, "") for number in stores.get(member, ())]
        found[member] = language_of(next(filter(None, said), ""))
    return found


async def language_spoken(session: Session, member_id: str, person: Person | None) -> str:
    """``languages_of`` for one."""
    return (await languages_of(session, {member_id: person}))[member_id]
