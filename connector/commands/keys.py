"""API keys: made and revoked by commands, and on a page of the console. Each is in the programme's audit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from connector import clock
from connector.access.auth import (
    OWNER_MAX,
    READ_MEMBERS,
    create_api_key,
    list_api_keys,
    lock_good_keys,
    revoke_api_key,
)
from connector.commands.params import Params, Result
from connector.errors import Permanent
from connector.people.actors import Actor, by_command, key_of
from connector.running.service import Service
from connector.signing_in.standing import is_owner_still
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.console_people import people_of
from connector.storage.models import ApiKey
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from loyalty_engine.errors import Refused

NAME_MAX = 100
DAYS_MAX = 36_500


async def issue(
    service: Service,
    number: int,
    name: str,
    scopes: Iterable[str],
    owner: str,
    days: int | None,
    actor: Actor,
    latest: datetime | None = None,
) -> str:
    """A new key of a programme: the whole of it, this once. days: until it ends; None: never. latest: when whoever
    makes it ends, and it with them. Raises Permanent, or Refused ``key-maker-gone``.
    """
    granted, now = frozenset(scopes), clock.utc_now()
    ends = min(filter(None, (now + timedelta(days=days) if days else None, latest)), default=None)

    async def body(session: Session) -> str:
        if number not in await load_programmes(session):
            raise Permanent(f"There is no programme {number}.")
        await _refuse_gone(session, number, actor, now)
        whole = await create_api_key(
            session, number, name[:NAME_MAX], now, granted, owner[:OWNER_MAX], ends, key_of(actor)
        )
        details = {"key": whole.partition(".")[0], "scopes": sorted(granted), "days": days or 0}
        await note_programme_deeds(session, [ProgrammeDeed(number, Act.KEY_MAKE, actor, now, details)])
        return whole

    return await atomic(service.database, body)


async def _refuse_gone(session: Session, number: int, actor: Actor, now: datetime) -> None:
    """Raises Refused ``key-maker-gone``: whoever makes a key was stopped while they did, and it would outlive that."""
    if prefix := key_of(actor):
        is_there = any(key.prefix == prefix for key in await lock_good_keys(session, number, now))
    else:
        is_there = is_owner_still(await people_of(session, number, lock=True), actor)
    if not is_there:
        raise Refused("key-maker-gone")


async def withdraw(service: Service, prefix: str, actor: Actor, of: int | None = None) -> bool:
    """A key is good for nothing from now on. of: the only programme whose key it may be. False: there is none such.

    Raises Refused ``key-of-another``: a key stops itself and what was made with it, and nothing else.
    """
    now, by = clock.utc_now(), key_of(actor)

    async def body(session: Session) -> bool:
        keys = await list_api_keys(session, of)
        named = next((key for key in keys if key.prefix == prefix and key.revoked_at is None), None)
        if named is None:
            return False
        if by and prefix not in _made_through(keys, by):
            raise Refused("key-of-another", {"key": prefix})
        if not await revoke_api_key(session, prefix, now):
            return False
        deed = ProgrammeDeed(named.programme_number, Act.KEY_REVOKE, actor, now, {"key": prefix})
        await note_programme_deeds(session, [deed])
        return True

    return await atomic(service.database, body)


def _made_through(keys: Sequence[ApiKey], prefix: str) -> set[str]:
    """This key, those that it made, and those that they made. keys: oldest first."""
    found = {prefix}
    for key in keys:
        if key.made_with in found:
            found.add(key.prefix)
    return found


async def make_key(service: Service, params: Params) -> Result:
    """A new API key. params: programme, name, scopes [names] (without them: reading members), owner? (without one:
    whoever makes it), days? (until it ends; without: never).
    """
    actor = by_command(params)
    owner = str(params.get("owner") or "").strip() or actor.person
    scopes, days = params.get("scopes") or (READ_MEMBERS,), int(params.get("days") or 0) or None
    return {"key": await issue(service, int(params["programme"]), str(params["name"]), scopes, owner, days, actor)}


async def revoke_key(service: Service, params: Params) -> Result:
    """Revoke a key. params: prefix."""
    if not await withdraw(service, str(params["prefix"]), by_command(params)):
        raise Permanent(f"There is no valid key {params['prefix']}.")
    return {"revoked": params["prefix"]}


KEY_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "make-key": make_key,
    "revoke-key": revoke_key,
}
