"""How a form that was refused ends, on every page: the page that it stood on, as it reads now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from starlette.responses import HTMLResponse, Response

from connector.routes.console import Visit
from connector.storage.atomic import consistent_read
from connector.storage.session import Session


async def shown_again(visit: Visit, draw: Callable[[Visit], Awaitable[str]], status: int = 409) -> Response:
    """draw: the page, with why nothing was done; it is given a visit that reads what agrees."""

    async def body(session: Session) -> str:
        return await draw(replace(visit, session=session))

    return HTMLResponse(await consistent_read(visit.service.database, body), status)
