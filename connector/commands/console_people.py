"""Commands about people who sign in to the console themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from connector import clock
from connector.access.console import Role
from connector.commands.params import Params, Result
from connector.errors import Permanent
from connector.people.actors import by_command
from connector.refusals import in_words
from connector.running.service import Service
from connector.signing_in import standing
from connector.signing_in.inviting import Given, first_address, invite, let_choose_anew
from connector.signing_in.second_step import turn_off
from connector.storage.console_people import ConsolePerson, find_person
from connector.storage.programmes import load_programmes
from loyalty_engine.errors import Refused


async def invite_person(service: Service, params: Params) -> Result:
    """An address to join. params: programme? (needed where there are several), role, address?."""
    role, numbers = Role(str(params["role"])), sorted(await load_programmes(service.database.reading()))
    named = params.get("programme")
    if named is None and not numbers:
        return await _invite_first(service, role)
    if named is None and len(numbers) > 1:
        raise Permanent(f"There are several programmes: say which one, as --programme {numbers[0]}.")
    number = numbers[0] if named is None else int(named)
    address, actor = str(params.get("address") or ""), by_command(params)
    try:
        given = await invite(service, number, role, address, "", actor, clock.utc_now())
    except Refused as refused:
        raise in_words(refused) from refused
    return _told(given)


async def _invite_first(service: Service, role: Role) -> Result:
    given = await first_address(service, clock.utc_now()) if role is Role.OWNER else None
    if given is None:
        raise Permanent("There is no programme yet. The first person is its owner: belong people invite --owner.")
    return _told(given)


async def change_role(service: Service, params: Params) -> Result:
    """What somebody may do. params: address, role."""
    person, role = await _named(service, params), Role(str(params["role"]))
    try:
        await standing.change_role(
            service.database, person.programme_number, person.public_id, role, by_command(params), clock.utc_now()
        )
    except Refused as refused:
        raise in_words(refused) from refused
    return {"role": role.value}


async def set_disabled(service: Service, params: Params) -> Result:
    """Whether somebody may sign in. params: address, enable?."""
    person = await _named(service, params)
    do = standing.enable if params.get("enable") else standing.disable
    try:
        await do(service.database, person.programme_number, person.public_id, by_command(params), clock.utc_now())
    except Refused as refused:
        raise in_words(refused) from refused
    return {}


async def reset_password(service: Service, params: Params) -> Result:
    """An address to choose another password. params: address."""
    person = await _named(service, params)
    return _told(await let_choose_anew(service, person, by_command(params), clock.utc_now()))


async def turn_second_off(service: Service, params: Params) -> Result:
    """Somebody has lost phone and codes: the password alone, until they set it up again. params: address."""
    person = await _named(service, params)
    await turn_off(service, person, by_command(params), clock.utc_now())
    return {}


async def _named(service: Service, params: Params) -> ConsolePerson:
    person = await find_person(service.database.reading(), str(params["address"]))
    if person is None:
        raise Permanent(f"Nobody signs in as {params['address']}. Those who do: belong people list.")
    return person


def _told(given: Given) -> Result:
    return {"url": given.url, "ends_at": given.ends_at.isoformat(), "mailed": given.is_mailed}


CONSOLE_PEOPLE_COMMANDS: Mapping[str, Callable[[Service, Params], Awaitable[Result]]] = {
    "invite-person": invite_person,
    "person-role": change_role,
    "disable-person": set_disabled,
    "reset-person": reset_password,
    "person-totp-off": turn_second_off,
}
