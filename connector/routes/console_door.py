"""The console's own door: signing in by address and password, joining by an address that was given, and choosing
another password (ADR 32).

Nobody is signed in here, so forms are proven by a cookie of the page itself: a random token, from which the form's is
made. Nothing on these pages differs by whether somebody exists, and nobody may frame them.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from connector import clock
from connector.access.console import NOWHERE, form_token_of, is_token, new_token
from connector.access.rates import neighbourhood
from connector.console.door import Door, code_page, join_page, sign_in_page
from connector.crypto import same
from connector.routes.access import Anyone, NeedsLink, NeedsPassword, Policy
from connector.routes.console import (
    base_of,
    cookie,
    cookie_name,
    is_https,
    security_headers,
    wrong,
)
from connector.routes.console_input import read_form
from connector.routes.console_ways import FIRST, SIGN_IN
from connector.routes.errors import Problem, problem_of_any
from connector.routes.handing_over import OWN_PAGE
from connector.routes.known_browser import known_by, known_cookie
from connector.routes.proving import client_of, count_anyone, count_unproven, keep_password_pace
from connector.running.service import Service
from connector.signing_in.entering import Entered, enter, proven
from connector.signing_in.inviting import JOIN, Newcomer, choose_anew, first_document, join, look
from connector.signing_in.passwords import is_another, weakness
from connector.signing_in.second_step import enter_with_code, half_way, who_is_half_way
from connector.storage.console_people import ADDRESS, Ticket, TicketKind, folded_address, person_by_number
from connector.storage.programmes import load_programmes
from loyalty_engine.errors import LoyaltyError, Refused
from loyalty_engine.texts import TAGS, language_of

DOOR_SECONDS = 3600
CODE = f"{SIGN_IN}/code"
_CODE = re.compile(r"[A-Z]{3}")
NAME_MAX = 100
TYPED = ("name", "address", "language", "programme", "currency", "zone")
"""What is shown again where something was wrong. Passwords never are."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who is not signed in. token: of the page's own cookie, new where they had none."""

    service: Service
    request: Request
    token: str

    @property
    def door(self) -> Door:
        """What forms need."""
        return Door(base_of(self.service), form_token_of(self.token))

    @property
    def language(self) -> str:
        """What their browser asks for first."""
        return language_of(self.request.headers.get("accept-language", "").partition(",")[0].partition(";")[0])

    @property
    def had(self) -> str:
        """The session that their browser came with."""
        return self.request.cookies.get(cookie_name(self.service), "")

    @property
    def known(self) -> list[str]:
        """By what their browser is known, if it is."""
        return known_by(self.service, self.request)

    def entered(self, by: Entered, to: str) -> Response:
        """They are signed in, and their browser is known from now on."""
        response = RedirectResponse(base_of(self.service) + to, 303)
        response.headers.append("Set-Cookie", cookie(self.service, by.session))
        response.headers.append("Set-Cookie", known_cookie(self.service, by.known))
        response.headers.append("Set-Cookie", door_cookie(self.service, ""))
        return response


@dataclass(frozen=True, slots=True)
class DoorPage:
    """One page, or one form, of nobody who is signed in."""

    method: str
    path: str
    access: Policy
    handle: Callable[[Visit], Awaitable[Response]]


def routes(service: Service) -> list[Route]:
    """Every page of the door."""
    return [Route(each.path, _endpoint(service, each), methods=[each.method]) for each in DOORS]


def _endpoint(service: Service, declared: DoorPage) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        had = request.cookies.get(door_name(service), "")
        visit = Visit(service, request, had if is_token(had) else new_token())
        try:
            if service.rates.unproven.is_full(neighbourhood(client_of(request))):
                count_unproven(service.rates, request)
            count_anyone(service.rates, request)
            response = await declared.handle(visit)
        except Exception as error:
            response = wrong(service, request, problem_of_any(error), None)
        for name, value in security_headers(NOWHERE).items():
            response.headers[name] = value
        if not same(visit.token.encode(), had.encode()) and "set-cookie" not in response.headers:
            response.headers["Set-Cookie"] = door_cookie(service, visit.token)
        return response

    return endpoint


def door_name(service: Service) -> str:
    """As of the session's cookie: a name that only https can set, where there is https."""
    return "__Host-belong-door" if is_https(service) else "belong_door"


