"""Addresses below the console at which there is nothing: people read a page, with a way back."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from connector.routes.console import FIRST, SIGN_IN, base_of, secured, signed_in, wrong
from connector.routes.errors import Problem, problem_of_any
from connector.running.service import Service

PARTS_MAX = 10
"""Of an address, that are looked at: more than any page has."""


def is_of_console(request: Request) -> bool:
    """Whether somebody asked for a page of the console, or for what would be one."""
    return str(request.scope["path"]).startswith(f"{FIRST}/")


async def lost(service: Service, request: Request, error: HTTPException) -> Response:
    """The page for an address below the console that is none, or that takes a form and was only opened: the browser
    loaded it again after the session ended, say. With the way to the nearest page above.
    """
    problem = Problem(error.status_code, error.detail, "", error.headers)
    above, scope = _nearest_page(request), None
    try:
        scope = await signed_in(service, request)
    except Exception as refused:
        found = problem_of_any(refused)
        problem = problem if found.status == 401 else found
    to = above if scope else f"{SIGN_IN}?{urlencode({'to': above})}"
    return secured(wrong(service, request, problem, scope, back=base_of(service) + to), scope)


def _nearest_page(request: Request) -> str:
    # Anybody may ask this, and each part is looked up among all routes.
    parts, routes = request.scope["path"].split("/"), request.app.routes
    path = "/".join(parts[:PARTS_MAX])
    while path.startswith(f"{FIRST}/"):
        path = path.rpartition("/")[0]
        asked = {**request.scope, "path": path, "method": "GET", "root_path": ""}
        if any(route.matches(asked)[0] is Match.FULL for route in routes):
            return quote(path)
    return FIRST
