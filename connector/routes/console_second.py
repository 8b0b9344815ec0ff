"""The second step of signing in, for whoever sets it up, renews their codes, or turns it off."""

from __future__ import annotations

from starlette.responses import Response

from connector import clock
from connector.access.console import Role
from connector.console.crew import second_page
from connector.routes.console import SECOND, ConsolePage, Visit
from connector.routes.console_me import own
from connector.routes.console_settings import is_first_time
from connector.routes.known_browser import known_by
from connector.routes.proving import keep_password_pace
from connector.signing_in.entering import proven
from connector.signing_in.second_step import address_of, confirm, picture_of, prepare, renew_codes, turn_off
from connector.storage.console_people import ConsolePerson
from connector.storage.programmes import load_programmes
from connector.storage.second_steps import count_recovery, is_second_needed, load_secret


async def show(visit: Visit) -> str:
    """How it stands; and what an authenticator reads, while it is being set up."""
    return await _page(visit, await own(visit))


async def _page(visit: Visit, person: ConsolePerson, codes: list[str] | None = None, problem: str = "") -> str:
    session, keys = visit.session, visit.service.keys
    secret = await load_secret(session, keys, person.public_id) if person.second_since is None else None
    picture = ""
    if secret is not None and not codes:
        books = (await load_programmes(session))[person.programme_number]
        programme = books.rulebook.in_force(clock.utc_now()).name
        picture = picture_of(address_of(secret, person.address, programme))
    return second_page(
        visit.frame("settings"),
        visit.language,
        person,
        is_needed=await is_second_needed(session, person.programme_number),
        left=await count_recovery(session, person.number),
        secret=secret or "",
        picture=picture,
        codes=codes or (),
        problem=problem,
    )


async def begin(visit: Visit) -> str | Response:
    """A new secret; the one before, if it was never confirmed, is good for nothing. An open page alone must not bind
    the person to somebody else's authenticator.
    """
    person = await _sure(visit)
    if person is None:
        return await _page(visit, await own(visit), problem="present")
    await prepare(visit.service, person)
    return visit.see(SECOND, "")


async def confirmed(visit: Visit) -> str | Response:
    """A code of the authenticator was typed: from now on it is asked for."""
    keep_password_pace(visit.service.rates, visit.request)
    person, code = await own(visit), visit.form.get("code", "")[:64]
    codes = await confirm(visit.service, person, code, visit.scope.digest, visit.actor, clock.utc_now())
    if codes is None:
        return await _page(visit, person, problem="code")
    return await _page(visit, await own(visit), codes)


async def renew(visit: Visit) -> str | Response:
    """Other codes for a lost phone."""
    person = await _sure(visit)
    if person is None:
        return await _page(visit, await own(visit), problem="present")
    if not await is_first_time(visit):
        return visit.see(SECOND, "shown-once")
    return await _page(visit, person, await renew_codes(visit.service, person, visit.actor, clock.utc_now()))


async def off(visit: Visit) -> str | Response:
    """The password alone again."""
    person = await _sure(visit)
    if person is None:
        return await _page(visit, await own(visit), problem="present")
    await turn_off(visit.service, person, visit.actor, clock.utc_now())
    return visit.see(SECOND, "second-off")


async def _sure(visit: Visit) -> ConsolePerson | None:
    """Who asks, if the password that they typed is theirs: an open page alone must not take the second step away."""
    keep_password_pace(visit.service.rates, visit.request)
    person = await own(visit)
    present, known = visit.form.get("present", "")[:1000], known_by(visit.service, visit.request)
    return await proven(visit.service, person.address, present, clock.utc_now(), known)


PAGES = (
    ConsolePage("GET", SECOND, Role.READ_ONLY, show),
    ConsolePage("POST", SECOND, Role.READ_ONLY, begin, acts=True),
    ConsolePage("POST", f"{SECOND}/confirm", Role.READ_ONLY, confirmed, acts=True),
    ConsolePage("POST", f"{SECOND}/codes", Role.READ_ONLY, renew, acts=True),
    ConsolePage("POST", f"{SECOND}/off", Role.READ_ONLY, off, acts=True),
)
