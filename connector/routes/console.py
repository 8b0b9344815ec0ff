"""The console's door: who enters, what each page needs, and what every page is sent with (ADR 28).

A page is declared with the role it needs, as operations of the API are with theirs; the checks are here, once. Pages
need no script. Errors are pages, too.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from connector import clock
from connector.access.auth import ProgrammeScope
from connector.access.console import (
    SESSION_LIVES,
    ConsoleScope,
    Role,
    Visitor,
    digest_of,
    form_token_of,
    is_token,
    new_token,
)
from connector.access.rates import neighbourhood
from connector.console.embedding import EmbeddedIn, policy
from connector.console.pages import Frame, page
from connector.console.refused import refusal
from connector.errors import BadSignature
from connector.installing.bouncing import bounce_to
from connector.installing.visiting import scope_of
from connector.people.actors import Actor, by_console, by_store
from connector.routes.console_input import FORM_BYTES_MAX, read_form, typed_too_late, written
from connector.routes.console_ways import asked_of, asks_alone, sign_in_for, way_to_sign_in
from connector.routes.errors import Problem, problem_of_any
from connector.routes.handing_over import ENTRANCE
from connector.routes.proving import client_of, count_anyone, count_unproven, too_fast
from connector.running.service import Service
from connector.storage.atomic import atomic, consistent_read
from connector.storage.connections import load_connections
from connector.storage.console_sessions import begin_session, load_console_session, note_seen, use_hand_over
from connector.storage.programmes import zone_of
from connector.storage.session import Session
from connector.store_settings import PLUGIN_ADJUSTS
from loyalty_engine.errors import Refused
from loyalty_engine.texts import language_of

log = logging.getLogger(__name__)

SECOND = "/console/settings/me/second"
"""Where whoever needs the second step of signing in, and has none, sets it up before anything else."""
ANYWHERE = "http: https:"
"""Who may frame a page that shows nothing of anybody and has no form: else a frame would stay empty, without a word."""


class WithLetter(HTMLResponse):
    """A page that shows a mail. shown: the digests of its styles."""

    def __init__(self, html: str, shown: Sequence[str], status: int = 200) -> None:
        super().__init__(html, status)
        self.shown = shown


@dataclass(slots=True)
class Visit:
    """One checked request of somebody who is signed in. session: for reading; what one page shows agrees. zone: of the
    programme, by whose clock moments are shown and read.
    """

    service: Service
    request: Request
    session: Session
    scope: ConsoleScope
    form: dict[str, str]
    zone: str

    @property
    def language(self) -> str:
        """What the page is written in."""
        return language_of(self.scope.visitor.language)

    @property
    def programme(self) -> ProgrammeScope:
        """For what is asked by programme."""
        return self.scope.programme

    @property
    def actor(self) -> Actor:
        """Who they are in the audit: their shop answers for it, or their own password."""
        visitor = self.scope.visitor
        if visitor.connection_number is None:
            return by_console(visitor.address, visitor.name)
        return by_store(visitor.connection_number, f"{visitor.name} ({visitor.person})")

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    @property
    def once(self) -> str:
        """The key of the form that was sent. Raises Problem 403 where it has none: the page was too old."""
        try:
            return str(uuid.UUID(self.form.get("once", "")))
        except ValueError:
            raise Problem(403, "Old form", "", more={"code": "old-form"}) from None

    def query(self, name: str) -> str:
        """One text of the address; empty if it is not there."""
        return self.asked.get(name, "")

    @property
    def asked(self) -> dict[str, str]:
        """Every text of the address."""
        return {name: written(value) for name, value in self.request.query_params.items()}

    def frame(self, section: str) -> Frame:
        """What stands around the page. section: which part of the console it belongs to."""
        return replace(frame_of(self.service, self.scope, section), said=self.query("said"), zone=self.zone)

    def see(self, path: str, said: str) -> Response:
        """After a deed: a page of ours, with a sentence of what was done. said: the key of ``said.<key>``."""
        query = "&" if "?" in path else "?"
        return RedirectResponse(f"{base_of(self.service)}{path}{query}said={said}", 303)

    async def is_kept_from_points(self) -> bool:
        """Whether the operator keeps points from who asks: only their shop names them."""
        number = self.scope.visitor.connection_number
        store = None if number is None else (await load_connections(self.session)).get(number)
        return store is not None and store.settings.get(PLUGIN_ADJUSTS, "").lower() == "no"

    def allows(self, role: Role) -> bool:
        """Whether they may what needs this role."""
        return self.scope.visitor.role.includes(role)


Handler = Callable[[Visit], Awaitable[str | Response]]


@dataclass(frozen=True, slots=True)
class ConsolePage:
    """One page, or one form of a page. acts: opens transactions of its own, so none is put around it. bytes_max: the
    most that its form may send. moves: by it somebody gives or takes points, or lets a shop in that does; whom the
    operator keeps from that gets no further.
    """

    method: str
    path: str
    role: Role
    handle: Handler
    acts: bool = False
    bytes_max: int = FORM_BYTES_MAX
    moves: bool = False


def routes(service: Service, pages: Sequence[ConsolePage]) -> list[Route]:
    """The entrance, and every page."""

    async def enter(request: Request) -> Response:
        return await _answered(service, request, None, lambda: _enter(service, request))

    return [
        Route(ENTRANCE + "{token}", enter, methods=["GET"]),
        *(Route(each.path, _endpoint(service, each), methods=[each.method]) for each in pages),
    ]


def _endpoint(service: Service, declared: ConsolePage) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        scopes: list[ConsoleScope] = []

        async def body() -> Response:
            scopes.append(await signed_in(service, request))
            return await _page(service, request, declared, scopes[0])

        return await _answered(service, request, scopes, body)

    return endpoint


async def _page(service: Service, request: Request, declared: ConsolePage, scope: ConsoleScope) -> Response:
    form = {} if declared.method == "GET" else await read_form(request, scope.form_token, declared.bytes_max)
    if not scope.visitor.role.includes(declared.role):
        raise Problem(403, "Not allowed", "")
    if scope.visitor.lacks_second and declared.path != "/console/sign-out" and not declared.path.startswith(SECOND):
        return RedirectResponse(base_of(service) + SECOND, 303)

    async def answer(session: Session) -> str | Response:
        zone = await zone_of(session, scope.programme.programme_number)
        visit = Visit(service, request, session, scope, form, zone)
        if declared.moves and await visit.is_kept_from_points():
            return _kept_from_points(visit, declared)
        return await declared.handle(visit)

    if declared.acts:
        made = await answer(service.database.reading())
    else:
        made = await consistent_read(service.database, answer)
    return made if isinstance(made, Response) else HTMLResponse(made)


def _kept_from_points(visit: Visit, declared: ConsolePage) -> Response:
    said = refusal(visit.language, Refused("adjusting-switched-off"))
    section = declared.path.split("/")[2]
    return HTMLResponse(page("not_done.html", visit.language, frame=visit.frame(section), sentence=said), 409)


async def signed_in(service: Service, request: Request) -> ConsoleScope:
    """Who asks. Raises Problem 401, or 429 where somebody guesses or asks too often."""
    if text := _session_token(request):
        return await _of_shopify(service, request, text)
    token = request.cookies.get(cookie_name(service), "")
    where = neighbourhood(client_of(request))
    if service.rates.unproven.is_full(where):
        count_unproven(service.rates, request)
    digest, now = digest_of(token), clock.utc_now()
    found = await load_console_session(service.database.reading(), digest, now) if is_token(token) else None
    if found is None:
        if token:
            count_unproven(service.rates, request)
        else:
            count_anyone(service.rates, request)
        raise Problem(401, "Not signed in", "")
    visitor, is_due = found
    if seconds := service.rates.shoppers.take(f"console {digest.hex()}"):
        raise too_fast(seconds)
    if is_due:
        await atomic(service.database, lambda session: note_seen(session, digest, now))
    return ConsoleScope(visitor, digest, form_token_of(token))


def _session_token(request: Request) -> str:
    """Of Shopify's admin: in a header, or in the address of a document, where nothing can be done with it."""
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return text.strip()
    return request.query_params.get("id_token", "") if request.method == "GET" else ""


