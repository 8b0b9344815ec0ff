"""Every operation of the JSON API, in one list."""

from __future__ import annotations

from starlette.routing import Route

from connector.routes import books, members, openapi
from connector.routes.operations import routes_of
from connector.service import Service

OPERATIONS = (*members.OPERATIONS, *books.OPERATIONS)


def routes(service: Service) -> list[Route]:
    """The routes of the API and of its description."""
    return [*routes_of(service, OPERATIONS), openapi.route(OPERATIONS)]
