"""How a Shopify shop comes in: it opens the app, or installs it with a code; and what Shopify asks of data (ADR 31).

What proves the shop is signed: a session token, or an address with ``hmac``. Nothing else of a request is believed.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlencode, urlsplit
from weakref import WeakValueDictionary

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from connector import clock
from connector.access.shopify_tokens import check_callback_query, shop_name
from connector.console.embedding import EmbeddedIn, policy
from connector.console.pages import page
from connector.crypto import same
from connector.errors import BadSignature, ConnectorError, Unreadable
from connector.installing import compliance, leaving
from connector.installing.bouncing import RELOAD, SESSION, bounce_address
from connector.installing.joining import PLATFORM, exchange_of, is_needed, join
from connector.installing.visiting import Proven, note_staff, origins_of, prove
from connector.platforms import Connection
from connector.routes.console import base_of, security_headers
from connector.routes.console_start import START as BEGIN
from connector.routes.errors import Problem, problem_of_any
from connector.routes.handing_over import START
from connector.routes.proving import count_anyone, count_unproven
from connector.running.service import Service
from connector.shopify.client import SCOPES
from connector.storage.connections import find_connection
from connector.storage.programmes import load_programmes
from connector.storage.shopify_apps import ShopifyApp, load_app, load_apps
from loyalty_engine.texts import language_of

log = logging.getLogger(__name__)

APP, COMPLIANCE = "/shopify/app", "/shopify/compliance"
AUTH_START, AUTH_CALLBACK = "/shopify/auth/start", "/shopify/auth/callback"
STATE_SECONDS = 600
BODY_BYTES_MAX = 256 * 1024


def routes(service: Service) -> list[Route]:
    """The routes of this module."""
    locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def opened(request: Request) -> Response:
        return await _opened(service, locks, request)

    return [
        Route(APP, _shown(service, opened), methods=["GET"]),
        Route(SESSION, _shown(service, lambda request: _bounce(service, request)), methods=["GET"]),
        Route(AUTH_START, _shown(service, lambda request: _start(service, request)), methods=["GET"]),
        Route(AUTH_CALLBACK, _shown(service, lambda request: _callback(service, request)), methods=["GET"]),
        Route(COMPLIANCE, _compliance(service), methods=["POST"]),
    ]


def _shown(
    service: Service, handle: Callable[[Request], Awaitable[Response]]
) -> Callable[[Request], Awaitable[Response]]:
    """Errors are pages, for somebody looks at them in the admin."""

    async def endpoint(request: Request) -> Response:
        shop = shop_name(request.query_params.get("shop", ""))
        try:
            if request.method != "GET":
                raise Problem(404, "Not found", "")
            count_anyone(service.rates, request)
            response = await handle(request)
        except Exception as error:
            response = _wrong(service, request, error)
        framed_by = origins_of(shop) if shop else "'none'"
        for name, value in security_headers(framed_by).items():
            response.headers.setdefault(name, value)
        return response

    return endpoint


def _wrong(service: Service, request: Request, error: Exception) -> Response:
    if isinstance(error, BadSignature):
        log.info("an opening of the Shopify app was refused", extra={"why": error.reason})
        try:
            count_unproven(service.rates, request)
        except Problem as too_often:
            error = too_often
    problem = problem_of_any(error)
    said = {401: "unproven", 404: "missing", 422: "later", 503: "not-set-up"}.get(problem.status, "later")
    if said == "not-set-up" and not isinstance(error, ConnectorError):
        said = "later"
    html = page("said.html", _language(request), frame=None, said=said, role="", detail=problem.detail)
    return HTMLResponse(html, problem.status, problem.headers)


def _language(request: Request) -> str:
    spoken = request.headers.get("accept-language", "").partition(",")[0].partition(";")[0]
    return language_of(request.query_params.get("locale", "") or spoken)


async def _opened(service: Service, locks: WeakValueDictionary[str, asyncio.Lock], request: Request) -> Response:
    """Somebody opens the app in the admin; the first document has a session token in its address."""
    text, now = request.query_params.get("id_token", ""), clock.utc_now()
    if not text:
        return await _without_token(service, request)
    try:
        proven = await prove(service, text, now)
    except BadSignature as error:
        if error.reason == "token-over":
            return await _without_token(service, request)
        raise
    shop = proven.token.shop
    if shop_name(request.query_params.get("shop", "")) != shop:
        raise BadSignature("The address names another shop than the token.", reason="wrong-shop")
    # Two that come at once would each end the other's tokens.
    async with locks.setdefault(shop, asyncio.Lock()):
        connection = await _joined(service, proven, text)
    await note_staff(service, proven, connection, text, now)
    books = (await load_programmes(service.database.reading()))[connection.programme_number]
    first = BEGIN if books.is_paused else START
    return RedirectResponse(f"{base_of(service)}{first}?{request.url.query}", 303)


async def _joined(service: Service, proven: Proven, text: str) -> Connection:
    app, shop = proven.app, proven.token.shop
    known = await find_connection(service.database.reading(), PLATFORM, shop)
    if known is not None and not await is_needed(service.database.reading(), app, known):
        if await _still_answers(service, known):
            return known
    joined = await exchange_of(service, app, shop).offline(text)
    return await join(service, app, shop, joined, clock.utc_now())


async def _still_answers(service: Service, connection: Connection) -> bool:
    """Not where it was uninstalled and installed again, which nobody may have told us yet."""
    try:
        return await leaving.is_installed(service, connection)
    except ConnectorError as error:
        log.warning("a shop does not answer", extra={"connection": connection.number, "why": error.detail})
        return True


async def _without_token(service: Service, request: Request) -> Response:
    """Shopify opens it with a signed address: in a frame App Bridge gets the token; else the shop installs the app, or
    its admin opens it.
    """
    app, shop = await _signed(service, request)
    if request.query_params.get("embedded") == "1":
        return RedirectResponse(bounce_address(service, app, shop, APP, request.url.query), 303)
    known = await find_connection(service.database.reading(), PLATFORM, shop)
    if known is not None and not await is_needed(service.database.reading(), app, known):
        return RedirectResponse(_in_admin(app, shop), 303)
    query = urlencode({"shop": shop, "client_id": app.client_id})
    return RedirectResponse(f"{base_of(service)}{AUTH_START}?{query}", 303)


async def _signed(service: Service, request: Request) -> tuple[ShopifyApp, str]:
    """Which app's secret signed the address, and the shop in it. Raises BadSignature."""
    refusal = BadSignature("No Shopify app is known here.", reason="no-secret")
    for app in (await load_apps(service.database.reading(), service.keys)).values():
        try:
            return app, check_callback_query(request.url.query, app.keys, clock.utc_now()).shop
        except BadSignature as error:
            refusal = error
    raise refusal


