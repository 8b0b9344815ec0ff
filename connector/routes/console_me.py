"""What each person sets of their own: name, language, password, and where they are signed in."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from connector import clock
from connector.access.console import Role
from connector.console.crew import me_page
from connector.routes.console import ConsolePage, Visit, base_of, cookie
from connector.routes.console_door import NAME_MAX
from connector.routes.console_ways import SIGN_IN
from connector.routes.errors import Problem
from connector.routes.known_browser import known_by
from connector.routes.proving import keep_password_pace
from connector.signing_in.entering import proven
from connector.signing_in.passwords import is_another, weakness
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.console_people import ConsolePerson, person_of, set_name, set_password
from connector.storage.console_sessions import end_sessions_of_person, sessions_of
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from loyalty_engine.texts import TAGS, language_of

ME = "/console/settings/me"


async def show(visit: Visit) -> str:
    """One's own page."""
    return await _page(visit)


async def _page(visit: Visit, problems: dict[str, str] | None = None) -> str:
    person = await _person(visit)
    sessions = [] if person is None else await sessions_of(visit.session, person.public_id, clock.utc_now())
    frame = visit.frame("settings")
    return me_page(frame, visit.language, person, sessions, visit.scope.digest, problems)


async def _person(visit: Visit) -> ConsolePerson | None:
    """Who asks; None: their shop answers for them."""
    who = visit.scope.visitor
    if who.connection_number is not None:
        return None
    return await person_of(visit.session, who.programme_number, who.person)


async def own(visit: Visit) -> ConsolePerson:
    """Who asks. Raises Problem 404 for somebody who has no password here."""
    person = await _person(visit)
    if person is None:
        raise Problem(404, "Not found", "")
    return person


async def rename(visit: Visit) -> str | Response:
    """What they are called, and what they read."""
    person, name = await own(visit), visit.form.get("name", "").strip()
    if not 1 <= len(name) <= NAME_MAX or not name.isprintable():
        return await _page(visit, {"name": "name"})
    language = TAGS[language_of(visit.form.get("language", ""))]
    await atomic(visit.service.database, lambda session: set_name(session, person.number, name, language))
    return visit.see(ME, "me-changed")


async def change_password(visit: Visit) -> str | Response:
    """Another password, by the one they have. Every other session of theirs ends."""
    person, form, now = await own(visit), visit.form, clock.utc_now()
    keep_password_pace(visit.service.rates, visit.request)
    books = (await load_programmes(visit.session))[person.programme_number]
    names = [person.name, person.address, books.rulebook.in_force(now).name, "belong"]
    password = form.get("password", "")
    if weak := weakness(password, names):
        return await _page(visit, {"password": weak})
    if is_another(password, form.get("again", "")):
        return await _page(visit, {"again": "again"})
    present, known = form.get("present", "")[:1000], known_by(visit.service, visit.request)
    if await proven(visit.service, person.address, present, now, known) is None:
        return await _page(visit, {"present": "present"})
    kept = await visit.service.passwords.kept(password)

    async def body(session: Session) -> None:
        await set_password(session, person.number, kept)
        await end_sessions_of_person(session, person.public_id, but=visit.scope.digest)
        details = {"person": person.public_id}
        deed = ProgrammeDeed(person.programme_number, Act.PERSON_PASSWORD, visit.actor, now, details)
        await note_programme_deeds(session, [deed])

    await atomic(visit.service.database, body)
    return visit.see(ME, "password-changed")


async def sign_out_everywhere(visit: Visit) -> Response:
    """Every session of theirs ends, this one too."""
    person = await own(visit)
    await atomic(visit.service.database, lambda session: end_sessions_of_person(session, person.public_id))
    response = RedirectResponse(f"{base_of(visit.service)}{SIGN_IN}", 303)
    response.headers["Set-Cookie"] = cookie(visit.service, "")
    return response


PAGES = (
    ConsolePage("GET", ME, Role.READ_ONLY, show),
    ConsolePage("POST", ME, Role.READ_ONLY, rename, acts=True),
    ConsolePage("POST", f"{ME}/password", Role.READ_ONLY, change_password, acts=True),
    ConsolePage("POST", f"{ME}/out", Role.READ_ONLY, sign_out_everywhere, acts=True),
)
