"""The admin of a simulated shop around its app: another site, with a cookie of its own, that frames the app and tells
App Bridge in it who is there.
"""

from __future__ import annotations

import hashlib
import html
import json
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from connector.sandbox.shopify import oauth

if TYPE_CHECKING:
    from connector.sandbox.shopify.app import SimulatedShopify

HOST, SCRIPTS_HOST = "admin.shopify.com", "cdn.shopify.com"
SCRIPT = "/shopifycloud/app-bridge.js"
COOKIE = "admin_session"
OWN_NAMES = frozenset({"shop", "host", "hmac", "timestamp", "locale", "embedded", "id_token", "session"})
"""Of a query that the admin writes anew each time."""
DOOR = """<!doctype html>
<title>Log in</title>
<link rel="icon" href="data:,">
<form method="post" action="/login"><button>Log in</button></form>
"""
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Apps · Admin</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<header>Admin of {shop}</header>
<iframe title="Belong" src="{source}"></iframe>
<script>{script}</script>
</body>
</html>
"""
STYLE = (
    "body { margin: 0; block-size: 100vh; display: flex; flex-direction: column; font: 1rem sans-serif } "
    "header { background: #1a1a1a; color: #fff; padding: 1rem } iframe { flex: 1; border: 0; inline-size: 100% }"
)
SCRIPT_OF_PAGE = """
const frame = document.querySelector("iframe");
const app = %(app)s;
addEventListener("message", async (event) => {
  if (event.source !== frame.contentWindow || event.origin !== app) return;
  const { what, id, to } = event.data;
  if (what === "moved") history.replaceState(null, "", %(own)s + to);
  if (what !== "id-token") return;
  const answer = await fetch("/session-token", { method: "POST" });
  if (answer.ok) event.source.postMessage({ id, token: await answer.text() }, app);
});
"""


class AdminFrame:
    """Answers for both hosts of Shopify's. app_url: the application's address, as its file says it; locale: of whoever
    is there, as they chose it in the admin; given: how many tokens App Bridge was given.
    """

    def __init__(self, shop: SimulatedShopify, app_url: str) -> None:
        self.shop, self.app_url = shop, app_url
        self.locale, self.given = "en", 0
        self.own = f"/store/{shop.shop.partition('.')[0]}/apps/{shop.client_id}"
        self._session = hashlib.sha256(shop.client_secret.encode()).hexdigest()
        self.app = Starlette(
            routes=[
                Route("/login", self._login, methods=["POST"]),
                Route("/session-token", self._token, methods=["POST"]),
                Route(SCRIPT, self._bridge, methods=["GET"]),
                Route(self.own, self._page, methods=["GET"]),
                Route(self.own + "/{rest:path}", self._page, methods=["GET"]),
                Route("/", self._door, methods=["GET"]),
            ]
        )

    async def _door(self, request: Request) -> Response:
        return HTMLResponse(DOOR)

    async def _login(self, request: Request) -> Response:
        answer = RedirectResponse(self.own, 303)
        answer.set_cookie(COOKIE, self._session, secure=True, httponly=True, samesite="lax")
        return answer

    def _is_known(self, request: Request) -> bool:
        return request.cookies.get(COOKIE) == self._session

    async def _page(self, request: Request) -> Response:
        if not self._is_known(request):
            return RedirectResponse("/", 303)
        app, rest = urlsplit(self.app_url), request.path_params.get("rest", "")
        origin = f"{app.scheme}://{app.netloc}"
        kept = [(name, text) for name, text in request.query_params.multi_items() if name not in OWN_NAMES]
        query = "&".join([oauth.opening(self.shop, locale=self.locale), *([urlencode(kept)] if kept else [])])
        source = f"{origin}/{rest}?{query}" if rest else f"{self.app_url}?{query}"
        script = SCRIPT_OF_PAGE % {"app": json.dumps(origin), "own": json.dumps(self.own)}
        shown = {"style": STYLE, "shop": html.escape(self.shop.name), "script": script}
        return HTMLResponse(PAGE.format(source=html.escape(source), **shown))

    async def _token(self, request: Request) -> Response:
        if not self._is_known(request) or request.headers.get("origin") != f"https://{HOST}":
            return PlainTextResponse("", 401)
        self.given += 1
        return PlainTextResponse(oauth.id_token(self.shop))

    async def _bridge(self, request: Request) -> Response:
        text = files("connector.sandbox").joinpath("static", "app-bridge.js").read_text("utf-8")
        return Response(text, media_type="text/javascript")