async def _of_shopify(service: Service, request: Request, text: str) -> ConsoleScope:
    """Raises Problem 401, with which App Bridge asks once more, or 429."""
    if service.rates.unproven.is_full(neighbourhood(client_of(request))):
        count_unproven(service.rates, request)
    spoken = request.query_params.get("locale") or request.headers.get("accept-language", "").partition(",")[0]
    try:
        scope = await scope_of(service, text, spoken.partition(";")[0][:35], clock.utc_now())
    except BadSignature as error:
        if error.reason != "token-over":
            count_unproven(service.rates, request)
        raise Problem(401, "Not signed in", "", {"X-Shopify-Retry-Invalid-Session-Request": "1"}) from error
    if seconds := service.rates.shoppers.take(f"console {scope.digest.hex()}"):
        raise too_fast(seconds)
    return scope


async def _enter(service: Service, request: Request) -> Response:
    if request.method != "GET":
        # Whoever only looks whether an address is there must not use it up.
        raise Problem(404, "Not found", "")
    token, now = request.path_params["token"], clock.utc_now()
    if service.rates.unproven.is_full(neighbourhood(client_of(request))):
        count_unproven(service.rates, request)
    session_token = new_token()

    async def body(session: Session) -> tuple[Visitor, str] | None:
        found = await use_hand_over(session, digest_of(token), now)
        if found is not None:
            await begin_session(session, digest_of(session_token), found[0], now)
        return found

    found = await atomic(service.database, body) if is_token(token) else None
    if found is None:
        count_unproven(service.rates, request)
        raise Problem(410, "Over", "")
    visitor, wanted = found
    log.info("somebody entered the console", extra={"connection": visitor.connection_number, "person": visitor.person})
    response = RedirectResponse(base_of(service) + wanted, 303)
    response.headers["Set-Cookie"] = cookie(service, session_token)
    return response


