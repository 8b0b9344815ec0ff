"""API keys: made and revoked by commands, and on a page of the console. Each is in the programme's audit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta

from connector import clock
from connector.access.auth import READ_MEMBERS, create_api_key, list_api_keys, revoke_api_key
from connector.commands.params import Params, Result
from connector.errors import Permanent
from connector.people.actors import Actor, by_command
from connector.running.service import Service
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.programmes import load_programmes
from connector.storage.session import Session

NAME_MAX = 100
DAYS_MAX = 36_500


async def issue(
    service: Service, number: int, name: str, scopes: Iterable[str], owner: str, days: int | None, actor: Actor
) -> str:
    """A new key of a programme: the whole of it, this once. days: until it ends; None: never. Raises Permanent."""
    granted, now = frozenset(scopes), clock.utc_now()
    ends = now + timedelta(days=days) if days else None

    async def body(session: Session) -> str:
        if number not in await load_programmes(session):
            raise Permanent(f"There is no programme {number}.")
        whole = await create_api_key(session, number, name[:NAME_MAX], now, granted, owner[:NAME_MAX], ends)
        details = {"key": whole.partition(".")[0], "scopes": sorted(granted), "days": days or 0}
        await note_programme_deeds(session, [ProgrammeDeed(number, Act.KEY_MAKE, actor, now, details)])
        return whole

    return await atomic(service.database, body)


async def withdraw(service: Service, prefix: str, actor: Actor, of: int | None = None) -> bool:
    """A key is good for nothing from now on. of: the only programme whose key it may be. False: there is none such."""
    now = clock.utc_now()

    async def body(session: Session) -> bool:
        numbers = [key.programme_number for key in await list_api_keys(session, of) if key.prefix == prefix]
        if not numbers or not await revoke_api_key(session, prefix, now):
            return False
        deed = ProgrammeDeed(numbers[0], Act.KEY_REVOKE, actor, now, {"key": prefix})
        await note_programme_deeds(session, [deed])
        return True

    return await atomic(service.database, body)


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
