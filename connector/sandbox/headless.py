"""A headless shop's page: static HTML with Belong's elements on it, and the one address of its server that they need.

It stands beside the simulated shop's other page, and shows what docs/headless.md says. Everything about points comes
from the service, asked by the shopper's own browser.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

PATH = "/headless"
LANGUAGES = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "zh-CN": "简体中文",
    "zh-TW": "繁體中文",
    "ar": "العربية",
}
"""The last one is none of ours: the page runs from right to left, and its words are English."""
DIRECTIONS = {"ar": "rtl"}


@dataclass(frozen=True, slots=True)
class Backend:
    """What the shop's own server knows. service: Belong's address; key: may mint tokens, and never leaves the server;
    connection: the shop's id at Belong.
    """

    service: str
    key: str
    connection: str


@dataclass(slots=True)
class HeadlessShop:
    """The page and its server. backend: none until the shop is connected. shoppers: names by customer id: a play shop
    has no passwords, so ``?shopper=`` says who is signed in; without it somebody is a guest.
    """

    http: Callable[[], httpx.AsyncClient | None]
    shoppers: Callable[[], Mapping[str, str]]
    backend: Callable[[], Backend | None]

    def routes(self) -> list[BaseRoute]:
        """Everything a browser may ask for."""
        return [Route(PATH, self.page), Route(f"{PATH}/token", self.token)]

    async def page(self, request: Request) -> Response:
        """Static, but for the addresses in it and who it is that looks."""
        backend = self.backend()
        if backend is None:
            return HTMLResponse("<!doctype html><title>Closed</title><p>Not connected yet.", 404)
        named, asked = self.shoppers(), request.query_params
        shopper = asked.get("shopper", "")
        language = asked.get("lang", "en") if asked.get("lang") in LANGUAGES else "en"
        view = {
            "service": backend.service,
            "language": language,
            "languages": LANGUAGES,
            "direction": DIRECTIONS.get(language, "ltr"),
            "shopper": shopper if shopper in named else "",
            "name": named.get(shopper, ""),
            "shoppers": named,
            "code": asked.get("code", "")[:40],
        }
        return HTMLResponse(_PAGES.get_template("headless.html").render(view), headers=_headers(backend.service))

    async def token(self, request: Request) -> Response:
        """A token for who is signed in: all that the shop's server does for the page."""
        shopper, http, backend = request.query_params.get("shopper", ""), self.http(), self.backend()
        if shopper not in self.shoppers() or backend is None or http is None:
            return JSONResponse({"reason": "guest"}, headers=_PRIVATE)
        answer = await http.post(
            f"{backend.service}/v1/shopper-tokens",
            headers={"Authorization": f"Bearer {backend.key}"},
            json={"connection": backend.connection, "customer": shopper},
        )
        if answer.status_code == 404:
            return JSONResponse({"reason": "no-member"}, headers=_PRIVATE)
        answer.raise_for_status()
        return JSONResponse(answer.json(), headers=_PRIVATE)


_PAGES = Environment(
    loader=PackageLoader("connector.sandbox"),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PRIVATE = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


def _headers(service: str) -> dict[str, str]:
    return {
        **_PRIVATE,
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'self' {service}; script-src {service}; connect-src 'self' {service}; "
            "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "same-origin",
    }
