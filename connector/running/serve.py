"""``belong serve``: web, worker and scheduler, in one process or apart."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import replace
from typing import TypeVar

import uvicorn

from connector import clock
from connector.commands.local_control import announced, opened_for_writing, writer_lock
from connector.config import Settings, url_of
from connector.errors import ConfigProblem
from connector.running.app import build_app
from connector.running.hearing import Hearing
from connector.running.http_protocol import guarded_protocol
from connector.running.scheduler import start_scheduler
from connector.running.service import Service
from connector.running.worker import run_worker
from connector.signing_in.inviting import Given, first_address
from connector.storage.database import dialect_of

log = logging.getLogger(__name__)

T = TypeVar("T")

ROLES = ("web", "worker", "scheduler")
BACKLOG = 2048
SHUTDOWN_SECONDS = 15
WORKER_SECONDS = 10
"""A round of work that waits longer for a shop is cut off; its transactions never are, and its rows are found again."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ConfigProblem if the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # From here on callers wait in line, also while we still get ready; and nobody is told of a port that refuses.
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise ConfigProblem(f"Port {port} on {host} cannot be used: {error.strerror}. Set BELONG_PORT.") from error
    return listener


class Server(uvicorn.Server):
    """uvicorn, which after its end would raise the signal again and so cut our tidying up short."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at SIGTERM or SIGINT, and no more than that."""
        with told_to_stop() as at_stop:
            at_stop(lambda: setattr(self, "should_exit", True))
            yield


@contextmanager
def told_to_stop() -> Iterator[Callable[[Callable[[], None]], None]]:
    """SIGTERM and SIGINT from now on ask for an end in order. Yields a function that takes what to do then.

    What is given after the signal is done at once. When the block ends, signals mean what they meant before.
    """
    to_do: list[Callable[[], None]] = []
    told: list[int] = []

    def on_signal(number: int, _: object) -> None:
        told.append(number)
        for stop in to_do:
            stop()

    def register(stop: Callable[[], None]) -> None:
        to_do.append(stop)
        if told:
            stop()

    if threading.current_thread() is not threading.main_thread():
        yield register
        return
    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield register
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


async def until_told_to_stop(work: Coroutine[None, None, T]) -> T:
    """Work that SIGTERM and SIGINT cancel, so that what it opened is closed and what it started is ended."""
    ours, loop = asyncio.ensure_future(work), asyncio.get_running_loop()

    def stop() -> None:
        loop.call_soon_threadsafe(ours.cancel)

    with told_to_stop() as at_stop:
        at_stop(stop)
        return await ours


def server_for(
    app: object, drain_seconds: int = SHUTDOWN_SECONDS, trusted_proxies: Sequence[str] = ("127.0.0.1", "::1")
) -> uvicorn.Server:
    """uvicorn over an app of ours; access logs stay with the proxy in front."""
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        http=guarded_protocol(),
        ws="none",
        forwarded_allow_ips=[*trusted_proxies],
        timeout_graceful_shutdown=drain_seconds,
        backlog=BACKLOG,
    )
    return Server(config)


async def serve(
    settings: Settings,
    roles: Sequence[str],
    ready: Callable[[Service, str], None],
    greet: Callable[[Given], None] | None = None,
) -> None:
    """Run until a signal. ``ready`` is called with the service and its address when it listens, and then ``greet`` with
    the address of the first owner, if nobody signs in yet.
    """
    if dialect_of(settings.database_url) == "sqlite" and set(roles) != set(ROLES):
        raise ConfigProblem("An embedded database has one process: run every role in it, or use PostgreSQL.")
    async with AsyncExitStack() as stack:
        at_stop = stack.enter_context(told_to_stop())
        listener = stack.enter_context(closing(_listener(settings)))
        url = url_of(settings.host, listener.getsockname()[1])
        if settings.public_url == url_of(settings.host, 0):
            settings = replace(settings, public_url=url)
        service = await stack.enter_async_context(opened_for_writing(settings))
        await stack.enter_async_context(running(service, roles))
        server = server_for(build_app(service, web="web" in roles), trusted_proxies=settings.trusted_proxies)
        if service.database.dialect == "sqlite":
            service.local_token = stack.enter_context(announced(settings, url))
            service.redactor.remember(service.local_token)
        at_stop(lambda: setattr(server, "should_exit", True))
        ready(service, url)
        if greet is not None and "web" in roles and (given := await first_address(service, clock.utc_now())):
            greet(given)
        await server.serve(sockets=[listener])


def _listener(settings: Settings) -> socket.socket:
    try:
        return bind(settings.host, settings.port)
    except ConfigProblem:
        # If a service of ours has the port, another port is no cure.
        with writer_lock(settings):
            raise


@asynccontextmanager
async def running(service: Service, roles: Sequence[str]) -> AsyncIterator[None]:
    """Worker and scheduler beside whatever the block does; both are finished, not cut off, at its end. Whoever answers
    shoppers on PostgreSQL hears meanwhile what other processes write.
    """
    stop = asyncio.Event()
    worker = asyncio.create_task(run_worker(service, stop)) if "worker" in roles else None
    scheduler = start_scheduler(service) if "scheduler" in roles else None
    is_hearing = "web" in roles and service.database.dialect == "postgresql"
    hearing = asyncio.create_task(Hearing(service.database).run()) if is_hearing else None
    try:
        yield
    finally:
        if hearing is not None:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
        if scheduler is not None:
            scheduler.shutdown(wait=False)
        stop.set()
        if worker is not None:
            await _finished(worker, WORKER_SECONDS)


async def _finished(worker: asyncio.Task[None], seconds: float) -> None:
    _, late = await asyncio.wait((worker,), timeout=seconds)
    for task in late:
        log.warning("a round of work was cut off")
        task.cancel()
    await asyncio.gather(worker, return_exceptions=True)
