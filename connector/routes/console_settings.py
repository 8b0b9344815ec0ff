"""The console's settings: the index, people, and API keys. What each person may set of their own: ``console_me``."""

from __future__ import annotations

import re

from starlette.responses import Response

from connector import clock
from connector.access.auth import MOVES_POINTS, SCOPES, is_good, list_api_keys
from connector.access.console import Role
from connector.commands.keys import NAME_MAX, issue, withdraw
from connector.console.api_keys import DAYS, KeyShown, keys_page
from connector.console.crew import people_page
from connector.console.settings_index import settings_page
from connector.routes.console import ConsolePage, Handler, Visit
from connector.routes.errors import Problem
from connector.signing_in import standing
from connector.signing_in.inviting import Given, invite, let_choose_anew, withdraw_invitation
from connector.signing_in.own_keys import good_keys_of, is_owner
from connector.signing_in.second_step import need, turn_off
from connector.storage.atomic import atomic
from connector.storage.console_people import (
    ADDRESS,
    ConsolePerson,
    folded_address,
    invitations_of,
    people_of,
    person_of,
)
from connector.storage.idempotency import KeyUse, is_first
from connector.storage.second_steps import is_second_needed
from loyalty_engine.errors import Refused

SETTINGS = "/console/settings"
PEOPLE = f"{SETTINGS}/people"
KEYS = f"{SETTINGS}/keys"
_ID = re.compile(r"[0-9a-f-]{36}")
_KEY = re.compile(r"[0-9a-f]{64}")


async def index(visit: Visit) -> str:
    """What may be set."""
    return settings_page(visit.frame("settings"), visit.language)


async def is_first_time(visit: Visit) -> bool:
    """Whether this very form comes for the first time. What a deed shows but once cannot be shown to a repetition."""
    use = KeyUse(visit.programme.programme_number, f"console:{visit.request.url.path}", visit.once, "")
    return await atomic(visit.service.database, lambda session: is_first(session, use, clock.utc_now()))


async def show_people(visit: Visit) -> str:
    """Everybody who signs in themselves."""
    return await _people(visit)


async def _people(visit: Visit, given: Given | None = None, problem: str = "") -> str:
    number, now = visit.programme.programme_number, clock.utc_now()
    people = await people_of(visit.session, number)
    return people_page(
        visit.frame("settings"),
        visit.language,
        people,
        visit.scope.visitor.person,
        await invitations_of(visit.session, number, now),
        is_second_needed=await is_second_needed(visit.session, number),
        keys=await good_keys_of(visit.session, number, people, now),
        given=given,
        problem=problem,
    )


async def invite_person(visit: Visit) -> str | Response:
    """An address to join, on the page: it is shown this once."""
    role, address = _role(visit), visit.form.get("address", "").strip()
    if not ADDRESS.fullmatch(folded_address(address)):
        return await _people(visit, problem="address")
    if role is not Role.READ_ONLY and await visit.is_kept_from_points():
        return await _people(visit, problem="switched-off")
    if not await is_first_time(visit):
        return visit.see(PEOPLE, "shown-once")
    number, now = visit.programme.programme_number, clock.utc_now()
    return await _people(
        visit, await invite(visit.service, number, role, address, visit.scope.visitor.language, visit.actor, now)
    )


async def call_back(visit: Visit) -> Response:
    """Nobody joins by an invitation any more."""
    key, number = visit.path("digest"), visit.programme.programme_number
    database, now = visit.service.database, clock.utc_now()
    if not _KEY.fullmatch(key) or not await withdraw_invitation(database, number, key, visit.actor, now):
        raise Problem(404, "Not found", "")
    return visit.see(PEOPLE, "invitation-withdrawn")


async def change_role(visit: Visit) -> str | Response:
    """What somebody may do from their next page on."""
    person, role = await _named(visit), _role(visit)
    if role is not Role.READ_ONLY and await visit.is_kept_from_points():
        return await _people(visit, problem="switched-off")
    number, now = visit.programme.programme_number, clock.utc_now()
    try:
        await standing.change_role(visit.service.database, number, person.public_id, role, visit.actor, now)
    except Refused as refused:
        if refused.code != "last-owner":
            raise
        return await _people(visit, problem=refused.code)
    return visit.see(PEOPLE, "role-changed")


async def disable(visit: Visit) -> str | Response:
    """Somebody is out, everywhere."""
    person, number = await _named(visit), visit.programme.programme_number
    try:
        await standing.disable(visit.service.database, number, person.public_id, visit.actor, clock.utc_now())
    except Refused as refused:
        if refused.code != "last-owner":
            raise
        return await _people(visit, problem=refused.code)
    return visit.see(PEOPLE, "person-disabled")


async def enable(visit: Visit) -> Response:
    """Somebody may sign in again."""
    person, number = await _named(visit), visit.programme.programme_number
    await standing.enable(visit.service.database, number, person.public_id, visit.actor, clock.utc_now())
    return visit.see(PEOPLE, "person-enabled")


