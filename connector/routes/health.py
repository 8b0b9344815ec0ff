"""Is it alive, is it ready, and what does it count."""

from __future__ import annotations

import asyncio
import ipaddress
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector import clock
from connector.access.rates import Rates
from connector.crypto import same
from connector.data.backup_noted import last_backup
from connector.ingest.arrivals import pipe_states
from connector.routes.errors import Problem
from connector.routes.proving import count_unproven
from connector.running.firings import job_states
from connector.running.scheduler import JOBS
from connector.running.service import Service
from connector.storage.atomic import atomic
from connector.storage.connections import blocked_connections
from connector.storage.database import sqlite_path
from connector.storage.inbox import oldest_waiting
from connector.storage.instance import probe
from connector.storage.session import Session

PROBE_SECONDS = 1
LEAST_FREE_BYTES = 200 * 1024 * 1024
_SIGNS_OF_A_PROXY = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


def routes(service: Service) -> list[Route]:
    """The routes of this module. ``/metrics`` needs the token, or a caller on this machine if there is none."""

    def with_service(
        handler: Callable[[Service, Request], Awaitable[Response]],
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await handler(service, request)

        return endpoint

    readiness = _Readiness(service)
    return [
        Route("/livez", _livez, methods=["GET"]),
        Route("/readyz", readiness.answer, methods=["GET"]),
        Route("/metrics", with_service(_metrics), methods=["GET"]),
    ]


async def _livez(request: Request) -> Response:
    """The event loop turns. Nothing else is asked."""
    return JSONResponse({"alive": True})


@dataclass(slots=True)
class _Readiness:
    """Whoever asks while somebody's question is being answered gets that answer: a crowd costs what one costs."""

    service: Service
    _asking: asyncio.Task[tuple[bool, dict[str, Any]]] | None = None

    async def answer(self, request: Request) -> Response:
        """The endpoint."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(_ready(self.service))
        ready, checks = await asyncio.shield(self._asking)
        return JSONResponse({"ready": ready, **checks}, 200 if ready else 503)


async def _ready(service: Service) -> tuple[bool, dict[str, Any]]:
    """A write reaches the database within a second, the key fits, the disk has room. Else the answer says what not."""
    checks: dict[str, Any] = {"database": await _database_check(service), "disk": disk_check(service)}
    ready = all(result == "ok" for result in checks.values())
    # A shop that is not set up is the merchant's matter and no reason to take the service out of rotation.
    checks["connections_with_problems"] = len(await blocked_connections(service.database.reading())) if ready else None
    return ready, checks


async def _database_check(service: Service) -> str:
    async def body(session: Session) -> None:
        await probe(session, service.keys)

    try:
        async with asyncio.timeout(PROBE_SECONDS):
            await atomic(service.database, body)
    except Exception as error:
        return f"failed: {type(error).__name__}"
    return "ok"


def disk_check(service: Service, least_free_bytes: int = LEAST_FREE_BYTES) -> str:
    """``ok``, or what is wrong with the disk of an embedded database."""
    if service.database.dialect != "sqlite":
        return "ok"
    try:
        free = shutil.disk_usage(sqlite_path(service.database.url).parent).free
    except OSError as error:
        return f"failed: {type(error).__name__}"
    return "ok" if free > least_free_bytes else f"only {free // 1024 // 1024} MiB free"


def _free_bytes(service: Service) -> dict[str, int]:
    """On the disks of an embedded database and of mail that stays in a folder; of none that cannot be asked."""
    places = {}
    if service.database.dialect == "sqlite":
        places["database"] = sqlite_path(service.database.url).parent
    if service.settings.mail_server is None:
        # The folder comes with the first mail.
        places["outbox"] = service.settings.mail_folder.parent
    found = {}
    for name, place in places.items():
        with suppress(OSError):
            found[name] = shutil.disk_usage(place).free
    return found


async def _metrics(service: Service, request: Request) -> Response:
    _refuse_strangers(service.rates, service.settings.metrics_token, request)
    now, session = clock.utc_now(), service.database.reading()
    service.metrics.show_jobs(await job_states(session, JOBS, now), now)
    service.metrics.show_pipes(await pipe_states(session, now))
    service.metrics.show_disk(_free_bytes(service), last_backup(service.settings.home))
    service.metrics.show_oldest(await oldest_waiting(session), now)
    text = await service.metrics.text(session)
    return Response(text, media_type="text/plain; version=0.0.4")


def _refuse_strangers(rates: Rates, token: str | None, request: Request) -> None:
    if token is not None:
        given = request.headers.get("authorization", "")
        if not same(given.encode("latin-1"), f"Bearer {token}".encode()):
            count_unproven(rates, request)
            raise Problem(
                401, "Not signed in", "Send the metrics token as a bearer token.", {"WWW-Authenticate": "Bearer"}
            )
        return
    host = request.client.host if request.client else ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    # A proxy on this machine calls from this machine, whoever asked it; then only the token tells friend from stranger.
    if not local or any(name in request.headers for name in _SIGNS_OF_A_PROXY):
        raise Problem(403, "Not allowed", "Set BELONG_METRICS_TOKEN to read metrics from another machine.")