def cookie_name(service: Service) -> str:
    """A name that only https can set, where there is https."""
    return "__Host-belong" if is_https(service) else "belong_console"


def cookie(service: Service, token: str) -> str:
    """With https it works in the frame of another site, for that site alone (``Partitioned``). Without, only in frames
    of the same host and in a tab of its own: browsers send it nowhere else. An empty token takes it back.
    """
    seconds = int(SESSION_LIVES.total_seconds()) if token else 0
    ways = "Secure; SameSite=None; Partitioned" if is_https(service) else "SameSite=Lax"
    return f"{cookie_name(service)}={token}; Path=/; Max-Age={seconds}; HttpOnly; {ways}"


def base_of(service: Service) -> str:
    """What stands before every path of ours: the folder of our public address, mostly none."""
    return urlsplit(service.settings.public_url).path.rstrip("/")


def is_https(service: Service) -> bool:
    return service.settings.public_url.startswith("https:")


def frame_of(service: Service, scope: ConsoleScope, section: str) -> Frame:
    """What stands around a page."""
    visitor = scope.visitor
    return Frame(base_of(service), section, visitor.name, visitor.role.value, scope.form_token, _embedded(scope))


def _embedded(scope: ConsoleScope) -> EmbeddedIn | None:
    return EmbeddedIn(scope.embedded_in) if scope.embedded_in else None


async def _answered(
    service: Service, request: Request, scopes: list[ConsoleScope] | None, body: Callable[[], Awaitable[Response]]
) -> Response:
    """The answer with its headers, or a page that says what is wrong."""
    try:
        response = await body()
    except Exception as error:
        problem = problem_of_any(error)
        if problem.status == 401 and (away := await bounce_to(service, request)) is not None:
            return away
        if problem.status == 401 and asks_alone(request):
            return RedirectResponse(base_of(service) + sign_in_for(asked_of(request)), 303)
        typed = await typed_too_late(request, problem)
        way = way_to_sign_in(request) if problem.status == 401 else ""
        back = base_of(service) + way if way else ""
        response = wrong(service, request, problem, scopes[0] if scopes else None, typed, back)
    return secured(response, scopes[0] if scopes else None)


def secured(response: Response, scope: ConsoleScope | None) -> Response:
    """An answer with the headers of every page. scope: of whoever is signed in."""
    framed_by = scope.visitor.origin if scope else ANYWHERE
    embedded = _embedded(scope) if scope else None
    shown = response.shown if isinstance(response, WithLetter) else ()
    for name, value in security_headers(framed_by, embedded, shown).items():
        response.headers[name] = value
    return response


def security_headers(framed_by: str, embedded: EmbeddedIn | None = None, shown: Sequence[str] = ()) -> dict[str, str]:
    """What every page is sent with."""
    return {
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": policy(framed_by, embedded, shown),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }


_SAID = {
    401: "out", 403: "refused", 404: "missing", 405: "formless", 409: "busy", 410: "over", 413: "large", 422: "unfit",
    500: "broke",
}  # fmt: skip


_SAID_BY_CODE = frozenset({"old-form", "join-over"})


def wrong(
    service: Service,
    request: Request,
    problem: Problem,
    scope: ConsoleScope | None,
    typed: Sequence[str] = (),
    back: str = "",
) -> Response:
    """A page that says what is wrong. scope: of whoever is signed in. typed: long texts that they would lose. back:
    the address of a page to go on with.
    """
    code = problem.more.get("code")
    said = code if code in _SAID_BY_CODE else _SAID.get(problem.status, "later")
    spoken = request.headers.get("accept-language", "").partition(",")[0].partition(";")[0]
    language = language_of(scope.visitor.language if scope else spoken)
    frame = frame_of(service, scope, "") if scope else None
    role = scope.visitor.role.value if scope else ""
    html = page("said.html", language, frame=frame, said=said, typed=typed, role=role, back=back)
    return HTMLResponse(html, problem.status, problem.headers)
