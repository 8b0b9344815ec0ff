"""Addresses below the console at which there is nothing: people read a page, with a way back."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from connector.routes.console import base_of, secured, signed_in, wrong
from connector.routes.console_ways import FIRST, nearest_page, sign_in_for
from connector.routes.errors import Problem, problem_of_any
from connector.running.service import Service


def is_of_console(request: Request) -> bool:
    """Whether somebody asked for a page of the console, or for what would be one."""
    return str(request.scope["path"]).startswith(f"{FIRST}/")


async def lost(service: Service, request: Request, error: HTTPException) -> Response:
    """The page for an address below the console that is none, or that takes a form and was only opened: the browser
    loaded it again after the session ended, say. With the way to the nearest page above.
    """
    problem = Problem(error.status_code, error.detail, "", error.headers)
    above, scope = nearest_page(request), None
    try:
        scope = await signed_in(service, request)
    except Exception as refused:
        found = problem_of_any(refused)
        problem = problem if found.status == 401 else found
    to = above if scope else sign_in_for(above)
    return secured(wrong(service, request, problem, scope, back=base_of(service) + to), scope)
