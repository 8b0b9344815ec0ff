"""The shop's app proxy: what a page of the shop asks below ``/apps/belong`` goes to the app, signed by Shopify.

Cookies reach neither side. What is no success of the app is Shopify's own page, so that its words are never read (seen
by others, not documented: the real status of that page may be another).
"""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

import httpx
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

PREFIXES = ("apps", "a", "community", "tools")
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
SESSION = "_simulated_session"
PASSED_ON = ("accept", "accept-language", "content-type", "user-agent")
KEPT_BACK = frozenset({"set-cookie", "connection", "transfer-encoding", "content-length", "content-encoding"})
BROKEN = "<!doctype html><title>Error</title><h1>There was an error in the third-party application.</h1>"
MISSING = "<!doctype html><title>404 Not Found</title><h1>Page not found</h1>"
LIQUID = "application/liquid"


@dataclass(slots=True)
class AppProxy:
    """url: the app's address, as ``[app_proxy]`` of its file says; None: no app is installed that has one.

    has_password: the shop is not open yet, so that pages lead to a form. sessions: of shoppers who have signed in,
    by cookie. http: what reaches the app.
    """

    shop: str
    secret: Callable[[], str]
    clock: Callable[[], datetime]
    http: Callable[[], httpx.AsyncClient | None]
    seed: int
    url: str | None = None
    prefix: str = "apps"
    subpath: str = "belong"
    has_password: bool = False
    sessions: dict[str, int] = field(default_factory=dict)

    def sign_in(self, customer_id: int) -> dict[str, str]:
        """The cookie that the shopper's browser has from now on."""
        text = f"{random.Random(f'{self.seed}:{len(self.sessions)}').getrandbits(128):032x}"
        self.sessions[text] = customer_id
        return {SESSION: text}

    def routes(self) -> list[Route]:
        """Everything below the address, and the address itself."""
        return [
            Route(f"/{prefix}/{{subpath}}{rest}", self.forward, methods=METHODS)
            for prefix in PREFIXES
            for rest in ("", "/{rest:path}")
        ]

    async def forward(self, request: Request) -> Response:
        """Ask the app, and show what it says."""
        parts = request.path_params
        if self.has_password:
            return RedirectResponse("/password", 302)
        if self.url is None or not f"{request.url.path}/".startswith(f"/{self.prefix}/{self.subpath}/"):
            return HTMLResponse(MISSING, 404)
        http = self.http()
        assert http is not None, "nothing reaches the app yet: set courier.http"
        rest = f"/{parts['rest']}" if "rest" in parts else ""
        address = f"{self.url}{rest}?{self.query(request.url.query, self._customer(request))}"
        headers = {name: value for name in PASSED_ON if (value := request.headers.get(name)) is not None}
        headers["X-Forwarded-Host"] = self.shop
        try:
            answer = await http.request(
                request.method, address, content=await request.body(), headers=headers, follow_redirects=False
            )
        except httpx.HTTPError:
            return HTMLResponse(BROKEN, 502)
        if answer.status_code >= 400 or answer.headers.get("content-type", "").startswith(LIQUID):
            # What Liquid would do in the theme cannot be shown here; an app of ours never asks for it.
            return HTMLResponse(BROKEN, max(400, answer.status_code))
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in KEPT_BACK}
        return Response(answer.content, answer.status_code, kept)

    def query(self, asked: str, customer: int | None) -> str:
        """What the page asked, and what Shopify says beside it; nothing of the page is taken out."""
        pairs = parse_qsl(asked, keep_blank_values=True)
        pairs += [
            ("shop", self.shop),
            ("logged_in_customer_id", "" if customer is None else str(customer)),
            ("path_prefix", f"/{self.prefix}/{self.subpath}"),
            ("timestamp", str(int(self.clock().timestamp()))),
        ]
        made = hmac.new(self.secret().encode(), message_of(pairs).encode(), hashlib.sha256).hexdigest()
        return urlencode([*pairs, ("signature", made)])

    def _customer(self, request: Request) -> int | None:
        return self.sessions.get(request.cookies.get(SESSION, ""))


def message_of(pairs: Iterable[tuple[str, str]]) -> str:
    """What is signed: decoded, sorted by name, values of one name with commas, nothing between."""
    by_name: dict[str, list[str]] = {}
    for name, value in pairs:
        by_name.setdefault(name, []).append(value)
    return "".join(f"{name}={','.join(values)}" for name, values in sorted(by_name.items()))
