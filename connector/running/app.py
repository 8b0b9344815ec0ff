"""Builds the ASGI app: webhooks as a raw app beside everything else in Starlette."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tortoise.exceptions import BaseORMException

from connector.errors import ConnectorError
from connector.routes import api, console, console_door, console_pages, health, local, shopify_app
from connector.routes.console_lost import is_of_console, lost
from connector.routes.errors import Problem, on_any_error, on_http_exception, on_problem
from connector.routes.guard import guarded
from connector.routes.own_numbers import OwnNumbers
from connector.routes.policies import undeclared
from connector.routes.webhooks import PREFIX, WebhookApp
from connector.running.service import Service
from loyalty_engine.errors import Refused

Asgi = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]


_OF_A_DATABASE = (BaseORMException, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that is served: raw apps by the prefix of their paths, and Starlette's pages for all other paths."""

    raw: Mapping[str, Asgi]
    pages: Starlette
    own_numbers: OwnNumbers | None = None

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        # Decided by prefix before any router: deliveries are the hot path.
        path = scope["path"]
        for prefix, app in self.raw.items():
            if path.startswith(prefix):
                return await app(scope, receive, send)
        if self.own_numbers is not None and await self.own_numbers.answered(scope, send):
            return None
        return await self.pages(scope, receive, send)


def site_of(service: Service, *, web: bool = True) -> Site:
    """What a process serves. Raises RuntimeError if something has no policy: who may ask must be said first.

    web: without it only health and metrics are served, for a process that does other work.
    """
    if not web:
        site = Site({}, _starlette(health.routes(service)))
    else:
        webhooks = WebhookApp(service.inbox, service.targets, service.pipeline.platforms, service.metrics)
        pages = _starlette(
            [
                *health.routes(service),
                *api.routes(service),
                *console.routes(service, console_pages.PAGES),
                *console_door.routes(service),
                *shopify_app.routes(service),
                *local.routes(service),
            ],
            service,
        )
        site = Site({PREFIX: webhooks}, pages, OwnNumbers(service.numbers, service.proven, service.rates.shoppers))
    missing = undeclared(site.pages.routes, site.raw)
    if missing:
        raise RuntimeError(f"without a policy: {', '.join(missing)}")
    return site


def build_app(service: Service, *, web: bool = True) -> Asgi:
    """The app over an open service, behind its guard. Opening and closing the service is the caller's."""
    return guarded(site_of(service, web=web))


def _starlette(routes: Sequence[Route], with_console: Service | None = None) -> Starlette:
    async def on_lost(request: Request, error: Exception) -> Response:
        """Whoever is lost in the console is a person, and reads a page."""
        if with_console is None or not is_of_console(request) or not isinstance(error, HTTPException):
            return await on_http_exception(request, error)
        return await lost(with_console, request, error)

    return Starlette(
        routes=routes,
        exception_handlers={
            HTTPException: on_lost,
            **dict.fromkeys((Problem, ConnectorError, Refused, *_OF_A_DATABASE), on_problem),
            Exception: on_any_error,
        },
    )