def door_cookie(service: Service, token: str) -> str:
    """Sent by no form of another site (``SameSite``). An empty token takes it back."""
    secure = "Secure; " if is_https(service) else ""
    seconds = DOOR_SECONDS if token else 0
    return f"{door_name(service)}={token}; Path=/; Max-Age={seconds}; HttpOnly; {secure}SameSite=Lax"


async def show_sign_in(visit: Visit) -> Response:
    """The empty form."""
    return HTMLResponse(sign_in_page(visit.door, visit.language, _own_page(visit.request.query_params.get("to", ""))))


async def sign_in(visit: Visit) -> Response:
    """Who it is, or one sentence that is the same whatever was wrong."""
    form = await _form(visit)
    if form is None:
        page = sign_in_page(visit.door, visit.language, FIRST, wrong="old")
        return HTMLResponse(page, 403)
    keep_password_pace(visit.service.rates, visit.request)
    address, to = form.get("address", "")[:254], _own_page(form.get("to", ""))
    now = clock.utc_now()
    person = await proven(visit.service, address, form.get("password", "")[:1000], now, visit.known)
    if person is None:
        count_unproven(visit.service.rates, visit.request)
        return HTMLResponse(sign_in_page(visit.door, visit.language, to, address, "wrong"), 401)
    if person.second_since is None:
        return visit.entered(await enter(visit.service, person, visit.had, visit.known, now), to)
    # The page goes on under a token that nobody had before the password was right.
    response = RedirectResponse(f"{base_of(visit.service)}{CODE}?{urlencode({'to': to})}", 303)
    response.headers["Set-Cookie"] = door_cookie(visit.service, await half_way(visit.service, person, now))
    return response


async def show_code(visit: Visit) -> Response:
    """The form for the code, for whoever has just shown their password."""
    if await who_is_half_way(visit.service, visit.token, clock.utc_now()) is None:
        return RedirectResponse(base_of(visit.service) + SIGN_IN, 303)
    return HTMLResponse(code_page(visit.door, visit.language, _own_page(visit.request.query_params.get("to", ""))))


async def give_code(visit: Visit) -> Response:
    """A code of their authenticator, or one for a lost phone."""
    form, now = await _form(visit), clock.utc_now()
    person = None if form is None else await who_is_half_way(visit.service, visit.token, now)
    if form is None or person is None:
        return HTMLResponse(sign_in_page(visit.door, visit.language, FIRST, wrong="old"), 403)
    keep_password_pace(visit.service.rates, visit.request)
    to, code = _own_page(form.get("to", "")), form.get("code", "")[:64]
    by = await enter_with_code(visit.service, person, visit.token, code, visit.had, visit.known, now)
    if by is None:
        count_unproven(visit.service.rates, visit.request)
        return HTMLResponse(code_page(visit.door, visit.language, to, is_wrong=True), 401)
    return visit.entered(by, to)


def _own_page(asked: str) -> str:
    """A page of the console, and nothing else: an address that somebody made up must lead nowhere from here."""
    is_own = len(asked) <= 200 and re.match(OWN_PAGE, asked) is not None
    return asked if is_own and not asked.startswith((SIGN_IN, JOIN)) else FIRST


async def _form(visit: Visit) -> dict[str, str] | None:
    """None where another page sent it, or this one was open for too long."""
    try:
        return await read_form(visit.request, form_token_of(visit.token))
    except Problem as problem:
        if problem.status != 403:
            raise
        return None


async def show_join(visit: Visit) -> Response:
    """The form. Looking at it uses nothing up: programs that look at links in mails must not."""
    ticket = await _ticket(visit)
    typed = {"name": "", "address": "", "language": visit.language, "programme": "", "currency": "EUR", "zone": "UTC"}
    return await _join_page(visit, ticket, typed, {})


async def joined(visit: Visit) -> Response:
    """Somebody has said who they are, or has chosen another password."""
    form, ticket = await _form(visit), await _ticket(visit)
    if form is None:
        raise Problem(403, "Old form", "", more={"code": "old-form"})
    keep_password_pace(visit.service.rates, visit.request)
    typed = {name: form.get(name, "").strip() for name in TYPED}
    problems = await _problems(visit, ticket, form, typed)
    if problems:
        return await _join_page(visit, ticket, typed, problems)
    if ticket.kind is TicketKind.RESET:
        return await _chosen(visit, form["password"])
    return await _come(visit, ticket, typed, form["password"])


async def _chosen(visit: Visit, password: str) -> Response:
    kept = await visit.service.passwords.kept(password)
    if not await choose_anew(visit.service, _token(visit), kept, clock.utc_now()):
        raise Problem(410, "Over", "")
    return RedirectResponse(f"{base_of(visit.service)}{SIGN_IN}", 303)