def _in_admin(app: ShopifyApp, shop: str) -> str:
    return f"{app.api_url(shop)}/admin/apps/{quote(app.client_id, safe='')}"


async def _bounce(service: Service, request: Request) -> Response:
    """Nothing but App Bridge, which goes to the address in the query, if it is one of ours."""
    shop = shop_name(request.query_params.get("shop", ""))
    client_id = request.query_params.get("client_id", "")
    app = await load_app(service.database.reading(), service.keys, client_id)
    back = urlsplit(request.query_params.get(RELOAD, ""))
    own = urlsplit(service.settings.public_url)
    inside = back.path.removeprefix(own.path.rstrip("/"))
    is_ours = (back.scheme, back.netloc) == (own.scheme, own.netloc) and inside.startswith((APP, "/console"))
    if app is None or shop is None or not is_ours:
        raise Problem(404, "Not found", "")
    embedded = EmbeddedIn(app.client_id)
    html = page("bounce.html", _language(request), frame=None, embedded=embedded)
    return HTMLResponse(html, headers={"Content-Security-Policy": policy(origins_of(shop), embedded)})


async def _start(service: Service, request: Request) -> Response:
    """The shop asks its merchant whether the app may come in. What we began is known again by a cookie."""
    shop = shop_name(request.query_params.get("shop", ""))
    app = await load_app(service.database.reading(), service.keys, request.query_params.get("client_id", ""))
    if shop is None or app is None:
        raise Problem(404, "Not found", "")
    state = secrets.token_urlsafe(32)
    asked = {
        "client_id": app.client_id,
        "scope": ",".join(SCOPES),
        "redirect_uri": service.settings.public_url + AUTH_CALLBACK,
        "state": state,
    }
    response = RedirectResponse(f"{app.api_url(shop)}/admin/oauth/authorize?{urlencode(asked)}", 303)
    response.headers["Set-Cookie"] = _state_cookie(service, f"{state}.{shop}", STATE_SECONDS)
    return response


async def _callback(service: Service, request: Request) -> Response:
    """The merchant agreed: the code becomes tokens. Both the signature and what we began must be right."""
    app, shop = await _signed(service, request)
    found = check_callback_query(request.url.query, app.keys, clock.utc_now())
    begun = request.cookies.get(_state_name(service), "")
    if not found.state or not same(begun.encode(), f"{found.state}.{shop}".encode()):
        raise BadSignature("This installation was not begun in this browser.", reason="wrong-state")
    if not found.code:
        raise BadSignature("The address carries no code.", reason="malformed-query")
    joined = await exchange_of(service, app, shop).of_code(found.code)
    await join(service, app, shop, joined, clock.utc_now())
    response = RedirectResponse(_in_admin(app, shop), 303)
    response.headers["Set-Cookie"] = _state_cookie(service, "", 0)
    return response


def _state_name(service: Service) -> str:
    return "__Host-belong_install" if service.settings.public_url.startswith("https:") else "belong_install"


def _state_cookie(service: Service, value: str, seconds: int) -> str:
    secure = "; Secure" if service.settings.public_url.startswith("https:") else ""
    return f"{_state_name(service)}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def _compliance(service: Service) -> Callable[[Request], Awaitable[Response]]:
    """Kept before it is answered; the work is a job's."""

    async def endpoint(request: Request) -> Response:
        raw = b""
        async for part in request.stream():
            raw += part
            if len(raw) > BODY_BYTES_MAX:
                raise Problem(413, "Too large", f"A request may have {BODY_BYTES_MAX} bytes.")
        signatures = [value.encode("latin-1") for value in request.headers.getlist("x-shopify-hmac-sha256")]
        try:
            app = await compliance.signed_by(service, signatures, raw)
        except BadSignature as error:
            count_unproven(service.rates, request)
            raise Problem(401, "Not proven", str(error), more={"code": error.reason}) from error
        topic = request.headers.get("x-shopify-topic", "")
        try:
            await compliance.take(service, app, topic, raw, clock.utc_now())
        except Unreadable as error:
            raise Problem(422, "Not usable", str(error)) from error
        service.wake.set()
        return Response(status_code=200)

    return endpoint
