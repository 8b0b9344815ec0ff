"""Builds the ASGI app: webhooks as a raw app beside everything else in Starlette."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from connector.errors import ConnectorError
from connector.routes import health, local, members
from connector.routes.errors import Problem, on_any_error, on_http_exception, on_problem
from connector.routes.webhooks import PREFIX, WebhookApp
from connector.service import Service

Asgi = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]


def build_app(service: Service) -> Asgi:
    """The app over an open service. Opening and closing the service is the caller's."""
    webhooks = WebhookApp(service.inbox, service.targets, service.pipeline.platforms, service.metrics)
    pages = Starlette(
        routes=[*health.routes(service), *members.routes(service), *local.routes(service)],
        exception_handlers={
            Problem: on_problem,
            ConnectorError: on_problem,
            HTTPException: on_http_exception,
            Exception: on_any_error,
        },
    )

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