async def _come(visit: Visit, ticket: Ticket, typed: dict[str, str], password: str) -> Response:
    kept = await visit.service.passwords.kept(password)
    makes = await _makes_programme(visit, ticket)
    document = first_document(typed["programme"], typed["currency"], typed["zone"]) if makes else None
    address = ticket.address or typed["address"]
    who = Newcomer(typed["name"], address, TAGS[language_of(typed["language"])], kept, document)
    try:
        by = await join(visit.service, _token(visit), who, visit.had, visit.known, clock.utc_now())
    except Refused as refused:
        if refused.code != "address-taken":
            raise
        count_unproven(visit.service.rates, visit.request)
        return await _join_page(visit, ticket, typed, {"address": "taken"})
    if by is None:
        raise Problem(410, "Over", "")
    return visit.entered(by, FIRST)


async def _problems(visit: Visit, ticket: Ticket, form: dict[str, str], typed: dict[str, str]) -> dict[str, str]:
    """Keys of sentences by field."""
    found: dict[str, str] = {}
    password, names = form.get("password", ""), await _names(visit, ticket, typed)
    if weak := weakness(password, names):
        found["password"] = weak
    elif is_another(password, form.get("again", "")):
        found["again"] = "again"
    if ticket.kind is TicketKind.RESET:
        return found
    if not 1 <= len(typed["name"]) <= NAME_MAX or not typed["name"].isprintable():
        found["name"] = "name"
    if not ticket.address and not ADDRESS.fullmatch(folded_address(typed["address"])):
        found["address"] = "address"
    if await _makes_programme(visit, ticket):
        found |= _wrong_programme(typed)
    return found


def _wrong_programme(typed: dict[str, str]) -> dict[str, str]:
    typed["currency"] = typed["currency"].upper()
    if not 1 <= len(typed["programme"]) <= NAME_MAX or not typed["programme"].isprintable():
        return {"programme": "programme"}
    try:
        ZoneInfo(typed["zone"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return {"zone": "zone"}
    try:
        if not _CODE.fullmatch(typed["currency"]):
            return {"currency": "currency"}
        first_document(typed["programme"], typed["currency"], typed["zone"])
    except LoyaltyError:
        return {"currency": "currency"}
    return {}


async def _names(visit: Visit, ticket: Ticket, typed: dict[str, str]) -> list[str]:
    """What a password must not be made of."""
    session = visit.service.database.reading()
    names = [typed["name"], typed["address"], ticket.address, typed["programme"], "belong"]
    if ticket.person_number is not None:
        person = await person_by_number(session, ticket.person_number)
        names.append(person.name if person is not None else "")
    if ticket.programme_number is not None:
        books = (await load_programmes(session)).get(ticket.programme_number)
        names.append(books.rulebook.in_force(clock.utc_now()).name if books is not None else "")
    return names


async def _ticket(visit: Visit) -> Ticket:
    """Raises Problem 410, which is counted: somebody may be guessing."""
    ticket = await look(visit.service, _token(visit), clock.utc_now())
    if ticket is None or ticket.kind is TicketKind.CODE:
        count_unproven(visit.service.rates, visit.request)
        raise Problem(410, "Over", "", more={"code": "join-over"})
    return ticket


def _token(visit: Visit) -> str:
    return str(visit.request.path_params["token"])


async def _makes_programme(visit: Visit, ticket: Ticket) -> bool:
    return ticket.programme_number is None and not await load_programmes(visit.service.database.reading())


async def _join_page(visit: Visit, ticket: Ticket, typed: dict[str, str], problems: dict[str, str]) -> Response:
    html = join_page(
        visit.door,
        visit.language,
        ticket,
        JOIN + _token(visit),
        makes_programme=await _makes_programme(visit, ticket),
        typed=typed,
        problems=problems,
    )
    return HTMLResponse(html, 422 if problems else 200)


DOORS = (
    DoorPage("GET", SIGN_IN, Anyone(), show_sign_in),
    DoorPage("POST", SIGN_IN, NeedsPassword(), sign_in),
    DoorPage("GET", CODE, Anyone(), show_code),
    DoorPage("POST", CODE, NeedsPassword(), give_code),
    DoorPage("GET", JOIN + "{token}", NeedsLink(), show_join),
    DoorPage("POST", JOIN + "{token}", NeedsLink(), joined),
)
