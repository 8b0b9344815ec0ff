"""Builds the ASGI app: webhooks as a raw app beside everything else in Starlette."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

import asyncpg
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route
from tortoise.exceptions import BaseORMException

from connector.errors import ConnectorError
from connector.routes import api, health, local
from connector.routes.errors import Problem, on_any_error, on_http_exception, on_problem
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


def build_app(service: Service, *, web: bool = True) -> Asgi:
    """The app over an open service. Opening and closing the service is the caller's.

    web: without it only health and metrics are served, for a process that does other work.
    """
    if not web:
        return _starlette(health.routes(service))
    webhooks = WebhookApp(service.inbox, service.targets, service.pipeline.platforms, service.metrics)
    pages = _starlette([*health.routes(service), *api.routes(service), *local.routes(service)])

    async def app(
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        # Decided by prefix before any router: deliveries are the hot path.
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await webhooks(scope, receive, send)
        else:
            await pages(scope, receive, send)

    return app


def _starlette(routes: Sequence[Route]) -> Starlette:
    return Starlette(
        routes=routes,
        exception_handlers={
            HTTPException: on_http_exception,
            **dict.fromkeys((Problem, ConnectorError, Refused, *_OF_A_DATABASE), on_problem),
            Exception: on_any_error,
        },
    )
