"""Where somebody is led whose request ends at no page: to signing in, or to the nearest page above the address."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.routing import Match

FIRST = "/console"
SIGN_IN = "/console/sign-in"
PARTS_MAX = 10
"""Of an address, that are looked at: more than any page has."""


def asks_alone(request: Request) -> bool:
    """Whether a browser opens a page of its own, not one in a shop's frame, where nobody could sign in. Browsers say
    that only over https; without their word the first page alone leads to signing in.
    """
    if request.method != "GET" or not _is_unframed(request):
        return False
    return "sec-fetch-dest" in request.headers or request.url.path == FIRST


def way_to_sign_in(request: Request) -> str:
    """For a page that says that nobody is signed in; empty where it would stand in a frame."""
    return sign_in_for(nearest_page(request)) if _is_unframed(request) else ""


def _is_unframed(request: Request) -> bool:
    """As far as a browser says it."""
    if "authorization" in request.headers or "id_token" in request.query_params:
        return False
    return request.headers.get("sec-fetch-dest", "document") == "document"


def asked_of(request: Request) -> str:
    """The address that was asked for."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def sign_in_for(path: str) -> str:
    """The page for signing in, which then leads to this one."""
    return f"{SIGN_IN}?{urlencode({'to': path})}"


def nearest_page(request: Request) -> str:
    """The page above an address that is none, or that takes a form."""
    # Anybody may ask this, and each part is looked up among all routes.
    parts, routes = request.scope["path"].split("/"), request.app.routes
    path = "/".join(parts[:PARTS_MAX])
    while path.startswith(f"{FIRST}/"):
        path = path.rpartition("/")[0]
        asked = {**request.scope, "path": path, "method": "GET", "root_path": ""}
        if any(route.matches(asked)[0] is Match.FULL for route in routes):
            return quote(path)
    return FIRST