async def reset(visit: Visit) -> str | Response:
    """An address with which somebody chooses another password, on the page: it is shown this once."""
    person = await _named(visit)
    if _is_oneself(visit, person):
        return await _people(visit, problem="oneself")
    if await visit.is_kept_from_points():
        return await _people(visit, problem="switched-off")
    if not await is_first_time(visit):
        return visit.see(PEOPLE, "shown-once")
    return await _people(visit, await let_choose_anew(visit.service, person, visit.actor, clock.utc_now()))


async def second_off(visit: Visit) -> str | Response:
    """Somebody has lost their phone and their codes."""
    person = await _named(visit)
    if _is_oneself(visit, person):
        return await _people(visit, problem="oneself")
    await turn_off(visit.service, person, visit.actor, clock.utc_now())
    return visit.see(PEOPLE, "second-off")


async def need_second(visit: Visit) -> Response:
    """Whether everybody needs the second step."""
    is_needed = visit.form.get("needed") == "yes"
    await need(visit.service, visit.programme.programme_number, is_needed, visit.actor, clock.utc_now())
    return visit.see(PEOPLE, "second-needed" if is_needed else "second-free")


def _is_oneself(visit: Visit, person: ConsolePerson) -> bool:
    """Whoever finds an owner's page open must not get an owner's password with it: one's own page asks for it."""
    return visit.scope.visitor.connection_number is None and person.public_id == visit.scope.visitor.person


async def _named(visit: Visit) -> ConsolePerson:
    wanted = visit.path("id")
    session = visit.service.database.reading()
    number = visit.programme.programme_number
    person = await person_of(session, number, wanted) if _ID.fullmatch(wanted) else None
    if person is None:
        raise Problem(404, "Not found", "")
    return person


def _role(visit: Visit) -> Role:
    try:
        return Role(visit.form.get("role", ""))
    except ValueError:
        raise Problem(404, "Not found", "") from None


async def show_keys(visit: Visit) -> str:
    """Every key of the programme."""
    return await _keys(visit)


async def _keys(visit: Visit, made: str = "", problem: str = "") -> str:
    number, now, shown = visit.programme.programme_number, clock.utc_now(), []
    gone = [one for one in await people_of(visit.session, number) if one.disabled_at is not None]
    for key in await list_api_keys(visit.session, number):
        state = "revoked" if key.revoked_at else "valid" if is_good(key, now) else "ended"
        shown.append(
            KeyShown(
                key.prefix,
                key.name,
                key.owner,
                key.scopes.split(),
                key.created_at,
                key.expires_at,
                key.last_used_at,
                state,
                key.made_with,
                state == "valid" and any(is_owner(one, key.owner) for one in gone),
            )
        )
    shown.sort(key=lambda one: (one.state != "valid", -one.made_at.timestamp()))
    name, chosen = (visit.form.get("name", ""), _chosen(visit)) if problem else ("", [])
    return keys_page(visit.frame("settings"), visit.language, shown, made, problem, name, chosen)


def _chosen(visit: Visit) -> list[str]:
    return sorted(scope for scope in SCOPES if f"scope.{scope}" in visit.form)


async def make_key(visit: Visit) -> str | Response:
    """A key, on the page: it is shown this once."""
    name, scopes, days = visit.form.get("name", "").strip(), _chosen(visit), visit.form.get("days", "")
    if not 1 <= len(name) <= NAME_MAX or not name.isprintable():
        return await _keys(visit, problem="name")
    if not scopes:
        return await _keys(visit, problem="scopes")
    if MOVES_POINTS.intersection(scopes) and await visit.is_kept_from_points():
        return await _keys(visit, problem="switched-off")
    if days not in [str(one) for one in DAYS]:
        raise Problem(404, "Not found", "")
    if not await is_first_time(visit):
        return visit.see(KEYS, "shown-once")
    # Of somebody whom only their shop names nothing is proven: with such a key nobody is the second person.
    number, owner = visit.programme.programme_number, visit.actor.person
    return await _keys(visit, await issue(visit.service, number, name, scopes, owner, int(days) or None, visit.actor))


async def revoke_key(visit: Visit) -> Response:
    """A key is good for nothing any more."""
    number = visit.programme.programme_number
    if not await withdraw(visit.service, visit.path("prefix"), visit.actor, of=number):
        raise Problem(404, "Not found", "")
    return visit.see(KEYS, "key-revoked")


def _deed(path: str, handle: Handler) -> ConsolePage:
    return ConsolePage("POST", path, Role.OWNER, handle, acts=True)


PAGES = (
    ConsolePage("GET", SETTINGS, Role.READ_ONLY, index),
    ConsolePage("GET", PEOPLE, Role.OWNER, show_people),
    _deed(f"{PEOPLE}/invite", invite_person),
    _deed(PEOPLE + "/invitations/{digest}/withdraw", call_back),
    _deed(PEOPLE + "/{id}/role", change_role),
    _deed(PEOPLE + "/{id}/disable", disable),
    _deed(PEOPLE + "/{id}/enable", enable),
    _deed(PEOPLE + "/{id}/reset", reset),
    _deed(PEOPLE + "/{id}/second-off", second_off),
    _deed(f"{PEOPLE}/second", need_second),
    ConsolePage("GET", KEYS, Role.OWNER, show_keys),
    _deed(f"{KEYS}/make", make_key),
    _deed(KEYS + "/{prefix}/revoke", revoke_key),
)
