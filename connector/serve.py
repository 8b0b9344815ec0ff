"""``belong serve``: web, worker and scheduler, in one process or apart."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import uvicorn

from connector.app import build_app
from connector.config import Settings
from connector.errors import ConfigProblem
from connector.local_control import announced, opened_for_writing
from connector.scheduler import start_scheduler
from connector.service import Service
from connector.storage.database import dialect_of
from connector.worker import run_worker

log = logging.getLogger(__name__)

ROLES = ("web", "worker", "scheduler")
SHUTDOWN_SECONDS = 15


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ConfigProblem if the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigProblem(f"Port {port} on {host} cannot be used: {error.strerror}. Set BELONG_PORT.") from error
    return listener


def server_for(app: object, drain_seconds: int = SHUTDOWN_SECONDS) -> uvicorn.Server:
    """uvicorn over an app of ours; access logs stay with the proxy in front."""
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=drain_seconds,
        backlog=2048,
    )
    return uvicorn.Server(config)


async def serve(settings: Settings, roles: Sequence[str], ready: Callable[[Service, str], None]) -> None:
    """Run until a signal. ``ready`` is called with the service and its address when it listens."""
    if dialect_of(settings.database_url) == "sqlite" and set(roles) != set(ROLES):
        raise ConfigProblem("An embedded database has one process: run every role in it, or use PostgreSQL.")
    listener = bind(settings.host, settings.port)
    port = listener.getsockname()[1]
    if not settings.public_url.startswith("https://") and settings.port == 0:
        settings = replace(settings, public_url=f"http://{settings.host}:{port}")
    async with opened_for_writing(settings) as service, running(service, roles):
        server = server_for(build_app(service))
        async with AsyncExitStack() as stack:
            if service.database.dialect == "sqlite":
                service.local_token = stack.enter_context(announced(settings, f"http://{settings.host}:{port}"))
            ready(service, f"http://{settings.host}:{port}")
            await server.serve(sockets=[listener])


@asynccontextmanager
async def running(service: Service, roles: Sequence[str]) -> AsyncIterator[None]:
    """Worker and scheduler beside whatever the block does; both are finished, not cut off, at its end."""
    stop = asyncio.Event()
    worker = asyncio.create_task(run_worker(service, stop)) if "worker" in roles else None
    scheduler = start_scheduler(service) if "scheduler" in roles else None
    try:
        yield
    finally:
        if scheduler is not None:
            scheduler.shutdown(wait=False)
        stop.set()
        if worker is not None:
            await worker
